// KWDB's CONFIGURE ZONE, and its SHOW of what the catalog holds.
#include <fmt/format.h>

#include <algorithm>

#include "client/system_table.h"
#include "postgres/shard.h"
#include "sql/access/access_ddl.h"
#include "sql/catalog/configure_zone.h"
#include "sql/catalog/hash_shards.h"
#include "sql/catalog/inline_partitions.h"
#include "sql/catalog/partition_bounds.h"
#include "sql/catalog/zone_nodes.h"
#include "sql/catalog/zone_replicas.h"
#include "sql/dialect/show.h"
#include "sql/engine/errors.h"
#include "sql/session/engine_session.h"
#include "sql/system/kwdb_objects.h"

namespace weir::sql {
namespace {

Status MayNotConfigure(const std::string& user, const char* kind, const std::string& object) {
  return Error("42501", "user " + user + " does not have ZONECONFIG or CREATE privilege on " + kind + " " + object);
}

/// The shard of a row's key. `row`: an expression a column.
Result<int64_t> ShardOfShownRow(const Relation& table, const std::vector<std::string>& row,
                                const Evaluator& evaluate) {
  const HashShards shards = *HashShardsOf(table);
  std::vector<ToEvaluate> wanted;
  for (const int column : shards.columns) {
    const auto at = static_cast<size_t>(column);
    wanted.push_back({row[at], table.columns[at].type});
  }
  WEIR_ASSIGN_OR_RETURN(const KeyTuple key, evaluate(wanted));
  return postgres::ShardOf(shards.types, key, shards.buckets);
}

}  // namespace

EngineSession::Outcome EngineSession::RunConfigureZone(const ConfigureZone& configure) {
  WEIR_RETURN_NOT_OK(BeginStatement());
  Gateway* const target = &engine_->catalog->gateway();
  WEIR_ASSIGN_OR_RETURN(const auto nodes, NodesToMatch(target, state_->locality));
  WEIR_ASSIGN_OR_RETURN(const int written, Configure(configure, nodes, Context(), Draft()));
  WEIR_ASSIGN_OR_RETURN(const Notices notices, RewriteForReplicas(configure, target, Context(), Draft()));
  WEIR_RETURN_NOT_OK(routed_.Renew(catalog()));
  WEIR_RETURN_NOT_OK(FinishStatement());
  for (const DdlNotice& notice : notices) Notice(notice.text, notice.hint, notice.detail);
  return NoRows("CONFIGURE ZONE " + std::to_string(written));
}

/// For who is no admin.
Status EngineSession::CheckMayConfigure(const ZoneTarget& target) {
  const access::StatePtr state = Access();
  const auto wanted = access::kCreate | access::kZoneConfig;
  if (target.kind == ZoneTarget::Kind::kRange) {
    return Error("42501", "only users with the admin role are allowed to alter system ranges");
  }
  if (target.kind == ZoneTarget::Kind::kDatabase) {
    WEIR_ASSIGN_OR_RETURN(const bool exists, catalog().DatabaseExists(target.name));
    if (!exists && target.name == kSystemTablesDatabase) {
      return Error("42501", "only users with the admin role are allowed to alter the system database");
    }
    if (!exists) return Status::OK();
    const access::Target database = DatabaseTarget(*state, target.name);
    const bool owns = access::HasPrivilegesOf(*state, current_role_, database.owner);
    if (owns || (access::PrivilegesOn(*state, current_role_, database) & wanted)) return Status::OK();
    return MayNotConfigure(NameOfUser(current_role_), "database", target.name);
  }
  const TablePath path = PathOf(target.table);
  WEIR_ASSIGN_OR_RETURN(const bool exists, catalog().DatabaseExists(path.database));
  if (path.database == kSystemDatabase || (!exists && path.database == kSystemTablesDatabase)) {
    return Error("42501", "only users with the admin role are allowed to alter system tables");
  }
  WEIR_ASSIGN_OR_RETURN(const auto table, TargetNamed(path));
  if (!table) return Status::OK();
  const auto held = access::PrivilegesOn(*state, current_role_, *table);
  const auto all = access::AllOf(access::ObjectKind::kTable);
  if ((held & wanted) || (held & all) == all) return Status::OK();
  return MayNotConfigure(NameOfUser(current_role_), "relation", table->name);
}

/// The values by which a row's key is told apart from others where its index is split. `row`: an expression a column.
Result<std::vector<RangeEdge>> EngineSession::SplitKeyOf(const Relation& keyed, const std::vector<std::string>& row) {
  std::vector<RangeEdge> key;
  const Evaluator evaluate = Context().evaluate;
  for (size_t i = 0; keyed.partition_key && i < keyed.partition_key->parts.size(); ++i) {
    const SqlPartitionKeyPart& part = keyed.partition_key->parts[i];
    if (part.shard) {
      WEIR_ASSIGN_OR_RETURN(const int64_t shard, ShardOfShownRow(keyed, row, evaluate));
      key.push_back({RangeEdge::Kind::kValue, shard});
      continue;
    }
    if (part.column < 0) return Error("0A000", "SHOW RANGE ... FOR ROW is not supported for a key of expressions");
    const auto at = static_cast<size_t>(part.column);
    WEIR_ASSIGN_OR_RETURN(KeyValue value, EvaluateKeyValue(keyed, i, {.text = row[at]}, evaluate));
    key.push_back({RangeEdge::Kind::kValue, std::move(value)});
  }
  return key;
}

/// 42704 where a name that stands for an index is none's.
Result<RelationPtr> EngineSession::ShownTable(const ShowCatalog& show) {
  if (!show.bare_index) return Find(show.target);
  WEIR_ASSIGN_OR_RETURN(const RelationPtr index, catalog().Find(PathOf(show.target)));
  if (index && index->is_index()) return catalog().FindById(index->index->table);
  return Error("42704", "index \"" + show.target.name + "\" does not exist");
}

/// The range in which a row's key lies, that of the table or of one of its indexes. `row`: an expression a column.
Result<int64_t> EngineSession::RangeOfRow(const ShowCatalog& show) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, ShownTable(show));
  if (show.row.size() != table->columns.size()) {
    return Error("42601", "expected " + std::to_string(table->columns.size()) + " values, got " +
                              std::to_string(show.row.size()));
  }
  KwdbKey key{.index_number = 1, .order = PrimaryKeyOrder(*table), .values = {}};
  if (show.index.empty() || show.index == kPrimaryIndex) {
    WEIR_ASSIGN_OR_RETURN(key.values, SplitKeyOf(*table, show.row));
    return RangeOfKey(SourcesHere(), *table, key);
  }
  const auto named = std::ranges::find_if(
      table->indexes, [&](const RelationPtr& index) { return index->path.table == show.index; });
  if (named == table->indexes.end()) return Error("42704", fmt::format("index \"{}\" does not exist", show.index));
  const SqlIndex& index = *(*named)->index;
  key.index_number = static_cast<size_t>(named - table->indexes.begin()) + 2;
  key.order = IndexKeyOrder(index);
  WEIR_ASSIGN_OR_RETURN(key.values, SplitKeyOf(KeyedByIndex(*table, index), show.row));
  return RangeOfKey(SourcesHere(), *table, key);
}

/// What is not there is said as KWDB says it, where the query alone would be empty.
Result<Query> EngineSession::QueryOf(const ShowCatalog& show) {
  using Kind = ShowCatalog::Kind;
  if (show.kind == Kind::kZone) WEIR_RETURN_NOT_OK(FindZoned(show.zone, Context(), catalog()).status());
  const bool schema = show.kind == Kind::kTables || show.kind == Kind::kSchemas || show.target.name == "public";
  const bool zoned = show.kind == Kind::kZone;  // found above
  if (show.of == ShowCatalog::Of::kDatabase && !schema && !zoned) {
    WEIR_ASSIGN_OR_RETURN(const bool exists, catalog().DatabaseExists(show.target.name));
    if (!exists) return Error("3D000", "database \"" + show.target.name + "\" does not exist");
  }
  if (show.bare_index) WEIR_RETURN_NOT_OK(ShownTable(show).status());
  ShowCatalog known = show;
  if (show.kind == Kind::kRangeOfRow) {
    WEIR_ASSIGN_OR_RETURN(known.range_id, RangeOfRow(show));
  }
  return Query{.text = dialect::ShowQuery(known), .command = "SELECT"};
}

/// The query about the ranges of rows that it names: each mark of one is as long as the number that takes its place.
Result<Query> EngineSession::WithRanges(const Query& query) {
  Query known{.text = query.text, .command = query.command};
  for (size_t i = 0; i < query.ranges_of_rows.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(const int64_t range, RangeOfRow(query.ranges_of_rows[i]));
    const std::string mark = std::to_string(kFirstRangeMark + static_cast<int64_t>(i));
    const size_t at = known.text.find(mark);
    if (at == std::string::npos) return Error("XX000", "a query has lost the mark of a range");
    known.text.replace(at, mark.size(), fmt::format("{:019}", range));
  }
  return known;
}

}  // namespace weir::sql
