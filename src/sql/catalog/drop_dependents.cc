#include "sql/catalog/drop_dependents.h"

#include "sql/catalog/ddl_names.h"

namespace weir::sql {

Status DropDependents(const std::vector<AlterTable>& changes, const std::vector<QualifiedName>& tables,
                      const DdlContext& context, CatalogDraft* draft) {
  for (const AlterTable& change : changes) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr table, FindNamed(*draft, change.name, context));
    WEIR_RETURN_NOT_OK(context.Lock(table, true).status());
    WEIR_RETURN_NOT_OK(Execute(change, context, draft).status());
  }
  if (tables.empty()) return Status::OK();
  const DropTable drop{.names = tables, .if_exists = true, .cascade = true};
  return Execute(drop, context, draft).status();
}

}  // namespace weir::sql
