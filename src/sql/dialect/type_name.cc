#include "sql/dialect/type_name.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace weir::sql::dialect {

namespace {

struct Spelling {
  std::string_view written;
  std::string_view canonical;
};

constexpr std::array<Spelling, 33> kSpellings = {{
    {"int", "integer"},          {"int4", "integer"},           {"integer", "integer"},
    {"int8", "bigint"},          {"int64", "bigint"},           {"bigint", "bigint"},
    {"int2", "smallint"},        {"smallint", "smallint"},      {"decimal", "numeric"},
    {"dec", "numeric"},          {"numeric", "numeric"},        {"real", "real"},
    {"float4", "real"},          {"float8", "double precision"}, {"bool", "boolean"},
    {"boolean", "boolean"},      {"varchar", "character varying"}, {"nvarchar", "character varying"},
    {"char", "character"},       {"character", "character"},    {"nchar", "character"},
    {"bpchar", "bpchar"},        {"string", "text"},            {"clob", "text"},
    {"bytes", "bytea"},          {"blob", "bytea"},             {"varbytes", "bytea"},
    {"timestamp", "timestamp"},  {"timestamptz", "timestamp"},  {"time", "time"},
    {"timetz", "time"},          {"bit", "bit"},                {"varbit", "bit varying"},
}};

// The word that follows makes one name of two: "double precision".
struct Pair {
  std::string_view first;
  std::string_view second;
  std::string_view name;
};
constexpr std::array<Pair, 7> kPairs = {{
    {"double", "precision", "float8"},
    {"character", "varying", "varchar"},
    {"char", "varying", "varchar"},
    {"nchar", "varying", "varchar"},
    {"national", "character", "character"},
    {"national", "char", "character"},
    {"bit", "varying", "varbit"},
}};

std::string_view CanonicalName(std::string_view written) {
  const auto* found =
      std::find_if(kSpellings.begin(), kSpellings.end(), [&](const Spelling& s) { return s.written == written; });
  return found == kSpellings.end() ? written : found->canonical;
}

constexpr std::array<Spelling, 6> kSerials = {{
    {"serial", "integer"},  {"bigserial", "bigint"}, {"smallserial", "smallint"},
    {"serial4", "integer"}, {"serial8", "bigint"},   {"serial2", "smallint"},
}};

const Spelling* FindSerial(std::string_view name) {
  const auto* found = std::ranges::find(kSerials, name, &Spelling::written);
  return found == kSerials.end() ? nullptr : found;
}

// One or two words that make a name together; the words of the statement's grammar, not of the catalog.
std::string SpelledName(Cursor& cursor) {
  for (const Pair& pair : kPairs) {
    if (!cursor.Try({pair.first, pair.second})) continue;
    const bool national_varying = pair.first == "national" && cursor.Try("varying");
    return std::string(national_varying ? "varchar" : pair.name);
  }
  return NameOf(cursor.Next());
}

Result<std::vector<std::string>> Modifiers(Cursor& cursor) {
  std::vector<std::string> modifiers;
  if (!cursor.Peek().IsSymbol("(")) return modifiers;
  WEIR_ASSIGN_OR_RETURN(const Tokens inner, cursor.Parenthesized());
  for (const Tokens part : SplitAtCommas(inner)) modifiers.emplace_back(cursor.statement().Slice(part));
  return modifiers;
}

std::string WithModifiers(std::string_view name, const std::vector<std::string>& modifiers) {
  return modifiers.empty() ? std::string(name) : fmt::format("{}({})", name, fmt::join(modifiers, ","));
}

// WITH TIME ZONE, WITHOUT TIME ZONE, or what the short name says.
std::string TimeType(Cursor& cursor, std::string_view written, std::string_view name,
                     const std::vector<std::string>& modifiers) {
  bool zoned = written.ends_with("tz");
  if (cursor.Try({"with", "time", "zone"})) zoned = true;
  cursor.Try({"without", "time", "zone"});
  return fmt::format("{} {} time zone", WithModifiers(name, modifiers), zoned ? "with" : "without");
}

// interval year to month (3)
Result<std::string> IntervalType(Cursor& cursor, std::vector<std::string> modifiers) {
  static constexpr std::array<std::string_view, 6> kFields = {"year", "month", "day", "hour", "minute", "second"};
  const auto field = [&]() -> std::string {
    for (const std::string_view name : kFields) {
      if (cursor.Try(name)) return std::string(name);
    }
    return {};
  };
  std::string text = "interval";
  if (const std::string first = field(); !first.empty()) {
    text += " " + first;
    if (cursor.Try("to")) text += " to " + field();
  }
  if (modifiers.empty()) {
    WEIR_ASSIGN_OR_RETURN(modifiers, Modifiers(cursor));
  }
  return WithModifiers(text, modifiers);
}

std::string FloatType(const std::vector<std::string>& modifiers) {
  int bits = 53;
  if (!modifiers.empty()) std::from_chars(modifiers[0].data(), modifiers[0].data() + modifiers[0].size(), bits);
  return bits <= 24 ? "real" : "double precision";
}

Result<std::string> BuiltInType(Cursor& cursor, std::string_view written) {
  WEIR_ASSIGN_OR_RETURN(std::vector<std::string> modifiers, Modifiers(cursor));
  const std::string_view name = CanonicalName(written);
  if (written == "float") return FloatType(modifiers);
  if (name == "time" || name == "timestamp") return TimeType(cursor, written, name, modifiers);
  if (name == "interval") return IntervalType(cursor, std::move(modifiers));
  if (name == "numeric" && modifiers.size() == 1) modifiers.emplace_back("0");
  if ((name == "character" || name == "bit") && modifiers.empty()) modifiers.emplace_back("1");
  if (written == "string" && !modifiers.empty()) return WithModifiers("character varying", modifiers);
  if (name == "bytea") modifiers.clear();  // KWDB takes a length there
  return WithModifiers(name, modifiers);
}

// "[]" for each [ ] or [3] that follows, and for ARRAY; nobody keeps the sizes.
Result<std::string> Dimensions(Cursor& cursor) {
  std::string dimensions;
  if (cursor.Try("array")) dimensions = "[]";
  const bool word = !dimensions.empty();  // whose own [3] it is
  while (cursor.TrySymbol("[")) {
    if (!word) dimensions += "[]";
    if (cursor.Peek().kind == TokenKind::kNumber) cursor.Next();
    WEIR_RETURN_NOT_OK(cursor.ExpectSymbol("]"));
  }
  return dimensions;
}

}  // namespace

Result<TypeName> ParseType(Cursor& cursor) {
  const Token& first = cursor.Peek();
  TypeName type{.position = cursor.Position()};
  if (cursor.AtEnd() || (first.kind != TokenKind::kWord && first.kind != TokenKind::kQuotedName)) {
    return cursor.SyntaxError();
  }
  if (first.Is("setof")) return cursor.ErrorAt(first, "42P16", "column cannot be declared SETOF");
  if (first.Is("pg_catalog") && cursor.Peek(1).IsSymbol(".")) {
    cursor.Next();
    cursor.Next();
  }
  const bool quoted = cursor.Peek().kind == TokenKind::kQuotedName;
  if (cursor.Peek(1).IsSymbol(".") || quoted) {
    const size_t begin = cursor.at();
    do {
      WEIR_ASSIGN_OR_RETURN(const std::string ignored, cursor.AnyName());
    } while (cursor.TrySymbol("."));
    WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> modifiers, Modifiers(cursor));
    type.text = std::string(cursor.statement().Slice(cursor.Since(begin)));
  } else {
    const std::string written = SpelledName(cursor);
    if (FindSerial(written) != nullptr) {
      return cursor.ErrorAt(first, "42704", fmt::format("type \"{}\" does not exist", written));
    }
    WEIR_ASSIGN_OR_RETURN(type.text, BuiltInType(cursor, written));
  }
  if (cursor.Peek().IsSymbol("%")) return cursor.Refuse(cursor.Peek(), "%TYPE");
  WEIR_ASSIGN_OR_RETURN(const std::string dimensions, Dimensions(cursor));
  type.text += dimensions;
  return type;
}

std::string TrySerial(Cursor& cursor) {
  const Spelling* serial =
      cursor.Peek().kind == TokenKind::kWord ? FindSerial(Folded(cursor.Peek().text)) : nullptr;
  if (serial == nullptr || cursor.Peek(1).IsSymbol(".")) return {};
  cursor.Next();
  return std::string(serial->canonical);
}

}  // namespace weir::sql::dialect
