#include "sql/analyze/type_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weir::sql::analyze {

namespace sqlstate = postgres::sqlstate;
using postgres::TypeRef;

namespace {

Result<std::vector<int32_t>> ModifiersOf(const Scope& scope, const pg_query::TypeName& name) {
  std::vector<int32_t> modifiers;
  for (const pg_query::Node& node : name.typmods()) {
    if (node.a_const().has_ival()) {
      modifiers.push_back(node.a_const().ival().ival());
      continue;
    }
    if (node.has_a_const() || node.has_column_ref()) {  // a number too large, or a text where a number belongs
      const std::string text = node.a_const().has_fval()   ? node.a_const().fval().fval()
                               : node.a_const().has_sval() ? node.a_const().sval().sval()
                                                           : Dotted(NamesOf(node.column_ref().fields()));
      return ErrorAt(scope, -1, sqlstate::kInvalidTextRepresentation,
                     fmt::format("invalid input syntax for type integer: \"{}\"", text));
    }
    return ErrorAt(scope, name.location(), sqlstate::kSyntaxError,
                   "type modifiers must be simple constants or identifiers");
  }
  return modifiers;
}

/// Definitions, whose names meant something when they were made.
constexpr std::array kDefinitions = {Clause::kCheck,           Clause::kDefault,        Clause::kGenerated,
                                     Clause::kPartitionKey,    Clause::kPartitionBound, Clause::kUsing,
                                     Clause::kIndexExpression, Clause::kIndexCondition};

/// Whether names are looked up for this statement: those of views, of definitions, and of bodies that are kept as they
/// were read, were looked up when these were made, and those of SECURITY DEFINER for another role.
bool LooksUpNames(const Scope& scope) {
  const Statement& statement = scope.statement;
  const bool kept_body = statement.function != nullptr && !statement.function->standard.empty();
  const bool of_view = &statement.names.OfSession() != &statement.names;
  const bool of_definition = std::ranges::find(kDefinitions, scope.clause) != kDefinitions.end();
  return !of_view && !of_definition && !kept_body && !statement.definer;
}

Result<TypeRef> MadeType(const Scope& scope, const pg_query::TypeName& name, const std::vector<std::string>& names) {
  const std::string schema = names.size() > 1 ? names[names.size() - 2] : "";
  WEIR_RETURN_NOT_OK(CheckSchemaWritten(scope, schema, name.location()));
  WEIR_ASSIGN_OR_RETURN(const auto found, scope.statement.names.FindMadeType(schema, names.back()));
  if (!found && !schema.empty()) {
    WEIR_ASSIGN_OR_RETURN(const bool exists, scope.statement.names.HasSchema(schema));
    if (!exists) {
      return ErrorAt(scope, name.location(), sqlstate::kUndefinedSchema,
                     fmt::format("schema \"{}\" does not exist", schema));
    }
  }
  if (!found) {
    const std::string shown = Dotted(names) + (name.array_bounds_size() > 0 ? "[]" : "");
    return ErrorAt(scope, name.location(), sqlstate::kUndefinedObject,
                   fmt::format("type \"{}\" does not exist", shown));
  }
  if (name.typmods_size() > 0) {
    return ErrorAt(scope, name.location(), sqlstate::kSyntaxError,
                   fmt::format("type modifier is not allowed for type \"{}\"", Dotted(names)));
  }
  if (name.array_bounds_size() == 0) return *found;
  return TypeRef{scope.statement.resolver.ArrayOf(found->oid), found->modifier};
}

}  // namespace

Status CheckSchemaWritten(const Scope& scope, const std::string& schema, int location) {
  if (schema.empty() || !LooksUpNames(scope)) return Status::OK();
  const Status status = scope.statement.names.HasSchema(schema).status();
  return WithPosition(status, scope.statement.Position(location));
}

Result<TypeRef> ResolveTypeName(const Scope& scope, const pg_query::TypeName& name) {
  const std::vector<std::string> names = NamesOf(name.names());
  if (name.pct_type()) {
    return ErrorAt(scope, name.location(), sqlstate::kFeatureNotSupported, "%TYPE is not supported");
  }
  WEIR_ASSIGN_OR_RETURN(const std::vector<int32_t> modifiers, ModifiersOf(scope, name));
  const bool qualified = names.size() > 1 && names[names.size() - 2] != "pg_catalog";
  if (qualified) return MadeType(scope, name, names);
  Result<TypeRef> type = postgres::MakeType(names.back(), modifiers, name.array_bounds_size() > 0,
                                            scope.statement.Position(name.location()));
  if (type.ok()) return type;
  if (postgres::FieldsOf(type.status()).sqlstate != sqlstate::kUndefinedObject) return type;
  return MadeType(scope, name, names);
}

}  // namespace weir::sql::analyze
