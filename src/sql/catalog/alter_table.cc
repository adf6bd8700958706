#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "sql/catalog/alter_column.h"
#include "sql/catalog/alter_constraint.h"
#include "sql/catalog/alter_distribution.h"
#include "sql/catalog/alter_identity.h"
#include "sql/catalog/alter_marks.h"
#include "sql/catalog/alter_name.h"
#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_store.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/dependent_views.h"
#include "sql/catalog/exclusion_ddl.h"
#include "sql/catalog/foreign_ddl.h"
#include "sql/catalog/foreign_key_ddl.h"
#include "sql/catalog/generated_column.h"
#include "sql/catalog/heirs.h"
#include "sql/catalog/inheritance.h"
#include "sql/catalog/renamed_tree.h"
#include "sql/catalog/sequence_ddl.h"
#include "sql/catalog/type_names.h"
#include "sql/catalog/typed_table.h"
#include "sql/error.h"
#include "sql/overloaded.h"

namespace weir::sql {
namespace {

/// PostgreSQL runs the actions of one statement in passes: what goes makes room for what comes.
int PassOf(const AlterAction& action) {
  const Overloaded pass{
      [](const alter::DropColumn&) { return 0; },
      [](const alter::DropConstraint&) { return 0; },
      [](const alter::DropExpression&) { return 0; },
      [](const alter::SetDefault& set) { return set.value ? 4 : 0; },
      [](const alter::SetNotNull& set) { return set.not_null ? 4 : 0; },
      [](const alter::SetType&) { return 1; },
      [](const alter::AddColumn&) { return 2; },
      [](const alter::AddConstraint&) { return 5; },
      [](const auto&) { return 6; },
  };
  return std::visit(pass, action);
}

/// What is done to the table alone, whatever is below it.
bool LeavesPartitions(const AlterAction& action) {
  const Overloaded alone{
      [](const alter::RenameTable&) { return true; },
      [](const alter::SetSchema&) { return true; },
      [](const alter::SetOwner&) { return true; },
      [](const alter::SetOptions&) { return true; },
      [](const alter::SetForeignOptions&) { return true; },
      [](const alter::SetUsual&) { return true; },
      [](const alter::SetLogged&) { return true; },
      [](const alter::SetReplicaIdentity&) { return true; },
      [](const alter::ClusterOn&) { return true; },
      [](const alter::SetStore&) { return true; },
      [](const alter::OfType&) { return true; },
      [](const auto&) { return false; },
  };
  return std::visit(alone, action);
}

Status Run(const AlterAction& action, const DdlContext& context, CatalogDraft* draft, AlteredTree* tree) {
  std::optional<WithoutHeirs> alone;
  if (!GoesToHeirs(action)) alone.emplace(tree);
  const Overloaded run{
      [&](const alter::RenameTable& rename) { return Alter(rename, context, draft, tree); },
      [&](const alter::SetSchema& move) { return Alter(move, context, draft, tree); },
      [&](const alter::SetOwner& owner) { return Alter(owner); },
      [](const alter::SetUsual&) { return Status::OK(); },
      [&](const auto& other) { return Alter(other, context, tree); },
  };
  return std::visit(run, action);
}

}  // namespace

namespace {

/// What PostgreSQL calls an action that views do not take; empty: they do. "SET": PostgreSQL's take it.
constexpr Overloaded kOnlyOfTables{
    [](const alter::AddColumn&) { return "ADD COLUMN"; },
    [](const alter::DropColumn&) { return "DROP COLUMN"; },
    [](const alter::SetNotNull& set) {
      return set.not_null ? "ALTER COLUMN ... SET NOT NULL" : "ALTER COLUMN ... DROP NOT NULL";
    },
    [](const alter::SetType&) { return "ALTER COLUMN ... SET DATA TYPE"; },
    [](const alter::AddConstraint&) { return "ADD CONSTRAINT"; },
    [](const alter::DropConstraint&) { return "DROP CONSTRAINT"; },
    [](const alter::ValidateConstraint&) { return "VALIDATE CONSTRAINT"; },
    [](const alter::AlterConstraint&) { return "ALTER CONSTRAINT"; },
    [](const alter::RenameConstraint&) { return "RENAME CONSTRAINT"; },
    [](const alter::SetStorage&) { return "ALTER COLUMN ... SET STORAGE"; },
    [](const alter::SetStatistics&) { return "ALTER COLUMN ... SET STATISTICS"; },
    [](const alter::SetCompression&) { return "ALTER COLUMN ... SET COMPRESSION"; },
    [](const alter::SetReplicaIdentity&) { return "REPLICA IDENTITY"; },
    [](const alter::SetLogged& set) { return set.logged ? "SET LOGGED" : "SET UNLOGGED"; },
    [](const alter::SwitchTriggers& set) { return set.enable ? "ENABLE TRIGGER" : "DISABLE TRIGGER"; },
    [](const alter::ClusterOn&) { return "CLUSTER ON"; },
    [](const alter::SetDistribution&) { return "SET DISTRIBUTED"; },
    [](const alter::Inherit& inherit) { return inherit.no ? "NO INHERIT" : "INHERIT"; },
    [](const alter::SetStore&) { return "SET TABLESPACE"; },
    [](const alter::OfType& of) { return of.type ? "OF" : "NOT OF"; },
    [](const alter::SetParameters&) { return "SET"; },
    [](const alter::SetUsual&) { return "SET"; },
    [](const alter::SetDefault&) { return "SET"; },
    [](const alter::SetOptions&) { return "SET"; },
    [](const alter::SetForeignOptions&) { return "OPTIONS(...)"; },
    [](const auto&) { return ""; },
};

/// 0A000 for constraints that no foreign table has.
Status CheckForeignActions(const AlterTable& statement) {
  CreateTable written;
  for (const AlterAction& action : statement.actions) {
    if (const auto* add = std::get_if<alter::AddConstraint>(&action)) written.constraints.push_back(add->constraint);
    if (const auto* add = std::get_if<alter::AddColumn>(&action)) {
      written.constraints.insert(written.constraints.end(), add->constraints.begin(), add->constraints.end());
    }
  }
  return CheckForeignConstraints(written);
}

/// What can be done to a view; 42809 for the rest, and for ALTER VIEW of anything else.
Status CheckKind(const AlterTable& statement, const Relation& relation) {
  if (statement.view && !relation.is_view()) {
    return Error("42809", fmt::format("\"{}\" is not a view", relation.path.table));
  }
  if (statement.foreign && !relation.is_foreign()) {
    return Error("42809", fmt::format("\"{}\" is not a foreign table", relation.path.table));
  }
  if (relation.is_foreign()) WEIR_RETURN_NOT_OK(CheckForeignActions(statement));
  if (statement.materialized && !relation.is_materialized()) {
    return Error("42809", fmt::format("\"{}\" is not a materialized view", relation.path.table));
  }
  if (relation.is_sequence()) {
    return Error("0A000", fmt::format("ALTER TABLE on a sequence is not supported: \"{}\"", relation.path.table));
  }
  if (relation.is_index()) {
    return Error("0A000", fmt::format("ALTER TABLE on an index is not supported: \"{}\"", relation.path.table));
  }
  if (relation.definition() == nullptr) return Status::OK();
  for (const AlterAction& action : statement.actions) {
    const std::string refused = std::visit(kOnlyOfTables, action);
    if (relation.is_view() && std::holds_alternative<alter::SetOptions>(action)) continue;
    if (refused == "SET") {
      return Error("0A000", fmt::format("options and defaults of {} are not supported", PluralOfKind(relation)));
    }
    if (refused.empty()) continue;
    return Error("42809",
                 fmt::format("ALTER action {} cannot be performed on relation \"{}\"", refused, relation.path.table),
                 {.detail = fmt::format("This operation is not supported for {}.", PluralOfKind(relation))});
  }
  return Status::OK();
}

Status CollectMembers(CatalogDraft& draft, const RelationPtr& relation, std::vector<RelationPtr>* members) {
  members->push_back(relation);
  if (!relation->is_partitioned()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft.Children(*relation));
  for (const RelationPtr& child : children->relations) WEIR_RETURN_NOT_OK(CollectMembers(draft, child, members));
  return Status::OK();
}

/// The tables whose column changes its type with the root's, or is dropped with it: a table that inherits it keeps one
/// that it has by itself, or from others.
Result<std::vector<RelationPtr>> MembersOfColumn(CatalogDraft& draft, const RelationPtr& root, const std::string& name,
                                                 bool drops, const DdlContext& context) {
  std::vector<RelationPtr> members;
  if (root->inherited_by.empty()) {
    WEIR_RETURN_NOT_OK(CollectMembers(draft, root, &members));
    return members;
  }
  WEIR_ASSIGN_OR_RETURN(const std::vector<RelationPtr> all, WithHeirs(draft, root, context.temporary));
  if (!drops || root->ColumnIndex(name) < 0) return all;
  std::unordered_map<int64_t, int> lost;  // by how many of its parents
  for (const RelationPtr& member : all) {
    const int at = member->ColumnIndex(name);
    if (at < 0) continue;
    const SqlColumn& column = member->columns[static_cast<size_t>(at)];
    if (member != root && (column.is_local || column.inherited > lost[member->id])) continue;
    members.push_back(member);
    for (const int64_t heir : member->inherited_by) ++lost[heir];
  }
  return members;
}

void AddUnknown(std::vector<DependentView> views, std::vector<DependentView>* all) {
  for (DependentView& one : views) {
    const bool known = std::ranges::any_of(*all, [&](const auto& other) { return other.view->id == one.view->id; });
    if (!known) all->push_back(std::move(one));
  }
}

/// The views that use a column of any of these.
Result<std::vector<DependentView>> ViewsOfColumn(CatalogDraft& draft, const std::vector<RelationPtr>& members,
                                                 const std::string& name, const DdlContext& context) {
  std::vector<DependentView> all;
  for (const RelationPtr& member : members) {
    const int column = member->ColumnIndex(name);
    if (column < 0) continue;
    WEIR_ASSIGN_OR_RETURN(auto views, ViewsAboveColumn(draft, *member, column, context));
    AddUnknown(std::move(views), &all);
  }
  return all;
}

/// The same, and those that read the sequences which go with the column.
Result<std::vector<DependentView>> ViewsWithoutColumn(CatalogDraft& draft, const std::vector<RelationPtr>& members,
                                                      const std::string& name, const DdlContext& context) {
  WEIR_ASSIGN_OR_RETURN(auto all, ViewsOfColumn(draft, members, name, context));
  const RelationPtr& root = members.front();
  const int column = root->ColumnIndex(name);
  if (column < 0) return all;
  auto owner = std::make_shared<Relation>(*root);
  const int number = root->NumberOf(static_cast<size_t>(column));
  std::erase_if(owner->owned_sequences, [&](const OwnedSequence& owned) { return owned.column != number; });
  WEIR_ASSIGN_OR_RETURN(const auto sequences, OwnedSequences(draft, {std::move(owner)}));
  WEIR_ASSIGN_OR_RETURN(auto views, ViewsAbove(draft, sequences, context));
  AddUnknown(std::move(views), &all);
  return all;
}

/// The type of a column that rows refer by, or are referred to by, stays.
Status CheckNoKeyHolds(const RelationPtr& root, const std::string& column, CatalogDraft* draft,
                       const DdlContext& context) {
  WEIR_ASSIGN_OR_RETURN(const auto keys, KeysReferringToColumn(*draft, root, column, context));
  std::string constraint = keys.empty() ? "" : DescribedKey(keys[0].key, context);
  for (const SqlConstraint& own : root->constraints) {
    const bool involved = own.foreign && std::ranges::find(own.columns, column) != own.columns.end();
    if (involved) constraint = fmt::format("constraint {} on {}", own.name, Described(*root, context));
  }
  if (constraint.empty()) return Status::OK();
  return Error("0A000", fmt::format("altering the type of a column of a foreign key is not supported: \"{}\"", column),
               {.detail = constraint + " depends on it.",
                .hint = "Drop the constraint, and add it again once the type is altered."});
}


/// Foreign keys of other tables that need a key which is dropped: 2BP01, or they go with it.
Status MakeWayForDrop(const alter::DropConstraint& drop, const RelationPtr& root, const DdlContext& context,
                      CatalogDraft* draft, Notices* notices) {
  Dependents dependents;
  WEIR_ASSIGN_OR_RETURN(dependents.keys, KeysNeedingIndex(*draft, root, drop.name, context));
  const std::string what = fmt::format("constraint {} on {}", drop.name, Described(*root, context));
  WEIR_RETURN_NOT_OK(CheckNothingDepends(what, dependents, drop.cascade));
  AddCascadeNotice(dependents, context, notices);
  return DropKeys(dependents.keys, context, draft);
}

/// Likewise foreign keys and views that need a column.
Status MakeWayForDrop(const alter::DropColumn& drop, bool only, const RelationPtr& root, const DdlContext& context,
                      CatalogDraft* draft, Notices* notices) {
  Dependents dependents;
  std::vector<RelationPtr> members = {root};
  if (!only || root->is_partitioned()) {
    WEIR_ASSIGN_OR_RETURN(members, MembersOfColumn(*draft, root, drop.name, true, context));
  }
  for (const RelationPtr& member : members) {
    if (member != root && member->parent) continue;  // who refers to a partition refers to the root
    WEIR_ASSIGN_OR_RETURN(const auto keys, KeysReferringToColumn(*draft, member, drop.name, context));
    dependents.keys.insert(dependents.keys.end(), keys.begin(), keys.end());
  }
  WEIR_ASSIGN_OR_RETURN(dependents.views, ViewsWithoutColumn(*draft, members, drop.name, context));
  const std::string what = fmt::format("column {} of {}", drop.name, Described(*root, context));
  WEIR_RETURN_NOT_OK(CheckNothingDepends(what, dependents, drop.cascade));
  AddCascadeNotice(dependents, context, notices);
  WEIR_RETURN_NOT_OK(DropKeys(dependents.keys, context, draft));
  std::vector<RelationPtr> gone;
  for (const DependentView& one : dependents.views) gone.push_back(one.view);
  return RemoveAll(draft, gone);
}

/// Views and foreign keys that stand in the way of the actions: 2BP01 and 0A000, or they go with the column.
Status MakeWay(const std::vector<AlterAction>& actions, bool only, const RelationPtr& root, const DdlContext& context,
               CatalogDraft* draft, Notices* notices) {
  for (const AlterAction& action : actions) {
    if (const auto* drop = std::get_if<alter::DropColumn>(&action)) {
      WEIR_RETURN_NOT_OK(MakeWayForDrop(*drop, only, root, context, draft, notices));
    } else if (const auto* constraint = std::get_if<alter::DropConstraint>(&action)) {
      WEIR_RETURN_NOT_OK(MakeWayForDrop(*constraint, root, context, draft, notices));
    } else if (const auto* retype = std::get_if<alter::SetType>(&action)) {
      WEIR_ASSIGN_OR_RETURN(const auto members, MembersOfColumn(*draft, root, retype->column, false, context));
      for (const RelationPtr& member : members) {
        const bool may_refer = member == root || !member->parent;
        if (may_refer) WEIR_RETURN_NOT_OK(CheckNoKeyHolds(member, retype->column, draft, context));
        WEIR_RETURN_NOT_OK(CheckNoExclusionHolds(*member, retype->column));
      }
      WEIR_ASSIGN_OR_RETURN(const auto views, ViewsOfColumn(*draft, members, retype->column, context));
      if (views.empty()) continue;
      return Error("0A000", "cannot alter type of a column used by a view or rule",
                   {.detail = fmt::format("rule _RETURN on {} depends on column \"{}\"",
                                          Described(*views[0].view, context), retype->column)});
    }
  }
  return Status::OK();
}

/// Leaves of KWDB's partitions leave the names that the statement gives.
Status TakeNames(const AlterTable& statement, const TablePath& path, const DdlContext& context, CatalogDraft* draft) {
  for (const AlterAction& action : statement.actions) {
    TablePath named = path;
    if (const auto* rename = std::get_if<alter::RenameTable>(&action)) named.table = rename->new_name;
    if (const auto* added = std::get_if<alter::AddConstraint>(&action)) named.table = added->constraint.name;
    if (const auto* moved = std::get_if<alter::SetSchema>(&action)) {
      named = PathOf({.database = {}, .schema = moved->schema, .name = path.table}, context);
    }
    if (named != path && !named.table.empty()) WEIR_RETURN_NOT_OK(FindTaken(*draft, named).status());
  }
  return Status::OK();
}

/// Whether it drops a key of the table: the partitions have theirs from it, which go with it also where ONLY is said.
bool DropsKey(const AlterAction& action, const Relation& table) {
  const auto* drop = std::get_if<alter::DropConstraint>(&action);
  const SqlConstraint* found = drop == nullptr ? nullptr : table.FindConstraint(drop->name);
  return found != nullptr && found->kind != SqlConstraint::Kind::kCheck;
}

/// The root and the tables that inherit from it.
std::vector<RelationPtr> WithoutPartitions(AlteredTree& tree) {
  std::vector<RelationPtr> tables = {tree.root().before};
  for (const AlteredRelation& member : tree.members()) {
    if (!member.above.empty() && !member.parent) tables.push_back(member.before);
  }
  return tables;
}

}  // namespace

Result<Notices> Execute(const AlterTable& written, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const AlterTable statement, WithBoundTypes(written, context, draft));
  const TablePath path = PathOf(statement.name, context);
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, FindNamed(*draft, statement.name, context, statement.if_exists));
  if (!relation) return Skipped(statement.name);
  if (path.database == kSystemDatabase) WEIR_RETURN_NOT_OK(CheckDatabase(*draft, path, statement.name));
  WEIR_RETURN_NOT_OK(CheckMayAlter(*relation));
  WEIR_RETURN_NOT_OK(CheckKind(statement, *relation));
  WEIR_RETURN_NOT_OK(CheckNoKwdbLeaf(*draft, relation));
  WEIR_RETURN_NOT_OK(TakeNames(statement, path, context, draft));
  Notices cascades;
  WEIR_ASSIGN_OR_RETURN(std::vector<AlterAction> actions,
                        WithGeneratedDropped(statement.actions, *relation, &cascades));
  WEIR_RETURN_NOT_OK(MakeWay(actions, statement.only, relation, context, draft, &cascades));
  WEIR_ASSIGN_OR_RETURN(relation, draft->Find(path));
  std::ranges::stable_sort(actions, {}, PassOf);
  const bool alone = std::ranges::all_of(actions, LeavesPartitions);
  const bool keys = std::ranges::all_of(actions, [&](const auto& action) { return DropsKey(action, *relation); });
  WEIR_ASSIGN_OR_RETURN(AlteredTree tree, AlteredTree::Load(draft, relation, (statement.only && !keys) || alone));
  if (!alone && !keys) WEIR_RETURN_NOT_OK(tree.TakeHeirs(context.temporary));
  const std::vector<RelationPtr> before = WithoutPartitions(tree);
  WEIR_RETURN_NOT_OK(CheckForeignColumns(actions, &tree));
  for (const AlterAction& action : actions) {
    WEIR_RETURN_NOT_OK(CheckMayAlterTyped(action, tree.root().now));
    WEIR_RETURN_NOT_OK(Run(action, context, draft, &tree));
  }
  const TablePath now = tree.root().now.path;
  const int64_t id = relation->id;
  WEIR_ASSIGN_OR_RETURN(Notices notices, tree.Finish(context));
  for (const RelationPtr& table : before) WEIR_RETURN_NOT_OK(LinkForeignKeys(table.get(), table->id, draft));
  WEIR_RETURN_NOT_OK(HoldToForeignKeys(*relation, id, context, draft));
  WEIR_RETURN_NOT_OK(HoldToExclusions(*relation, id, context, draft));
  notices.insert(notices.begin(), cascades.begin(), cascades.end());
  if (now != path) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr renamed, draft->Find(now));
    WEIR_ASSIGN_OR_RETURN(const Notices followed, FollowName(renamed, path.table, draft));
    notices.insert(notices.end(), followed.begin(), followed.end());
  }
  return notices;
}

}  // namespace weir::sql
