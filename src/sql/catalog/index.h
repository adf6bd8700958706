#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace weir::sql {

/// What an index says of its table. It is a relation of its own. That of a leaf keeps the keys of the leaf's rows in a PK
/// table which nobody is shown (FlussPathOf), an entry a row: the key's columns, k1, k2, …, and, by which the row is
/// found, p1, p2, …, the leaf's own primary key, should it have one. The primary key of that table is the index's key if
/// it is unique, else all of its columns. A row with a NULL in its key is not there. Written in the same commit as the
/// rows (sql/transaction/index_entries.h). An index that is not unique, of a leaf without a primary key, keeps nothing.
struct SqlIndex {
  /// How CREATE INDEX orders a column: shown, and of no consequence for uniqueness.
  struct Order {
    bool descending = false;
    bool nulls_first = false;

    bool operator==(const Order&) const = default;
  };

  int64_t table = -1;
  std::vector<int> columns;      // of the key: pg_attribute.attnum
  std::vector<Order> orders;     // along the columns
  std::vector<int> included;     // INCLUDE (…)
  bool unique = true;
  bool constraint = false;       // it is the one of a UNIQUE constraint, which has its name
  bool partitioned = false;      // of a partitioned table: it holds nothing
  bool valid = true;             // false: of a partitioned table of which a partition has no part of it yet
  bool primary = false;          // it waits to become the primary key (pending_key.h)
  std::optional<int64_t> parent = {};  // of a partition: the index of its parent that it is a part of

  bool operator==(const SqlIndex&) const = default;
};

}  // namespace weir::sql
