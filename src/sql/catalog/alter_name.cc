#include "sql/catalog/alter_name.h"

#include <fmt/format.h>

#include "model/table_rules.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/table_options.h"
#include "sql/catalog/temporary.h"
#include "sql/dialect/view.h"
#include "sql/error.h"

namespace weir::sql {

Status Alter(const alter::RenameTable& action, const DdlContext&, CatalogDraft* draft, AlteredTree* tree) {
  TablePath& path = tree->root().now.path;
  path.table = action.new_name;
  return CheckNewName(*draft, path);
}

namespace {

/// 42P07 for a relation of that name in the schema.
Status CheckFreeInSchema(const alter::SetSchema& action, const TablePath& moved, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr taken, draft->Find(moved));
  if (!taken) return Status::OK();
  return Error("42P07",
               fmt::format("relation \"{}\" already exists in schema \"{}\"", moved.table, action.schema));
}

Status MoveIndexes(const alter::SetSchema& action, CatalogDraft* draft, Relation* table) {
  for (const RelationPtr& own : std::vector<RelationPtr>(table->indexes)) {
    auto along = std::make_shared<Relation>(*own);
    along->path.database = table->path.database;
    WEIR_RETURN_NOT_OK(CheckFreeInSchema(action, along->path, draft));
    PutIndex(std::move(along), draft, table);
  }
  return Status::OK();
}

}  // namespace

Status Alter(const alter::SetSchema& action, const DdlContext& context, CatalogDraft* draft, AlteredTree* tree) {
  TablePath& path = tree->root().now.path;
  const QualifiedName target{.database = {}, .schema = action.schema, .name = path.table};
  const TablePath moved = PathOf(target, context);
  WEIR_RETURN_NOT_OK(CheckDatabase(*draft, moved, target));
  if (moved == path) return Status::OK();
  if (IsTemporary(moved.database) || IsTemporary(path.database)) {
    return Error("0A000", "cannot move objects into or out of temporary schemas");
  }
  WEIR_RETURN_NOT_OK(CheckFreeInSchema(action, moved, draft));
  path = moved;
  WEIR_RETURN_NOT_OK(MoveIndexes(action, draft, &tree->root().now));
  for (const OwnedSequence& owned : tree->root().now.owned_sequences) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr sequence, draft->FindById(owned.sequence));
    if (!sequence) continue;
    auto along = std::make_shared<Relation>(*sequence);
    along->path.database = moved.database;
    WEIR_RETURN_NOT_OK(CheckFreeInSchema(action, along->path, draft));
    draft->Put(std::move(along), sequence);
  }
  return Status::OK();
}

/// There is one role to which everything belongs.
Status Alter(const alter::SetOwner& action) {
  constexpr std::string_view kOwner = "weir";
  if (action.keyword || action.role == kOwner) return Status::OK();
  return Error("42704", fmt::format("role \"{}\" does not exist", action.role));
}

namespace {

Status AlterViewOptions(const alter::SetOptions& action, const DdlContext& context, Relation* view) {
  auto now = std::make_shared<ViewDefinition>(*view->view);
  for (const std::string& name : action.reset) {
    if (name == "check_option") now->check_option = '\0';
    now->switches.erase(name);
  }
  for (const auto& [name, value] : action.set) {
    WEIR_RETURN_NOT_OK(
        dialect::SetViewOption(name, value.empty() ? "true" : value, &now->check_option, &now->switches));
    if (name == "check_option") WEIR_RETURN_NOT_OK(context.check_option(*now));
  }
  view->view = std::move(now);
  return Status::OK();
}

}  // namespace

Status Alter(const alter::SetOptions& action, const DdlContext& context, AlteredTree* tree) {
  Relation& relation = tree->root().now;
  if (relation.is_view()) return AlterViewOptions(action, context, &relation);
  WEIR_RETURN_NOT_OK(CheckOptions(action.set));
  TableChange change;
  const auto sort = [&](const std::string& name) -> Status {
    if (name != kBucketOption) return Status::OK();
    return Error("0A000", fmt::format("option \"{}\" cannot be changed on a table that is there", name));
  };
  for (const auto& [name, value] : action.set) {
    WEIR_RETURN_NOT_OK(sort(name));
    relation.options[name] = value;
    change.set_properties[name] = value;
  }
  for (const std::string& name : action.reset) {
    WEIR_RETURN_NOT_OK(CheckOptions({{name, ""}}));
    WEIR_RETURN_NOT_OK(sort(name));
    if (relation.options.erase(name) > 0) change.reset_properties.push_back(name);
  }
  if (!relation.table) return Status::OK();
  const Status taken = ApplyTableChange(relation.table->descriptor, change).status();
  return taken.ok() ? taken : Error("22023", taken.message());
}

}  // namespace weir::sql
