#include "sql/system/names_of_path.h"

namespace weir::sql {

Result<std::optional<analyze::NamedRelation>> NamesOfPath::FindRelation(std::string_view schema,
                                                                        std::string_view name) {
  if (!schema.empty()) return session_.FindIn(schema, name);
  for (const std::string& one : schemas_) {
    WEIR_ASSIGN_OR_RETURN(auto relation, session_.FindIn(one, name));
    if (relation) return relation;
  }
  return std::optional<analyze::NamedRelation>();
}

Result<std::optional<postgres::TypeRef>> NamesOfPath::FindMadeType(std::string_view schema, std::string_view name) {
  if (!schema.empty()) return session_.FindMadeType(schema, name);
  for (const std::string& one : schemas_) {
    WEIR_ASSIGN_OR_RETURN(auto type, session_.FindMadeType(one, name));
    if (type) return type;
  }
  return std::optional<postgres::TypeRef>();
}

Result<std::vector<SqlFunctionPtr>> NamesOfPath::FindFunctions(std::string_view schema, std::string_view name) {
  if (!schema.empty()) return session_.FindFunctions(schema, name);
  std::vector<SqlFunctionPtr> functions;
  for (const std::string& one : schemas_) {
    if (one == kTemporarySchema) continue;  // what anybody can make is called by its whole name only
    WEIR_ASSIGN_OR_RETURN(auto found, session_.FindFunctions(one, name));
    std::ranges::move(found, std::back_inserter(functions));
  }
  return functions;
}

}  // namespace weir::sql
