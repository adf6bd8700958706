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

std::string ShardColumnName(std::vector<std::string> columns, int32_t shards) {
  std::ranges::sort(columns);
  return fmt::format("kwdb_internal_{}_shard_{}", fmt::join(columns, "_"), shards);
}

namespace {

std::optional<HashShards> ShardsOf(const Relation& table, std::vector<std::string> names, int32_t buckets) {
  HashShards shards;
  shards.column = ShardColumnName(names, buckets);
  shards.buckets = buckets;
  std::ranges::sort(names);
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

}  // namespace

std::optional<HashShards> HashShardsOf(const Relation& table) {
  const SqlConstraint* key = ShardedKeyOf(table);
  return key == nullptr ? std::nullopt : ShardsOf(table, key->columns, key->shards);
}

std::vector<HashShards> AllHashShardsOf(const Relation& table) {
  std::vector<HashShards> all;
  if (auto of_key = HashShardsOf(table)) all.push_back(std::move(*of_key));
  for (const RelationPtr& index : table.indexes) {
    if (!index->index || index->index->shards == 0) continue;
    auto shards = ShardsOf(table, KeyColumnsOf(*index->index, table), index->index->shards);
    if (shards && std::ranges::find(all, shards->column, &HashShards::column) == all.end()) {
      all.push_back(std::move(*shards));
    }
  }
  return all;
}

bool IsShardColumn(const Relation& table, std::string_view name) {
  return std::ranges::any_of(AllHashShardsOf(table), [&](const HashShards& shards) { return shards.column == name; });
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

Status ShardOfComputed() { return Error("42P16", "cannot create a sharded index on a computed column"); }

Status CheckMayShard(const CreateTable& statement, bool allowed) {
  const auto sharded = [](const TableConstraint& key) { return key.shards > 0; };
  const auto sharded_index = [](const InlineIndex& inlined) { return inlined.index.shards > 0; };
  if (allowed || (std::ranges::none_of(statement.constraints, sharded) &&
                  std::ranges::none_of(statement.indexes, sharded_index))) {
    return Status::OK();
  }
  return Error("0A000", "hash sharded indexes require the experimental_enable_hash_sharded_indexes cluster setting",
               {.hint = "Use SET experimental_enable_hash_sharded_indexes = on."});
}

Status CheckMayShard(const CreateIndex& statement, bool allowed) {
  CreateTable with_index;
  with_index.indexes.push_back({statement, std::nullopt});
  return CheckMayShard(with_index, allowed);
}

}  // namespace weir::sql
