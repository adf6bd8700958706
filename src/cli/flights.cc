#include "cli/flights.h"

#include <arrow/buffer.h>
#include <arrow/csv/api.h>
#include <arrow/io/api.h>
#include <arrow/table.h>
#include <zip.h>

#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

struct ZipCloser {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

Result<std::shared_ptr<arrow::io::InputStream>> OpenZipped(const std::string& path) {
  int error = 0;
  std::unique_ptr<zip_t, ZipCloser> archive(zip_open(path.c_str(), ZIP_RDONLY, &error));
  zip_stat_t stat;
  if (archive == nullptr || zip_stat_index(archive.get(), 0, 0, &stat) != 0) {
    return Status::Invalid("'" + path + "' is not a readable zip file with a CSV file in it");
  }
  std::unique_ptr<zip_file_t, ZipCloser> file(zip_fopen_index(archive.get(), 0, 0));
  WEIR_ASSIGN_OR_RETURN(auto buffer, FromArrow(arrow::AllocateBuffer(static_cast<int64_t>(stat.size))));
  if (file == nullptr || zip_fread(file.get(), buffer->mutable_data(), stat.size) != static_cast<int64_t>(stat.size)) {
    return Status::Invalid("'" + path + "': '" + stat.name + "' cannot be unpacked");
  }
  return std::make_shared<arrow::io::BufferReader>(std::shared_ptr<arrow::Buffer>(std::move(buffer)));
}

Result<std::shared_ptr<arrow::io::InputStream>> OpenCsv(const std::string& path) {
  if (path.ends_with(".zip")) return OpenZipped(path);
  WEIR_ASSIGN_OR_RETURN(auto file, FromArrow(arrow::io::ReadableFile::Open(path)));
  return std::shared_ptr<arrow::io::InputStream>(std::move(file));
}

}  // namespace

Schema FlightsSchema(bool primary_key) {
  const auto column = [](std::string name, DataType type) { return Column{std::move(name), std::move(type)}; };
  std::vector<std::string> key;
  if (primary_key) key = {"origin", "month", "time_hour", "carrier", "flight"};
  return *Schema::Make({column("year", DataType::Int()),           column("month", DataType::Int()),
                        column("day", DataType::Int()),            column("dep_time", DataType::Int()),
                        column("sched_dep_time", DataType::Int()), column("dep_delay", DataType::Int()),
                        column("arr_time", DataType::Int()),       column("sched_arr_time", DataType::Int()),
                        column("arr_delay", DataType::Int()),      column("carrier", DataType::String()),
                        column("flight", DataType::Int()),         column("tailnum", DataType::String()),
                        column("origin", DataType::String()),      column("dest", DataType::String()),
                        column("air_time", DataType::Int()),       column("distance", DataType::Int()),
                        column("hour", DataType::Int()),           column("minute", DataType::Int()),
                        column("time_hour", DataType::TimestampLtz(0))},
                       std::move(key));
}

Result<std::shared_ptr<arrow::Table>> ReadFlights(const std::string& path) {
  const auto schema = ToArrowSchema(FlightsSchema(false), LtzZone::kUtc);
  auto convert = arrow::csv::ConvertOptions::Defaults();
  convert.null_values = {"", "NA"};
  convert.strings_can_be_null = true;
  for (const auto& field : schema->fields()) {
    convert.column_types[field->name()] = field->type();
    convert.include_columns.push_back(field->name());
  }
  WEIR_ASSIGN_OR_RETURN(auto input, OpenCsv(path));
  WEIR_ASSIGN_OR_RETURN(auto reader, FromArrow(arrow::csv::TableReader::Make(
                                         arrow::io::default_io_context(), std::move(input),
                                         arrow::csv::ReadOptions::Defaults(), arrow::csv::ParseOptions::Defaults(),
                                         convert)));
  auto table = FromArrow(reader->Read());
  if (!table.ok()) return table.status().WithContext("flights file '" + path + "'");
  return table;
}

}  // namespace weir
