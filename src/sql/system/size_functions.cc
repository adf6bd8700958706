#include "gateway/gateway.h"
#include "sql/access/targets.h"
#include "sql/dialect/tablespace.h"
#include "sql/engine/errors.h"
#include "sql/engine/session_view.h"
#include "sql/system/size_functions.h"
#include "sql/system/system_oids.h"
#include "sql/system/system_scalars.h"

namespace weir::sql {
namespace {

using duckdb::LogicalType;
using duckdb::Value;
using Arguments = ScalarSpec::Arguments;

/// In bytes; nothing where the target does not tell.
using Size = std::optional<int64_t>;

Value SizeValue(const Size& size) { return size ? Value::BIGINT(*size) : Value(LogicalType::BIGINT); }

/// Adds what one relation keeps itself: partitioned tables, views and keys that are kept with their rows keep nothing.
void AddOwnSize(const SystemSources& sources, const Relation& relation, Size* size) {
  if (!*size || relation.table == nullptr || relation.is_partitioned() || relation.is_view()) return;
  const TableInfo& table = *relation.table;
  std::vector<TableBucket> buckets;
  for (int32_t i = 0; i < table.num_buckets(); ++i) buckets.push_back({table.table_id, relation.fluss_partition, i});
  const Result<int64_t> bytes = sources.sessions->gateway->GetBytesOnDisk(table.table_id, buckets).Wait();
  if (!bytes.ok() && bytes.status().code() == ErrorCode::kUnsupportedVersion) return size->reset();
  **size += ValueOrThrow(bytes);
}

enum class Parts { kTable, kIndexes, kAll };

/// NULL for what is no relation's OID.
template <Parts parts>
Value RelationSize(const SystemSources& sources, const Arguments& arguments) {
  const auto oid = arguments[0].GetValue<int64_t>();
  const RelationPtr relation = RelationOfOid(sources, oid);
  if (!relation) return Value(LogicalType::BIGINT);
  Size size = 0;
  if (relation->id != oid) return SizeValue(size);
  if (parts != Parts::kIndexes) AddOwnSize(sources, *relation, &size);
  if (parts == Parts::kTable) return SizeValue(size);
  for (const RelationPtr& index : relation->indexes) AddOwnSize(sources, *index, &size);
  return SizeValue(size);
}

/// pg_relation_size(relation, fork): all is in the main one.
Value ForkSize(const SystemSources& sources, const Arguments& arguments) {
  const std::string fork = duckdb::StringValue::Get(arguments[1]);
  if (fork == "main") return RelationSize<Parts::kTable>(sources, arguments);
  const bool known = fork == "fsm" || fork == "vm" || fork == "init";
  if (!known) {
    Throw(
        Error("22023", "invalid fork name", {.hint = "Valid fork names are \"main\", \"fsm\", \"vm\", and \"init\"."}));
  }
  return Value::BIGINT(0);
}

void AddDatabase(const SystemSources& sources, const std::string& database, Size* size) {
  for (const RelationPtr& relation : ValueOrThrow(sources.catalog.ListRelations(database))) {
    AddOwnSize(sources, *relation, size);
    if (relation->id < kFlussTableIds || !relation->is_partitioned()) continue;
    for (const RelationPtr& partition : ValueOrThrow(sources.catalog.Children(*relation))->relations) {
      AddOwnSize(sources, *partition, size);  // Fluss's own are found by their table only
    }
  }
}

/// The database by name or OID; nothing for an OID that is none's.
std::optional<std::string> DatabaseOf(const SystemSources& sources, const Value& value) {
  const bool by_name = value.type().id() == duckdb::LogicalTypeId::VARCHAR;
  for (const std::string& name : ValueOrThrow(sources.catalog.ListDatabases())) {
    if (by_name ? name == duckdb::StringValue::Get(value) : DatabaseOid(name) == value.GetValue<int64_t>()) return name;
  }
  if (by_name) Throw(Error("3D000", "database \"" + duckdb::StringValue::Get(value) + "\" does not exist"));
  return std::nullopt;
}

Value DatabaseSize(const SystemSources& sources, const Arguments& arguments) {
  const auto database = DatabaseOf(sources, arguments[0]);
  if (!database) return Value(LogicalType::BIGINT);
  const access::State& state = *sources.access;
  if (!access::HasPrivilegesOf(state, sources.role, access::kReadAllStats)) {
    const access::Target target = DatabaseTarget(state, *database);
    ThrowNotOk(access::CheckPrivilege(state, sources.role, target, access::kConnect));
  }
  Size size = 0;
  AddDatabase(sources, *database, &size);
  return SizeValue(size);
}

/// All is in the one that databases are in unasked.
Value TablespaceSize(const SystemSources& sources, const Arguments& arguments) {
  const bool by_name = arguments[0].type().id() == duckdb::LogicalTypeId::VARCHAR;
  const std::string name = by_name ? duckdb::StringValue::Get(arguments[0]) : "";
  const int64_t oid = by_name ? 0 : arguments[0].GetValue<int64_t>();
  if (by_name) ThrowNotOk(CheckTablespace(name));
  const bool is_default = name == kDefaultTablespaceName || oid == kDefaultTablespace;
  const bool is_global = name == kGlobalTablespaceName || oid == kGlobalTablespace;
  if (!is_default && !is_global) return Value(LogicalType::BIGINT);
  Size size = 0;
  if (is_global) return SizeValue(size);
  for (const std::string& database : ValueOrThrow(sources.catalog.ListDatabases())) {
    AddDatabase(sources, database, &size);
  }
  return SizeValue(size);
}

}  // namespace

std::optional<int64_t> SizeOnDisk(const SystemSources& sources, const Relation& relation) {
  Size size = 0;
  AddOwnSize(sources, relation, &size);
  return size;
}

std::vector<ScalarSpec> SizeScalars() {
  const LogicalType any = LogicalType::ANY;
  const LogicalType number = LogicalType::BIGINT;
  return {
      {"pg_relation_size", {number}, number, RelationSize<Parts::kTable>},
      {"pg_relation_size", {number, LogicalType::VARCHAR}, number, ForkSize},
      {"pg_table_size", {number}, number, RelationSize<Parts::kTable>},
      {"pg_indexes_size", {number}, number, RelationSize<Parts::kIndexes>},
      {"pg_total_relation_size", {number}, number, RelationSize<Parts::kAll>},
      {"pg_database_size", {any}, number, DatabaseSize},
      {"pg_tablespace_size", {any}, number, TablespaceSize},
  };
}

}  // namespace weir::sql
