#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/scan_plan.h"
#include "sql/transaction/asked_ends.h"
#include "sql/transaction/commit_history.h"
#include "sql/transaction/key_changes.h"
#include "sql/transaction/leaf.h"
#include "sql/transaction/log_changes.h"
#include "sql/transaction/transaction.h"

namespace weir::sql {

/// Rows of a PK leaf that a statement has looked up to change them, so that they need not be looked up again: by bucket
/// and encoded key the hash of what was stored there. Thread-safe.
class RowsRead {
 public:
  static constexpr size_t kMost = 1024;

  explicit RowsRead(int64_t statement) : statement_(statement) {}

  int64_t statement() const { return statement_; }
  void Add(int32_t bucket, std::string_view key, uint64_t hash) {
    std::lock_guard lock(mutex_);
    if (hashes_.size() < kMost) hashes_.emplace(std::pair(bucket, std::string(key)), hash);
  }
  std::optional<uint64_t> Find(int32_t bucket, std::string_view key) const {
    std::lock_guard lock(mutex_);
    const auto found = hashes_.find(std::pair(bucket, std::string(key)));
    return found == hashes_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  const int64_t statement_;
  mutable std::mutex mutex_;
  std::map<std::pair<int32_t, std::string>, uint64_t> hashes_;
};

/// What the readers of one scan share.
struct LeafScan {
  LeafPtr leaf;
  std::vector<int> columns;  // wanted, as places in the table
  bool row_ids = false;
  bool last_first = false;
  bool extremes_only = false;
  std::optional<Predicate> filter;
  std::shared_ptr<const ScanPlan> plan;   // of `columns`
  std::shared_ptr<arrow::Schema> schema;  // of `columns`
  std::function<std::optional<Predicate>()> filter_now;  // LeafScanOptions
  std::shared_ptr<CommitHistory> history;
  std::shared_ptr<ColumnCache> read_before;  // columns of log batches
  CommitHistory::Snapshot snapshot = CommitHistory::kLatest;
  /// The transaction's own changes to a PK leaf; null: none.
  std::shared_ptr<const KeyChanges::View> own_keys;
  std::shared_ptr<AskedEnds> ends;  // null: nobody else commits
  size_t asked = 0;                 // the leaf's among them
  /// Where rows are noted that are looked up by their keys; null: nobody asks.
  std::shared_ptr<RowsRead> rows_read;

  Gateway& gateway() const { return plan->connection().gateway(); }
};
using LeafScanPtr = std::shared_ptr<const LeafScan>;

/// 42703 for a column that is not there.
Result<std::shared_ptr<LeafScan>> MakeLeafScan(const LeafPtr& leaf, const LeafScanOptions& options);

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
