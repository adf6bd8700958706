#include "cli/where.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "cli/cell_text.h"

namespace weir {
namespace {

using Op = Predicate::Op;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

/// The operator at the start of `text`, and how long it is.
std::optional<std::pair<Op, size_t>> TakeOperator(std::string_view text) {
  constexpr std::pair<std::string_view, Op> kOperators[] = {
      {"!=", Op::kNotEqual},       {"<>", Op::kNotEqual}, {"<=", Op::kLessOrEqual},
      {">=", Op::kGreaterOrEqual}, {"=", Op::kEqual},     {"<", Op::kLess},
      {">", Op::kGreater}};
  for (const auto& [sign, op] : kOperators) {
    if (text.starts_with(sign)) return std::pair(op, sign.size());
  }
  return {};
}

Predicate::Literal LiteralOf(const DataType& type, const Datum& value) {
  switch (type.id()) {
    case TypeId::kBoolean: return value.as_bool();
    case TypeId::kFloat:
    case TypeId::kDouble: return value.as_double();
    case TypeId::kChar:
    case TypeId::kString: return std::string(value.as_bytes());
    case TypeId::kBinary:
    case TypeId::kBytes: return Predicate::BytesLiteral{std::string(value.as_bytes())};
    case TypeId::kDecimal: return Predicate::DecimalLiteral{value.as_decimal(), type.scale()};
    case TypeId::kDate: return Predicate::DateLiteral{static_cast<int32_t>(value.as_int())};
    case TypeId::kTime: return Predicate::TimeLiteral{static_cast<int32_t>(value.as_int())};
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
      return Predicate::TimestampLiteral{value.time.millis, value.time.nanos, type.id() == TypeId::kTimestampLtz};
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return value.as_int();
}

/// The column that `text` starts with: the longest name that fits.
const Column* LeadingColumn(std::string_view text, const Schema& schema) {
  const Column* found = nullptr;
  for (const Column& column : schema.columns()) {
    if (!text.starts_with(column.name) || (found != nullptr && found->name.size() > column.name.size())) continue;
    const std::string_view rest = text.substr(column.name.size());
    const bool ends = rest.empty() || std::isspace(static_cast<unsigned char>(rest.front())) || TakeOperator(rest);
    if (ends) found = &column;
  }
  return found;
}

}  // namespace

Result<Predicate> ParseWhere(const std::string& text, const Schema& schema) {
  const std::string_view all = Trim(text);
  const Column* const column = LeadingColumn(all, schema);
  if (column == nullptr) {
    std::vector<std::string> names;
    for (const Column& one : schema.columns()) names.push_back(one.name);
    return Status::Invalid(
        fmt::format("--where '{}' does not start with a column; there are {}", text, fmt::join(names, ", ")));
  }
  Predicate predicate;
  predicate.column = column->name;
  const std::string_view rest = Trim(all.substr(column->name.size()));
  const std::string lower = Lower(rest);
  if (lower == "is null" || lower == "is not null") {
    predicate.op = lower == "is null" ? Op::kIsNull : Op::kIsNotNull;
    return predicate;
  }
  const auto sign = TakeOperator(rest);
  if (!sign) {
    return Status::Invalid(fmt::format("--where '{}' has none of =, !=, <, <=, >, >=, is null, is not null after '{}'",
                                       text, column->name));
  }
  predicate.op = sign->first;
  std::string_view value = Trim(rest.substr(sign->second));
  if (value.size() >= 2 && value.front() == '\'' && value.back() == '\'') value = value.substr(1, value.size() - 2);
  if (column->type.is_nested()) {
    return Status::Invalid(fmt::format("--where '{}': column '{}' is {}, which has no order", text, column->name,
                                       column->type.ToString()));
  }
  Arena arena;
  const Result<Datum> datum = ParseCellText(column->type.NotNull(), value, &arena);
  if (!datum.ok()) return datum.status().WithContext(fmt::format("--where '{}', column '{}'", text, column->name));
  predicate.literals.push_back(LiteralOf(column->type, *datum));
  return predicate;
}

}  // namespace weir
