#include "cli/export.h"

#include <arrow/api.h>
#include <arrow/compute/initialize.h>
#include <arrow/io/api.h>
#include <arrow/io/stdio.h>
#include <arrow/util/compression.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cli/choices.h"
#include "cli/command.h"
#include "cli/database.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/table_file.h"
#include "cli/text.h"
#include "cli/where.h"
#include "gateway/gateway.h"
#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

using BatchPtr = std::shared_ptr<arrow::RecordBatch>;
using Sink = std::function<Status(const BatchPtr&)>;

// --- what to read ---

Result<Table::ScanOptions> MakeScan(const Table& table, const ExportOptions& options) {
  const Schema& schema = table.info().schema();
  Table::ScanOptions scan;
  if (!options.columns.empty()) {
    WEIR_ASSIGN_OR_RETURN(scan.projection, schema.IndexesOf(options.columns));
  }
  for (const std::string& text : options.where) {
    WEIR_ASSIGN_OR_RETURN(Predicate one, ParseWhere(text, schema));
    if (!scan.filter) {
      scan.filter = std::move(one);
    } else {
      Predicate both;
      both.op = Predicate::Op::kAnd;
      both.children = {*std::move(scan.filter), std::move(one)};
      scan.filter = std::move(both);
    }
  }
  scan.exact_filter = scan.filter.has_value();
  return scan;
}

/// The partitions to read; nothing for a table without partitions.
Result<std::optional<std::vector<int64_t>>> ChoosePartitions(const Table& table, const ExportOptions& options) {
  if (!table.info().descriptor.is_partitioned() && options.partitions.empty()) {
    return std::optional<std::vector<int64_t>>();
  }
  PartitionSpec spec;
  for (const std::string& pair : options.partitions) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Status::Invalid(fmt::format("--partition takes COLUMN=VALUE, not '{}'", pair));
    }
    spec[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  WEIR_ASSIGN_OR_RETURN(const auto found,
                        Await(table.connection().gateway().ListPartitionInfos(table.info().path, spec)));
  if (found.empty() && !spec.empty()) {
    return Status(ErrorCode::kPartitionNotExists,
                  fmt::format("table '{}' has no partition of {}", table.info().path.ToString(),
                              fmt::join(options.partitions, ", ")));
  }
  std::vector<int64_t> ids;
  for (const PartitionInfo& partition : found) ids.push_back(partition.partition_id);
  return std::optional(std::move(ids));
}

std::vector<TableBucket> BucketsOf(const TableInfo& info, const std::optional<std::vector<int64_t>>& partitions) {
  std::vector<TableBucket> buckets;
  const auto add = [&](std::optional<int64_t> partition) {
    for (int32_t i = 0; i < info.num_buckets(); ++i) buckets.push_back({info.table_id, partition, i});
  };
  if (!partitions) {
    add({});
  } else {
    for (const int64_t id : *partitions) add(id);
  }
  return buckets;
}

/// Rows to come, for the progress; 0: unknown, as it would take long to find out.
int64_t RowsToRead(const Table& table, const ExportOptions& options, const std::vector<TableBucket>& buckets) {
  if (table.info().descriptor.has_primary_key() || !options.where.empty()) return 0;
  const auto stats = Await(table.connection().gateway().GetTableStats(table.info().table_id, buckets));
  if (!stats.ok()) return 0;
  return std::accumulate(stats->begin(), stats->end(), int64_t{0},
                         [](int64_t sum, const BucketStats& bucket) { return sum + bucket.row_count; });
}

// --- reading ---

Status ReadRows(const Table& table, const Table::ScanOptions& scan,
                const std::optional<std::vector<int64_t>>& partitions, const Sink& sink) {
  WEIR_ASSIGN_OR_RETURN(const auto reader, table.ReadAll(scan, partitions));
  while (true) {
    WEIR_RETURN_NOT_OK(CheckInterrupted());
    WEIR_ASSIGN_OR_RETURN(const BatchPtr batch, FromArrow(reader->Next()));
    if (batch == nullptr) return Status::OK();
    WEIR_RETURN_NOT_OK(sink(batch));
  }
}

std::vector<Column> SystemColumns() {
  return {{"_bucket", DataType::Int().NotNull()},
          {"_offset", DataType::BigInt().NotNull()},
          {"_timestamp", DataType::TimestampLtz(3).NotNull()}};
}

Result<BatchPtr> WithSystemColumns(const ScannedBatch& batch, const std::shared_ptr<arrow::Schema>& schema) {
  const int64_t rows = batch.rows->num_rows();
  arrow::Int64Builder offsets;
  WEIR_RETURN_NOT_OK(FromArrow(offsets.Reserve(rows)));
  for (int64_t i = 0; i < rows; ++i) offsets.UnsafeAppend(batch.offset_of(i));
  const auto constant = [&](const arrow::Scalar& scalar) {
    return FromArrow(arrow::MakeArrayFromScalar(scalar, rows));
  };
  WEIR_ASSIGN_OR_RETURN(auto bucket, constant(arrow::Int32Scalar(batch.bucket.bucket_id)));
  WEIR_ASSIGN_OR_RETURN(auto offset, FromArrow(offsets.Finish()));
  const auto time_type = schema->field(schema->num_fields() - 1)->type();
  WEIR_ASSIGN_OR_RETURN(auto time, constant(arrow::TimestampScalar(batch.timestamp, time_type)));
  std::vector<std::shared_ptr<arrow::Array>> columns = batch.rows->columns();
  columns.insert(columns.end(), {std::move(bucket), std::move(offset), std::move(time)});
  return arrow::RecordBatch::Make(schema, rows, std::move(columns));
}

Status Subscribe(LogScanner& scanner, const TableBucket& bucket) {
  if (!bucket.partition_id) return AwaitDone(scanner.Subscribe({{bucket.bucket_id, kEarliestOffset}}));
  return AwaitDone(scanner.SubscribePartitions({{{*bucket.partition_id, bucket.bucket_id}, kEarliestOffset}}));
}

Status ReadBucketWithOffsets(const Table& table, const Table::ScanOptions& scan, const TableBucket& bucket,
                             const std::shared_ptr<arrow::Schema>& schema, const Sink& sink) {
  WEIR_ASSIGN_OR_RETURN(const auto ends,
                        Await(table.connection().gateway().ListOffsets(bucket.table_id, bucket.partition_id,
                                                                       {bucket.bucket_id}, OffsetSpec::Latest())));
  WEIR_ASSIGN_OR_RETURN(const int64_t end, ends.at(bucket.bucket_id));
  WEIR_ASSIGN_OR_RETURN(LogScanner scanner, table.NewLogScanner(scan));
  WEIR_RETURN_NOT_OK(Subscribe(scanner, bucket));
  LogScanner::PollLimits limits;
  limits.cut_batches = false;
  while (scanner.Positions().at(bucket) < end) {
    WEIR_RETURN_NOT_OK(CheckInterrupted());
    WEIR_ASSIGN_OR_RETURN(const auto batches, Await(scanner.Poll(std::chrono::seconds(1), limits)));
    for (const ScannedBatch& batch : batches) {
      WEIR_ASSIGN_OR_RETURN(const BatchPtr rows, WithSystemColumns(batch, schema));
      WEIR_RETURN_NOT_OK(sink(rows));
    }
  }
  return scanner.Close();
}

// --- writing ---

/// Where the rows go: a file that has its name only once it is whole, or standard output.
class Output {
 public:
  static Result<std::unique_ptr<Output>> Open(const std::string& path) {
    auto output = std::unique_ptr<Output>(new Output(path));
    if (path == "-") {
      output->stream_ = std::make_shared<arrow::io::StdoutStream>();
      return output;
    }
    const auto file = arrow::io::FileOutputStream::Open(output->part_);
    if (!file.ok()) return Status::Invalid(fmt::format("'{}' cannot be written: {}", path, std::strerror(errno)));
    output->file_ = *file;
    output->stream_ = output->file_;
    const auto kind = path.ends_with(".gz")    ? arrow::Compression::GZIP
                      : path.ends_with(".zst") ? arrow::Compression::ZSTD
                      : path.ends_with(".bz2") ? arrow::Compression::BZ2
                                               : arrow::Compression::UNCOMPRESSED;
    if (kind != arrow::Compression::UNCOMPRESSED) {
      WEIR_ASSIGN_OR_RETURN(output->codec_, FromArrow(arrow::util::Codec::Create(kind)));
      WEIR_ASSIGN_OR_RETURN(output->stream_,
                            FromArrow(arrow::io::CompressedOutputStream::Make(output->codec_.get(), output->file_)));
    }
    return output;
  }

  ~Output() {
    if (file_ == nullptr || done_) return;
    (void)file_->Close();
    ::unlink(part_.c_str());
  }

  const std::shared_ptr<arrow::io::OutputStream>& stream() const { return stream_; }

  /// Gives the file its name; its size.
  Result<int64_t> Finish() {
    if (file_ == nullptr) {
      WEIR_RETURN_NOT_OK(FromArrow(stream_->Flush()));
      return FromArrow(stream_->Tell());
    }
    WEIR_RETURN_NOT_OK(FromArrow(stream_->Close()));
    WEIR_RETURN_NOT_OK(FromArrow(file_->Close()));
    const int fd = ::open(part_.c_str(), O_RDONLY | O_CLOEXEC);
    const bool synced = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (!synced) return Failed("write");
    if (::rename(part_.c_str(), path_.c_str()) != 0) return Failed("rename");
    done_ = true;
    std::error_code error;
    return static_cast<int64_t>(std::filesystem::file_size(path_, error));
  }

 private:
  explicit Output(const std::string& path) : path_(path), part_(path + ".part") {}
  Status Failed(const char* what) const {
    return Status::Invalid(fmt::format("cannot {} '{}': {}", what, part_, std::strerror(errno)));
  }

  const std::string path_;
  const std::string part_;
  std::shared_ptr<arrow::io::FileOutputStream> file_;
  std::unique_ptr<arrow::util::Codec> codec_;
  std::shared_ptr<arrow::io::OutputStream> stream_;
  bool done_ = false;
};

Result<FileOptions> MakeFileOptions(const ExportOptions& options) {
  FileOptions file;
  const bool to_stdout = options.file == "-";
  WEIR_ASSIGN_OR_RETURN(file.format,
                        FileFormatOf(options.file, to_stdout && options.format.empty() ? "csv" : options.format));
  if (to_stdout && (file.format == FileFormat::kParquet || file.format == FileFormat::kArrow)) {
    return Status::Invalid("standard output takes the formats csv, jsonl and arrows");
  }
  WEIR_ASSIGN_OR_RETURN(file.delimiter, DelimiterOf(options.file, options.delimiter));
  file.header = !options.no_header;
  if (!options.null.empty()) file.nulls = {options.null};
  return file;
}

struct ExportReport {
  int64_t rows = 0;
  int64_t bytes = 0;
  double seconds = 0;
};

Result<ExportReport> Export(const Table& table, const ExportOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  WEIR_ASSIGN_OR_RETURN(const FileOptions file_options, MakeFileOptions(options));
  WEIR_ASSIGN_OR_RETURN(const Table::ScanOptions scan, MakeScan(table, options));
  WEIR_ASSIGN_OR_RETURN(const auto partitions, ChoosePartitions(table, options));
  std::vector<Column> columns;
  for (const Column& column : table.info().schema().columns()) columns.push_back(column);
  if (scan.projection) {
    columns.clear();
    for (const int position : *scan.projection) columns.push_back(table.info().schema().column(position));
  }
  if (options.offsets) {
    if (table.info().descriptor.has_primary_key()) {
      return Status::Invalid("--offsets is for log tables: the rows of a primary key table have no offsets");
    }
    for (Column& column : SystemColumns()) columns.push_back(std::move(column));
  }
  WEIR_ASSIGN_OR_RETURN(const Schema schema, Schema::Make(std::move(columns)));
  const auto arrow_schema = ToArrowSchema(schema, LtzZone::kUtc);

  WEIR_ASSIGN_OR_RETURN(const auto output, Output::Open(options.file));
  WEIR_ASSIGN_OR_RETURN(const auto writer,
                        TableFileWriter::Open(output->stream(), file_options, arrow_schema, schema.types()));
  const std::vector<TableBucket> buckets = BucketsOf(table.info(), partitions);
  Progress progress(table.info().path.ToString(), RowsToRead(table, options, buckets), false);
  ExportReport report;
  const Sink sink = [&](const BatchPtr& batch) {
    report.rows += batch->num_rows();
    progress.Update(report.rows, report.rows);
    return writer->Write(batch);
  };
  if (options.offsets) {
    for (const TableBucket& bucket : buckets) {
      WEIR_RETURN_NOT_OK(ReadBucketWithOffsets(table, scan, bucket, arrow_schema, sink));
    }
  } else {
    WEIR_RETURN_NOT_OK(ReadRows(table, scan, partitions, sink));
  }
  WEIR_RETURN_NOT_OK(writer->Finish());
  WEIR_ASSIGN_OR_RETURN(report.bytes, output->Finish());
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

void Print(const ExportReport& report, const TablePath& table, const ExportOptions& options) {
  const auto rate = [&](int64_t count) { return report.seconds > 0 ? static_cast<double>(count) / report.seconds : 0; };
  // Standard output may be the export itself.
  std::FILE* const out = options.file == "-" ? stderr : stdout;
  if (options.json) {
    const nlohmann::ordered_json json{{"table", table.ToString()},        {"file", options.file},
                                      {"rows", report.rows},              {"bytes", report.bytes},
                                      {"seconds", report.seconds},        {"rows_per_second", rate(report.rows)}};
    fmt::print(out, "{}\n", json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  } else if (options.file != "-") {
    fmt::print(out, "{}: {} of {}, {} in {:.2f} s, {} rows/s\n", options.file, Counted(report.rows, "row"),
               table.ToString(), ByteText(report.bytes), report.seconds,
               Grouped(static_cast<int64_t>(rate(report.rows))));
  }
}

}  // namespace

Status RunExport(const ExportOptions& options) {
  CatchInterrupts();
  WEIR_RETURN_NOT_OK(FromArrow(arrow::compute::Initialize()));
  WEIR_ASSIGN_OR_RETURN(const TablePath path, ParseTablePath(options.table));
  WEIR_ASSIGN_OR_RETURN(const Connection connection, OpenDatabase(options.directory, DatabaseUse::kRead));
  Result<ExportReport> report = [&]() -> Result<ExportReport> {
    WEIR_ASSIGN_OR_RETURN(const Table table, Await(connection.GetTable(path)));
    return Export(table, options);
  }();
  const Status closed = AwaitDone(connection.Close());
  WEIR_RETURN_NOT_OK(report.status());
  WEIR_RETURN_NOT_OK(closed);
  Print(*report, path, options);
  return Status::OK();
}

void AddExport(CLI::App& app, Action* action) {
  CLI::App* command = app.add_subcommand(
      "export", "Writes a table's rows to a CSV, JSON lines, Parquet or Arrow file. The file appears when it is whole; "
                "a command that was cut short starts over when it is repeated.");
  const auto options = std::make_shared<ExportOptions>();
  command->add_option("directory", options->directory, "Database directory")->required()->type_name("DIR");
  command->add_option("table", options->table, "DATABASE.TABLE (without a database: fluss)")
      ->required()
      ->type_name("NAME");
  command->add_option("file", options->file, "File to write; - is standard output (csv, jsonl and arrows)")
      ->required()
      ->type_name("FILE");
  TakeOneOf(command->add_option("--format", options->format,
                                "Format of the file (default: by extension; arrows is an Arrow stream)"),
            FileFormatNames());
  command->add_option("--columns", options->columns, "Columns to write, in this order (default: all)")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--partition", options->partitions, "COLUMN=VALUE: only partitions with it; can be repeated")
      ->allow_extra_args(false);
  command
      ->add_option("--where", options->where,
                   "\"COLUMN OP VALUE\" with =, !=, <, <=, >, >=, or \"COLUMN is [not] null\": only such rows; can be "
                   "repeated")
      ->allow_extra_args(false);
  command->add_flag("--offsets", options->offsets,
                    "Adds the columns _bucket, _offset and _timestamp to the rows of a log table");
  command->add_option("--delimiter", options->delimiter,
                      "What separates CSV cells; \\t is a tab (default: a comma, in .tsv files a tab)");
  command->add_option("--null", options->null, "CSV text of NULL (default: nothing)");
  command->add_flag("--no-header", options->no_header, "Leaves out the first line of a CSV file, the names");
  command->add_flag("--json", options->json, "Prints a report in JSON (on standard error when the file is -)");
  command->callback([options, action] { *action = [options] { return RunExport(*options); }; });
}

}  // namespace weir
