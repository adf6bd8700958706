#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sql/dialect/qualified_name.h"

namespace weir::sql {

/// An expression in an index's definition, as it is written.
struct IndexExpression {
  std::string text;      // without parentheses around all of it
  int position = 0;
  std::string label = {};  // what PostgreSQL calls it: "lower", "expr"
  bool is_call = false;    // PostgreSQL shows it without parentheses
};

/// A column of an index, or an expression.
struct IndexColumn {
  std::string name;  // empty: an expression
  std::string collation = {};
  std::string operator_class = {};
  bool descending = false;
  std::optional<bool> nulls_first = {};  // absent: where the order puts them
  int position = 0;
  std::optional<IndexExpression> expression = {};
};

/// CREATE [UNIQUE] INDEX.
struct CreateIndex {
  std::optional<std::string> name;  // absent: chosen
  QualifiedName table;
  std::vector<IndexColumn> columns;
  std::vector<std::string> included;
  std::optional<IndexExpression> condition = {};  // WHERE
  bool unique = false;
  bool nulls_not_distinct = false;
  int32_t shards = 0;  // KWDB's USING HASH WITH BUCKET_COUNT = n; 0: not said
  int position = 0;    // of that
  bool if_not_exists = false;
  bool concurrently = false;
  bool only = false;  // ON ONLY: its partitions get no parts of it
};
/// ALTER INDEX … ATTACH PARTITION.
struct AttachIndex {
  QualifiedName name;
  QualifiedName partition;
};
struct RenameIndex {
  QualifiedName name;
  std::string new_name;
  bool if_exists = false;
};
struct DropIndexes {
  std::vector<QualifiedName> names;
  bool if_exists = false;
  bool cascade = false;
  bool concurrently = false;
};

}  // namespace weir::sql
