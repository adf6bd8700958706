#include "sql/engine/leaf_cursor.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sql/catalog/hash_shards.h"
#include "sql/catalog/heirs.h"
#include "sql/duckdb/definition.h"
#include "sql/duckdb/session_values.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/constraint_exclusion.h"
#include "sql/engine/errors.h"

namespace weir::sql {
namespace {

duckdb::unique_ptr<duckdb::Expression> Bound(duckdb::ClientContext& context, const AttachedTable& table,
                                             duckdb::unique_ptr<duckdb::ParsedExpression> parsed) {
  auto binder = duckdb::Binder::CreateBinder(context);
  duckdb::physical_index_set_t used;
  duckdb::CheckBinder check(*binder, context, table.name, table.GetColumns(), used);
  check.target_type = duckdb::LogicalType::INVALID;
  return check.Bind(parsed);
}

/// The hidden column of a sharded key is known by its own value, where `named`, and by the key's.
void AddShard(duckdb::ClientContext& context, const AttachedTable& table, bool named, KeyPart* part) {
  const Relation& relation = *table.relation();
  if (named) part->expression = Bound(context, table, std::move(ValueOrThrow(duck::EmitShard(relation)).expression));
  const auto shards = HashShardsOf(relation);
  part->shards = shards->buckets;
  for (size_t i = 0; i < shards->columns.size(); ++i) {
    KeyPart& column = part->sharded.emplace_back();
    column.column = shards->columns[i];
    column.type = shards->types[i];
    column.value_type = shards->value_types[i];
  }
}

/// A level's key, of these columns of the table, as far as a condition needs it.
std::vector<KeyPart> KeyOf(duckdb::ClientContext& context, const AttachedTable& table, const SqlPartitionKey& key,
                           const std::vector<int>& columns, const Condition& condition) {
  std::vector<KeyPart> read;
  for (size_t i = 0; i < key.parts.size(); ++i) {
    const SqlPartitionKeyPart& part = key.parts[i];
    KeyPart& as_seen = read.emplace_back();
    as_seen.column = columns[i];
    as_seen.type = part.type;
    as_seen.value_type = part.value_type;
    if (part.shard) {
      AddShard(context, table, TestsExpressions(condition), &as_seen);
    } else if (part.column < 0) {
      as_seen.expression = BindOver(context, table, part.expression, analyze::DefinitionPart::kPartitionKey);
    }
  }
  return read;
}

/// Where the columns of a level's key are in the table; −1: it is an expression.
std::vector<int> KeyColumns(const Relation& table, const Relation& partitioned) {
  std::vector<int> columns;
  for (const SqlPartitionKeyPart& part : partitioned.partition_key->parts) {
    columns.push_back(part.column >= 0 ? PositionOf(table, partitioned.columns[part.column].name) : -1);
  }
  return columns;
}

/// What the bounds of a partition, which is `table` or lies above it, say of its rows.
HeldValues HeldIn(CatalogView& catalog, const Relation& table, const Relation& partition) {
  const RelationPtr parent = partition.parent ? ValueOrThrow(catalog.FindById(*partition.parent)) : nullptr;
  if (!parent || !parent->partition_key) return kAnyValues;
  const PartitionChildrenPtr siblings = ValueOrThrow(catalog.Children(*parent));
  // Bounds are disjoint: its own overlaps with itself alone.
  const std::optional<size_t> child = siblings->level.FindOverlap(partition.bound);
  if (!child || siblings->relations[*child]->id != partition.id) return kAnyValues;
  return HeldBelow(HeldIn(catalog, table, *parent), KeyColumns(table, *parent), parent->partition_key->parts,
                   siblings->level, *child);
}

}  // namespace

duckdb::unique_ptr<duckdb::Expression> BindOver(duckdb::ClientContext& context, const AttachedTable& table,
                                                const std::string& expression, analyze::DefinitionPart part) {
  auto parsed = ValueOrThrow(duck::EmitDefinition(expression, part, table.name, table.relation()->columns,
                                                  duck::SessionValues::Of(context).settings))
                    .expression;
  return Bound(context, table, std::move(parsed));
}

duckdb::unique_ptr<duckdb::Expression> BindGenerated(duckdb::ClientContext& context, const AttachedTable& table,
                                                     size_t column) {
  return Bound(context, table, std::move(ValueOrThrow(duck::EmitGenerated(*table.relation(), column)).expression));
}

LeafCursor::LeafCursor(duckdb::ClientContext& context, const AttachedTable& table, Condition condition)
    : context_(context), table_(table), condition_(std::move(condition)) {
  if (table.relation()->is_partitioned()) {
    const Relation& relation = *table.relation();
    const bool any = condition_.kind == Condition::Kind::kAnything;
    HeldValues held = any ? kAnyValues : HeldIn(SessionState::ViewOf(context), relation, relation);
    if (!IsContradiction(condition_, relation)) Open(table.relation(), std::move(held));
  } else {
    tables_ = {table.relation()};
    if (table.with_heirs()) OpenHeirs();
  }
}

void LeafCursor::OpenHeirs() {
  CatalogView& catalog = SessionState::ViewOf(context_);
  const TemporaryTables& temporary = SessionState::Of(context_).temporary;
  const auto heirs = ValueOrThrow(WithHeirs(catalog, table_.relation(), temporary));
  for (size_t i = 1; i < heirs.size(); ++i) {
    const bool waited = LockRelation(context_, heirs[i]->id, LockMode::kAccessShare) == LockGrant::kAfterWait;
    // One that was dropped, or has left its parent, while it was waited for is none any more.
    const RelationPtr heir = waited ? ValueOrThrow(catalog.FindById(heirs[i]->id)) : heirs[i];
    if (heir && !IsExcluded(context_, *heir, *table_.relation(), condition_)) tables_.push_back(heir);
  }
}

void LeafCursor::Open(const RelationPtr& partitioned, HeldValues held) {
  Level level;
  LockRelation(context_, partitioned->id, LockMode::kAccessShare);
  level.partitioned = partitioned;
  level.children = ValueOrThrow(SessionState::ViewOf(context_).Children(*partitioned));
  level.chosen = level.children->level.bound_order();
  level.columns = KeyColumns(*table_.relation(), *partitioned);
  level.from_last = TakesLastFirst(level);
  level.held = std::move(held);
  Prune(condition_, &level);
  Prune(narrowed_, &level);
  levels_.push_back(std::move(level));
}

/// Leaves out children whose rows a condition or the bounds above do not let through.
void LeafCursor::Prune(const Condition& condition, Level* level) {
  const bool bounded = level->held.size() != 1 || std::ranges::any_of(level->columns, [&](int column) {
                         return level->held.front().contains(column);
                       });
  if (condition.kind == Condition::Kind::kAnything && !bounded) return;
  const PartitionLevel& children = level->children->level;
  std::vector<size_t> pruned =
      ChildrenFor(context_, condition,
                  KeyOf(context_, table_, *level->partitioned->partition_key, level->columns, condition), children,
                  level->held);
  if (pruned.size() == children.size()) return;
  if (level->chosen.size() < children.size()) {
    std::vector<bool> ahead(children.size());
    for (const size_t child : level->chosen) ahead[child] = true;
    std::erase_if(pruned, [&](size_t child) { return !ahead[child]; });
  }
  level->pruned = std::move(pruned);
  level->chosen = level->pruned;
}

bool LeafCursor::TakesLastFirst(const Level& level) const {
  const bool ranges = level.partitioned->partition_key->strategy == PartitionStrategy::kRange;
  return last_first_ >= 0 && ranges && level.columns.front() == last_first_;
}

void LeafCursor::TakeLastFirst(int column) {
  last_first_ = column;
  for (Level& level : levels_) level.from_last = TakesLastFirst(level);
}

void LeafCursor::Narrow(Condition condition) {
  narrowed_ = std::move(condition);
  for (Level& level : levels_) Prune(narrowed_, &level);
}

RelationPtr LeafCursor::Next() {
  if (next_table_ < tables_.size()) return tables_[next_table_++];
  while (!levels_.empty()) {
    Level& level = levels_.back();
    if (level.chosen.empty()) {
      levels_.pop_back();
      continue;
    }
    const size_t next = level.from_last ? level.chosen.back() : level.chosen.front();
    level.chosen = level.from_last ? level.chosen.first(level.chosen.size() - 1) : level.chosen.subspan(1);
    RelationPtr child = level.children->relations[next];
    if (child->is_leaf()) {
      const bool waited = LockRelation(context_, child->id, LockMode::kAccessShare) == LockGrant::kAfterWait;
      return waited ? LockLeaf(context_, child->id, LockMode::kAccessShare) : child;
    }
    const SqlPartitionKey& key = *level.partitioned->partition_key;
    Open(child, HeldBelow(level.held, level.columns, key.parts, level.children->level, next));
  }
  return nullptr;
}

RelationPtr LockLeaf(duckdb::ClientContext& context, int64_t leaf, LockMode mode) {
  LockRelation(context, leaf, mode);
  RelationPtr now = ValueOrThrow(SessionState::ViewOf(context).FindById(leaf));
  if (!now) Throw(Error("40001", "could not serialize access: a partition was dropped meanwhile"));
  return now;
}

size_t LeafCursor::first_level_size() const {
  return levels_.empty() ? tables_.size() : levels_.front().chosen.size();
}

std::vector<RelationPtr> LeafCursor::first_level(size_t most) const {
  const size_t all = first_level_size();
  const size_t taken = std::min(most, all);
  std::vector<RelationPtr> some;
  for (size_t i = 0; i < taken; ++i) {
    const size_t place = i * all / taken;
    some.push_back(levels_.empty() ? tables_[place]
                                   : levels_.front().children->relations[levels_.front().chosen[place]]);
  }
  return some;
}

size_t CountLeaves(CatalogView& catalog, const RelationPtr& relation) {
  if (relation->is_leaf()) return 1;
  size_t leaves = 0;
  auto children = ValueOrThrow(catalog.Children(*relation));
  for (const RelationPtr& child : children->relations) leaves += child->is_leaf() ? 1 : CountLeaves(catalog, child);
  return leaves;
}

int PositionOf(const Relation& relation, const std::string& column) {
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    if (relation.columns[i].name == column) return static_cast<int>(i);
  }
  return -1;
}

std::vector<int> ColumnsInLeaf(const Relation& table, const std::vector<int>& columns, const Relation& leaf) {
  if (&leaf == &table) return columns;
  std::vector<int> places;
  for (const int column : columns) {
    const auto place = static_cast<size_t>(column);
    const std::string& name = table.columns[place].name;
    const bool same_place = place < leaf.columns.size() && leaf.columns[place].name == name;
    places.push_back(same_place ? column : PositionOf(leaf, name));
  }
  return places;
}

}  // namespace weir::sql
