#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/bound_index.h"
#include "sql/catalog/catalog.h"
#include "sql/catalog/catalog_draft.h"
#include "sql/catalog/catalog_store.h"
#include "types/mutex.h"

namespace weir::sql {

/// How the partitions of a relation are arranged.
PartitionLevel::Key LevelKey(const Relation& relation);

class CatalogImpl final : public Catalog, public std::enable_shared_from_this<CatalogImpl> {
 public:
  explicit CatalogImpl(std::shared_ptr<Gateway> gateway);

  Gateway& gateway() const override { return *gateway_; }
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
  void Refresh() override;
  void RefreshTo(int64_t changes);  // followed_definitions.h
  uint64_t version() const override;

  std::unique_ptr<CatalogDraft> NewDraft() override { return std::make_unique<CatalogDraft>(shared_from_this()); }
  Status Commit(CatalogDraft* draft, const Write& write) override;

  CatalogStore& store() { return store_; }
  /// Whether SQL keeps it, rather than Fluss alone.
  static bool IsSql(const Relation& relation);

  /// The bounds of a relation's partitions, to hold new ones against. They stay as they are while the lock is held.
  struct CommittedLevel {
    std::shared_lock<std::shared_mutex> lock;
    std::shared_ptr<const BoundIndex> bounds;
    uint64_t version = 0;  // goes up with each change
    size_t count = 0;
  };
  Result<CommittedLevel> BoundsOf(const Relation& relation);

 private:
  /// The partitions of one relation: as they come and go, and arranged for readers when they ask.
  struct Level {
    BoundIndex bounds;
    std::map<int64_t, RelationPtr> children;
    PartitionChildrenPtr arranged;  // null: changed since
    uint64_t version = 0;           // the catalog's, at its last change; on a cluster of what was read
  };
  /// A Fluss table as it was seen last.
  struct Seen {
    RelationPtr relation;
    std::vector<PartitionInfo> partitions;
    PartitionChildrenPtr children;  // null: not asked for yet
    uint64_t checked = 0;           // at which Refresh
    uint64_t partitions_checked = 0;
  };

  /// SQL's relations of a database by the names of their primary keys.
  using RelationsByKey = std::multimap<std::string, RelationPtr>;
  struct KeyNames {
    uint64_t version = 0;  // the catalog's that they are of
    std::shared_ptr<const RelationsByKey> relations;
  };
  Result<std::shared_ptr<const RelationsByKey>> KeyNamesOf(const std::string& database);

  /// What a committed draft makes of the relations.
  struct Published {
    std::vector<RelationPtr> relations;  // new ones and those that take the place of an older one of their id
    std::vector<RelationPtr> removed;
    CatalogDraft::ZoneChanges zones;
    bool servers = false;  // some have changed
    bool comments = false;  // likewise
    TypeChanges types;
  };
  void Publish(const Published& change);
  void PublishTypes(const TypeChanges& changes) WEIR_REQUIRES(mutex_);
  static void LearnWithBases(const TypeMap& types, const postgres::MadeTypePtr& type);
  void ForgetAll();
  void ForgetDefinitions() WEIR_REQUIRES(mutex_);
  void LeaveLevel(const Relation& relation) WEIR_REQUIRES(mutex_);
  Status WriteInSteps(CatalogDraft* draft, const Write& write);
  Status CheckMade(const CatalogDraft& draft);
  void DropLeft(const CatalogDraft& draft, const MetadataChange& metadata);

  Result<TypeMapPtr> LoadTypes() WEIR_REQUIRES(mutex_);
  Result<RelationPtr> FindSql(const TablePath& path) WEIR_REQUIRES(mutex_);
  Result<RelationPtr> ReadStored(const CatalogStore::StoredRelation& stored) WEIR_REQUIRES(mutex_);
  Result<RelationPtr> ReadPartition(const CatalogStore::StoredPartition& stored, const Relation& parent,
                                    std::shared_ptr<const TableInfo>* like) WEIR_REQUIRES(mutex_);
  Result<std::shared_ptr<Level>> LevelOf(const Relation& relation) WEIR_REQUIRES(mutex_);
  Result<Seen*> FindFluss(const TablePath& path) WEIR_REQUIRES(mutex_);
  Result<PartitionChildrenPtr> ChildrenOfFluss(const Relation& relation) WEIR_REQUIRES(mutex_);
  Result<RelationPtr> FindFlussPartition(const TablePath& path) WEIR_REQUIRES(mutex_);
  Status AddListed(const CatalogStore::StoredRelation& stored, std::vector<RelationPtr>* relations)
      WEIR_REQUIRES(mutex_);
  void Remember(const RelationPtr& relation) WEIR_REQUIRES(mutex_);
  void Forget(const Relation& relation) WEIR_REQUIRES(mutex_);
  Status FillTable(Relation* relation, const Relation* parent, std::shared_ptr<const TableInfo>* like)
      WEIR_REQUIRES(mutex_);
  Status FillIndexes(Relation* relation) WEIR_REQUIRES(mutex_);

  const std::shared_ptr<Gateway> gateway_;
  CatalogStore store_;
  Mutex commit_mutex_;        // one commit of a draft at a time; taken first
  std::shared_mutex levels_gate_;  // the bounds of all levels; taken before mutex_

  mutable Mutex mutex_;
  std::map<TablePath, RelationPtr> by_path_ WEIR_GUARDED_BY(mutex_);
  std::unordered_map<int64_t, RelationPtr> by_id_ WEIR_GUARDED_BY(mutex_);
  std::unordered_map<int64_t, std::shared_ptr<Level>> levels_ WEIR_GUARDED_BY(mutex_);
  std::map<TablePath, Seen> fluss_ WEIR_GUARDED_BY(mutex_);
  std::map<std::string, KeyNames> key_names_ WEIR_GUARDED_BY(mutex_);  // by database, of those asked for
  // Seen since the last change, on targets that take long to ask
  std::set<std::string> databases_ WEIR_GUARDED_BY(mutex_);
  ZoneMapPtr zones_ WEIR_GUARDED_BY(mutex_);                 // null: not asked for yet
  ForeignServersPtr servers_ WEIR_GUARDED_BY(mutex_);        // likewise
  CommentMapPtr comments_ WEIR_GUARDED_BY(mutex_);           // likewise
  // Null: not asked for yet; before any relation is read, which may use them
  TypeMapPtr types_ WEIR_GUARDED_BY(mutex_);
  uint64_t refreshes_ WEIR_GUARDED_BY(mutex_) = 1;
  std::optional<int64_t> followed_ WEIR_GUARDED_BY(mutex_);  // the changes that RefreshTo was told last
  uint64_t version_ WEIR_GUARDED_BY(mutex_) = 1;
};

}  // namespace weir::sql
