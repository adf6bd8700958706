#include "postgres/function_text.h"

#include <vector>

#include "postgres/identifier.h"
#include "postgres/type.h"

namespace weir::postgres {

std::string_view ModeText(ParameterMode mode) {
  switch (mode) {
    case ParameterMode::kOut: return "OUT ";
    case ParameterMode::kInOut: return "INOUT ";
    case ParameterMode::kVariadic: return "VARIADIC ";
    case ParameterMode::kIn:
    case ParameterMode::kTable: break;
  }
  return "";
}

namespace {

std::string ParameterText(const Parameter& parameter) {
  std::string text(ModeText(parameter.mode));
  if (!parameter.name.empty()) (text += QuoteIdentifier(parameter.name)) += ' ';
  return text += FormatType(parameter.type);
}

/// Numbers and booleans stand as they are, other literals with their type.
std::string DefaultText(const Parameter& parameter) {
  const Type* type = FindType(parameter.type);
  const bool bare = type != nullptr && (type->category == 'N' || type->category == 'B');
  if (bare) return std::string(parameter.default_value);
  return QuoteLiteral(parameter.default_value) + "::" + FormatType(parameter.type);
}

bool HasDefault(const Parameter& parameter) { return parameter.default_value.data() != nullptr; }

/// All parameters but those that stand for the columns of a table.
std::vector<Parameter> ParametersOf(const Function& function) {
  std::vector<Parameter> parameters;
  for (const Parameter& parameter : function.parameters) {
    if (parameter.mode != ParameterMode::kTable) parameters.push_back(parameter);
  }
  if (function.parameters.empty()) {
    for (const Oid type : function.arguments) parameters.push_back({type, ParameterMode::kIn, {}, {}});
  }
  return parameters;
}

/// Where ORDER BY stands in the arguments of an ordered-set aggregate; -1 of other functions.
int OrderPlace(const Function& function) {
  const Aggregate* aggregate = function.kind == FunctionKind::kAggregate ? FindAggregate(function.oid) : nullptr;
  return aggregate == nullptr || aggregate->kind == AggregateKind::kNormal ? -1 : aggregate->direct_arguments;
}

}  // namespace

std::string FunctionArgumentsText(const Function& function, bool with_defaults) {
  std::vector<Parameter> parameters = ParametersOf(function);
  const int order = OrderPlace(function);
  // The variadic argument of rank(VARIADIC "any" ORDER BY VARIADIC "any") stands for both lists.
  if (order == static_cast<int>(parameters.size()) && order > 0) parameters.push_back(parameters.back());
  std::string text;
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (static_cast<int>(i) == order) {
      text += i > 0 ? " ORDER BY " : "ORDER BY ";
    } else if (i > 0) {
      text += ", ";
    }
    text += ParameterText(parameters[i]);
    if (with_defaults && HasDefault(parameters[i])) (text += " DEFAULT ") += DefaultText(parameters[i]);
  }
  return text;
}

std::string FunctionResultText(const Function& function) {
  std::string columns;
  for (const Parameter& parameter : function.parameters) {
    if (parameter.mode != ParameterMode::kTable) continue;
    (columns += columns.empty() ? "" : ", ") += ParameterText(parameter);
  }
  if (!columns.empty()) return "TABLE(" + columns + ")";
  return (function.returns_set ? "SETOF " : "") + FormatType(function.result);
}

std::string FunctionDefaultsText(const Function& function) {
  std::string text;
  for (const Parameter& parameter : function.parameters) {
    if (HasDefault(parameter)) (text += text.empty() ? "" : ", ") += DefaultText(parameter);
  }
  return text;
}

std::string FunctionDefaultText(const Function& function, int number) {
  for (const Parameter& parameter : function.parameters) {
    if (!IsInput(parameter.mode) || --number > 0) continue;
    return number == 0 && HasDefault(parameter) ? DefaultText(parameter) : "";
  }
  return "";
}

}  // namespace weir::postgres
