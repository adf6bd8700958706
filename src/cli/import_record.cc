#include "cli/import_record.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "cli/text.h"
#include "gateway/gateway.h"
#include "model/sql_marks.h"

namespace weir {
namespace {

const TablePath kImports{kSystemDatabase, kImportsTable};

TableDescriptor ImportsTable() {
  const DataType time = DataType::TimestampLtz(3);
  TableDescriptor descriptor;
  descriptor.schema = *Schema::Make({{"table_name", DataType::String()},
                                     {"source", DataType::String()},
                                     {"table_id", DataType::BigInt()},
                                     {"size", DataType::BigInt()},
                                     {"mtime_ns", DataType::BigInt()},
                                     {"plan", DataType::String()},
                                     {"chunks", DataType::BigInt()},
                                     {"rows", DataType::BigInt()},
                                     {"writer_ids", DataType::String()},
                                     {"finished", DataType::Boolean()},
                                     {"started", time},
                                     {"updated", time}},
                                    {"table_name", "source"});
  descriptor.bucket_count = 1;
  descriptor.comment = "How far weir import is with each file";
  descriptor.properties = {{"table.changelog.image", "WAL"}};
  return descriptor;
}

Result<std::vector<int64_t>> ParseIds(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_array()) return Status(ErrorCode::kCorruptMessage, "weir.imports holds no writer ids");
  std::vector<int64_t> ids;
  for (const auto& id : json) ids.push_back(id.is_number_integer() ? id.get<int64_t>() : -1);
  return ids;
}

}  // namespace

Result<ImportRecords> ImportRecords::Open(const Connection& connection) {
  Gateway& gateway = connection.gateway();
  WEIR_RETURN_NOT_OK(AwaitDone(gateway.CreateDatabase(kImports.database, {.comment = "Weir's own tables"}, true)));
  WEIR_RETURN_NOT_OK(AwaitDone(gateway.CreateTable(kImports, ImportsTable(), true)));
  WEIR_ASSIGN_OR_RETURN(const Table table, Await(connection.GetTable(kImports)));
  WEIR_ASSIGN_OR_RETURN(UpsertWriter writer, table.NewUpsertWriter());
  WEIR_ASSIGN_OR_RETURN(Lookuper lookuper, table.NewLookuper());
  return ImportRecords(std::move(writer), std::move(lookuper));
}

Result<std::optional<ImportRecord>> ImportRecords::Find(const std::string& table, const std::string& source) {
  const Datum key[] = {Datum::Bytes(table), Datum::Bytes(source)};
  WEIR_ASSIGN_OR_RETURN(const auto found, Await(lookuper_.Lookup(key)));
  if (!found) return std::optional<ImportRecord>();
  const RowView row = found->values;
  for (const Datum& value : row) {
    if (value.is_null()) return Status(ErrorCode::kCorruptMessage, "weir.imports holds an incomplete row");
  }
  ImportRecord record;
  record.table = table;
  record.source = source;
  record.table_id = row[2].as_int();
  record.size = row[3].as_int();
  record.mtime_ns = row[4].as_int();
  record.plan = row[5].as_bytes();
  record.chunks = row[6].as_int();
  record.rows = row[7].as_int();
  WEIR_ASSIGN_OR_RETURN(record.writer_ids, ParseIds(row[8].as_bytes()));
  record.finished = row[9].as_bool();
  record.started_ms = row[10].time.millis;
  record.updated_ms = row[11].time.millis;
  return std::optional(std::move(record));
}

Result<Future<Unit>> ImportRecords::Put(const ImportRecord& record) {
  const std::string ids = fmt::format("[{}]", fmt::join(record.writer_ids, ","));
  const Datum row[] = {Datum::Bytes(record.table),
                       Datum::Bytes(record.source),
                       Datum::Int(record.table_id),
                       Datum::Int(record.size),
                       Datum::Int(record.mtime_ns),
                       Datum::Bytes(record.plan),
                       Datum::Int(record.chunks),
                       Datum::Int(record.rows),
                       Datum::Bytes(ids),
                       Datum::Bool(record.finished),
                       Datum::Timestamp(record.started_ms, 0),
                       Datum::Timestamp(record.updated_ms, 0)};
  WEIR_ASSIGN_OR_RETURN(const WriteHandle handle, writer_.Upsert(row));
  return handle.Send();
}

}  // namespace weir
