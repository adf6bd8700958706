#include "postgres/function.h"
#include "postgres/function_text.h"
#include "postgres/made_type.h"
#include "postgres/operator.h"
#include "postgres/type.h"
#include "sql/engine/errors.h"
#include "sql/system/catalog_names.h"
#include "sql/system/made_functions.h"
#include "sql/system/system_scalars.h"
#include "sql/system/system_types.h"

namespace weir::sql {
namespace {

using duckdb::LogicalType;
using duckdb::Value;
using Arguments = ScalarSpec::Arguments;

postgres::Oid OidAt(const Arguments& arguments, size_t place) {
  return static_cast<postgres::Oid>(arguments[place].GetValue<int64_t>());
}

/// A text of the function that the first argument is the OID of, PostgreSQL's own or one written in SQL; NULL where it
/// is none's.
template <typename Write, typename WriteMade>
Value OfFunction(const SystemSources& sources, const Arguments& arguments, Write write, WriteMade write_made) {
  const postgres::Function* function = postgres::FindFunction(OidAt(arguments, 0));
  if (function != nullptr) return Value(write(*function));
  const SqlFunctionPtr made = FindMadeFunction(sources, OidAt(arguments, 0));
  return made == nullptr ? Value(LogicalType::VARCHAR) : Value(write_made(*made));
}

Value FunctionResult(const SystemSources& sources, const Arguments& arguments) {
  return OfFunction(sources, arguments, postgres::FunctionResultText, MadeResultText);
}

template <bool with_defaults>
Value FunctionArguments(const SystemSources& sources, const Arguments& arguments) {
  return OfFunction(
      sources, arguments,
      [](const auto& function) { return postgres::FunctionArgumentsText(function, with_defaults); },
      [](const SqlFunction& function) { return MadeArgumentsText(function, with_defaults); });
}

Value FunctionDefinition(const SystemSources& sources, const Arguments& arguments) {
  TablePath path;
  const SqlFunctionPtr made = FindMadeFunction(sources, OidAt(arguments, 0), &path);
  if (made == nullptr) return Value(LogicalType::VARCHAR);
  return Value(MadeFunctionText(*made, SchemaSeenFrom(sources.database, path.database)));
}

Value FunctionSqlBody(const SystemSources& sources, const Arguments& arguments) {
  const SqlFunctionPtr made = FindMadeFunction(sources, OidAt(arguments, 0));
  if (made == nullptr || made->standard.empty()) return Value(LogicalType::VARCHAR);
  return Value(made->standard);
}

Value ArgumentDefault(const SystemSources& sources, const Arguments& arguments) {
  const postgres::Function* function = postgres::FindFunction(OidAt(arguments, 0));
  const SqlFunctionPtr made = function == nullptr ? FindMadeFunction(sources, OidAt(arguments, 0)) : nullptr;
  if (function == nullptr && made == nullptr) return Value(LogicalType::VARCHAR);
  const auto number = arguments[1].GetValue<int32_t>();
  const std::string text = made ? MadeDefaultText(*made, number) : postgres::FunctionDefaultText(*function, number);
  return text.empty() ? Value(LogicalType::VARCHAR) : Value(text);
}

/// All of PostgreSQL's own are visible; NULL for what there is none of.
Value VisibleIf(bool known) { return known ? Value::BOOLEAN(true) : Value(LogicalType::BOOLEAN); }

Value IsFunctionVisible(const SystemSources& sources, const Arguments& arguments) {
  TablePath path;
  if (postgres::FindFunction(OidAt(arguments, 0)) != nullptr) return VisibleIf(true);
  if (FindMadeFunction(sources, OidAt(arguments, 0), &path) == nullptr) return VisibleIf(false);
  return Value::BOOLEAN(IsInSearchPath(sources, path.database));
}

Value IsOperatorVisible(const SystemSources&, const Arguments& arguments) {
  return VisibleIf(postgres::FindOperator(OidAt(arguments, 0)) != nullptr);
}

Value TypeIsVisible(const SystemSources& sources, const Arguments& arguments) {
  const postgres::Oid type = OidAt(arguments, 0);
  if (postgres::FindType(type) == nullptr) return Value(LogicalType::BOOLEAN);
  return Value::BOOLEAN(IsTypeVisible(sources, type));
}

Value TypeText(const SystemSources& sources, const Arguments& arguments) {
  if (arguments[0].IsNull()) return Value(LogicalType::VARCHAR);
  const postgres::Oid type = OidAt(arguments, 0);
  // Without a modifier is not with the modifier of none: "character", "bpchar".
  if (postgres::FindMadeType(type) != nullptr || postgres::FindMadeType(postgres::ArrayElement(type)) != nullptr) {
    return Value(TypeTextHere(sources, {type}));
  }
  if (arguments[1].IsNull()) return Value(postgres::FormatType(type));
  return Value(postgres::FormatType({type, arguments[1].GetValue<int32_t>()}));
}

template <postgres::Oid type>
Value ToName(const SystemSources& sources, const Arguments& arguments) {
  const auto oid = ValueOrThrow(FindCatalogName(sources, type, duckdb::StringValue::Get(arguments[0])));
  return oid ? Value::BIGINT(*oid) : Value(LogicalType::BIGINT);
}

}  // namespace

std::vector<ScalarSpec> VocabularyScalars() {
  namespace oid = postgres::oid;
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType number = LogicalType::BIGINT;
  const LogicalType flag = LogicalType::BOOLEAN;
  return {
      {"pg_get_function_result", {number}, text, FunctionResult},
      {"pg_get_function_arguments", {number}, text, FunctionArguments<true>},
      {"pg_get_function_identity_arguments", {number}, text, FunctionArguments<false>},
      {"pg_get_functiondef", {number}, text, FunctionDefinition},
      {"pg_get_function_sqlbody", {number}, text, FunctionSqlBody},
      {"pg_get_function_arg_default", {number, number}, text, ArgumentDefault},
      {"pg_function_is_visible", {number}, flag, IsFunctionVisible},
      {"pg_operator_is_visible", {number}, flag, IsOperatorVisible},
      {"pg_type_is_visible", {number}, flag, TypeIsVisible},
      {"format_type", {number, number}, text, TypeText, true},
      {"to_regclass", {text}, number, ToName<oid::kRegclass>},
      {"to_regtype", {text}, number, ToName<oid::kRegtype>},
      {"to_regnamespace", {text}, number, ToName<oid::kRegnamespace>},
      {"to_regrole", {text}, number, ToName<oid::kRegrole>},
      {"to_regproc", {text}, number, ToName<oid::kRegproc>},
      {"to_regprocedure", {text}, number, ToName<oid::kRegprocedure>},
      {"to_regoper", {text}, number, ToName<oid::kRegoper>},
      {"to_regoperator", {text}, number, ToName<oid::kRegoperator>},
      {"to_regcollation", {text}, number, ToName<oid::kRegcollation>},
  };
}

}  // namespace weir::sql
