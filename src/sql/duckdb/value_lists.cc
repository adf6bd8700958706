#include "sql/duckdb/value_lists.h"

#include <map>
#include <string>

namespace weir::sql::duck {
namespace {

using duckdb::ExpressionClass;
using duckdb::ExpressionType;
using duckdb::ParsedExpression;

constexpr size_t kFew = 8;  // which are as quick as they are

const ParsedExpression& BelowCasts(const ParsedExpression& expression) {
  const ParsedExpression* below = &expression;
  while (below->GetExpressionClass() == ExpressionClass::CAST) {
    below = below->Cast<duckdb::CastExpression>().child.get();
  }
  return *below;
}

/// The form in which a value is compared: only values of one can be in one list.
std::string FormOf(const ParsedExpression& value) {
  if (value.GetExpressionClass() == ExpressionClass::CAST) {
    return value.Cast<duckdb::CastExpression>().cast_type.ToString();
  }
  return value.Cast<duckdb::ConstantExpression>().value.type().ToString();
}

/// The same for conditions that can be one; empty for one that stays as it is.
std::string ListNameOf(const ParsedExpression& condition, ExpressionType comparison) {
  if (condition.GetExpressionType() != comparison) return {};
  const auto& compared = condition.Cast<duckdb::ComparisonExpression>();
  if (BelowCasts(*compared.left).GetExpressionClass() != ExpressionClass::COLUMN_REF) return {};
  if (BelowCasts(*compared.right).GetExpressionClass() != ExpressionClass::CONSTANT) return {};
  return compared.left->ToString() + ' ' + FormOf(*compared.right);
}

}  // namespace

void GatherValueLists(bool all, ParsedList* conditions) {
  if (conditions->size() <= kFew) return;
  const ExpressionType comparison = all ? ExpressionType::COMPARE_NOTEQUAL : ExpressionType::COMPARE_EQUAL;
  const ExpressionType list = all ? ExpressionType::COMPARE_NOT_IN : ExpressionType::COMPARE_IN;
  std::map<std::string, size_t> places;  // of lists in `gathered`
  std::map<size_t, ParsedList> lists;    // by their places
  ParsedList gathered;
  for (Parsed& condition : *conditions) {
    const std::string wanted = ListNameOf(*condition, comparison);
    if (wanted.empty()) {
      gathered.push_back(std::move(condition));
      continue;
    }
    auto& compared = condition->Cast<duckdb::ComparisonExpression>();
    const auto [place, is_new] = places.emplace(wanted, gathered.size());
    ParsedList& values = lists[place->second];
    if (is_new) {
      values.push_back(std::move(compared.left));
      gathered.emplace_back();
    }
    values.push_back(std::move(compared.right));
  }
  for (auto& [place, values] : lists) gathered[place] = Operator(list, std::move(values));
  *conditions = std::move(gathered);
}

}  // namespace weir::sql::duck
