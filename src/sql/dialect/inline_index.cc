#include "sql/dialect/inline_index.h"

#include "sql/dialect/partition.h"
#include "sql/dialect/table_layout.h"

namespace weir::sql::dialect {
namespace {

Result<IndexColumn> ParseInlineColumn(Cursor& cursor) {
  IndexColumn column{.name = {}, .position = cursor.Position()};
  WEIR_ASSIGN_OR_RETURN(column.name, cursor.Name());
  if (!cursor.Try("asc")) column.descending = cursor.Try("desc");
  if (cursor.Try({"nulls", "first"})) column.nulls_first = true;
  if (cursor.Try({"nulls", "last"})) column.nulls_first = false;
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return column;
}

}  // namespace

bool IsInlineIndex(Cursor cursor) {
  if (cursor.Try("unique")) return cursor.Try("index");
  if (!cursor.Try("index")) return false;
  if (cursor.Peek().IsSymbol("(")) return true;
  const TokenKind column = cursor.Peek(2).kind;  // no number, which a type's modifier would be
  return cursor.Peek(1).IsSymbol("(") && (column == TokenKind::kWord || column == TokenKind::kQuotedName);
}

Result<InlineIndex> ParseInlineIndex(Cursor& cursor) {
  InlineIndex read;
  CreateIndex& index = read.index;
  index.unique = cursor.Try("unique");
  WEIR_RETURN_NOT_OK(cursor.Expect("index"));
  if (!cursor.Peek().IsSymbol("(")) {
    WEIR_ASSIGN_OR_RETURN(index.name, cursor.AnyName());
  }
  WEIR_ASSIGN_OR_RETURN(const Tokens columns, cursor.Parenthesized());
  if (columns.empty()) return cursor.SyntaxErrorAt(*columns.data());
  for (const Tokens part : SplitAtCommas(columns)) {
    Cursor column(cursor.statement(), part);
    WEIR_ASSIGN_OR_RETURN(IndexColumn of_key, ParseInlineColumn(column));
    index.columns.push_back(std::move(of_key));
  }
  if (const Tokens sharded = TryBucketCount(cursor); !sharded.empty()) {
    index.position = cursor.statement().Position(sharded.front());
    WEIR_ASSIGN_OR_RETURN(index.shards, ReadBucketCount(sharded, cursor));
  }
  if (cursor.Try("storing") || cursor.Try("covering") || cursor.Try("include")) {
    WEIR_ASSIGN_OR_RETURN(index.included, cursor.Names());
  }
  if (cursor.Try({"partition", "by"})) {
    WEIR_RETURN_NOT_OK(CheckValueLists(cursor.statement(), cursor.Rest()));
    WEIR_ASSIGN_OR_RETURN(read.partitions, ParseInlinePartitions(cursor));
    if (read.partitions && index.shards > 0) return Error("0A000", "sharded indexes don't support partitioning");
  }
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return read;
}

}  // namespace weir::sql::dialect
