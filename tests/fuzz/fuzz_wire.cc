#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>

#include "format/wire/frame.h"
#include "gateway/embedded/embedded_gateway.h"
#include "model/table_json.h"
#include "server/fluss/service.h"

// Bytes as a client would send them: cut into frames, each handled by the service over a database in
// memory with a log table (id 0), a PK table (id 1) and a partitioned one. Every request that has a header
// must be answered, once, with a frame that says its own length and carries its request's id.
namespace {

class Inline final : public weir::CallContext {
 public:
  const weir::HostPort& address() const override { return address_; }
  void Post(std::function<void()> task) override { task(); }
  void PostAfter(std::chrono::milliseconds, std::function<void()> task) override { task(); }

 private:
  const weir::HostPort address_{"localhost", 1};
};

weir::Schema MakeSchema(std::vector<std::string> primary_key) {
  std::vector<weir::Column> columns;
  columns.push_back({.name = "id", .type = weir::DataType::Int(), .comment = {}, .agg_function = {}});
  columns.push_back({.name = "name", .type = weir::DataType::String(), .comment = {}, .agg_function = {}});
  return *weir::Schema::Make(std::move(columns), std::move(primary_key));
}

std::shared_ptr<weir::Gateway> OpenGateway() {
  auto gateway = *weir::OpenInMemory("", weir::EmbeddedOptions{});
  const weir::TableDescriptor log{.schema = MakeSchema({})};
  const weir::TableDescriptor keyed{.schema = MakeSchema({"id"})};
  const weir::TableDescriptor partitioned{.schema = MakeSchema({}), .partition_keys = {"name"}};
  (void)gateway->CreateTable({"fluss", "l"}, log, true).Wait();
  (void)gateway->CreateTable({"fluss", "k"}, keyed, true).Wait();
  (void)gateway->CreateTable({"fluss", "p"}, partitioned, true).Wait();
  (void)gateway->CreatePartition({"fluss", "p"}, {{"name", "a"}}, true).Wait();
  return gateway;
}

uint32_t BigEndian(const uint8_t* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

void CheckAnswer(const weir::wire::Frame& answer, const uint8_t* request_id) {
  std::string bytes;
  for (const auto& piece : answer.pieces) bytes += std::string_view(*piece);
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  if (bytes.size() < 9 || BigEndian(data) != bytes.size() - 4 || data[4] > 1) std::abort();
  if (std::memcmp(data + 5, request_id, 4) != 0) std::abort();
}

constexpr uint16_t kFetchLog = 1015;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto* gateway = new std::shared_ptr<weir::Gateway>(OpenGateway());
  static auto* service = new weir::FlussService(*gateway);
  static auto* context = new std::shared_ptr<Inline>(std::make_shared<Inline>());

  weir::wire::FrameReader reader(1 << 20);
  while (true) {
    const auto frame = reader.Next();
    if (!frame.ok()) return 0;
    if (*frame == nullptr) {
      if (size == 0) return 0;
      const std::span<uint8_t> space = reader.Space();
      const size_t step = std::min(space.size(), size);
      std::memcpy(space.data(), data, step);
      reader.Commit(step);
      data += step;
      size -= step;
      continue;
    }
    const uint8_t* bytes = (*frame)->data();
    const bool has_header = (*frame)->size() >= 8;
    // A long poll may take a minute to be answered.
    const bool waits = has_header && (bytes[0] << 8 | bytes[1]) == kFetchLog;
    auto answers = std::make_shared<std::atomic<int>>(0);
    const weir::Status handled = service->Handle(*frame, *context, [frame, answers](const weir::wire::Frame& answer) {
      CheckAnswer(answer, (*frame)->data() + 4);
      if (answers->fetch_add(1) > 0) std::abort();
    });
    if (handled.ok() != has_header) std::abort();
    if (!waits && has_header) {
      while (answers->load() == 0) std::this_thread::yield();
    }
  }
}
