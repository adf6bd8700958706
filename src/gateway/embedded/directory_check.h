#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "storage/commit_journal.h"
#include "storage/file_damage.h"
#include "storage/kv_check.h"
#include "storage/log_check.h"
#include "weir/table.h"

namespace weir {

/// What the catalog's records tell of tables, without a catalog that is open.
struct CatalogNames {
  struct Table {
    TablePath path;
    bool has_primary_key = false;
    int32_t buckets = 0;
    bool partitioned = false;
  };
  struct Partition {
    int64_t table_id = -1;
    std::string name;
  };
  std::map<int64_t, Table> tables;
  std::map<int64_t, Partition> partitions;
  std::set<int64_t> dropped_tables;  // metadata is gone, files may be there
  std::set<int64_t> dropped_partitions;

  /// Records that cannot be read are passed over.
  static CatalogNames Of(const std::map<std::string, std::string>& records);
  bool Knows(const TableBucket& bucket) const;
  bool IsDropped(const TableBucket& bucket) const;
};

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
