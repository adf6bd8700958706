#include "sql/analyze/shard_column.h"

#include <algorithm>
#include <utility>

#include "postgres/function.h"
#include "postgres/oid.h"
#include "sql/analyze/scope.h"

namespace weir::sql::analyze {
namespace {

namespace oid = postgres::oid;

constexpr postgres::Oid kShardArguments[] = {oid::kInt4, oid::kAny};

/// Not of PostgreSQL's vocabulary: no statement calls it by name.
constexpr postgres::Function kShard{.oid = 0,
                                    .name = kShardFunction,
                                    .arguments = kShardArguments,
                                    .variadic = oid::kAny,
                                    .result = oid::kInt4,
                                    .defaults = 0,
                                    .returns_set = false,
                                    .strict = false,
                                    .volatility = 'i',
                                    .kind = postgres::FunctionKind::kFunction,
                                    .computation = postgres::Computation::kOwn,
                                    .computed_by = {},
                                    .parameters = {}};

}  // namespace

ExpressionPtr ShardOf(const RangeEntry::ShardColumn& shard, Expressions key, int position) {
  Call call{.function = &kShard, .arguments = {}};
  call.arguments.push_back(MakeExpression(Constant{postgres::Value(shard.buckets)}, {oid::kInt4}, position));
  for (ExpressionPtr& value : key) call.arguments.push_back(std::move(value));
  return MakeExpression(std::move(call), {oid::kInt4}, position);
}

ExpressionPtr ShardOfRow(const RangeEntry::ShardColumn& shard, std::span<const OutputColumn> columns) {
  Expressions key;
  for (const int column : shard.columns) {
    key.push_back(MakeExpression(ColumnReference{0, 0, column}, columns[static_cast<size_t>(column)].type, 0));
  }
  return ShardOf(shard, std::move(key), 0);
}

const RangeEntry::ShardColumn* FindShardColumn(const RangeEntry& entry, std::string_view name) {
  const auto* table = std::get_if<RangeEntry::Table>(&entry.source);
  if (table == nullptr || !table->shards) return nullptr;
  const auto found = std::ranges::find(*table->shards, name, &RangeEntry::ShardColumn::name);
  return found == table->shards->end() ? nullptr : &*found;
}

}  // namespace weir::sql::analyze
