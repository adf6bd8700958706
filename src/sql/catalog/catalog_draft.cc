#include "sql/catalog/catalog_draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <span>

#include "access/relation_id.h"
#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/fluss_name.h"
#include "sql/catalog/map_changes.h"
#include "sql/catalog/table_definition.h"
#include "sql/catalog/zone_nodes.h"
#include "sql/error.h"

namespace weir::sql {

CatalogDraft::CatalogDraft(std::shared_ptr<CatalogImpl> base)
    : base_(std::move(base)), base_version_(base_->version()) {}

CatalogDraft::~CatalogDraft() {
  databases_.clear();
  std::vector<int64_t> ids;
  for (const auto& [id, info] : made_) ids.push_back(id);
  DropMade(ids);
}

// --- reading ---

Result<bool> CatalogDraft::DatabaseExists(const std::string& name) {
  const auto known = databases_.find(name);
  if (known != databases_.end()) return known->second.there;
  return base_->DatabaseExists(name);
}

Result<std::vector<std::string>> CatalogDraft::ListDatabases() {
  WEIR_ASSIGN_OR_RETURN(std::vector<std::string> names, base_->ListDatabases());
  for (const auto& [name, database] : databases_) {
    std::erase(names, name);
    if (database.there) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool CatalogDraft::IsOwn(const Relation& relation) const {
  const auto entry = entries_.find(relation.id);
  return entry != entries_.end() && entry->second.now.get() == &relation;
}

/// A Fluss table takes its partitions along, which have no entries of their own.
bool CatalogDraft::ParentIsGone(const Relation& relation) const {
  const auto entry = relation.parent ? entries_.find(*relation.parent) : entries_.end();
  return entry != entries_.end() && entry->second.now == nullptr;
}

Result<RelationPtr> CatalogDraft::Find(const TablePath& path) {
  const auto known = by_path_.find(path);
  if (known != by_path_.end()) return known->second;
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, base_->Find(path));
  return relation && ParentIsGone(*relation) ? RelationPtr() : std::move(relation);
}

Result<RelationPtr> CatalogDraft::FindById(int64_t id) {
  const auto known = entries_.find(id);
  if (known != entries_.end()) return RelationPtr(known->second.now);
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, base_->FindById(id));
  return relation && ParentIsGone(*relation) ? RelationPtr() : std::move(relation);
}

Result<std::vector<RelationPtr>> CatalogDraft::ListRelations(const std::string& database) {
  std::vector<RelationPtr> relations;
  const auto known = databases_.find(database);
  const bool is_new = known != databases_.end() && !known->second.was;
  if (known != databases_.end() && !known->second.there) return relations;
  auto committed = base_->ListRelations(database);
  if (committed.ok()) {
    relations = committed.MoveValue();
  } else if (!is_new) {
    return committed.status();
  }
  std::erase_if(relations, [&](const RelationPtr& relation) { return by_path_.contains(relation->path); });
  for (auto at = by_path_.lower_bound({database, ""}); at != by_path_.end() && at->first.database == database; ++at) {
    if (at->second) relations.push_back(at->second);
  }
  return relations;
}

Result<std::vector<RelationPtr>> CatalogDraft::ListNamed(const std::string& database, const std::string& name) {
  return empty() ? base_->ListNamed(database, name) : ListRelations(database);
}

/// What this draft has made, or has made a partitioned table of, has no partitions elsewhere.
bool CatalogDraft::HasCommittedLevel(int64_t id) const {
  const auto entry = entries_.find(id);
  if (entry == entries_.end()) return true;
  return entry->second.base != nullptr && entry->second.base->is_partitioned();
}

Result<PartitionChildrenPtr> CatalogDraft::Children(const Relation& relation) {
  PartitionChildrenPtr committed;
  if (HasCommittedLevel(relation.id)) {
    WEIR_ASSIGN_OR_RETURN(committed, base_->Children(relation));
  }
  MutexLock lock(levels_mutex_);
  const auto level = levels_.find(relation.id);
  if (level == levels_.end()) {
    if (committed) return committed;
    Level none;
    return Arrange(relation, &none, nullptr);
  }
  if (committed && level->second.own.empty() && level->second.gone.empty()) return committed;
  return Arrange(relation, &level->second, std::move(committed));
}

Result<PartitionChildrenPtr> CatalogDraft::Arrange(const Relation& relation, Level* level,
                                                   PartitionChildrenPtr committed) const {
  if (level->arranged && level->arranged_over == committed) return level->arranged;
  std::vector<RelationPtr> relations;
  if (committed) {
    for (const RelationPtr& child : committed->relations) {
      if (!level->gone.contains(child->id)) relations.push_back(child);
    }
  }
  const auto middle = static_cast<std::ptrdiff_t>(relations.size());
  for (const auto& [id, child] : level->own) relations.push_back(child);
  std::inplace_merge(relations.begin(), relations.begin() + middle, relations.end(),
                     [](const RelationPtr& a, const RelationPtr& b) { return a->id < b->id; });
  std::vector<PartitionBound> bounds;
  bounds.reserve(relations.size());
  for (const RelationPtr& child : relations) bounds.push_back(child->bound);
  WEIR_ASSIGN_OR_RETURN(PartitionLevel arranged, PartitionLevel::Make(LevelKey(relation), std::move(bounds)));
  level->arranged =
      std::make_shared<PartitionChildren>(PartitionChildren{std::move(arranged), std::move(relations)});
  level->arranged_over = std::move(committed);
  return level->arranged;
}

std::optional<int64_t> CatalogDraft::Siblings::default_child() const {
  if (own->default_child()) return own->default_child();
  if (committed == nullptr || !committed->default_child() || gone->contains(*committed->default_child())) return {};
  return committed->default_child();
}

Result<CatalogDraft::Siblings> CatalogDraft::SiblingsOf(const Relation& parent) {
  Level& level = levels_[parent.id];
  Siblings siblings;
  siblings.own = &level.bounds;
  siblings.gone = &level.gone;
  siblings.count = level.own.size();
  if (!HasCommittedLevel(parent.id)) return siblings;
  WEIR_ASSIGN_OR_RETURN(CatalogImpl::CommittedLevel committed, base_->BoundsOf(parent));
  if (!level.seen) level.seen = committed.version;
  siblings.lock = std::move(committed.lock);
  siblings.committed = std::move(committed.bounds);
  siblings.count += committed.count - std::min(committed.count, level.gone.size());
  return siblings;
}

std::optional<uint64_t> CatalogDraft::SeenLevel(int64_t parent) const {
  const auto level = levels_.find(parent);
  return level == levels_.end() ? std::nullopt : level->second.seen;
}

const std::unordered_set<int64_t>& CatalogDraft::Gone(int64_t parent) const {
  static const std::unordered_set<int64_t> kNone;
  const auto level = levels_.find(parent);
  return level == levels_.end() ? kNone : level->second.gone;
}

// --- changing ---

Result<int64_t> CatalogDraft::TakeIds(int64_t count) { return base_->store().TakeIds(count); }

bool CatalogDraft::is_of_cluster() const { return !base_->gateway().commits_atomically(); }

void CatalogDraft::Put(std::shared_ptr<Relation> relation, const RelationPtr& before) {
  Change(before, std::move(relation));
}

void CatalogDraft::Remove(const RelationPtr& relation) {
  DropZone(ZoneKeyOfRelation(relation->id));
  DropZone(ZoneKeyOfPrimaryIndex(relation->id));
  if (relation->index && relation->index->declared) {
    for (const SqlIndex::Partition& partition : relation->index->declared->partitions) {
      DropZone(ZoneKeyOfIndexPartition(relation->id, partition.name));
    }
  }
  Change(relation, nullptr);
}

Result<ZoneMapPtr> CatalogDraft::Zones() { return zones_ ? Result<ZoneMapPtr>(zones_) : base_->Zones(); }

Status CatalogDraft::PutZone(const std::string& key, std::optional<ZoneFields> fields) {
  WEIR_ASSIGN_OR_RETURN(const ZoneMapPtr before, Zones());
  auto after = std::make_shared<ZoneMap>(*before);
  if (fields) {
    (*after)[key] = std::move(*fields);
  } else {
    after->erase(key);
  }
  Replace<ZoneMapPtr>(&Step::zones, before, std::move(after), &zones_before_, &zones_);
  return Status::OK();
}

/// Of an object that goes. Should the zones not be known, the row stays of which nobody has the key.
void CatalogDraft::DropZone(const std::string& key) {
  const auto zones = Zones();
  if (zones.ok() && (*zones)->contains(key)) (void)PutZone(key, std::nullopt);
}

Result<ForeignServersPtr> CatalogDraft::Servers() {
  return servers_ ? Result<ForeignServersPtr>(servers_) : base_->Servers();
}

Status CatalogDraft::PutServer(const std::string& name, std::optional<ForeignServer> server) {
  WEIR_ASSIGN_OR_RETURN(const ForeignServersPtr before, Servers());
  auto after = std::make_shared<ForeignServerMap>(*before);
  after->erase(name);
  if (server) after->emplace(name, std::move(*server));
  else DropComment(CommentKeyOfServer(name));
  Replace<ForeignServersPtr>(&Step::servers, before, std::move(after), &servers_before_, &servers_);
  return Status::OK();
}

Result<CommentMapPtr> CatalogDraft::Comments() {
  return comments_ ? Result<CommentMapPtr>(comments_) : base_->Comments();
}

Status CatalogDraft::PutComment(const std::string& key, std::optional<std::string> text) {
  WEIR_ASSIGN_OR_RETURN(const CommentMapPtr before, Comments());
  auto after = std::make_shared<CommentMap>(*before);
  after->erase(key);
  if (text) after->emplace(key, std::move(*text));
  Replace<CommentMapPtr>(&Step::comments, before, std::move(after), &comments_before_, &comments_);
  return Status::OK();
}

/// Of an object that goes, as DropZone does it.
void CatalogDraft::DropComment(const std::string& key) {
  const auto comments = Comments();
  if (comments.ok() && (*comments)->contains(key)) (void)PutComment(key, std::nullopt);
}

CatalogDraft::CommentChanges CatalogDraft::comment_changes() const {
  return ChangesBetween<CommentChanges>(comments_before_, comments_);
}

CatalogDraft::ZoneChanges CatalogDraft::zone_changes() const {
  return ChangesBetween<ZoneChanges>(zones_before_, zones_);
}

CatalogDraft::ServerChanges CatalogDraft::server_changes() const {
  return ChangesBetween<ServerChanges>(servers_before_, servers_);
}

namespace {

template <typename Map, typename Saved>
void Save(const Map& map, const typename Map::key_type& key, Saved* saved) {
  const auto at = map.find(key);
  saved->emplace_back(key, at == map.end() ? std::nullopt : std::optional(at->second));
}

template <typename Map, typename Saved>
void Restore(const Saved& saved, Map* map) {
  for (auto at = saved.rbegin(); at != saved.rend(); ++at) {
    if (at->second) {
      (*map)[at->first] = *at->second;
    } else {
      map->erase(at->first);
    }
  }
}

/// A table of a cluster is called as it was made, however its relation is called since.
void KeepFlussName(Relation* relation) {
  relation->fluss_name.clear();
  if (!relation->table || relation->fluss_partition || relation->is_index()) return;
  const TablePath& made = relation->table->path;
  const bool renamed = made.database == FlussNameOf(relation->path.database) && made != FlussPathOf(*relation);
  if (renamed) relation->fluss_name = made.table;
}

}  // namespace

void CatalogDraft::Change(const RelationPtr& before, std::shared_ptr<Relation> after) {
  if (after && is_of_cluster()) KeepFlussName(after.get());
  Step step;
  step.before = before;
  step.after = after;
  if (before) {
    step.before_is_committed = !IsOwn(*before);
    Save(entries_, before->id, &step.entries);
    Save(by_path_, before->path, &step.paths);
    Leave(*before);
    Entry& entry = entries_[before->id];
    if (step.before_is_committed && !entry.base) entry.base = before;
    entry.now = nullptr;
    by_path_[before->path] = nullptr;
  }
  if (after) {
    Save(entries_, after->id, &step.entries);
    Save(by_path_, after->path, &step.paths);
    entries_[after->id].now = after;
    by_path_[after->path] = after;
    Join(after);
    NoteUnmade(*after);
  }
  steps_.push_back(std::move(step));
}

std::vector<RelationPtr> CatalogDraft::TakenSince(size_t savepoint) const {
  const auto is_same = [](const SqlColumn& before, const SqlColumn& after) {
    return before.name == after.name && before.type == after.type;
  };
  std::vector<RelationPtr> taken;
  for (const Step& step : std::span(steps_).subspan(savepoint)) {
    const auto entry = step.before ? entries_.find(step.before->id) : entries_.end();
    if (entry == entries_.end() || !entry->second.base) continue;  // nobody else knows it
    const bool same = step.after && step.after->path == step.before->path &&
                      std::ranges::equal(step.before->columns, step.after->columns, is_same);
    if (!same) taken.push_back(step.before);
  }
  return taken;
}

std::vector<TablePath> CatalogDraft::NamedSince(size_t savepoint) const {
  std::vector<TablePath> named;
  for (const Step& step : std::span(steps_).subspan(savepoint)) {
    if (step.after && !(step.before && step.before->path == step.after->path)) named.push_back(step.after->path);
  }
  return named;
}

void CatalogDraft::SetDatabase(const std::string& name, bool there) {
  if (!there) {
    DropZone(ZoneKeyOfDatabase(name));
    DropComment(CommentKeyOfSchema(name));
    DropComment(CommentKeyOfDatabase(name));
  }
  Step step;
  Save(databases_, name, &step.databases);
  databases_.try_emplace(name, Database{!there, there}).first->second.there = there;
  steps_.push_back(std::move(step));
}

void CatalogDraft::Join(const RelationPtr& relation) {
  if (!relation->parent) return;
  Level& level = levels_[*relation->parent];
  level.own[relation->id] = relation;
  level.bounds.Add(relation->id, relation->bound);
  level.arranged = nullptr;
}

void CatalogDraft::Leave(const Relation& relation) {
  if (!relation.parent) return;
  Level& level = levels_[*relation.parent];
  level.arranged = nullptr;
  if (level.own.erase(relation.id) > 0) {
    level.bounds.Remove(relation.id, relation.bound);
  } else {
    level.gone.insert(relation.id);
  }
}

void CatalogDraft::NoteUnmade(const Relation& relation) {
  if (relation.has_storage() && !IsMade(relation)) unmade_.insert(relation.id);
}

void CatalogDraft::RollbackTo(size_t savepoint) {
  while (steps_.size() > savepoint) {
    Undo(steps_.back());
    steps_.pop_back();
  }
  std::set<int64_t> used = TablesInUse();
  for (const Step& step : steps_) {
    for (const Relation* relation : {step.before.get(), static_cast<const Relation*>(step.after.get())}) {
      if (relation != nullptr && relation->table) used.insert(relation->table->table_id);
    }
  }
  std::vector<int64_t> unused;
  for (const auto& [id, info] : made_) {
    if (!used.contains(id)) unused.push_back(id);
  }
  DropMade(unused);
}

std::set<int64_t> CatalogDraft::TablesInUse() const {
  std::set<int64_t> used;
  for (const auto& [id, entry] : entries_) {
    if (entry.now && entry.now->table) used.insert(entry.now->table->table_id);
  }
  return used;
}

void CatalogDraft::Undo(const Step& step) {
  if (step.zones) zones_ = step.zones;
  if (step.servers) servers_ = step.servers;
  if (step.comments) comments_ = step.comments;
  if (step.types) types_ = step.types;
  if (step.after) Leave(*step.after);
  Restore(step.entries, &entries_);
  Restore(step.paths, &by_path_);
  Restore(step.databases, &databases_);
  if (!step.before) return;
  if (step.before_is_committed) {
    if (!step.before->parent) return;
    Level& level = levels_[*step.before->parent];
    level.gone.erase(step.before->id);
    level.arranged = nullptr;
    return;
  }
  const std::shared_ptr<Relation>& restored = entries_.at(step.before->id).now;
  Join(restored);
  NoteUnmade(*restored);
}

// --- tables ---

Result<std::map<int32_t, int64_t>> LogEnds(Gateway& gateway, const TableInfo& table) {
  std::vector<int32_t> buckets;
  for (int32_t id = 0; id < table.num_buckets(); ++id) buckets.push_back(id);
  const auto offsets = gateway.ListOffsets(table.table_id, {}, buckets, OffsetSpec::Latest()).Wait();
  if (!offsets.ok()) return offsets.status();
  std::map<int32_t, int64_t> ends;
  for (const auto& [bucket, end] : *offsets) {
    if (!end.ok()) return end.status();
    ends[bucket] = *end;
  }
  return ends;
}

Status CatalogDraft::NoteRowsOf(const Relation& leaf) {
  WEIR_ASSIGN_OR_RETURN(copied_[leaf.table->table_id], LogEnds(base_->gateway(), *leaf.table));
  return Status::OK();
}

Status CatalogDraft::MakeTables() {
  Leaves leaves;
  for (const int64_t id : unmade_) {
    const auto entry = entries_.find(id);
    if (entry != entries_.end() && entry->second.now && !IsMade(*entry->second.now))
      leaves.push_back(entry->second.now);
  }
  WEIR_RETURN_NOT_OK(MakeTablesOf(leaves));
  unmade_.clear();
  return Status::OK();
}

namespace {

/// On a cluster a zone says how many replicas a table has, unless its own options do.
Status SetReplicas(CatalogView* catalog, Gateway* gateway, const Relation& leaf, TableDescriptor* descriptor) {
  if (ClusterServers::Of(gateway) == nullptr) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const auto replicas, ReplicasAskedFor(*catalog, leaf));
  if (replicas) descriptor->properties.try_emplace(kReplicationOption, std::to_string(*replicas));
  return Status::OK();
}

}  // namespace

Status CatalogDraft::MakeTablesOf(const Leaves& leaves) {
  std::vector<NewTable> tables;
  Leaves without_table;
  Leaves without_schema;
  for (const std::shared_ptr<Relation>& leaf : leaves) {
    if (leaf->table) {
      without_schema.push_back(leaf);
      continue;
    }
    leaf->fluss_name.clear();  // of a table that it had
    WEIR_ASSIGN_OR_RETURN(TableDescriptor descriptor, DescribeTable(*leaf));
    WEIR_RETURN_NOT_OK(SetReplicas(this, &base_->gateway(), *leaf, &descriptor));
    tables.push_back({FlussPathOf(*leaf), std::move(descriptor)});
    without_table.push_back(leaf);
  }
  if (!without_schema.empty()) WEIR_RETURN_NOT_OK(MakeSchemas(without_schema));
  if (tables.empty()) return Status::OK();
  return base_->gateway().commits_atomically() ? MakePending(tables, without_table)
                                               : MakeVisible(tables, without_table);
}

Status CatalogDraft::MakePending(const std::vector<NewTable>& tables, const Leaves& leaves) {
  const auto infos = base_->gateway().CreatePendingTables(tables).Wait();
  if (!infos.ok()) return infos.status();
  for (size_t i = 0; i < leaves.size(); ++i) Keep(leaves[i].get(), (*infos)[i]);
  return Status::OK();
}

Status CatalogDraft::MakeSchemas(const Leaves& leaves) {
  Gateway& gateway = base_->gateway();
  if (!gateway.commits_atomically()) {
    return Error("0A000", fmt::format("the columns of \"{}\" cannot be changed on {}", leaves.front()->path.table,
                                      gateway.target()));
  }
  std::vector<NewSchema> schemas;
  for (const std::shared_ptr<Relation>& leaf : leaves)
    schemas.push_back({leaf->table->table_id, leaf->table->schema()});
  const auto ids = gateway.AddPendingSchemas(schemas).Wait();
  if (!ids.ok()) return ids.status();
  for (size_t i = 0; i < leaves.size(); ++i) {
    auto table = std::make_shared<TableInfo>(*leaves[i]->table);
    table->schema_id = (*ids)[i];
    leaves[i]->table = std::move(table);
  }
  return Status::OK();
}

namespace {

/// A table without a relation belongs to a transaction that another server may still commit, or is what is left of one
/// that was cut short.
constexpr std::chrono::minutes kTimeToCommit(5);

bool MayBeCommitted(const TableInfo& made) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return now - std::chrono::milliseconds(made.created_time) < kTimeToCommit;
}

/// Whether a committed relation has its rows there.
Result<bool> IsInUse(CatalogView* catalog, const TableInfo& info) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, catalog->FindById(access::RelationIdOf(info)));
  return relation && relation->table && relation->table->table_id == info.table_id;
}

/// A name for a leaf's table where its own is taken. What an earlier attempt that was cut short has left under a name
/// makes room; what has a relation keeps it.
Status FreeName(CatalogView* catalog, Gateway* gateway, const CatalogDraft& draft, Relation* leaf) {
  while (true) {
    const TablePath path = FlussPathOf(*leaf);
    const auto info = gateway->GetTableInfo(path).Wait();
    if (!info.ok()) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(bool in_use, IsInUse(catalog, *info));
    in_use = in_use || draft.made().contains(info->table_id);
    if (in_use || !info->descriptor.custom_properties.contains(kRelationProperty)) {
      leaf->table_number = std::max(leaf->table_number, 1) + 1;
      continue;
    }
    if (MayBeCommitted(*info)) {
      return Error("40001", fmt::format("\"{}\" is being made by another transaction", path.table),
                   {.hint = "If its server has died, the name is free again five minutes after it was taken."});
    }
    return gateway->DropTable(path, true).Wait().status();
  }
}

/// A commit to a bucket that the cluster has not given a leader would have all commits behind it wait.
Status WaitForLeaders(Gateway* gateway, const std::vector<std::shared_ptr<Relation>>& leaves) {
  std::vector<Future<std::map<int32_t, Result<int64_t>>>> ends;
  for (const std::shared_ptr<Relation>& leaf : leaves) {
    std::vector<int32_t> buckets(static_cast<size_t>(leaf->table->num_buckets()));
    std::iota(buckets.begin(), buckets.end(), 0);
    ends.push_back(gateway->ListOffsets(leaf->table->table_id, {}, buckets, OffsetSpec::Latest()));
  }
  for (const auto& table : ends) {
    const auto& offsets = table.Wait();
    if (!offsets.ok()) return offsets.status();
    for (const auto& [bucket, end] : *offsets) WEIR_RETURN_NOT_OK(end.status());
  }
  return Status::OK();
}

}  // namespace

Status CatalogDraft::MakeDatabases() {
  for (const auto& [name, database] : databases_) {
    if (database.was || !database.there || made_databases_.contains(name)) continue;
    const auto created = base_->gateway().CreateDatabase(FlussNameOf(name), {}, false).Wait();
    if (!created.ok()) return created.status();
    made_databases_.insert(name);
  }
  return Status::OK();
}

Status CatalogDraft::MakeVisible(std::vector<NewTable> tables, const Leaves& leaves) {
  WEIR_RETURN_NOT_OK(MakeDatabases());
  Gateway& gateway = base_->gateway();
  Result<Unit> created = gateway.CreateTables(tables, false).Wait();
  if (created.status().code() == ErrorCode::kTableAlreadyExist) {
    for (size_t i = 0; i < leaves.size(); ++i) {
      WEIR_RETURN_NOT_OK(FreeName(base_.get(), &gateway, *this, leaves[i].get()));
      tables[i].path = FlussPathOf(*leaves[i]);
    }
    created = gateway.CreateTables(tables, false).Wait();
  }
  if (!created.ok()) return created.status();
  std::vector<Future<TableInfo>> infos;
  for (const NewTable& table : tables) infos.push_back(gateway.GetTableInfo(table.path));
  for (size_t i = 0; i < leaves.size(); ++i) {
    const Result<TableInfo>& info = infos[i].Wait();
    if (!info.ok()) return info.status();
    Keep(leaves[i].get(), *info);
  }
  return WaitForLeaders(&gateway, leaves);
}

void CatalogDraft::Keep(Relation* leaf, const TableInfo& info) {
  leaf->table = std::make_shared<const TableInfo>(info);
  made_[info.table_id] = leaf->table;
}

void CatalogDraft::Committed() {
  const std::set<int64_t> used = TablesInUse();
  std::vector<int64_t> unused;
  for (const auto& [id, info] : made_) {
    if (!used.contains(id)) unused.push_back(id);
  }
  DropMade(unused);
  made_.clear();
  made_databases_.clear();
  for (auto& [id, entry] : entries_) {
    const bool renamed = entry.now && entry.now->table && !entry.now->fluss_partition &&
                         entry.now->table->path != FlussPathOf(*entry.now);
    if (!renamed) continue;
    auto table = std::make_shared<TableInfo>(*entry.now->table);
    table->path = FlussPathOf(*entry.now);
    entry.now->table = std::move(table);
  }
}

/// Only databases that go along wait for it: what is not dropped here goes when the target is opened the next time, or
/// is a remnant.
void CatalogDraft::DropMade(const std::vector<int64_t>& tables) {
  Gateway& gateway = base_->gateway();
  std::vector<Future<Unit>> drops;
  for (const int64_t id : tables) {
    const auto made = made_.find(id);
    if (!gateway.commits_atomically()) drops.push_back(gateway.DropTable(made->second->path, true));
    made_.erase(made);
  }
  if (gateway.commits_atomically() && !tables.empty()) (void)gateway.DropPendingTables(tables);
  DropMadeDatabases(drops);
}

/// Those that the draft does not have any more. Another server may have put a table there, which keeps its database.
void CatalogDraft::DropMadeDatabases(const std::vector<Future<Unit>>& drops) {
  std::erase_if(made_databases_, [&](const std::string& name) {
    const auto known = databases_.find(name);
    if (known != databases_.end() && known->second.there) return false;
    for (const Future<Unit>& drop : drops) (void)drop.Wait();
    (void)base_->gateway().DropDatabase(FlussNameOf(name), true, false).Wait();
    return true;
  });
}

}  // namespace weir::sql
