#include "sql/dialect/classic_partition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "sql/dialect/create_table.h"
#include "sql/dialect/expression.h"
#include "sql/dialect/partition.h"
#include "sql/dialect/postgres.h"
#include "sql/error.h"

namespace weir::sql::dialect {

namespace {

constexpr std::string_view kPartition = "partition";
constexpr std::string_view kSubpartition = "subpartition";
constexpr int kDeepest = 64;  // levels of sub-partitions written within each other

bool IsClassicWord(const Token& token) {
  static constexpr std::array<std::string_view, 6> kWords = {"start",   "end",          "every",
                                                             "default", "subpartition", "column"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) { return token.Is(word); });
}

Result<PartitionBy> ParseKey(Cursor& cursor) {
  const Token& strategy = cursor.Peek();
  WEIR_ASSIGN_OR_RETURN(PartitionBy by, ParsePartitionBy(cursor, true));
  if (by.strategy == "hash") {
    return cursor.ErrorAt(strategy, "0A000", "HASH is not supported in the classic partitioning syntax",
                          "Use CREATE TABLE ... PARTITION BY HASH, then CREATE TABLE ... PARTITION OF.");
  }
  if (by.key.size() > 1) {
    return cursor.ErrorAt(strategy, "42P16",
                          fmt::format("too many columns for {} partition -- only one column is allowed",
                                      Upper(by.strategy)));
  }
  if (by.key.front().column.empty()) {
    return cursor.ErrorAt(strategy, "0A000", "expressions are not supported as keys in the classic partitioning syntax",
                          "Use CREATE TABLE ... PARTITION BY, then CREATE TABLE ... PARTITION OF.");
  }
  return by;
}

// Reads the partitions of one list; what their expressions are made of is noted, to be checked together.
class PartitionReader {
 public:
  explicit PartitionReader(const StatementSource& statement) : statement_(statement) {}

  // (PARTITION …, …), the parentheses included.
  Result<std::vector<ClassicPartition>> List(Cursor& cursor, std::string_view word, int depth) {
    if (depth > kDeepest) return Error("54001", "stack depth limit exceeded", {.hint = "Write it with fewer levels."});
    WEIR_ASSIGN_OR_RETURN(const Tokens inner, cursor.Parenthesized());
    if (inner.empty()) return cursor.SyntaxErrorAt(*inner.data());
    std::vector<ClassicPartition> partitions;
    for (const Tokens part : SplitAtCommas(inner)) {
      if (part.empty()) return cursor.SyntaxErrorAt(*part.data());
      Cursor element(statement_, part);
      WEIR_ASSIGN_OR_RETURN(ClassicPartition partition, Element(element, word, depth));
      WEIR_RETURN_NOT_OK(element.ExpectEnd());
      partitions.push_back(std::move(partition));
    }
    return partitions;
  }

  // PostgreSQL's grammar has the last word on expressions: VALUES (1), (2), each where it stands.
  Status CheckExpressions() const {
    if (lists_.empty()) return Status::OK();
    const std::string_view text = statement_.source->text();
    const size_t begin = statement_.begin();
    std::string values(statement_.end.end - begin, ' ');
    constexpr std::string_view kValues = "VALUES";
    std::memcpy(&values[lists_.front().front().begin - begin - kValues.size()], kValues.data(), kValues.size());
    for (const Tokens list : lists_) {
      const size_t at = list.front().begin - begin;
      if (list.data() != lists_.front().data()) values[at - 1] = ',';  // a keyword's place
      text.copy(&values[at], list.back().end - list.front().begin, list.front().begin);
    }
    return CheckSyntax(*statement_.source, begin, values);
  }

 private:
  Result<ClassicPartition> Element(Cursor& cursor, std::string_view word, int depth) {
    const Token& first = cursor.Peek();
    if (first.Is("column") || cursor.IsAt({"default", "column"})) {
      return cursor.Refuse(first, "ENCODING in a list of partitions");
    }
    ClassicPartition partition{.position = cursor.Position()};
    partition.is_default = cursor.Try("default");
    if (partition.is_default) WEIR_RETURN_NOT_OK(cursor.Expect(word));
    if (partition.is_default || cursor.Try(word)) {
      WEIR_ASSIGN_OR_RETURN(partition.name, cursor.AnyName());
    }
    if (!partition.is_default) WEIR_RETURN_NOT_OK(Bound(cursor, &partition));
    if (cursor.Try("with")) {
      WEIR_ASSIGN_OR_RETURN(const Tokens options, cursor.Parenthesized());
      partition.options = OptionsOf(statement_, options);
    }
    if (cursor.Try("tablespace")) {
      WEIR_ASSIGN_OR_RETURN(partition.tablespace, cursor.AnyName());
    }
    if (!cursor.AtEnd() && cursor.Peek().IsSymbol("(")) {
      WEIR_ASSIGN_OR_RETURN(partition.parts, List(cursor, kSubpartition, depth + 1));
    }
    return partition;
  }

  Status Bound(Cursor& cursor, ClassicPartition* partition) {
    if (cursor.Try("values")) {
      partition->bound = ClassicPartition::Bound::kList;
      WEIR_ASSIGN_OR_RETURN(partition->values, Expressions(cursor));
      return Status::OK();
    }
    const auto range = [&](std::string_view word, std::optional<Expression>* value) -> Status {
      if (!cursor.Try(word)) return Status::OK();
      partition->bound = ClassicPartition::Bound::kRange;
      if (TryUnbounded(cursor, word, partition)) return Status::OK();
      WEIR_ASSIGN_OR_RETURN(*value, Single(cursor));
      return Status::OK();
    };
    WEIR_RETURN_NOT_OK(range("start", &partition->start));
    if (partition->start && !cursor.Try("inclusive")) partition->start_exclusive = cursor.Try("exclusive");
    WEIR_RETURN_NOT_OK(range("end", &partition->end));
    if (partition->end && !cursor.Try("exclusive")) partition->end_inclusive = cursor.Try("inclusive");
    if (partition->start || partition->end) WEIR_RETURN_NOT_OK(range("every", &partition->every));
    const bool named_only = partition->bound == ClassicPartition::Bound::kNone && !partition->name.empty();
    return partition->bound != ClassicPartition::Bound::kNone || named_only ? Status::OK() : cursor.SyntaxError();
  }

  // START (MINVALUE), END (MAXVALUE)
  static bool TryUnbounded(Cursor& cursor, std::string_view word, ClassicPartition* partition) {
    const bool start = word == "start";
    const bool named = cursor.Peek().IsSymbol("(") && cursor.Peek(1).Is(start ? "minvalue" : "maxvalue") &&
                       cursor.Peek(2).IsSymbol(")");
    if (!named || word == "every") return false;
    cursor.Seek(cursor.at() + 3);
    (start ? partition->from_minvalue : partition->to_maxvalue) = true;
    return true;
  }

  Result<std::vector<Expression>> Expressions(Cursor& cursor) {
    const size_t begin = cursor.at();
    WEIR_ASSIGN_OR_RETURN(const Tokens inner, cursor.Parenthesized());
    if (inner.empty()) return cursor.SyntaxErrorAt(*inner.data());
    lists_.push_back(cursor.Since(begin));
    std::vector<Expression> expressions;
    for (const Tokens part : SplitAtCommas(inner)) {
      if (part.empty()) return cursor.SyntaxErrorAt(*part.data());
      WEIR_RETURN_NOT_OK(CheckExpression(cursor, part, kPartitionBoundPlace));
      expressions.push_back(statement_.ExpressionOf(part));
    }
    return expressions;
  }

  Result<std::optional<Expression>> Single(Cursor& cursor) {
    const Token& open = cursor.Peek();
    WEIR_ASSIGN_OR_RETURN(std::vector<Expression> expressions, Expressions(cursor));
    if (expressions.size() > 1) return cursor.SyntaxErrorAt(open);
    return std::optional(std::move(expressions.front()));
  }

  const StatementSource& statement_;
  std::vector<Tokens> lists_;
};

}  // namespace

bool IsClassicList(Cursor cursor) {
  if (cursor.Peek().Is(kSubpartition)) return true;
  if (!cursor.TrySymbol("(")) return false;
  if (IsClassicWord(cursor.Peek())) return true;
  if (cursor.Peek().Is("values") && cursor.Peek(1).IsSymbol("(")) return true;
  if (!cursor.Try(kPartition)) return false;
  const Token& after = cursor.Peek(1);
  if (after.Is("values")) return cursor.Peek(2).IsSymbol("(");
  // A name without a bound is a mistake that the catalog names.
  const bool alone = after.IsSymbol(")") || after.IsSymbol(",");
  return alone || after.Is("start") || after.Is("end") || after.Is("every");
}

bool IsClassicPartitioning(Cursor cursor) {
  return cursor.AnyName().ok() && cursor.Parenthesized().ok() && IsClassicList(cursor);
}

Status ParseClassicPartitioning(Cursor& cursor, CreateTable* table) {
  WEIR_ASSIGN_OR_RETURN(table->partition_by, ParseKey(cursor));
  ClassicPartitions classic;
  PartitionReader reader(cursor.statement());
  while (cursor.Try({kSubpartition, "by"})) {
    ClassicLevel& level = classic.levels.emplace_back();
    WEIR_ASSIGN_OR_RETURN(level.by, ParseKey(cursor));
    if (cursor.Try({kSubpartition, "template"})) {
      WEIR_ASSIGN_OR_RETURN(level.pattern, reader.List(cursor, kSubpartition, 0));
    }
  }
  WEIR_ASSIGN_OR_RETURN(classic.partitions, reader.List(cursor, kPartition, 0));
  WEIR_RETURN_NOT_OK(reader.CheckExpressions());
  table->classic_partitions = std::move(classic);
  return Status::OK();
}

}  // namespace weir::sql::dialect
