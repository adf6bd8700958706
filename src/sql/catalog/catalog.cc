#include "sql/catalog/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "client/connection_impl.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/definition.h"
#include "sql/catalog/fluss_name.h"
#include "sql/catalog/fluss_tables.h"
#include "sql/catalog/followed_definitions.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

bool IsMissing(const Status& status) {
  return status.code() == ErrorCode::kTableNotExist || status.code() == ErrorCode::kDatabaseNotExist ||
         status.code() == ErrorCode::kUnknownTableOrBucket || status.code() == ErrorCode::kInvalidTable ||
         status.code() == ErrorCode::kInvalidDatabase;
}

bool SamePartitions(const std::vector<PartitionInfo>& a, const std::vector<PartitionInfo>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const PartitionInfo& x, const PartitionInfo& y) {
    return x.partition_id == y.partition_id && x.partition_name == y.partition_name;
  });
}

/// Whether two leaves' Fluss tables were made alike, so that one's information serves for the other.
bool IsLaidOutAs(const Relation& relation, const Relation& parent) {
  if (relation.indexes.empty() != parent.indexes.empty()) return false;
  if (relation.columns.size() != parent.columns.size() || relation.options != parent.options ||
      relation.distributed_by != parent.distributed_by || relation.PrimaryKey() != parent.PrimaryKey()) {
    return false;
  }
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    const SqlColumn& own = relation.columns[i];
    if (own.name != parent.columns[i].name || own.not_null != parent.columns[i].not_null) return false;
  }
  return true;
}

}  // namespace

PartitionLevel::Key LevelKey(const Relation& relation) {
  PartitionLevel::Key key;
  key.strategy = relation.partition_key->strategy;
  for (const SqlPartitionKeyPart& part : relation.partition_key->parts) key.types.push_back(part.type);
  return key;
}

Result<std::shared_ptr<Catalog>> Catalog::Open(std::shared_ptr<Gateway> gateway) {
  return std::shared_ptr<Catalog>(std::make_shared<CatalogImpl>(std::move(gateway)));
}

CatalogImpl::CatalogImpl(std::shared_ptr<Gateway> gateway)
    : gateway_(std::move(gateway)), store_(MakeConnection(Config(), gateway_)) {}

bool CatalogImpl::IsSql(const Relation& relation) { return relation.id < kFlussTableIds; }

uint64_t CatalogImpl::version() const {
  MutexLock lock(mutex_);
  return version_;
}

void CatalogImpl::Refresh() {
  MutexLock lock(mutex_);
  ++refreshes_;
  if (gateway_->is_embedded()) return;
  // Another SQL door may have changed the trees of a cluster.
  ForgetDefinitions();
}

void CatalogImpl::RefreshTo(int64_t changes) {
  MutexLock lock(mutex_);
  ++refreshes_;
  databases_.clear();  // Fluss clients make and drop them
  if (std::exchange(followed_, changes) != changes) ForgetDefinitions();
}

void RefreshTo(Catalog* catalog, int64_t changes) {
  static_cast<CatalogImpl*>(catalog)->RefreshTo(changes);  // there are no others
}

/// What is read anew by who asks, under the lock from the store to here: nothing older can come after this.
void CatalogImpl::ForgetDefinitions() {
  by_path_.clear();
  by_id_.clear();
  levels_.clear();
  databases_.clear();
  zones_ = nullptr;
  servers_ = nullptr;
  comments_ = nullptr;
  types_ = nullptr;
  store_.Refresh();
}

Result<std::vector<std::string>> CatalogImpl::ListDatabases() {
  auto databases = gateway_->ListDatabases().Wait();
  if (!databases.ok()) return databases.status();
  std::vector<std::string> names = databases.MoveValue();
  std::erase(names, kSystemDatabase);
  std::ranges::transform(names, names.begin(), SqlNameOf);
  return names;
}

Result<bool> CatalogImpl::DatabaseExists(const std::string& name) {
  {
    MutexLock lock(mutex_);
    if (databases_.contains(name)) return true;
  }
  const auto exists = gateway_->DatabaseExists(FlussNameOf(name)).Wait();
  if (!exists.ok()) return exists.status();
  if (*exists && !gateway_->is_embedded()) {
    MutexLock lock(mutex_);
    databases_.insert(name);
  }
  return *exists;
}

Result<RelationPtr> CatalogImpl::Find(const TablePath& path) {
  if (path.database.empty()) return RelationPtr();
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, FindSql(path));
  if (relation) return relation;
  WEIR_ASSIGN_OR_RETURN(Seen* seen, FindFluss(path));
  if (seen != nullptr) return seen->relation;
  return FindFlussPartition(path);
}

Result<RelationPtr> CatalogImpl::FindSql(const TablePath& path) {
  const auto known = by_path_.find(path);
  if (known != by_path_.end()) return known->second;
  if (path.database.empty()) return RelationPtr();
  WEIR_ASSIGN_OR_RETURN(const auto stored, store_.FindRelation(path));
  if (!stored) return RelationPtr();
  return ReadStored(*stored);
}

Result<RelationPtr> CatalogImpl::ReadStored(const CatalogStore::StoredRelation& stored) {
  if (stored.parent_id >= 0) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr parent, FindSql(stored.parent));
    if (parent && parent->id == stored.parent_id) {
      WEIR_ASSIGN_OR_RETURN(const auto partition, store_.FindPartition(stored.parent_id, stored.id));
      if (partition) return ReadPartition(*partition, *parent, nullptr);
    }
  }
  if (stored.definition.empty()) return RelationPtr();  // its making or dropping was cut short
  WEIR_RETURN_NOT_OK(LoadTypes().status());
  WEIR_ASSIGN_OR_RETURN(Relation relation, ReadDefinition(stored.definition, nullptr));
  relation.path = stored.path;
  WEIR_RETURN_NOT_OK(FillTable(&relation, nullptr, nullptr));
  WEIR_RETURN_NOT_OK(FillIndexes(&relation));
  auto shared = std::make_shared<const Relation>(std::move(relation));
  Remember(shared);
  return RelationPtr(std::move(shared));
}

Result<RelationPtr> CatalogImpl::ReadPartition(const CatalogStore::StoredPartition& stored, const Relation& parent,
                                               std::shared_ptr<const TableInfo>* like) {
  WEIR_RETURN_NOT_OK(LoadTypes().status());
  WEIR_ASSIGN_OR_RETURN(Relation relation, ReadDefinition(stored.definition, &parent));
  relation.path = stored.path;
  relation.parent = parent.id;
  relation.bound_text = BoundText(parent, relation.bound);
  WEIR_RETURN_NOT_OK(FillTable(&relation, &parent, like));
  WEIR_RETURN_NOT_OK(FillIndexes(&relation));
  auto shared = std::make_shared<const Relation>(std::move(relation));
  Remember(shared);
  return RelationPtr(std::move(shared));
}

Status CatalogImpl::FillTable(Relation* relation, const Relation* parent, std::shared_ptr<const TableInfo>* like) {
  if (relation->is_partitioned() || !relation->table) return Status::OK();
  // Of tables with the same columns, those whose columns have never been changed are made alike.
  const bool unchanged = relation->table->schema_id == 1;
  const bool alike = unchanged && like != nullptr && parent != nullptr && IsLaidOutAs(*relation, *parent);
  if (alike && *like && (*like)->schema_id == relation->table->schema_id) {
    auto info = std::make_shared<TableInfo>(**like);
    info->path = FlussPathOf(*relation);
    info->table_id = relation->table->table_id;
    relation->table = std::move(info);
    return Status::OK();
  }
  const auto info = gateway_->GetTableInfo(FlussPathOf(*relation)).Wait();
  // A table that another door has dropped shows when its rows are asked for.
  if (!info.ok()) return IsMissing(info.status()) ? Status::OK() : info.status();
  relation->table = std::make_shared<TableInfo>(*info);
  if (alike) *like = relation->table;
  return Status::OK();
}

Status CatalogImpl::FillIndexes(Relation* relation) {
  for (RelationPtr& index : relation->indexes) {
    const std::string name = index->path.table;
    WEIR_ASSIGN_OR_RETURN(index, FindSql({relation->path.database, name}));
    if (index && index->is_index()) continue;
    return Error("XX001", fmt::format("index \"{}\" of \"{}\" is missing in the catalog", name, relation->path.table));
  }
  return Status::OK();
}

void CatalogImpl::Remember(const RelationPtr& relation) {
  by_path_[relation->path] = relation;
  by_id_[relation->id] = relation;
}

void CatalogImpl::Forget(const Relation& relation) {
  by_path_.erase(relation.path);
  by_id_.erase(relation.id);
  levels_.erase(relation.id);
}

Result<std::shared_ptr<CatalogImpl::Level>> CatalogImpl::LevelOf(const Relation& relation) {
  const auto known = levels_.find(relation.id);
  if (known != levels_.end()) return known->second;
  WEIR_ASSIGN_OR_RETURN(const auto stored, store_.ListPartitions(relation.id));
  auto level = std::make_shared<Level>();
  std::shared_ptr<const TableInfo> like;
  for (const CatalogStore::StoredPartition& partition : stored) {
    const auto remembered = by_id_.find(partition.child);
    RelationPtr child = remembered == by_id_.end() ? nullptr : remembered->second;
    if (!child) {
      WEIR_ASSIGN_OR_RETURN(child, ReadPartition(partition, relation, &like));
    }
    level->bounds.Add(child->id, child->bound);
    level->children.emplace(child->id, std::move(child));
    // On a cluster it is read anew with each statement: what tells two readings apart is what was read.
    if (gateway_->is_embedded()) continue;
    level->version += std::hash<std::string>()(fmt::format("{} {}", partition.child, partition.definition));
  }
  levels_.emplace(relation.id, level);
  return level;
}

Result<PartitionChildrenPtr> CatalogImpl::Children(const Relation& relation) {
  if (!relation.is_partitioned()) {
    return Error("42809", fmt::format("\"{}\" is not a partitioned table", relation.path.table));
  }
  MutexLock lock(mutex_);
  if (!IsSql(relation)) return ChildrenOfFluss(relation);
  WEIR_ASSIGN_OR_RETURN(const auto level, LevelOf(relation));
  if (level->arranged) return level->arranged;
  std::vector<PartitionBound> bounds;
  std::vector<RelationPtr> relations;
  for (const auto& [id, child] : level->children) {
    bounds.push_back(child->bound);
    relations.push_back(child);
  }
  WEIR_ASSIGN_OR_RETURN(PartitionLevel arranged, PartitionLevel::Make(LevelKey(relation), std::move(bounds)));
  level->arranged =
      std::make_shared<PartitionChildren>(PartitionChildren{std::move(arranged), std::move(relations)});
  return level->arranged;
}

Result<CatalogImpl::CommittedLevel> CatalogImpl::BoundsOf(const Relation& relation) {
  CommittedLevel found;
  found.lock = std::shared_lock(levels_gate_);
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(const auto level, LevelOf(relation));
  found.bounds = std::shared_ptr<const BoundIndex>(level, &level->bounds);
  found.version = level->version;
  found.count = level->children.size();
  return found;
}

Result<CatalogImpl::Seen*> CatalogImpl::FindFluss(const TablePath& path) {
  const auto known = fluss_.find(path);
  if (known != fluss_.end() && known->second.checked == refreshes_) {
    return known->second.relation ? &known->second : nullptr;
  }
  const auto info = gateway_->GetTableInfo({FlussNameOf(path.database), path.table}).Wait();
  if (!info.ok() && !IsMissing(info.status())) return info.status();
  // What SQL began to make, or has begun to drop, is no table.
  const bool remnant = info.ok() && info->descriptor.custom_properties.contains(kRelationProperty);
  if (!info.ok() || remnant) {
    if (known != fluss_.end()) fluss_.erase(known);
    return static_cast<Seen*>(nullptr);
  }
  Seen& seen = fluss_[path];
  const bool same = seen.relation && seen.relation->table->table_id == info->table_id &&
                    seen.relation->table->schema_id == info->schema_id &&
                    seen.relation->table->modified_time == info->modified_time;
  if (!same) seen = Seen{FlussRelation(*info), {}, nullptr, 0, 0};
  seen.checked = refreshes_;
  return &seen;
}

Result<PartitionChildrenPtr> CatalogImpl::ChildrenOfFluss(const Relation& relation) {
  WEIR_ASSIGN_OR_RETURN(Seen* seen, FindFluss(relation.path));
  if (seen == nullptr || seen->relation->id != relation.id) {
    return Error("42P01", fmt::format("relation \"{}\" does not exist", relation.path.table));
  }
  if (seen->children && seen->partitions_checked == refreshes_) return seen->children;
  const auto partitions = gateway_->ListPartitionInfos(seen->relation->table->path, {}).Wait();
  if (!partitions.ok()) return partitions.status();
  if (!seen->children || !SamePartitions(*partitions, seen->partitions)) {
    WEIR_ASSIGN_OR_RETURN(seen->children, FlussChildren(*seen->relation, *partitions));
    seen->partitions = *partitions;
  }
  seen->partitions_checked = refreshes_;
  return seen->children;
}

Result<RelationPtr> CatalogImpl::FindFlussPartition(const TablePath& path) {
  const size_t dollar = path.table.find('$');
  if (dollar == std::string::npos) return RelationPtr();
  WEIR_ASSIGN_OR_RETURN(Seen* seen, FindFluss({path.database, path.table.substr(0, dollar)}));
  if (seen == nullptr || !seen->relation->is_partitioned()) return RelationPtr();
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, ChildrenOfFluss(*seen->relation));
  for (const RelationPtr& child : children->relations) {
    if (child->path == path) return child;
  }
  return RelationPtr();
}

Status CatalogImpl::AddListed(const CatalogStore::StoredRelation& stored, std::vector<RelationPtr>* relations) {
  const auto known = by_path_.find(stored.path);
  if (known != by_path_.end()) {
    relations->push_back(known->second);
    return Status::OK();
  }
  // A partition comes with all its siblings: one read for the level rather than one for each.
  if (stored.parent_id >= 0) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr parent, FindSql(stored.parent));
    if (parent && parent->id == stored.parent_id) WEIR_RETURN_NOT_OK(LevelOf(*parent).status());
  }
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, FindSql(stored.path));
  if (relation) relations->push_back(std::move(relation));
  return Status::OK();
}

Result<std::vector<RelationPtr>> CatalogImpl::ListRelations(const std::string& database) {
  MutexLock lock(mutex_);
  std::vector<RelationPtr> relations;
  WEIR_ASSIGN_OR_RETURN(const auto stored, store_.ListRelations(database));
  std::set<std::string> names;
  for (const CatalogStore::StoredRelation& relation : stored) {
    names.insert(FlussNameOf(relation.path.table));
    WEIR_RETURN_NOT_OK(AddListed(relation, &relations));
  }
  const auto tables = gateway_->ListTables(FlussNameOf(database)).Wait();
  if (!tables.ok()) return tables.status();
  for (const std::string& name : *tables) {
    if (names.contains(name)) continue;
    WEIR_ASSIGN_OR_RETURN(const Seen* seen, FindFluss({database, name}));
    if (seen != nullptr) relations.push_back(seen->relation);
  }
  return relations;
}

/// Made anew after each change: what looks for names comes more often.
Result<std::shared_ptr<const CatalogImpl::RelationsByKey>> CatalogImpl::KeyNamesOf(const std::string& database) {
  uint64_t version = 0;
  {
    MutexLock lock(mutex_);
    const auto known = key_names_.find(database);
    if (known != key_names_.end() && known->second.version == version_) return known->second.relations;
    version = version_;
  }
  WEIR_ASSIGN_OR_RETURN(const std::vector<RelationPtr> all, ListRelations(database));
  auto relations = std::make_shared<RelationsByKey>();
  for (const RelationPtr& relation : all) {
    for (const SqlConstraint& constraint : relation->constraints) {
      const bool key = constraint.kind == SqlConstraint::Kind::kPrimaryKey && IsSql(*relation);
      if (key) relations->emplace(constraint.name, relation);
    }
  }
  MutexLock lock(mutex_);
  if (version_ == version) key_names_[database] = {version, relations};
  return std::shared_ptr<const RelationsByKey>(std::move(relations));
}

Result<std::vector<RelationPtr>> CatalogImpl::ListNamed(const std::string& database, const std::string& name) {
  if (!gateway_->is_embedded()) return ListRelations(database);  // which other doors change
  std::vector<RelationPtr> named;
  const auto add = [&](const RelationPtr& relation) {
    const bool is_new = relation && std::ranges::find(named, relation->id, &Relation::id) == named.end();
    if (is_new) named.push_back(relation);
  };
  WEIR_ASSIGN_OR_RETURN(const auto by_key, KeyNamesOf(database));
  for (auto [at, end] = by_key->equal_range(name); at != end; ++at) add(at->second);
  WEIR_ASSIGN_OR_RETURN(const RelationPtr called, Find({database, name}));
  add(called);
  // Fluss's tables come and go by another door.
  if (name.ends_with(kFlussKeySuffix)) {
    const size_t size = name.size() - std::string_view(kFlussKeySuffix).size();
    WEIR_ASSIGN_OR_RETURN(const RelationPtr table, Find({database, name.substr(0, size)}));
    add(table);
  }
  return named;
}

Result<RelationPtr> CatalogImpl::FindById(int64_t id) {
  {
    MutexLock lock(mutex_);
    const auto known = by_id_.find(id);
    if (known != by_id_.end()) return known->second;
    for (const auto& [path, seen] : fluss_) {
      if (seen.relation && seen.relation->id == id) return seen.relation;
      if (!seen.children) continue;
      for (const RelationPtr& child : seen.children->relations) {
        if (child->id == id) return child;
      }
    }
  }
  // Not met yet: ids are asked for after names, so this is rare.
  WEIR_ASSIGN_OR_RETURN(const auto databases, ListDatabases());
  for (const std::string& database : databases) {
    WEIR_ASSIGN_OR_RETURN(const auto relations, ListRelations(database));
    for (const RelationPtr& relation : relations) {
      if (relation->id == id) return relation;
      if (IsSql(*relation) || !relation->is_partitioned()) continue;
      WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, Children(*relation));
      for (const RelationPtr& child : children->relations) {
        if (child->id == id) return child;
      }
    }
  }
  return RelationPtr();
}

void CatalogImpl::LeaveLevel(const Relation& relation) {
  const auto level = relation.parent ? levels_.find(*relation.parent) : levels_.end();
  if (level == levels_.end()) return;
  level->second->bounds.Remove(relation.id, relation.bound);
  level->second->children.erase(relation.id);
  level->second->arranged = nullptr;
  level->second->version = version_;
}

void CatalogImpl::Publish(const Published& change) {
  const std::unique_lock gate(levels_gate_);
  MutexLock lock(mutex_);
  ++version_;
  databases_.clear();
  for (const RelationPtr& relation : change.removed) {
    fluss_.erase(relation->path);
    LeaveLevel(*relation);
    Forget(*relation);
  }
  for (const RelationPtr& relation : change.relations) {
    const auto older = by_id_.find(relation->id);
    if (older != by_id_.end()) by_path_.erase(older->second->path);
  }
  for (const RelationPtr& relation : change.relations) {
    fluss_.erase(relation->path);
    const auto older = by_id_.find(relation->id);
    const bool is_new = older == by_id_.end();
    if (!is_new) LeaveLevel(*older->second);
    Remember(relation);
    if (relation->is_partitioned() && is_new) levels_.emplace(relation->id, std::make_shared<Level>());
  }
  for (const RelationPtr& relation : change.relations) {
    const auto level = relation->parent ? levels_.find(*relation->parent) : levels_.end();
    if (level == levels_.end()) continue;
    level->second->bounds.Add(relation->id, relation->bound);
    level->second->children[relation->id] = relation;
    level->second->arranged = nullptr;
    level->second->version = version_;
  }
  if (change.servers) servers_ = nullptr;
  if (change.comments) comments_ = nullptr;
  PublishTypes(change.types);
  if (change.zones.empty() || !zones_) return;
  auto zones = std::make_shared<ZoneMap>(*zones_);
  for (const auto& [key, fields] : change.zones) {
    if (fields) {
      (*zones)[key] = *fields;
    } else {
      zones->erase(key);
    }
  }
  zones_ = std::move(zones);
}

void CatalogImpl::ForgetAll() {
  MutexLock lock(mutex_);
  ++version_;
  by_path_.clear();
  by_id_.clear();
  levels_.clear();
  fluss_.clear();
  databases_.clear();
  zones_ = nullptr;
  servers_ = nullptr;
  comments_ = nullptr;
  types_ = nullptr;
}

Result<ZoneMapPtr> CatalogImpl::Zones() {
  MutexLock lock(mutex_);
  if (zones_) return zones_;
  WEIR_ASSIGN_OR_RETURN(const auto stored, store_.ListZones());
  auto zones = std::make_shared<ZoneMap>();
  for (const auto& [key, text] : stored) {
    WEIR_ASSIGN_OR_RETURN((*zones)[key], ReadZone(text));
  }
  zones_ = std::move(zones);
  return zones_;
}

Result<ForeignServersPtr> CatalogImpl::Servers() {
  MutexLock lock(mutex_);
  if (servers_) return servers_;
  WEIR_ASSIGN_OR_RETURN(const auto stored, store_.ListServers());
  auto servers = std::make_shared<ForeignServerMap>();
  for (const auto& [name, text] : stored) {
    WEIR_ASSIGN_OR_RETURN((*servers)[name], ReadServer(name, text));
  }
  servers_ = std::move(servers);
  return servers_;
}

Result<CommentMapPtr> CatalogImpl::Comments() {
  MutexLock lock(mutex_);
  if (comments_) return comments_;
  WEIR_ASSIGN_OR_RETURN(const auto stored, store_.ListComments());
  comments_ = std::make_shared<CommentMap>(stored.begin(), stored.end());
  return comments_;
}

Result<std::string> PartitionConstraintText(CatalogView& catalog, const Relation& relation) {
  std::vector<std::vector<std::string>> levels;
  RelationPtr parent;
  for (const Relation* child = &relation; child->parent; child = parent.get()) {
    WEIR_ASSIGN_OR_RETURN(RelationPtr next, catalog.FindById(*child->parent));
    if (!next) return Error("XX000", fmt::format("the parent of \"{}\" is gone", child->path.table));
    std::vector<const PartitionBound*> siblings;
    PartitionChildrenPtr children;
    if (IsDefault(child->bound)) {
      WEIR_ASSIGN_OR_RETURN(children, catalog.Children(*next));
      for (const size_t i : children->level.bound_order()) {
        if (!IsDefault(children->level.bounds()[i])) siblings.push_back(&children->level.bounds()[i]);
      }
    }
    levels.push_back(BoundConditions(*next, child->bound, siblings));
    parent = std::move(next);
  }
  std::vector<std::string> conditions;
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    for (std::string& condition : *level) conditions.push_back(std::move(condition));
  }
  return Conjunction(conditions);
}

}  // namespace weir::sql
