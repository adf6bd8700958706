#include "cli/inspect.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "cli/command.h"
#include "cli/database.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/text.h"
#include "gateway/embedded/directory_check.h"
#include "gateway/embedded/directory_lock.h"
#include "gateway/embedded/embedded_gateway.h"

namespace weir {
namespace {

using Json = nlohmann::ordered_json;

/// Sums over buckets. `rows` counts only buckets whose rows are known.
struct Totals {
  int64_t buckets = 0;
  int64_t rows = 0;
  int64_t unknown_rows = 0;  // buckets
  int64_t bytes = 0;
  int64_t segments = 0;

  void Add(const BucketReport& bucket) {
    ++buckets;
    rows += bucket.rows.value_or(0);
    unknown_rows += bucket.rows ? 0 : 1;
    bytes += bucket.log.bytes;
    segments += bucket.log.segments;
  }
  void Add(const Totals& other) {
    buckets += other.buckets;
    rows += other.rows;
    unknown_rows += other.unknown_rows;
    bytes += other.bytes;
    segments += other.segments;
  }
  std::string RowText() const { return Grouped(rows) + (unknown_rows > 0 ? "+?" : ""); }
};

struct PartitionView {
  std::string name;  // empty: the table is not partitioned
  std::optional<int64_t> id;
  std::vector<BucketReport> buckets;
  Totals totals;
};

struct TableView {
  TableInfo info;
  std::vector<PartitionView> partitions;  // one without a name when the table is not partitioned
  Totals totals;

  bool partitioned() const { return info.descriptor.is_partitioned(); }
  int64_t num_partitions() const { return partitioned() ? static_cast<int64_t>(partitions.size()) : 0; }
  std::string kind() const { return info.descriptor.has_primary_key() ? "primary key" : "log"; }
};

struct DatabaseView {
  DatabaseInfo info;
  std::vector<TableView> tables;
};

/// A bucket that cannot be read at all is reported, and the others still are.
BucketReport Look(Gateway& gateway, const TableBucket& bucket, bool check) {
  Result<BucketReport> report = InspectBucket(gateway, bucket, {.batches = false, .keys = check});
  if (report.ok()) return report.MoveValue();
  BucketReport failed;
  failed.bucket = bucket;
  failed.status = report.status();
  return failed;
}

Result<TableView> ViewTable(Gateway& gateway, const TablePath& path, bool check) {
  TableView table;
  WEIR_ASSIGN_OR_RETURN(table.info, Await(gateway.GetTableInfo(path)));
  if (table.partitioned()) {
    WEIR_ASSIGN_OR_RETURN(const auto partitions, Await(gateway.ListPartitionInfos(path, {})));
    for (const PartitionInfo& info : partitions)
      table.partitions.push_back({info.partition_name, info.partition_id, {}, {}});
  } else {
    table.partitions.emplace_back();
  }
  const int32_t buckets = table.info.num_buckets();
  Progress progress("reading " + path.ToString(), static_cast<int64_t>(table.partitions.size()) * buckets, false);
  int64_t done = 0;
  for (PartitionView& partition : table.partitions) {
    for (int32_t bucket = 0; bucket < buckets; ++bucket) {
      WEIR_RETURN_NOT_OK(CheckInterrupted());
      partition.buckets.push_back(Look(gateway, {table.info.table_id, partition.id, bucket}, check));
      partition.totals.Add(partition.buckets.back());
      progress.Update(++done);
    }
    table.totals.Add(partition.totals);
  }
  return table;
}

Result<DatabaseView> ViewDatabase(Gateway& gateway, const std::string& name, bool check) {
  DatabaseView view;
  WEIR_ASSIGN_OR_RETURN(view.info, Await(gateway.GetDatabaseInfo(name)));
  WEIR_ASSIGN_OR_RETURN(const auto tables, Await(gateway.ListTables(name)));
  for (const std::string& table : tables) {
    WEIR_ASSIGN_OR_RETURN(TableView table_view, ViewTable(gateway, {name, table}, check));
    view.tables.push_back(std::move(table_view));
  }
  return view;
}

bool NamesTable(const std::string& target) { return target.find('.') != std::string::npos; }

/// A name without a dot is a database, or else a table of `fluss`, as for the other commands. Makes it a full one.
Status CompleteTarget(Gateway& gateway, std::string* target) {
  if (target->empty() || NamesTable(*target)) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const bool database, Await(gateway.DatabaseExists(*target)));
  if (database) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const TablePath path, ParseTablePath(*target));
  WEIR_ASSIGN_OR_RETURN(const bool table, Await(gateway.TableExists(path)));
  if (!table) {
    return {ErrorCode::kTableNotExist,
            fmt::format("there is neither a database '{}' nor a table '{}'", *target, path.ToString())};
  }
  *target = path.ToString();
  return Status::OK();
}

Result<std::vector<DatabaseView>> View(Gateway& gateway, const std::string& target, bool check) {
  std::vector<DatabaseView> views;
  if (NamesTable(target)) {
    WEIR_ASSIGN_OR_RETURN(const TablePath path, ParseTablePath(target));
    DatabaseView& view = views.emplace_back();
    WEIR_ASSIGN_OR_RETURN(view.info, Await(gateway.GetDatabaseInfo(path.database)));
    WEIR_ASSIGN_OR_RETURN(TableView table, ViewTable(gateway, path, check));
    view.tables.push_back(std::move(table));
    return views;
  }
  std::vector<std::string> names{target};
  if (target.empty()) {
    WEIR_ASSIGN_OR_RETURN(names, Await(gateway.ListDatabases()));
  }
  for (const std::string& name : names) {
    WEIR_ASSIGN_OR_RETURN(DatabaseView view, ViewDatabase(gateway, name, check));
    views.push_back(std::move(view));
  }
  return views;
}

// --- text ---

void PrintOverview(const DatabaseView& database) {
  fmt::print("{}{}\n", database.info.name,
             database.info.descriptor.comment ? ": " + *database.info.descriptor.comment : "");
  if (database.tables.empty()) {
    fmt::print("  no tables\n");
    return;
  }
  TextTable text({"TABLE", "KIND", ">PARTITIONS", ">BUCKETS", ">ROWS", ">BYTES"});
  for (const TableView& table : database.tables) {
    text.Add({table.info.path.table, table.kind(), table.partitioned() ? Grouped(table.num_partitions()) : "-",
              Grouped(table.totals.buckets), table.totals.RowText(), ByteText(table.totals.bytes)});
  }
  fmt::print("{}", text.ToString("  "));
}

std::string RoleOf(const TableDescriptor& descriptor, const std::string& column) {
  std::vector<std::string> roles;
  const auto add = [&](const std::vector<std::string>& columns, const char* role) {
    const auto found = std::find(columns.begin(), columns.end(), column);
    if (found == columns.end()) return;
    roles.push_back(columns.size() == 1 ? role : fmt::format("{} {}", role, found - columns.begin() + 1));
  };
  add(descriptor.schema.primary_key(), "primary key");
  add(descriptor.partition_keys, "partition key");
  add(descriptor.bucket_keys, "bucket key");
  if (descriptor.schema.auto_increment_column() == column) roles.push_back("auto increment");
  return fmt::format("{}", fmt::join(roles, ", "));
}

void PrintDetails(const TableView& table) {
  const TableDescriptor& descriptor = table.info.descriptor;
  fmt::print("{}: {} table, id {}, schema {}, created {}\n", table.info.path.ToString(), table.kind(),
             table.info.table_id, table.info.schema_id, TimeText(table.info.created_time));
  if (descriptor.comment) fmt::print("{}\n", *descriptor.comment);
  TextTable columns({"COLUMN", "TYPE", "ROLE", "COMMENT"});
  for (const Column& column : table.info.schema().columns()) {
    columns.Add({column.name, column.type.ToString(), RoleOf(descriptor, column.name), column.comment.value_or("")});
  }
  fmt::print("\n{}\n", columns.ToString("  "));
  for (const auto* properties : {&descriptor.properties, &descriptor.custom_properties}) {
    for (const auto& [key, value] : *properties) fmt::print("  {} = {}\n", key, value);
  }
  const Totals& totals = table.totals;
  std::string partitions;
  if (table.partitioned()) partitions = Counted(table.num_partitions(), "partition") + ", ";
  fmt::print("\n  {}{}, {} rows, {} in {}\n", partitions, Counted(totals.buckets, "bucket"), totals.RowText(),
             ByteText(totals.bytes), Counted(totals.segments, "segment"));
  if (table.num_partitions() > 0) {
    fmt::print("  partitions from {} to {}\n", table.partitions.front().name, table.partitions.back().name);
  }
}

void PrintPartitions(const TableView& table) {
  if (!table.partitioned()) return;
  TextTable text({"PARTITION", ">ID", ">ROWS", ">BYTES", ">SEGMENTS"});
  for (const PartitionView& partition : table.partitions) {
    text.Add({partition.name, std::to_string(*partition.id), partition.totals.RowText(),
              ByteText(partition.totals.bytes), Grouped(partition.totals.segments)});
  }
  fmt::print("\n{}\n{}", table.info.path.ToString(), text.ToString("  "));
}

void PrintBuckets(const TableView& table) {
  TextTable text({"PARTITION", ">BUCKET", ">EARLIEST", ">LATEST", ">ROWS", ">BYTES", ">SEGMENTS"});
  for (const PartitionView& partition : table.partitions) {
    for (const BucketReport& bucket : partition.buckets) {
      text.Add({partition.name.empty() ? "-" : partition.name, std::to_string(bucket.bucket.bucket_id),
                Grouped(bucket.log.start_offset), Grouped(bucket.log.end_offset),
                bucket.rows ? Grouped(*bucket.rows) : "?", ByteText(bucket.log.bytes), Grouped(bucket.log.segments)});
    }
  }
  fmt::print("\n{}\n{}", table.info.path.ToString(), text.ToString("  "));
}

// --- findings ---

/// A bucket whose rows cannot be had.
struct Unreadable {
  std::string name;
  Status why;
};

/// A bucket with rows that belong into others.
struct Misplaced {
  std::string name;
  int64_t rows = 0;
};

struct Findings {
  std::vector<FileDamage> files;      // but for segments
  std::vector<BucketCheck> buckets;   // those that were asked for
  std::vector<Unreadable> unreadable;
  std::vector<Misplaced> misplaced;
  Status open;  // why the database does not open

  int64_t Count(int64_t LogReport::* number) const {
    return std::accumulate(buckets.begin(), buckets.end(), int64_t{0},
                           [&](int64_t sum, const BucketCheck& bucket) { return sum + bucket.log.*number; });
  }
  int64_t places() const {
    return std::accumulate(buckets.begin(), buckets.end(), static_cast<int64_t>(files.size()),
                           [](int64_t sum, const BucketCheck& bucket) {
                             return sum + static_cast<int64_t>(bucket.log.damage.size()) + (bucket.known ? 0 : 1);
                           });
  }
  int64_t damaged_segments() const {
    std::set<std::string> segments;
    for (const BucketCheck& bucket : buckets) {
      for (const LogDamage& damage : bucket.log.damage) segments.insert(damage.path);
    }
    return static_cast<int64_t>(segments.size());
  }
  bool clean() const { return open.ok() && places() == 0 && unreadable.empty(); }
};

std::string Name(const TableView& table, const PartitionView& partition, const BucketReport& bucket) {
  return fmt::format("{}{} bucket {}", table.info.path.ToString(),
                     partition.name.empty() ? "" : fmt::format(" partition {}", partition.name),
                     bucket.bucket.bucket_id);
}

/// Rows that a database which is open for reading only does not show are not damaged, and those in a bucket that is not
/// theirs are not, either.
void AddRowFindings(const std::vector<DatabaseView>& databases, Findings* findings) {
  for (const DatabaseView& database : databases) {
    for (const TableView& table : database.tables) {
      for (const PartitionView& partition : table.partitions) {
        for (const BucketReport& bucket : partition.buckets) {
          if (bucket.misplaced_rows > 0) {
            findings->misplaced.push_back({Name(table, partition, bucket), bucket.misplaced_rows});
          }
          if (bucket.status.ok() || bucket.status.code() == ErrorCode::kClientError) continue;
          findings->unreadable.push_back({Name(table, partition, bucket), bucket.status});
        }
      }
    }
  }
}

bool IsAskedFor(const BucketCheck& bucket, const std::string& target) {
  return target.empty() || !bucket.known || bucket.path.database == target || bucket.path.ToString() == target;
}

/// Looks at the files before the database is opened, which may mend or hide what is wrong with them.
Status CheckFiles(const InspectOptions& options, Findings* findings) {
  const std::filesystem::path directory = std::filesystem::absolute(options.directory).lexically_normal();
  WEIR_ASSIGN_OR_RETURN(const DirectoryLock lock, DirectoryLock::AcquireShared(directory));
  WEIR_ASSIGN_OR_RETURN(DirectoryReport report, CheckDirectory(directory));
  findings->files = std::move(report.files);
  const bool is_database = std::ranges::any_of(report.buckets, [&](const BucketCheck& bucket) {
    return bucket.known && bucket.path.database == options.target;
  });
  std::string target = options.target;
  if (!is_database && !target.empty()) {
    WEIR_ASSIGN_OR_RETURN(const TablePath path, ParseTablePath(target));
    target = path.ToString();
  }
  for (BucketCheck& bucket : report.buckets) {
    if (!IsAskedFor(bucket, target)) continue;
    if (!bucket.status.ok()) findings->unreadable.push_back({bucket.Name(), bucket.status});
    findings->buckets.push_back(std::move(bucket));
  }
  return Status::OK();
}

std::string LostText(const LogDamage& damage) {
  if (damage.to_offset <= damage.from_offset) return "";
  return fmt::format("; offsets {} to {} are lost", damage.from_offset, damage.to_offset - 1);
}

void PrintFindings(const Findings& findings, bool checked) {
  for (const FileDamage& damage : findings.files) {
    fmt::print("damaged: file '{}'{}: {}\n", damage.path,
               damage.position < 0 ? "" : fmt::format(" at position {}", damage.position), damage.what);
  }
  for (const BucketCheck& bucket : findings.buckets) {
    if (!bucket.known) {
      fmt::print("unknown: {}: '{}' holds a log that the catalog does not know\n", bucket.Name(),
                 bucket.directory.string());
    }
    for (const LogDamage& damage : bucket.log.damage) {
      fmt::print("damaged: {}: segment '{}' at position {}: {}{}\n", bucket.Name(), damage.path, damage.position,
                 damage.what, LostText(damage));
    }
    if (bucket.log.torn_bytes > 0) {
      fmt::print("unfinished: {}: {} at the end of a write that was never acknowledged; the next write cuts them off\n",
                 bucket.Name(), Counted(bucket.log.torn_bytes, "byte"));
    }
  }
  for (const Unreadable& bucket : findings.unreadable) {
    fmt::print("unreadable: {}: {}\n", bucket.name, bucket.why.message());
  }
  for (const Misplaced& bucket : findings.misplaced) {
    fmt::print("misplaced: {}: {} that belong into other buckets by their keys: scans give them, lookups do not\n",
               bucket.name, Counted(bucket.rows, "row"));
  }
  if (!findings.open.ok()) fmt::print("unreadable: the database does not open: {}\n", findings.open.message());
  if (!checked || !findings.clean()) return;
  fmt::print("\nchecked {} in {}: no damage\n", Counted(findings.Count(&LogReport::checked_batches), "batch"),
             Counted(findings.Count(&LogReport::segments), "segment"));
}

// --- JSON ---

void AddTotals(Json* json, const Totals& totals) {
  (*json)["buckets"] = totals.buckets;
  (*json)["rows"] = totals.unknown_rows > 0 ? Json() : Json(totals.rows);
  (*json)["bytes"] = totals.bytes;
  (*json)["segments"] = totals.segments;
}

Json BucketJson(const BucketReport& bucket) {
  Json json{{"bucket", bucket.bucket.bucket_id},
            {"earliest_offset", bucket.log.start_offset},
            {"latest_offset", bucket.log.end_offset},
            {"rows", bucket.rows ? Json(*bucket.rows) : Json()},
            {"bytes", bucket.log.bytes},
            {"segments", bucket.log.segments},
            {"torn_bytes", bucket.log.torn_bytes}};
  if (!bucket.status.ok()) json["error"] = bucket.status.ToString();
  return json;
}

Json BucketsJson(const PartitionView& partition) {
  Json json = Json::array();
  for (const BucketReport& bucket : partition.buckets) json.push_back(BucketJson(bucket));
  return json;
}

Json TableJson(const TableView& table, const InspectOptions& options) {
  const TableDescriptor& descriptor = table.info.descriptor;
  Json json{{"name", table.info.path.table},
            {"id", table.info.table_id},
            {"schema_id", table.info.schema_id},
            {"kind", descriptor.has_primary_key() ? "primary_key" : "log"}};
  if (descriptor.comment) json["comment"] = *descriptor.comment;
  json["created"] = table.info.created_time;
  json["columns"] = Json::array();
  for (const Column& column : table.info.schema().columns()) {
    Json one{{"name", column.name}, {"type", column.type.ToString()}, {"nullable", column.type.nullable()}};
    if (column.comment) one["comment"] = *column.comment;
    json["columns"].push_back(std::move(one));
  }
  json["primary_key"] = table.info.schema().primary_key();
  json["partition_keys"] = descriptor.partition_keys;
  json["bucket_keys"] = descriptor.bucket_keys;
  json["buckets_per_partition"] = table.info.num_buckets();
  json["properties"] = descriptor.properties;
  json["custom_properties"] = descriptor.custom_properties;
  json["partitions"] = table.num_partitions();
  AddTotals(&json, table.totals);
  if (options.partitions && table.partitioned()) {
    json["partition_list"] = Json::array();
    for (const PartitionView& partition : table.partitions) {
      Json one{{"name", partition.name}, {"id", *partition.id}};
      AddTotals(&one, partition.totals);
      if (options.buckets) one["bucket_list"] = BucketsJson(partition);
      json["partition_list"].push_back(std::move(one));
    }
  } else if (options.buckets) {
    json["bucket_list"] = Json::array();
    for (const PartitionView& partition : table.partitions) {
      for (Json& bucket : BucketsJson(partition)) {
        if (table.partitioned()) bucket["partition"] = partition.name;
        json["bucket_list"].push_back(std::move(bucket));
      }
    }
  }
  return json;
}

Json DamageJson(const BucketCheck& bucket, const LogDamage& damage) {
  Json json{{"table", bucket.path.ToString()}};
  if (!bucket.partition.empty()) json["partition"] = bucket.partition;
  json["bucket"] = bucket.bucket.bucket_id;
  json["segment"] = damage.path;
  json["position"] = damage.position;
  json["what"] = damage.what;
  json["from_offset"] = damage.from_offset;
  json["to_offset"] = damage.to_offset < 0 ? Json() : Json(damage.to_offset);
  return json;
}

Json CheckJson(const Findings& findings) {
  Json json{{"batches", findings.Count(&LogReport::checked_batches)},
            {"segments", findings.Count(&LogReport::segments)},
            {"damaged_segments", findings.damaged_segments()},
            {"unreadable_buckets", static_cast<int64_t>(findings.unreadable.size())},
            {"torn_bytes", findings.Count(&LogReport::torn_bytes)},
            {"damage", Json::array()},
            {"files", Json::array()},
            {"unknown_logs", Json::array()},
            {"misplaced", Json::array()}};
  for (const Misplaced& bucket : findings.misplaced) {
    json["misplaced"].push_back({{"bucket", bucket.name}, {"rows", bucket.rows}});
  }
  for (const BucketCheck& bucket : findings.buckets) {
    for (const LogDamage& damage : bucket.log.damage) json["damage"].push_back(DamageJson(bucket, damage));
    if (!bucket.known) json["unknown_logs"].push_back(bucket.directory.string());
  }
  for (const FileDamage& damage : findings.files) {
    json["files"].push_back({{"file", damage.path},
                             {"position", damage.position < 0 ? Json() : Json(damage.position)},
                             {"what", damage.what}});
  }
  if (!findings.open.ok()) json["error"] = findings.open.ToString();
  return json;
}

void PrintJson(const std::vector<DatabaseView>& databases, const Findings& findings, const InspectOptions& options) {
  Json json{{"directory", options.directory}, {"databases", Json::array()}};
  for (const DatabaseView& database : databases) {
    Json one{{"name", database.info.name}};
    if (database.info.descriptor.comment) one["comment"] = *database.info.descriptor.comment;
    one["tables"] = Json::array();
    for (const TableView& table : database.tables) one["tables"].push_back(TableJson(table, options));
    json["databases"].push_back(std::move(one));
  }
  if (options.check) json["check"] = CheckJson(findings);
  fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
}

void PrintText(const std::vector<DatabaseView>& databases, const Findings& findings, const InspectOptions& options) {
  const bool one_table = NamesTable(options.target);
  for (size_t i = 0; i < databases.size(); ++i) {
    if (one_table) {
      PrintDetails(databases[i].tables.front());
    } else {
      if (i > 0) fmt::print("\n");
      PrintOverview(databases[i]);
    }
    for (const TableView& table : databases[i].tables) {
      if (options.partitions) PrintPartitions(table);
      if (options.buckets) PrintBuckets(table);
    }
  }
  PrintFindings(findings, options.check);
}

/// Completes the name of what is asked for.
Result<std::vector<DatabaseView>> OpenAndView(InspectOptions* options) {
  EmbeddedOptions open;
  open.maintenance_interval_ms = -1;
  open.read_only = options->read_only || !IsWritable(options->directory);
  WEIR_ASSIGN_OR_RETURN(const auto gateway, OpenEmbedded(options->directory, open));
  WEIR_RETURN_NOT_OK(CompleteTarget(*gateway, &options->target));
  WEIR_ASSIGN_OR_RETURN(auto databases, View(*gateway, options->target, options->check));
  WEIR_RETURN_NOT_OK(gateway->Close());
  return databases;
}

}  // namespace

Status RunInspect(InspectOptions options) {
  CatchInterrupts();
  WEIR_RETURN_NOT_OK(RequireDatabase(options.directory));
  Findings findings;
  if (options.check) WEIR_RETURN_NOT_OK(CheckFiles(options, &findings));
  Result<std::vector<DatabaseView>> databases = OpenAndView(&options);
  // What damage does to the database is among the findings; other errors, such as an unknown table, are not.
  if (!databases.ok() && findings.clean()) return databases.status();
  findings.open = databases.status();
  if (databases.ok()) AddRowFindings(*databases, &findings);
  const std::vector<DatabaseView> views = databases.ok() ? databases.MoveValue() : std::vector<DatabaseView>();
  if (options.json) {
    PrintJson(views, findings, options);
  } else {
    PrintText(views, findings, options);
  }
  if (!options.check || findings.clean()) return Status::OK();
  return {ErrorCode::kCorruptMessage,
          fmt::format("'{}' is damaged: {} ({}), {} that cannot be read; 'weir repair {}' tells what can be saved",
                      options.directory, Counted(findings.damaged_segments(), "damaged segment"),
                      Counted(findings.places(), "place"),
                      Counted(static_cast<int64_t>(findings.unreadable.size()), "bucket"), options.directory)};
}

void AddInspect(CLI::App& app, Action* action) {
  CLI::App* command = app.add_subcommand("inspect", "Shows what a database holds, and checks it for damage.");
  const auto options = std::make_shared<InspectOptions>();
  command->add_option("directory", options->directory, "Database directory")->required()->type_name("DIR");
  command
      ->add_option("target", options->target, "DATABASE, DATABASE.TABLE or a table of fluss to look at (default: all)")
      ->type_name("NAME");
  command->add_flag("--partitions", options->partitions, "Lists every partition");
  command->add_flag("--buckets", options->buckets, "Lists every bucket: offsets, rows, bytes, segments");
  command->add_flag("--check", options->check,
                    "Reads every file of the database, and names what is damaged or missing; exit status 1 if so");
  command->add_flag("--read-only", options->read_only,
                    "Writes nothing, not even what recovery must; so it is where the directory cannot be written to");
  command->add_flag("--json", options->json, "Prints JSON");
  command->callback([options, action] { *action = [options] { return RunInspect(*options); }; });
}

}  // namespace weir
