#include <fmt/format.h>

#include <algorithm>

#include "sql/catalog/alter_column.h"
#include "sql/catalog/alter_constraint.h"
#include "sql/catalog/alter_identity.h"
#include "sql/catalog/alter_name.h"
#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/catalog_store.h"
#include "sql/catalog/ddl_names.h"
#include "sql/overloaded.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

/// PostgreSQL runs the actions of one statement in passes: what goes makes room for what comes.
int PassOf(const AlterAction& action) {
  const Overloaded pass{
      [](const alter::DropColumn&) { return 0; },
      [](const alter::DropConstraint&) { return 0; },
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
      [](const auto&) { return false; },
  };
  return std::visit(alone, action);
}

Status Run(const AlterAction& action, const DdlContext& context, CatalogDraft* draft, AlteredTree* tree) {
  const Overloaded run{
      [&](const alter::RenameTable& rename) { return Alter(rename, context, draft, tree); },
      [&](const alter::SetSchema& move) { return Alter(move, context, draft, tree); },
      [&](const alter::SetOwner& owner) { return Alter(owner); },
      [&](const alter::SetOptions& options) { return Alter(options, tree); },
      [&](const auto& other) { return Alter(other, context, tree); },
  };
  return std::visit(run, action);
}

/// The rows of partitions in the catalog name their parent.
Status PutChildren(const RelationPtr& renamed, CatalogDraft* draft) {
  if (!renamed->is_partitioned()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft->Children(*renamed));
  for (const RelationPtr& child : children->relations) draft->Put(std::make_shared<Relation>(*child), child);
  return Status::OK();
}

}  // namespace

Result<Notices> Execute(const AlterTable& statement, const DdlContext& context, CatalogDraft* draft) {
  const TablePath path = PathOf(statement.name, context);
  WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, draft->Find(path));
  if (!relation && statement.if_exists) {
    return Notices{fmt::format("relation \"{}\" does not exist, skipping", Shown(statement.name))};
  }
  if (!relation) return NoRelation(statement.name);
  if (path.database == kSystemDatabase) WEIR_RETURN_NOT_OK(CheckDatabase(*draft, path, statement.name));
  if (relation->is_sequence()) {
    return Error("0A000", fmt::format("ALTER TABLE on a sequence is not supported: \"{}\"", relation->path.table));
  }
  if (relation->is_index()) {
    return Error("0A000", fmt::format("ALTER TABLE on an index is not supported: \"{}\"", relation->path.table));
  }
  if (!CatalogImpl::IsSql(*relation)) {
    return Error("0A000", fmt::format("\"{}\" is not SQL's to alter", relation->path.table),
                 {.detail = "The table was made through Fluss, which keeps its definition."});
  }
  std::vector<AlterAction> actions = statement.actions;
  std::ranges::stable_sort(actions, {}, PassOf);
  const bool alone = std::ranges::all_of(actions, LeavesPartitions);
  WEIR_ASSIGN_OR_RETURN(AlteredTree tree, AlteredTree::Load(draft, relation, statement.only || alone));
  for (const AlterAction& action : actions) WEIR_RETURN_NOT_OK(Run(action, context, draft, &tree));
  const TablePath now = tree.root().now.path;
  WEIR_ASSIGN_OR_RETURN(Notices notices, tree.Finish(context));
  if (now != path) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr renamed, draft->Find(now));
    WEIR_RETURN_NOT_OK(PutChildren(renamed, draft));
  }
  return notices;
}

}  // namespace weir::sql
