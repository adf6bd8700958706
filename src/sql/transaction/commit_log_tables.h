#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/scan_plan.h"
#include "client/system_table.h"
#include "commitlog/entry.h"

namespace weir::sql {

/// The table of one epoch of a cluster's commit log (docs/commit-log.md). Not thread-safe.
class EpochTable {
 public:
  /// Nothing where there is none.
  static Result<std::optional<EpochTable>> Find(const Connection& connection, int64_t epoch);
  static Result<EpochTable> FindOrCreate(const Connection& connection, int64_t epoch);
  /// The last epoch whose table there is; 0: none.
  static Result<int64_t> Last(Gateway& gateway);
  /// Nobody reads it any more.
  static void Drop(Gateway& gateway, int64_t epoch);

  int64_t epoch() const { return epoch_; }
  const TablePath& path() const { return table_->info.path; }
  /// The offset behind its last entry.
  Result<int64_t> End() const;
  struct StoredEntry {
    int64_t offset = 0;
    int64_t time_ms = 0;  // when it was appended
    std::string_view bytes;
  };
  using Take = std::function<Status(const StoredEntry& entry)>;
  /// Gives the entries from `offset` up to, but not including, `end`, which are there, in their order.
  Status Read(int64_t offset, int64_t end, const Take& take) const;
  /// Appends entries, together and once, and gives the offset of the first. Code -1 when it is not known whether they
  /// are there; they may be there twice then, or come later.
  Result<int64_t> Append(std::span<const commitlog::Entry> entries);
  Result<int64_t> Append(const commitlog::Entry& entry) { return Append(std::span(&entry, 1)); }

 private:
  EpochTable(int64_t epoch, SystemTablePtr table) : epoch_(epoch), table_(std::move(table)) {}
  TableBucket bucket() const { return {table_->info.table_id, {}, 0}; }

  int64_t epoch_ = 0;
  SystemTablePtr table_;
  std::shared_ptr<const ScanPlan> plan_;
  int64_t writer_id_ = -1;
  int32_t next_sequence_ = 0;
};

}  // namespace weir::sql
