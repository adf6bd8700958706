#include "sql/catalog/attach_partition.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "sql/catalog/alter_constraint.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/exclusion_ddl.h"
#include "sql/catalog/foreign_ddl.h"
#include "sql/catalog/foreign_key_ddl.h"
#include "sql/catalog/generated_column.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/partition_bounds.h"
#include "sql/catalog/partition_place.h"
#include "sql/catalog/table_definition.h"
#include "sql/dialect/same_expression.h"
#include "sql/error.h"

namespace weir::sql {
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

Status CheckHasNoOthers(const Relation& parent, const Relation& child) {
  for (const SqlColumn& column : child.columns) {
    if (parent.ColumnIndex(column.name) >= 0) continue;
    return Error("42804",
                 fmt::format("table \"{}\" contains column \"{}\" not found in parent \"{}\"", child.path.table,
                             column.name, parent.path.table),
                 {.detail = "The new partition may contain only the columns present in parent."});
  }
  return Status::OK();
}

Status CheckColumns(const Relation& parent, const Relation& child) {
  for (const SqlColumn& column : parent.columns) {
    const int at = child.ColumnIndex(column.name);
    if (at < 0) return Error("42804", fmt::format("child table is missing column \"{}\"", column.name));
    const SqlColumn& own = child.columns[static_cast<size_t>(at)];
    if (own.type != column.type) {
      return Error("42804", fmt::format("child table \"{}\" has different type for column \"{}\"", child.path.table,
                                        column.name));
    }
    if (own.collation != column.collation) {
      return Error("42P21", fmt::format("child table \"{}\" has different collation for column \"{}\"",
                                        child.path.table, column.name));
    }
    if (column.not_null && !own.not_null) {
      return Error("42804", fmt::format("column \"{}\" in child table must be marked NOT NULL", column.name));
    }
    WEIR_RETURN_NOT_OK(CheckSameGenerated(column, own));
  }
  return Status::OK();
}

Status CheckChecks(const Relation& parent, const Relation& child) {
  for (const SqlConstraint& constraint : parent.constraints) {
    if (constraint.kind != SqlConstraint::Kind::kCheck || constraint.no_inherit) continue;
    const SqlConstraint* own = child.FindConstraint(constraint.name);
    if (own == nullptr) return Error("42804", fmt::format("child table is missing constraint \"{}\"", constraint.name));
    if (!dialect::IsSameExpression(own->check, constraint.check)) {
      return Error("42804", fmt::format("child table \"{}\" has different definition for check constraint \"{}\"",
                                        child.path.table, constraint.name));
    }
    if (own->no_inherit) {
      return Error("42P17",
                   fmt::format("constraint \"{}\" conflicts with non-inherited constraint on child table \"{}\"",
                               constraint.name, child.path.table));
    }
    if (own->not_valid) {
      return Error("42P17", fmt::format("constraint \"{}\" conflicts with NOT VALID constraint on child table \"{}\"",
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
  if (child->is_foreign()) return child;  // it has no indexes
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
  WEIR_RETURN_NOT_OK(HoldToExclusions(*child, child->id, context, draft));
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
    return Error("23514",
                 fmt::format("partition constraint of relation \"{}\" is violated by some row", leaf->path.table),
                 {.schema = leaf->path.database, .table = leaf->path.table});
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

}  // namespace

Status CheckHasDefinition(const Relation& parent, const Relation& child) {
  WEIR_RETURN_NOT_OK(CheckColumns(parent, child));
  return CheckChecks(parent, child);
}

Status CheckAttachable(CatalogDraft& draft, const RelationPtr& parent, const RelationPtr& child) {
  if (!child->is_table()) {
    const std::string& name = child->path.table;
    return Error("42809", fmt::format("ALTER action ATTACH PARTITION cannot be performed on relation \"{}\"", name),
                 {.detail = fmt::format("This operation is not supported for {}.", PluralOfKind(*child))});
  }
  if (child->parent) return Error("42809", fmt::format("\"{}\" is already a partition", child->path.table));
  if (!child->inherits.empty()) return Error("42809", "cannot attach inheritance child as partition");
  if (!child->inherited_by.empty()) return Error("42809", "cannot attach inheritance parent as partition");
  if (!CatalogImpl::IsSql(*child) && child->is_partitioned()) return CheckOwn(*child);
  WEIR_ASSIGN_OR_RETURN(const bool circular, IsWithin(draft, parent, *child));
  if (circular) {
    return Error(
        "42P07", "circular inheritance not allowed",
        {.detail = fmt::format("\"{}\" is already a child of \"{}\".", parent->path.table, child->path.table)});
  }
  WEIR_RETURN_NOT_OK(CheckPersistence("attach", child->path, *parent));
  if (child->is_foreign()) WEIR_RETURN_NOT_OK(CheckForeignAttachable(*parent, *child));
  WEIR_RETURN_NOT_OK(CheckHasNoOthers(*parent, *child));
  WEIR_RETURN_NOT_OK(CheckHasDefinition(*parent, *child));
  return child->is_foreign() ? Status::OK() : CheckSameDistribution(*parent, *child);
}

Status AttachTable(const RelationPtr& parent, const RelationPtr& child, const PartitionBound& bound,
                   const BoundClause& clause, const DdlContext& context, CatalogDraft* draft) {
  WEIR_RETURN_NOT_OK(CheckPlace(*draft, *parent, {child->path.table, bound, clause}, context));
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
  const int64_t id = attached->id;
  draft->Put(std::move(attached), keyed);
  WEIR_RETURN_NOT_OK(AddForeignKeysOfParent(*parent, id, context, draft));
  return LinkForeignKeys(keyed.get(), id, draft);
}

Status DetachTable(const RelationPtr& parent, const RelationPtr& child, Relation detached, const DdlContext& context,
                   CatalogDraft* draft) {
  WEIR_RETURN_NOT_OK(CheckMayLeave(parent, child, context, draft));
  detached.parent.reset();
  detached.bound = DefaultBound{};
  detached.bound_text.clear();
  LeaveParentsIndexes(draft, &detached);
  draft->Put(std::make_shared<Relation>(std::move(detached)), child);
  return LinkForeignKeys(child.get(), child->id, draft);
}

namespace {

/// What ALTER TABLE … ATTACH and DETACH ask of the table they name.
Status CheckParent(const Relation& parent) {
  WEIR_RETURN_NOT_OK(CheckPartitioned(parent));
  return CheckNotDeclared(parent);
}

}  // namespace

Result<Notices> Execute(const AttachPartition& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr parent, FindNamed(*draft, statement.parent, context, statement.if_exists));
  if (!parent) return Skipped(statement.parent);
  WEIR_RETURN_NOT_OK(CheckParent(*parent));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr child, FindNamed(*draft, statement.partition, context));
  WEIR_RETURN_NOT_OK(CheckAttachable(*draft, parent, child));
  WEIR_ASSIGN_OR_RETURN(const PartitionBound bound, ResolveBound(*parent, statement.bound, context.evaluate));
  WEIR_RETURN_NOT_OK(AttachTable(parent, child, bound, statement.bound, context, draft));
  return Notices();
}

Result<Notices> Execute(const DetachPartition& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr parent, FindNamed(*draft, statement.parent, context, statement.if_exists));
  if (!parent) return Skipped(statement.parent);
  WEIR_RETURN_NOT_OK(CheckParent(*parent));
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
  Relation detached = *child;
  if (statement.concurrently) {
    // As in PostgreSQL the table goes on promising what its bound said.
    SqlConstraint check;
    check.kind = SqlConstraint::Kind::kCheck;
    check.name = fmt::format("{}_{}_check", child->path.table, KeyPartText(*parent, 0));
    WEIR_ASSIGN_OR_RETURN(check.check, PartitionConstraintText(*draft, *child));
    if (!check.check.empty() && child->FindConstraint(check.name) == nullptr) {
      detached.constraints.push_back(std::move(check));
    }
  }
  WEIR_RETURN_NOT_OK(DetachTable(parent, child, std::move(detached), context, draft));
  return Notices();
}

}  // namespace weir::sql
