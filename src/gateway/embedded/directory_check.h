#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "storage/commit_journal.h"
#include "storage/file_damage.h"
#include "storage/kv_check.h"
#include "storage/log_check.h"
#include "weir/table.h"

namespace weir {

/// The log of a bucket, with what is known of it.
struct BucketCheck {
  TableBucket bucket;
  std::filesystem::path directory;
  bool known = false;  // the catalog has the bucket
  TablePath path;      // of its table; empty: not known
  std::string partition;
  bool has_primary_key = false;
  LogReport log;
  Status status;  // why the log cannot be read at all

  /// "fluss.t partition p bucket 0", or by ids where the catalog does not know it.
  std::string Name() const;
};

/// All that is wrong with the files of a data directory.
struct DirectoryReport {
  std::vector<FileDamage> files;  // but for segments
  bool has_format = false;
  bool ends_damaged = false;
  bool ends_lost = false;  // of some logs, which no other file tells of
  KvReport kv;
  CommitJournal::Report journal;
  std::vector<BucketCheck> buckets;  // every one that has a log, or should; dropped ones not
  int64_t newest_table = -1;         // the highest ids that anything speaks of
  int64_t newest_partition = -1;

  bool clean() const;
};

/// Reads every file of the database in `directory`, without opening it: nothing is changed. The caller has its lock.
Result<DirectoryReport> CheckDirectory(const std::filesystem::path& directory);

}  // namespace weir
