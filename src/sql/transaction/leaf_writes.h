#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "gateway/gateway.h"
#include "sql/transaction/key_changes.h"
#include "sql/transaction/leaf.h"
#include "sql/transaction/log_changes.h"

namespace weir::sql {

/// Batches of so many rows and more are written with the statistics of all their columns.
inline constexpr int64_t kWorthStatistics = 1024;

/// The relation's rows as its table has them: in its Arrow schema, with the columns that SQL has dropped, keys in one
/// form (key_forms.h). 23502 for a NULL where none may be, 42804 for columns that are not the relation's.
Result<std::shared_ptr<arrow::RecordBatch>> CheckRows(const Leaf& leaf,
                                                      const std::shared_ptr<arrow::RecordBatch>& rows);

/// Rows that the transaction has added before columns were: with those, too, and in the table's Arrow schema.
Result<std::shared_ptr<arrow::RecordBatch>> WithAllColumns(const Leaf& leaf,
                                                           const std::shared_ptr<arrow::RecordBatch>& rows);

/// 23505 for one of `rows`, which is in the leaf's schema.
Status DuplicateKey(const Leaf& leaf, const std::shared_ptr<arrow::RecordBatch>& rows, int64_t row);

/// What a commit writes to a leaf: one entry a bucket. Rows of a log leaf without a bucket key go to
/// buckets one after the other, from `next_bucket`, which moves on. 54000 for more than one write takes.
Result<std::vector<BucketRecords>> EncodeAdded(const Leaf& leaf, const LogChanges& changes, bool with_statistics,
                                               uint32_t* next_bucket);
/// `looked_up_at`: by bucket, where its changelog ended before the changed keys were looked up.
Result<std::vector<BucketRecords>> EncodeChanged(const Leaf& leaf, const KeyChanges& changes,
                                                 const std::map<int32_t, int64_t>& looked_up_at);

/// One write of all, in their order; absent where they cannot be one: keys under different schemas, or too much. They
/// have no keys in common.
std::optional<CommitRequest> JoinWrites(const std::vector<const CommitRequest*>& writes);

/// Adds writes to those that there are of a table; they come table by table.
template <typename Request>
void AddBuckets(int64_t table_id, std::vector<BucketRecords> buckets, std::vector<Request>* requests) {
  if (buckets.empty()) return;
  if (requests->empty() || requests->back().table_id != table_id) requests->emplace_back().table_id = table_id;
  std::ranges::move(buckets, std::back_inserter(requests->back().buckets));
}

}  // namespace weir::sql
