#include "sql/analyze/result_type.h"

#include <algorithm>
#include <optional>

#include "postgres/resolve.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
using postgres::Function;
using postgres::FunctionKind;
using postgres::Oid;
using postgres::TypeRef;

namespace {

/// Whether values of the result are values of the arguments.
bool GivesBack(const Function& function) {
  const bool extreme = function.kind == FunctionKind::kAggregate && (function.name == "min" || function.name == "max");
  return extreme || postgres::IsPolymorphic(function.result);
}

const Function* CalledFunction(const Expression& expression) {
  if (const auto* call = std::get_if<Call>(&expression.node)) return call->function;
  if (const auto* aggregate = std::get_if<Aggregate>(&expression.node)) return aggregate->function;
  if (const auto* window = std::get_if<WindowCall>(&expression.node)) return window->function;
  return nullptr;
}

const Query* QueryOf(const Query& query, const RangeEntry& entry) {
  if (const auto* subquery = std::get_if<RangeEntry::Subquery>(&entry.source)) return subquery->query.get();
  const auto* with = std::get_if<RangeEntry::WithQuery>(&entry.source);
  if (with == nullptr || with->level != 0) return nullptr;
  return query.with[static_cast<size_t>(with->index)].query.get();
}

/// What gives a column of a relation; null: a table, or something else that says its type itself.
const Expression* GiverOf(const RangeEntry& entry, const Query* inner, int column) {
  if (inner != nullptr) {
    for (const Target& target : inner->targets) {
      if (!target.hidden && column-- == 0) return target.expression.get();
    }
    return nullptr;
  }
  const auto* functions = std::get_if<RangeEntry::Functions>(&entry.source);
  const bool one = functions != nullptr && functions->calls.size() == 1 && functions->columns.front() == 1;
  return one && column == 0 ? functions->calls.front().get() : nullptr;
}

}  // namespace

TypeRef ResultType(const Function& function, const Expressions& arguments, Oid result) {
  const auto of_characters = [](Oid type) { return type == oid::kBpchar || type == oid::kBpcharArray; };
  if (!of_characters(result) || !GivesBack(function)) return {result, -1};
  std::optional<int32_t> length;
  for (size_t i = 0; i < std::min(arguments.size(), function.arguments.size()); ++i) {
    const TypeRef type = arguments[i]->type;
    if (!of_characters(type.oid)) continue;
    if (length.value_or(type.modifier) != type.modifier) return {result, -1};
    length = type.modifier;
  }
  return {result, length.value_or(-1)};
}

TypeRef ToldType(const Query& query, const Expression& expression) {
  if (const Function* function = CalledFunction(expression)) {
    return GivesBack(*function) ? TypeRef{expression.type.oid, -1} : expression.type;
  }
  const auto* reference = std::get_if<ColumnReference>(&expression.node);
  if (reference == nullptr || reference->level != 0 || reference->relation < 0) return expression.type;
  const RangeEntry& entry = query.relations[static_cast<size_t>(reference->relation)];
  const Query* inner = QueryOf(query, entry);
  const Expression* giver = GiverOf(entry, inner, reference->column);
  if (giver == nullptr || expression.type.modifier < 0) return expression.type;
  return {expression.type.oid, ToldType(inner != nullptr ? *inner : query, *giver).modifier};
}

}  // namespace weir::sql::analyze
