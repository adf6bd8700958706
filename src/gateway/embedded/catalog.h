#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/gateway.h"
#include "model/table_options.h"
#include "model/table_rules.h"
#include "storage/bucket.h"
#include "storage/key_layout.h"
#include "storage/kv_store.h"
#include "types/mutex.h"
#include "types/recently_used.h"
#include "weir/table.h"

namespace weir {

/// A table as the catalog holds it: immutable, replaced when the table is altered.
struct CatalogTable {
  TableInfo info;
  std::shared_ptr<const std::map<int32_t, Schema>> schemas;  // every one it ever had, by id
  std::shared_ptr<const TableContext> context;
  /// Where the keys of a primary key table with several buckets belong. Null: of any other, and of one whose key has
  /// types that there is no form for, which its buckets say.
  std::shared_ptr<const KeyLayout> key_layout;

  const TableOptions& options() const { return context->options; }
};
using CatalogTablePtr = std::shared_ptr<const CatalogTable>;

/// A table to be made, with the partitions it has from the start.
struct CatalogNewTable {
  TablePath path;
  TableDescriptor descriptor;
  std::vector<std::string> partitions;
};

struct CatalogPartition {
  int64_t table_id = -1;
  int64_t partition_id = -1;
  std::string name;
};

/// A table or partition whose metadata is gone and whose files and rows still have to go.
struct PendingDrop {
  int64_t table_id = -1;
  std::optional<int64_t> partition_id;
};

Status DatabaseMissing(const std::string& name);

class CatalogChange;
struct CatalogChangeRecord;

/// The metadata of a data directory, kept as records in the KvStore's catalog
/// (docs/storage-format-catalog.md). Every change is one atomic write, durable on return; lookups
/// cost O(log n) and nothing is read before it is asked for. Thread-safe.
class Catalog {
 public:
  /// Reads the id counters; a new catalog gets the database `fluss`. `most_tables`: so many are kept once they are
  /// read.
  static Result<std::unique_ptr<Catalog>> Open(KvStore* store, int64_t now_ms, size_t most_tables);

  // Databases. Codes 6, 4 and 5.
  Status CreateDatabase(const std::string& name, const DatabaseDescriptor& descriptor, int64_t now_ms);
  /// Code 4.
  Status ChangeDatabase(const std::string& name, const std::function<void(DatabaseDescriptor*)>& change,
                        int64_t now_ms);
  /// The database must be empty (code 5).
  Status DropDatabase(const std::string& name);
  Result<std::optional<DatabaseInfo>> FindDatabase(const std::string& name) const;
  Result<std::vector<std::string>> ListDatabases() const;

  // Tables. `descriptor` is complete and valid. Codes 4 and 8.
  /// All or none; `ignore_if_exists` passes over those that are there.
  Status CreateTables(const std::vector<CatalogNewTable>& tables, bool ignore_if_exists, int64_t now_ms);
  /// Tables that are found by their ids alone, until a change names them. In the order given.
  Result<std::vector<TableInfo>> CreatePending(const std::vector<CatalogNewTable>& tables, int64_t now_ms);
  Result<bool> IsPending(int64_t table_id) const;
  Result<std::vector<int64_t>> ListPending() const;
  /// Drops those of them that still have no name.
  Result<std::vector<PendingDrop>> DropPending(const std::vector<int64_t>& table_ids);
  /// Schemas that tables do not have yet, and may have from a commit's change on. Gives their ids, in the order given.
  /// Codes 7 and 56.
  Result<std::vector<int32_t>> AddPendingSchemas(const std::vector<NewSchema>& schemas);
  /// Stores `descriptor` as the table's new one; a schema that differs gets the next id. Code 7.
  Result<CatalogTablePtr> ReplaceTable(int64_t table_id, const TableDescriptor& descriptor, int64_t now_ms);
  /// Code 7.
  Result<PendingDrop> DropTable(const TablePath& path);
  /// Null when there is none.
  Result<CatalogTablePtr> FindTable(const TablePath& path);
  Result<CatalogTablePtr> FindTable(int64_t table_id);
  Result<std::vector<std::string>> ListTables(const std::string& database) const;
  /// Ids of tables with auto partitioning.
  Result<std::vector<int64_t>> ListAutoPartitionedTables() const;
  /// Up to `limit` table ids from `first` on, ascending.
  Result<std::vector<int64_t>> ListTableIds(int64_t first, size_t limit) const;

  // Partitions, by name (docs/fluss-formats.md, "Metadata"). Codes 7, 42, 45 and 36.
  /// All or none; `ignore_if_exists` passes over those that are there.
  Status CreatePartitions(const CatalogTable& table, const std::vector<std::string>& names, bool ignore_if_exists,
                          int32_t max_partitions);
  Result<PendingDrop> DropPartition(const CatalogTable& table, const std::string& name);
  Result<std::optional<int64_t>> FindPartition(int64_t table_id, const std::string& name) const;
  Result<std::optional<CatalogPartition>> FindPartition(int64_t partition_id) const;
  Result<std::vector<CatalogPartition>> ListPartitions(int64_t table_id) const;
  Result<int64_t> CountPartitions(int64_t table_id) const;

  /// The first of `count` writer ids.
  Result<int64_t> ReserveWriterIds(int64_t count);
  /// Up to `count` auto-increment values of a table, from 1: those that were given back first.
  Result<ValueRange> ReserveAutoIncrement(int64_t table_id, int64_t count);
  /// Takes back reserved values that nobody has used. None of a table that is gone.
  Status ReturnAutoIncrement(int64_t table_id, ValueRange values);

  // Dropping is two steps: the metadata at once, then files and rows, then the record of the debt.
  Result<std::vector<PendingDrop>> ListPendingDrops();
  Status FinishDrop(const PendingDrop& drop);

  // Changes that come with a commit.
  /// Checks that the change fits what is there (codes 4 to 8) and holds off all others until it is applied or goes.
  Result<std::shared_ptr<CatalogChange>> BeginChange(const MetadataChange& change, int64_t now_ms);
  /// Applies what a journal has kept, unless that was done.
  Status Redo(std::string_view record);
  /// Whether that was done. Code 3 when it is no change.
  Result<bool> IsApplied(std::string_view record) const;

  /// The id that the next table gets.
  int64_t next_table_id() const;
  /// Has tables and partitions get no ids up to these, nor `more` that would come next.
  Status SkipIds(int64_t table_id, int64_t partition_id, int64_t more);

 private:
  friend class CatalogChange;
  Catalog(KvStore* store, size_t most_tables) : store_(store), most_tables_(most_tables) {}

  using Changes = std::vector<KvStore::Change>;
  Status Write(const Changes& changes);
  Status LoadCounters(int64_t now_ms) WEIR_REQUIRES(write_mutex_);
  Result<CatalogTablePtr> LoadTable(int64_t table_id);
  Result<Schema> ReadSchema(const std::string& text);
  Result<CatalogTablePtr> MakeTable(TableInfo info, std::map<int32_t, Schema> schemas);
  Result<std::vector<std::string>> ListNames(const std::string& prefix) const;
  static KvStore::Change NewDatabase(const std::string& name, const DatabaseDescriptor& descriptor, int64_t now_ms);
  /// A table's record. The schema is a record of its own, and the one in the descriptor the latest.
  static std::string TableValue(const TableInfo& info);
  /// All records of a table but the one that names it.
  Result<TableInfo> AddTable(const CatalogNewTable& table, int64_t id, int64_t now_ms, Changes* changes)
      WEIR_REQUIRES(write_mutex_);
  PendingDrop RemoveTable(int64_t table_id, Changes* changes);
  /// Leaves the table's count as it is.
  PendingDrop RemovePartition(const CatalogPartition& partition, Changes* changes);
  void AddPartitions(int64_t table_id, const std::vector<std::string>& names, Changes* changes)
      WEIR_REQUIRES(write_mutex_);
  /// Writes what may add partitions; their ids are free again when that fails.
  Status WriteNew(const Changes& changes, int64_t first_partition_id) WEIR_REQUIRES(write_mutex_);
  Result<int64_t> ReadNumber(const std::string& key, int64_t if_missing) const;
  void Forget(int64_t table_id);
  void ForgetPath(const TableInfo& info) WEIR_REQUIRES(cache_mutex_);
  void KeepAbsent(const TablePath& path, uint64_t epoch);
  void ForgetAbsent();

  /// For what changes names: waits for a commit's change. Code -1 when one is in doubt.
  Status AwaitChange(MutexLock& lock) WEIR_REQUIRES(write_mutex_);
  Status CheckChange(const MetadataChange& change) const;
  Status CheckDatabases(const MetadataChange& change, const std::set<int64_t>& dropped) const;
  Status CheckNewTables(const MetadataChange& change, const std::set<int64_t>& dropped) const;
  Result<std::map<int64_t, TablePath>> NewNames(const MetadataChange& change) const;
  /// The path that a pending table will have.
  Result<TablePath> PendingPath(int64_t table_id) const;
  /// Nothing when there is no such table.
  Result<std::optional<TablePath>> PathOf(int64_t table_id) const;
  Status AddDrops(const MetadataChange& change, Changes* changes);
  /// Codes 7, 9 and 56.
  Result<CatalogTablePtr> Altered(const TableAlteration& alteration, int64_t now_ms);
  Result<std::vector<CatalogTablePtr>> AlteredTables(const CatalogChangeRecord& record);
  Status AddAlterations(const std::vector<CatalogTablePtr>& altered, const std::map<int64_t, TablePath>& names,
                        Changes* changes);
  /// `altered`: what AlteredTables gives.
  Status Apply(const CatalogChangeRecord& record, const std::vector<CatalogTablePtr>& altered);
  void EndChange(const Status& doubt);

  KvStore* const store_;
  const size_t most_tables_;
  mutable Mutex write_mutex_;  // one change at a time
  int64_t next_table_id_ WEIR_GUARDED_BY(write_mutex_) = 0;
  int64_t next_partition_id_ WEIR_GUARDED_BY(write_mutex_) = 0;
  int64_t applied_change_ WEIR_GUARDED_BY(write_mutex_) = 0;
  bool changing_ WEIR_GUARDED_BY(write_mutex_) = false;  // a commit's change is under way
  Status doubt_ WEIR_GUARDED_BY(write_mutex_);           // about the last of them
  std::condition_variable change_ended_;

  // Keys of the drops that are pending, as the store has them: what is gone would be in a scan's way. Nothing: not
  // read.
  Mutex drops_mutex_;
  std::optional<std::set<std::string>> drops_ WEIR_GUARDED_BY(drops_mutex_);

  // Recently used tables. `epoch` tells a reader that what it has loaded may be out of date.
  Mutex cache_mutex_;
  RecentlyUsed<int64_t, CatalogTablePtr> cache_ WEIR_GUARDED_BY(cache_mutex_);
  std::map<TablePath, int64_t> ids_by_path_ WEIR_GUARDED_BY(cache_mutex_);  // of cached tables
  RecentlyUsed<std::string, Schema> schemas_ WEIR_GUARDED_BY(cache_mutex_);  // by their texts
  std::set<TablePath> absent_ WEIR_GUARDED_BY(cache_mutex_);                // that were asked for, and no table has
  uint64_t cache_epoch_ WEIR_GUARDED_BY(cache_mutex_) = 0;
};

}  // namespace weir
