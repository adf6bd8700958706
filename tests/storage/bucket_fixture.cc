#include "tests/storage/bucket_fixture.h"

#include <arrow/record_batch.h>
#include <fmt/format.h>
#include <stdlib.h>

namespace weir {

std::string ShowDatum(const DataType& type, const Datum& datum) {
  switch (datum.kind) {
    case Datum::Kind::kNull:
      return "null";
    case Datum::Kind::kBool:
      return datum.as_bool() ? "true" : "false";
    case Datum::Kind::kInt:
      return fmt::format("{}", datum.as_int());
    case Datum::Kind::kDouble:
      return fmt::format("{}", datum.as_double());
    case Datum::Kind::kBytes:
      return std::string(datum.as_bytes());
    case Datum::Kind::kDecimal:
      return fmt::format("{}e-{}", static_cast<int64_t>(datum.as_decimal()), type.scale());
    case Datum::Kind::kTimestamp:
      return fmt::format("{}ms", datum.time.millis);
    case Datum::Kind::kList:
    case Datum::Kind::kMap:
    case Datum::Kind::kRow:
      break;
  }
  return "nested";
}

std::string ShowRow(const std::vector<DataType>& types, RowView row) {
  std::string text = "(";
  for (size_t i = 0; i < row.size(); ++i) text += (i > 0 ? ", " : "") + ShowDatum(types[i], row[i]);
  return text + ")";
}

void BucketTest::SetUp() {
  std::string pattern = (std::filesystem::temp_directory_path() / "weir-bucket-XXXXXX").string();
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  directory_ = pattern;
  column_files_.directory = directory_ / "columns";
  log_options_.now_ms = [] { return int64_t{1700000000000}; };
  log_options_.sync = false;
  syncer_ = MakeLogSyncer(1);
  OpenStore();
}

void BucketTest::TearDown() {
  CloseAll();
  std::filesystem::remove_all(directory_);
}

void BucketTest::OpenStore() {
  KvStore::Options options;
  options.column_files = std::make_shared<ColumnFiles>(column_files_);
  auto kv = KvStore::Open(directory_ / "kv", options);
  ASSERT_OK(kv);
  kv_ = kv.MoveValue();
}

void BucketTest::CreateTable(std::vector<Column> columns, const Properties& properties,
                             std::vector<std::string> primary_key, std::vector<std::string> bucket_keys,
                             std::optional<std::string> auto_increment) {
  auto schema = Schema::Make(std::move(columns), std::move(primary_key), std::move(auto_increment));
  ASSERT_OK(schema);
  auto options = TableOptions::Parse(properties);
  ASSERT_OK(options);
  table_ = std::make_shared<TableContext>();
  table_->path = {"db", "t"};
  table_->table_id = id_.table_id;
  table_->options = *options;
  table_->descriptor.schema = *schema;
  table_->descriptor.bucket_keys = bucket_keys.empty() ? schema->primary_key() : std::move(bucket_keys);
  table_->descriptor.properties = properties;
  table_->reserve_auto_increment = [this](int64_t count) -> Result<ValueRange> {
    const int64_t first = next_auto_.fetch_add(count);
    return ValueRange{first, first + count};
  };
  table_->return_auto_increment = [this](ValueRange values) {
    returned_auto_ = values;
    return Status::OK();
  };
  schemas_[1] = *schema;
  table_->schema_by_id = [this](int32_t id) -> Result<Schema> { return schemas_.at(id); };
  if (schema->has_primary_key()) {
    auto layout = MakeKeyLayout(table_->descriptor, table_->options);
    ASSERT_OK(layout);
    layout_ = *layout;
  }
  OpenBucket();
}

void BucketTest::CreateDefaultTable(const Properties& properties) {
  CreateTable({{"id", DataType::Int()}, {"name", DataType::String()}, {"score", DataType::BigInt()}}, properties);
}

void BucketTest::AddColumns(std::vector<Column> columns) {
  std::vector<Column> all = table_->descriptor.schema.columns();
  int next_id = table_->descriptor.schema.highest_field_id() + 1;
  for (Column& column : columns) {
    column.id = next_id++;
    all.push_back(std::move(column));
  }
  auto schema = Schema::Make(std::move(all), table_->descriptor.schema.primary_key());
  ASSERT_OK(schema);
  auto table = std::make_shared<TableContext>(*table_);
  table->schema_id = table_->schema_id + 1;
  table->descriptor.schema = *schema;
  schemas_[table->schema_id] = *schema;
  table_ = table;
  bucket_->SetTable(table);
}

void BucketTest::OpenBucket() {
  auto bucket = Bucket::Open(id_, table_, directory_ / "log", log_options_, syncer_, kv_.get());
  ASSERT_OK(bucket);
  bucket_ = bucket.MoveValue();
}

void BucketTest::CloseAll() {
  if (bucket_ != nullptr) {
    EXPECT_TRUE(bucket_->Close().ok());
  }
  bucket_.reset();
  if (kv_ != nullptr) {
    EXPECT_TRUE(kv_->Close().ok());
  }
  kv_.reset();
}

namespace {

std::vector<Datum> Datums(const Cells& row) {
  std::vector<Datum> datums;
  for (const Cell& cell : row) datums.push_back(cell.datum);
  return datums;
}

}  // namespace

std::string BucketTest::Key(const Cells& row) const {
  const std::vector<DataType> types = table_->descriptor.schema.types();
  std::vector<Datum> datums = Datums(row);
  datums.resize(types.size());
  std::string key;
  const Status status = EncodeKey(layout_.primary_key_encoding, types, layout_.primary_key, datums, &key);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return key;
}

std::string BucketTest::KvBatch(const std::vector<Op>& ops, int64_t writer_id, int32_t sequence,
                                int32_t schema_id) const {
  if (schema_id < 0) schema_id = table_->schema_id;
  const std::vector<DataType> types = schemas_.at(schema_id).types();
  const RowFormat format =
      table_->options.kv_format == KvFormat::kIndexed ? RowFormat::kIndexed : RowFormat::kCompacted;
  KvBatchBuilder builder;
  for (const Op& op : ops) {
    if (op.erase) {
      builder.Delete(Key(op.row));
      continue;
    }
    std::string row;
    const Status status = EncodeRow(format, types, Datums(op.row), &row);
    EXPECT_TRUE(status.ok()) << status.ToString();
    builder.Upsert(Key(op.row), row);
  }
  return builder.Finish(static_cast<int16_t>(schema_id), writer_id, sequence);
}

Result<LogAppendResult> BucketTest::Put(const std::vector<Op>& ops, const std::vector<int>& targets, int agg_mode) {
  return PutBytes(KvBatch(ops, -1, -1), targets, agg_mode);
}

Result<LogAppendResult> BucketTest::PutBytes(std::string_view batch, const std::vector<int>& targets, int agg_mode) {
  WEIR_ASSIGN_OR_RETURN(const KvBatchView view, ParseKvBatch(batch));
  return bucket_->Put(view, targets, agg_mode);
}

std::vector<std::string> BucketTest::ChangelogFrom(int64_t offset) {
  std::vector<std::string> lines;
  while (offset < bucket_->log().end_offset()) {
    auto read = bucket_->log().Read(offset, 1 << 20, true);
    EXPECT_TRUE(read.ok()) << read.status().ToString();
    if (!read.ok() || read->records->size() == 0) return lines;
    for (int64_t position = 0; position < read->records->size();) {
      const auto bytes = arrow::SliceBuffer(read->records, position);
      const auto header = ParseLogBatchHeader(std::string_view(*bytes));
      EXPECT_TRUE(header.ok());
      if (!header.ok()) return lines;
      position += header->total_size();
      offset = header->next_offset();
      if (header->record_count == 0) {
        lines.push_back(fmt::format("{}:empty", header->base_offset));
        continue;
      }
      const Schema& schema = schemas_.at(header->schema_id);
      DecodeLogBatchOptions options;
      options.format = PayloadFormatOf(table_->options);
      const auto batch = DecodeLogBatch(bytes, schema, options);
      EXPECT_TRUE(batch.ok()) << batch.status().ToString();
      if (!batch.ok()) return lines;
      const auto reader = ArrowRowReader::Make(batch->rows, schema.types());
      EXPECT_TRUE(reader.ok()) << reader.status().ToString();
      if (!reader.ok()) return lines;
      Arena arena;
      std::vector<Datum> row(schema.num_columns());
      for (int64_t i = 0; i < reader->num_rows(); ++i) {
        reader->Read(i, &arena, row);
        const std::string_view type =
            batch->change_types.empty() ? "+A" : ChangeTypeShortString(batch->change_types[i]);
        lines.push_back(fmt::format("{}:{}{}", header->base_offset + i, type, ShowRow(schema.types(), row)));
      }
    }
  }
  return lines;
}

std::string BucketTest::ShowValue(std::string_view value) {
  auto schemas = RowSchemas::Make(table_);
  const auto stored = ParseStoredValue(value);
  EXPECT_TRUE(schemas.ok() && stored.ok());
  Arena arena;
  std::vector<Datum> row(table_->descriptor.schema.num_columns());
  const Status status = (*schemas)->Decode(stored->schema_id, stored->row, &arena, row);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return ShowRow(table_->descriptor.schema.types(), row);
}

std::string BucketTest::Find(const Cells& key_row) {
  const auto values = bucket_->Lookup({Key(key_row)});
  EXPECT_TRUE(values.ok()) << values.status().ToString();
  if (!values.ok() || !(*values)[0]) return "none";
  return ShowValue(*(*values)[0]);
}

}  // namespace weir
