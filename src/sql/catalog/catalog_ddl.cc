#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "model/table_rules.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/classic_partitions.h"
#include "sql/catalog/definition.h"
#include "sql/catalog/fluss_tables.h"
#include "sql/catalog/inline_partitions.h"
#include "sql/catalog/partition_bounds.h"
#include "sql/catalog/pending_tables.h"
#include "sql/catalog/table_definition.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using Notices = CatalogImpl::Notices;

TablePath PathOf(const QualifiedName& name, const Catalog::DdlContext& context) {
  if (!name.schema.empty() && name.schema != "public") return {name.schema, name.name};
  return {name.database.empty() ? context.database : name.database, name.name};
}

/// As errors show a name: with the schema when it was written.
std::string Shown(const QualifiedName& name) { return name.schema.empty() ? name.name : name.schema + "." + name.name; }

Status NoRelation(const QualifiedName& name) {
  return Error("42P01", fmt::format("relation \"{}\" does not exist", Shown(name)), {.position = name.position});
}

Result<RelationPtr> FindNamed(CatalogImpl& catalog, const QualifiedName& name, const Catalog::DdlContext& context) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, catalog.Find(PathOf(name, context)));
  if (!relation) return NoRelation(name);
  return relation;
}

Status CheckOwn(const Relation& relation) {
  if (CatalogImpl::IsSql(relation)) return Status::OK();
  return Error("0A000", fmt::format("the partitions of \"{}\" are not SQL's to change", relation.path.table),
               {.detail = "The table was made through Fluss, which keeps its partitions."});
}

Status CheckDatabase(CatalogImpl& catalog, const TablePath& path, const QualifiedName& name) {
  if (path.database == kSystemDatabase) {
    return Error("42501", fmt::format("permission denied: \"{}\" is a system database", kSystemDatabase));
  }
  const auto exists = catalog.gateway().DatabaseExists(path.database).Wait();
  if (!exists.ok()) return exists.status();
  if (*exists) return Status::OK();
  const bool schema = !name.schema.empty() && name.schema != "public";
  return schema ? Error("3F000", fmt::format("schema \"{}\" does not exist", path.database), {.position = name.position})
                : Error("3D000", fmt::format("database \"{}\" does not exist", path.database));
}

Status CheckName(const TablePath& path) {
  const Status valid = ValidateTableName(path.table);
  return valid.ok() ? valid : Error("42602", valid.message());
}

/// The leaves below a relation, or itself.
Status CollectLeaves(CatalogImpl& catalog, const RelationPtr& relation, std::vector<RelationPtr>* leaves) {
  if (relation->is_leaf()) {
    leaves->push_back(relation);
    return Status::OK();
  }
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog.Children(*relation));
  for (const size_t child : children->level.bound_order()) {
    WEIR_RETURN_NOT_OK(CollectLeaves(catalog, children->relations[child], leaves));
  }
  return Status::OK();
}

Status CollectTree(CatalogImpl& catalog, const RelationPtr& relation, std::vector<RelationPtr>* members) {
  members->push_back(relation);
  if (relation->is_leaf() || !CatalogImpl::IsSql(*relation)) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog.Children(*relation));
  for (const RelationPtr& child : children->relations) WEIR_RETURN_NOT_OK(CollectTree(catalog, child, members));
  return Status::OK();
}


/// 23514 when a DEFAULT sibling has a row that belongs to a new partition of this bound.
Status CheckDefaultSibling(CatalogImpl& catalog, const Relation& parent, const BoundIndex& siblings,
                           const PartitionBound& bound, const Catalog::DdlContext& context) {
  if (!siblings.default_child() || IsDefault(bound)) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr sibling, catalog.FindById(*siblings.default_child()));
  if (!sibling) return Error("XX000", fmt::format("the DEFAULT partition of \"{}\" is gone", parent.path.table));
  std::vector<RelationPtr> leaves;
  WEIR_RETURN_NOT_OK(CollectLeaves(catalog, sibling, &leaves));
  const std::string condition = Conjunction(BoundConditions(parent, bound, {}));
  for (const RelationPtr& leaf : leaves) {
    WEIR_ASSIGN_OR_RETURN(const bool found, context.has_row(*leaf, condition));
    if (!found) continue;
    return Error("23514",
                 fmt::format("updated partition constraint for default partition \"{}\" would be violated by some row",
                             leaf->path.table),
                 {.schema = "public", .table = leaf->path.table});
  }
  return Status::OK();
}

Status CheckRoom(CatalogImpl& catalog, const Relation& parent) {
  WEIR_ASSIGN_OR_RETURN(const size_t there, catalog.CountChildren(parent));
  return CheckPartitionCount(parent, there + 1);
}

/// What a CREATE TABLE statement sees: the catalog, and before it what its own block has made and not written yet.
struct View {
  CatalogImpl& catalog;
  const PendingTables* pending;  // null: nothing waits

  Result<RelationPtr> Find(const TablePath& path) const {
    RelationPtr waiting = pending == nullptr ? nullptr : pending->Find(path);
    if (waiting) return waiting;
    return catalog.Find(path);
  }
  bool IsWritten(const Relation& relation) const { return pending == nullptr || !pending->Holds(relation); }
};

std::function<std::string(int64_t)> NamesOf(CatalogImpl& catalog) {
  return [&catalog](int64_t id) {
    const auto relation = catalog.FindById(id);
    return relation.ok() && *relation ? (*relation)->path.table : std::to_string(id);
  };
}

CatalogStore::StoredRelation StoredRow(const Relation& relation, const Relation* parent) {
  CatalogStore::StoredRelation stored;
  stored.path = relation.path;
  stored.id = relation.id;
  if (parent == nullptr) {
    stored.definition = WriteDefinition(relation, nullptr);
  } else {
    stored.parent = parent->path;
    stored.parent_id = parent->id;
  }
  return stored;
}

CatalogStore::StoredPartition StoredChild(const Relation& relation, const Relation& parent) {
  return {parent.id, relation.id, relation.path, WriteDefinition(relation, &parent)};
}

/// Gives the new relations their ids, which the children's parents follow.
Status TakeIds(CatalogStore& store, const NewRelations& made) {
  WEIR_ASSIGN_OR_RETURN(int64_t id, store.TakeIds(static_cast<int64_t>(made.relations.size())));
  for (const auto& relation : made.relations) relation->id = id++;
  for (size_t i = 0; i < made.relations.size(); ++i) {
    if (made.parents[i]) made.relations[i]->parent = made.parents[i]->id;
  }
  return Status::OK();
}

/// What an earlier attempt that was cut short has left under a name is in the way of the new table.
Status DropRemnants(Gateway& gateway, const std::vector<NewTable>& tables) {
  for (const NewTable& table : tables) {
    const auto info = gateway.GetTableInfo(table.path).Wait();
    if (!info.ok() || !info->descriptor.custom_properties.contains(kRelationProperty)) continue;
    if (const auto dropped = gateway.DropTable(table.path, true).Wait(); !dropped.ok()) return dropped.status();
  }
  return Status::OK();
}

/// Makes the Fluss tables of the leaves and fills in what they became.
Status MakeTables(Gateway& gateway, const NewRelations& made) {
  std::vector<NewTable> tables;
  std::vector<Relation*> leaves;
  for (const auto& relation : made.relations) {
    if (relation->is_partitioned()) continue;
    WEIR_ASSIGN_OR_RETURN(TableDescriptor descriptor, DescribeTable(*relation));
    tables.push_back({relation->path, std::move(descriptor)});
    leaves.push_back(relation.get());
  }
  if (tables.empty()) return Status::OK();
  Result<Unit> created = gateway.CreateTables(tables, false).Wait();
  if (created.status().code() == ErrorCode::kTableAlreadyExist) {
    WEIR_RETURN_NOT_OK(DropRemnants(gateway, tables));
    created = gateway.CreateTables(tables, false).Wait();
  }
  if (!created.ok()) return created.status();
  std::vector<Future<TableInfo>> infos;
  for (const Relation* leaf : leaves) infos.push_back(gateway.GetTableInfo(leaf->path));
  for (size_t i = 0; i < leaves.size(); ++i) {
    const Result<TableInfo>& info = infos[i].Wait();
    if (!info.ok()) return info.status();
    leaves[i]->table = std::make_shared<TableInfo>(*info);
  }
  return Status::OK();
}

/// Fluss tables first: until the catalog's rows are there nobody sees them, and when they never come the next
/// table of that name takes their place. The rows are written in one commit.
Status Create(CatalogImpl& catalog, const NewRelations& made) {
  WEIR_RETURN_NOT_OK(TakeIds(catalog.store(), made));
  WEIR_RETURN_NOT_OK(MakeTables(catalog.gateway(), made));
  CatalogImpl::Published change;
  change.stored.new_trees = made.parents.front() == nullptr;
  for (size_t i = 0; i < made.relations.size(); ++i) {
    const Relation* parent = made.parents[i].get();
    change.stored.put_relations.push_back(StoredRow(*made.relations[i], parent));
    if (parent != nullptr) change.stored.put_partitions.push_back(StoredChild(*made.relations[i], *parent));
    change.relations.push_back(made.relations[i]);
  }
  return catalog.Publish(change);
}

Status CheckPersistence(const CreateTable& statement, const Relation* parent) {
  if (!statement.temporary) return Status::OK();
  if (parent != nullptr) {
    return Error("42809", fmt::format("cannot create a temporary relation as partition of permanent relation \"{}\"",
                                      parent->path.table));
  }
  return Error("0A000", "temporary tables are not supported");
}

struct Plan {
  Relation relation;
  RelationPtr parent;
  Notices notices;
  bool checks_rows = false;  // of a DEFAULT sibling: the table cannot wait
};

/// Against the partitions that wait with it.
Status CheckPendingSiblings(const PendingTables& pending, const BoundClause& clause, const Plan& plan) {
  const BoundIndex* siblings = pending.Bounds(*plan.parent);
  if (siblings == nullptr) return Status::OK();
  return CheckNewBound(*plan.parent, *siblings, plan.relation.path.table, plan.relation.bound, clause,
                       [&](int64_t position) { return pending.relation(position).path.table; });
}

/// Against those that are there.
Status CheckWrittenSiblings(CatalogImpl& catalog, const BoundClause& clause, const Catalog::DdlContext& context,
                            Plan* plan) {
  const Relation& parent = *plan->parent;
  WEIR_ASSIGN_OR_RETURN(const auto siblings, catalog.Bounds(parent));
  WEIR_RETURN_NOT_OK(
      CheckNewBound(parent, *siblings, plan->relation.path.table, plan->relation.bound, clause, NamesOf(catalog)));
  plan->checks_rows = siblings->default_child().has_value();
  return CheckDefaultSibling(catalog, parent, *siblings, plan->relation.bound, context);
}

/// The bound of a new partition, checked against its siblings.
Status PlaceInParent(const View& view, const CreateTable& statement, const Catalog::DdlContext& context, Plan* plan) {
  const Relation& parent = *plan->parent;
  if (!parent.is_partitioned()) {
    return Error("42P17", fmt::format("\"{}\" is not partitioned", parent.path.table));
  }
  WEIR_RETURN_NOT_OK(CheckOwn(parent));
  WEIR_ASSIGN_OR_RETURN(plan->relation.bound, ResolveBound(parent, *statement.bound, context.evaluate));
  size_t there = 0;
  if (view.pending != nullptr) {
    WEIR_RETURN_NOT_OK(CheckPendingSiblings(*view.pending, *statement.bound, *plan));
    there = view.pending->CountChildren(parent);
  }
  if (view.IsWritten(parent)) {
    WEIR_RETURN_NOT_OK(CheckWrittenSiblings(view.catalog, *statement.bound, context, plan));
    WEIR_ASSIGN_OR_RETURN(const size_t written, view.catalog.CountChildren(parent));
    there += written;
  }
  plan->relation.bound_text = BoundText(parent, plan->relation.bound);
  return CheckPartitionCount(parent, there + 1);
}

/// The partitions that CREATE TABLE has in it, as KWDB or as Cloudberry writes them.
Result<std::vector<ClassicMember>> WrittenInside(const Relation& root, const CreateTable& statement,
                                                 const Catalog::DdlContext& context) {
  if (statement.classic_partitions) return ClassicChildren(root, *statement.classic_partitions, context);
  std::vector<ClassicMember> members;
  if (!statement.inline_partitions) return members;
  WEIR_ASSIGN_OR_RETURN(std::vector<Relation> leaves, InlineChildren(root, *statement.inline_partitions, context));
  for (Relation& leaf : leaves) members.push_back({std::move(leaf), -1});
  return members;
}

/// Whether what waited may still be made, now that others have changed the catalog.
Status CheckStill(CatalogImpl& catalog, const NewRelations& made) {
  const auto conflict = [](const Relation& relation) {
    return Error("40001", fmt::format("could not create \"{}\" due to concurrent changes", relation.path.table));
  };
  std::set<const Relation*> own;
  for (size_t i = 0; i < made.relations.size(); ++i) {
    const Relation& relation = *made.relations[i];
    own.insert(&relation);
    WEIR_ASSIGN_OR_RETURN(const RelationPtr taken, catalog.Find(relation.path));
    if (taken) return conflict(relation);
    const Relation* parent = made.parents[i].get();
    if (parent == nullptr || own.contains(parent)) continue;
    WEIR_ASSIGN_OR_RETURN(const RelationPtr now, catalog.Find(parent->path));
    if (!now || now->id != parent->id || !now->is_partitioned()) return conflict(relation);
    WEIR_ASSIGN_OR_RETURN(const auto siblings, catalog.Bounds(*parent));
    const Status free = CheckNewBound(*parent, *siblings, relation.path.table, relation.bound, {}, NamesOf(catalog));
    if (!free.ok() || siblings->default_child()) return conflict(relation);
    WEIR_RETURN_NOT_OK(CheckRoom(catalog, *parent));
  }
  return Status::OK();
}

}  // namespace

Result<Notices> CatalogImpl::Execute(const CreateTable& statement, const DdlContext& context) {
  std::lock_guard lock(ddl_mutex_);
  const View view{*this, context.pending};
  const TablePath path = PathOf(statement.name, context);
  WEIR_RETURN_NOT_OK(CheckDatabase(*this, path, statement.name));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr existing, view.Find(path));
  if (existing && statement.if_not_exists) {
    return Notices{fmt::format("relation \"{}\" already exists, skipping", path.table)};
  }
  Plan plan;
  if (statement.parent) {
    WEIR_ASSIGN_OR_RETURN(plan.parent, view.Find(PathOf(*statement.parent, context)));
    if (!plan.parent) return NoRelation(*statement.parent);
  }
  WEIR_RETURN_NOT_OK(CheckPersistence(statement, plan.parent.get()));
  WEIR_ASSIGN_OR_RETURN(TableDefinition definition, DefineTable(statement, path, plan.parent.get()));
  plan.relation = std::move(definition.relation);
  plan.notices = std::move(definition.notices);
  if (existing) return Error("42P07", fmt::format("relation \"{}\" already exists", path.table));
  WEIR_RETURN_NOT_OK(CheckName(path));
  if (plan.parent) WEIR_RETURN_NOT_OK(PlaceInParent(view, statement, context, &plan));
  if (statement.partition_by) {
    WEIR_RETURN_NOT_OK(
        DefinePartitionKey(*statement.partition_by, statement.inline_partitions.has_value(), context, &plan.relation));
  }
  WEIR_ASSIGN_OR_RETURN(std::vector<ClassicMember> children, WrittenInside(plan.relation, statement, context));
  WEIR_RETURN_NOT_OK(CheckConstraints(plan.relation));

  NewRelations made;
  const auto created = std::make_shared<Relation>(std::move(plan.relation));
  made.Add(created, plan.parent);
  std::set<std::string> names = {path.table};  // of the new ones
  for (ClassicMember& child : children) {
    const TablePath& child_path = child.relation.path;
    WEIR_ASSIGN_OR_RETURN(const RelationPtr taken, view.Find(child_path));
    if (taken || !names.insert(child_path.table).second) {
      return Error("42P07", fmt::format("relation \"{}\" already exists", child_path.table));
    }
    WEIR_RETURN_NOT_OK(CheckName(child_path));
    const auto& parent = made.relations[static_cast<size_t>(child.parent + 1)];  // behind the root
    made.Add(std::make_shared<Relation>(std::move(child.relation)), parent);
  }
  if (context.pending == nullptr) {
    WEIR_RETURN_NOT_OK(Create(*this, made));
    return plan.notices;
  }
  const bool parent_waits = plan.parent && !view.IsWritten(*plan.parent);
  if (plan.checks_rows && !parent_waits) {
    WEIR_RETURN_NOT_OK(Create(*this, made));
    context.pending->NoteWritten(made);
    return plan.notices;
  }
  if (context.pending->empty()) context.pending->set_checked_at(version());
  context.pending->Add(std::move(made));
  return plan.notices;
}

Status CatalogImpl::Write(PendingTables* pending) {
  std::lock_guard lock(ddl_mutex_);
  const uint64_t checked_at = pending->checked_at();
  const NewRelations made = pending->Take();
  if (made.relations.empty()) return Status::OK();
  if (version() != checked_at) WEIR_RETURN_NOT_OK(CheckStill(*this, made));
  WEIR_RETURN_NOT_OK(Create(*this, made));
  pending->NoteWritten(made);
  return Status::OK();
}

namespace {

/// Whether `relation` is `ancestor` or lies below it.
Result<bool> IsWithin(CatalogImpl& catalog, RelationPtr relation, const Relation& ancestor) {
  while (relation) {
    if (relation->id == ancestor.id) return true;
    if (!relation->parent) return false;
    WEIR_ASSIGN_OR_RETURN(relation, catalog.FindById(*relation->parent));
  }
  return false;
}

Status CheckColumns(const Relation& parent, const Relation& child) {
  for (const SqlColumn& column : child.columns) {
    if (parent.ColumnIndex(column.name) >= 0) continue;
    return Error("42804", fmt::format("table \"{}\" contains column \"{}\" not found in parent \"{}\"", child.path.table,
                                      column.name, parent.path.table),
                 {.detail = "The new partition may contain only the columns present in parent."});
  }
  for (const SqlColumn& column : parent.columns) {
    const int at = child.ColumnIndex(column.name);
    if (at < 0) return Error("42804", fmt::format("child table is missing column \"{}\"", column.name));
    const SqlColumn& own = child.columns[static_cast<size_t>(at)];
    if (own.type != column.type) {
      return Error("42804", fmt::format("child table \"{}\" has different type for column \"{}\"", child.path.table,
                                        column.name));
    }
    if (own.collation != column.collation) {
      return Error("42P21", fmt::format("child table \"{}\" has different collation for column \"{}\"", child.path.table,
                                        column.name));
    }
    if (column.not_null && !own.not_null) {
      return Error("42804", fmt::format("column \"{}\" in child table must be marked NOT NULL", column.name));
    }
  }
  return Status::OK();
}

const SqlConstraint* FindConstraint(const Relation& relation, const std::string& name) {
  for (const SqlConstraint& constraint : relation.constraints) {
    if (constraint.name == name) return &constraint;
  }
  return nullptr;
}

Status CheckChecks(const Relation& parent, const Relation& child) {
  for (const SqlConstraint& constraint : parent.constraints) {
    if (constraint.kind != SqlConstraint::Kind::kCheck || constraint.no_inherit) continue;
    const SqlConstraint* own = FindConstraint(child, constraint.name);
    if (own == nullptr) return Error("42804", fmt::format("child table is missing constraint \"{}\"", constraint.name));
    if (own->check != constraint.check) {
      return Error("42804", fmt::format("child table \"{}\" has different definition for check constraint \"{}\"",
                                        child.path.table, constraint.name));
    }
    if (own->no_inherit) {
      return Error("42P17", fmt::format("constraint \"{}\" conflicts with non-inherited constraint on child table \"{}\"",
                                        constraint.name, child.path.table));
    }
  }
  return Status::OK();
}

/// PostgreSQL would build the missing key on the child; a table's primary key cannot come later here.
Status CheckKeys(const Relation& parent, const Relation& child) {
  const auto key_columns = [](const Relation& relation) {
    std::vector<std::string> names;
    for (const int column : relation.PrimaryKey()) names.push_back(relation.columns[static_cast<size_t>(column)].name);
    return names;
  };
  if (!parent.PrimaryKey().empty() && key_columns(parent) != key_columns(child)) {
    return Error("0A000", fmt::format("cannot attach \"{}\": its primary key is not that of \"{}\"", child.path.table,
                                      parent.path.table),
                 {.hint = "Create the table with the primary key of the parent."});
  }
  if (child.distributed_by != parent.distributed_by) {
    return Error("42P16", fmt::format("distribution policy for \"{}\" must be the same as that for \"{}\"",
                                      child.path.table, parent.path.table));
  }
  return Status::OK();
}

/// 23514 when a leaf of the new partition has a row that does not belong there.
Status CheckRows(CatalogImpl& catalog, const RelationPtr& child, const std::string& constraint,
                 const Catalog::DdlContext& context) {
  if (constraint.empty()) return Status::OK();
  std::vector<RelationPtr> leaves;
  WEIR_RETURN_NOT_OK(CollectLeaves(catalog, child, &leaves));
  for (const RelationPtr& leaf : leaves) {
    WEIR_ASSIGN_OR_RETURN(const bool found, context.has_row(*leaf, fmt::format("NOT {}", constraint)));
    if (!found) continue;
    return Error("23514", fmt::format("partition constraint of relation \"{}\" is violated by some row", leaf->path.table),
                 {.schema = "public", .table = leaf->path.table});
  }
  return Status::OK();
}

/// The conditions of a partition that is about to be: its own and its future ancestors'.
Result<std::string> FutureConstraint(CatalogImpl& catalog, const Relation& parent, const PartitionBound& bound) {
  std::vector<const PartitionBound*> siblings;
  PartitionChildrenPtr children;
  if (IsDefault(bound)) {
    WEIR_ASSIGN_OR_RETURN(children, catalog.Children(parent));
    for (const size_t i : children->level.bound_order()) siblings.push_back(&children->level.bounds()[i]);
  }
  std::vector<std::string> conditions;
  WEIR_ASSIGN_OR_RETURN(std::string inherited, PartitionConstraintText(catalog, parent));
  if (!inherited.empty()) conditions.push_back(std::move(inherited));
  for (std::string& condition : BoundConditions(parent, bound, siblings)) conditions.push_back(std::move(condition));
  return Conjunction(conditions);
}

Status CheckAttachable(CatalogImpl& catalog, const RelationPtr& parent, const RelationPtr& child) {
  if (child->parent) return Error("42809", fmt::format("\"{}\" is already a partition", child->path.table));
  if (!CatalogImpl::IsSql(*child) && child->is_partitioned()) return CheckOwn(*child);
  WEIR_ASSIGN_OR_RETURN(const bool circular, IsWithin(catalog, parent, *child));
  if (circular) {
    return Error("42P07", "circular inheritance not allowed",
                 {.detail = fmt::format("\"{}\" is already a child of \"{}\".", parent->path.table, child->path.table)});
  }
  WEIR_RETURN_NOT_OK(CheckColumns(*parent, *child));
  WEIR_RETURN_NOT_OK(CheckChecks(*parent, *child));
  return CheckKeys(*parent, *child);
}

/// What ALTER TABLE … ATTACH and DETACH ask of the table they name; null: there is none.
Status CheckParent(const QualifiedName& name, const RelationPtr& parent) {
  if (!parent) return NoRelation(name);
  if (!parent->is_partitioned()) {
    return Error("42P17", fmt::format("table \"{}\" is not partitioned", parent->path.table));
  }
  return CheckOwn(*parent);
}

}  // namespace

Result<Notices> CatalogImpl::Execute(const AttachPartition& statement, const DdlContext& context) {
  std::lock_guard lock(ddl_mutex_);
  WEIR_ASSIGN_OR_RETURN(const RelationPtr parent, Find(PathOf(statement.parent, context)));
  if (!parent && statement.if_exists) {
    return Notices{fmt::format("relation \"{}\" does not exist, skipping", Shown(statement.parent))};
  }
  WEIR_RETURN_NOT_OK(CheckParent(statement.parent, parent));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr child, FindNamed(*this, statement.partition, context));
  WEIR_RETURN_NOT_OK(CheckAttachable(*this, parent, child));
  WEIR_ASSIGN_OR_RETURN(const PartitionBound bound, ResolveBound(*parent, statement.bound, context.evaluate));
  WEIR_ASSIGN_OR_RETURN(const auto siblings, Bounds(*parent));
  WEIR_RETURN_NOT_OK(CheckNewBound(*parent, *siblings, child->path.table, bound, statement.bound, NamesOf(*this)));
  WEIR_RETURN_NOT_OK(CheckRoom(*this, *parent));
  WEIR_RETURN_NOT_OK(CheckDefaultSibling(*this, *parent, *siblings, bound, context));
  WEIR_ASSIGN_OR_RETURN(const std::string constraint, FutureConstraint(*this, *parent, bound));
  WEIR_RETURN_NOT_OK(CheckRows(*this, child, constraint, context));

  auto attached = std::make_shared<Relation>(*child);
  if (!IsSql(*child)) {
    WEIR_ASSIGN_OR_RETURN(attached->id, store_.TakeIds(1));
  }
  attached->parent = parent->id;
  attached->bound = bound;
  attached->bound_text = BoundText(*parent, bound);
  Published change;
  // The row by name keeps the definition: without the partition's row the table is what it was before.
  CatalogStore::StoredRelation stored = StoredRow(*attached, parent.get());
  Relation alone = *attached;
  alone.parent.reset();
  stored.definition = WriteDefinition(alone, nullptr);
  change.stored.put_relations.push_back(std::move(stored));
  change.stored.put_partitions.push_back(StoredChild(*attached, *parent));
  change.relations.push_back(attached);
  WEIR_RETURN_NOT_OK(Publish(change));
  return Notices();
}

Result<Notices> CatalogImpl::Execute(const DetachPartition& statement, const DdlContext& context) {
  std::lock_guard lock(ddl_mutex_);
  WEIR_ASSIGN_OR_RETURN(const RelationPtr parent, Find(PathOf(statement.parent, context)));
  if (!parent && statement.if_exists) {
    return Notices{fmt::format("relation \"{}\" does not exist, skipping", Shown(statement.parent))};
  }
  WEIR_RETURN_NOT_OK(CheckParent(statement.parent, parent));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr child, FindNamed(*this, statement.partition, context));
  WEIR_ASSIGN_OR_RETURN(const auto siblings, Bounds(*parent));
  if (statement.concurrently && siblings->default_child()) {
    return Error("55000", "cannot detach partitions concurrently when a default partition exists");
  }
  if (child->parent != parent->id) {
    return Error("42P01", fmt::format("relation \"{}\" is not a partition of relation \"{}\"", child->path.table,
                                      parent->path.table));
  }
  if (statement.finalize) {
    return Error("55000", fmt::format("cannot complete detaching partition \"{}\"", child->path.table),
                 {.detail = "There's no pending concurrent detach."});
  }
  auto detached = std::make_shared<Relation>(*child);
  detached->parent.reset();
  detached->bound = DefaultBound{};
  detached->bound_text.clear();
  if (statement.concurrently) {
    // As in PostgreSQL the table goes on promising what its bound said.
    SqlConstraint check;
    check.kind = SqlConstraint::Kind::kCheck;
    check.name = fmt::format("{}_{}_check", child->path.table, KeyPartText(*parent, 0));
    WEIR_ASSIGN_OR_RETURN(check.check, PartitionConstraintText(*this, *child));
    if (!check.check.empty() && FindConstraint(*child, check.name) == nullptr) {
      detached->constraints.push_back(std::move(check));
    }
  }
  Published change;
  // Still naming the parent, so that only the partition's row decides whether it is one.
  CatalogStore::StoredRelation stored = StoredRow(*detached, parent.get());
  stored.definition = WriteDefinition(*detached, nullptr);
  change.stored.put_relations.push_back(std::move(stored));
  change.stored.remove_partitions.emplace_back(parent->id, child->id);
  change.relations.push_back(detached);
  WEIR_RETURN_NOT_OK(Publish(change));
  return Notices();
}

namespace {

/// The catalog's rows first: the Fluss tables are no tables to SQL from then on, whatever happens to them.
Status DropAll(CatalogImpl& catalog, const std::vector<RelationPtr>& members) {
  CatalogImpl::Published change;
  for (const RelationPtr& relation : members) {
    if (!CatalogImpl::IsSql(*relation)) continue;
    change.removed.push_back(relation);
    change.stored.remove_relations.push_back(relation->path);
    if (relation->parent) change.stored.remove_partitions.emplace_back(*relation->parent, relation->id);
  }
  if (!change.removed.empty()) WEIR_RETURN_NOT_OK(catalog.Publish(change));
  std::deque<Future<Unit>> drops;
  for (const RelationPtr& relation : members) {
    const bool has_table = CatalogImpl::IsSql(*relation) ? relation->is_leaf() : !relation->fluss_partition;
    if (has_table) drops.push_back(catalog.gateway().DropTable(relation->path, true));
  }
  for (const auto& drop : drops) {
    if (!drop.Wait().ok()) return drop.Wait().status();
  }
  return Status::OK();
}

Status DropFlussPartition(CatalogImpl& catalog, const Relation& partition) {
  const TablePath& table = partition.table->path;
  const std::string name = partition.path.table.substr(table.table.size() + 1);
  const auto info = catalog.gateway().GetPartition(table, name).Wait();
  if (!info.ok()) return info.status();
  return catalog.gateway().DropPartition(table, info->spec, true).Wait().status();
}

void KeepOnce(std::vector<RelationPtr>* relations) {
  std::sort(relations->begin(), relations->end());
  relations->erase(std::unique(relations->begin(), relations->end()), relations->end());
}

}  // namespace

Result<Notices> CatalogImpl::Execute(const DropTable& statement, const DdlContext& context) {
  std::lock_guard lock(ddl_mutex_);
  Notices notices;
  std::vector<RelationPtr> named;
  for (const QualifiedName& name : statement.names) {
    const TablePath path = PathOf(name, context);
    WEIR_ASSIGN_OR_RETURN(RelationPtr relation, Find(path));
    if (relation && path.database == kSystemDatabase) WEIR_RETURN_NOT_OK(CheckDatabase(*this, path, name));
    if (relation) {
      named.push_back(std::move(relation));
    } else if (statement.if_exists) {
      notices.push_back(fmt::format("table \"{}\" does not exist, skipping", name.name));
    } else {
      return Error("42P01", fmt::format("table \"{}\" does not exist", name.name));
    }
  }
  std::vector<RelationPtr> members;
  for (const RelationPtr& relation : named) {
    if (relation->fluss_partition) {
      WEIR_RETURN_NOT_OK(DropFlussPartition(*this, *relation));
      continue;
    }
    WEIR_RETURN_NOT_OK(CollectTree(*this, relation, &members));
  }
  KeepOnce(&members);
  WEIR_RETURN_NOT_OK(DropAll(*this, members));
  Refresh();
  return notices;
}

Result<Notices> CatalogImpl::Execute(const CreateDatabase& statement, const DdlContext&) {
  std::lock_guard lock(ddl_mutex_);
  const char* kind = statement.is_schema ? "schema" : "database";
  if (statement.name == kSystemDatabase || statement.name.starts_with("pg_")) {
    return Error("42939", fmt::format("unacceptable {} name \"{}\"", kind, statement.name),
                 {.detail = "The name is reserved for the system."});
  }
  const auto exists = gateway_->DatabaseExists(statement.name).Wait();
  if (!exists.ok()) return exists.status();
  const bool there = *exists || (statement.is_schema && statement.name == "public");
  if (there && statement.if_not_exists) {
    return Notices{fmt::format("{} \"{}\" already exists, skipping", kind, statement.name)};
  }
  if (there) {
    return Error(statement.is_schema ? "42P06" : "42P04",
                 fmt::format("{} \"{}\" already exists", kind, statement.name));
  }
  if (const Status valid = ValidateDatabaseName(statement.name); !valid.ok()) return Error("42602", valid.message());
  const auto created = gateway_->CreateDatabase(statement.name, {}, false).Wait();
  if (!created.ok()) return created.status();
  return Notices();
}

Result<Notices> CatalogImpl::Execute(const DropDatabase& statement, const DdlContext& context) {
  std::lock_guard lock(ddl_mutex_);
  const char* kind = statement.is_schema ? "schema" : "database";
  const std::string name = statement.is_schema && statement.name == "public" ? context.database : statement.name;
  if (name == kSystemDatabase) {
    return Error("42501", fmt::format("permission denied: \"{}\" is a system {}", name, kind));
  }
  const auto exists = gateway_->DatabaseExists(name).Wait();
  if (!exists.ok()) return exists.status();
  if (!*exists && statement.if_exists) {
    return Notices{fmt::format("{} \"{}\" does not exist, skipping", kind, statement.name)};
  }
  if (!*exists) {
    return Error(statement.is_schema ? "3F000" : "3D000",
                 fmt::format("{} \"{}\" does not exist", kind, statement.name));
  }
  if (!statement.is_schema && name == context.database) {
    return Error("55006", "cannot drop the currently open database");
  }
  WEIR_ASSIGN_OR_RETURN(const auto relations, ListRelations(name));
  Notices notices;
  std::string dependants;
  std::vector<RelationPtr> members;
  for (const RelationPtr& relation : relations) {
    if (!relation->parent) {
      const std::string shown = fmt::format("table {}.{}", name, relation->path.table);
      dependants += fmt::format("{}{} depends on schema {}", dependants.empty() ? "" : "\n", shown, statement.name);
      notices.push_back("drop cascades to " + shown);
    }
    // Partitions elsewhere go with their roots, those here also without.
    WEIR_RETURN_NOT_OK(CollectTree(*this, relation, &members));
  }
  if (statement.is_schema && !statement.cascade && !relations.empty()) {
    return Error("2BP01", fmt::format("cannot drop schema {} because other objects depend on it", statement.name),
                 {.detail = dependants, .hint = "Use DROP ... CASCADE to drop the dependent objects too."});
  }
  KeepOnce(&members);
  WEIR_RETURN_NOT_OK(DropAll(*this, members));
  const auto dropped = gateway_->DropDatabase(name, true, true).Wait();
  if (!dropped.ok()) return dropped.status();
  Refresh();
  if (!statement.is_schema) notices.clear();
  if (notices.size() > 1) notices = {fmt::format("drop cascades to {} other objects", notices.size())};
  return notices;
}

}  // namespace weir::sql
