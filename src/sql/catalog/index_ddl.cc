#include "sql/catalog/index_ddl.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "sql/catalog/alter_marks.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/foreign_ddl.h"
#include "sql/catalog/foreign_key_ddl.h"
#include "sql/catalog/hash_shards.h"
#include "sql/catalog/index_expression.h"
#include "sql/catalog/inline_partitions.h"
#include "sql/catalog/key_names.h"
#include "sql/catalog/pending_key.h"
#include "sql/catalog/sql_types.h"
#include "sql/catalog/table_definition.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr size_t kMostIndexColumns = 32;

/// The columns of an index's own table, none where there is no such table. Its keys have no NULLs.
std::vector<SqlColumn> StoredColumns(const SqlIndex& index, const Relation& table, const CatalogDraft& draft) {
  std::vector<SqlColumn> columns;
  // Clients of a cluster write rows without an index's keys, so that nobody may read by it: it keeps nothing.
  if (!index.unique && draft.is_of_cluster()) return columns;
  if (index.exclusion || index.partitioned || (!index.unique && table.PrimaryKey().empty())) return columns;
  const auto add = [&](std::string name, const std::string& type, const DataType& data_type) {
    SqlColumn& stored = columns.emplace_back();
    stored.name = std::move(name);
    stored.type = type;
    stored.data_type = data_type.WithNullable(false);
    stored.not_null = true;
  };
  const auto add_column = [&](std::string name, int place) {
    const SqlColumn& column = table.columns[static_cast<size_t>(place)];
    add(std::move(name), column.type, column.data_type);
  };
  for (size_t i = 0; i < index.columns.size(); ++i) {
    const std::string name = fmt::format("k{}", i + 1);
    const SqlIndex::Expression* expression = index.ExpressionAt(i);
    const auto type = expression == nullptr ? Result<SqlType>(SqlType()) : ResolveType(expression->type);
    if (expression != nullptr && type.ok()) add(name, expression->type, type->data_type);
    if (expression == nullptr) add_column(name, table.ColumnNumbered(index.columns[i]));
  }
  if (!index.nulls_distinct) add("nulls", "bigint", DataType::BigInt());
  const std::vector<int> primary_key = table.PrimaryKey();
  for (size_t i = 0; i < primary_key.size(); ++i) add_column(fmt::format("p{}", i + 1), primary_key[i]);
  return columns;
}

Result<int> NumberOf(const std::string& name, const IndexClause& clause, const Relation& table) {
  const int at = table.ColumnIndex(name);
  if (at >= 0) return table.NumberOf(static_cast<size_t>(at));
  const char* of_key = clause.constraint ? " named in key" : "";
  return Error("42703", fmt::format("column \"{}\"{} does not exist", name, of_key));
}

Status CheckMayBeKey(const std::string& of_type, bool unique, int position) {
  WEIR_ASSIGN_OR_RETURN(const SqlType type, ResolveType(of_type));
  WEIR_RETURN_NOT_OK(CheckHasOperatorClass(type, "btree", ClassUse::kIndex, position));
  const char* what = unique ? "a unique key" : "an index";
  if (unique) WEIR_RETURN_NOT_OK(CheckHasOneForm(type, false, position));
  if (!type.data_type.is_nested() && postgres::ArrayElement(type.oid) == 0) return Status::OK();
  return Error("0A000", fmt::format("{} of type {} is not supported", what, postgres::WithTypeNames(type.name)),
               {.position = position});
}

Result<SqlIndex> Resolve(const IndexClause& clause, const Relation& table) {
  if (clause.columns.size() + clause.included.size() > kMostIndexColumns) {
    return Error("54011", fmt::format("cannot use more than {} columns in an index", kMostIndexColumns));
  }
  SqlIndex index;
  index.table = table.id;
  for (size_t i = 0; i < clause.columns.size(); ++i) {
    if (const SqlIndex::Expression* expression = clause.ExpressionAt(i)) {
      if (!clause.exclusion) WEIR_RETURN_NOT_OK(CheckMayBeKey(expression->type, clause.unique, clause.position));
      index.columns.push_back(0);
      index.expressions.push_back(*expression);
      continue;
    }
    const std::string& name = clause.columns[i];
    WEIR_ASSIGN_OR_RETURN(index.columns.emplace_back(), NumberOf(name, clause, table));
    if (clause.exclusion) continue;
    WEIR_RETURN_NOT_OK(CheckMayBeKey(table.columns[static_cast<size_t>(table.ColumnIndex(name))].type, clause.unique,
                                     clause.position));
  }
  index.condition = clause.condition;
  index.nulls_distinct = clause.nulls_distinct;
  index.shards = clause.shards;
  WEIR_ASSIGN_OR_RETURN(index.uses, UsedColumns(index, table));
  for (const std::string& name : clause.included) {
    WEIR_ASSIGN_OR_RETURN(index.included.emplace_back(), NumberOf(name, clause, table));
  }
  index.orders = clause.orders;
  index.orders.resize(index.columns.size());
  index.unique = clause.unique;
  index.constraint = clause.constraint;
  index.exclusion = clause.exclusion;
  index.partitioned = table.is_partitioned();
  return index;
}

bool IsPrimaryKey(const IndexClause& clause) { return clause.primary || clause.deferrable_key == 'p'; }

/// As PostgreSQL calls an index that has no name.
Result<std::string> ChooseName(const IndexClause& clause, const Relation& table, CatalogDraft& draft) {
  const bool primary = IsPrimaryKey(clause);
  std::vector<std::string> labels = LabelsOf(clause);
  for (const std::string& included : clause.included) labels.push_back(UnusedLabel(labels, included));
  const std::string columns = primary ? "" : fmt::format("{}", fmt::join(labels, "_"));
  const bool excludes = clause.exclusion && clause.deferrable_key == '\0';
  const std::string label = primary ? "pkey" : excludes ? "excl" : clause.constraint ? "key" : "idx";
  for (int number = 0;; ++number) {
    std::string name = ObjectName(table.path.table, columns, number == 0 ? label : label + std::to_string(number));
    WEIR_ASSIGN_OR_RETURN(const RelationPtr taken, draft.Find({table.path.database, name}));
    if (!taken && table.FindConstraint(name) == nullptr) return name;
  }
}

bool IsAlike(const Relation& index, const Relation& table, const IndexClause& clause) {
  return index.index->unique == clause.unique && index.index->exclusion == clause.exclusion &&
         index.index->nulls_distinct == clause.nulls_distinct &&
         index.index->condition == clause.condition && index.index->shards == clause.shards &&
         KeyColumnsOf(*index.index, table) == clause.columns;
}

/// An index that a partition has already becomes the part of its parent's.
RelationPtr Adopt(const IndexClause& clause, int64_t parent, CatalogDraft* draft, Relation* table) {
  for (const RelationPtr& own : table->indexes) {
    if (own->index->parent || !IsAlike(*own, *table, clause)) continue;
    if (clause.deferrable_key != DeferrableKeyOf(*own, *table)) continue;
    if (clause.constraint && !own->index->constraint) continue;
    auto adopted = std::make_shared<Relation>(*own);
    adopted->index->parent = parent;
    PutIndex(adopted, draft, table);
    return adopted;
  }
  return nullptr;
}

/// What a constraint's index says of its key beside the columns.
IndexClause ClauseOfConstraint(const SqlConstraint& constraint) {
  return {.name = constraint.name,
          .columns = constraint.columns,
          .included = constraint.included,
          .constraint = true,
          .primary = constraint.primary,
          .nulls_distinct = constraint.nulls_distinct};
}

/// A DEFERRABLE key, as it is kept.
Status AddDeferrableKey(const IndexClause& clause, const std::string& name, Relation* table) {
  if (clause.deferrable_key == 'p') {
    WEIR_RETURN_NOT_OK(CheckHasNoPrimaryKey(*table));
    for (const std::string& of_key : clause.columns) {
      BecomeNotNull(&table->columns[static_cast<size_t>(table->ColumnIndex(of_key))]);
    }
  }
  SqlConstraint key{
      .kind = SqlConstraint::Kind::kExclusion, .name = name, .columns = clause.columns, .check = {}};
  key.included = clause.included;
  key.nulls_distinct = clause.nulls_distinct;
  key.exclusion = SqlExclusion{.method = "btree", .operators = {}};
  key.exclusion->operators.assign(clause.columns.size(), "=");
  key.exclusion->key = clause.deferrable_key;
  key.exclusion->deferred = clause.deferred;
  table->constraints.push_back(std::move(key));
  return Status::OK();
}

/// The constraint that an index of the clause stands for.
Status AddConstraintOf(const IndexClause& clause, CatalogDraft* draft, Relation* table) {
  for (const std::string& name : clause.columns) {
    WEIR_RETURN_NOT_OK(NumberOf(name, clause, *table).status());
  }
  TableConstraint constraint;
  const bool primary = IsPrimaryKey(clause);
  constraint.kind = primary ? TableConstraint::Kind::kPrimaryKey : TableConstraint::Kind::kUnique;
  constraint.name = clause.name;
  constraint.columns = clause.columns;
  constraint.included = clause.included;
  constraint.nulls_not_distinct = !clause.nulls_distinct;
  constraint.position = clause.position;
  if (constraint.name.empty()) {
    WEIR_ASSIGN_OR_RETURN(constraint.name, ChooseName(clause, *table, *draft));
  } else {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr taken, draft->Find({table->path.database, constraint.name}));
    if (taken) return NameIsTaken(constraint.name);
  }
  if (table->FindConstraint(constraint.name) != nullptr) {
    return Error("42710", fmt::format("constraint \"{}\" for relation \"{}\" already exists", constraint.name,
                                      table->path.table));
  }
  if (clause.deferrable_key != '\0') return AddDeferrableKey(clause, constraint.name, table);
  return AddConstraint(constraint, table);
}

std::optional<int64_t> PartOf(const Relation* parent, const IndexClause& clause) {
  if (parent == nullptr) return std::nullopt;
  for (const RelationPtr& index : parent->indexes) {
    const bool same = IsAlike(*index, *parent, clause) && index->index->constraint == clause.constraint &&
                      !index->index->primary;
    if (same) return index->id;
  }
  return std::nullopt;
}

Status NotAnIndex(const Relation& relation) {
  return Error("42809", fmt::format("\"{}\" is not an index", relation.path.table), {.hint = HowToDrop(relation)});
}

Result<RelationPtr> TableOf(const Relation& index, CatalogDraft& draft) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr table, draft.FindById(index.index->table));
  if (table) return table;
  return Error("XX000", fmt::format("the table of index \"{}\" is gone", index.path.table));
}

}  // namespace

std::vector<std::string> LabelsOf(const IndexClause& clause) {
  std::vector<std::string> labels;
  if (clause.shards > 0) labels.push_back(ShardColumnName(clause.columns, clause.shards));
  for (size_t i = 0; i < clause.columns.size(); ++i) {
    const SqlIndex::Expression* expression = clause.ExpressionAt(i);
    const std::string own = expression == nullptr ? clause.columns[i] : expression->label;
    labels.push_back(UnusedLabel(labels, own));
  }
  return labels;
}

IndexClause ClauseOf(const Relation& index, const Relation& table) {
  IndexClause clause;
  clause.columns = KeyColumnsOf(*index.index, table);
  clause.orders = index.index->orders;
  for (const int number : index.index->included) {
    clause.included.push_back(table.columns[static_cast<size_t>(table.ColumnNumbered(number))].name);
  }
  clause.unique = index.index->unique;
  clause.constraint = index.index->constraint;
  clause.exclusion = index.index->exclusion;
  clause.deferrable_key = DeferrableKeyOf(index, table);
  clause.deferred = clause.deferrable_key != '\0' && table.FindConstraint(index.path.table)->exclusion->deferred;
  const SqlConstraint* constraint = clause.constraint ? table.FindConstraint(index.path.table) : nullptr;
  clause.primary = constraint != nullptr && constraint->primary;
  for (size_t i = 0; i < clause.columns.size(); ++i) {
    const SqlIndex::Expression* expression = index.index->ExpressionAt(i);
    clause.expressions.push_back(expression == nullptr ? std::nullopt : std::optional(*expression));
  }
  clause.condition = index.index->condition;
  clause.nulls_distinct = index.index->nulls_distinct;
  clause.shards = index.index->shards;
  return clause;
}

// --- making them ---

Result<std::shared_ptr<Relation>> AddIndex(const IndexClause& clause, std::optional<int64_t> parent,
                                           CatalogDraft* draft, Relation* table) {
  auto index = std::make_shared<Relation>();
  WEIR_ASSIGN_OR_RETURN(index->index, Resolve(clause, *table));
  index->index->parent = parent;
  index->path = {table->path.database, clause.name};
  if (clause.name.empty()) {
    WEIR_ASSIGN_OR_RETURN(index->path.table, ChooseName(clause, *table, *draft));
  } else {
    WEIR_RETURN_NOT_OK(CheckNewName(*draft, index->path));
  }
  index->columns = StoredColumns(*index->index, *table, *draft);
  WEIR_ASSIGN_OR_RETURN(index->id, draft->TakeIds(1));
  draft->Put(index, nullptr);
  table->indexes.push_back(index);
  return index;
}

Result<std::shared_ptr<Relation>> AddKeyIndex(IndexClause clause, std::optional<int64_t> parent, CatalogDraft* draft,
                                              Relation* table) {
  WEIR_RETURN_NOT_OK(AddConstraintOf(clause, draft, table));
  clause.name = table->constraints.back().name;
  WEIR_RETURN_NOT_OK(CheckUniqueHoldsPartitionKey(*table, clause.columns, KeyWord(IsPrimaryKey(clause))));
  return AddIndex(clause, parent, draft, table);
}

Status AddIndexesOfNew(const Relation* parent, CatalogDraft* draft, Relation* table) {
  for (SqlConstraint& constraint : table->constraints) {
    if (constraint.kind != SqlConstraint::Kind::kUnique) continue;
    IndexClause clause = ClauseOfConstraint(constraint);
    WEIR_ASSIGN_OR_RETURN(const RelationPtr taken, draft->Find({table->path.database, constraint.name}));
    // A name that was chosen makes room for what is there.
    if (taken && constraint.name == ChosenKeyName(table->path.table, constraint)) {
      clause.name.clear();
      WEIR_ASSIGN_OR_RETURN(clause.name, ChooseName(clause, *table, *draft));
      constraint.name = clause.name;
    }
    WEIR_RETURN_NOT_OK(AddIndex(clause, PartOf(parent, clause), draft, table).status());
  }
  if (parent == nullptr || table->is_foreign()) return Status::OK();
  for (const RelationPtr& index : parent->indexes) {
    if (index->index->primary || (index->index->constraint && !index->index->exclusion)) continue;
    const IndexClause clause = ClauseOf(*index, *parent);
    if (clause.constraint) {
      WEIR_RETURN_NOT_OK(AddKeyIndex(clause, index->id, draft, table).status());
      continue;
    }
    if (clause.unique) WEIR_RETURN_NOT_OK(CheckUniqueHoldsPartitionKey(*table, clause.columns));
    WEIR_RETURN_NOT_OK(AddIndex(clause, index->id, draft, table).status());
  }
  return Status::OK();
}

Status AddIndexToTree(const IndexClause& clause, std::optional<int64_t> parent, AlteredTree* tree) {
  if (clause.unique || clause.constraint) WEIR_RETURN_NOT_OK(CheckMayBeUnique(tree));
  std::map<int64_t, int64_t> made;  // the index of each relation
  for (AlteredRelation& member : tree->members()) {
    if (member.before->is_foreign()) continue;
    const bool root = &member == &tree->root();
    IndexClause own = clause;
    if (!root) own.name.clear();
    const std::optional<int64_t> above = root ? parent : std::optional(made.at(member.parent->id));
    const RelationPtr adopted = above ? Adopt(own, *above, tree->draft(), &member.now) : nullptr;
    if (adopted) {
      made[member.before->id] = adopted->id;
      continue;
    }
    if (own.unique && !own.constraint) WEIR_RETURN_NOT_OK(CheckUniqueHoldsPartitionKey(member.now, own.columns));
    WEIR_ASSIGN_OR_RETURN(const auto index, own.constraint ? AddKeyIndex(own, above, tree->draft(), &member.now)
                                                           : AddIndex(own, above, tree->draft(), &member.now));
    index->index->valid = !root || !tree->leaves_out_partitions();
    made[member.before->id] = index->id;
    if (member.before->table && index->has_storage()) member.new_indexes.push_back(index);
  }
  return Status::OK();
}

Status AddIndexesOfParent(const Relation& parent, AlteredTree* tree) {
  for (const RelationPtr& index : parent.indexes) {
    if (index->index->primary) continue;
    WEIR_RETURN_NOT_OK(AddIndexToTree(ClauseOf(*index, parent), index->id, tree));
  }
  return Status::OK();
}

// --- changing them ---

void PutIndex(std::shared_ptr<Relation> index, CatalogDraft* draft, Relation* table) {
  for (RelationPtr& own : table->indexes) {
    if (own->id != index->id) continue;
    draft->Put(index, own);
    own = std::move(index);
    return;
  }
}

void LeaveParentsIndexes(CatalogDraft* draft, Relation* partition) {
  for (const RelationPtr& own : std::vector<RelationPtr>(partition->indexes)) {
    if (!own->index->parent) continue;
    auto index = std::make_shared<Relation>(*own);
    index->index->parent.reset();
    PutIndex(std::move(index), draft, partition);
  }
}

namespace {

/// Whether an index stands for a constraint.
bool IsOf(const Relation& index, const SqlConstraint& constraint) {
  const bool has_index = constraint.kind == SqlConstraint::Kind::kUnique || constraint.exclusion.has_value();
  return has_index && index.index->constraint && constraint.name == index.path.table;
}

}  // namespace

void RemoveIndexes(const std::vector<RelationPtr>& gone, CatalogDraft* draft, Relation* table) {
  for (const RelationPtr& index : gone) {
    std::erase_if(table->indexes, [&](const RelationPtr& own) { return own->id == index->id; });
    std::erase_if(table->constraints, [&](const SqlConstraint& constraint) { return IsOf(*index, constraint); });
    draft->Remove(index);
  }
}

char DeferrableKeyOf(const Relation& index, const Relation& table) {
  const SqlConstraint* constraint = index.index->exclusion ? table.FindConstraint(index.path.table) : nullptr;
  return constraint != nullptr && constraint->exclusion ? constraint->exclusion->key : '\0';
}

RelationPtr IndexOfConstraint(const Relation& table, const std::string& name) {
  for (const RelationPtr& index : table.indexes) {
    if (index->index->constraint && index->path.table == name) return index;
  }
  return nullptr;
}

Status RenameIndexOf(const Relation& index, const std::string& name, CatalogDraft* draft, Relation* table) {
  auto renamed = std::make_shared<Relation>(index);
  renamed->path.table = name;
  WEIR_RETURN_NOT_OK(CheckNewName(*draft, renamed->path));
  RenameInMarks(index.path.table, name, &table->marks);
  for (SqlConstraint& constraint : table->constraints) {
    if (IsOf(index, constraint)) constraint.name = name;
  }
  PutIndex(std::move(renamed), draft, table);
  return Status::OK();
}

void RenewIndexes(CatalogDraft* draft, Relation* table) {
  for (const RelationPtr& own : std::vector<RelationPtr>(table->indexes)) {
    auto index = std::make_shared<Relation>(*own);
    index->table = nullptr;
    index->index->partitioned = table->is_partitioned();
    index->columns = StoredColumns(*index->index, *table, *draft);
    PutIndex(std::move(index), draft, table);
  }
}

// --- statements ---

namespace {

Status CheckMayHaveIndex(const Relation& relation) {
  if (relation.is_foreign() || (!relation.is_leaf() && !relation.is_partitioned())) {
    return Error("42809", fmt::format("cannot create index on relation \"{}\"", relation.path.table),
                 {.detail = fmt::format("This operation is not supported for {}.", PluralOfKind(relation))});
  }
  return CheckMayAlter(relation);
}

Status TakeClass(const IndexColumn& column, const std::string& of_type, IndexClause* clause) {
  WEIR_RETURN_NOT_OK(CheckCollationExists(column.collation, 0));
  WEIR_ASSIGN_OR_RETURN(const SqlType type, ResolveType(of_type));
  clause->orders.back().operator_class = OtherOperatorClass(column.operator_class, type);
  return CheckOperatorClass(column.operator_class, "btree", type, 0);
}

Status AddPart(const IndexColumn& column, const Relation& table, const DdlContext& context, CatalogDraft* draft,
               IndexClause* clause) {
  clause->orders.push_back({.descending = column.descending,
                            .nulls_first = column.nulls_first.value_or(column.descending)});
  if (column.expression) {
    WEIR_ASSIGN_OR_RETURN(SqlIndex::Expression expression, DefineExpression(*column.expression, table, context, draft));
    WEIR_RETURN_NOT_OK(TakeClass(column, expression.type, clause));
    clause->columns.push_back(TextInIndex(expression));
    clause->expressions.emplace_back(std::move(expression));
    return Status::OK();
  }
  const int at = table.ColumnIndex(column.name);
  if (at < 0) return Error("42703", fmt::format("column \"{}\" does not exist", column.name));
  if (clause->shards > 0 && table.columns[static_cast<size_t>(at)].generated) return ShardOfComputed();
  clause->columns.push_back(column.name);
  clause->expressions.emplace_back();
  return TakeClass(column, table.columns[static_cast<size_t>(at)].type, clause);
}

/// The index that was made last of the tree's root.
Status PartitionNewIndex(const InlinePartitions& partitions, const DdlContext& context, AlteredTree* tree) {
  Relation& root = tree->root().now;
  auto index = std::make_shared<Relation>(*root.indexes.back());
  WEIR_ASSIGN_OR_RETURN(index->index->declared, DeclareIndexPartitions(partitions, context, root, *index));
  // The draft has the index that is made already.
  const RelationPtr before = root.indexes.back();
  tree->draft()->Put(index, before);
  root.indexes.back() = index;
  return Status::OK();
}

/// `partitions`: KWDB's of the index; null: it has none.
Result<Notices> MakeIndex(const CreateIndex& statement, const InlinePartitions* partitions, const DdlContext& context,
                          CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, FindNamed(*draft, statement.table, context));
  WEIR_RETURN_NOT_OK(CheckMayHaveIndex(*table));
  if (statement.concurrently && table->is_partitioned()) {
    return Error("0A000",
                 fmt::format("cannot create index on partitioned table \"{}\" concurrently", table->path.table));
  }
  IndexClause clause{
      .name = statement.name.value_or(""), .columns = {}, .included = statement.included, .unique = statement.unique};
  clause.nulls_distinct = !statement.nulls_not_distinct;
  clause.shards = statement.shards;
  const bool computed = std::ranges::any_of(
      statement.columns, [](const IndexColumn& column) { return column.expression.has_value(); });
  if (clause.shards > 0 && computed) return Error("0A000", "hash sharding of expressions is not supported");
  if (statement.condition) {
    WEIR_ASSIGN_OR_RETURN(clause.condition, DefineCondition(*statement.condition, *table, context, draft));
  }
  for (const IndexColumn& column : statement.columns) {
    WEIR_RETURN_NOT_OK(AddPart(column, *table, context, draft, &clause));
  }
  WEIR_RETURN_NOT_OK(CheckNoKwdbLeaf(*draft, table));
  if (!clause.name.empty()) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr taken, FindTaken(*draft, {table->path.database, clause.name}));
    const bool skip = taken && statement.if_not_exists;
    if (skip) return Notices{fmt::format("relation \"{}\" already exists, skipping", clause.name)};
  }
  WEIR_ASSIGN_OR_RETURN(AlteredTree tree, AlteredTree::Load(draft, table, statement.only));
  WEIR_RETURN_NOT_OK(AddIndexToTree(clause, std::nullopt, &tree));
  if (partitions != nullptr) WEIR_RETURN_NOT_OK(PartitionNewIndex(*partitions, context, &tree));
  WEIR_ASSIGN_OR_RETURN(Notices notices, tree.Finish(context));
  if (!table->declared_by.empty() && partitions == nullptr) {
    notices.emplace_back("creating non-partitioned index on partitioned table may not be performant",
                         "Consider modifying the index such that it is also partitioned.");
  }
  if (!clause.unique && table->PrimaryKey().empty()) {
    notices.push_back(fmt::format("an index of table \"{}\" finds no rows, as the table has no primary key: rows are "
                                  "found by partition bounds and the statistics of batches", table->path.table));
  }
  return notices;
}

}  // namespace

Result<Notices> Execute(const CreateIndex& statement, const DdlContext& context, CatalogDraft* draft) {
  return MakeIndex(statement, nullptr, context, draft);
}

Result<Notices> Execute(const InlineIndex& inlined, const QualifiedName& table, const DdlContext& context,
                        CatalogDraft* draft) {
  CreateIndex index = inlined.index;
  index.table = table;
  return MakeIndex(index, inlined.partitions ? &*inlined.partitions : nullptr, context, draft);
}

namespace {

/// The index of a primary key is called as its constraint is.
Status RenameKeyOf(const RelationPtr& table, const std::string& name, CatalogDraft* draft) {
  WEIR_RETURN_NOT_OK(CheckMayAlter(*table));
  WEIR_RETURN_NOT_OK(CheckNewName(*draft, {table->path.database, name}));
  auto changed = std::make_shared<Relation>(*table);
  for (SqlConstraint& constraint : changed->constraints) {
    if (constraint.kind != SqlConstraint::Kind::kPrimaryKey) continue;
    RenameInMarks(constraint.name, name, &changed->marks);
    constraint.name = name;
  }
  draft->Put(std::move(changed), table);
  return Status::OK();
}

}  // namespace

Result<Notices> Execute(const RenameIndex& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr index, FindNamed(*draft, statement.name, context, true));
  if (!index) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr of_key, TableOfKey(*draft, PathOf(statement.name, context)));
    if (!of_key) return statement.if_exists ? Result<Notices>(Skipped(statement.name)) : NoRelation(statement.name);
    WEIR_RETURN_NOT_OK(RenameKeyOf(of_key, statement.new_name, draft));
    return Notices();
  }
  if (!index->is_index()) return Error("42809", fmt::format("\"{}\" is not an index", index->path.table));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, TableOf(*index, *draft));
  auto changed = std::make_shared<Relation>(*table);
  WEIR_RETURN_NOT_OK(RenameIndexOf(*index, statement.new_name, draft, changed.get()));
  draft->Put(std::move(changed), table);
  return Notices();
}

namespace {

/// The indexes that ALTER INDEX … ATTACH PARTITION names, and their tables.
struct Attached {
  RelationPtr whole;
  RelationPtr part;
  RelationPtr whole_table;
  RelationPtr part_table;
};

Status CannotAttach(const Attached& attached, std::string_view sqlstate, std::string detail) {
  return Error(sqlstate,
               fmt::format("cannot attach index \"{}\" as a partition of index \"{}\"", attached.part->path.table,
                           attached.whole->path.table),
               {.detail = std::move(detail)});
}

Result<Attached> FindAttached(const AttachIndex& statement, const DdlContext& context, CatalogDraft& draft) {
  Attached attached;
  WEIR_ASSIGN_OR_RETURN(attached.whole, FindNamed(draft, statement.name, context));
  if (!attached.whole->is_index()) {
    return Error("42809", fmt::format("\"{}\" is not an index", attached.whole->path.table));
  }
  if (!attached.whole->index->partitioned) {
    return Error("42809", fmt::format("ALTER action ATTACH PARTITION cannot be performed on relation \"{}\"",
                                      attached.whole->path.table),
                 {.detail = "This operation is not supported for indexes."});
  }
  WEIR_ASSIGN_OR_RETURN(attached.part, FindNamed(draft, statement.partition, context));
  if (!attached.part->is_index()) {
    return Error("42P17", fmt::format("\"{}\" is not an index", attached.part->path.table));
  }
  WEIR_ASSIGN_OR_RETURN(attached.whole_table, TableOf(*attached.whole, draft));
  WEIR_ASSIGN_OR_RETURN(attached.part_table, TableOf(*attached.part, draft));
  return attached;
}

Status CheckMayAttach(const Attached& attached) {
  const auto& [whole, part, whole_table, part_table] = attached;
  if (part_table->parent != whole_table->id) {
    return CannotAttach(attached, "55000", fmt::format("Index \"{}\" is not an index on any partition of table \"{}\".",
                                                       part->path.table, whole_table->path.table));
  }
  if (part->index->parent) {
    return CannotAttach(attached, "55000",
                        fmt::format("Index \"{}\" is already attached to another index.", part->path.table));
  }
  for (const RelationPtr& own : part_table->indexes) {
    if (own->index->parent != whole->id) continue;
    return CannotAttach(attached, "55000", fmt::format("Another index is already attached for partition \"{}\".",
                                                       part_table->path.table));
  }
  if (!SayTheSame(*part->index, *part_table, *whole->index, *whole_table)) {
    return CannotAttach(attached, "42P17", "The index definitions do not match.");
  }
  if (!whole->index->constraint || part->index->constraint) return Status::OK();
  return CannotAttach(attached, "42P17",
                      fmt::format("The index \"{}\" belongs to a constraint in table \"{}\" but no constraint exists "
                                  "for index \"{}\".",
                                  whole->path.table, whole_table->path.table, part->path.table));
}

Result<bool> HasAllParts(const Relation& index, const Relation& table, CatalogDraft& draft) {
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft.Children(table));
  return std::ranges::all_of(children->relations, [&](const RelationPtr& child) {
    return std::ranges::any_of(child->indexes, [&](const RelationPtr& own) {
      return own->index->parent == index.id && own->index->valid;
    });
  });
}

/// An index becomes valid with its last part, and may be the last part of another one.
Status Validate(int64_t id, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr index, draft->FindById(id));
  if (!index || index->index->valid) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, TableOf(*index, *draft));
  WEIR_ASSIGN_OR_RETURN(const bool whole, HasAllParts(*index, *table, *draft));
  if (!whole) return Status::OK();
  auto valid = std::make_shared<Relation>(*index);
  valid->index->valid = true;
  auto changed = std::make_shared<Relation>(*table);
  PutIndex(std::move(valid), draft, changed.get());
  draft->Put(std::move(changed), table);
  return index->index->parent ? Validate(*index->index->parent, draft) : Status::OK();
}

}  // namespace

Result<Notices> Execute(const AttachIndex& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const auto of_key, AttachKey(statement, context, draft));
  if (of_key) return *of_key;
  WEIR_ASSIGN_OR_RETURN(const Attached attached, FindAttached(statement, context, *draft));
  if (attached.part->index->parent == attached.whole->id) return Notices();
  WEIR_RETURN_NOT_OK(CheckMayAttach(attached));
  auto part = std::make_shared<Relation>(*attached.part);
  part->index->parent = attached.whole->id;
  auto table = std::make_shared<Relation>(*attached.part_table);
  PutIndex(std::move(part), draft, table.get());
  draft->Put(std::move(table), attached.part_table);
  WEIR_RETURN_NOT_OK(Validate(attached.whole->id, draft));
  return Notices();
}

namespace {

/// Somebody else's part goes with the whole only.
Status CheckMayGo(const Relation& index, const Relation& table, const std::set<int64_t>& going, CatalogDraft& draft) {
  const std::string what = fmt::format("index {}", index.path.table);
  if (index.index->parent && !going.contains(*index.index->parent)) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr whole, draft.FindById(*index.index->parent));
    return RequiredBy(what, fmt::format("index {}", whole ? whole->path.table : ""));
  }
  if (!index.index->constraint) return Status::OK();
  return RequiredBy(what, fmt::format("constraint {} on table {}", index.path.table, table.path.table));
}

Status CheckConcurrently(const DropIndexes& statement, const Relation& index) {
  if (!statement.concurrently) return Status::OK();
  constexpr std::string_view kDoesNot = "DROP INDEX CONCURRENTLY does not support";
  if (statement.names.size() > 1) return Error("0A000", fmt::format("{} dropping multiple objects", kDoesNot));
  if (statement.cascade) return Error("0A000", fmt::format("{} CASCADE", kDoesNot));
  if (!index.index->partitioned) return Status::OK();
  return Error("0A000", fmt::format("cannot drop partitioned index \"{}\" concurrently", index.path.table));
}

/// 2BP01 for the index of a primary key, which goes with its constraint, or with that of the table above.
Status CheckIsNoKey(const QualifiedName& name, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, TableOfKey(*draft, PathOf(name, context)));
  if (!table) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr above,
                        table->parent ? draft->FindById(*table->parent) : Result<RelationPtr>(RelationPtr()));
  const auto whole = above
                         ? std::ranges::find(above->constraints, SqlConstraint::Kind::kPrimaryKey, &SqlConstraint::kind)
                         : std::vector<SqlConstraint>::const_iterator();
  if (above && whole != above->constraints.end()) {
    return RequiredBy(fmt::format("index {}", name.name), fmt::format("index {}", whole->name));
  }
  return RequiredBy(fmt::format("index {}", name.name),
                    fmt::format("constraint {} on table {}", name.name, table->path.table));
}

/// The index and its parts.
Result<Notices> DropWhole(const RelationPtr& index, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, TableOf(*index, *draft));
  WEIR_ASSIGN_OR_RETURN(AlteredTree tree, AlteredTree::Load(draft, table, false));
  std::set<int64_t> ids = {index->id};
  for (AlteredRelation& member : tree.members()) {
    std::vector<RelationPtr> gone;
    for (const RelationPtr& own : member.now.indexes) {
      if (ids.contains(own->id) || (own->index->parent && ids.contains(*own->index->parent))) gone.push_back(own);
    }
    for (const RelationPtr& one : gone) ids.insert(one->id);
    RemoveIndexes(gone, draft, &member.now);
  }
  return tree.Finish(context);
}

}  // namespace

Result<Notices> Execute(const DropIndexes& statement, const DdlContext& context, CatalogDraft* draft) {
  Notices notices;
  std::vector<RelationPtr> indexes;
  std::set<int64_t> going;
  for (const QualifiedName& name : statement.names) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr index, draft->Find(PathOf(name, context)));
    if (!index) WEIR_RETURN_NOT_OK(CheckIsNoKey(name, context, draft));
    if (!index && statement.if_exists) {
      notices.push_back(fmt::format("index \"{}\" does not exist, skipping", name.name));
      continue;
    }
    if (!index) return Error("42704", fmt::format("index \"{}\" does not exist", name.name));
    if (!index->is_index()) return NotAnIndex(*index);
    WEIR_RETURN_NOT_OK(CheckConcurrently(statement, *index));
    if (going.insert(index->id).second) indexes.push_back(index);
  }
  Dependents dependents;
  for (const RelationPtr& index : indexes) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr table, TableOf(*index, *draft));
    WEIR_RETURN_NOT_OK(CheckMayGo(*index, *table, going, *draft));
    WEIR_ASSIGN_OR_RETURN(auto keys, KeysNeedingIndex(*draft, table, index->path.table, context));
    std::ranges::move(keys, std::back_inserter(dependents.keys));
  }
  const std::string what = indexes.size() == 1 ? fmt::format("index {}", indexes[0]->path.table) : "";
  WEIR_RETURN_NOT_OK(CheckNothingDepends(what, dependents, statement.cascade));
  AddCascadeNotice(dependents, context, &notices);
  WEIR_RETURN_NOT_OK(DropKeys(dependents.keys, context, draft));
  for (const RelationPtr& index : indexes) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr there, draft->FindById(index->id));
    if (there) WEIR_RETURN_NOT_OK(DropWhole(there, context, draft).status());
  }
  return notices;
}

}  // namespace weir::sql
