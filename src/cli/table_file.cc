#include "cli/table_file.h"

#include <arrow/api.h>
#include <arrow/csv/api.h>
#include <arrow/io/api.h>
#include <arrow/ipc/api.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/arrow/writer.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "cli/cell_text.h"
#include "cli/csv_file.h"
#include "cli/file_columns.h"
#include "cli/json_lines.h"
#include "cli/parquet_int96.h"
#include "cli/stored_columns.h"
#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

constexpr int64_t kParquetBatchBytes = 16 << 20;
constexpr int64_t kParquetRowGroupRows = 256 << 10;

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

/// What the first bytes of a file say it is.
enum class Content { kOther, kParquet, kArrowFile, kFeather1, kCompressed, kZip };

Result<Content> ContentOf(const std::string& path) {
  constexpr std::pair<std::string_view, Content> kMagics[] = {{"PAR1", Content::kParquet},
                                                              {"ARROW1", Content::kArrowFile},
                                                              {"FEA1", Content::kFeather1},
                                                              {"\x1f\x8b", Content::kCompressed},
                                                              {"\x28\xb5\x2f\xfd", Content::kCompressed},
                                                              {"PK\x03\x04", Content::kZip}};
  constexpr int64_t kLongest = 6;
  WEIR_ASSIGN_OR_RETURN(const auto file, FromArrow(arrow::io::ReadableFile::Open(path)));
  WEIR_ASSIGN_OR_RETURN(const auto start, FromArrow(file->ReadAt(0, kLongest)));
  for (const auto& [magic, content] : kMagics) {
    if (std::string_view(*start).starts_with(magic)) return content;
  }
  return Content::kOther;
}

/// An error where the file plainly is of another format than the one that it is to be read as.
Status CheckContent(const std::string& path, FileFormat format, Content content) {
  const auto is = [&](const char* what, const char* instead) {
    return Status::Invalid(fmt::format("file '{}' is {}: {}", path, what, instead));
  };
  const bool text = format == FileFormat::kCsv || format == FileFormat::kJsonLines;
  switch (content) {
    case Content::kOther: break;
    case Content::kZip: return is("a ZIP archive, as an .xlsx is", "unpack it, or save it as CSV");
    case Content::kFeather1: return is("a Feather file of version 1", "write it as version 2, which is Arrow");
    case Content::kCompressed:
      if (!text) return is("compressed", "unpack it; text files alone are read so");
      break;
    case Content::kParquet:
      if (format != FileFormat::kParquet) return is("a Parquet file", "give --format parquet");
      break;
    case Content::kArrowFile:
      if (text || format == FileFormat::kParquet) return is("an Arrow file", "give --format arrow");
      break;
  }
  return Status::OK();
}

/// A text file's name without the ending that says how it is compressed; xz too, whose files are refused by name.
std::string_view PlainName(std::string_view path) {
  const bool three = path.ends_with(".gz") || path.ends_with(".xz");
  path.remove_suffix(three ? 3 : path.ends_with(".zst") || path.ends_with(".bz2") ? 4 : 0);
  return path;
}

// --- Parquet ---

class ParquetFileReader final : public TableFileReader {
 public:
  static Result<std::unique_ptr<TableFileReader>> Open(const std::string& path, const FileOptions& options) {
    auto reader = std::unique_ptr<ParquetFileReader>(new ParquetFileReader(path));
    WEIR_RETURN_NOT_OK(reader->Start(options));
    return std::unique_ptr<TableFileReader>(std::move(reader));
  }

  const arrow::Schema& schema() const override { return *schema_; }
  int64_t bytes() const override { return bytes_; }
  int64_t bytes_read() const override {
    return total_rows_ == 0 ? bytes_
                            : static_cast<int64_t>(static_cast<double>(bytes_) * static_cast<double>(rows_) /
                                                   static_cast<double>(total_rows_));
  }

  Result<BatchPtr> Next() override {
    return Guarded<BatchPtr>(path_, [&]() -> Result<BatchPtr> {
      WEIR_ASSIGN_OR_RETURN(const BatchPtr batch, FromArrow(batches_->Next()));
      if (batch == nullptr) return batch;
      rows_ += batch->num_rows();
      return ToStored(*batch, schema_);
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
             WEIR_ASSIGN_OR_RETURN(const std::vector<int> leaves, Leaves(*metadata->schema(), options.columns));
             WEIR_ASSIGN_OR_RETURN(const auto int96_unit, Int96Unit(*builder.raw_reader(), leaves));
             properties.set_coerce_int96_timestamp_unit(int96_unit);
             builder.properties(properties);
             WEIR_ASSIGN_OR_RETURN(reader_, FromArrow(builder.Build()));
             total_rows_ = metadata->num_rows();
             std::vector<int> groups(metadata->num_row_groups());
             std::iota(groups.begin(), groups.end(), 0);
             WEIR_ASSIGN_OR_RETURN(batches_, FromArrow(reader_->GetRecordBatchReader(groups, leaves)));
             schema_ = StoredSchema(*batches_->schema());
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

  /// The leaves of the columns to read.
  Result<std::vector<int>> Leaves(const parquet::SchemaDescriptor& schema,
                                  const std::vector<std::string>& columns) const {
    std::vector<std::string> names;
    for (int i = 0; i < schema.group_node()->field_count(); ++i) names.push_back(schema.group_node()->field(i)->name());
    WEIR_ASSIGN_OR_RETURN(const std::vector<int> chosen, ChooseColumns(path_, names, columns));
    std::vector<int> leaves;
    for (int i = 0; i < schema.num_columns(); ++i) {
      const int column = schema.group_node()->FieldIndex(*schema.GetColumnRoot(i));
      if (std::ranges::count(chosen, column) > 0) leaves.push_back(i);
    }
    return leaves;
  }

  const std::string path_;
  std::unique_ptr<ParquetReader> reader_;
  std::shared_ptr<arrow::RecordBatchReader> batches_;
  std::shared_ptr<arrow::Schema> schema_;
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
    WEIR_ASSIGN_OR_RETURN(columns_, ChooseColumns(path_, schema_->field_names(), options.columns));
    arrow::FieldVector fields;
    for (const int column : columns_) fields.push_back(schema_->field(column));
    schema_ = StoredSchema(*arrow::schema(std::move(fields)));
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
      return ToStored(*batch, schema_);
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
    return FromArrow(
        writer_->WriteRecordBatch(*arrow::RecordBatch::Make(schema_, rows->num_rows(), std::move(columns))));
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

std::vector<std::string> FileFormatNames() { return {"csv", "jsonl", "parquet", "arrow", "arrows"}; }

Result<FileFormat> FileFormatOf(const std::string& path, const std::string& name) {
  if (name == "csv") return FileFormat::kCsv;
  if (name == "jsonl") return FileFormat::kJsonLines;
  if (name == "parquet") return FileFormat::kParquet;
  if (name == "arrow") return FileFormat::kArrow;
  if (name == "arrows") return FileFormat::kArrowStream;
  if (!name.empty()) {
    return Status::Invalid(
        fmt::format("'{}' is no file format; there are {}", name, fmt::join(FileFormatNames(), ", ")));
  }
  using Extensions = std::initializer_list<const char*>;
  const auto ends = [&](Extensions extensions) {
    return std::ranges::any_of(extensions, [&](const char* extension) { return path.ends_with(extension); });
  };
  const auto text_ends = [plain = PlainName(path)](Extensions extensions) {
    return std::ranges::any_of(extensions, [&](const char* extension) { return plain.ends_with(extension); });
  };
  if (text_ends({".csv", ".tsv"})) return FileFormat::kCsv;
  if (text_ends({".jsonl", ".ndjson"})) return FileFormat::kJsonLines;
  if (ends({".parquet", ".pq"})) return FileFormat::kParquet;
  if (ends({".arrow", ".feather", ".ipc"})) return FileFormat::kArrow;
  if (ends({".arrows"})) return FileFormat::kArrowStream;
  return Status::Invalid(fmt::format("the extension of '{}' names no file format; give --format ({})", path,
                                     fmt::join(FileFormatNames(), ", ")));
}

Result<char> DelimiterOf(const std::string& path, const std::string& option) {
  if (option.empty()) return PlainName(path).ends_with(".tsv") ? '\t' : ',';
  if (option == "\\t") return '\t';
  const bool plain = option.size() == 1 && option.find_first_of("\"\r\n") == std::string::npos;
  if (!plain) return Status::Invalid(fmt::format("--delimiter takes one character of ASCII, not '{}'", option));
  return option.front();
}

Result<std::vector<Column>> DescribeFile(const std::string& path, const FileOptions& options) {
  WEIR_ASSIGN_OR_RETURN(const Content content, ContentOf(path));
  WEIR_RETURN_NOT_OK(CheckContent(path, options.format, content));
  if (options.format == FileFormat::kCsv) return DescribeCsvFile(path, options);
  if (options.format == FileFormat::kJsonLines) return DescribeJsonLines(path, options);
  WEIR_ASSIGN_OR_RETURN(const auto file, TableFileReader::Open(path, options, {}));
  Result<std::vector<Column>> columns = FromArrowSchema(file->schema());
  if (columns.ok()) return columns;
  return Status::Invalid(fmt::format("file '{}': {}; --columns chooses others", path, columns.status().message()));
}

Result<std::unique_ptr<TableFileReader>> TableFileReader::Open(const std::string& path, const FileOptions& options,
                                                               const Schema& table) {
  WEIR_ASSIGN_OR_RETURN(const Content content, ContentOf(path));
  WEIR_RETURN_NOT_OK(CheckContent(path, options.format, content));
  switch (options.format) {
    case FileFormat::kCsv: return OpenCsvFile(path, options, table);
    case FileFormat::kJsonLines: return OpenJsonLines(path, options, table);
    case FileFormat::kParquet: return ParquetFileReader::Open(path, options);
    case FileFormat::kArrow:
    case FileFormat::kArrowStream: break;
  }
  // Both kinds of Arrow files have the same extensions: the first bytes tell.
  auto reader = std::make_unique<ArrowFileReader>(path, content != Content::kArrowFile);
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
    case FileFormat::kJsonLines: return OpenJsonLinesWriter(std::move(sink), schema, types);
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
