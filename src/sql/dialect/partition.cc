#include "sql/dialect/partition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "sql/dialect/classic_partition.h"
#include "sql/dialect/expression.h"
#include "sql/dialect/postgres.h"
#include "sql/error.h"

namespace weir::sql::dialect {

namespace {

constexpr size_t kMaxKeyColumns = 32;

bool IsSpecialBound(Tokens part, std::string_view word) {
  return part.size() == 1 && (part[0].Is(word) || (part[0].kind == TokenKind::kQuotedName && NameOf(part[0]) == word));
}

// --- keys

// "(a)" is the column a to PostgreSQL.
bool IsColumnName(Tokens part) {
  if (part.size() != 1) return false;
  return part[0].kind == TokenKind::kQuotedName ||
         (part[0].kind == TokenKind::kWord && part[0].reserved != Reserved::kFully);
}

Status CheckKeyExpression(const Cursor& cursor, Tokens expression, size_t number) {
  WEIR_RETURN_NOT_OK(CheckExpression(cursor, expression, kPartitionKeyPlace));
  const ExpressionParts parts = PartsOf(expression);
  const Token& first = expression.front();
  if (parts.system_column != nullptr) {
    return cursor.ErrorAt(*parts.system_column, "42P17",
                          "partition key expressions cannot contain system column references");
  }
  if (parts.changing != nullptr) {
    return cursor.ErrorAt(*parts.changing, "42P17", "functions in partition key expression must be marked IMMUTABLE");
  }
  if (expression.size() == 1 && first.kind == TokenKind::kString && first.text.front() == '\'') {
    return Error("42P16", fmt::format("partition key column {} has pseudo-type unknown", number));
  }
  return Status::OK();
}

// The part's own tokens: a column, a call or an expression in parentheses.
Result<Tokens> KeyExpression(Cursor& cursor) {
  if (cursor.Peek().IsSymbol("(")) return cursor.Parenthesized();
  const size_t begin = cursor.at();
  WEIR_ASSIGN_OR_RETURN(const std::string first, cursor.AnyName());
  while (cursor.TrySymbol(".")) {
    WEIR_ASSIGN_OR_RETURN(const std::string next, cursor.AnyName());
  }
  if (!cursor.AtEnd() && cursor.Peek().IsSymbol("(")) {
    WEIR_RETURN_NOT_OK(cursor.Parenthesized().status());
  }
  return cursor.Since(begin);
}

// schema.name of a collation or an operator class
Result<std::string> DottedName(Cursor& cursor) {
  WEIR_ASSIGN_OR_RETURN(std::string name, cursor.AnyName());
  while (cursor.TrySymbol(".")) {
    WEIR_ASSIGN_OR_RETURN(name, cursor.AnyName());  // the schema says nothing: there is one of each name
  }
  return name;
}

Result<PartitionKeyPart> ParseKeyPart(const StatementSource& statement, Tokens part, size_t number) {
  Cursor cursor(statement, part);
  PartitionKeyPart key{.position = part.empty() ? 0 : cursor.Position()};
  WEIR_ASSIGN_OR_RETURN(Tokens expression, KeyExpression(cursor));
  while (expression.size() > 2 && expression.front().IsSymbol("(")) {  // ((a + b))
    Cursor inner(statement, expression);
    WEIR_ASSIGN_OR_RETURN(const Tokens unwrapped, inner.Parenthesized());
    if (!inner.AtEnd()) break;
    expression = unwrapped;
  }
  if (expression.empty()) return cursor.SyntaxError();
  if (IsColumnName(expression)) {
    key.column = NameOf(expression[0]);
    if (PartsOf(expression).system_column != nullptr) {
      const bool bare = expression.data() == part.data();
      return cursor.ErrorAt(expression[0], "42P17",
                            bare ? fmt::format("cannot use system column \"{}\" in partition key", key.column)
                                 : "partition key expressions cannot contain system column references");
    }
  } else {
    WEIR_RETURN_NOT_OK(CheckKeyExpression(cursor, expression, number));
  }
  key.expression = statement.ExpressionOf(expression);
  if (cursor.Try("collate")) {
    WEIR_ASSIGN_OR_RETURN(key.collation, DottedName(cursor));
  }
  if (!cursor.AtEnd()) {
    WEIR_ASSIGN_OR_RETURN(key.operator_class, DottedName(cursor));
  }
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return key;
}

Status CheckStrategy(const PartitionBy& by, bool inlined) {
  if (by.strategy != "range" && by.strategy != "list" && by.strategy != "hash") {
    return Error("22023", fmt::format("unrecognized partitioning strategy \"{}\"", by.strategy));
  }
  if (by.strategy == "list" && by.key.size() > 1 && !inlined) {
    return Error("42P17", "cannot use \"list\" partition strategy with more than one column");
  }
  if (by.key.size() > kMaxKeyColumns) {
    return Error("54011", fmt::format("cannot partition using more than {} columns", kMaxKeyColumns));
  }
  return Status::OK();
}

// --- bounds

Result<BoundTuple> ParseRangeTuple(Cursor& cursor) {
  WEIR_ASSIGN_OR_RETURN(const Tokens inner, cursor.Parenthesized());
  if (inner.empty()) return cursor.SyntaxErrorAt(*(inner.data()));  // the closing parenthesis
  BoundTuple tuple;
  for (const Tokens part : SplitAtCommas(inner)) {
    BoundValue value{.expression = cursor.statement().ExpressionOf(part)};
    if (IsSpecialBound(part, "minvalue")) {
      value.kind = BoundValue::Kind::kMinValue;
    } else if (IsSpecialBound(part, "maxvalue")) {
      value.kind = BoundValue::Kind::kMaxValue;
    } else {
      WEIR_RETURN_NOT_OK(CheckExpression(cursor, part, kPartitionBoundPlace));
    }
    tuple.push_back(std::move(value));
  }
  return tuple;
}

Status ParseListValues(Cursor& cursor, BoundClause* bound) {
  WEIR_ASSIGN_OR_RETURN(const Tokens inner, cursor.Parenthesized());
  if (inner.empty()) return cursor.SyntaxErrorAt(*(inner.data()));
  for (const Tokens part : SplitAtCommas(inner)) {
    WEIR_RETURN_NOT_OK(CheckExpression(cursor, part, kPartitionBoundPlace));
    bound->values.push_back({BoundValue{.expression = cursor.statement().ExpressionOf(part)}});
  }
  return Status::OK();
}

Status ParseHashItem(const StatementSource& statement, Tokens part, BoundClause* bound) {
  Cursor cursor(statement, part);
  const Token& name = cursor.Peek();
  std::optional<int64_t>* target = nullptr;
  if (cursor.Try("modulus")) target = &bound->modulus;
  if (target == nullptr && cursor.Try("remainder")) target = &bound->remainder;
  if (target == nullptr) {
    const std::string word = NameOf(name);
    return cursor.ErrorAt(name, "42601", fmt::format("unrecognized hash partition bound specification \"{}\"", word));
  }
  if (target->has_value()) {
    return cursor.ErrorAt(name, "42710", fmt::format("{} for hash partition provided more than once", NameOf(name)));
  }
  if (cursor.AtEnd() || !cursor.Peek().integer) return cursor.SyntaxError();
  int64_t value = 0;
  const std::string_view digits = cursor.Next().text;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  *target = value;
  return cursor.ExpectEnd();
}

Status ParseHashBound(Cursor& cursor, BoundClause* bound) {
  WEIR_ASSIGN_OR_RETURN(const Tokens inner, cursor.Parenthesized());
  if (inner.empty()) return cursor.SyntaxErrorAt(*(inner.data()));
  for (const Tokens part : SplitAtCommas(inner)) {
    WEIR_RETURN_NOT_OK(ParseHashItem(cursor.statement(), part, bound));
  }
  if (!bound->modulus) return Error("42601", "modulus for hash partition must be specified");
  if (!bound->remainder) return Error("42601", "remainder for hash partition must be specified");
  return Status::OK();
}

// --- KWDB

struct InlineContext {
  const PartitionBy* by;
  std::string name;  // of the partition
};

Status InlineError(const Cursor& cursor, const Token& token, const InlineContext& context, std::string_view sqlstate,
                   std::string_view text) {
  return cursor.ErrorAt(token, sqlstate, fmt::format("PARTITION {}: {}", context.name, text));
}

std::optional<BoundValue::Kind> SpecialKind(Tokens part) {
  if (part.size() != 1) return std::nullopt;
  if (part[0].Is("minvalue")) return BoundValue::Kind::kMinValue;
  if (part[0].Is("maxvalue")) return BoundValue::Kind::kMaxValue;
  if (part[0].Is("default")) return BoundValue::Kind::kAnyValue;
  return std::nullopt;
}

bool IsMomentWord(const Token& token) {
  static constexpr std::string_view kMoments[] = {"now",           "current_timestamp",     "transaction_timestamp",
                                                  "localtimestamp", "statement_timestamp", "current_date"};
  return std::any_of(std::begin(kMoments), std::end(kMoments), [&](std::string_view word) { return token.Is(word); });
}

// now() - '1d': to KWDB a text beside a moment is an interval; PostgreSQL reads another moment there.
std::string WithIntervals(const StatementSource& statement, Tokens expression) {
  std::string text;
  size_t written = expression.front().begin;
  const std::string_view source = statement.source->text();
  for (size_t i = 2; i < expression.size(); ++i) {
    const bool sign = expression[i - 1].IsSymbol("-") || expression[i - 1].IsSymbol("+");
    if (!sign || expression[i].kind != TokenKind::kString) continue;
    size_t before = i - 2;
    const bool call = before >= 2 && expression[before].IsSymbol(")") && expression[before - 1].IsSymbol("(");
    if (call) before -= 2;
    if (!IsMomentWord(expression[before])) continue;
    text += std::string(source.substr(written, expression[i].begin - written)) + "INTERVAL ";
    written = expression[i].begin;
  }
  return text + std::string(source.substr(written, expression.back().end - written));
}

Result<BoundValue> ParseInlineValue(const Cursor& cursor, Tokens part, const InlineContext& context) {
  if (part.empty()) return cursor.SyntaxErrorAt(*part.data());
  BoundValue value{.expression = cursor.statement().ExpressionOf(part)};
  if (const auto special = SpecialKind(part)) {
    value.kind = *special;
    return value;
  }
  const ExpressionParts parts = PartsOf(part);
  for (const Token* variable : {parts.subquery, parts.aggregate, parts.window, parts.column, parts.parameter}) {
    if (variable == nullptr) continue;
    return InlineError(cursor, *variable, context, "42601", "variable sub-expressions are not allowed in partition");
  }
  if (parts.random != nullptr) {
    return InlineError(cursor, *parts.random, context, "0A000", "impure functions are not allowed in partition");
  }
  value.expression.text = WithIntervals(cursor.statement(), part);
  return value;
}

Result<BoundTuple> ParseInlineTuple(const Cursor& cursor, Tokens values, const InlineContext& context) {
  BoundTuple tuple;
  for (const Tokens part : SplitAtCommas(values)) {
    WEIR_ASSIGN_OR_RETURN(BoundValue value, ParseInlineValue(cursor, part, context));
    tuple.push_back(std::move(value));
  }
  return tuple;
}

// The values of a tuple in parentheses; of an item without them, the item.
Tokens TupleValues(const StatementSource& statement, Tokens item) {
  if (item.empty() || !item.front().IsSymbol("(")) return item;
  Cursor cursor(statement, item);
  const auto inner = cursor.Parenthesized();
  return inner.ok() && cursor.AtEnd() && !inner->empty() ? *inner : item;
}

Status ParseInlineList(Cursor& cursor, const InlineContext& context, BoundClause* bound) {
  bound->kind = BoundClause::Kind::kList;
  WEIR_ASSIGN_OR_RETURN(const Tokens inner, cursor.Parenthesized());
  if (inner.empty()) return cursor.SyntaxErrorAt(*inner.data());
  for (const Tokens item : SplitAtCommas(inner)) {
    if (item.empty()) return cursor.SyntaxErrorAt(*item.data());
    WEIR_ASSIGN_OR_RETURN(BoundTuple tuple,
                          ParseInlineTuple(cursor, TupleValues(cursor.statement(), item), context));
    bound->values.push_back(std::move(tuple));
  }
  return Status::OK();
}

Result<BoundTuple> ParseInlineRangeEnd(Cursor& cursor, const InlineContext& context) {
  WEIR_ASSIGN_OR_RETURN(const Tokens inner, cursor.Parenthesized());
  if (inner.empty()) return cursor.SyntaxErrorAt(*inner.data());
  return ParseInlineTuple(cursor, inner, context);
}

Status ParseInlineRange(Cursor& cursor, const InlineContext& context, BoundClause* bound) {
  bound->kind = BoundClause::Kind::kRange;
  WEIR_ASSIGN_OR_RETURN(bound->from, ParseInlineRangeEnd(cursor, context));
  WEIR_RETURN_NOT_OK(cursor.Expect("to"));
  WEIR_ASSIGN_OR_RETURN(bound->to, ParseInlineRangeEnd(cursor, context));
  return Status::OK();
}

// A partition's own PARTITION BY: read to the end, then refused, unless it says NOTHING.
Status ParseNested(Cursor& cursor) {
  const Token& begin = cursor.Peek();
  if (!cursor.Try({"partition", "by"})) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const auto nested, ParseInlinePartitions(cursor));
  if (!nested) return Status::OK();
  return cursor.ErrorAt(begin, "0A000", "nested partitioning is not supported",
                        "Partition the partitions with CREATE TABLE ... PARTITION OF ... PARTITION BY.");
}

Result<PartitionDefinition> ParseInlinePartition(Cursor& cursor, const PartitionBy& by) {
  PartitionDefinition partition{.position = cursor.Position()};
  WEIR_RETURN_NOT_OK(cursor.Expect("partition"));
  WEIR_ASSIGN_OR_RETURN(partition.name, cursor.AnyName());
  const InlineContext context{&by, partition.name};
  partition.bound.position = cursor.Position();
  WEIR_RETURN_NOT_OK(cursor.Expect("values"));
  if (by.strategy == "range") {
    WEIR_RETURN_NOT_OK(cursor.Expect("from"));
    WEIR_RETURN_NOT_OK(ParseInlineRange(cursor, context, &partition.bound));
  } else {
    WEIR_RETURN_NOT_OK(cursor.Expect("in"));
    WEIR_RETURN_NOT_OK(ParseInlineList(cursor, context, &partition.bound));
  }
  WEIR_RETURN_NOT_OK(ParseNested(cursor));
  return partition;
}

}  // namespace

Result<PartitionBy> ParsePartitionBy(Cursor& cursor, bool inlined) {
  PartitionBy by{.position = cursor.Position()};
  WEIR_ASSIGN_OR_RETURN(by.strategy, cursor.Name());
  WEIR_ASSIGN_OR_RETURN(const Tokens inner, cursor.Parenthesized());
  if (inner.empty()) return cursor.SyntaxErrorAt(*inner.data());
  for (const Tokens part : SplitAtCommas(inner)) {
    WEIR_ASSIGN_OR_RETURN(PartitionKeyPart key, ParseKeyPart(cursor.statement(), part, by.key.size() + 1));
    by.key.push_back(std::move(key));
  }
  WEIR_RETURN_NOT_OK(CheckStrategy(by, inlined));
  return by;
}

Result<BoundClause> ParseBound(Cursor& cursor) {
  BoundClause bound{.position = cursor.Position()};
  if (cursor.Try("default")) return bound;
  WEIR_RETURN_NOT_OK(cursor.Expect({"for", "values"}));
  bound.position = cursor.Position();
  if (cursor.Try("from")) {
    bound.kind = BoundClause::Kind::kRange;
    WEIR_ASSIGN_OR_RETURN(bound.from, ParseRangeTuple(cursor));
    WEIR_RETURN_NOT_OK(cursor.Expect("to"));
    WEIR_ASSIGN_OR_RETURN(bound.to, ParseRangeTuple(cursor));
  } else if (cursor.Try("in")) {
    bound.kind = BoundClause::Kind::kList;
    WEIR_RETURN_NOT_OK(ParseListValues(cursor, &bound));
  } else {
    WEIR_RETURN_NOT_OK(cursor.Expect("with"));
    bound.kind = BoundClause::Kind::kHash;
    WEIR_RETURN_NOT_OK(ParseHashBound(cursor, &bound));
  }
  return bound;
}

Result<std::optional<InlinePartitions>> ParseInlinePartitions(Cursor& cursor) {
  if (cursor.Try("nothing")) return std::optional<InlinePartitions>();
  if (cursor.Peek().Is("hashpoint")) {
    return cursor.ErrorAt(cursor.Peek(), "0A000", "HASHPOINT partitioning is only supported on time-series tables");
  }
  InlinePartitions inlined;
  WEIR_ASSIGN_OR_RETURN(inlined.by, ParsePartitionBy(cursor, true));
  if (IsClassicList(cursor)) {
    return cursor.ErrorAt(cursor.Peek(), "0A000", "the classic partitioning syntax is not supported here",
                          "Use it in CREATE TABLE, or CREATE TABLE ... PARTITION OF ... FOR VALUES ....");
  }
  WEIR_RETURN_NOT_OK(cursor.ExpectSymbol("("));
  do {
    WEIR_ASSIGN_OR_RETURN(PartitionDefinition partition, ParseInlinePartition(cursor, inlined.by));
    inlined.partitions.push_back(std::move(partition));
  } while (cursor.TrySymbol(","));
  WEIR_RETURN_NOT_OK(cursor.ExpectSymbol(")"));
  return std::optional(std::move(inlined));
}

Status CheckValueLists(const StatementSource& statement, Tokens partitions) {
  // VALUES (1, 2), (3): the lists stay where they are, all else becomes blank.
  std::string text(statement.source->text().substr(statement.begin(), statement.end.end - statement.begin()));
  std::string values(text.size(), ' ');
  const auto at = [&](const Token& token) { return token.begin - statement.begin(); };
  bool first = true;
  for (size_t i = 1; i < partitions.size(); ++i) {
    const bool opens = partitions[i].Is("in") || partitions[i].Is("from") || partitions[i].Is("to");
    if (!opens || i + 1 == partitions.size() || !partitions[i + 1].IsSymbol("(")) continue;
    if (first && !partitions[i - 1].Is("values")) continue;
    if (first) {
      std::memcpy(&values[at(partitions[i - 1])], "VALUES", 6);
    } else {
      values[at(partitions[i])] = ',';
    }
    first = false;
    Cursor cursor(statement, partitions.subspan(i + 1));
    WEIR_RETURN_NOT_OK(cursor.Parenthesized().status());
    const size_t begin = at(partitions[i + 1]);
    const size_t size = at(partitions[i + cursor.at()]) + partitions[i + cursor.at()].text.size() - begin;
    text.copy(&values[begin], size, begin);
    i += cursor.at();
  }
  return first ? Status::OK() : CheckSyntax(*statement.source, statement.begin(), values);
}

}  // namespace weir::sql::dialect
