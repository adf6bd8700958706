#include "sql/catalog/alter_constraint.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sql/catalog/alter_column.h"
#include "sql/catalog/alter_marks.h"
#include "sql/catalog/exclusion_ddl.h"
#include "sql/catalog/foreign_ddl.h"
#include "sql/catalog/foreign_key_ddl.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/inheritance.h"
#include "sql/catalog/key_of_index.h"
#include "sql/catalog/pending_key.h"
#include "sql/catalog/table_definition.h"
#include "sql/dialect/same_expression.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

/// The one that says the same, that of the same name first.
SqlConstraint* SameIn(Relation* relation, const SqlConstraint& wanted) {
  SqlConstraint* first = nullptr;  // two foreign keys may say the same
  for (SqlConstraint& constraint : relation->constraints) {
    if (!SaysTheSame(constraint, wanted)) continue;
    if (constraint.name == wanted.name) return &constraint;
    if (first == nullptr) first = &constraint;
  }
  return first;
}

/// Whether a member has the constraint from more tables than the members above it.
bool IsInherited(const AlteredRelation& member, const SqlConstraint& constraint) {
  if (!member.parent) return constraint.inherited > static_cast<int>(member.above.size());
  if (!member.above.empty() || constraint.no_inherit) return false;
  Relation parent = *member.parent;
  const SqlConstraint* same = SameIn(&parent, constraint);
  return same != nullptr && !same->no_inherit;
}

}  // namespace

RowCheck HoldCheck(const AlteredRelation& member, const SqlConstraint& constraint) {
  return {fmt::format("NOT ({})", constraint.check),
          Error("23514",
                fmt::format("check constraint \"{}\" of relation \"{}\" is violated by some row", constraint.name,
                            member.name()),
                {.schema = member.before->path.database, .table = member.name(), .constraint = constraint.name})};
}

// --- ADD ---

namespace {

/// A partition or child that has the constraint already keeps it; true then. `times`: from how many parents.
Result<bool> Merges(const SqlConstraint& added, int times, AlteredRelation* member, AlteredTree* tree) {
  const auto own = std::ranges::find(member->now.constraints, added.name, &SqlConstraint::name);
  if (own == member->now.constraints.end()) return false;
  if (own->kind == SqlConstraint::Kind::kCheck && dialect::IsSameExpression(own->check, added.check)) {
    if (own->no_inherit) {
      return Error("42P17", fmt::format("constraint \"{}\" conflicts with non-inherited constraint on relation \"{}\"",
                                        added.name, member->name()));
    }
    if (own->not_valid && !added.not_valid) {
      return Error("42P17", fmt::format("constraint \"{}\" conflicts with NOT VALID constraint on relation \"{}\"",
                                        added.name, member->name()));
    }
    if (!member->parent) own->inherited += times;
    for (int i = 0; i < times; ++i) {
      tree->Note(fmt::format("merging constraint \"{}\" with inherited definition", added.name));
    }
    return true;
  }
  return Error("42710",
               fmt::format("constraint \"{}\" for relation \"{}\" already exists", added.name, member->name()));
}

/// A CHECK that the root has got. A child that had it before gives its own children nothing new.
Status GiveToAll(const SqlConstraint added, AlteredTree* tree) {
  std::vector<AlteredRelation>& members = tree->members();
  std::vector<bool> given(members.size());
  for (size_t i = 0; i < members.size(); ++i) {
    AlteredRelation& member = members[i];
    const int parents = CountAbove(member, given);
    if (i > 0 && (parents == 0 || (!member.parent && added.no_inherit))) continue;
    if (i > 0) {
      WEIR_ASSIGN_OR_RETURN(const bool merged, Merges(added, parents, &member, tree));
      if (merged) continue;
      SqlConstraint& own = member.now.constraints.emplace_back(added);
      own.is_local = member.parent != nullptr;
      own.inherited = member.parent ? 0 : 1;
      if (!member.parent && parents > 1) WEIR_RETURN_NOT_OK(Merges(added, parents - 1, &member, tree).status());
    }
    given[i] = true;
    if (!added.not_valid) member.checks.push_back(HoldCheck(member, added));
  }
  return Status::OK();
}

Status AddCheck(const TableConstraint& written, const DdlContext& context, AlteredTree* tree) {
  AlteredRelation& root = tree->root();
  TableConstraint definition = written;
  WEIR_ASSIGN_OR_RETURN(definition.check->text,
                        context.Kept({DefinitionUse::kCheck, root.now, nullptr, *written.check}));
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> merged, MergeCheck(definition, &root.now));
  if (merged) {
    tree->Note(*merged);
    return Status::OK();
  }
  if (tree->leaves_out_children() && !definition.no_inherit) {
    return Error("42P16", "constraint must be added to child tables too");
  }
  WEIR_RETURN_NOT_OK(AddConstraint(definition, &root.now));
  WEIR_RETURN_NOT_OK(CheckConstraints(root.now));
  return GiveToAll(root.now.constraints.back(), tree);
}

/// Whether a primary key is of a type that only an index keeps unique.
bool IsKeptInIndex(const TableConstraint& definition, const Relation& table) {
  return std::ranges::any_of(definition.columns, [&](const std::string& name) {
    const int at = table.ColumnIndex(name);
    const auto type = at < 0 ? Result<SqlType>(SqlType()) : ResolveType(table.columns[static_cast<size_t>(at)].type);
    return type.ok() && type->one_form == OneForm::kInIndexes;
  });
}

/// Gives a tree the index of a key. Rows are held to it where columns are NOT NULL with it that were not.
Status AddKeyIndexToTree(const IndexClause& clause, AlteredTree* tree) {
  std::vector<std::vector<SqlColumn>> before;
  for (const AlteredRelation& member : tree->members()) before.push_back(member.now.columns);
  WEIR_RETURN_NOT_OK(AddIndexToTree(clause, std::nullopt, tree));
  for (size_t i = 0; i < before.size(); ++i) {
    AlteredRelation& member = tree->members()[i];
    for (size_t k = 0; k < before[i].size(); ++k) {
      const bool was_nullable = !before[i][k].not_null && member.now.columns[k].not_null;
      if (was_nullable) member.checks.push_back(NotNullCheck(member, before[i][k].name));
    }
  }
  return Status::OK();
}

Status AddKeyInIndex(const TableConstraint& definition, AlteredTree* tree) {
  WEIR_RETURN_NOT_OK(CheckHasNoPrimaryKey(tree->root().now));
  return AddKeyIndexToTree({.name = definition.name,
                            .columns = definition.columns,
                            .included = definition.included,
                            .constraint = true,
                            .primary = true,
                            .position = definition.position},
                           tree);
}

Status AddKey(const TableConstraint& definition, AlteredTree* tree) {
  WEIR_RETURN_NOT_OK(CheckMayBeUnique(tree));
  if (IsKeptInIndex(definition, tree->root().now)) return AddKeyInIndex(definition, tree);
  if (tree->leaves_out_partitions()) return AddPendingKey(definition, tree);
  for (AlteredRelation& member : tree->members()) {
    const bool root = &member == &tree->root();
    TableConstraint named = definition;
    if (!root) named.name.clear();
    SqlConstraint wanted;
    wanted.columns = definition.columns;
    if (!root && SameIn(&member.now, wanted) != nullptr) continue;
    WEIR_RETURN_NOT_OK(AddPrimaryKey(named, &member));
  }
  return Status::OK();
}

Status AddUnique(const TableConstraint& definition, AlteredTree* tree) {
  return AddIndexToTree({.name = definition.name,
                         .columns = definition.columns,
                         .included = definition.included,
                         .constraint = true,
                         .nulls_distinct = !definition.nulls_not_distinct,
                         .position = definition.position},
                        std::nullopt, tree);
}

}  // namespace

Status AddPrimaryKey(const TableConstraint& definition, AlteredRelation* member) {
  WEIR_RETURN_NOT_OK(CheckHasNoPrimaryKey(member->now));
  std::vector<std::string> nullable;
  for (const std::string& name : definition.columns) {
    const int at = member->now.ColumnIndex(name);
    if (at >= 0 && !member->now.columns[static_cast<size_t>(at)].not_null) nullable.push_back(name);
  }
  WEIR_RETURN_NOT_OK(AddConstraint(definition, &member->now));
  if (member->now.constraints.back().primary) {
    return Error("0A000", "a primary key of such a type is not made of an index, or by parts");
  }
  WEIR_RETURN_NOT_OK(CheckConstraints(member->now));
  for (const std::string& name : nullable) member->checks.push_back(NotNullCheck(*member, name));
  member->rewritten = true;
  return Status::OK();
}

namespace {

Status AddExclusionToTree(const TableConstraint& definition, const DdlContext& context, AlteredTree* tree) {
  Relation& root = tree->root().now;
  if (definition.deferrable_key == '\0') return AddExclusion(definition, context, tree->draft(), &root);
  if (definition.deferrable_key == 'p') WEIR_RETURN_NOT_OK(CheckHasNoPrimaryKey(root));
  WEIR_ASSIGN_OR_RETURN(const IndexClause clause, ClauseOfDeferrableKey(definition, context, tree->draft(), root));
  return AddKeyIndexToTree(clause, tree);
}

}  // namespace

Status Alter(const alter::AddConstraint& action, const DdlContext& context, AlteredTree* tree) {
  if (action.constraint.kind == TableConstraint::Kind::kCheck) return AddCheck(action.constraint, context, tree);
  const WithoutHeirs alone(tree);
  if (!action.constraint.using_index.empty()) {
    if (action.constraint.deferrable_key == '\0') return AddKeyOfIndex(action.constraint, tree);
    WEIR_ASSIGN_OR_RETURN(const TableConstraint key, DeferrableKeyOfIndex(action.constraint, tree));
    return AddExclusionToTree(key, context, tree);
  }
  switch (action.constraint.kind) {
    case TableConstraint::Kind::kCheck: break;
    case TableConstraint::Kind::kPrimaryKey: return AddKey(action.constraint, tree);
    case TableConstraint::Kind::kUnique: return AddUnique(action.constraint, tree);
    case TableConstraint::Kind::kForeignKey: return AddForeignKeyToTree(action.constraint, context, tree);
    case TableConstraint::Kind::kExclusion: return AddExclusionToTree(action.constraint, context, tree);
  }
  return Status::OK();
}

// --- DROP, VALIDATE, RENAME ---

namespace {

void DropConstraintFrom(const SqlConstraint& same, AlteredTree* tree, AlteredRelation* member) {
  if (const RelationPtr index = IndexOfConstraint(member->now, same.name)) {
    return RemoveIndexes({index}, tree->draft(), &member->now);
  }
  if (same.kind == SqlConstraint::Kind::kPrimaryKey) member->rewritten = true;
  member->now.constraints.erase(member->now.constraints.begin() + (&same - member->now.constraints.data()));
}

/// A child keeps what it has by itself, or from other parents, too.
Status DropConstraintFromAll(const SqlConstraint& dropped, AlteredTree* tree) {
  std::vector<AlteredRelation>& members = tree->members();
  std::vector<bool> gone(members.size());
  for (size_t i = 0; i < members.size(); ++i) {
    AlteredRelation& member = members[i];
    const int parents = CountAbove(member, gone);
    if (i > 0 && (dropped.no_inherit || parents == 0)) continue;
    SqlConstraint* const same = SameIn(&member.now, dropped);
    gone[i] = true;
    if (same == nullptr) continue;
    if (i > 0 && !member.parent) {
      same->inherited -= parents;
      gone[i] = same->inherited <= 0 && !same->is_local;
    }
    if (gone[i]) DropConstraintFrom(*same, tree, &member);
  }
  for (const RelationPtr& child : tree->left_out()) {
    auto now = std::make_shared<Relation>(*child);
    SqlConstraint* const same = dropped.no_inherit ? nullptr : SameIn(now.get(), dropped);
    if (same == nullptr || same->inherited == 0) continue;
    same->is_local = true;
    --same->inherited;
    tree->draft()->Put(std::move(now), child);
  }
  return Status::OK();
}

}  // namespace

Status Alter(const alter::DropConstraint& action, const DdlContext&, AlteredTree* tree) {
  AlteredRelation& root = tree->root();
  const SqlConstraint* found = root.now.FindConstraint(action.name);
  if (found == nullptr) {
    const std::string missing =
        fmt::format("constraint \"{}\" of relation \"{}\" does not exist", action.name, root.name());
    if (!action.if_exists) return Error("42704", missing);
    tree->Note(missing + ", skipping");
    return Status::OK();
  }
  if (IsInherited(root, *found)) {
    return Error("42P16",
                 fmt::format("cannot drop inherited constraint \"{}\" of relation \"{}\"", action.name, root.name()));
  }
  if (tree->leaves_out_partitions()) {
    return Error("42P16", "cannot remove constraint from only the partitioned table when partitions exist",
                 {.hint = std::string(kDoNotSayOnly)});
  }
  const SqlConstraint dropped = *found;
  if (dropped.shards > 0 && root.now.is_partitioned()) {
    return Error("0A000", fmt::format("cannot drop constraint \"{}\": the partitions of \"{}\" are of its shards",
                                      action.name, root.name()),
                 {.hint = "Use ALTER TABLE ... PARTITION BY NOTHING first."});
  }
  if (dropped.kind == SqlConstraint::Kind::kCheck) return DropConstraintFromAll(dropped, tree);
  const WithoutHeirs alone(tree);
  return DropConstraintFromAll(dropped, tree);
}

Status Alter(const alter::ValidateConstraint& action, const DdlContext&, AlteredTree* tree) {
  AlteredRelation& root = tree->root();
  const SqlConstraint* found = root.now.FindConstraint(action.name);
  if (found == nullptr) {
    return Error("42704", fmt::format("constraint \"{}\" of relation \"{}\" does not exist", action.name, root.name()));
  }
  if (found->is_key()) {
    return Error("42809", fmt::format("constraint \"{}\" of relation \"{}\" is not a foreign key or check constraint",
                                      action.name, root.name()));
  }
  if (!found->not_valid) return Status::OK();
  const bool goes_down = found->kind == SqlConstraint::Kind::kCheck || root.now.is_partitioned();
  if (tree->leaves_out_children() && goes_down && !found->no_inherit) {
    return Error("42P16", "constraint must be validated on child tables too");
  }
  const SqlConstraint wanted = *found;
  const std::optional<WithoutHeirs> alone =
      goes_down && !found->no_inherit ? std::nullopt : std::make_optional<WithoutHeirs>(tree);
  for (AlteredRelation& member : tree->members()) {
    SqlConstraint* same = SameIn(&member.now, wanted);
    if (same == nullptr || !same->not_valid) continue;
    same->not_valid = false;
    if (!same->foreign) member.checks.push_back(HoldCheck(member, *same));
  }
  return Status::OK();
}

Status Alter(const alter::AlterConstraint& action, const DdlContext&, AlteredTree* tree) {
  AlteredRelation& root = tree->root();
  const SqlConstraint* found = root.now.FindConstraint(action.name);
  if (found == nullptr) {
    return Error("42704", fmt::format("constraint \"{}\" of relation \"{}\" does not exist", action.name, root.name()));
  }
  if (!found->foreign) {
    return Error("42809", fmt::format("constraint \"{}\" of relation \"{}\" is not a foreign key constraint",
                                      action.name, root.name()));
  }
  if (IsInherited(root, *found)) {
    Relation parent = *root.parent;
    return Error("XX000", fmt::format("cannot alter constraint \"{}\" on relation \"{}\"", action.name, root.name()),
                 {.detail = fmt::format("Constraint \"{}\" is derived from constraint \"{}\" of relation \"{}\".",
                                        action.name, SameIn(&parent, *found)->name, parent.path.table),
                  .hint = "You may alter the constraint it derives from instead."});
  }
  const SqlConstraint wanted = *found;
  for (AlteredRelation& member : tree->members()) {
    SqlConstraint* const same = SameIn(&member.now, wanted);
    if (same == nullptr) continue;
    same->foreign->rules.deferrable = action.deferrable;
    same->foreign->rules.deferred = action.deferred;
  }
  return Status::OK();
}

Status Alter(const alter::RenameConstraint& action, const DdlContext&, AlteredTree* tree) {
  AlteredRelation& root = tree->root();
  const SqlConstraint* found = root.now.FindConstraint(action.name);
  if (found == nullptr) {
    return Error("42704", fmt::format("constraint \"{}\" for table \"{}\" does not exist", action.name, root.name()));
  }
  const bool is_check = found->kind == SqlConstraint::Kind::kCheck;
  if (is_check && !found->no_inherit && tree->leaves_out_children()) {
    return Error("42P16", fmt::format("inherited constraint \"{}\" must be renamed in child tables too", action.name));
  }
  const SqlConstraint wanted = *found;
  for (AlteredRelation& member : tree->members()) {
    if (&member != &root && (!is_check || wanted.no_inherit)) break;  // a partition's key has its own name
    SqlConstraint* const same = SameIn(&member.now, wanted);
    if (is_check && same != nullptr && IsInherited(member, *same)) {
      return Error("42P16", fmt::format("cannot rename inherited constraint \"{}\"", action.name));
    }
    if (member.now.FindConstraint(action.new_name) != nullptr) {
      return Error("42710", fmt::format("constraint \"{}\" for relation \"{}\" already exists", action.new_name,
                                        member.name()));
    }
    if (same == nullptr) continue;
    if (const RelationPtr index = IndexOfConstraint(member.now, same->name)) {
      WEIR_RETURN_NOT_OK(RenameIndexOf(*index, action.new_name, tree->draft(), &member.now));
    } else {
      RenameInMarks(same->name, action.new_name, &member.now.marks);
      same->name = action.new_name;
    }
  }
  return Status::OK();
}

}  // namespace weir::sql
