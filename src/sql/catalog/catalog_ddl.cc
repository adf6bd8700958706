#include "sql/catalog/catalog_ddl.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "sql/catalog/alter_constraint.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/catalog_draft.h"
#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/classic_partitions.h"
#include "sql/catalog/create_like.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/definition.h"
#include "sql/catalog/dependent_views.h"
#include "sql/catalog/fluss_tables.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/inline_partitions.h"
#include "sql/catalog/partition_bounds.h"
#include "sql/catalog/sequence_ddl.h"
#include "sql/catalog/table_definition.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

/// The leaves below a relation, or itself.
Status CollectLeaves(CatalogDraft& draft, const RelationPtr& relation, std::vector<RelationPtr>* leaves) {
  if (relation->is_leaf()) {
    leaves->push_back(relation);
    return Status::OK();
  }
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft.Children(*relation));
  for (const size_t child : children->level.bound_order()) {
    WEIR_RETURN_NOT_OK(CollectLeaves(draft, children->relations[child], leaves));
  }
  return Status::OK();
}

/// A table with the partitions below it and all their indexes.
Status CollectTree(CatalogDraft& draft, const RelationPtr& relation, std::vector<RelationPtr>* members) {
  members->push_back(relation);
  members->insert(members->end(), relation->indexes.begin(), relation->indexes.end());
  if (!relation->is_partitioned() || !CatalogImpl::IsSql(*relation)) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft.Children(*relation));
  for (const RelationPtr& child : children->relations) WEIR_RETURN_NOT_OK(CollectTree(draft, child, members));
  return Status::OK();
}

/// 23514 when a DEFAULT sibling (none: nothing) has a row that belongs to a new partition of this bound.
Status CheckDefaultSibling(CatalogDraft& draft, const Relation& parent, std::optional<int64_t> default_child,
                           const PartitionBound& bound, const DdlContext& context) {
  if (!default_child || IsDefault(bound)) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr sibling, draft.FindById(*default_child));
  if (!sibling) return Error("XX000", fmt::format("the DEFAULT partition of \"{}\" is gone", parent.path.table));
  std::vector<RelationPtr> leaves;
  WEIR_RETURN_NOT_OK(CollectLeaves(draft, sibling, &leaves));
  const std::string condition = Conjunction(BoundConditions(parent, bound, {}));
  for (const RelationPtr& leaf : leaves) {
    if (!CatalogDraft::IsMade(*leaf)) continue;
    WEIR_ASSIGN_OR_RETURN(const bool found, context.has_row(*leaf, condition));
    if (!found) continue;
    return Error("23514",
                 fmt::format("updated partition constraint for default partition \"{}\" would be violated by some row",
                             leaf->path.table),
                 {.schema = "public", .table = leaf->path.table});
  }
  return Status::OK();
}

/// A bound that is to stand in a parent, as it was written and as it was resolved.
struct NewBound {
  const std::string& name;
  const PartitionBound& bound;
  const BoundClause& clause;
};

/// Whether the parent has room for a partition of this bound, its DEFAULT partition's rows included.
Status CheckPlace(CatalogDraft& draft, const Relation& parent, const NewBound& added, const DdlContext& context) {
  const auto name_of = [&draft](int64_t id) {
    const auto relation = draft.FindById(id);
    return relation.ok() && *relation ? (*relation)->path.table : std::to_string(id);
  };
  std::optional<int64_t> default_child;
  {
    WEIR_ASSIGN_OR_RETURN(const CatalogDraft::Siblings siblings, draft.SiblingsOf(parent));
    WEIR_RETURN_NOT_OK(CheckNewBound(parent, *siblings.own, added.name, added.bound, added.clause, name_of));
    if (siblings.committed) {
      WEIR_RETURN_NOT_OK(CheckNewBound(parent, *siblings.committed, added.name, added.bound, added.clause, name_of,
                                       *siblings.gone));
    }
    WEIR_RETURN_NOT_OK(CheckPartitionCount(parent, siblings.count + 1));
    default_child = siblings.default_child();
  }
  return CheckDefaultSibling(draft, parent, default_child, added.bound, context);
}

/// A tree is temporary as a whole, or permanent. `doing`: "create" or "attach".
Status CheckPersistence(const char* doing, const TablePath& partition, const Relation& parent) {
  const bool temporary = IsTemporary(partition.database);
  if (temporary == IsTemporary(parent.path.database)) return Status::OK();
  return Error("42809", fmt::format("cannot {} a {} relation as partition of {} relation \"{}\"", doing,
                                    temporary ? "temporary" : "permanent", temporary ? "permanent" : "temporary",
                                    parent.path.table));
}

struct Plan {
  Relation relation;
  RelationPtr parent;
  Notices notices;
};

/// The bound of a new partition, checked against its siblings.
Status PlaceInParent(CatalogDraft& draft, const CreateTable& statement, const DdlContext& context, Plan* plan) {
  const Relation& parent = *plan->parent;
  if (!parent.is_partitioned()) {
    return Error("42P17", fmt::format("\"{}\" is not partitioned", parent.path.table));
  }
  WEIR_RETURN_NOT_OK(CheckOwn(parent));
  WEIR_RETURN_NOT_OK(CheckNotDeclared(parent));
  WEIR_ASSIGN_OR_RETURN(plan->relation.bound, ResolveBound(parent, *statement.bound, context.evaluate));
  const NewBound added{plan->relation.path.table, plan->relation.bound, *statement.bound};
  WEIR_RETURN_NOT_OK(CheckPlace(draft, parent, added, context));
  plan->relation.parent = parent.id;
  plan->relation.bound_text = BoundText(parent, plan->relation.bound);
  return Status::OK();
}

/// Gives the table its partition key, and what CREATE TABLE has in it of partitions, as KWDB or Cloudberry writes them.
Result<std::vector<ClassicMember>> DefinePartitions(const CreateTable& statement, const DdlContext& context,
                                                    CatalogDraft* draft, Relation* root) {
  std::vector<ClassicMember> members;
  if (!statement.inline_partitions) {
    if (statement.partition_by) {
      WEIR_RETURN_NOT_OK(DefinePartitionKey(*statement.partition_by, false, context, root));
    }
    if (!statement.classic_partitions) return members;
    return ClassicChildren(*root, *statement.classic_partitions, context);
  }
  WEIR_ASSIGN_OR_RETURN(std::vector<Relation> leaves,
                        DeclarePartitions(*statement.inline_partitions, context, draft, root));
  for (Relation& leaf : leaves) members.push_back({std::move(leaf), -1});
  return members;
}

/// Names that the partitions inside of CREATE TABLE take.
Status CheckNames(CatalogDraft& draft, const Relation& root, const std::vector<ClassicMember>& children) {
  std::set<std::string> names = {root.path.table};
  for (const ClassicMember& child : children) {
    const TablePath& path = child.relation.path;
    WEIR_ASSIGN_OR_RETURN(const RelationPtr taken, draft.Find(path));
    if (taken || !names.insert(path.table).second) {
      return Error("42P07", fmt::format("relation \"{}\" already exists", path.table));
    }
    WEIR_RETURN_NOT_OK(sql::CheckName(path));
  }
  return Status::OK();
}

/// Takes the new relations into the draft, parents before their children. `parent`: of the root; null: it has none.
Status PutAll(CatalogDraft& draft, const RelationPtr& parent, Relation root, std::vector<ClassicMember> children,
              const std::vector<std::shared_ptr<Relation>>& sequences) {
  WEIR_ASSIGN_OR_RETURN(int64_t id, draft.TakeIds(static_cast<int64_t>(children.size()) + 1));
  std::vector<std::shared_ptr<Relation>> made = {std::make_shared<Relation>(std::move(root))};
  for (ClassicMember& child : children) made.push_back(std::make_shared<Relation>(std::move(child.relation)));
  for (size_t i = 0; i < made.size(); ++i) {
    made[i]->id = id++;
    RelationPtr above = parent;
    if (i > 0) {
      above = made[static_cast<size_t>(children[i - 1].parent + 1)];
      made[i]->parent = above->id;
      LeaveSequencesToRoot(made[i].get());
    }
    draft.Put(made[i], nullptr);
    WEIR_RETURN_NOT_OK(AddIndexesOfNew(above.get(), &draft, made[i].get()));
  }
  for (const std::shared_ptr<Relation>& sequence : sequences) {
    sequence->sequence->owner = made[0]->id;
    draft.Put(sequence, nullptr);
  }
  return Status::OK();
}

}  // namespace

namespace {

/// The defaults and CHECKs that a statement writes.
Status CheckExpressions(const CreateTable& statement, const Relation& relation, const DdlContext& context) {
  for (const ColumnDefinition& definition : statement.columns) {
    const int at = relation.ColumnIndex(definition.name);
    if (!definition.default_value || at < 0) continue;
    WEIR_RETURN_NOT_OK(context.Check(
        {DefinitionUse::kDefault, relation, &relation.columns[static_cast<size_t>(at)], *definition.default_value}));
  }
  for (const TableConstraint& constraint : statement.constraints) {
    if (constraint.check) WEIR_RETURN_NOT_OK(context.Check({DefinitionUse::kCheck, relation, nullptr, *constraint.check}));
  }
  return Status::OK();
}

}  // namespace

Result<Notices> Execute(const CreateTable& statement, const DdlContext& context, CatalogDraft* draft) {
  if (!statement.likes.empty()) {
    WEIR_ASSIGN_OR_RETURN(const CreateTable whole, WithLikes(statement, context, draft));
    WEIR_ASSIGN_OR_RETURN(const RelationPtr before, draft->Find(PathOf(statement.name, context)));
    WEIR_ASSIGN_OR_RETURN(Notices notices, Execute(whole, context, draft));
    if (!before) WEIR_RETURN_NOT_OK(AddIndexesLike(statement, context, draft));
    return notices;
  }
  const TablePath path = PathOf(statement.name, context);
  WEIR_RETURN_NOT_OK(CheckDatabase(*draft, path, statement.name));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr existing, draft->Find(path));
  if (existing && statement.if_not_exists) {
    return Notices{fmt::format("relation \"{}\" already exists, skipping", path.table)};
  }
  Plan plan;
  if (statement.parent) {
    WEIR_ASSIGN_OR_RETURN(plan.parent, draft->Find(PathOf(*statement.parent, context)));
    if (!plan.parent) return NoRelation(*statement.parent);
  }
  if (plan.parent) WEIR_RETURN_NOT_OK(CheckPersistence("create", path, *plan.parent));
  WEIR_ASSIGN_OR_RETURN(TableDefinition definition, DefineTable(statement, path, plan.parent.get()));
  plan.relation = std::move(definition.relation);
  plan.notices = std::move(definition.notices);
  WEIR_RETURN_NOT_OK(CheckExpressions(statement, plan.relation, context));
  for (SqlColumn& column : plan.relation.columns) WEIR_RETURN_NOT_OK(BindSequence(*draft, context, &column));
  if (existing) return Error("42P07", fmt::format("relation \"{}\" already exists", path.table));
  WEIR_RETURN_NOT_OK(CheckName(path));
  if (plan.parent) WEIR_RETURN_NOT_OK(PlaceInParent(*draft, statement, context, &plan));
  WEIR_ASSIGN_OR_RETURN(const auto sequences, DefineColumnSequences(statement.columns, *draft, &plan.relation));
  if (!sequences.empty()) WEIR_RETURN_NOT_OK(draft->CheckMayCount());
  WEIR_ASSIGN_OR_RETURN(std::vector<ClassicMember> children,
                        DefinePartitions(statement, context, draft, &plan.relation));
  WEIR_RETURN_NOT_OK(CheckConstraints(plan.relation));
  WEIR_RETURN_NOT_OK(CheckNames(*draft, plan.relation, children));
  WEIR_RETURN_NOT_OK(PutAll(*draft, plan.parent, std::move(plan.relation), std::move(children), sequences));
  return plan.notices;
}

namespace {

/// Whether `relation` is `ancestor` or lies below it.
Result<bool> IsWithin(CatalogDraft& draft, RelationPtr relation, const Relation& ancestor) {
  while (relation) {
    if (relation->id == ancestor.id) return true;
    if (!relation->parent) return false;
    WEIR_ASSIGN_OR_RETURN(relation, draft.FindById(*relation->parent));
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

Status CheckChecks(const Relation& parent, const Relation& child) {
  for (const SqlConstraint& constraint : parent.constraints) {
    if (constraint.kind != SqlConstraint::Kind::kCheck || constraint.no_inherit) continue;
    const SqlConstraint* own = child.FindConstraint(constraint.name);
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

std::vector<std::string> KeyColumns(const Relation& relation) {
  std::vector<std::string> names;
  for (const int column : relation.PrimaryKey()) names.push_back(relation.columns[static_cast<size_t>(column)].name);
  return names;
}

/// Keys of the parent that the new partition lacks are built over its rows.
Result<RelationPtr> WithParentsKeys(CatalogDraft* draft, const Relation& parent, const RelationPtr& child,
                                    const DdlContext& context) {
  const std::vector<std::string> key = KeyColumns(parent);
  const bool has_key = key.empty() || key == KeyColumns(*child);
  if (has_key && parent.indexes.empty()) return child;
  if (!CatalogImpl::IsSql(*child)) {
    return Error("0A000", fmt::format("cannot attach \"{}\": its keys are not those of \"{}\"", child->path.table,
                                      parent.path.table),
                 {.detail = "The table was made through Fluss, which keeps its definition."});
  }
  WEIR_ASSIGN_OR_RETURN(AlteredTree tree, AlteredTree::Load(draft, child, false));
  for (AlteredRelation& member : tree.members()) {
    if (key.empty() || key == KeyColumns(member.now)) continue;
    WEIR_RETURN_NOT_OK(AddPrimaryKey({.kind = TableConstraint::Kind::kPrimaryKey, .columns = key}, &member));
  }
  WEIR_RETURN_NOT_OK(AddIndexesOfParent(parent, &tree));
  WEIR_RETURN_NOT_OK(tree.Finish(context).status());
  return draft->Find(child->path);
}

/// 23514 when a leaf of the new partition has a row that does not belong there.
Status CheckRows(CatalogDraft& draft, const RelationPtr& child, const std::string& constraint,
                 const DdlContext& context) {
  if (constraint.empty()) return Status::OK();
  std::vector<RelationPtr> leaves;
  WEIR_RETURN_NOT_OK(CollectLeaves(draft, child, &leaves));
  for (const RelationPtr& leaf : leaves) {
    if (!CatalogDraft::IsMade(*leaf)) continue;
    WEIR_ASSIGN_OR_RETURN(const bool found, context.has_row(*leaf, fmt::format("NOT {}", constraint)));
    if (!found) continue;
    return Error("23514", fmt::format("partition constraint of relation \"{}\" is violated by some row", leaf->path.table),
                 {.schema = "public", .table = leaf->path.table});
  }
  return Status::OK();
}

/// The conditions of a partition that is about to be: its own and its future ancestors'.
Result<std::string> FutureConstraint(CatalogDraft& draft, const Relation& parent, const PartitionBound& bound) {
  std::vector<const PartitionBound*> siblings;
  PartitionChildrenPtr children;
  if (IsDefault(bound)) {
    WEIR_ASSIGN_OR_RETURN(children, draft.Children(parent));
    for (const size_t i : children->level.bound_order()) siblings.push_back(&children->level.bounds()[i]);
  }
  std::vector<std::string> conditions;
  WEIR_ASSIGN_OR_RETURN(std::string inherited, PartitionConstraintText(draft, parent));
  if (!inherited.empty()) conditions.push_back(std::move(inherited));
  for (std::string& condition : BoundConditions(parent, bound, siblings)) conditions.push_back(std::move(condition));
  return Conjunction(conditions);
}

Status CheckAttachable(CatalogDraft& draft, const RelationPtr& parent, const RelationPtr& child) {
  if (!child->is_leaf() && !child->is_partitioned()) {
    const std::string& name = child->path.table;
    return Error("42809", fmt::format("ALTER action ATTACH PARTITION cannot be performed on relation \"{}\"", name),
                 {.detail = fmt::format("This operation is not supported for {}.", PluralOfKind(*child))});
  }
  if (child->parent) return Error("42809", fmt::format("\"{}\" is already a partition", child->path.table));
  if (!CatalogImpl::IsSql(*child) && child->is_partitioned()) return CheckOwn(*child);
  WEIR_ASSIGN_OR_RETURN(const bool circular, IsWithin(draft, parent, *child));
  if (circular) {
    return Error("42P07", "circular inheritance not allowed",
                 {.detail = fmt::format("\"{}\" is already a child of \"{}\".", parent->path.table, child->path.table)});
  }
  WEIR_RETURN_NOT_OK(CheckPersistence("attach", child->path, *parent));
  WEIR_RETURN_NOT_OK(CheckColumns(*parent, *child));
  WEIR_RETURN_NOT_OK(CheckChecks(*parent, *child));
  return CheckSameDistribution(*parent, *child);
}

/// What ALTER TABLE … ATTACH and DETACH ask of the table they name; null: there is none.
Status CheckParent(const QualifiedName& name, const RelationPtr& parent) {
  if (!parent) return NoRelation(name);
  if (!parent->is_partitioned()) {
    return Error("42P17", fmt::format("table \"{}\" is not partitioned", parent->path.table));
  }
  WEIR_RETURN_NOT_OK(CheckOwn(*parent));
  return CheckNotDeclared(*parent);
}

}  // namespace

Result<Notices> Execute(const AttachPartition& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr parent, draft->Find(PathOf(statement.parent, context)));
  if (!parent && statement.if_exists) {
    return Notices{fmt::format("relation \"{}\" does not exist, skipping", Shown(statement.parent))};
  }
  WEIR_RETURN_NOT_OK(CheckParent(statement.parent, parent));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr child, FindNamed(*draft, statement.partition, context));
  WEIR_RETURN_NOT_OK(CheckAttachable(*draft, parent, child));
  WEIR_ASSIGN_OR_RETURN(const PartitionBound bound, ResolveBound(*parent, statement.bound, context.evaluate));
  WEIR_RETURN_NOT_OK(CheckPlace(*draft, *parent, {child->path.table, bound, statement.bound}, context));
  WEIR_ASSIGN_OR_RETURN(const std::string constraint, FutureConstraint(*draft, *parent, bound));
  WEIR_RETURN_NOT_OK(CheckRows(*draft, child, constraint, context));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr keyed, WithParentsKeys(draft, *parent, child, context));

  auto attached = std::make_shared<Relation>(*keyed);
  if (!CatalogImpl::IsSql(*keyed)) {
    WEIR_ASSIGN_OR_RETURN(attached->id, draft->TakeIds(1));
  }
  attached->parent = parent->id;
  attached->bound = bound;
  attached->bound_text = BoundText(*parent, bound);
  draft->Put(std::move(attached), keyed);
  return Notices();
}

Result<Notices> Execute(const DetachPartition& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr parent, draft->Find(PathOf(statement.parent, context)));
  if (!parent && statement.if_exists) {
    return Notices{fmt::format("relation \"{}\" does not exist, skipping", Shown(statement.parent))};
  }
  WEIR_RETURN_NOT_OK(CheckParent(statement.parent, parent));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr child, FindNamed(*draft, statement.partition, context));
  if (statement.concurrently) {
    WEIR_ASSIGN_OR_RETURN(const CatalogDraft::Siblings siblings, draft->SiblingsOf(*parent));
    if (siblings.default_child()) {
      return Error("55000", "cannot detach partitions concurrently when a default partition exists");
    }
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
  LeaveParentsIndexes(draft, detached.get());
  if (statement.concurrently) {
    // As in PostgreSQL the table goes on promising what its bound said.
    SqlConstraint check;
    check.kind = SqlConstraint::Kind::kCheck;
    check.name = fmt::format("{}_{}_check", child->path.table, KeyPartText(*parent, 0));
    WEIR_ASSIGN_OR_RETURN(check.check, PartitionConstraintText(*draft, *child));
    if (!check.check.empty() && child->FindConstraint(check.name) == nullptr) {
      detached->constraints.push_back(std::move(check));
    }
  }
  draft->Put(std::move(detached), child);
  return Notices();
}

namespace {

void KeepOnce(std::vector<RelationPtr>* relations) {
  std::sort(relations->begin(), relations->end());
  relations->erase(std::unique(relations->begin(), relations->end()), relations->end());
}

}  // namespace

Result<Notices> Execute(const DropTable& statement, const DdlContext& context, CatalogDraft* draft) {
  Notices notices;
  std::vector<RelationPtr> members;
  std::string what;
  for (const QualifiedName& name : statement.names) {
    const TablePath path = PathOf(name, context);
    WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, draft->Find(path));
    if (relation && statement.names.size() == 1) what = Described(*relation, context);
    if (relation && path.database == kSystemDatabase) WEIR_RETURN_NOT_OK(CheckDatabase(*draft, path, name));
    if (relation && !relation->is_leaf() && !relation->is_partitioned()) {
      return Error("42809", fmt::format("\"{}\" is not a table", name.name), {.hint = HowToDrop(*relation)});
    }
    if (relation) {
      if (relation->declared) WEIR_RETURN_NOT_OK(CheckNotDeclared(*relation));
      WEIR_RETURN_NOT_OK(CollectTree(*draft, relation, &members));
    } else if (statement.if_exists) {
      notices.push_back(fmt::format("table \"{}\" does not exist, skipping", name.name));
    } else {
      return Error("42P01", fmt::format("table \"{}\" does not exist", name.name));
    }
  }
  KeepOnce(&members);
  WEIR_ASSIGN_OR_RETURN(const std::vector<RelationPtr> sequences, OwnedSequences(*draft, members));
  std::vector<RelationPtr> going = members;
  going.insert(going.end(), sequences.begin(), sequences.end());
  WEIR_ASSIGN_OR_RETURN(const auto views, ViewsAbove(*draft, going, context));
  WEIR_RETURN_NOT_OK(CheckNothingDepends(what, views, statement.cascade));
  AddCascadeNotice(views, context, &notices);
  std::vector<RelationPtr> removed = members;
  for (const DependentView& one : views) removed.push_back(one.view);
  WEIR_RETURN_NOT_OK(RemoveAll(draft, removed));
  const std::string of = what.empty() ? "desired object(s)" : what;
  WEIR_ASSIGN_OR_RETURN(const Notices cascaded, DropSequencesOf({of, std::move(members), statement.cascade}, draft));
  notices.insert(notices.end(), cascaded.begin(), cascaded.end());
  return notices;
}

Result<Notices> Execute(const CreateDatabase& statement, const DdlContext&, CatalogDraft* draft) {
  const char* kind = statement.is_schema ? "schema" : "database";
  if (statement.name == kSystemDatabase || statement.name.starts_with("pg_")) {
    return Error("42939", fmt::format("unacceptable {} name \"{}\"", kind, statement.name),
                 {.detail = "The name is reserved for the system."});
  }
  WEIR_ASSIGN_OR_RETURN(const bool exists, draft->DatabaseExists(statement.name));
  const bool there = exists || (statement.is_schema && statement.name == "public");
  if (there && statement.if_not_exists) {
    return Notices{fmt::format("{} \"{}\" already exists, skipping", kind, statement.name)};
  }
  if (there) {
    return Error(statement.is_schema ? "42P06" : "42P04",
                 fmt::format("{} \"{}\" already exists", kind, statement.name));
  }
  if (const Status valid = ValidateDatabaseName(statement.name); !valid.ok()) return Error("42602", valid.message());
  draft->PutDatabase(statement.name);
  return Notices();
}

namespace {

/// The relations of a database, and as DETAIL and NOTICEs those that a schema's DROP names.
struct SchemaMembers {
  std::vector<RelationPtr> all;
  std::vector<RelationPtr> elsewhere;  // views that name one of them
  std::string dependants;
  Notices notices;
};

Result<SchemaMembers> MembersOf(CatalogDraft& draft, const std::string& name, const std::string& shown_name,
                                const DdlContext& context) {
  WEIR_ASSIGN_OR_RETURN(const auto relations, draft.ListRelations(name));
  SchemaMembers members;
  for (const RelationPtr& relation : relations) {
    const bool goes_with_table = relation->is_index() || (relation->is_sequence() && relation->sequence->owner >= 0);
    if (!relation->parent && !goes_with_table) {
      const std::string shown = fmt::format("{} {}.{}", NameOfKind(*relation), name, relation->path.table);
      members.dependants +=
          fmt::format("{}{} depends on schema {}", members.dependants.empty() ? "" : "\n", shown, shown_name);
      members.notices.push_back("drop cascades to " + shown);
    }
    // Partitions elsewhere go with their roots, those here also without.
    WEIR_RETURN_NOT_OK(CollectTree(draft, relation, &members.all));
  }
  KeepOnce(&members.all);
  WEIR_ASSIGN_OR_RETURN(const auto views, ViewsAbove(draft, members.all, context));
  for (const DependentView& one : views) {
    members.dependants += "\n" + one.reason;
    members.notices.push_back("drop cascades to " + Described(*one.view, context));
    members.elsewhere.push_back(one.view);
  }
  return members;
}

}  // namespace

Result<Notices> Execute(const DropDatabase& statement, const DdlContext& context, CatalogDraft* draft) {
  const char* kind = statement.is_schema ? "schema" : "database";
  const std::string name = statement.is_schema && statement.name == "public" ? context.database : statement.name;
  if (name == kSystemDatabase) {
    return Error("42501", fmt::format("permission denied: \"{}\" is a system {}", name, kind));
  }
  WEIR_ASSIGN_OR_RETURN(const bool exists, draft->DatabaseExists(name));
  if (!exists && statement.if_exists) {
    return Notices{fmt::format("{} \"{}\" does not exist, skipping", kind, statement.name)};
  }
  if (!exists) {
    return Error(statement.is_schema ? "3F000" : "3D000",
                 fmt::format("{} \"{}\" does not exist", kind, statement.name));
  }
  if (!statement.is_schema && name == context.database) {
    return Error("55006", "cannot drop the currently open database");
  }
  WEIR_ASSIGN_OR_RETURN(SchemaMembers members, MembersOf(*draft, name, statement.name, context));
  if (statement.is_schema && !statement.cascade && !members.all.empty()) {
    return Error("2BP01", fmt::format("cannot drop schema {} because other objects depend on it", statement.name),
                 {.detail = members.dependants, .hint = "Use DROP ... CASCADE to drop the dependent objects too."});
  }
  if (!statement.is_schema && !members.elsewhere.empty()) {
    return Error("2BP01", fmt::format("cannot drop database {} because other objects depend on it", statement.name),
                 {.detail = members.dependants, .hint = "Drop the views of other databases that use its tables first."});
  }
  std::set<int64_t> sequences;
  for (const RelationPtr& relation : members.all) {
    if (relation->is_sequence()) sequences.insert(relation->id);
  }
  members.all.insert(members.all.end(), members.elsewhere.begin(), members.elsewhere.end());
  WEIR_RETURN_NOT_OK(RemoveAll(draft, members.all));
  draft->RemoveDatabase(name);
  WEIR_ASSIGN_OR_RETURN(const Notices defaults, DropDefaultsOn(sequences, draft));
  members.notices.insert(members.notices.end(), defaults.begin(), defaults.end());
  if (!statement.is_schema) return Notices();
  if (members.notices.size() <= 1) return members.notices;
  return Notices{fmt::format("drop cascades to {} other objects", members.notices.size())};
}

}  // namespace weir::sql
