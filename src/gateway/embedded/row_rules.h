#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gateway/embedded/sql_definitions.h"
#include "model/partition_level.h"
#include "postgres/type.h"

namespace weir {

/// What a row of a leaf that SQL has made must be by itself: NOT NULL, the values of its types, the bounds of the leaf
/// and of what it is in. Columns are positions in the table's latest schema.
struct RowRules {
  /// A value that lies in a Fluss type which holds more than SQL's.
  struct TypedColumn {
    int column = 0;
    postgres::TypeRef type;
  };
  /// A part of a partition key: a column's value, or the shard of those of the primary key.
  struct KeyPart {
    std::vector<int> columns;  // one, or those that make the shard
    uint32_t value_type = 0;   // of the one: pg_type.oid of what is held as text and compared by its values; 0
    int32_t shards = 0;        // so many there are; 0: it is a column
  };
  /// One level of the tree above the leaf.
  struct Level {
    std::vector<KeyPart> key;
    PartitionLevel partitions;  // first the one that holds the row: a DEFAULT with all its siblings, any other alone

    /// Those of the table that the key is made of.
    std::set<int> Columns() const;
  };

  CatalogTablePtr table;  // as it was when its rules were read
  std::string relation;   // SQL's name
  std::vector<int> not_null;
  std::vector<TypedColumn> typed;
  std::vector<Level> levels;
  /// Why rows cannot be checked here, such as a CHECK, which takes SQL's engine; empty: they can.
  std::string unknown;
  bool is_referenced = false;  // by foreign keys: rows may not go without a look at those that refer to them

  const Schema& schema() const { return table->info.schema(); }
  bool empty() const {
    return not_null.empty() && typed.empty() && levels.empty() && unknown.empty() && !is_referenced;
  }
  /// Whether a row may be made of its primary key alone.
  bool TakeKeysAlone() const;
  /// Those that the rules are about, ascending.
  std::vector<int> Columns() const;
  /// Those of which more is asked than not to be NULL.
  std::set<int> ValueColumns() const;
  /// Holds `row`, which has the schema's columns, to all rules whose columns are in `written` (empty: all columns were
  /// written). `number`: of the row in its batch, from 1. Code 48 names table, constraint, row and value.
  Status Check(RowView row, const std::vector<int>& written, int64_t number) const;
};
using RowRulesPtr = std::shared_ptr<const RowRules>;

/// The rules of a table; null where SQL has none, or has not made it.
Result<RowRulesPtr> FindRowRules(CatalogTablePtr table, SqlDefinitions* definitions);

/// Holds the records of a client's write to the rules of their table. Bytes that cannot be read are an error as the
/// write itself would give it.
Status CheckLogRecords(const RowRules& rules, const std::shared_ptr<arrow::Buffer>& batches);
Status CheckKvRecords(const RowRules& rules, std::string_view batch, const std::vector<int>& target_columns);

}  // namespace weir
