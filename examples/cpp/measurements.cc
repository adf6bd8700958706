// A partitioned table of measurements and a primary-key table of devices, embedded in this program.
//   measurements DIRECTORY
#include <arrow/api.h>
#include <weir/admin.h>
#include <weir/client.h>

#include <iostream>

namespace {

using weir::Datum;

const weir::TablePath kMeasurements{"fluss", "measurements"};
const weir::TablePath kDevices{"fluss", "devices"};

weir::Status CreateTables(const weir::Admin& admin) {
  weir::TableDescriptor measurements;
  WEIR_ASSIGN_OR_RETURN(measurements.schema, weir::Schema::Make({{"device", weir::DataType::BigInt()},
                                                                 {"value", weir::DataType::Double()},
                                                                 {"region", weir::DataType::String()}}));
  measurements.partition_keys = {"region"};
  measurements.bucket_keys = {"device"};
  measurements.bucket_count = 2;
  WEIR_RETURN_NOT_OK(admin.CreateTable(kMeasurements, measurements, true).Wait().status());
  for (const char* region : {"EU", "US"}) {
    WEIR_RETURN_NOT_OK(admin.CreatePartition(kMeasurements, {{"region", region}}, true).Wait().status());
  }

  weir::TableDescriptor devices;
  WEIR_ASSIGN_OR_RETURN(
      devices.schema,
      weir::Schema::Make({{"device", weir::DataType::BigInt()}, {"name", weir::DataType::String()}}, {"device"}));
  return admin.CreateTable(kDevices, devices, true).Wait().status();
}

weir::Status AppendMeasurements(const weir::Connection& connection) {
  WEIR_ASSIGN_OR_RETURN(weir::Table table, connection.GetTable(kMeasurements).Wait());
  WEIR_ASSIGN_OR_RETURN(weir::AppendWriter writer, table.NewAppendWriter());
  for (int i = 0; i < 1000; ++i) {
    const Datum row[] = {Datum::Int(i % 10), Datum::Double(i / 8.0), Datum::Bytes(i % 4 == 0 ? "EU" : "US")};
    WEIR_RETURN_NOT_OK(writer.Append(row).status());
  }
  return writer.Flush().Wait().status();  // an error of any row above comes out here
}

weir::Status UpsertAndLookUp(const weir::Connection& connection) {
  WEIR_ASSIGN_OR_RETURN(weir::Table table, connection.GetTable(kDevices).Wait());
  WEIR_ASSIGN_OR_RETURN(weir::UpsertWriter writer, table.NewUpsertWriter());
  const Datum row[] = {Datum::Int(7), Datum::Bytes("boiler")};
  WEIR_RETURN_NOT_OK(writer.Upsert(row).status());
  WEIR_RETURN_NOT_OK(writer.Flush().Wait().status());

  WEIR_ASSIGN_OR_RETURN(weir::Lookuper lookuper, table.NewLookuper());
  const Datum key[] = {Datum::Int(7)};
  WEIR_ASSIGN_OR_RETURN(auto found, lookuper.Lookup(key).Wait());
  if (found.has_value()) std::cout << "device 7 is the " << found->values[1].as_bytes() << "\n";
  return weir::Status::OK();
}

/// Sums one column of one partition; nothing else is read.
weir::Status SumOfRegion(const weir::Connection& connection, const std::string& region) {
  WEIR_ASSIGN_OR_RETURN(weir::Table table, connection.GetTable(kMeasurements).Wait());
  WEIR_ASSIGN_OR_RETURN(auto partitions,
                        weir::Admin(connection).ListPartitions(kMeasurements, {{"region", region}}).Wait());
  WEIR_ASSIGN_OR_RETURN(auto reader,
                        table.ReadAll({.projection = std::vector{1}}, std::vector{partitions.at(0).partition_id}));
  double sum = 0;
  int64_t rows = 0;
  for (;;) {
    std::shared_ptr<arrow::RecordBatch> batch;
    if (!reader->ReadNext(&batch).ok() || batch == nullptr) break;
    const auto& values = static_cast<const arrow::DoubleArray&>(*batch->column(0));
    for (int64_t i = 0; i < values.length(); ++i) sum += values.Value(i);
    rows += batch->num_rows();
  }
  std::cout << region << ": " << rows << " measurements, sum " << sum << "\n";
  return weir::Status::OK();
}

weir::Status Run(const std::string& directory) {
  WEIR_ASSIGN_OR_RETURN(weir::Config config, weir::Config::FromProperties({{"weir.path", directory}}));
  WEIR_ASSIGN_OR_RETURN(weir::Connection connection, weir::Connection::Open(config).Wait());
  WEIR_RETURN_NOT_OK(CreateTables(weir::Admin(connection)));
  WEIR_RETURN_NOT_OK(AppendMeasurements(connection));
  WEIR_RETURN_NOT_OK(UpsertAndLookUp(connection));
  WEIR_RETURN_NOT_OK(SumOfRegion(connection, "EU"));
  return connection.Close().Wait().status();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: measurements DIRECTORY\n";
    return 2;
  }
  const weir::Status status = Run(argv[1]);
  if (!status.ok()) std::cerr << status.ToString() << "\n";
  return status.ok() ? 0 : 1;
}
