#include <fmt/format.h>
#include <fmt/ranges.h>

#include "postgres/identifier.h"
#include "sql/dialect/show.h"

namespace weir::sql::dialect {
namespace {

using postgres::QuoteIdentifier;
using postgres::QuoteLiteral;

/// The table as regclass reads it.
std::string TableNumber(const QualifiedName& name) {
  const bool in_database = name.schema.empty() || (name.schema == "public" && !name.database.empty());
  const std::string& schema = in_database ? name.database : name.schema;
  const std::string text = (schema.empty() ? "" : QuoteIdentifier(schema) + ".") + QuoteIdentifier(name.name);
  return QuoteLiteral(text) + "::pg_catalog.regclass::pg_catalog.oid";
}

/// The table of an index that stands without it.
std::string TableOfIndex(const QualifiedName& index) {
  return "(SELECT i.indrelid FROM pg_catalog.pg_index i WHERE i.indexrelid = " + TableNumber(index) + ")";
}

/// The database that the statement names, or the session's.
std::string DatabaseName(const ShowCatalog& show) {
  const bool named = show.of == ShowCatalog::Of::kDatabase && show.target.name != "public";
  return named ? QuoteLiteral(show.target.name) : std::string("pg_catalog.current_database()::pg_catalog.text");
}

std::string OfTarget(const ShowCatalog& show) {
  if (show.bare_index) return "table_id = " + TableOfIndex(show.target);
  if (show.of == ShowCatalog::Of::kTable) return "table_id = " + TableNumber(show.target);
  return "database_name = " + DatabaseName(show);
}

/// A schema is a database.
std::string TablesQuery(const ShowCatalog& show) {
  const std::string schema = show.of == ShowCatalog::Of::kDatabase
                                 ? fmt::format("n.oid = {}::pg_catalog.regnamespace", QuoteLiteral(show.target.name))
                                 : std::string("n.nspname = 'public'");
  return "SELECT c.relname AS table_name, 'BASE TABLE' AS table_type FROM pg_catalog.pg_class c "
         "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND NOT "
         "c.relispartition AND " + schema + " ORDER BY 1";
}

std::string ColumnsQuery(const ShowCatalog& show) {
  return "SELECT column_name, data_type, is_nullable, column_default, '' AS generation_expression, indices, "
         "is_hidden, false AS is_tag FROM kwdb_internal.weir_columns WHERE " + OfTarget(show) +
         " ORDER BY column_number";
}

std::string IndexesQuery(const ShowCatalog& show) {
  return "SELECT table_name, index_name, non_unique, seq_in_index, column_name, direction, storing, implicit "
         "FROM kwdb_internal.weir_index_columns WHERE " + OfTarget(show) +
         " ORDER BY table_name, index_name <> 'primary', index_name, seq_in_index";
}

std::string ConstraintsQuery(const ShowCatalog& show) {
  return "SELECT table_name, constraint_name, constraint_type, details, validated FROM kwdb_internal.weir_constraints "
         "WHERE " + OfTarget(show) + " ORDER BY 1, 2";
}

std::string PartitionsQuery(const ShowCatalog& show) {
  const std::string index =
      show.index.empty() ? "" : fmt::format(" AND index_name = table_name || '@' || {}", QuoteLiteral(show.index));
  return "SELECT database_name, table_name, partition_name, NULL::pg_catalog.text AS parent_partition, column_names, "
         "index_name, partition_value, zone_config, full_zone_config FROM kwdb_internal.weir_partitions WHERE " +
         OfTarget(show) + index + " ORDER BY 2, 3";
}

/// Those of one index, which a table's are of its primary one; of a row the range that is found for it (`range_id`).
std::string RangesQuery(const ShowCatalog& show) {
  const bool of_table = show.of == ShowCatalog::Of::kTable;
  const std::string index = show.index.empty() ? "primary" : show.index;
  return fmt::format(
      "SELECT {}start_key, end_key, range_id, (range_size / 1000000.0)::pg_catalog.numeric AS range_size_mb, "
      "lease_holder, locality AS lease_holder_locality, replicas, replica_localities FROM "
      "kwdb_internal.weir_ranges WHERE {} AND {}{} ORDER BY range_id",
      of_table ? "" : "table_name, ", OfTarget(show),
      of_table ? "index_name = " + QuoteLiteral(index) : std::string("is_first"),
      show.range_id ? fmt::format(" AND range_id = {}", *show.range_id) : std::string());
}

/// RANGE r, DATABASE d, TABLE t, INDEX t@i or PARTITION p among all that may have a zone.
std::string ZoneCondition(const ZoneTarget& zone) {
  const bool bare = zone.index.empty() && (zone.kind == ZoneTarget::Kind::kIndex || zone.of_index);
  const std::string table = "table_id = " + (bare ? TableOfIndex(zone.table) : TableNumber(zone.table));
  const std::string index = bare ? zone.table.name : zone.index.empty() || zone.index == "*" ? "primary" : zone.index;
  switch (zone.kind) {
    case ZoneTarget::Kind::kRange: return "kind = 'range' AND range_name = " + QuoteLiteral(zone.name);
    case ZoneTarget::Kind::kDatabase: return "kind = 'database' AND database_name = " + QuoteLiteral(zone.name);
    case ZoneTarget::Kind::kTable: return "kind = 'table' AND " + table;
    case ZoneTarget::Kind::kIndex:
      return fmt::format("kind = 'index' AND {} AND index_name = {}", table, QuoteLiteral(index));
    case ZoneTarget::Kind::kPartition: break;
  }
  // OF TABLE there is one of the name, whatever index it is of.
  return fmt::format("kind = '{}' AND {}{} AND partition_name = {}", zone.of_index ? "partition of index" : "partition",
                     table, zone.of_index ? " AND index_name = " + QuoteLiteral(index) : "",
                     QuoteLiteral(zone.partition));
}

/// Who in the end has a zone for the target, by the names as written.
std::string ZoneQuery(const ShowCatalog& show) {
  const char* names = show.zone.table.schema.empty() ? "short" : "full";
  const std::string query = fmt::format("SELECT {0}_target AS target, {0}_sql AS raw_config_sql{1} FROM "
                                        "kwdb_internal.weir_zones WHERE {2}",
                                        names, show.hidden.empty() ? "" : ", zone_target", ZoneCondition(show.zone));
  if (show.hidden.empty()) return query;
  return fmt::format(
      "SELECT s.target, s.raw_config_sql, z.{} FROM ({}) s LEFT JOIN kwdb_internal.zones z ON z.target = "
      "s.zone_target",
      fmt::join(show.hidden, ", z."), query);
}

std::string IsOneOf(const std::vector<std::string>& all, std::string_view column) {
  std::string names;
  for (const std::string& name : all) names += (names.empty() ? "" : ", ") + QuoteLiteral(name);
  return names.empty() ? std::string("true") : fmt::format("{} IN ({})", column, names);
}

/// What was granted on tables, or on one table or database.
std::string GrantsQuery(const ShowCatalog& show) {
  const std::string to = IsOneOf(show.grantees, "grantee");
  if (show.of == ShowCatalog::Of::kDatabase) {
    return fmt::format("SELECT database_name, grantee, privilege_type FROM kwdb_internal.weir_grants WHERE "
                       "table_name IS NULL AND {} AND {} ORDER BY 1, 2, 3", OfTarget(show), to);
  }
  const std::string of = show.of == ShowCatalog::Of::kTable ? OfTarget(show) : std::string("table_name IS NOT NULL");
  return fmt::format("SELECT database_name, schema_name, table_name, grantee, privilege_type FROM "
                     "kwdb_internal.weir_grants WHERE {} AND {} ORDER BY 1, 2, 3, 4, 5", of, to);
}

/// Who is a member of which role.
std::string MembershipsQuery(const ShowCatalog& show) {
  return fmt::format("SELECT r.rolname AS role_name, m.rolname AS member, a.admin_option AS is_admin FROM "
                     "pg_catalog.pg_auth_members a JOIN pg_catalog.pg_roles r ON r.oid = a.roleid JOIN "
                     "pg_catalog.pg_roles m ON m.oid = a.member WHERE {} AND {} ORDER BY 1, 2",
                     IsOneOf(show.roles, "r.rolname"), IsOneOf(show.grantees, "m.rolname"));
}

}  // namespace

std::string ShowQuery(const ShowCatalog& show) {
  using Kind = ShowCatalog::Kind;
  switch (show.kind) {
    case Kind::kDatabases: return "SELECT datname AS database_name FROM pg_catalog.pg_database ORDER BY 1";
    case Kind::kSchemas: return "SELECT nspname AS schema_name FROM pg_catalog.pg_namespace ORDER BY 1";
    case Kind::kTables: return TablesQuery(show);
    case Kind::kColumns: return ColumnsQuery(show);
    case Kind::kIndexes: return IndexesQuery(show);
    case Kind::kConstraints: return ConstraintsQuery(show);
    case Kind::kCreate:
      return "SELECT table_name, create_statement FROM kwdb_internal.weir_create WHERE " + OfTarget(show);
    case Kind::kPartitions: return PartitionsQuery(show);
    case Kind::kRanges:
    case Kind::kRangeOfRow: return RangesQuery(show);
    case Kind::kZone: return ZoneQuery(show);
    case Kind::kZones: return "SELECT target, raw_config_sql FROM kwdb_internal.zones ORDER BY zone_id, subzone_id";
    case Kind::kGrants: return GrantsQuery(show);
    case Kind::kMemberships: return MembershipsQuery(show);
    case Kind::kRoles: return "SELECT username, options, member_of FROM kwdb_internal.weir_users ORDER BY 1";
  }
  return {};
}

}  // namespace weir::sql::dialect
