#include "sql/catalog/inheritance.h"

#include <fmt/format.h>

#include "sql/catalog/ddl_names.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

Status CheckMayInherit(const QualifiedName& name, bool created, const DdlContext& context, CatalogDraft& draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr parent, draft.Find(PathOf(name, context)));
  if (!parent) return NoRelation(name, name.position);
  const std::string& shown = parent->path.table;
  if (parent->is_partitioned()) {
    return Error("42809", fmt::format("cannot inherit from partitioned table \"{}\"", shown));
  }
  if (!parent->is_table()) {
    return Error("42809", fmt::format("inherited relation \"{}\" is not a table or foreign table", shown));
  }
  if (parent->parent) {
    return Error("42809", created ? fmt::format("cannot inherit from partition \"{}\"", shown)
                                  : "cannot inherit from a partition");
  }
  return Error("0A000", "table inheritance is not supported", {.position = name.position});
}

}  // namespace

Status CheckInherits(const std::vector<QualifiedName>& parents, const DdlContext& context, CatalogDraft& draft) {
  for (const QualifiedName& name : parents) WEIR_RETURN_NOT_OK(CheckMayInherit(name, true, context, draft));
  return Status::OK();
}

Status Alter(const alter::Inherit& action, const DdlContext& context, AlteredTree* tree) {
  const AlteredRelation& root = tree->root();
  if (root.parent) return Error("42809", "cannot change inheritance of a partition");
  if (root.now.is_partitioned()) return Error("42809", "cannot change inheritance of partitioned table");
  if (!action.no) return CheckMayInherit(action.parent, false, context, *tree->draft());
  WEIR_ASSIGN_OR_RETURN(const RelationPtr parent, FindNamed(*tree->draft(), action.parent, context));
  const std::string& name = parent->path.table;
  return Error("42P01", parent->is_partitioned()
                            ? fmt::format("relation \"{}\" is not a partition of relation \"{}\"", root.name(), name)
                            : fmt::format("relation \"{}\" is not a parent of relation \"{}\"", name, root.name()));
}

}  // namespace weir::sql
