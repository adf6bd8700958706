#include "postgres/catalog_name.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "postgres/error.h"
#include "postgres/function.h"
#include "postgres/identifier.h"
#include "postgres/operator.h"
#include "postgres/sqlstate.h"
#include "postgres/type.h"
#include "postgres/value/character.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr std::string_view kCatalog = "pg_catalog";

/// The name that `text` begins with, taken from it; nothing where it begins with none.
std::optional<std::string> TakeName(std::string_view* text) {
  std::string name;
  if (!text->starts_with('"')) {
    size_t end = 0;
    while (end < text->size() && (*text)[end] != '.' && !IsSpace((*text)[end])) ++end;
    if (end == 0) return std::nullopt;
    name = FoldIdentifier(text->substr(0, end));
    text->remove_prefix(end);
    return std::string(CutToName(name));
  }
  for (text->remove_prefix(1);; text->remove_prefix(1)) {
    if (text->empty()) return std::nullopt;
    if (text->front() == '"') {
      text->remove_prefix(1);
      if (!text->starts_with('"')) return std::string(CutToName(name));
    }
    name += text->front();
  }
}

/// A name of functions or operators, and the types in parentheses behind it.
struct Signature {
  std::string name;
  std::vector<Oid> types;
};

Status BadSignature(std::string message) { return Error(sqlstate::kInvalidTextRepresentation, std::move(message)); }

/// Where the first of `wanted` stands that is not within double quotes, parentheses or brackets; npos without one.
size_t FindOutside(std::string_view text, char wanted) {
  bool quoted = false;
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == wanted && depth == 0) return i;
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
  }
  return std::string_view::npos;
}

Result<Oid> ReadArgumentType(std::string_view text, bool may_be_none) {
  text = Trimmed(text);
  if (text.empty()) return BadSignature("expected a type name");
  if (may_be_none && FoldIdentifier(text) == "none") return Oid{0};
  WEIR_ASSIGN_OR_RETURN(const TypeRef type, ParseType(text));
  return type.oid;
}

/// The last of a function's or operator's names. Nothing where its schema is not pg_catalog, which has them all.
Result<std::optional<std::string>> NameWithin(std::string_view text, const CatalogContext& context) {
  WEIR_ASSIGN_OR_RETURN(std::vector<std::string> names, SplitQualifiedName(text));
  std::string joined;
  for (const std::string& name : names) (joined += joined.empty() ? "" : ".") += name;
  if (names.size() > 3) {
    return Error(sqlstate::kSyntaxError, "improper qualified name (too many dotted names): " + joined);
  }
  if (names.size() == 3 && names[0] != context.database) {
    return Error(sqlstate::kFeatureNotSupported, "cross-database references are not implemented: " + joined);
  }
  if (names.size() > 1) {
    const std::string& schema = names[names.size() - 2];
    WEIR_ASSIGN_OR_RETURN(const bool there, context.has_schema(schema));
    if (!there) return Error(sqlstate::kInvalidSchemaName, fmt::format("schema \"{}\" does not exist", schema));
    if (schema != kCatalog) return std::optional<std::string>();
  }
  return std::optional(std::move(names.back()));
}

/// Nothing where the name has a schema that has no functions.
Result<std::optional<Signature>> ReadSignature(std::string_view text, bool may_be_none, const CatalogContext& context) {
  const size_t open = FindOutside(text, '(');
  if (open == std::string_view::npos) return BadSignature("expected a left parenthesis");
  std::string_view types = Trimmed(text.substr(open + 1));
  if (!types.ends_with(')')) return BadSignature("expected a right parenthesis");
  types.remove_suffix(1);
  WEIR_ASSIGN_OR_RETURN(auto name, NameWithin(text.substr(0, open), context));
  Signature signature;
  bool more = !Trimmed(types).empty();
  while (more) {
    const size_t comma = FindOutside(types, ',');
    more = comma != std::string_view::npos;
    WEIR_ASSIGN_OR_RETURN(const Oid type, ReadArgumentType(types.substr(0, comma), may_be_none));
    signature.types.push_back(type);
    types.remove_prefix(more ? comma + 1 : types.size());
  }
  if (!name) return std::optional<Signature>();
  signature.name = std::move(*name);
  return std::optional(std::move(signature));
}

Status NoFunction(std::string_view text) {
  return Error(sqlstate::kUndefinedFunction, fmt::format("function \"{}\" does not exist", text));
}

Status NoOperator(std::string_view text) {
  return Error(sqlstate::kUndefinedFunction, fmt::format("operator does not exist: {}", text));
}

Result<Oid> FindFunctionNamed(std::string_view text, const CatalogContext& context) {
  WEIR_ASSIGN_OR_RETURN(const auto name, NameWithin(text, context));
  const auto functions = name ? FindFunctions(*name) : std::span<const Function>();
  if (functions.empty()) return NoFunction(text);
  if (functions.size() == 1) return functions[0].oid;
  return Error(sqlstate::kAmbiguousFunction, fmt::format("more than one function named \"{}\"", text));
}

Result<Oid> FindFunctionOf(std::string_view text, const CatalogContext& context) {
  WEIR_ASSIGN_OR_RETURN(const auto signature, ReadSignature(text, false, context));
  const Function* function = signature ? FindFunction(signature->name, signature->types) : nullptr;
  if (function == nullptr) return NoFunction(text);
  return function->oid;
}

Result<Oid> FindOperatorNamed(std::string_view text, const CatalogContext& context) {
  WEIR_ASSIGN_OR_RETURN(const auto name, NameWithin(text, context));
  const auto operators = name ? FindOperators(*name) : std::span<const Operator>();
  if (operators.empty()) return NoOperator(text);
  if (operators.size() == 1) return operators[0].oid;
  return Error(sqlstate::kAmbiguousFunction, fmt::format("more than one operator named {}", text));
}

Result<Oid> FindOperatorOf(std::string_view text, const CatalogContext& context) {
  WEIR_ASSIGN_OR_RETURN(const auto signature, ReadSignature(text, true, context));
  if (!signature) return NoOperator(text);
  if (signature->types.size() == 1) {
    return Error(sqlstate::kUndefinedParameter, "missing argument",
                 {.hint = "Use NONE to denote the missing argument of a unary operator."});
  }
  if (signature->types.size() > 2) {
    return Error(sqlstate::kTooManyArguments, "too many arguments",
                 {.hint = "Provide two argument types for operator."});
  }
  const bool complete = signature->types.size() == 2;
  const Operator* op = complete ? FindOperator(signature->name, signature->types[0], signature->types[1]) : nullptr;
  if (op == nullptr) return NoOperator(text);
  return op->oid;
}

std::string TypesText(std::span<const Oid> types) {
  std::string text;
  for (const Oid type : types) (text += text.empty() ? "" : ",") += type == 0 ? "NONE" : FormatType(type);
  return "(" + text + ")";
}

/// A name that more than one function or operator has is shown with its schema.
std::string Qualified(std::string name, bool alone) { return alone ? name : std::string(kCatalog) + "." + name; }

}  // namespace

Result<std::vector<std::string>> SplitQualifiedName(std::string_view text) {
  std::vector<std::string> names;
  text = WithoutLeadingSpace(text);
  while (true) {
    std::optional<std::string> name = TakeName(&text);
    text = WithoutLeadingSpace(text);
    const bool more = text.starts_with('.');
    if (!name || (!more && !text.empty())) return Error(sqlstate::kInvalidName, "invalid name syntax");
    names.push_back(std::move(*name));
    if (!more) return names;
    text.remove_prefix(1);
    text = WithoutLeadingSpace(text);
  }
}

Result<Oid> FindRoutineName(Oid type, std::string_view text, const CatalogContext& context) {
  switch (type) {
    case oid::kRegproc: return FindFunctionNamed(text, context);
    case oid::kRegprocedure: return FindFunctionOf(text, context);
    case oid::kRegoper: return FindOperatorNamed(text, context);
    default: return FindOperatorOf(text, context);
  }
}

std::string RoutineNameText(Oid type, Oid routine) {
  const bool of_operator = type == oid::kRegoper || type == oid::kRegoperator;
  if (routine == 0) return of_operator ? "0" : "-";
  const Function* function = of_operator ? nullptr : FindFunction(routine);
  const Operator* op = of_operator ? FindOperator(routine) : nullptr;
  if (function == nullptr && op == nullptr) return std::to_string(routine);
  switch (type) {
    case oid::kRegproc: return Qualified(QuoteIdentifier(function->name), FindFunctions(function->name).size() == 1);
    case oid::kRegprocedure: return QuoteIdentifier(function->name) + TypesText(function->arguments);
    case oid::kRegoper: return Qualified(std::string(op->name), FindOperators(op->name).size() == 1);
    default: break;
  }
  const Oid sides[] = {op->left, op->right};
  return std::string(op->name) + TypesText(sides);
}

}  // namespace weir::postgres
