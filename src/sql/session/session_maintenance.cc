// VACUUM, ANALYZE and their like: what they tell of tables.
#include <fmt/format.h>

#include <set>
#include <utility>

#include "gateway/gateway.h"
#include "sql/access/targets.h"
#include "sql/catalog/catalog_draft.h"
#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/heirs.h"
#include "sql/catalog/pending_key.h"
#include "sql/catalog/system_schemas.h"
#include "sql/catalog/temporary.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/engine/errors.h"
#include "sql/session/engine_session.h"
#include "sql/system/catalog_names.h"

namespace weir::sql {
namespace {

/// All tables of the catalog that statistics are kept of; temporary ones belong to others.
Result<std::vector<RelationPtr>> TablesToCount(CatalogView& catalog) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> databases, catalog.ListDatabases());
  std::vector<RelationPtr> tables;
  for (const std::string& database : databases) {
    if (IsTemporary(database)) continue;
    WEIR_ASSIGN_OR_RETURN(const auto relations, catalog.ListRelations(database));
    for (const RelationPtr& relation : relations) {
      if (relation->is_leaf() || relation->is_partitioned()) tables.push_back(relation);
    }
  }
  return tables;
}

bool IsCounted(const Relation& relation) {
  return (relation.is_leaf() || relation.is_partitioned()) && !relation.is_foreign() && CatalogImpl::IsSql(relation);
}

}  // namespace

/// VACUUM has nothing to do for files.
Status EngineSession::TellOfForeign(const RelationPtr& relation) {
  if (relation->is_foreign()) {
    Report("WARNING", "01000",
           "skipping \"" + relation->path.table + "\" --- cannot vacuum non-tables or special system tables");
  }
  if (!relation->is_partitioned()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog().Children(*relation));
  for (const size_t child : children->level.bound_order()) {
    WEIR_RETURN_NOT_OK(TellOfForeign(children->relations[child]));
  }
  return Status::OK();
}

/// The tables that VACUUM and ANALYZE name, once they are locked, without those that SKIP LOCKED leaves out.
Result<std::vector<RelationPtr>> EngineSession::TablesNamed(const NoEffect& maintenance) {
  std::vector<RelationPtr> named;
  const bool vacuum = maintenance.tag == "VACUUM";
  for (const NoEffect::Target& target : maintenance.targets) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, Find(target.name));
    if (maintenance.skip_locked) {
      WEIR_ASSIGN_OR_RETURN(const LockGrant grant, locks_->Lock(LockTag::Relation(relation->id),
                                                                LockMode::kShareUpdateExclusive, LockPolicy::kNoWait));
      if (grant == LockGrant::kNotAvailable) {
        Report("WARNING", "55P03", fmt::format("skipping {} of \"{}\" --- lock not available",
                                               vacuum ? "vacuum" : "analyze", relation->path.table));
        continue;
      }
    }
    if (vacuum) WEIR_RETURN_NOT_OK(TellOfForeign(relation));
    std::set<std::string> seen;
    for (const std::string& column : target.columns) {
      const std::string shown = fmt::format("column \"{}\" of relation \"{}\"", column, target.name.name);
      if (relation->ColumnIndex(column) < 0) return Error("42703", shown + " does not exist");
      if (!seen.insert(column).second) return Error("42701", shown + " appears more than once");
    }
    named.push_back(relation);
  }
  return named;
}

EngineSession::Outcome EngineSession::RunNoEffect(const NoEffect& nothing) {
  if (nothing.tag == "REINDEX") return RunReindex(nothing);
  const bool vacuum = nothing.tag == "VACUUM";
  if (!vacuum && nothing.tag != "ANALYZE") return NoRows(nothing.tag);
  if (vacuum) WEIR_RETURN_NOT_OK(RefuseInBlock(nothing.tag));
  const bool all = nothing.targets.empty();
  WEIR_ASSIGN_OR_RETURN(const std::vector<RelationPtr> named, TablesNamed(nothing));
  std::vector<RelationPtr> tables = named;
  if (vacuum && all) {
    WEIR_ASSIGN_OR_RETURN(tables, TablesToCount(catalog()));
    std::erase_if(tables, [](const RelationPtr& table) { return table->parent.has_value(); });
  }
  for (size_t i = 0; nothing.verbose && i < named.size(); ++i) {
    const std::string name =
        SchemaSeenFrom(database_, named[i]->path.database) + "." + named[i]->path.table;
    const bool partitioned = named[i]->is_partitioned();  // which has no rows of its own
    if (vacuum && !partitioned) Report("INFO", "00000", "vacuuming \"" + database_ + "." + name + "\"");
    const std::string tree = partitioned ? " inheritance tree" : "";
    if (nothing.analyzes) Report("INFO", "00000", "analyzing \"" + name + "\"" + tree);
  }
  if (nothing.full) WEIR_RETURN_NOT_OK(WriteAnew(tables));
  WEIR_RETURN_NOT_OK(Recount(named, !all, vacuum ? "vacuum" : "analyze", nothing.analyzes));
  if (vacuum && !nothing.full) WEIR_RETURN_NOT_OK(Reclaim(tables));
  return NoRows(nothing.tag);
}

/// Indexes are never in disorder.
EngineSession::Outcome EngineSession::RunReindex(const NoEffect& reindex) {
  if (reindex.concurrently) WEIR_RETURN_NOT_OK(RefuseInBlock("REINDEX CONCURRENTLY"));
  const QualifiedName& name = reindex.targets.front().name;
  if (reindex.reindexed == "database" || reindex.reindexed == "system") {
    if (name.name != database_) return Error("0A000", "can only reindex the currently open database");
    WEIR_RETURN_NOT_OK(RefuseInBlock("REINDEX " + std::string(reindex.reindexed == "system" ? "SYSTEM" : "DATABASE")));
    return NoRows(reindex.tag);
  }
  if (reindex.reindexed == "schema") {
    const std::string database = PathOf({.schema = name.name, .name = {}}).database;
    WEIR_ASSIGN_OR_RETURN(const bool exists, catalog().DatabaseExists(database));
    if (!exists && !IsSystemSchema(name.name)) return Error("3F000", "schema \"" + name.name + "\" does not exist");
    WEIR_RETURN_NOT_OK(RefuseInBlock("REINDEX SCHEMA"));
    return NoRows(reindex.tag);
  }
  WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, catalog().Find(PathOf(name)));
  if (reindex.reindexed == "index") {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr of_key, relation ? Result<RelationPtr>(RelationPtr())
                                                             : TableOfKey(catalog(), PathOf(name)));
    if (!relation && !of_key) return Error("42P01", "relation \"" + name.name + "\" does not exist");
    if (!of_key && !relation->is_index()) return Error("42809", "\"" + name.name + "\" is not an index");
    return NoRows(reindex.tag);
  }
  if (!relation) return Error("42P01", "relation \"" + name.name + "\" does not exist");
  if (relation->is_partitioned()) {
    const Status refused = RefuseInBlock("REINDEX TABLE");
    const std::string schema = SchemaSeenFrom(database_, relation->path.database);
    if (!refused.ok()) {
      return postgres::InContext(
          refused, fmt::format("while reindexing partitioned table \"{}.{}\"", schema, relation->path.table));
    }
  }
  if (!relation->is_table() && !relation->is_materialized()) {
    return Error("42809", "\"" + name.name + "\" is not a table or materialized view");
  }
  return NoRows(reindex.tag);
}

EngineSession::Outcome EngineSession::RunDropAbsent(const DropAbsent& drop) {
  const bool policy_like = drop.kind != "rule";
  if (drop.relation) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, catalog().Find(PathOf(*drop.relation)));
    const std::string missing = "relation \"" + drop.relation->name + "\" does not exist";
    if (!relation && !drop.if_exists) return Error("42P01", missing);
    if (!relation) {
      Notice(missing + ", skipping");
      return NoRows(drop.tag);
    }
  }
  for (const std::string& name : drop.names) {
    std::string what = fmt::format("{} \"{}\"", drop.kind, name);
    if (drop.relation) {
      const char* of = drop.if_exists || !policy_like ? "relation" : "table";
      what += fmt::format(" for {} \"{}\"", of, drop.relation->name);
    }
    if (!drop.if_exists) return Error("42704", what + " does not exist");
    Notice(what + " does not exist, skipping");
  }
  return NoRows(drop.tag);
}

/// Whether the session's role is one of those that look after a table.
Result<bool> EngineSession::MayMaintain(const Relation& table) {
  const access::StatePtr state = Access();
  if (access::CheckOwner(*state, current_role_, DatabaseTarget(*state, database_)).ok()) return true;
  WEIR_ASSIGN_OR_RETURN(const access::Target target, TargetOf(*state, catalog(), table));
  return access::HasPrivilegesOf(*state, current_role_, target.owner);
}

/// VACUUM FULL: the rows that are there, without what was deleted, each table in a transaction of its own.
Status EngineSession::WriteAnew(const std::vector<RelationPtr>& tables) {
  if (!MayCount()) return Status::OK();
  for (const RelationPtr& table : tables) {
    if (!IsCounted(*table) || table->is_materialized()) continue;
    WEIR_ASSIGN_OR_RETURN(const bool may, MayMaintain(*table));
    if (!may) continue;  // which Recount tells
    WEIR_ASSIGN_OR_RETURN(const RelationPtr locked, LockAlone(table, true));
    if (locked) WEIR_RETURN_NOT_OK(WriteTableAnew(*table));
  }
  return Status::OK();
}

Status EngineSession::WriteTableAnew(const Relation& table) {
  AlterTable alter{.name = {.schema = table.path.database, .name = table.path.table}};
  alter.only = !table.is_partitioned();  // without the tables that inherit from it
  alter.actions.emplace_back(alter::SetDistribution{.distribution = {}, .reorganize = true, .vacuum = true});
  return RunDdl(alter, "VACUUM").status();
}

/// Whether a fifth of a leaf's log, or more, are rows that were deleted, by what was counted last.
Result<bool> EngineSession::HasMuchDeleted(const Relation& leaf) {
  constexpr int64_t kShare = 5;  // as autovacuum_vacuum_scale_factor
  const bool log = leaf.is_leaf() && leaf.table && IsCounted(leaf) && !leaf.is_materialized();
  if (!log || !leaf.PrimaryKey().empty() || !leaf.counted_rows) return false;
  WEIR_ASSIGN_OR_RETURN(const auto ends, LogEnds(engine_->catalog->gateway(), *leaf.table));
  int64_t written = 0;
  for (const auto& [bucket, end] : ends) written += end;
  return written > 0 && (written - *leaf.counted_rows) * kShare >= written;
}

/// VACUUM: leaves of whose log much was deleted are written anew, as VACUUM FULL does it, unless somebody uses them.
Status EngineSession::Reclaim(const std::vector<RelationPtr>& tables) {
  if (!MayCount()) return Status::OK();
  for (const RelationPtr& named : tables) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr table, catalog().FindById(named->id));
    if (!table) continue;
    WEIR_ASSIGN_OR_RETURN(const bool may, MayMaintain(*table));
    if (!may) continue;
    if (table->is_partitioned() && CatalogImpl::IsSql(*table)) {
      WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog().Children(*table));
      WEIR_RETURN_NOT_OK(Reclaim(children->relations));
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(const bool much, HasMuchDeleted(*table));
    if (!much) continue;
    WEIR_RETURN_NOT_OK(BeginStatement());
    const LockTag tag = LockTag::Relation(table->id);
    WEIR_ASSIGN_OR_RETURN(const LockGrant grant,
                          locks_->Lock(tag, LockMode::kAccessExclusive, LockPolicy::kNoWait));
    WEIR_ASSIGN_OR_RETURN(const RelationPtr locked, catalog().FindById(table->id));
    const bool alone = grant != LockGrant::kNotAvailable && locked && locked->path == table->path;
    WEIR_RETURN_NOT_OK(alone ? WriteTableAnew(*locked) : FinishStatement());
  }
  return Status::OK();
}

/// pg_class.reltuples of the tables, those below them among them; `named`: else of all that there are. Who changes a
/// table meanwhile is faster: its number stays as it was.
Status EngineSession::Recount(std::vector<RelationPtr> tables, bool named, const std::string& verb, bool columns) {
  WEIR_RETURN_NOT_OK(BeginStatement());
  if (!MayCount()) return FinishStatement();
  if (!named) {
    WEIR_ASSIGN_OR_RETURN(tables, TablesToCount(catalog()));
  }
  for (RelationPtr& table : tables) {  // it may have been written anew
    WEIR_ASSIGN_OR_RETURN(table, catalog().FindById(table->id));
  }
  std::erase(tables, nullptr);
  for (const RelationPtr& table : tables) {
    WEIR_ASSIGN_OR_RETURN(const bool may, MayMaintain(*table));
    if (!may) {
      Report("WARNING", "01000",
             "skipping \"" + table->path.table + "\" --- only table or database owner can " + verb + " it");
    } else if (named || !table->parent) {
      WEIR_RETURN_NOT_OK(RecountBelow(table, columns).status());
    }
  }
  const Status counted = FinishStatement();
  if (counted.ok() || in_block()) return counted;
  AbandonStatement();
  return FieldsOf(counted).sqlstate == "40001" ? Status::OK() : counted;
}

/// The rows of a table, and of those below it. `columns`: what these hold, too.
Result<int64_t> EngineSession::RecountBelow(const RelationPtr& table, bool columns) {
  int64_t rows = 0;
  auto now = std::make_shared<Relation>(*table);
  const auto as_owner = [&](const auto& look) {  // who may analyze it need not read it
    const access::RoleId role = std::exchange(state_->role, access::kWeir);
    auto found = Guarded({}, look);
    state_->role = role;
    return found;
  };
  if (table->is_partitioned()) {
    WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog().Children(*table));
    std::vector<RelationPtr> counted;
    for (const RelationPtr& child : children->relations) {
      WEIR_ASSIGN_OR_RETURN(const int64_t below, RecountBelow(child, columns));
      rows += below;
      WEIR_ASSIGN_OR_RETURN(counted.emplace_back(), catalog().FindById(child->id));
    }
    if (columns) {
      WEIR_ASSIGN_OR_RETURN(now->statistics, as_owner([&] { return StatisticsOfTree(*table, counted, rows); }));
    }
  } else if (IsCounted(*table)) {
    WEIR_ASSIGN_OR_RETURN(rows, as_owner([&] { return CountRows(*table); }));
    const std::string name = NameHere(*table);
    if (columns) {
      WEIR_ASSIGN_OR_RETURN(now->statistics,
                            as_owner([&] { return StatisticsOfRows(*table, OnlyOf(*table) + name, rows); }));
    }
    if (columns && !table->inherited_by.empty()) {
      const std::string count = "SELECT count(*) FROM " + name;
      WEIR_ASSIGN_OR_RETURN(const duckdb::Value all, as_owner([&] { return QueryValue(count); }));
      WEIR_ASSIGN_OR_RETURN(now->statistics_with_heirs, as_owner([&] {
                              return StatisticsOfRows(*table, name, all.GetValue<int64_t>());
                            }));
    }
  }
  now->counted_rows = rows;
  const bool same = table->counted_rows == rows && table->statistics == now->statistics &&
                    table->statistics_with_heirs == now->statistics_with_heirs;
  if (IsCounted(*table) && !same) Draft()->Put(std::move(now), table);
  return rows;
}

/// What only reads counts nothing, nor do servers of a cluster, where definitions have no room for it.
bool EngineSession::MayCount() const {
  if (!engine_->catalog->gateway().is_embedded()) return false;
  return !state_->check_may_change || state_->check_may_change("ANALYZE").ok();
}

}  // namespace weir::sql
