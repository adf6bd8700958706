#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/bound_index.h"
#include "sql/catalog/catalog.h"
#include "sql/catalog/catalog_store.h"

namespace weir::sql {

class CatalogImpl final : public Catalog {
 public:
  explicit CatalogImpl(std::shared_ptr<Gateway> gateway);

  Gateway& gateway() const override { return *gateway_; }
  Result<std::vector<std::string>> ListDatabases() override;
  Result<std::vector<RelationPtr>> ListRelations(const std::string& database) override;
  Result<RelationPtr> Find(const TablePath& path) override;
  Result<RelationPtr> FindById(int64_t id) override;
  Result<PartitionChildrenPtr> Children(const Relation& relation) override;
  void Refresh() override;
  uint64_t version() const override;

  using Notices = std::vector<std::string>;
  Result<Notices> Execute(const CreateTable& statement, const DdlContext& context) override;
  Status Write(PendingTables* pending) override;
  Result<Notices> Execute(const AttachPartition& statement, const DdlContext& context) override;
  Result<Notices> Execute(const DetachPartition& statement, const DdlContext& context) override;
  Result<Notices> Execute(const DropTable& statement, const DdlContext& context) override;
  Result<Notices> Execute(const CreateDatabase& statement, const DdlContext& context) override;
  Result<Notices> Execute(const DropDatabase& statement, const DdlContext& context) override;

  /// What statements need that change relations; only they call these, one at a time.
  struct Published {
    CatalogStore::Change stored;
    std::vector<RelationPtr> relations;  // new ones and those that take the place of an older one of their id
    std::vector<RelationPtr> removed;
  };
  /// Writes the change and, once that is done, lets readers see it.
  Status Publish(const Published& change);
  CatalogStore& store() { return store_; }
  /// Whether SQL keeps it, rather than Fluss alone.
  static bool IsSql(const Relation& relation);
  /// The bounds of a relation's partitions, to hold new ones against. Read by changes only.
  Result<std::shared_ptr<const BoundIndex>> Bounds(const Relation& relation);
  Result<size_t> CountChildren(const Relation& relation);

 private:
  /// The partitions of one relation: as they come and go, and arranged for readers when they ask.
  struct Level {
    BoundIndex bounds;
    std::map<int64_t, RelationPtr> children;
    PartitionChildrenPtr arranged;  // null: changed since
  };
  /// A Fluss table as it was seen last.
  struct Seen {
    RelationPtr relation;
    std::vector<PartitionInfo> partitions;
    PartitionChildrenPtr children;  // null: not asked for yet
    uint64_t checked = 0;           // at which Refresh
    uint64_t partitions_checked = 0;
  };

  // These want mutex_ held.
  Result<RelationPtr> FindSql(const TablePath& path);
  Result<RelationPtr> ReadStored(const CatalogStore::StoredRelation& stored);
  Result<RelationPtr> ReadPartition(const CatalogStore::StoredPartition& stored, const Relation& parent,
                                    std::shared_ptr<const TableInfo>* like);
  Result<std::shared_ptr<Level>> LevelOf(const Relation& relation);
  Result<Seen*> FindFluss(const TablePath& path);
  Result<PartitionChildrenPtr> ChildrenOfFluss(const Relation& relation);
  Result<RelationPtr> FindFlussPartition(const TablePath& path);
  Status AddListed(const CatalogStore::StoredRelation& stored, std::vector<RelationPtr>* relations);
  void Remember(const RelationPtr& relation);
  void Forget(const Relation& relation);
  Status FillTable(Relation* relation, const Relation* parent, std::shared_ptr<const TableInfo>* like);

  const std::shared_ptr<Gateway> gateway_;
  CatalogStore store_;
  std::mutex ddl_mutex_;  // one change at a time; taken before mutex_

  mutable std::mutex mutex_;
  std::map<TablePath, RelationPtr> by_path_;
  std::unordered_map<int64_t, RelationPtr> by_id_;
  std::unordered_map<int64_t, std::shared_ptr<Level>> levels_;
  std::map<TablePath, Seen> fluss_;
  uint64_t refreshes_ = 1;
  uint64_t version_ = 1;
};

}  // namespace weir::sql
