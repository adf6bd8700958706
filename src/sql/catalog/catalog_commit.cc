#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/definition.h"
#include "sql/catalog/fluss_name.h"
#include "sql/catalog/partition_bounds.h"
#include "sql/catalog/table_definition.h"
#include "sql/catalog/type_ddl.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using Entry = CatalogDraft::Entry;

Status Conflict(const char* what, const std::string& name) {
  return Error("40001", fmt::format("could not {} \"{}\" due to concurrent changes", what, name));
}

/// Whether it is still what the draft was built on.
bool IsSame(const Relation& a, const Relation& b) {
  if (&a == &b) return true;
  return a.id == b.id && a.path == b.path && a.parent == b.parent &&
         WriteDefinition(a, nullptr) == WriteDefinition(b, nullptr);
}

/// Whether two states of a relation differ in the views that name it, and the tables that inherit from it, and in
/// nothing else.
bool IsSameButForLinks(const Relation& a, const Relation& b) {
  Relation alike = a;
  alike.views = b.views;
  alike.inherited_by = b.inherited_by;
  return IsSame(alike, b);
}

using Links = std::vector<int64_t>;

/// Those that others have committed, with what has come and gone between `base` and `now`.
void MergeLinks(const Links& base, const Links& now, Links* committed) {
  const auto has = [](const Links& links, int64_t link) { return std::ranges::count(links, link) > 0; };
  std::erase_if(*committed, [&](int64_t link) { return has(base, link) && !has(now, link); });
  for (const int64_t link : now) {
    if (!has(base, link) && !has(*committed, link)) committed->push_back(link);
  }
}

std::shared_ptr<Relation> WithLinksOf(const Relation& committed, const Relation& base, const Relation& now) {
  auto merged = std::make_shared<Relation>(committed);
  MergeLinks(base.views, now.views, &merged->views);
  MergeLinks(base.inherited_by, now.inherited_by, &merged->inherited_by);
  std::ranges::sort(merged->inherited_by);
  return merged;
}

/// Holds a draft against what is committed now.
class DraftCheck {
 public:
  DraftCheck(CatalogImpl& catalog, CatalogDraft& draft) : catalog_(catalog), draft_(draft) {}

  Status Run() {
    WEIR_RETURN_NOT_OK(MergeOthersLinks());

    for (const auto& [id, entry] : draft_.entries()) {
      if (!entry.changed()) continue;
      if (entry.base) WEIR_RETURN_NOT_OK(CheckBase(entry));
      if (entry.now) WEIR_RETURN_NOT_OK(CheckNew(entry));
    }
    WEIR_RETURN_NOT_OK(CheckTypes());
    WEIR_RETURN_NOT_OK(CheckZones());
    return CheckServers();
  }

 private:
  /// Views that others have made of the same relation meanwhile go together with those of this draft, and so do
  /// children.
  Status MergeOthersLinks() {
    std::map<int64_t, std::pair<RelationPtr, std::shared_ptr<Relation>>> merged;
    for (const auto& [id, entry] : draft_.entries()) {
      if (!entry.changed() || !entry.base || !entry.now || !IsSameButForLinks(*entry.now, *entry.base)) continue;
      WEIR_ASSIGN_OR_RETURN(const RelationPtr now, catalog_.Find(entry.base->path));
      if (!now || IsSame(*now, *entry.base) || !IsSameButForLinks(*now, *entry.base)) continue;
      merged[id] = {now, WithLinksOf(*now, *entry.base, *entry.now)};
    }
    for (auto& [id, both] : merged) draft_.Rebase(id, both.first, std::move(both.second));
    return Status::OK();
  }

  Status CheckBase(const Entry& entry) {
    const Relation& base = *entry.base;
    WEIR_ASSIGN_OR_RETURN(const RelationPtr now, catalog_.Find(base.path));
    if (!now || !IsSame(*now, base)) return Conflict(entry.now ? "change" : "drop", base.path.table);
    if (entry.now || !base.is_partitioned() || !CatalogImpl::IsSql(base)) return Status::OK();
    // What others have put below it would be lost.
    WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog_.Children(base));
    for (const RelationPtr& child : children->relations) {
      const auto own = draft_.entries().find(child->id);
      if (own == draft_.entries().end() || own->second.base == nullptr) return Conflict("drop", base.path.table);
    }
    return Status::OK();
  }

  /// Types that others have changed or dropped, and those that are dropped here while others have come to use them.
  Status CheckTypes() {
    const TypeChanges changes = draft_.type_changes();
    if (changes.empty() && draft_.used_types().empty()) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const TypeMapPtr now, catalog_.Types());
    for (const auto& [oid, type] : draft_.used_types()) {
      if (draft_.MakesType(oid) || changes.contains(oid)) continue;
      const auto held = now->find(oid);
      if (held == now->end() || *held->second != *type) return Conflict("use type", type->name);
    }
    std::vector<postgres::MadeTypePtr> dropped;
    for (const auto& [oid, type] : changes) {
      const auto before = draft_.types_before()->find(oid);
      if (before == draft_.types_before()->end()) {
        if (FindTypeNamed(*now, (*type)->schema, (*type)->name).type) return Conflict("create type", (*type)->name);
        continue;
      }
      const auto held = now->find(oid);
      const bool same = held != now->end() && *held->second == *before->second;
      if (!same) return Conflict(type ? "change type" : "drop type", before->second->name);
      if (!type) dropped.push_back(before->second);
    }
    return CheckDropped(dropped, *now);
  }

  Status CheckDropped(const std::vector<postgres::MadeTypePtr>& dropped, const TypeMap& now) {
    if (dropped.empty()) return Status::OK();
    const auto same = [](const auto& one, const auto& other) { return *one.second == *other.second; };
    bool used = !std::ranges::equal(now, *draft_.types_before(), same);  // what others have made may be of them
    if (!used) {
      WEIR_ASSIGN_OR_RETURN(const TypeDependents dependents, DependentsOfTypes(draft_, dropped, {}, DdlContext()));
      used = !dependents.reasons.empty();
    }
    return used ? Conflict("drop type", dropped.front()->name) : Status::OK();
  }

  Status CheckZones() {
    const CatalogDraft::ZoneChanges changes = draft_.zone_changes();
    if (changes.empty()) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const ZoneMapPtr now, catalog_.Zones());
    const auto at = [](const ZoneMap& zones, const std::string& key) {
      const auto found = zones.find(key);
      return found == zones.end() ? std::nullopt : std::optional(found->second);
    };
    for (const auto& [key, fields] : changes) {
      if (at(*now, key) != at(*draft_.zones_before(), key)) return Conflict("configure", key);
    }
    return Status::OK();
  }

  Status CheckServers() {
    const CatalogDraft::ServerChanges changes = draft_.server_changes();
    if (changes.empty()) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const ForeignServersPtr now, catalog_.Servers());
    const ForeignServerMap& before = *draft_.servers_before();
    for (const auto& [name, server] : changes) {
      const auto was = before.find(name);
      const auto is = now->find(name);
      const bool same = was == before.end() ? is == now->end() : is != now->end() && is->second == was->second;
      if (!same) return Conflict("change", name);
    }
    return Status::OK();
  }

  Status CheckNew(const Entry& entry) {
    const Relation& relation = *entry.now;
    const char* what = entry.base ? "change" : "create";
    if (!entry.base || entry.base->path != relation.path) {
      WEIR_ASSIGN_OR_RETURN(const RelationPtr taken, catalog_.Find(relation.path));
      const auto own = taken ? draft_.entries().find(taken->id) : draft_.entries().end();
      const bool makes_room = own != draft_.entries().end() && own->second.base && own->second.changed();
      if (taken && !makes_room) return Conflict(what, relation.path.table);
    }
    if (!relation.parent || (entry.base && entry.base->parent == relation.parent)) return Status::OK();
    return CheckPlace(relation, what);
  }

  /// Among the partitions that its parent has now.
  Status CheckPlace(const Relation& relation, const char* what) {
    const auto own = draft_.entries().find(*relation.parent);
    const bool is_own = own != draft_.entries().end() && (!own->second.base || !own->second.base->is_partitioned());
    if (is_own) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const RelationPtr parent, catalog_.FindById(*relation.parent));
    if (!parent || !parent->is_partitioned()) return Conflict(what, relation.path.table);
    WEIR_ASSIGN_OR_RETURN(const auto level, catalog_.BoundsOf(*parent));
    const auto& gone = draft_.Gone(parent->id);
    if (level.bounds->FindOverlap(relation.bound, gone)) return Conflict(what, relation.path.table);
    WEIR_RETURN_NOT_OK(CheckPartitionCount(*parent, level.count - std::min(level.count, gone.size()) + 1));
    // The rows of a DEFAULT partition were looked at with the siblings of that time.
    const auto default_child = level.bounds->default_child();
    const bool beside_default = default_child && !gone.contains(*default_child);
    const bool is_default = std::holds_alternative<DefaultBound>(relation.bound);
    if ((beside_default || is_default) && draft_.SeenLevel(parent->id) != level.version) {
      return Conflict(what, relation.path.table);
    }
    return Status::OK();
  }

  CatalogImpl& catalog_;
  CatalogDraft& draft_;
};

CatalogStore::StoredRelation StoredRow(const Relation& relation, const Relation* parent) {
  CatalogStore::StoredRelation stored;
  stored.path = relation.path;
  stored.id = relation.id;
  if (parent == nullptr) {
    stored.definition = WriteDefinition(relation, nullptr);
  } else {
    stored.parent = parent->path;
    stored.parent_id = parent->id;
  }
  return stored;
}

/// The rows of `relations` and `partitions` that a draft comes to.
class DraftRows {
 public:
  DraftRows(CatalogImpl& catalog, const CatalogDraft& draft) : catalog_(catalog), draft_(draft) {}

  Result<CatalogStore::Change> Make() {
    for (const auto& [id, entry] : draft_.entries()) {
      if (!entry.changed()) continue;
      if (entry.base && CatalogImpl::IsSql(*entry.base)) RemoveOld(entry);
      if (entry.now) WEIR_RETURN_NOT_OK(PutNew(entry));
    }
    for (const TablePath& path : left_) {
      if (!put_.contains(path)) change_.remove_relations.push_back(path);
    }
    for (const auto& [oid, type] : draft_.type_changes()) {
      if (type) {
        change_.put_types.emplace_back(oid, postgres::WriteMadeType(**type));
      } else {
        change_.remove_types.push_back(oid);
      }
    }
    for (const auto& [key, fields] : draft_.zone_changes()) {
      if (fields) {
        change_.put_zones.emplace_back(key, WriteZone(*fields));
      } else {
        change_.remove_zones.push_back(key);
      }
    }
    for (const auto& [name, server] : draft_.server_changes()) {
      if (server) {
        change_.put_servers.emplace_back(name, WriteServer(*server));
      } else {
        change_.remove_servers.push_back(name);
      }
    }
    for (const auto& [key, text] : draft_.comment_changes()) {
      if (text) {
        change_.put_comments.emplace_back(key, *text);
      } else {
        change_.remove_comments.push_back(key);
      }
    }
    return std::move(change_);
  }

 private:
  void RemoveOld(const Entry& entry) {
    const Relation& base = *entry.base;
    left_.insert(base.path);
    const bool stays = entry.now && entry.now->parent == base.parent;
    if (base.parent && !stays) change_.remove_partitions.emplace_back(*base.parent, base.id);
  }

  Status PutNew(const Entry& entry) {
    const Relation& relation = *entry.now;
    RelationPtr parent;
    if (relation.parent) {
      WEIR_ASSIGN_OR_RETURN(parent, ParentOf(*relation.parent));
      if (!parent) return Error("XX000", fmt::format("the parent of \"{}\" is gone", relation.path.table));
      change_.put_partitions.push_back(
          {parent->id, relation.id, relation.path, WriteDefinition(relation, parent.get())});
    }
    CatalogStore::StoredRelation stored = StoredRow(relation, parent.get());
    if (entry.base) {
      // The row by name keeps the definition and names the parent before and after, so that only the partition's
      // row decides whether it is one.
      if (!parent && entry.base->parent) {
        WEIR_ASSIGN_OR_RETURN(const RelationPtr before, catalog_.FindById(*entry.base->parent));
        if (before) stored.parent = before->path;
        stored.parent_id = *entry.base->parent;
      }
      Relation alone = relation;
      alone.parent.reset();
      stored.definition = WriteDefinition(alone, nullptr);
    }
    change_.put_relations.push_back(std::move(stored));
    put_.insert(relation.path);
    return Status::OK();
  }

  Result<RelationPtr> ParentOf(int64_t id) {
    const auto own = draft_.entries().find(id);
    if (own != draft_.entries().end()) return RelationPtr(own->second.now);
    return catalog_.FindById(id);
  }

  CatalogImpl& catalog_;
  const CatalogDraft& draft_;
  CatalogStore::Change change_;
  std::set<TablePath> left_;
  std::set<TablePath> put_;
};

/// The committed relations that take their Fluss tables, or partitions of those, with them: they are gone, or have
/// another one now.
std::vector<RelationPtr> DroppedTables(const CatalogDraft& draft) {
  const std::set<int64_t> used = draft.TablesInUse();
  std::vector<RelationPtr> dropped;
  for (const auto& [id, entry] : draft.entries()) {
    if (!entry.base || !entry.base->table) continue;
    const bool gone = entry.base->fluss_partition ? !entry.now : !used.contains(entry.base->table->table_id);
    if (gone) dropped.push_back(entry.base);
  }
  return dropped;
}

/// Fluss clients know no locks: rows that they have written to a table since it was copied would go with it.
Status CheckCopied(CatalogImpl& catalog, const CatalogDraft& draft) {
  if (draft.copied().empty()) return Status::OK();
  for (const RelationPtr& relation : DroppedTables(draft)) {
    const auto copied = draft.copied().find(relation->table->table_id);
    if (copied == draft.copied().end()) continue;
    WEIR_ASSIGN_OR_RETURN(const auto ends, LogEnds(catalog.gateway(), *relation->table));
    if (ends != copied->second) return Conflict("change", relation->path.table);
  }
  return Status::OK();
}

/// What an earlier attempt that was cut short has left under a new table's name goes with the commit. A relation's own
/// table is no remnant.
Status AddRemnants(CatalogImpl& catalog, const CatalogDraft& draft, MetadataChange* change) {
  const std::set<int64_t> dropped(change->drop_tables.begin(), change->drop_tables.end());
  for (const auto& [id, made] : draft.made()) {
    const auto info = catalog.gateway().GetTableInfo(made->path).Wait();
    if (!info.ok() || !info->descriptor.custom_properties.contains(kRelationProperty)) continue;
    if (dropped.contains(info->table_id)) continue;
    WEIR_ASSIGN_OR_RETURN(const RelationPtr holder, catalog.Find(made->path));
    if (!holder) change->drop_tables.push_back(info->table_id);
  }
  return Status::OK();
}

/// Properties as they are `now`, with what differs between the others changed: Fluss clients may have set some since.
Properties WithChanges(Properties now, const Properties& before, const Properties& after) {
  for (const auto& [name, value] : before) {
    if (!after.contains(name)) now.erase(name);
  }
  for (const auto& [name, value] : after) {
    const auto old = before.find(name);
    if (old == before.end() || old->second != value) now[name] = value;
  }
  return now;
}

TableAlteration AlterationOf(Gateway& gateway, const TablePath& path, const TableInfo& old, const TableInfo& table) {
  TableAlteration alteration{table.table_id, path, old.schema_id, table.schema_id, table.descriptor.properties,
                             table.descriptor.custom_properties};
  const auto now = gateway.GetTableInfoById(table.table_id).Wait();
  if (!now.ok()) return alteration;  // it is pending, or gone, which the commit says
  const TableDescriptor& there = now->descriptor;
  alteration.properties = WithChanges(there.properties, old.descriptor.properties, table.descriptor.properties);
  alteration.custom_properties =
      WithChanges(there.custom_properties, old.descriptor.custom_properties, table.descriptor.custom_properties);
  return alteration;
}

/// What becomes of tables that were there, or were made, under another name or with other columns or options.
std::vector<TableAlteration> Alterations(Gateway& gateway, const CatalogDraft& draft) {
  std::map<int64_t, const TableInfo*> before;
  for (const auto& [id, entry] : draft.entries()) {
    if (entry.base && entry.base->table) before[entry.base->table->table_id] = entry.base->table.get();
  }
  for (const auto& [id, info] : draft.made()) before[id] = info.get();
  std::vector<TableAlteration> alterations;
  for (const auto& [id, entry] : draft.entries()) {
    if (!entry.now || !entry.now->table || entry.now->fluss_partition) continue;
    const TableInfo& table = *entry.now->table;
    const auto was = before.find(table.table_id);
    if (was == before.end()) continue;
    const TableInfo& old = *was->second;
    const TablePath path = FlussPathOf(*entry.now);
    const bool same_mark = !gateway.commits_atomically() ||
                           table.descriptor.custom_properties == old.descriptor.custom_properties;
    const bool same = path == old.path && table.schema_id == old.schema_id && same_mark &&
                      HaveSameOptions(table.descriptor, old.descriptor);
    if (same) continue;
    alterations.push_back(AlterationOf(gateway, path, old, table));
  }
  return alterations;
}

Result<MetadataChange> MetadataOf(CatalogImpl& catalog, const CatalogDraft& draft) {
  MetadataChange change;
  for (const auto& [name, database] : draft.databases()) {
    WEIR_ASSIGN_OR_RETURN(const bool exists, catalog.DatabaseExists(name));
    if (exists != (database.was || draft.HasMadeDatabase(name))) return Conflict(exists ? "create" : "drop", name);
    if (database.was && !database.there) change.drop_databases.push_back(FlussNameOf(name));
    if (!database.was && database.there) change.create_databases.push_back(FlussNameOf(name));
  }
  for (const RelationPtr& relation : DroppedTables(draft)) {
    if (relation->fluss_partition) {
      change.drop_partitions.push_back(*relation->fluss_partition);
    } else {
      change.drop_tables.push_back(relation->table->table_id);
    }
  }
  const std::set<int64_t> used = draft.TablesInUse();
  for (const auto& [id, info] : draft.made()) {
    (used.contains(id) ? change.create_tables : change.drop_tables).push_back(id);
  }
  change.alter_tables = Alterations(catalog.gateway(), draft);
  if (catalog.gateway().commits_atomically()) WEIR_RETURN_NOT_OK(AddRemnants(catalog, draft, &change));
  return change;
}

Status WaitForAll(const std::deque<Future<Unit>>& futures) {
  for (const Future<Unit>& future : futures) {
    if (!future.Wait().ok()) return future.Wait().status();
  }
  return Status::OK();
}

Status DropPartition(Gateway& gateway, const Relation& partition) {
  const TablePath& table = partition.table->path;
  const std::string name = partition.path.table.substr(table.table.size() + 1);
  const auto info = gateway.GetPartition(table, name).Wait();
  if (!info.ok()) return info.status();
  return gateway.DropPartition(table, info->spec, true).Wait().status();
}

/// What the target says when its names are not as the draft found them.
bool IsConflict(const Status& status) {
  const ErrorCode code = status.code();
  return code == ErrorCode::kDatabaseNotExist || code == ErrorCode::kDatabaseNotEmpty ||
         code == ErrorCode::kDatabaseAlreadyExist || code == ErrorCode::kTableNotExist ||
         code == ErrorCode::kTableAlreadyExist || code == ErrorCode::kInvalidAlterTable;
}

}  // namespace

Status CatalogImpl::Commit(CatalogDraft* draft, const Write& write) {
  if (draft->empty()) return write({});
  MutexLock lock(commit_mutex_);
  // Of what others change on a cluster the version says nothing.
  if (!gateway_->is_embedded() || version() != draft->base_version())
    WEIR_RETURN_NOT_OK(DraftCheck(*this, *draft).Run());
  WEIR_RETURN_NOT_OK(draft->MakeTables());
  WEIR_RETURN_NOT_OK(CheckCopied(*this, *draft));
  Status written;
  if (gateway_->commits_atomically()) {
    CommitRequest request;
    WEIR_ASSIGN_OR_RETURN(const CatalogStore::Change rows, DraftRows(*this, *draft).Make());
    WEIR_ASSIGN_OR_RETURN(request.kv, store_.Encode(rows));
    WEIR_ASSIGN_OR_RETURN(request.metadata, MetadataOf(*this, *draft));
    written = write(std::move(request));
  } else {
    written = WriteInSteps(draft, write);
  }
  if (!written.ok()) {
    if (written.code() == ErrorCode::kUnknownServerError) {
      draft->LeaveTables();
      ForgetAll();
    }
    return IsConflict(written) ? Error("40001", "could not change the catalog due to concurrent changes: " +
                                                    written.message())
                               : written;
  }
  Published change;
  change.zones = draft->zone_changes();
  change.servers = !draft->server_changes().empty();
  change.comments = !draft->comment_changes().empty();
  change.types = draft->type_changes();
  draft->Committed();
  for (const auto& [id, entry] : draft->entries()) {
    if (!entry.changed()) continue;
    if (entry.now) change.relations.push_back(entry.now);
    if (entry.base && !entry.now) change.removed.push_back(entry.base);
  }
  if (gateway_->is_embedded()) {
    Publish(change);
  } else {
    ForgetAll();  // others may have had it read anew meanwhile
  }
  Refresh();
  return Status::OK();
}

/// On a cluster tables and databases are no part of a commit: they are made before it, which nobody sees of tables, and
/// dropped after it, when nobody needs them. Definitions go with the transaction's rows.
Status CatalogImpl::WriteInSteps(CatalogDraft* draft, const Write& write) {
  CommitRequest request;
  WEIR_ASSIGN_OR_RETURN(request.metadata, MetadataOf(*this, *draft));
  const MetadataChange metadata = request.metadata;
  if (!metadata.alter_tables.empty()) {
    return Error("0A000", fmt::format("\"{}\" cannot be altered on {}", metadata.alter_tables.front().path.table,
                                      gateway_->target()));
  }
  WEIR_RETURN_NOT_OK(CheckMade(*draft));
  WEIR_ASSIGN_OR_RETURN(const CatalogStore::Change rows, DraftRows(*this, *draft).Make());
  WEIR_ASSIGN_OR_RETURN(request.kv, store_.Encode(rows));
  WEIR_RETURN_NOT_OK(draft->MakeDatabases());
  WEIR_RETURN_NOT_OK(write(std::move(request)));
  DropLeft(*draft, metadata);
  return Status::OK();
}

/// Another server takes a table that nothing names for what is left of a commit that was cut short.
Status CatalogImpl::CheckMade(const CatalogDraft& draft) {
  for (const auto& [id, made] : draft.made()) {
    const auto info = gateway_->GetTableInfo(made->path).Wait();
    if (!info.ok() || info->table_id != id) return Conflict("create", made->path.table);
  }
  return Status::OK();
}

/// What cannot be dropped only takes room: the commit is made.
void CatalogImpl::DropLeft(const CatalogDraft& draft, const MetadataChange& metadata) {
  std::deque<Future<Unit>> drops;
  for (const RelationPtr& relation : DroppedTables(draft)) {
    if (relation->fluss_partition) {
      (void)DropPartition(*gateway_, *relation);
    } else {
      drops.push_back(gateway_->DropTable(relation->table->path, true));
    }
  }
  (void)WaitForAll(drops);
  for (const std::string& name : metadata.drop_databases) (void)gateway_->DropDatabase(name, true, true).Wait();
}

}  // namespace weir::sql
