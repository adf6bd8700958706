#include "sql/dialect/classic_partition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sql/dialect/classic_reader.h"
#include "sql/dialect/partition.h"
#include "sql/dialect/postgres.h"
#include "sql/error.h"

namespace weir::sql::dialect {

namespace {

constexpr std::string_view kPartition = "partition";
constexpr std::string_view kSubpartition = "subpartition";

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

// A kept text has no place in the statement that uses it.
void ForgetPositions(std::vector<ClassicPartition>* partitions) {
  for (ClassicPartition& partition : *partitions) {
    partition.position = 0;
    for (Expression& value : partition.values) value.position = 0;
    for (std::optional<Expression>* edge : {&partition.start, &partition.end, &partition.every}) {
      if (*edge) (*edge)->position = 0;
    }
    for (ColumnEncoding& encoding : partition.encodings) encoding.position = 0;
    if (partition.parts) ForgetPositions(&*partition.parts);
  }
}

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
  ClassicReader reader(cursor.statement());
  while (cursor.Try({kSubpartition, "by"})) {
    ClassicLevel& level = classic.levels.emplace_back();
    WEIR_ASSIGN_OR_RETURN(level.by, ParseKey(cursor));
    if (cursor.Try({kSubpartition, "template"})) {
      const size_t begin = cursor.at();
      WEIR_ASSIGN_OR_RETURN(level.pattern, reader.List(cursor, kSubpartition));
      const Tokens list = cursor.Since(begin);
      level.pattern_text = std::string(cursor.statement().Slice(list.subspan(1, list.size() - 2)));
    }
  }
  WEIR_ASSIGN_OR_RETURN(classic.partitions, reader.List(cursor, kPartition));
  WEIR_RETURN_NOT_OK(reader.CheckExpressions());
  table->classic_partitions = std::move(classic);
  return Status::OK();
}

Result<std::vector<ClassicPartition>> ReadTemplate(std::string_view text) {
  WEIR_ASSIGN_OR_RETURN(const Source source, Source::Of(text));
  WEIR_ASSIGN_OR_RETURN(const std::vector<Token> tokens, Scan(source));
  const auto size = static_cast<uint32_t>(text.size());
  const StatementSource statement{&source, tokens, Token{.begin = size, .end = size, .text = {}}};
  const Cursor cursor(statement);
  ClassicReader reader(statement);
  WEIR_ASSIGN_OR_RETURN(auto partitions, reader.Elements(cursor, statement.tokens, kSubpartition));
  ForgetPositions(&partitions);
  return partitions;
}

}  // namespace weir::sql::dialect
