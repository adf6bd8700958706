#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "client/scan_plan.h"
#include "sql/transaction/commit_history.h"
#include "sql/transaction/key_changes.h"
#include "sql/transaction/leaf.h"
#include "sql/transaction/log_changes.h"
#include "sql/transaction/transaction.h"

namespace weir::sql {

/// What the readers of one scan share.
struct LeafScan {
  LeafPtr leaf;
  std::vector<int> columns;  // wanted, as places in the table
  bool row_ids = false;
  bool last_first = false;
  bool extremes_only = false;
  std::shared_ptr<const ScanPlan> plan;        // of `columns`
  std::shared_ptr<const ScanPlan> keyed_plan;  // PK leaves: of `columns` and after them what else makes keys
  std::shared_ptr<arrow::Schema> schema;  // of `columns`
  std::function<std::optional<Predicate>()> filter_now;  // LeafScanOptions
  std::shared_ptr<CommitHistory> history;
  std::shared_ptr<ColumnCache> read_before;  // columns of log batches
  CommitHistory::Snapshot snapshot = CommitHistory::kLatest;
  /// The transaction's own changes to a PK leaf; null: none.
  std::shared_ptr<const KeyChanges::View> own_keys;

  Gateway& gateway() const { return plan->connection().gateway(); }
};
using LeafScanPtr = std::shared_ptr<const LeafScan>;

/// 42703 for a column that is not there.
Result<std::shared_ptr<LeafScan>> MakeLeafScan(const LeafPtr& leaf, const LeafScanOptions& options);

using HighWatermarks = Future<std::map<int32_t, Result<int64_t>>>;

/// Stored rows of one bucket up to the snapshot, less `deleted`.
std::unique_ptr<LeafReader> ReadLogBucket(LeafScanPtr scan, const TableBucket& bucket, HighWatermarks high_watermarks,
                                          DeletedRows deleted);
/// The stored rows from an offset up to, but not including, another one, less `deleted`.
std::unique_ptr<LeafReader> ReadLogRange(LeafScanPtr scan, const TableBucket& bucket, int64_t begin, int64_t end,
                                         DeletedRows deleted);
std::unique_ptr<LeafReader> ReadKeyBucket(LeafScanPtr scan, const TableBucket& bucket);
/// The stored rows of those encoded keys, as of the snapshot.
std::unique_ptr<LeafReader> ReadKeys(LeafScanPtr scan, const TableBucket& bucket, std::vector<std::string> keys);
/// The stored rows whose encoded keys begin with one of those, of which none begins with another; as of the snapshot.
std::unique_ptr<LeafReader> ReadKeyPrefixes(LeafScanPtr scan, const TableBucket& bucket,
                                            std::vector<std::string> prefixes);
/// The transaction's own rows.
std::unique_ptr<LeafReader> ReadAddedRows(LeafScanPtr scan, std::shared_ptr<const LogChanges::View> added);
/// Of a PK leaf; `keys`: those under them alone.
std::unique_ptr<LeafReader> ReadAddedKeys(LeafScanPtr scan, const std::optional<std::vector<std::string>>& keys);

}  // namespace weir::sql
