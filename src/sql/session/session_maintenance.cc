// VACUUM, ANALYZE and their like: what they tell of tables.
#include <utility>

#include "gateway/gateway.h"
#include "sql/access/targets.h"
#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/temporary.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/engine/errors.h"
#include "sql/session/engine_session.h"

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

EngineSession::Outcome EngineSession::RunNoEffect(const NoEffect& nothing) {
  if (nothing.tag == "VACUUM") WEIR_RETURN_NOT_OK(RefuseInBlock(nothing.tag));
  std::vector<RelationPtr> named;
  for (const NoEffect::Target& target : nothing.targets) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, Find(target.name));
    if (nothing.tag == "VACUUM") WEIR_RETURN_NOT_OK(TellOfForeign(relation));
    for (const std::string& column : target.columns) {
      if (relation->ColumnIndex(column) >= 0) continue;
      return Error("42703", "column \"" + column + "\" of relation \"" + target.name.name + "\" does not exist");
    }
    named.push_back(relation);
  }
  if (nothing.full) WEIR_RETURN_NOT_OK(WriteAnew(named));
  if (nothing.tag == "VACUUM" || nothing.tag == "ANALYZE") {
    const char* verb = nothing.tag == "VACUUM" ? "vacuum" : "analyze";
    WEIR_RETURN_NOT_OK(Recount(named, !nothing.targets.empty(), verb, nothing.analyzes));
  }
  return NoRows(nothing.tag);
}

/// VACUUM FULL: the rows that are there, without what was deleted, each table in a transaction of its own.
Status EngineSession::WriteAnew(const std::vector<RelationPtr>& tables) {
  if (!MayCount()) return Status::OK();
  const access::StatePtr state = Access();
  const bool owns_all = access::CheckOwner(*state, current_role_, DatabaseTarget(*state, database_)).ok();
  for (const RelationPtr& table : tables) {
    if (!IsCounted(*table) || table->is_materialized()) continue;
    WEIR_ASSIGN_OR_RETURN(const access::Target target, TargetOf(*state, catalog(), *table));
    if (!owns_all && !access::HasPrivilegesOf(*state, current_role_, target.owner)) continue;  // which Recount tells
    WEIR_ASSIGN_OR_RETURN(const RelationPtr locked, LockAlone(table, true));
    if (!locked) continue;
    AlterTable alter{.name = {.schema = table->path.database, .name = table->path.table}};
    alter.actions.emplace_back(alter::SetDistribution{.distribution = {}, .reorganize = true, .vacuum = true});
    const Outcome done = RunDdl(alter, "VACUUM");
    if (!done.ok()) return done.status();
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
  const access::StatePtr state = Access();
  const bool owns_all = access::CheckOwner(*state, current_role_, DatabaseTarget(*state, database_)).ok();
  for (const RelationPtr& table : tables) {
    WEIR_ASSIGN_OR_RETURN(const access::Target target, TargetOf(*state, catalog(), *table));
    if (!owns_all && !access::HasPrivilegesOf(*state, current_role_, target.owner)) {
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
  std::vector<ColumnStatistics> statistics = table->statistics;
  if (table->is_partitioned()) {
    WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog().Children(*table));
    std::vector<RelationPtr> counted;
    for (const RelationPtr& child : children->relations) {
      WEIR_ASSIGN_OR_RETURN(const int64_t below, RecountBelow(child, columns));
      rows += below;
      WEIR_ASSIGN_OR_RETURN(counted.emplace_back(), catalog().FindById(child->id));
    }
    if (columns) statistics = StatisticsOfTree(*table, counted);
  } else if (IsCounted(*table)) {
    const access::RoleId role = std::exchange(state_->role, access::kWeir);  // who may analyze it need not read it
    const Result<int64_t> counted = Guarded({}, [&] { return CountRows(*table); });
    Result<std::vector<ColumnStatistics>> found = statistics;
    if (counted.ok() && columns) found = Guarded({}, [&] { return StatisticsOfLeaf(*table, *counted); });
    state_->role = role;
    if (!counted.ok()) return counted.status();
    WEIR_ASSIGN_OR_RETURN(statistics, std::move(found));
    rows = *counted;
  }
  if (!IsCounted(*table) || (table->counted_rows == rows && table->statistics == statistics)) return rows;
  auto now = std::make_shared<Relation>(*table);
  now->counted_rows = rows;
  now->statistics = std::move(statistics);
  Draft()->Put(std::move(now), table);
  return rows;
}

/// What only reads counts nothing, nor do servers of a cluster, where definitions have no room for it.
bool EngineSession::MayCount() const {
  if (!engine_->catalog->gateway().is_embedded()) return false;
  return !state_->check_may_change || state_->check_may_change("ANALYZE").ok();
}

}  // namespace weir::sql
