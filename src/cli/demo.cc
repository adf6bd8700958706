#include "cli/demo.h"

#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>

#include "cli/flights.h"
#include "cli/text.h"
#include "gateway/gateway.h"
#include "types/arrow_rows.h"
#include "types/arrow_status.h"
#include "weir/client.h"

namespace weir {
namespace {

const TablePath kFlights{"nyc", "flights"};           // log table
const TablePath kDepartures{"nyc", "departures"};     // PK table
const TablePath kRuns{"nyc", "runs"};                 // one record a run of this demo
const std::vector<std::string> kPartitionKeys{"origin", "month"};
constexpr int kLookups = 10000;

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

void Line(std::string_view label, const std::string& text) { fmt::print("{:<12}{}\n", label, text); }

std::string LoadFigures(int64_t rows, double seconds) {
  if (rows == 0) return "all there already";
  return fmt::format("{} rows in {:.2f} s, {} rows/s", Grouped(rows), seconds,
                     Grouped(static_cast<int64_t>(static_cast<double>(rows) / seconds)));
}

template <typename T>
Result<T> Wait(const Future<T>& future) {
  return future.Wait();
}

Status WaitFor(const Future<Unit>& future) { return future.Wait().status(); }

Status CreateTables(Gateway& gateway) {
  WEIR_RETURN_NOT_OK(WaitFor(gateway.CreateDatabase("nyc", {.comment = "Flights from New York, 2013"}, true)));
  for (const bool primary_key : {false, true}) {
    TableDescriptor descriptor;
    descriptor.schema = FlightsSchema(primary_key);
    descriptor.partition_keys = kPartitionKeys;
    descriptor.bucket_count = 1;
    WEIR_RETURN_NOT_OK(WaitFor(gateway.CreateTable(primary_key ? kDepartures : kFlights, descriptor, true)));
  }
  TableDescriptor runs;
  WEIR_ASSIGN_OR_RETURN(runs.schema, Schema::Make({{"started", DataType::TimestampLtz(3)}}));
  return WaitFor(gateway.CreateTable(kRuns, runs, true));
}

/// Records this run; gives its number, from 1.
Result<int64_t> CountRun(const Connection& connection) {
  WEIR_ASSIGN_OR_RETURN(Table table, Wait(connection.GetTable(kRuns)));
  WEIR_ASSIGN_OR_RETURN(AppendWriter writer, table.NewAppendWriter());
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const Datum row[] = {Datum::Timestamp(std::chrono::duration_cast<std::chrono::milliseconds>(now).count(), 0)};
  WEIR_RETURN_NOT_OK(writer.Append(row).status());
  WEIR_RETURN_NOT_OK(WaitFor(writer.Flush()));
  WEIR_ASSIGN_OR_RETURN(auto offsets, Wait(connection.gateway().ListOffsets(table.info().table_id, {}, {0},
                                                                            OffsetSpec::Latest())));
  return offsets.at(0);
}

/// Records that each partition holds, by partition name.
Result<std::map<std::string, int64_t>> LoadedRows(const Connection& connection, const Table& table) {
  std::map<std::string, int64_t> loaded;
  WEIR_ASSIGN_OR_RETURN(auto partitions, Wait(connection.gateway().ListPartitionInfos(table.info().path, {})));
  for (const PartitionInfo& partition : partitions) {
    const TableBucket bucket{table.info().table_id, partition.partition_id, 0};
    WEIR_ASSIGN_OR_RETURN(auto stats, Wait(connection.gateway().GetTableStats(bucket.table_id, {bucket})));
    WEIR_RETURN_NOT_OK(stats[0].status);
    loaded[partition.partition_name] = stats[0].row_count;
  }
  return loaded;
}

/// The flights that a load which was cut short has not written. Rows of a partition are appended in
/// file order, so the first `loaded` of each are there.
Result<std::shared_ptr<arrow::Table>> MissingRows(const std::shared_ptr<arrow::Table>& flights,
                                                  std::map<std::string, int64_t> loaded) {
  if (loaded.empty()) return flights;
  arrow::BooleanBuilder wanted;
  arrow::TableBatchReader batches(*flights);
  for (;;) {
    WEIR_ASSIGN_OR_RETURN(auto batch, FromArrow(batches.Next()));
    if (batch == nullptr) break;
    const auto& origin = static_cast<const arrow::StringArray&>(*batch->GetColumnByName("origin"));
    const auto& month = static_cast<const arrow::Int32Array&>(*batch->GetColumnByName("month"));
    for (int64_t i = 0; i < batch->num_rows(); ++i) {
      int64_t& remaining = loaded[fmt::format("{}${}", origin.GetView(i), month.Value(i))];
      WEIR_RETURN_NOT_OK(FromArrow(wanted.Append(remaining-- <= 0)));
    }
  }
  WEIR_ASSIGN_OR_RETURN(auto mask, FromArrow(wanted.Finish()));
  WEIR_ASSIGN_OR_RETURN(auto filtered, FromArrow(arrow::compute::Filter(flights, mask)));
  return filtered.table();
}

template <typename Write>
Status WriteAll(const arrow::Table& rows, Write write) {
  arrow::TableBatchReader batches(rows);
  for (;;) {
    WEIR_ASSIGN_OR_RETURN(auto batch, FromArrow(batches.Next()));
    if (batch == nullptr) return Status::OK();
    WEIR_RETURN_NOT_OK(write(batch).status());
  }
}

Status LoadLogTable(const Connection& connection, const Table& table, const std::shared_ptr<arrow::Table>& flights) {
  WEIR_ASSIGN_OR_RETURN(auto loaded, LoadedRows(connection, table));
  WEIR_ASSIGN_OR_RETURN(auto missing, MissingRows(flights, loaded));
  Stopwatch watch;
  WEIR_ASSIGN_OR_RETURN(AppendWriter writer, table.NewAppendWriter());
  WEIR_RETURN_NOT_OK(WriteAll(*missing, [&](const auto& batch) { return writer.AppendBatch(batch); }));
  WEIR_RETURN_NOT_OK(WaitFor(writer.Flush()));
  Line("append",
       fmt::format("log table {}: {}", kFlights.ToString(), LoadFigures(missing->num_rows(), watch.seconds())));
  return Status::OK();
}

Status LoadPkTable(const Connection& connection, const Table& table, const std::shared_ptr<arrow::Table>& flights) {
  WEIR_ASSIGN_OR_RETURN(auto loaded, LoadedRows(connection, table));
  int64_t rows = 0;
  for (const auto& [partition, count] : loaded) rows += count;
  const bool complete = rows == flights->num_rows();
  Stopwatch watch;
  if (!complete) {
    WEIR_ASSIGN_OR_RETURN(UpsertWriter writer, table.NewUpsertWriter());
    WEIR_RETURN_NOT_OK(WriteAll(*flights, [&](const auto& batch) { return writer.UpsertBatch(batch); }));
    WEIR_RETURN_NOT_OK(WaitFor(writer.Flush()));
  }
  Line("upsert", fmt::format("PK table {}: {}", kDepartures.ToString(),
                             LoadFigures(complete ? 0 : flights->num_rows(), watch.seconds())));
  return Status::OK();
}

/// Looks up flights picked at random from the file and checks what comes back.
Status LookUp(const Table& table, const std::shared_ptr<arrow::Table>& flights) {
  WEIR_ASSIGN_OR_RETURN(auto batch, FromArrow(flights->CombineChunksToBatch()));
  WEIR_ASSIGN_OR_RETURN(auto reader, ArrowRowReader::Make(batch, table.info().schema().types()));
  WEIR_ASSIGN_OR_RETURN(Lookuper lookuper, table.NewLookuper());
  const Schema& schema = table.info().schema();
  WEIR_ASSIGN_OR_RETURN(auto key_columns, schema.IndexesOf(schema.primary_key()));
  const int distance = schema.IndexOf("distance");

  std::mt19937 random(2013);
  std::uniform_int_distribution<int64_t> pick(0, batch->num_rows() - 1);
  Arena arena;
  Stopwatch watch;
  for (int i = 0; i < kLookups; ++i) {
    const int64_t row = pick(random);
    std::vector<Datum> key;
    for (int column : key_columns) key.push_back(reader.ReadCell(row, column, &arena));
    WEIR_ASSIGN_OR_RETURN(auto found, Wait(lookuper.Lookup(key)));
    if (!found || !(found->values[distance] == reader.ReadCell(row, distance, &arena))) {
      return {ErrorCode::kCorruptRecord, fmt::format("flight in row {} of the file is not in {} as it was written", row,
                                                     kDepartures.ToString())};
    }
  }
  Line("look up", fmt::format("{} flights by key, one after another: {:.1f} µs each", Grouped(kLookups),
                              watch.seconds() * 1e6 / kLookups));
  return Status::OK();
}

/// Corrects the delay of one flight by a minute and shows the change as the changelog tells it.
Status CorrectOneFlight(const Connection& connection, const Table& table,
                        const std::shared_ptr<arrow::Table>& flights) {
  const Schema& schema = table.info().schema();
  const int delay = schema.IndexOf("arr_delay");
  WEIR_ASSIGN_OR_RETURN(auto key_columns, schema.IndexesOf(schema.primary_key()));
  WEIR_ASSIGN_OR_RETURN(auto batch, FromArrow(flights->Slice(0, 1)->CombineChunksToBatch()));
  WEIR_ASSIGN_OR_RETURN(auto reader, ArrowRowReader::Make(batch, schema.types()));
  Arena arena;
  std::vector<Datum> key, row(schema.num_columns());
  for (int column : key_columns) {
    row[column] = reader.ReadCell(0, column, &arena);
    key.push_back(row[column]);
  }

  WEIR_ASSIGN_OR_RETURN(Lookuper lookuper, table.NewLookuper());
  WEIR_ASSIGN_OR_RETURN(auto before, Wait(lookuper.Lookup(key)));
  if (!before) return {ErrorCode::kCorruptRecord, "the first flight of the file is not in " + kDepartures.ToString()};
  const Datum old_delay = before->values[delay];
  row[delay] = Datum::Int((old_delay.is_null() ? 0 : old_delay.as_int()) + 1);

  WEIR_ASSIGN_OR_RETURN(auto partition, Wait(connection.gateway().GetPartition(kDepartures, "EWR$1")));
  WEIR_ASSIGN_OR_RETURN(LogScanner changes, table.NewLogScanner({}));
  WEIR_RETURN_NOT_OK(WaitFor(changes.SubscribePartitions({{{partition.partition_id, 0}, kLatestOffset}})));

  auto target = key_columns;
  target.push_back(delay);
  WEIR_ASSIGN_OR_RETURN(UpsertWriter writer, table.NewUpsertWriter(target));
  WEIR_ASSIGN_OR_RETURN(WriteHandle handle, writer.Upsert(row));
  WEIR_RETURN_NOT_OK(WaitFor(handle.Send()));

  WEIR_ASSIGN_OR_RETURN(auto batches, Wait(changes.Poll(std::chrono::seconds(10), {})));
  std::string text;
  for (const ScannedBatch& changed : batches) {
    const auto& values = static_cast<const arrow::Int32Array&>(*changed.rows->column(delay));
    for (int64_t i = 0; i < changed.rows->num_rows(); ++i) {
      text += fmt::format("{}{} {} min", text.empty() ? "" : ", ", ChangeTypeShortString(changed.change_types[i]),
                          values.IsNull(i) ? "NULL" : std::to_string(values.Value(i)));
    }
  }
  Line("change", fmt::format("arrival delay of UA 1545, one column updated: {}", text));
  return Status::OK();
}

Status FollowOnePartition(const Connection& connection, const Table& table) {
  WEIR_ASSIGN_OR_RETURN(auto partition, Wait(connection.gateway().GetPartition(kFlights, "JFK$7")));
  WEIR_ASSIGN_OR_RETURN(LogScanner scanner, table.NewLogScanner({}));
  WEIR_RETURN_NOT_OK(WaitFor(scanner.SubscribePartitions({{{partition.partition_id, 0}, kEarliestOffset}})));
  Stopwatch watch;
  WEIR_ASSIGN_OR_RETURN(auto reader, scanner.ReadToLatest());
  WEIR_ASSIGN_OR_RETURN(auto rows, FromArrow(reader->ToTable()));
  WEIR_ASSIGN_OR_RETURN(auto mean, FromArrow(arrow::compute::Mean(rows->GetColumnByName("dep_delay"))));
  Line("subscribe", fmt::format("partition JFK$7 alone: {} flights, {:.1f} min mean departure delay, {:.1f} ms",
                                Grouped(rows->num_rows()), mean.scalar_as<arrow::DoubleScalar>().value,
                                watch.seconds() * 1e3));
  return Status::OK();
}

Status ScanTwoColumns(const Table& table) {
  Stopwatch watch;
  WEIR_ASSIGN_OR_RETURN(auto columns, table.info().schema().IndexesOf({"carrier", "distance"}));
  WEIR_ASSIGN_OR_RETURN(auto reader, table.ReadAll({.projection = columns}));
  WEIR_ASSIGN_OR_RETURN(auto rows, FromArrow(reader->ToTable()));
  WEIR_ASSIGN_OR_RETURN(auto sum, FromArrow(arrow::compute::Sum(rows->GetColumnByName("distance"))));
  Line("scan", fmt::format("2 of {} columns of all partitions: {} flights over {} miles, {:.1f} ms",
                           table.info().schema().num_columns(), Grouped(rows->num_rows()),
                           Grouped(sum.scalar_as<arrow::Int64Scalar>().value), watch.seconds() * 1e3));
  return Status::OK();
}

double MegabytesIn(const std::string& directory) {
  uintmax_t bytes = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, error)) {
    if (entry.is_regular_file(error)) bytes += entry.file_size(error);
  }
  return static_cast<double>(bytes) / 1e6;
}

}  // namespace

Status RunDemo(const DemoOptions& options) {
  WEIR_RETURN_NOT_OK(FromArrow(arrow::compute::Initialize()));
  WEIR_ASSIGN_OR_RETURN(auto flights, ReadFlights(options.flights));
  WEIR_ASSIGN_OR_RETURN(Config config, Config::FromProperties({{"weir.path", options.directory},
                                                               {"writer.dynamic-create-partition.enabled", "true"}}));
  WEIR_ASSIGN_OR_RETURN(Connection connection, Wait(Connection::Open(config)));
  WEIR_RETURN_NOT_OK(CreateTables(connection.gateway()));
  WEIR_ASSIGN_OR_RETURN(const int64_t run, CountRun(connection));

  fmt::print("{} flights that left New York in 2013, partitioned by origin and month\n\n",
             Grouped(flights->num_rows()));
  Line("database", fmt::format("{} ({})", options.directory,
                               run == 1 ? "new" : fmt::format("run {}, continuing with what is there", run)));
  WEIR_ASSIGN_OR_RETURN(Table log_table, Wait(connection.GetTable(kFlights)));
  WEIR_ASSIGN_OR_RETURN(Table pk_table, Wait(connection.GetTable(kDepartures)));
  WEIR_RETURN_NOT_OK(LoadLogTable(connection, log_table, flights));
  WEIR_RETURN_NOT_OK(LoadPkTable(connection, pk_table, flights));
  WEIR_ASSIGN_OR_RETURN(auto partitions, Wait(connection.gateway().ListPartitionInfos(kFlights, {})));
  Line("partitions", fmt::format("{} in each table, from {} to {}", partitions.size(),
                                 partitions.front().partition_name, partitions.back().partition_name));
  WEIR_RETURN_NOT_OK(LookUp(pk_table, flights));
  WEIR_RETURN_NOT_OK(CorrectOneFlight(connection, pk_table, flights));
  WEIR_RETURN_NOT_OK(FollowOnePartition(connection, log_table));
  WEIR_RETURN_NOT_OK(ScanTwoColumns(log_table));
  WEIR_RETURN_NOT_OK(WaitFor(connection.Close()));
  Line("on disk", fmt::format("{:.1f} MB", MegabytesIn(options.directory)));
  return Status::OK();
}

}  // namespace weir
