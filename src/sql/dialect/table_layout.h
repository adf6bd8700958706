#pragma once

#include <optional>
#include <vector>

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// A clause behind the columns of CREATE TABLE, in the order that PostgreSQL wants them in.
enum class TailKind { kInherits, kPartitionBy, kUsing, kWith, kOnCommit, kTablespace, kDistributed };

struct TailClause {
  TailKind kind;
  Tokens tokens;
  Tokens body;     // without the leading keywords
  Tokens foreign;  // what PostgreSQL does not know: KWDB's and the classic lists of partitions, PARTITION BY NOTHING
};

/// CREATE TABLE cut into its parts, before any of them is understood.
struct TableLayout {
  bool temporary = false;
  bool unlogged = false;
  bool if_not_exists = false;
  QualifiedName name;
  std::optional<QualifiedName> parent;  // PARTITION OF
  std::optional<QualifiedName> of_type;  // OF
  std::optional<Tokens> elements;       // what the parentheses hold
  Tokens bound;
  std::vector<TailClause> tail;
  bool as = false;
  Tokens query;  // behind AS
};

/// An error where the statement has another shape than these.
Result<TableLayout> ReadTableLayout(const StatementSource& statement);

/// Whether PostgreSQL's grammar takes the statement, its clauses in any order and the additions left out.
Status CheckTableSyntax(const StatementSource& statement, const TableLayout& layout);

/// `USING HASH WITH BUCKET_COUNT = n` under the cursor: its tokens, which the cursor passes; none when it is not there.
Tokens TryBucketCount(Cursor& cursor);
/// The n of such a clause, an integer literal. 22023, 22003 for what is no number of shards.
Result<int32_t> ReadBucketCount(Tokens clause, const Cursor& cursor);
/// `ENCODING ( … )` in the same way.
Tokens TryEncoding(Cursor& cursor);
/// KWDB's `AS ( … ) STORED`, likewise, where GENERATED ALWAYS is not before it.
Tokens TryComputed(Cursor& cursor);

}  // namespace weir::sql::dialect
