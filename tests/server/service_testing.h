#pragma once

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "format/log_batch.h"
#include "format/wire/api.h"
#include "format/wire/fluss.pb.h"
#include "format/wire/frame.h"
#include "gateway/embedded/embedded_gateway.h"
#include "server/fluss/service.h"

namespace weir {

/// (id INT, name STRING)
inline Schema MakeSchema(std::vector<std::string> primary_key = {}) {
  std::vector<Column> columns;
  columns.push_back({.name = "id", .type = DataType::Int(), .comment = {}, .agg_function = {}});
  columns.push_back({.name = "name", .type = DataType::String(), .comment = {}, .agg_function = {}});
  return *Schema::Make(std::move(columns), std::move(primary_key));
}

/// Rows (id, "n<id>").
inline std::shared_ptr<arrow::Buffer> LogBatch(const std::vector<int32_t>& ids, const LogBatchOptions& options = {}) {
  arrow::Int32Builder id_builder;
  arrow::StringBuilder name_builder;
  for (const int32_t id : ids) {
    EXPECT_TRUE(id_builder.Append(id).ok());
    EXPECT_TRUE(name_builder.Append("n" + std::to_string(id)).ok());
  }
  const auto schema = arrow::schema({arrow::field("id", arrow::int32()), arrow::field("name", arrow::utf8())});
  const auto rows = arrow::RecordBatch::Make(schema, static_cast<int64_t>(ids.size()),
                                             {*id_builder.Finish(), *name_builder.Finish()});
  return *EncodeLogBatch(*rows, {}, MakeSchema(), options);
}

/// Runs what it is given at once, whatever the delay.
class InlineContext final : public CallContext {
 public:
  const HostPort& address() const override { return address_; }
  void Post(std::function<void()> task) override { task(); }
  void PostAfter(std::chrono::milliseconds, std::function<void()> task) override { task(); }

 private:
  const HostPort address_{"test.host", 4711};
};

inline std::string BytesOf(const wire::Frame& frame) {
  std::string out;
  for (const auto& piece : frame.pieces) out += std::string_view(*piece);
  return out;
}

/// What came back: the message's bytes, or the error.
inline Result<std::string> ParseResponse(std::string_view frame) {
  constexpr size_t kHeader = 9;  // length, type, request id
  const std::string message(frame.substr(kHeader));
  if (frame[4] == 0) return message;
  wire::ErrorResponse error;
  if (!error.ParseFromString(message)) return Status::Invalid("an error response that is none");
  return Status(static_cast<ErrorCode>(error.error_code()), error.error_message());
}

/// A service over a database in memory, called without sockets.
class ServiceTest : public ::testing::Test {
 protected:
  explicit ServiceTest(const EmbeddedOptions& options = {})
      : gateway_(*OpenInMemory("", options)), service_(gateway_) {}
  ~ServiceTest() override { EXPECT_TRUE(gateway_->Close().ok()); }

  Result<std::string> CallBytes(wire::ApiKey key, int16_t version, const std::string& message) {
    std::string frame;
    for (const int32_t number : {static_cast<int32_t>(key) << 16 | version, kRequestId}) {
      for (int shift = 24; shift >= 0; shift -= 8) frame.push_back(static_cast<char>(number >> shift));
    }
    auto replied = std::make_shared<std::promise<std::string>>();
    std::future<std::string> reply = replied->get_future();
    const Status handled = service_.Handle(arrow::Buffer::FromString(frame + message), context_,
                                           [replied](wire::Frame answer) { replied->set_value(BytesOf(answer)); });
    if (!handled.ok()) return handled;
    return ParseResponse(reply.get());
  }

  template <typename Response, typename Request>
  Result<Response> Call(wire::ApiKey key, const Request& request, int16_t version = 0) {
    WEIR_ASSIGN_OR_RETURN(const std::string bytes, CallBytes(key, version, request.SerializeAsString()));
    Response response;
    if (!response.ParseFromString(bytes)) return Status::Invalid("a response that is none");
    return response;
  }

  template <typename Response, typename Request>
  ErrorCode CodeOf(wire::ApiKey key, const Request& request, int16_t version = 0) {
    return Call<Response>(key, request, version).status().code();
  }

  static constexpr int32_t kRequestId = 0x01020304;
  const std::shared_ptr<Gateway> gateway_;
  FlussService service_;
  const std::shared_ptr<InlineContext> context_ = std::make_shared<InlineContext>();
};

}  // namespace weir
