#include "cli/import.h"

#include <arrow/api.h>
#include <arrow/compute/initialize.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <glob.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/choices.h"
#include "cli/chunk_reader.h"
#include "cli/command.h"
#include "cli/database.h"
#include "cli/import_chunk.h"
#include "cli/import_record.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/rejected_rows.h"
#include "cli/text.h"
#include "gateway/gateway.h"
#include "model/table_rules.h"
#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

using Json = nlohmann::ordered_json;

/// Changes whenever files are cut into other chunks than before.
constexpr int kPlanVersion = 2;

int64_t EpochMs() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// What became of one file.
struct FileReport {
  std::string file;
  std::string result;  // "imported", "resumed" or "already imported"
  int64_t rows = 0;    // of the file in the table
  int64_t rows_written = 0;  // by this run
  int64_t bytes = 0;
  double seconds = 0;
};

Result<struct stat> StatFile(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    return Status::Invalid(fmt::format("file '{}' cannot be read: {}", path, std::strerror(errno)));
  }
  if (!S_ISREG(info.st_mode)) return Status::Invalid(fmt::format("'{}' is no regular file", path));
  return info;
}

Result<FileOptions> MakeFileOptions(const ImportOptions& options, const std::string& path) {
  FileOptions file;
  WEIR_ASSIGN_OR_RETURN(file.format, FileFormatOf(path, options.format));
  WEIR_ASSIGN_OR_RETURN(file.delimiter, DelimiterOf(path, options.delimiter));
  file.delimiter_given = !options.delimiter.empty();
  file.encoding = options.encoding;
  file.nulls = options.nulls;
  file.header = !options.no_header;
  file.columns = options.columns;
  file.ignore_unknown = options.ignore_unknown;
  file.skip_ragged = !options.rejects.empty();
  return file;
}

// --- the table ---

Result<TableDescriptor> DescribeTable(const ImportOptions& options) {
  const std::string& path = options.files.front();
  WEIR_ASSIGN_OR_RETURN(const FileOptions file_options, MakeFileOptions(options, path));
  WEIR_ASSIGN_OR_RETURN(auto columns, DescribeFile(path, file_options));
  TableDescriptor descriptor;
  Result<Schema> schema = Schema::Make(std::move(columns), options.primary_key);
  if (!schema.ok()) return schema.status().WithContext(fmt::format("file '{}'", path));
  descriptor.schema = schema.MoveValue();
  descriptor.partition_keys = options.partition_by;
  descriptor.bucket_keys = options.bucket_by;
  descriptor.bucket_count = options.buckets;
  for (const std::string& property : options.properties) {
    const size_t equals = property.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Status::Invalid(fmt::format("--property takes KEY=VALUE, not '{}'", property));
    }
    const std::string key = property.substr(0, equals);
    (key.starts_with("table.") ? descriptor.properties : descriptor.custom_properties)[key] =
        property.substr(equals + 1);
  }
  return descriptor;
}

/// What a run with --create asks for must be what the table is, if it is there.
Status CheckAgrees(const TableInfo& table, const ImportOptions& options) {
  const auto check = [&](const char* what, const std::vector<std::string>& asked, const std::vector<std::string>& is) {
    if (asked.empty() || asked == is) return Status::OK();
    return Status::Invalid(fmt::format("table '{}' exists with {} ({}), not ({})", table.path.ToString(), what,
                                       fmt::join(is, ", "), fmt::join(asked, ", ")));
  };
  WEIR_RETURN_NOT_OK(check("primary key", options.primary_key, table.schema().primary_key()));
  WEIR_RETURN_NOT_OK(check("partition keys", options.partition_by, table.descriptor.partition_keys));
  WEIR_RETURN_NOT_OK(check("bucket keys", options.bucket_by, table.descriptor.bucket_keys));
  if (options.buckets && *options.buckets != table.num_buckets()) {
    return Status::Invalid(fmt::format("table '{}' exists with {}, not {}", table.path.ToString(),
                                       Counted(table.num_buckets(), "bucket"), *options.buckets));
  }
  return Status::OK();
}

/// The table that a run works on, and what of it this run has made.
class Target {
 public:
  Target(const Connection& connection, TablePath path) : connection_(connection), path_(std::move(path)) {}

  /// `descriptor`: what the table is to be if it is missing.
  Result<Table> Open(const std::optional<TableDescriptor>& descriptor) {
    Gateway& gateway = connection_.gateway();
    if (descriptor) {
      WEIR_ASSIGN_OR_RETURN(const bool database, Await(gateway.DatabaseExists(path_.database)));
      if (!database) WEIR_RETURN_NOT_OK(AwaitDone(gateway.CreateDatabase(path_.database, {}, true)));
      made_database_ = !database;
      WEIR_RETURN_NOT_OK(AwaitDone(gateway.CreateTable(path_, *descriptor, false)));
      made_table_ = true;
    }
    return Await(connection_.GetTable(path_));
  }

  /// Takes away what was made. What fails at that is no matter beside the error that there is already.
  void Undo() {
    Gateway& gateway = connection_.gateway();
    if (made_table_) (void)AwaitDone(gateway.DropTable(path_, true));
    if (made_database_) (void)AwaitDone(gateway.DropDatabase(path_.database, true, false));
  }

 private:
  const Connection& connection_;
  const TablePath path_;
  bool made_database_ = false;
  bool made_table_ = false;
};

// --- one file ---

/// The import of one file into one table.
class FileImport {
 public:
  FileImport(const Connection& connection, const Table& table, ImportRecords* records, const ImportOptions& options,
             std::shared_ptr<RejectedRows> rejected)
      : gateway_(connection.gateway()), table_(table), records_(*records), options_(options),
        rejected_(std::move(rejected)) {}

  Result<FileReport> Run(const std::string& path) {
    const auto start = std::chrono::steady_clock::now();
    report_.file = path;
    WEIR_RETURN_NOT_OK(Identify(path));
    WEIR_ASSIGN_OR_RETURN(const bool wanted, Begin());
    report_.rows = record_.rows;
    report_.bytes = record_.size;
    if (!wanted) return report_;
    WEIR_RETURN_NOT_OK(Open(path));
    WEIR_RETURN_NOT_OK(SkipDone());
    WEIR_RETURN_NOT_OK(WriteRest());
    report_.rows = record_.rows;
    report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return report_;
  }

  int64_t partitions_created() const { return encoder_ ? encoder_->partitions_created() : 0; }

 private:
  using Chunk = std::shared_ptr<arrow::RecordBatch>;

  /// Which file this is, and how it will be cut.
  Status Identify(const std::string& path) {
    WEIR_ASSIGN_OR_RETURN(const struct stat info, StatFile(path));
    WEIR_ASSIGN_OR_RETURN(file_options_, MakeFileOptions(options_, path));
    std::error_code error;
    record_.table = table_.info().path.ToString();
    record_.source = std::filesystem::canonical(path, error).string();
    record_.table_id = table_.info().table_id;
    record_.size = info.st_size;
    record_.mtime_ns = int64_t{info.st_mtim.tv_sec} * 1000000000 + info.st_mtim.tv_nsec;
    file_options_.rejected = rejected_;
    Json plan{{"version", kPlanVersion},
                    {"format", static_cast<int>(file_options_.format)},
                    {"delimiter", std::string(1, file_options_.delimiter)},
                    {"encoding", file_options_.encoding},
                    {"nulls", options_.nulls},
                    {"header", file_options_.header},
                    {"columns", options_.columns}};
    if (file_options_.skip_ragged) plan["rejects"] = true;
    record_.plan = plan.dump();
    record_.started_ms = EpochMs();
    return Status::OK();
  }

  /// Whether there is something to do; goes on from an earlier run's record where there is one.
  Result<bool> Begin() {
    report_.result = "imported";
    WEIR_ASSIGN_OR_RETURN(const auto earlier, records_.Find(record_.table, record_.source));
    const bool fresh = !earlier || earlier->table_id != record_.table_id || options_.again;
    if (fresh) {
      WEIR_ASSIGN_OR_RETURN(record_.writer_ids, NewWriterIds());
      return true;
    }
    const std::string when = TimeText(earlier->updated_ms);
    const std::string how_far = earlier->finished ? "was imported" : "was imported in part";
    if (earlier->size != record_.size || earlier->mtime_ns != record_.mtime_ns) {
      return Status::Invalid(fmt::format("file '{}' {} into '{}' ({} rows, {}) and has changed since; --again imports "
                                         "all of it once more",
                                         report_.file, how_far, record_.table, Grouped(earlier->rows), when));
    }
    if (earlier->finished) {
      report_.result = "already imported";
      record_.rows = earlier->rows;
      return false;
    }
    if (earlier->plan != record_.plan) {
      return Status::Invalid(
          fmt::format("file '{}' was imported in part with other options ({}); repeat them to go on, "
                      "or start over with --again",
                      report_.file, earlier->plan));
    }
    if (earlier->writer_ids.size() != kPiecesPerChunk) {
      return Status(ErrorCode::kCorruptMessage, "weir.imports holds a damaged row");
    }
    record_ = *earlier;
    saved_ = true;
    in_doubt_ = true;
    report_.result = "resumed";
    return true;
  }

  Status Open(const std::string& path) {
    WEIR_ASSIGN_OR_RETURN(auto file, TableFileReader::Open(path, file_options_, table_.info().schema()));
    BatchCaster::Options cast;
    cast.file = path;
    cast.text = file_options_.format == FileFormat::kCsv || file_options_.format == FileFormat::kJsonLines;
    cast.ignore_unknown = options_.ignore_unknown;
    WEIR_ASSIGN_OR_RETURN(BatchCaster caster, BatchCaster::Make(table_.info(), file->schema(), cast));
    std::vector<int> targets;
    if (table_.info().schema().auto_increment_column()) targets = caster.filled_columns();
    WEIR_ASSIGN_OR_RETURN(encoder_, ChunkEncoder::Make(table_, std::move(targets), options_.create_partitions));
    chunks_.emplace(std::move(file), std::move(caster));
    progress_.emplace(std::filesystem::path(path).filename().string(), chunks_->file().bytes(), true);
    return Status::OK();
  }

  /// Reads past the chunks that are in the table.
  Status SkipDone() {
    int64_t rows = 0;
    for (int64_t chunk = 0; chunk < record_.chunks; ++chunk) {
      WEIR_RETURN_NOT_OK(CheckInterrupted());
      WEIR_ASSIGN_OR_RETURN(const Chunk skipped, chunks_->Next());
      if (skipped == nullptr) break;
      rows += skipped->num_rows();
      progress_->Update(chunks_->file().bytes_read(), rows);
    }
    if (rows == record_.rows) return Status::OK();
    return Status::Invalid(fmt::format("file '{}' holds other rows than when its import began ({} where {} were)",
                                       report_.file, Grouped(rows), Grouped(record_.rows)));
  }

  struct Pending {
    Future<Unit> done;
    int64_t rows = 0;
  };

  /// A chunk is read and encoded while the one before it goes to disk, and is sent only once that
  /// one's checkpoint is there: one chunk at most is ever in doubt.
  Status WriteRest() {
    std::optional<Pending> pending;
    std::vector<int64_t> writer_ids = record_.writer_ids;  // of the chunk at hand
    while (true) {
      const bool stop = Interrupted();
      const Result<Chunk> chunk = stop ? Chunk() : chunks_->Next();
      Result<std::vector<ChunkPart>> parts = std::vector<ChunkPart>();
      if (chunk.ok() && *chunk != nullptr) {
        parts = encoder_->Encode(*chunk, record_.chunks + (pending ? 1 : 0), writer_ids);
      }
      WEIR_RETURN_NOT_OK(Settle(std::exchange(pending, std::nullopt), writer_ids));
      if (stop) return Stopped();
      WEIR_RETURN_NOT_OK(chunk.status());
      WEIR_RETURN_NOT_OK(parts.status());
      if (*chunk == nullptr) break;
      // Only now: a file whose first rows do not fit leaves no trace.
      if (!saved_) WEIR_RETURN_NOT_OK(Save());
      if (std::exchange(in_doubt_, false)) WEIR_RETURN_NOT_OK(DropWritten(&*parts));
      for (const ChunkPart& part : *parts) report_.rows_written += part.rows;
      pending = Pending{SendParts(gateway_, table_.info(), *parts, encoder_->targets()), (*chunk)->num_rows()};
      progress_->Update(chunks_->file().bytes_read(), record_.rows + pending->rows);
      WEIR_ASSIGN_OR_RETURN(writer_ids, NewWriterIds());
    }
    record_.finished = true;
    return Save();
  }

  /// Waits for the chunk that is on its way and takes it into the record, with the writer ids of the next.
  Status Settle(std::optional<Pending> pending, const std::vector<int64_t>& next_writer_ids) {
    if (!pending) return Status::OK();
    WEIR_RETURN_NOT_OK(AwaitDone(pending->done));
    ++record_.chunks;
    record_.rows += pending->rows;
    record_.writer_ids = next_writer_ids;
    return Save();
  }

  Status Stopped() const {
    return Status::Invalid(fmt::format("interrupted after {} of '{}'; the same command goes on from there",
                                       Counted(record_.rows, "row"), report_.file));
  }

  /// An earlier run may have sent the chunk: what its buckets have of it is not sent again.
  Status DropWritten(std::vector<ChunkPart>* parts) {
    const std::set<int64_t> ids(record_.writer_ids.begin(), record_.writer_ids.end());
    std::map<TableBucket, std::set<int64_t>> written;
    for (const ChunkPart& part : *parts) {
      if (written.contains(part.bucket)) continue;
      WEIR_ASSIGN_OR_RETURN(written[part.bucket], WritersInLog(gateway_, part.bucket, ids));
    }
    std::erase_if(*parts, [&](const ChunkPart& part) { return written.at(part.bucket).contains(part.writer_id); });
    return Status::OK();
  }

  Result<std::vector<int64_t>> NewWriterIds() {
    std::vector<int64_t> ids;
    for (int i = 0; i < kPiecesPerChunk; ++i) {
      WEIR_ASSIGN_OR_RETURN(const int64_t id, Await(gateway_.InitWriter({table_.info().path})));
      ids.push_back(id);
    }
    return ids;
  }

  Status Save() {
    record_.updated_ms = EpochMs();
    saved_ = true;
    WEIR_ASSIGN_OR_RETURN(const Future<Unit> saved, records_.Put(record_));
    return AwaitDone(saved);
  }

  Gateway& gateway_;
  const Table& table_;
  ImportRecords& records_;
  const ImportOptions& options_;
  const std::shared_ptr<RejectedRows> rejected_;  // null: there are none
  FileOptions file_options_;
  FileReport report_;
  ImportRecord record_;
  bool saved_ = false;     // the record is in weir.imports
  bool in_doubt_ = false;  // the next chunk may be in the table
  std::optional<ChunkEncoder> encoder_;
  std::optional<ChunkReader> chunks_;
  std::optional<Progress> progress_;
};

// --- report ---

struct ImportReport {
  std::vector<FileReport> files;
  int64_t rows_written = 0;
  int64_t bytes = 0;
  int64_t partitions_created = 0;
  int64_t rows_rejected = 0;
  double seconds = 0;
};

double PerSecond(int64_t count, double seconds) { return seconds > 0 ? static_cast<double>(count) / seconds : 0; }

void PrintJson(const ImportReport& report, const TablePath& table, const Status& status) {
  Json json{{"table", table.ToString()}, {"files", Json::array()}};
  for (const FileReport& file : report.files) {
    json["files"].push_back({{"file", file.file},
                             {"result", file.result},
                             {"rows", file.rows},
                             {"rows_written", file.rows_written},
                             {"bytes", file.bytes},
                             {"seconds", file.seconds}});
  }
  json["rows_written"] = report.rows_written;
  json["rows_rejected"] = report.rows_rejected;
  json["partitions_created"] = report.partitions_created;
  json["seconds"] = report.seconds;
  json["rows_per_second"] = PerSecond(report.rows_written, report.seconds);
  json["error"] = status.ok() ? Json() : Json(status.message());
  fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
}

void PrintFile(const FileReport& file, const TablePath& table) {
  if (file.result == "already imported") {
    fmt::print("{}: {} has all {} of it already (--again imports it once more)\n", file.file, table.ToString(),
               Counted(file.rows, "row"));
    return;
  }
  fmt::print("{}: {} {} into {} in {:.2f} s, {} rows/s, {}/s\n", file.file, file.result,
             Counted(file.rows_written, "row"), table.ToString(), file.seconds,
             Grouped(static_cast<int64_t>(PerSecond(file.rows_written, file.seconds))),
             ByteText(static_cast<int64_t>(PerSecond(file.bytes, file.seconds))));
}

Status ImportFiles(const Table& table, const ImportOptions& options, ImportReport* report) {
  WEIR_ASSIGN_OR_RETURN(ImportRecords records, ImportRecords::Open(table.connection()));
  const auto rejected = options.rejects.empty() ? nullptr : std::make_shared<RejectedRows>(options.rejects);
  for (const std::string& path_of_file : options.files) {
    FileImport import(table.connection(), table, &records, options, rejected);
    const Result<FileReport> file = import.Run(path_of_file);
    report->partitions_created += import.partitions_created();
    WEIR_RETURN_NOT_OK(file.status());
    report->files.push_back(*file);
    report->rows_written += file->rows_written;
    report->bytes += file->bytes;
    if (!options.json) PrintFile(*file, table.info().path);
  }
  if (rejected == nullptr) return Status::OK();
  report->rows_rejected = rejected->count();
  if (!options.json && report->rows_rejected > 0) {
    fmt::print("{} with a wrong number of cells left out: {}\n", Counted(report->rows_rejected, "row"),
               options.rejects);
  }
  return rejected->Close();
}

/// A table that is missing is made where --create says so: as `described`, or else as the first file describes it.
Status ImportInto(const Connection& connection, const TablePath& path, const ImportOptions& options,
                  std::optional<TableDescriptor> described, ImportReport* report) {
  if (options.create) {
    WEIR_ASSIGN_OR_RETURN(const bool exists, Await(connection.gateway().TableExists(path)));
    if (exists) {
      described.reset();
    } else if (!described) {
      WEIR_ASSIGN_OR_RETURN(described, DescribeTable(options));
    }
  }
  Target target(connection, path);
  const auto import = [&]() -> Status {
    WEIR_ASSIGN_OR_RETURN(const Table table, target.Open(described));
    if (options.create) WEIR_RETURN_NOT_OK(CheckAgrees(table.info(), options));
    return ImportFiles(table, options, report);
  };
  const Status status = import();
  // What was interrupted goes on when it is repeated, and a file that is whole in the table stays there.
  if (!status.ok() && !Interrupted() && report->files.empty()) target.Undo();
  return status;
}

/// Patterns give the files that they fit, in the order of their names. A file that is called so is itself.
Result<std::vector<std::string>> ExpandPatterns(const std::vector<std::string>& files) {
  std::vector<std::string> expanded;
  for (const std::string& file : files) {
    std::error_code error;
    if (file.find_first_of("*?[") == std::string::npos || std::filesystem::exists(file, error)) {
      expanded.push_back(file);
      continue;
    }
    glob_t found{};
    const int failed = ::glob(file.c_str(), 0, nullptr, &found);
    for (size_t i = 0; failed == 0 && i < found.gl_pathc; ++i) expanded.emplace_back(found.gl_pathv[i]);
    ::globfree(&found);
    if (failed != 0) return Status::Invalid(fmt::format("no file fits '{}'", file));
  }
  return expanded;
}

Status CheckOptions(const ImportOptions& options) {
  if (options.no_header && options.columns.empty()) {
    return Status::Invalid("--no-header needs the names of the file's columns: --columns a,b,c");
  }
  const bool describes = !options.partition_by.empty() || !options.primary_key.empty() || options.buckets ||
                         !options.bucket_by.empty() || !options.properties.empty();
  if (describes && !options.create) {
    return Status::Invalid("--partition-by, --primary-key, --buckets, --bucket-by and --property go with --create");
  }
  for (const std::string& file : options.files) {
    WEIR_RETURN_NOT_OK(MakeFileOptions(options, file).status());
    WEIR_RETURN_NOT_OK(StatFile(file).status());
  }
  return Status::OK();
}

}  // namespace

Status RunImport(const ImportOptions& asked) {
  CatchInterrupts();
  ImportOptions options = asked;
  WEIR_ASSIGN_OR_RETURN(options.files, ExpandPatterns(asked.files));
  WEIR_RETURN_NOT_OK(CheckOptions(options));
  WEIR_RETURN_NOT_OK(FromArrow(arrow::compute::Initialize()));
  WEIR_ASSIGN_OR_RETURN(const TablePath path, ParseTablePath(options.table));
  const auto start = std::chrono::steady_clock::now();
  std::optional<TableDescriptor> described;
  if (options.create && !RequireDatabase(options.directory).ok()) {
    // Before the database is made, since a file that cannot be read makes none, nor does one without a table for it.
    WEIR_ASSIGN_OR_RETURN(described, DescribeTable(options));
    WEIR_RETURN_NOT_OK(CompleteDescriptor(*described, {}).status().WithContext(options.files.front()));
  }
  const auto use = options.create ? DatabaseUse::kCreate : DatabaseUse::kWrite;
  WEIR_ASSIGN_OR_RETURN(const Connection connection, OpenDatabase(options.directory, use));
  ImportReport report;
  Status status = ImportInto(connection, path, options, std::move(described), &report);
  const Status closed = AwaitDone(connection.Close());
  if (status.ok()) status = closed;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (options.json) PrintJson(report, path, status);
  return status;
}

void AddImport(CLI::App& app, Action* action) {
  CLI::App* command = app.add_subcommand(
      "import", "Loads CSV, JSON lines, Parquet and Arrow files into a table, each exactly once: repeat a command that "
                "was cut short and it goes on where it stopped.");
  const auto options = std::make_shared<ImportOptions>();
  command->add_option("directory", options->directory, "Database directory; with --create made if missing")
      ->required()
      ->type_name("DIR");
  command->add_option("table", options->table, "DATABASE.TABLE (without a database: fluss)")
      ->required()
      ->type_name("NAME");
  command->add_option("files", options->files, "Files to load, or patterns of their names ('2024-*.csv')")
      ->required()
      ->type_name("FILE");
  TakeOneOf(command->add_option("--format", options->format, "Format of the files (default: by extension)"),
            FileFormatNames());
  command->add_option("--columns", options->columns, "Columns of the files to load, by name (default: all)")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_flag("--ignore-unknown", options->ignore_unknown, "Leaves out file columns that the table lacks");
  command->add_option("--rejects", options->rejects,
                      "Leaves out CSV rows with more or fewer cells than the header, and writes them to this file")
      ->type_name("FILE");
  command->add_option("--delimiter", options->delimiter,
                      "What separates CSV cells; \\t is a tab (default: a comma, in .tsv files a tab)");
  command->add_option("--encoding", options->encoding,
                      "Encoding of text files: utf-8, utf-16, latin-1, windows-1252 or another that iconv knows "
                      "(default: UTF-8, or what the byte order mark says)");
  command->add_option("--null", options->nulls, "CSV cell that stands for NULL, besides the empty one; can be repeated")
      ->allow_extra_args(false);
  command->add_flag("--no-header", options->no_header,
                    "The first line of a CSV file is a row; --columns names its cells");
  command->add_flag("--create-partitions", options->create_partitions, "Makes the partitions that the rows need");
  command->add_flag("--again", options->again, "Loads a file from its start although it was loaded before");
  command->add_flag("--json", options->json, "Prints a report in JSON");
  command->add_flag("--create", options->create, "Makes the table from the first file's columns if it is missing")
      ->group("Options for --create");
  command->add_option("--partition-by", options->partition_by, "Partition columns")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group("Options for --create");
  command->add_option("--primary-key", options->primary_key, "Primary key columns")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group("Options for --create");
  command->add_option("--buckets", options->buckets, "Buckets of each partition")->group("Options for --create");
  command->add_option("--bucket-by", options->bucket_by, "Columns that choose a row's bucket")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group("Options for --create");
  command->add_option("--property", options->properties, "KEY=VALUE; can be repeated")
      ->allow_extra_args(false)
      ->group("Options for --create");
  command->callback([options, action] { *action = [options] { return RunImport(*options); }; });
}

}  // namespace weir
