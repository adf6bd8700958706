#include "sql/dialect/classic_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sql/dialect/column.h"
#include "sql/dialect/create_table.h"
#include "sql/dialect/expression.h"
#include "sql/dialect/postgres.h"
#include "sql/error.h"

namespace weir::sql::dialect {

namespace {

constexpr int kDeepest = 64;  // levels of sub-partitions written within each other

// START (MINVALUE), END (MAXVALUE)
bool TryUnbounded(Cursor& cursor, std::string_view word, ClassicPartition* partition) {
  const bool start = word == "start";
  const bool named = cursor.Peek().IsSymbol("(") && cursor.Peek(1).Is(start ? "minvalue" : "maxvalue") &&
                     cursor.Peek(2).IsSymbol(")");
  if (!named || word == "every") return false;
  cursor.Seek(cursor.at() + 3);
  (start ? partition->from_minvalue : partition->to_maxvalue) = true;
  return true;
}

// What a list says of columns that a partition of it says nothing of.
void AddEncodings(const std::vector<ColumnEncoding>& of_list, ClassicPartition* partition) {
  for (const ColumnEncoding& encoding : of_list) {
    const bool said = std::ranges::find(partition->encodings, encoding.column, &ColumnEncoding::column) !=
                      partition->encodings.end();
    if (!said) partition->encodings.push_back(encoding);
  }
}

}  // namespace

bool IsClassicBound(const Cursor& cursor) {
  const Token& word = cursor.Peek();
  return (word.Is("start") || word.Is("end") || word.Is("values")) && cursor.Peek(1).IsSymbol("(");
}

Result<std::vector<ClassicPartition>> ClassicReader::List(Cursor& cursor, std::string_view word, int depth) {
  if (depth > kDeepest) return Error("54001", "stack depth limit exceeded", {.hint = "Write it with fewer levels."});
  WEIR_ASSIGN_OR_RETURN(const Tokens inner, cursor.Parenthesized());
  if (inner.empty()) return cursor.SyntaxErrorAt(*inner.data());
  return Elements(cursor, inner, word, depth);
}

Result<std::vector<ClassicPartition>> ClassicReader::Elements(const Cursor& cursor, Tokens list,
                                                              std::string_view word, int depth) {
  std::vector<ClassicPartition> partitions;
  std::vector<ColumnEncoding> encodings;
  for (const Tokens part : SplitAtCommas(list)) {
    if (part.empty()) return cursor.SyntaxErrorAt(*part.data());
    Cursor element(statement_, part);
    if (IsEncodingElement(element)) {
      WEIR_ASSIGN_OR_RETURN(encodings.emplace_back(), ParseEncodingElement(element));
      WEIR_RETURN_NOT_OK(element.ExpectEnd());
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(ClassicPartition partition, Element(element, word, depth));
    WEIR_RETURN_NOT_OK(element.ExpectEnd());
    partitions.push_back(std::move(partition));
  }
  if (partitions.empty()) return cursor.SyntaxErrorAt(list.front());
  for (ClassicPartition& partition : partitions) AddEncodings(encodings, &partition);
  return partitions;
}

// VALUES (1), (2), each where it stands.
Status ClassicReader::CheckExpressions() const {
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

Result<ClassicPartition> ClassicReader::Element(Cursor& cursor, std::string_view word, int depth) {
  ClassicPartition partition{.position = cursor.Position()};
  partition.is_default = cursor.Try("default");
  if (partition.is_default) WEIR_RETURN_NOT_OK(cursor.Expect(word));
  if (partition.is_default || cursor.Try(word)) {
    WEIR_ASSIGN_OR_RETURN(partition.name, cursor.AnyName());
  }
  if (!partition.is_default) WEIR_RETURN_NOT_OK(Bound(cursor, &partition));
  WEIR_RETURN_NOT_OK(Rest(cursor, depth, &partition));
  return partition;
}

Status ClassicReader::Rest(Cursor& cursor, int depth, ClassicPartition* partition) {
  if (cursor.Try("with")) {
    WEIR_ASSIGN_OR_RETURN(const Tokens options, cursor.Parenthesized());
    partition->options = OptionsOf(statement_, options);
  }
  if (cursor.Try("tablespace")) {
    WEIR_ASSIGN_OR_RETURN(partition->tablespace, cursor.AnyName());
  }
  while (!cursor.AtEnd() && IsEncodingElement(cursor)) {
    WEIR_ASSIGN_OR_RETURN(partition->encodings.emplace_back(), ParseEncodingElement(cursor));
  }
  if (!cursor.AtEnd() && cursor.Peek().IsSymbol("(")) {
    WEIR_ASSIGN_OR_RETURN(partition->parts, List(cursor, "subpartition", depth + 1));
  }
  return Status::OK();
}

Status ClassicReader::Bound(Cursor& cursor, ClassicPartition* partition) {
  if (cursor.Try("values")) {
    partition->bound = ClassicPartition::Bound::kList;
    WEIR_ASSIGN_OR_RETURN(partition->values, Expressions(cursor));
    return Status::OK();
  }
  WEIR_RETURN_NOT_OK(Edge(cursor, "start", partition, &partition->start));
  if (partition->start && !cursor.Try("inclusive")) partition->start_exclusive = cursor.Try("exclusive");
  WEIR_RETURN_NOT_OK(Edge(cursor, "end", partition, &partition->end));
  if (partition->end && !cursor.Try("exclusive")) partition->end_inclusive = cursor.Try("inclusive");
  if (partition->start || partition->end) WEIR_RETURN_NOT_OK(Edge(cursor, "every", partition, &partition->every));
  const bool named_only = partition->bound == ClassicPartition::Bound::kNone && !partition->name.empty();
  return partition->bound != ClassicPartition::Bound::kNone || named_only ? Status::OK() : cursor.SyntaxError();
}

Status ClassicReader::Edge(Cursor& cursor, std::string_view word, ClassicPartition* partition,
                           std::optional<Expression>* value) {
  if (!cursor.Try(word)) return Status::OK();
  partition->bound = ClassicPartition::Bound::kRange;
  if (TryUnbounded(cursor, word, partition)) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(*value, Single(cursor));
  return Status::OK();
}

Result<std::vector<Expression>> ClassicReader::Expressions(Cursor& cursor) {
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

Result<std::optional<Expression>> ClassicReader::Single(Cursor& cursor) {
  const Token& open = cursor.Peek();
  WEIR_ASSIGN_OR_RETURN(std::vector<Expression> expressions, Expressions(cursor));
  if (expressions.size() > 1) return cursor.SyntaxErrorAt(open);
  return std::optional(std::move(expressions.front()));
}

}  // namespace weir::sql::dialect
