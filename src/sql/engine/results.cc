#include "sql/engine/results.h"

#include <arrow/c/bridge.h>

#include "duckdb/common/arrow/arrow_appender.hpp"
#include "duckdb/common/arrow/arrow_type_extension.hpp"
#include "sql/engine/direct_rows.h"
#include "sql/engine/errors.h"
#include "sql/engine/fetch_chunk.h"
#include "sql/engine/result_pieces.h"
#include "sql/out_of_memory.h"
#include "types/arrow_status.h"

namespace weir::sql {
namespace {

constexpr duckdb::idx_t kRowsPerBatch = 16 * 1024;
constexpr int64_t kBytesPerBatch = 16 << 20;  // a batch is full then, too

const std::shared_ptr<arrow::Schema>& EmptySchema() {
  static const auto* schema = new std::shared_ptr<arrow::Schema>(arrow::schema({}));
  return *schema;
}

class FinishedResult : public QueryResult {
 public:
  using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;
  FinishedResult(std::vector<ResultColumn> columns, std::shared_ptr<arrow::Schema> schema, Batches batches,
                 std::string tag)
      : columns_(std::move(columns)), schema_(std::move(schema)), batches_(std::move(batches)), tag_(std::move(tag)) {}

  const std::vector<ResultColumn>& columns() const override { return columns_; }
  std::shared_ptr<arrow::Schema> arrow_schema() const override { return schema_; }
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    return next_ < batches_.size() ? std::move(batches_[next_++]) : nullptr;
  }
  std::string command_tag() const override { return tag_; }

 private:
  std::vector<ResultColumn> columns_;
  std::shared_ptr<arrow::Schema> schema_;
  Batches batches_;
  size_t next_ = 0;
  std::string tag_;
};

class OpenResult : public QueryResult {
 public:
  OpenResult(std::shared_ptr<OpenRows> rows, std::string command, std::function<Status(const Status&)> on_failure)
      : rows_(std::move(rows)), command_(std::move(command)), on_failure_(std::move(on_failure)) {}

  const std::vector<ResultColumn>& columns() const override { return rows_->columns(); }
  bool gives_rows() const override { return command_ == "SELECT" || QueryResult::gives_rows(); }
  std::shared_ptr<arrow::Schema> arrow_schema() const override { return rows_->schema(); }
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    auto next = rows_->Next();
    if (!next.ok() && on_failure_) return std::exchange(on_failure_, nullptr)(next.status());
    return next;
  }
  std::string command_tag() const override { return command_ + " " + std::to_string(rows_->rows()); }

 private:
  std::shared_ptr<OpenRows> rows_;
  std::string command_;
  std::function<Status(const Status&)> on_failure_;
};

}  // namespace

int64_t BytesOf(duckdb::Vector& vector, duckdb::idx_t count) {
  const auto& type = vector.GetType();
  int64_t bytes = static_cast<int64_t>(count * duckdb::GetTypeIdSize(type.InternalType()));
  if (type.InternalType() == duckdb::PhysicalType::LIST) {
    return bytes + BytesOf(duckdb::ListVector::GetEntry(vector), duckdb::ListVector::GetListSize(vector));
  }
  if (type.InternalType() != duckdb::PhysicalType::VARCHAR) return bytes;
  duckdb::UnifiedVectorFormat format;
  vector.ToUnifiedFormat(count, format);
  const auto* strings = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format);
  for (duckdb::idx_t row = 0; row < count; ++row) {
    const duckdb::idx_t at = format.sel->get_index(row);
    if (format.validity.RowIsValid(at)) bytes += strings[at].GetSize();
  }
  return bytes;
}

std::shared_ptr<arrow::Schema> ArrowSchemaOf(const duckdb::vector<duckdb::LogicalType>& types,
                                             const duckdb::vector<std::string>& names,
                                             duckdb::ClientProperties& properties) {
  ArrowSchema exported;
  duckdb::ArrowConverter::ToArrowSchema(&exported, types, names, properties);
  return ValueOrThrow(FromArrow(arrow::ImportSchema(&exported)));
}

OpenRows::OpenRows(std::shared_ptr<duckdb::Connection> connection, duckdb::unique_ptr<duckdb::QueryResult> rows,
                   std::vector<ResultColumn> columns, std::shared_ptr<Transaction> transaction,
                   std::shared_ptr<MemoryBudget> memory)
    : connection_(std::move(connection)),
      transaction_(std::move(transaction)),
      result_(std::move(rows)),
      properties_(result_->client_properties),
      columns_(std::move(columns)),
      memory_(std::move(memory)) {
  duckdb::vector<std::string> names;
  for (const ResultColumn& column : columns_) names.push_back(column.name);
  const duckdb::vector<duckdb::LogicalType> shown(result_->types.begin(),
                                                  result_->types.begin() + static_cast<long>(columns_.size()));
  schema_ = ArrowSchemaOf(shown, names, properties_);
}

Result<std::shared_ptr<arrow::RecordBatch>> OpenRows::Next() {
  if (closed_) return Error("34000", "the result was closed when the session's next statement began");
  if (ended_) return std::shared_ptr<arrow::RecordBatch>();
  auto batch = Guarded({}, [&] { return Fetch(); });
  if (!batch.ok() || !*batch) {
    ended_ = true;
    const auto timer = std::exchange(timer_, nullptr);
    if (!batch.ok()) batch = FailureOf(timer.get(), batch.status());
    result_.reset();
    transaction_.reset();
    (void)memory_.Resize(0);
  } else {
    rows_ += (*batch)->num_rows();
  }
  return batch;
}

Result<std::shared_ptr<arrow::RecordBatch>> OpenRows::Fetch() {
  if (drained_) return std::shared_ptr<arrow::RecordBatch>();
  if (const auto* direct = dynamic_cast<const DirectRows*>(result_.get()); direct != nullptr && direct->batch) {
    drained_ = true;
    auto columns = direct->batch->columns();
    columns.resize(columns_.size());
    return arrow::RecordBatch::Make(schema_, direct->batch->num_rows(), std::move(columns));
  }
  const duckdb::vector<duckdb::LogicalType> types(result_->types.begin(),
                                                  result_->types.begin() + static_cast<long>(columns_.size()));
  auto extensions = duckdb::ArrowTypeExtensionData::GetExtensionTypes(*connection_->context, types);
  duckdb::ArrowAppender appender(types, kRowsPerBatch, properties_, extensions);
  duckdb::idx_t rows = 0;
  (void)memory_.Resize(0);
  while (rows < kRowsPerBatch && memory_.bytes() < kBytesPerBatch) {
    WEIR_ASSIGN_OR_RETURN(const auto chunk, FetchChunk(*result_));
    drained_ = !chunk || chunk->size() == 0;
    if (drained_) break;
    WEIR_RETURN_NOT_OK(TakeMemory(*chunk));
    if (!types.empty()) appender.Append(*chunk, 0, chunk->size(), chunk->size());
    rows += chunk->size();
  }
  if (rows == 0) return std::shared_ptr<arrow::RecordBatch>();
  if (types.empty()) return arrow::RecordBatch::Make(schema_, static_cast<int64_t>(rows), arrow::ArrayVector());
  ArrowArray exported = appender.Finalize();
  return FromArrow(arrow::ImportRecordBatch(&exported, schema_));
}

Status OpenRows::TakeMemory(duckdb::DataChunk& chunk) {
  int64_t bytes = 0;
  for (auto& column : chunk.data) bytes += BytesOf(column, chunk.size());
  ResultsUnderWay::Of(*connection_->context).Fetched(bytes);
  return memory_.Grow(bytes) ? Status::OK() : OutOfMemory("There is not enough for more rows of the result.");
}

void OpenRows::Close() {
  if (ended_) return;
  closed_ = true;
  timer_.reset();
  result_.reset();
  transaction_.reset();
  (void)memory_.Resize(0);
}

Status FailureOf(const StatementTimer* timer, const Status& status) {
  const bool timed_out = timer != nullptr && timer->expired() && FieldsOf(status).sqlstate == "57014";
  return timed_out ? Error("57014", "canceling statement due to statement timeout") : status;
}

std::unique_ptr<QueryResult> NoRows(std::string command_tag) {
  return BatchRows({}, EmptySchema(), {}, std::move(command_tag));
}

std::unique_ptr<QueryResult> TextRows(std::vector<std::string> names, std::vector<std::vector<std::string>> rows,
                                      std::string command_tag) {
  std::vector<ResultColumn> columns;
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (size_t i = 0; i < names.size(); ++i) {
    arrow::StringBuilder builder;
    for (const auto& row : rows) ThrowNotOk(FromArrow(builder.Append(row[i])));
    arrays.push_back(ValueOrThrow(FromArrow(builder.Finish())));
    fields.push_back(arrow::field(names[i], arrow::utf8()));
    columns.push_back({.name = names[i]});
  }
  auto batch = arrow::RecordBatch::Make(arrow::schema(fields), static_cast<int64_t>(rows.size()), arrays);
  return BatchRows(std::move(columns), batch->schema(), {batch}, std::move(command_tag));
}

std::unique_ptr<QueryResult> BatchRows(std::vector<ResultColumn> columns, std::shared_ptr<arrow::Schema> schema,
                                       std::vector<std::shared_ptr<arrow::RecordBatch>> batches,
                                       std::string command_tag) {
  return std::make_unique<FinishedResult>(std::move(columns), std::move(schema), std::move(batches),
                                          std::move(command_tag));
}

std::unique_ptr<QueryResult> RowsOf(std::shared_ptr<OpenRows> rows, std::string command,
                                    std::function<Status(const Status&)> on_failure) {
  return std::make_unique<OpenResult>(std::move(rows), std::move(command), std::move(on_failure));
}

}  // namespace weir::sql
