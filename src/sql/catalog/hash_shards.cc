#include "sql/catalog/hash_shards.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "postgres/made_type.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/sql_types.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

const SqlConstraint* ShardedKeyOf(const Relation& table) {
  const auto sharded = [](const SqlConstraint& key) { return key.shards > 0; };
  const auto found = std::ranges::find_if(table.constraints, sharded);
  return found == table.constraints.end() ? nullptr : &*found;
}

}  // namespace

std::optional<HashShards> HashShardsOf(const Relation& table) {
  const SqlConstraint* key = ShardedKeyOf(table);
  if (key == nullptr) return std::nullopt;
  std::vector<std::string> names = key->columns;
  std::ranges::sort(names);
  HashShards shards;
  shards.column = fmt::format("kwdb_internal_{}_shard_{}", fmt::join(names, "_"), key->shards);
  shards.buckets = key->shards;
  for (const std::string& name : names) {
    const int at = table.ColumnIndex(name);
    if (at < 0) return std::nullopt;  // while the table is altered
    const SqlColumn& column = table.columns[static_cast<size_t>(at)];
    const auto type = ResolveType(column.type);
    shards.columns.push_back(at);
    shards.types.push_back(column.data_type);
    shards.value_types.push_back(type.ok() && type->compared_by_value ? postgres::BaseTypeOf({type->oid}).oid : 0);
  }
  return shards;
}

bool IsShardColumn(const Relation& table, std::string_view name) {
  const auto shards = HashShardsOf(table);
  return shards && shards->column == name;
}

SqlPartitionKeyPart ShardPart() {
  SqlPartitionKeyPart part;
  part.shard = true;
  part.type = DataType::Int();
  part.sql_type = HashShards::kType;
  return part;
}

std::vector<std::string> KwdbKeyColumns(const Relation& table) {
  std::vector<std::string> columns;
  if (const auto shards = HashShardsOf(table)) columns.push_back(shards->column);
  for (const int column : table.PrimaryKey()) columns.push_back(table.columns[static_cast<size_t>(column)].name);
  return columns;
}

SqlConstraint ShardCheck(const HashShards& shards) {
  std::vector<int32_t> all(static_cast<size_t>(shards.buckets));
  std::iota(all.begin(), all.end(), 0);
  SqlConstraint check;
  check.kind = SqlConstraint::Kind::kCheck;
  check.name = "check_" + shards.column;
  check.check = fmt::format("{} IN ({})", QuoteIdentifier(shards.column), fmt::join(all, ", "));
  return check;
}

Status CheckMayShard(const CreateTable& statement, bool allowed) {
  const auto sharded = [](const TableConstraint& constraint) { return constraint.shards > 0; };
  if (allowed || std::ranges::none_of(statement.constraints, sharded)) return Status::OK();
  return Error("0A000", "hash sharded indexes require the experimental_enable_hash_sharded_indexes cluster setting",
               {.hint = "Use SET experimental_enable_hash_sharded_indexes = on."});
}

}  // namespace weir::sql
