#pragma once

#include <string_view>
#include <vector>

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// START (, END ( or VALUES ( under the cursor.
bool IsClassicBound(const Cursor& cursor);

/// Reads partitions in Cloudberry's classic syntax. What their expressions are made of is noted, to be checked
/// together when the statement has been read.
class ClassicReader {
 public:
  explicit ClassicReader(const StatementSource& statement) : statement_(statement) {}

  /// `(PARTITION …, …)`, the parentheses included. `word`: "partition" or "subpartition".
  Result<std::vector<ClassicPartition>> List(Cursor& cursor, std::string_view word, int depth = 0);
  /// What the parentheses hold.
  Result<std::vector<ClassicPartition>> Elements(const Cursor& cursor, Tokens list, std::string_view word,
                                                 int depth = 0);
  /// `VALUES (…)`, or START, END and EVERY.
  Status Bound(Cursor& cursor, ClassicPartition* partition);
  /// What follows the bound: WITH, TABLESPACE, ENCODING and sub-partitions.
  Status Rest(Cursor& cursor, int depth, ClassicPartition* partition);
  /// `(expression, …)`
  Result<std::vector<Expression>> Expressions(Cursor& cursor);

  /// PostgreSQL's grammar has the last word on expressions.
  Status CheckExpressions() const;

 private:
  Result<ClassicPartition> Element(Cursor& cursor, std::string_view word, int depth);
  Status Edge(Cursor& cursor, std::string_view word, ClassicPartition* partition, std::optional<Expression>* value);
  Result<std::optional<Expression>> Single(Cursor& cursor);

  const StatementSource& statement_;
  std::vector<Tokens> lists_;
};

}  // namespace weir::sql::dialect
