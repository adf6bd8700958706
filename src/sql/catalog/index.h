#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/partition_bound.h"

namespace weir::sql {

/// What an index says of its table. It is a relation of its own. That of a leaf keeps the keys of the leaf's rows in a
/// PK table which nobody is shown (FlussPathOf), an entry a row: the key's columns, k1, k2, …, and, by which the row is
/// found, p1, p2, …, the leaf's own primary key, should it have one. The primary key of that table is the index's key
/// if it is unique, else all of its columns. A row with a NULL in its key is not there, unless NULLs are not distinct:
/// then a column `nulls` behind the key's says which of them are NULL (bit 0: the first), and these hold an empty
/// value. Written in the same commit as the rows (sql/transaction/index_entries.h). An index that is not unique, of a
/// leaf without a primary key, keeps nothing.
struct SqlIndex {
  /// A part of the key that is computed.
  struct Expression {
    std::string text;   // without parentheses around all of it
    std::string label;  // pg_attribute.attname, but for a number that tells equal ones apart: "lower", "expr"
    std::string type;   // PostgreSQL's name
    bool is_call = false;  // it stands in an index's definition without parentheses

    bool operator==(const Expression&) const = default;
  };

  /// How CREATE INDEX orders a column: shown, and of no consequence for uniqueness.
  struct Order {
    bool descending = false;
    bool nulls_first = false;
    std::string operator_class = {};  // empty: the type's own

    bool operator==(const Order&) const = default;
  };

  /// KWDB's partitions of the index: names for parts of its keys, which may have zones. They hold nothing by
  /// themselves.
  struct Partition {
    std::string name;
    std::string values;    // "(1), (2)", "(1) TO (MAXVALUE)": as KWDB shows them
    PartitionBound bound;  // in the order of the index (KeyOrder); an empty tuple of a list is DEFAULT

    /// What they say tells them apart.
    bool operator==(const Partition& other) const { return name == other.name && values == other.values; }
  };
  struct Partitioning {
    std::string strategy;  // "LIST", "RANGE", "HASH"
    size_t columns = 0;    // so many of the key's first ones
    std::vector<Partition> partitions;

    bool operator==(const Partitioning&) const = default;
  };

  int64_t table = -1;
  std::vector<int> columns;      // of the key: pg_attribute.attnum; 0: the next of `expressions`
  std::vector<Order> orders;     // along the columns
  std::vector<int> included;     // INCLUDE (…)
  bool unique = true;
  bool constraint = false;       // it is the one of a UNIQUE constraint, which has its name
  bool partitioned = false;      // of a partitioned table: it holds nothing
  bool valid = true;             // false: of a partitioned table of which a partition has no part of it yet
  bool exclusion = false;        // of an EXCLUDE constraint: it keeps nothing, rows are looked through
  bool primary = false;          // it waits to become the primary key (pending_key.h)
  std::optional<int64_t> parent = {};  // of a partition: the index of its parent that it is a part of
  std::vector<Expression> expressions = {};
  std::string condition = {};  // WHERE: only rows of which it is true are in the index; empty: all
  std::vector<int> uses = {};  // the columns that expressions and condition name: attnums
  bool nulls_distinct = true;
  int32_t shards = 0;  // KWDB's BUCKET_COUNT; 0: it is not sharded (hash_shards.h)
  std::optional<Partitioning> declared = {};  // by KWDB's PARTITION BY

  /// Whether it is of columns alone, and of all rows: what tells rows apart by these columns' values, but for NULLs.
  bool is_plain() const { return expressions.empty() && condition.empty(); }
  /// The expression that is a part of the key; null: the part is a column.
  const Expression* ExpressionAt(size_t part) const;

  bool operator==(const SqlIndex&) const = default;
};

}  // namespace weir::sql
