#include "sql/catalog/bound_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

#include "postgres/value/calendar.h"
#include "postgres/value/number.h"
#include "sql/catalog/hash_shards.h"
#include "sql/dialect/kept_call.h"

namespace weir::sql {

std::pair<std::string, std::string> DateText(int64_t days) {
  constexpr int64_t kDaysPerEra = 146'097;  // 400 years; std::chrono's years do not go far enough
  const int64_t eras = (days >= 0 ? days : days - kDaysPerEra + 1) / kDaysPerEra;
  const std::chrono::sys_days in_era(std::chrono::days(static_cast<int>(days - eras * kDaysPerEra)));
  const std::chrono::year_month_day date(in_era);
  const int64_t year = static_cast<int>(date.year()) + eras * 400;
  return {fmt::format("{:04}-{:02}-{:02}", year > 0 ? year : 1 - year, static_cast<unsigned>(date.month()),
                      static_cast<unsigned>(date.day())),
          year > 0 ? "" : " BC"};
}

std::string DecimalText(__int128 unscaled, int scale) {
  const bool negative = unscaled < 0;
  auto number = negative ? -static_cast<unsigned __int128>(unscaled) : static_cast<unsigned __int128>(unscaled);
  std::string digits;
  while (number != 0 || static_cast<int>(digits.size()) <= scale) {
    digits += static_cast<char>('0' + static_cast<int>(number % 10));
    number /= 10;
  }
  std::reverse(digits.begin(), digits.end());
  if (scale > 0) digits.insert(digits.size() - static_cast<size_t>(scale), ".");
  return (negative ? "-" : "") + digits;
}

std::string FloatText(const DataType& type, double value) {
  std::string text;
  if (type.id() == TypeId::kFloat) {
    postgres::AppendFloat(static_cast<float>(value), 1, &text);
  } else {
    postgres::AppendDouble(value, 1, &text);
  }
  return text;
}

namespace {

using postgres::kMicrosPerDay;
using postgres::kMicrosPerSecond;

constexpr std::array<std::string_view, 77> kReserved = {"all",          "analyse",
                                                        "analyze",      "and",
                                                        "any",          "array",
                                                        "as",           "asc",
                                                        "asymmetric",   "both",
                                                        "case",         "cast",
                                                        "check",        "collate",
                                                        "column",       "constraint",
                                                        "create",       "current_catalog",
                                                        "current_date", "current_role",
                                                        "current_time", "current_timestamp",
                                                        "current_user", "default",
                                                        "deferrable",   "desc",
                                                        "distinct",     "do",
                                                        "else",         "end",
                                                        "except",       "false",
                                                        "fetch",        "for",
                                                        "foreign",      "from",
                                                        "grant",        "group",
                                                        "having",       "in",
                                                        "initially",    "intersect",
                                                        "into",         "lateral",
                                                        "leading",      "limit",
                                                        "localtime",    "localtimestamp",
                                                        "not",          "null",
                                                        "offset",       "on",
                                                        "only",         "or",
                                                        "order",        "placing",
                                                        "primary",      "references",
                                                        "returning",    "select",
                                                        "session_user", "some",
                                                        "symmetric",    "table",
                                                        "then",         "to",
                                                        "trailing",     "true",
                                                        "union",        "unique",
                                                        "user",         "using",
                                                        "variadic",     "when",
                                                        "where",        "window",
                                                        "with"};

std::string TrimmedFraction(std::string text) {
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string TimeText(int64_t micros) {
  const int64_t seconds = micros / kMicrosPerSecond;
  std::string text = fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (micros % kMicrosPerSecond != 0) text += TrimmedFraction(fmt::format(".{:06}", micros % kMicrosPerSecond));
  return text;
}

std::string TimestampText(int64_t micros, bool zoned) {
  constexpr int64_t kInfinity = std::numeric_limits<int64_t>::max();
  if (micros == kInfinity) return "infinity";
  if (micros <= -kInfinity) return "-infinity";
  const int64_t days = micros / kMicrosPerDay - (micros % kMicrosPerDay < 0 ? 1 : 0);
  const auto [date, era] = DateText(days);
  return date + " " + TimeText(micros - days * kMicrosPerDay) + (zoned ? "+00" : "") + era;
}

std::string BytesText(std::string_view bytes) {
  std::string text = "\\x";
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

std::string IntegerText(const DataType& type, int64_t value) {
  constexpr int64_t kInfiniteDate = std::numeric_limits<int32_t>::max();
  switch (type.id()) {
    case TypeId::kBoolean:
      return value != 0 ? "true" : "false";
    case TypeId::kDate: {
      if (value >= kInfiniteDate) return "infinity";
      if (value <= -kInfiniteDate) return "-infinity";
      const auto [date, era] = DateText(value);
      return date + era;
    }
    case TypeId::kTime:
      return TimeText(value);
    case TypeId::kTimestamp:
      return TimestampText(value, false);
    case TypeId::kTimestampLtz:
      return TimestampText(value, true);
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kDecimal:
    case TypeId::kChar:
    case TypeId::kBinary:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return std::to_string(value);
}

std::string CharacterText(const DataType& type, std::string text) {
  const auto characters = std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  if (characters < type.length()) text.append(static_cast<size_t>(type.length() - characters), ' ');
  return text;
}

bool IsBare(const DataType& data_type, std::string_view type, std::string_view text) {
  if (type.starts_with("numeric")) return text.front() != '-' && text.find('.') != std::string_view::npos;
  return data_type.id() == TypeId::kBoolean || (data_type.id() == TypeId::kInt && text.front() != '-');
}

const DataType& PartType(const Relation& parent, size_t part) { return parent.partition_key->parts[part].type; }

/// As a bound shows it: numbers that read back as they are stand bare, all else in quotes.
std::string BoundLiteral(const Relation& parent, size_t part, const KeyValue& value) {
  if (IsNull(value)) return "NULL";
  const std::string type = KeyPartType(parent, part);
  const std::string text = KeyValueText(PartType(parent, part), value);
  return IsBare(PartType(parent, part), type, text) ? text : QuoteLiteral(text);
}

/// As a condition shows it: with the type where the text alone does not tell it.
std::string TypedLiteral(const Relation& parent, size_t part, const KeyValue& value) {
  const DataType& data_type = PartType(parent, part);
  std::string type = KeyPartType(parent, part);
  const std::string text = KeyValueText(data_type, value);
  if (type.starts_with("character varying")) type = "text";
  const bool bare = IsBare(data_type, type, text);
  if (bare && !type.starts_with("numeric(")) return text;
  return (bare ? text : QuoteLiteral(text)) + "::" + type;
}

std::string EdgeText(const Relation& parent, const std::vector<RangeEdge>& edge) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < edge.size(); ++i) {
    switch (edge[i].kind) {
      case RangeEdge::Kind::kMinValue:
        parts.emplace_back("MINVALUE");
        break;
      case RangeEdge::Kind::kMaxValue:
        parts.emplace_back("MAXVALUE");
        break;
      case RangeEdge::Kind::kValue:
        parts.push_back(BoundLiteral(parent, i, edge[i].value));
    }
  }
  return fmt::format("({})", fmt::join(parts, ", "));
}

std::string TupleText(const Relation& parent, const KeyTuple& tuple) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < tuple.size(); ++i) parts.push_back(BoundLiteral(parent, i, tuple[i]));
  return parts.size() == 1 ? parts[0] : fmt::format("({})", fmt::join(parts, ", "));
}

std::string Compared(const Relation& parent, size_t part, std::string_view operation, const KeyValue& value) {
  return fmt::format("({} {} {})", KeyPartText(parent, part), operation, TypedLiteral(parent, part, value));
}

std::string Joined(const std::vector<std::string>& conditions, std::string_view word) {
  if (conditions.size() == 1) return conditions[0];
  return fmt::format("({})", fmt::join(conditions, fmt::format(" {} ", word)));
}

/// Columns that both edges hold to one value.
size_t EqualPrefix(const RangeBound& range) {
  size_t i = 0;
  const auto is_value = [](const RangeEdge& edge) { return edge.kind == RangeEdge::Kind::kValue; };
  while (i + 1 < range.from.size() && is_value(range.from[i]) && is_value(range.to[i]) &&
         Compare(range.from[i].value, range.to[i].value) == 0) {
    ++i;
  }
  return i;
}

/// "(a > 1) OR ((a = 1) AND (b >= 10))": a tuple at or above (below) an edge, from column `first` on.
std::optional<std::string> EdgeCondition(const Relation& parent, const std::vector<RangeEdge>& edge, size_t first,
                                         bool lower) {
  const auto open = lower ? RangeEdge::Kind::kMinValue : RangeEdge::Kind::kMaxValue;
  std::vector<std::string> arms;
  std::vector<std::string> equal;
  for (size_t i = first; i < edge.size() && edge[i].kind == RangeEdge::Kind::kValue; ++i) {
    const bool last = i + 1 == edge.size();
    // A lower edge belongs to the range, an upper one does not; what follows may open the column's own value.
    const bool with_value = last ? lower : edge[i + 1].kind == open;
    std::vector<std::string> arm = equal;
    arm.push_back(Compared(parent, i, lower ? (with_value ? ">=" : ">") : (with_value ? "<=" : "<"), edge[i].value));
    arms.push_back(Joined(arm, "AND"));
    equal.push_back(Compared(parent, i, "=", edge[i].value));
  }
  if (arms.empty()) return std::nullopt;
  return Joined(arms, "OR");
}

std::vector<std::string> NotNullConditions(const Relation& parent) {
  std::vector<std::string> conditions;
  for (size_t i = 0; i < parent.partition_key->parts.size(); ++i) {
    conditions.push_back(fmt::format("({} IS NOT NULL)", KeyPartText(parent, i)));
  }
  return conditions;
}

std::vector<std::string> RangeConditions(const Relation& parent, const RangeBound& range) {
  std::vector<std::string> conditions;
  const size_t prefix = EqualPrefix(range);
  for (size_t i = 0; i < prefix; ++i) conditions.push_back(Compared(parent, i, "=", range.from[i].value));
  if (auto lower = EdgeCondition(parent, range.from, prefix, true)) conditions.push_back(std::move(*lower));
  if (auto upper = EdgeCondition(parent, range.to, prefix, false)) conditions.push_back(std::move(*upper));
  return conditions;
}

std::vector<std::string> ListConditions(const Relation& parent, const std::vector<KeyTuple>& values) {
  const std::string key = KeyPartText(parent, 0);
  std::vector<std::string> literals;
  bool null = false;
  for (const KeyTuple& value : values) {
    if (IsNull(value[0])) {
      null = true;
    } else {
      literals.push_back(TypedLiteral(parent, 0, value[0]));
    }
  }
  std::vector<std::string> conditions = {fmt::format("({} IS {})", key, null ? "NULL" : "NOT NULL")};
  if (literals.size() == 1) conditions.push_back(fmt::format("({} = {})", key, literals[0]));
  if (literals.size() > 1) conditions.push_back(fmt::format("({} = ANY (ARRAY[{}]))", key, fmt::join(literals, ", ")));
  if (null) return {Joined(conditions, "OR")};
  return conditions;
}

/// KWDB's lists of tuples, which PostgreSQL has no text for.
std::vector<std::string> TupleListConditions(const Relation& parent, const std::vector<KeyTuple>& values) {
  std::vector<std::string> tuples;
  for (const KeyTuple& value : values) {
    std::vector<std::string> columns;
    for (size_t i = 0; i < value.size(); ++i) {
      columns.push_back(IsNull(value[i]) ? fmt::format("({} IS NULL)", KeyPartText(parent, i))
                                         : Compared(parent, i, "IS NOT DISTINCT FROM", value[i]));
    }
    tuples.push_back(Joined(columns, "AND"));
  }
  return {Joined(tuples, "OR")};
}

std::vector<std::string> ValueConditions(const Relation& parent, const std::vector<KeyTuple>& values) {
  return parent.partition_key->parts.size() == 1 ? ListConditions(parent, values) : TupleListConditions(parent, values);
}

std::vector<std::string> HashConditions(const Relation& parent, const HashBound& hash) {
  std::string keys;
  for (size_t i = 0; i < parent.partition_key->parts.size(); ++i) keys += ", " + KeyPartText(parent, i);
  return {fmt::format("satisfies_hash_partition('{}'::oid, {}, {}{})", parent.id, hash.modulus, hash.remainder, keys)};
}

std::vector<std::string> DefaultConditions(const Relation& parent, const std::vector<const PartitionBound*>& siblings) {
  std::vector<KeyTuple> values;
  std::vector<std::string> ranges;
  for (const PartitionBound* sibling : siblings) {
    if (const auto* list = std::get_if<ListBound>(sibling)) {
      values.insert(values.end(), list->values.begin(), list->values.end());
    } else if (const auto* range = std::get_if<RangeBound>(sibling)) {
      const auto conditions = RangeConditions(parent, *range);
      ranges.push_back(conditions.empty() ? "true" : Joined(conditions, "AND"));
    }
  }
  if (values.empty() && ranges.empty()) return {};
  if (!values.empty()) {
    std::sort(values.begin(), values.end(),
              [](const KeyTuple& a, const KeyTuple& b) { return Compare(std::span(a), std::span(b)) < 0; });
    return {fmt::format("(NOT {})", Joined(ValueConditions(parent, values), "AND"))};
  }
  std::vector<std::string> conditions = NotNullConditions(parent);
  conditions.push_back(Joined(ranges, "OR"));
  return {fmt::format("(NOT {})", Joined(conditions, "AND"))};
}

bool IsCall(std::string_view expression) {
  const size_t open = expression.find('(');
  if (open == 0 || open == std::string_view::npos || expression.back() != ')') return false;
  const bool named = std::all_of(expression.begin(), expression.begin() + static_cast<std::ptrdiff_t>(open),
                                 [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '.'; });
  int depth = 0;
  for (size_t i = open; i < expression.size(); ++i) {
    depth += expression[i] == '(' ? 1 : (expression[i] == ')' ? -1 : 0);
    if (depth == 0) return named && i + 1 == expression.size();
  }
  return false;
}

}  // namespace

std::string QuoteIdentifier(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9'); };
  const bool simple = !name.empty() && std::all_of(name.begin(), name.end(), plain) &&
                      !(name[0] >= '0' && name[0] <= '9') &&
                      std::find(kReserved.begin(), kReserved.end(), name) == kReserved.end();
  if (simple) return std::string(name);
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string QuoteLiteral(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "''" : std::string(1, c);
  return quoted + "'";
}

std::string KeyValueText(const DataType& data_type, const KeyValue& value) {
  switch (value.index()) {
    case 1:
      return IntegerText(data_type, std::get<1>(value));
    case 2:
      return FloatText(data_type, std::get<2>(value));
    case 3:
      return DecimalText(std::get<3>(value), data_type.scale());
    case 4: {
      const std::string& text = std::get<4>(value);
      if (data_type.id() == TypeId::kBytes || data_type.id() == TypeId::kBinary) return BytesText(text);
      return data_type.id() == TypeId::kChar ? CharacterText(data_type, text) : text;
    }
    case 5:
      return std::get<5>(value).text;
    default:
      return "null";
  }
}

std::string KeyPartText(const Relation& parent, size_t part) {
  const SqlPartitionKeyPart& key = parent.partition_key->parts[part];
  if (key.column >= 0) return QuoteIdentifier(parent.columns[static_cast<size_t>(key.column)].name);
  if (key.shard) return QuoteIdentifier(HashShardsOf(parent)->column);
  std::string written = dialect::WithCallsAsWritten(key.expression);
  const std::string own = QuoteIdentifier(parent.path.database) + ".";
  if (written.starts_with(own)) written.erase(0, own.size());
  return IsCall(written) ? written : "(" + written + ")";
}

std::string PartitionKeyText(const Relation& relation) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < relation.partition_key->parts.size(); ++i) {
    const std::string part = KeyPartText(relation, i);
    parts.push_back(part.starts_with('(') ? "(" + part + ")" : part);  // as PostgreSQL has it
  }
  return fmt::format("{} ({})", ToString(relation.partition_key->strategy), fmt::join(parts, ", "));
}

std::string KeyPartType(const Relation& parent, size_t part) {
  const SqlPartitionKeyPart& key = parent.partition_key->parts[part];
  return key.column >= 0 ? parent.columns[static_cast<size_t>(key.column)].type : key.sql_type;
}

std::vector<std::string> ListValueTexts(const Relation& parent, const ListBound& bound) {
  std::vector<std::string> values;
  for (const KeyTuple& value : bound.values) values.push_back(TupleText(parent, value));
  return values;
}

std::string BoundText(const Relation& parent, const PartitionBound& bound) {
  if (const auto* range = std::get_if<RangeBound>(&bound)) {
    return fmt::format("FOR VALUES FROM {} TO {}", EdgeText(parent, range->from), EdgeText(parent, range->to));
  }
  if (const auto* hash = std::get_if<HashBound>(&bound)) {
    return fmt::format("FOR VALUES WITH (modulus {}, remainder {})", hash->modulus, hash->remainder);
  }
  if (const auto* list = std::get_if<ListBound>(&bound)) {
    return fmt::format("FOR VALUES IN ({})", fmt::join(ListValueTexts(parent, *list), ", "));
  }
  return "DEFAULT";
}

std::vector<std::string> BoundConditions(const Relation& parent, const PartitionBound& bound,
                                         const std::vector<const PartitionBound*>& siblings) {
  if (const auto* range = std::get_if<RangeBound>(&bound)) {
    std::vector<std::string> conditions = NotNullConditions(parent);
    for (std::string& condition : RangeConditions(parent, *range)) conditions.push_back(std::move(condition));
    return conditions;
  }
  if (const auto* list = std::get_if<ListBound>(&bound)) return ValueConditions(parent, list->values);
  if (const auto* hash = std::get_if<HashBound>(&bound)) return HashConditions(parent, *hash);
  return DefaultConditions(parent, siblings);
}

std::string Conjunction(const std::vector<std::string>& conditions) {
  return conditions.empty() ? "" : Joined(conditions, "AND");
}

}  // namespace weir::sql
