#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "sql/transaction/index_values.h"
#include "sql/transaction/leaf.h"

namespace weir::sql {

/// Where the columns of an index's table come from in the relation of its leaf: the index's key, then the primary key.
/// −1: what is computed.
std::vector<int> SourcesOf(const Relation& leaf, const SqlIndex& index);
/// The columns of a leaf, ascending, that an index's entries are made of.
std::set<int> ColumnsOfEntries(const Relation& leaf, const SqlIndex& index);

/// The keys of rows in an index. A row with a NULL in its key has none where NULLs are distinct, nor has one that does
/// not meet the index's condition.
struct IndexEntries {
  std::shared_ptr<arrow::RecordBatch> keys;  // in the Arrow schema of the index's table
  std::vector<int32_t> rows;                 // whose they are
};

/// `columns`: those of the index's table, null where they are computed. Equal values get one form (0 and −0, NaNs), as
/// the key is compared byte by byte.
Result<IndexEntries> EntriesOf(const Leaf& index, arrow::ArrayVector columns, const ComputedValues& computed,
                               int64_t num_rows);

/// 23505 for an entry that is there already.
Status DuplicateEntry(const Leaf& leaf, const Leaf& index, const std::shared_ptr<arrow::RecordBatch>& keys,
                      int64_t row);

}  // namespace weir::sql
