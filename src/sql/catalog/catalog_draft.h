#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "model/bound_index.h"
#include "sql/catalog/catalog.h"
#include "sql/catalog/catalog_store.h"
#include "types/mutex.h"

namespace weir::sql {

class CatalogImpl;

/// Where the logs of a table end, by bucket.
Result<std::map<int32_t, int64_t>> LogEnds(Gateway& gateway, const TableInfo& table);

/// The catalog as one transaction has changed it: what its own statements see and nobody else, until
/// Catalog::Commit. Reads go through to what is committed wherever the draft has no word of its own; a statement costs
/// O(log n) in partitions, the draft's included. What was made after a savepoint goes with RollbackTo, all of it with
/// the draft. Used by one session; its statements may read from many threads.
class CatalogDraft final : public CatalogView {
 public:
  explicit CatalogDraft(std::shared_ptr<CatalogImpl> base);
  /// Drops the tables that were made for a draft that was not committed.
  ~CatalogDraft() override;

  Result<std::vector<std::string>> ListDatabases() override;
  Result<bool> DatabaseExists(const std::string& name) override;
  Result<std::vector<RelationPtr>> ListRelations(const std::string& database) override;
  Result<std::vector<RelationPtr>> ListNamed(const std::string& database, const std::string& name) override;
  Result<RelationPtr> Find(const TablePath& path) override;
  Result<RelationPtr> FindById(int64_t id) override;
  Result<PartitionChildrenPtr> Children(const Relation& relation) override;
  Result<ZoneMapPtr> Zones() override;
  Result<ForeignServersPtr> Servers() override;
  Result<CommentMapPtr> Comments() override;
  Result<TypeMapPtr> Types() override;

  /// What a new partition is held against. Keep it short: nobody's changes become visible while it lives.
  struct Siblings {
    std::shared_lock<std::shared_mutex> lock;
    std::shared_ptr<const BoundIndex> committed;      // null: the parent is this draft's
    const std::unordered_set<int64_t>* gone = nullptr;  // of those
    const BoundIndex* own = nullptr;
    size_t count = 0;  // of both

    std::optional<int64_t> default_child() const;
  };
  Result<Siblings> SiblingsOf(const Relation& parent);

  // Changes.
  Result<int64_t> TakeIds(int64_t count);
  /// Whether servers that know nothing of each other commit to the target: an Apache Fluss cluster, whose tables are no
  /// part of a commit and cannot be changed.
  bool is_of_cluster() const;
  /// `relation` is there from now on, in the place of `before` where that is not null.
  void Put(std::shared_ptr<Relation> relation, const RelationPtr& before);
  void Remove(const RelationPtr& relation);
  void PutDatabase(const std::string& name) { SetDatabase(name, true); }
  void RemoveDatabase(const std::string& name) { SetDatabase(name, false); }
  /// Sets the zone of an object, or takes it away.
  Status PutZone(const std::string& key, std::optional<ZoneFields> fields);
  /// A server is there under the name, or is not any more.
  Status PutServer(const std::string& name, std::optional<ForeignServer> server);
  /// What is said under the key; nothing: no more.
  Status PutComment(const std::string& key, std::optional<std::string> text);
  /// The type is there from now on, in the place of the one that has its OID.
  Status PutType(const postgres::MadeTypePtr& type) { return ChangeType(type->oid, type); }
  Status RemoveType(postgres::Oid oid) { return ChangeType(oid, std::nullopt); }
  /// Whether the draft has made the type, so that nobody else knows it.
  bool MakesType(postgres::Oid oid) const;
  /// Something of the draft needs the type: the commit fails (40001) where it is another by then.
  void NoteUseOf(const postgres::MadeTypePtr& type) { used_types_[type->oid] = type; }

  bool empty() const { return steps_.empty(); }
  /// A mark to which RollbackTo returns.
  size_t Savepoint() const { return steps_.size(); }
  void RollbackTo(size_t savepoint);
  /// Relations of others, too, that the changes since a mark have taken away, or whose columns they have changed.
  std::vector<RelationPtr> TakenSince(size_t savepoint) const;
  /// The names that the changes since a mark have given to relations.
  std::vector<TablePath> NamedSince(size_t savepoint) const;

  /// Makes the Fluss tables of new leaves, and the schemas of those whose columns have changed, so that rows can be
  /// written to them: tables under no name where the target can (Gateway::CreatePendingTables), else as tables that SQL
  /// does not see before their relation is there. 0A000 for changed columns on a target without pending schemas.
  Status MakeTables();
  /// Makes the databases that are still to be made, where a commit cannot: on a cluster, whose tables need them before.
  Status MakeDatabases();
  /// Of leaves that are not in the draft yet: gives each its table.
  Status MakeTablesOf(const std::vector<std::shared_ptr<Relation>>& leaves);
  /// The rows of a committed leaf are about to be copied: should the leaf have others when the draft is committed, and
  /// its table go with that, the commit fails (40001).
  Status NoteRowsOf(const Relation& leaf);
  /// A new leaf has no rows before its table is made, and one whose columns have changed none to be read or written
  /// before their schema is.
  static bool IsMade(const Relation& leaf) { return leaf.table != nullptr && leaf.table->schema_id > 0; }

  // For Catalog::Commit.
  struct Entry {
    RelationPtr base;               // as it was committed when the draft changed it first; null: it was not
    std::shared_ptr<Relation> now;  // null: it is gone
    bool changed() const { return base != now; }
  };
  uint64_t base_version() const { return base_version_; }
  const std::map<int64_t, Entry>& entries() const { return entries_; }
  struct Database {
    bool was = false;  // there when the draft changed it first
    bool there = false;
  };
  const std::map<std::string, Database>& databases() const { return databases_; }
  /// What becomes of zones: nothing for one that is gone.
  using ZoneChanges = std::map<std::string, std::optional<ZoneFields>>;
  ZoneChanges zone_changes() const;
  /// The committed zones when the draft changed one first; null: it has not.
  const ZoneMapPtr& zones_before() const { return zones_before_; }
  /// The same of servers.
  using ServerChanges = std::map<std::string, std::optional<ForeignServer>>;
  ServerChanges server_changes() const;
  const ForeignServersPtr& servers_before() const { return servers_before_; }
  using CommentChanges = std::map<std::string, std::optional<std::string>>;
  CommentChanges comment_changes() const;
  TypeChanges type_changes() const;
  /// The committed types when the draft changed one first; null: it has not.
  const TypeMapPtr& types_before() const { return types_before_; }
  const TypeMap& used_types() const { return used_types_; }
  /// The tables made, as they were then, by their ids.
  const std::map<int64_t, std::shared_ptr<const TableInfo>>& made() const { return made_; }
  /// The relation's entry, made anew on what others have committed of it meanwhile.
  void Rebase(int64_t id, const RelationPtr& base, std::shared_ptr<Relation> now) {
    entries_[id] = {base, std::move(now)};
  }
  /// The tables that the draft's relations have.
  std::set<int64_t> TablesInUse() const;
  /// Ends of the logs of tables whose rows were copied, by table and bucket.
  const std::map<int64_t, std::map<int32_t, int64_t>>& copied() const { return copied_; }
  /// The version of the committed level when a partition was held against it first; nothing: none was.
  std::optional<uint64_t> SeenLevel(int64_t parent) const;
  /// Partitions of `parent` that are committed, but not in this draft.
  const std::unordered_set<int64_t>& Gone(int64_t parent) const;
  /// The tables made that are in use belong to a commit now, and are called as their relations are.
  void Committed();
  /// All of them do: the commit's end is not known.
  void LeaveTables() {
    made_.clear();
    made_databases_.clear();
  }
  /// Whether MakeDatabases has made it.
  bool HasMadeDatabase(const std::string& name) const { return made_databases_.contains(name); }

 private:
  struct Level {
    BoundIndex bounds;
    std::map<int64_t, RelationPtr> own;
    std::unordered_set<int64_t> gone;  // committed ones that are not there any more
    std::optional<uint64_t> seen;
    PartitionChildrenPtr arranged;  // null: changed since
    PartitionChildrenPtr arranged_over;
  };
  /// One change and what it found.
  struct Step {
    RelationPtr before;
    bool before_is_committed = false;
    std::shared_ptr<Relation> after;
    std::vector<std::pair<int64_t, std::optional<Entry>>> entries;
    std::vector<std::pair<TablePath, std::optional<RelationPtr>>> paths;
    std::vector<std::pair<std::string, std::optional<Database>>> databases;
    ZoneMapPtr zones;  // null: it has not changed them
    ForeignServersPtr servers;  // likewise
    CommentMapPtr comments;     // likewise
    TypeMapPtr types;  // likewise
  };

  void Change(const RelationPtr& before, std::shared_ptr<Relation> after);
  /// What the draft has of something as a whole: `now`, in the place of `before`. `first`: what there was before it had
  /// any.
  template <typename MapPtr>
  void Replace(MapPtr Step::* of_step, const MapPtr& before, MapPtr after, MapPtr* first, MapPtr* now) {
    if (!*now) *first = before;
    Step step;
    step.*of_step = before;
    *now = std::move(after);
    steps_.push_back(std::move(step));
  }
  void Undo(const Step& step);
  void DropZone(const std::string& key);
  void DropComment(const std::string& key);
  Status ChangeType(postgres::Oid oid, std::optional<postgres::MadeTypePtr> type);
  void SetDatabase(const std::string& name, bool there);
  void Join(const RelationPtr& relation);
  void Leave(const Relation& relation);
  void NoteUnmade(const Relation& relation);
  bool IsOwn(const Relation& relation) const;
  bool ParentIsGone(const Relation& relation) const;
  bool HasCommittedLevel(int64_t id) const;
  Result<PartitionChildrenPtr> Arrange(const Relation& relation, Level* level, PartitionChildrenPtr committed) const;
  using Leaves = std::vector<std::shared_ptr<Relation>>;
  Status MakePending(const std::vector<NewTable>& tables, const Leaves& leaves);
  Status MakeVisible(std::vector<NewTable> tables, const Leaves& leaves);
  Status MakeSchemas(const Leaves& leaves);
  void Keep(Relation* leaf, const TableInfo& info);
  void DropMade(const std::vector<int64_t>& tables);
  void DropMadeDatabases(const std::vector<Future<Unit>>& drops);

  const std::shared_ptr<CatalogImpl> base_;
  const uint64_t base_version_;
  std::vector<Step> steps_;
  std::map<int64_t, Entry> entries_;
  std::map<TablePath, RelationPtr> by_path_;  // null: nothing is there
  std::map<std::string, Database> databases_;
  ZoneMapPtr zones_;         // null: as they are committed
  ZoneMapPtr zones_before_;  // as they were then
  ForeignServersPtr servers_;         // likewise
  ForeignServersPtr servers_before_;
  CommentMapPtr comments_;            // likewise
  CommentMapPtr comments_before_;
  TypeMapPtr types_;         // null: as they are committed
  TypeMapPtr types_before_;  // as they were then
  TypeMap used_types_;
  std::set<int64_t> unmade_;                                  // leaves whose table or schema is still to be made
  std::map<int64_t, std::shared_ptr<const TableInfo>> made_;  // by table
  std::map<int64_t, std::map<int32_t, int64_t>> copied_;
  mutable Mutex levels_mutex_;  // readers arrange levels
  std::unordered_map<int64_t, Level> levels_;
  std::set<std::string> made_databases_;  // by MakeDatabases
};

}  // namespace weir::sql
