#include "sql/dialect/tablespace.h"

#include <fmt/format.h>

#include "sql/error.h"

namespace weir::sql {

Status CheckTablespace(std::string_view name) {
  if (name == kDefaultTablespaceName || name == kGlobalTablespaceName) return Status::OK();
  return Error("42704", fmt::format("tablespace \"{}\" does not exist", name));
}

Status CheckTablespaceOfTable(std::string_view name) {
  if (name != kGlobalTablespaceName) return CheckTablespace(name);
  return Error("22023", "only shared relations can be placed in pg_global tablespace");
}

}  // namespace weir::sql
