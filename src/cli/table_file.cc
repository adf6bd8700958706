#include "cli/table_file.h"

#include <arrow/api.h>
#include <arrow/csv/api.h>
#include <arrow/io/api.h>
#include <arrow/ipc/api.h>
#include <arrow/util/compression.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/arrow/writer.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <charconv>

#include "cli/cell_text.h"
#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

constexpr int32_t kCsvBlockBytes = 8 << 20;
constexpr int64_t kParquetBatchBytes = 16 << 20;
constexpr int64_t kParquetRowGroupRows = 256 << 10;
constexpr std::string_view kArrowMagic = "ARROW1";

using BatchPtr = std::shared_ptr<arrow::RecordBatch>;
using ParquetReader = parquet::arrow::FileReader;

/// Runs `call`, which may throw, as the Parquet library does on damaged files.
template <typename T, typename Call>
Result<T> Guarded(const std::string& path, Call call) {
  try {
    Result<T> result = call();
    if (!result.ok()) return result.status().WithContext("file '" + path + "'");
    return result;
  } catch (const std::exception& error) {
    return Status::Invalid(fmt::format("file '{}': {}", path, error.what()));
  }
}

Status MissingColumns(const std::string& path, const std::vector<std::string>& wanted, const arrow::Schema& schema) {
  std::vector<std::string> missing;
  for (const std::string& name : wanted) {
    if (schema.GetAllFieldIndices(name).empty()) missing.push_back(name);
  }
  if (missing.empty()) return Status::OK();
  return Status::Invalid(fmt::format("file '{}' has no column {}; it has {}", path, fmt::join(missing, ", "),
                                     fmt::join(schema.field_names(), ", ")));
}

Status CheckDistinct(const std::string& path, const arrow::Schema& schema) {
  for (const std::string& name : schema.field_names()) {
    if (schema.GetAllFieldIndices(name).size() > 1) {
      return Status::Invalid(fmt::format("file '{}' has several columns of the name '{}'", path, name));
    }
  }
  return Status::OK();
}

// --- CSV ---

class CsvReader final : public TableFileReader {
 public:
  CsvReader(std::string path, FileOptions options, const Schema* table) : path_(std::move(path)), options_(std::move(options)) {
    convert_.null_values = options_.nulls;
    convert_.null_values.emplace_back();
    convert_.strings_can_be_null = true;
    convert_.quoted_strings_can_be_null = false;
    if (options_.header) convert_.include_columns = options_.columns;
    if (table == nullptr) return;
    for (const Column& column : table->columns()) convert_.column_types[column.name] = CellType(column.type);
  }

  Status Open() {
    WEIR_ASSIGN_OR_RETURN(file_, FromArrow(arrow::io::ReadableFile::Open(path_)));
    WEIR_ASSIGN_OR_RETURN(bytes_, FromArrow(file_->GetSize()));
    auto reader = OpenStream(file_, true);
    if (!reader.ok()) return Explain(reader.status());
    reader_ = *std::move(reader);
    return CheckDistinct(path_, *reader_->schema());
  }

  const arrow::Schema& schema() const override { return *reader_->schema(); }
  int64_t bytes_read() const override { return std::min(file_->Tell().ValueOr(bytes_), bytes_); }
  int64_t bytes() const override { return bytes_; }

  Result<BatchPtr> Next() override {
    BatchPtr batch;
    const arrow::Status read = reader_->ReadNext(&batch);
    if (!read.ok()) return Explain(read);
    return batch;
  }

 private:
  static std::shared_ptr<arrow::DataType> CellType(const DataType& type) {
    if (type.id() == TypeId::kBytes || type.id() == TypeId::kBinary) return arrow::binary();
    return NeedsCellText(type) ? arrow::utf8() : ToArrowType(type, LtzZone::kUtc);
  }

  arrow::Result<std::shared_ptr<arrow::csv::StreamingReader>> OpenStream(
      std::shared_ptr<arrow::io::InputStream> input, bool threads) const {
    if (path_.ends_with(".gz")) {
      ARROW_ASSIGN_OR_RAISE(codec_, arrow::util::Codec::Create(arrow::Compression::GZIP));
      ARROW_ASSIGN_OR_RAISE(input, arrow::io::CompressedInputStream::Make(codec_.get(), input));
    }
    auto read = arrow::csv::ReadOptions::Defaults();
    read.block_size = kCsvBlockBytes;
    read.use_threads = threads;
    if (!options_.header) read.column_names = options_.columns;
    auto parse = arrow::csv::ParseOptions::Defaults();
    parse.delimiter = options_.delimiter;
    parse.newlines_in_values = true;
    return arrow::csv::StreamingReader::Make(arrow::io::default_io_context(), std::move(input), read, parse, convert_);
  }

  /// The error with row and column. Only the reader without threads knows the row, so it looks for it again.
  Status Explain(arrow::Status error) const {
    const arrow::Status again = ReadToError();
    if (!again.ok()) error = again;
    return Status::Invalid(fmt::format("file '{}'{}", path_, Located(error.message())));
  }

  arrow::Status ReadToError() const {
    ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(path_));
    ARROW_ASSIGN_OR_RAISE(auto reader, OpenStream(file, false));
    for (BatchPtr batch;;) {
      ARROW_RETURN_NOT_OK(reader->ReadNext(&batch));
      if (batch == nullptr) return arrow::Status::OK();
    }
  }

  /// "In CSV column #1: Row #12: rest" → ", row 11, column 'b': rest". Rows count from 1, after the header.
  std::string Located(std::string_view message) const {
    std::string where;
    if (const auto column = TakeNumber(&message, "In CSV column #")) {
      where = fmt::format(", column '{}'", NameOf(*column));
    }
    if (const auto row = TakeNumber(&message, "Row #")) {
      where = fmt::format(", row {}{}", *row - (options_.header ? 1 : 0), where);
    }
    return where + ": " + std::string(message);
  }

  static std::optional<int64_t> TakeNumber(std::string_view* text, std::string_view prefix) {
    const size_t at = text->find(prefix);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = text->substr(at + prefix.size());
    int64_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc()) return {};
    *text = rest.substr(static_cast<size_t>(end - rest.data()));
    if (text->starts_with(": ")) text->remove_prefix(2);
    return number;
  }

  std::string NameOf(int64_t column) const {
    const std::vector<std::string> names = options_.header ? HeaderNames() : options_.columns;
    return column < static_cast<int64_t>(names.size()) ? names[column] : std::to_string(column + 1);
  }

  /// The file's header, read as a row of text.
  std::vector<std::string> HeaderNames() const {
    auto file = arrow::io::ReadableFile::Open(path_);
    if (!file.ok()) return {};
    CsvReader names(path_, options_, nullptr);
    names.convert_ = arrow::csv::ConvertOptions::Defaults();
    const auto reader = names.OpenStream(*file, false);
    return reader.ok() ? (*reader)->schema()->field_names() : std::vector<std::string>{};
  }

  const std::string path_;
  const FileOptions options_;
  arrow::csv::ConvertOptions convert_ = arrow::csv::ConvertOptions::Defaults();
  std::shared_ptr<arrow::io::ReadableFile> file_;
  mutable std::unique_ptr<arrow::util::Codec> codec_;
  std::shared_ptr<arrow::csv::StreamingReader> reader_;
  int64_t bytes_ = 0;
};

// --- Parquet ---

class ParquetFileReader final : public TableFileReader {
 public:
  static Result<std::unique_ptr<TableFileReader>> Open(const std::string& path, const FileOptions& options) {
    auto reader = std::unique_ptr<ParquetFileReader>(new ParquetFileReader(path));
    WEIR_RETURN_NOT_OK(reader->Start(options));
    return std::unique_ptr<TableFileReader>(std::move(reader));
  }

  const arrow::Schema& schema() const override { return *batches_->schema(); }
  int64_t bytes() const override { return bytes_; }
  int64_t bytes_read() const override {
    return total_rows_ == 0 ? bytes_
                            : static_cast<int64_t>(static_cast<double>(bytes_) * static_cast<double>(rows_) /
                                                   static_cast<double>(total_rows_));
  }

  Result<BatchPtr> Next() override {
    return Guarded<BatchPtr>(path_, [&]() -> Result<BatchPtr> {
      WEIR_ASSIGN_OR_RETURN(BatchPtr batch, FromArrow(batches_->Next()));
      if (batch != nullptr) rows_ += batch->num_rows();
      return batch;
    });
  }

 private:
  explicit ParquetFileReader(std::string path) : path_(std::move(path)) {}

  Status Start(const FileOptions& options) {
    return Guarded<Unit>(path_, [&]() -> Result<Unit> {
             WEIR_ASSIGN_OR_RETURN(const auto file, FromArrow(arrow::io::ReadableFile::Open(path_)));
             WEIR_ASSIGN_OR_RETURN(bytes_, FromArrow(file->GetSize()));
             parquet::arrow::FileReaderBuilder builder;
             WEIR_RETURN_NOT_OK(FromArrow(builder.Open(file)));
             const auto metadata = builder.raw_reader()->metadata();
             parquet::ArrowReaderProperties properties(/*use_threads=*/true);
             properties.set_batch_size(BatchRows(*metadata));
             properties.set_pre_buffer(false);  // it would keep what it has read
             builder.properties(properties);
             WEIR_ASSIGN_OR_RETURN(reader_, FromArrow(builder.Build()));
             std::shared_ptr<arrow::Schema> schema;
             WEIR_RETURN_NOT_OK(FromArrow(reader_->GetSchema(&schema)));
             WEIR_RETURN_NOT_OK(CheckDistinct(path_, *schema));
             WEIR_RETURN_NOT_OK(MissingColumns(path_, options.columns, *schema));
             total_rows_ = metadata->num_rows();
             std::vector<int> groups(metadata->num_row_groups());
             for (size_t i = 0; i < groups.size(); ++i) groups[i] = static_cast<int>(i);
             WEIR_ASSIGN_OR_RETURN(batches_, FromArrow(reader_->GetRecordBatchReader(
                                                 groups, Leaves(*metadata->schema(), options.columns))));
             return Unit{};
           })
        .status();
  }

  static int64_t BatchRows(const parquet::FileMetaData& metadata) {
    int64_t bytes = 0;
    for (int i = 0; i < metadata.num_row_groups(); ++i) bytes += metadata.RowGroup(i)->total_byte_size();
    if (bytes <= 0 || metadata.num_rows() <= 0) return 64 << 10;
    const double rows = static_cast<double>(kParquetBatchBytes) * static_cast<double>(metadata.num_rows()) /
                        static_cast<double>(bytes);
    return static_cast<int64_t>(std::clamp(rows, 64.0, 128.0 * 1024));
  }

  static std::vector<int> Leaves(const parquet::SchemaDescriptor& schema, const std::vector<std::string>& columns) {
    std::vector<int> leaves;
    for (int i = 0; i < schema.num_columns(); ++i) {
      const std::string& name = schema.GetColumnRoot(i)->name();
      if (columns.empty() || std::count(columns.begin(), columns.end(), name) > 0) leaves.push_back(i);
    }
    return leaves;
  }

  const std::string path_;
  std::unique_ptr<ParquetReader> reader_;
  std::shared_ptr<arrow::RecordBatchReader> batches_;
  int64_t bytes_ = 0;
  int64_t total_rows_ = 0;
  int64_t rows_ = 0;
};

// --- Arrow IPC ---

class ArrowFileReader final : public TableFileReader {
 public:
  ArrowFileReader(std::string path, bool stream) : path_(std::move(path)), stream_(stream) {}

  Status Open(const FileOptions& options) {
    WEIR_ASSIGN_OR_RETURN(file_, FromArrow(arrow::io::ReadableFile::Open(path_)));
    WEIR_ASSIGN_OR_RETURN(bytes_, FromArrow(file_->GetSize()));
    WEIR_RETURN_NOT_OK(OpenReader(arrow::ipc::IpcReadOptions::Defaults()));
    WEIR_RETURN_NOT_OK(CheckDistinct(path_, *schema_));
    WEIR_RETURN_NOT_OK(MissingColumns(path_, options.columns, *schema_));
    for (int i = 0; i < schema_->num_fields(); ++i) {
      const std::string& name = schema_->field(i)->name();
      const bool wanted = options.columns.empty() || std::count(options.columns.begin(), options.columns.end(), name) > 0;
      if (wanted) columns_.push_back(i);
    }
    arrow::FieldVector fields;
    for (const int column : columns_) fields.push_back(schema_->field(column));
    schema_ = arrow::schema(std::move(fields));
    return Status::OK();
  }

  const arrow::Schema& schema() const override { return *schema_; }
  int64_t bytes_read() const override { return std::min(file_->Tell().ValueOr(bytes_), bytes_); }
  int64_t bytes() const override { return bytes_; }

  Result<BatchPtr> Next() override {
    return Guarded<BatchPtr>(path_, [&]() -> Result<BatchPtr> {
      BatchPtr batch;
      if (batches_ != nullptr) {
        WEIR_RETURN_NOT_OK(FromArrow(batches_->ReadNext(&batch)));
      } else if (next_ < random_->num_record_batches()) {
        WEIR_ASSIGN_OR_RETURN(batch, FromArrow(random_->ReadRecordBatch(next_++)));
      }
      if (batch == nullptr) return batch;
      WEIR_RETURN_NOT_OK(FromArrow(batch->ValidateFull()));
      WEIR_ASSIGN_OR_RETURN(batch, FromArrow(batch->SelectColumns(columns_)));
      return batch;
    });
  }

 private:
  Status OpenReader(const arrow::ipc::IpcReadOptions& read) {
    return Guarded<Unit>(path_, [&]() -> Result<Unit> {
             if (stream_) {
               WEIR_ASSIGN_OR_RETURN(batches_, FromArrow(arrow::ipc::RecordBatchStreamReader::Open(file_, read)));
               schema_ = batches_->schema();
             } else {
               WEIR_ASSIGN_OR_RETURN(random_, FromArrow(arrow::ipc::RecordBatchFileReader::Open(file_, read)));
               schema_ = random_->schema();
             }
             return Unit{};
           })
        .status();
  }

  const std::string path_;
  const bool stream_;
  std::shared_ptr<arrow::io::ReadableFile> file_;
  std::shared_ptr<arrow::ipc::RecordBatchStreamReader> batches_;
  std::shared_ptr<arrow::ipc::RecordBatchFileReader> random_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<int> columns_;
  int next_ = 0;
  int64_t bytes_ = 0;
};

/// Both kinds of Arrow files have the same extensions: the first bytes tell.
Result<bool> IsArrowStream(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const auto file, FromArrow(arrow::io::ReadableFile::Open(path)));
  WEIR_ASSIGN_OR_RETURN(const auto start, FromArrow(file->ReadAt(0, static_cast<int64_t>(kArrowMagic.size()))));
  return std::string_view(*start) != kArrowMagic;
}

// --- writers ---

class IpcWriter final : public TableFileWriter {
 public:
  explicit IpcWriter(std::shared_ptr<arrow::ipc::RecordBatchWriter> writer) : writer_(std::move(writer)) {}
  Status Write(const BatchPtr& rows) override { return FromArrow(writer_->WriteRecordBatch(*rows)); }
  Status Finish() override { return FromArrow(writer_->Close()); }

 private:
  const std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
};

class CsvWriter final : public TableFileWriter {
 public:
  CsvWriter(std::shared_ptr<arrow::ipc::RecordBatchWriter> writer, std::shared_ptr<arrow::Schema> schema,
            std::vector<DataType> types)
      : writer_(std::move(writer)), schema_(std::move(schema)), types_(std::move(types)) {}

  /// TIMESTAMP_LTZ is written as Arrow does it, with its zone.
  static bool IsFormatted(const DataType& type) {
    return NeedsCellText(type) && type.id() != TypeId::kTimestampLtz;
  }

  Status Write(const BatchPtr& rows) override {
    std::vector<std::shared_ptr<arrow::Array>> columns = rows->columns();
    for (size_t i = 0; i < columns.size(); ++i) {
      if (!IsFormatted(types_[i])) continue;
      WEIR_ASSIGN_OR_RETURN(columns[i], FormatCells(types_[i], columns[i]));
    }
    return FromArrow(writer_->WriteRecordBatch(*arrow::RecordBatch::Make(schema_, rows->num_rows(), std::move(columns))));
  }
  Status Finish() override { return FromArrow(writer_->Close()); }

 private:
  const std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
  const std::shared_ptr<arrow::Schema> schema_;
  const std::vector<DataType> types_;
};

Result<std::unique_ptr<TableFileWriter>> OpenCsvWriter(std::shared_ptr<arrow::io::OutputStream> sink,
                                                       const FileOptions& options,
                                                       const std::shared_ptr<arrow::Schema>& schema,
                                                       const std::vector<DataType>& types) {
  arrow::FieldVector fields = schema->fields();
  for (size_t i = 0; i < fields.size(); ++i) {
    if (CsvWriter::IsFormatted(types[i])) fields[i] = fields[i]->WithType(arrow::utf8());
  }
  auto text_schema = arrow::schema(std::move(fields));
  auto write = arrow::csv::WriteOptions::Defaults();
  write.delimiter = options.delimiter;
  write.include_header = options.header;
  if (!options.nulls.empty()) write.null_string = options.nulls.front();
  WEIR_ASSIGN_OR_RETURN(auto writer, FromArrow(arrow::csv::MakeCSVWriter(std::move(sink), text_schema, write)));
  return std::make_unique<CsvWriter>(std::move(writer), std::move(text_schema), types);
}

class ParquetWriter final : public TableFileWriter {
 public:
  explicit ParquetWriter(std::unique_ptr<parquet::arrow::FileWriter> writer) : writer_(std::move(writer)) {}
  Status Write(const BatchPtr& rows) override {
    return Guarded<Unit>("Parquet", [&]() -> Result<Unit> {
             WEIR_RETURN_NOT_OK(FromArrow(writer_->WriteRecordBatch(*rows)));
             return Unit{};
           })
        .status();
  }
  Status Finish() override {
    return Guarded<Unit>("Parquet", [&]() -> Result<Unit> {
             WEIR_RETURN_NOT_OK(FromArrow(writer_->Close()));
             return Unit{};
           })
        .status();
  }

 private:
  const std::unique_ptr<parquet::arrow::FileWriter> writer_;
};

Result<std::unique_ptr<TableFileWriter>> OpenParquetWriter(std::shared_ptr<arrow::io::OutputStream> sink,
                                                           const std::shared_ptr<arrow::Schema>& schema) {
  const auto properties = parquet::WriterProperties::Builder()
                              .compression(parquet::Compression::ZSTD)
                              ->max_row_group_length(kParquetRowGroupRows)
                              ->build();
  const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  WEIR_ASSIGN_OR_RETURN(auto writer, FromArrow(parquet::arrow::FileWriter::Open(*schema, arrow::default_memory_pool(),
                                                                                std::move(sink), properties,
                                                                                arrow_properties)));
  return std::make_unique<ParquetWriter>(std::move(writer));
}

}  // namespace

std::vector<std::string> FileFormatNames() { return {"csv", "parquet", "arrow", "arrows"}; }

Result<FileFormat> FileFormatOf(const std::string& path, const std::string& name) {
  if (name == "csv") return FileFormat::kCsv;
  if (name == "parquet") return FileFormat::kParquet;
  if (name == "arrow") return FileFormat::kArrow;
  if (name == "arrows") return FileFormat::kArrowStream;
  if (!name.empty()) {
    return Status::Invalid(fmt::format("'{}' is no file format; there are {}", name, fmt::join(FileFormatNames(), ", ")));
  }
  const auto ends = [&](std::initializer_list<const char*> extensions) {
    return std::any_of(extensions.begin(), extensions.end(), [&](const char* text) { return path.ends_with(text); });
  };
  if (ends({".csv", ".csv.gz"})) return FileFormat::kCsv;
  if (ends({".parquet", ".pq"})) return FileFormat::kParquet;
  if (ends({".arrow", ".feather", ".ipc"})) return FileFormat::kArrow;
  if (ends({".arrows"})) return FileFormat::kArrowStream;
  return Status::Invalid(fmt::format("the extension of '{}' names no file format; give --format ({})", path,
                                     fmt::join(FileFormatNames(), ", ")));
}

Result<std::unique_ptr<TableFileReader>> TableFileReader::Open(const std::string& path, const FileOptions& options,
                                                               const Schema* table) {
  switch (options.format) {
    case FileFormat::kCsv: {
      auto reader = std::make_unique<CsvReader>(path, options, table);
      WEIR_RETURN_NOT_OK(reader->Open());
      return std::unique_ptr<TableFileReader>(std::move(reader));
    }
    case FileFormat::kParquet: return ParquetFileReader::Open(path, options);
    case FileFormat::kArrow:
    case FileFormat::kArrowStream: break;
  }
  WEIR_ASSIGN_OR_RETURN(const bool stream, IsArrowStream(path));
  auto reader = std::make_unique<ArrowFileReader>(path, stream);
  WEIR_RETURN_NOT_OK(reader->Open(options));
  return std::unique_ptr<TableFileReader>(std::move(reader));
}

Result<std::unique_ptr<TableFileWriter>> TableFileWriter::Open(std::shared_ptr<arrow::io::OutputStream> sink,
                                                               const FileOptions& options,
                                                               const std::shared_ptr<arrow::Schema>& schema,
                                                               const std::vector<DataType>& types) {
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer;
  switch (options.format) {
    case FileFormat::kCsv: return OpenCsvWriter(std::move(sink), options, schema, types);
    case FileFormat::kParquet: return OpenParquetWriter(std::move(sink), schema);
    case FileFormat::kArrow: {
      WEIR_ASSIGN_OR_RETURN(writer, FromArrow(arrow::ipc::MakeFileWriter(std::move(sink), schema)));
      break;
    }
    case FileFormat::kArrowStream: {
      WEIR_ASSIGN_OR_RETURN(writer, FromArrow(arrow::ipc::MakeStreamWriter(std::move(sink), schema)));
      break;
    }
  }
  return std::make_unique<IpcWriter>(std::move(writer));
}

}  // namespace weir
