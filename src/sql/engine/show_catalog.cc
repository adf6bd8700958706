#include "sql/engine/show_catalog.h"

#include <fmt/format.h>

#include "sql/catalog/bound_text.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

/// The table as regclass reads it.
std::string TableLiteral(const QualifiedName& name) {
  const std::string schema = name.schema.empty() ? "" : QuoteIdentifier(name.schema) + ".";
  return QuoteLiteral(schema + QuoteIdentifier(name.name)) + "::regclass";
}

/// What is of the database that the statement names, or of the session's.
std::string InSchema(const ShowCatalog& show) {
  if (show.of != ShowCatalog::Of::kDatabase) return "n.nspname = 'public'";
  return fmt::format("n.oid = {}::regnamespace", QuoteLiteral(show.target.name));
}

/// What is of the table that the statement names, pg_class being `table`, or else InSchema.
std::string InTarget(const ShowCatalog& show, std::string_view table) {
  if (show.of != ShowCatalog::Of::kTable) return InSchema(show);
  return fmt::format("{}.oid = {}", table, TableLiteral(show.target));
}

std::string Tables(const ShowCatalog& show) {
  return "SELECT c.relname AS table_name, 'BASE TABLE' AS table_type FROM pg_catalog.pg_class c "
         "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition "
         "AND " + InSchema(show) + " ORDER BY 1";
}

std::string Columns(const ShowCatalog& show) {
  return fmt::format(
      "SELECT a.attname AS column_name, upper(format_type(a.atttypid, a.atttypmod)) AS data_type, NOT a.attnotnull AS "
      "is_nullable, d.adbin AS column_default, '' AS generation_expression, CASE WHEN a.attnum = ANY (i.indkey) "
      "THEN ARRAY['primary'] ELSE ARRAY[]::text[] END AS indices, false AS is_hidden, false AS is_tag "
      "FROM pg_catalog.pg_attribute a "
      "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
      "LEFT JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisprimary WHERE a.attrelid = {} "
      "AND a.attnum > 0 ORDER BY a.attnum", TableLiteral(show.target));
}

std::string Indexes(const ShowCatalog& show) {
  return fmt::format(
      "SELECT k.relname AS table_name, k.index_name, false AS non_unique, k.place::int8 AS seq_in_index, "
      "a.attname AS column_name, 'ASC' AS direction, false AS storing, false AS implicit FROM (SELECT c.oid, c.relname, "
      "CASE WHEN i.indisprimary THEN 'primary' ELSE i.indexrelid::regclass::text END AS index_name, "
      "unnest(i.indkey) AS number, generate_subscripts(i.indkey, 1) AS place FROM pg_catalog.pg_index i "
      "JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
      "WHERE {}) k JOIN pg_catalog.pg_attribute a ON a.attrelid = k.oid AND a.attnum = k.number "
      "ORDER BY 1, 2, 4", InTarget(show, "c"));
}

std::string Partitions(const ShowCatalog& show) {
  const std::string of = show.of == ShowCatalog::Of::kTable ? "partitioned = " + TableLiteral(show.target) + "::oid"
                         : show.of == ShowCatalog::Of::kDatabase
                             ? "namespace = " + QuoteLiteral(show.target.name) + "::regnamespace::oid"
                             : "namespace = 'public'::regnamespace::oid";
  return "SELECT database_name, table_name, partition_name, parent_partition, column_names, index_name, partition_value, "
         "zone_config, full_zone_config FROM pg_catalog.weir_partitions WHERE " + of + " ORDER BY 2, 3";
}

}  // namespace

Result<Query> CatalogQuery(const ShowCatalog& show) {
  using Kind = ShowCatalog::Kind;
  const auto query = [](std::string text) { return Query{.text = std::move(text), .command = "SELECT"}; };
  switch (show.kind) {
    case Kind::kDatabases: return query("SELECT datname AS database_name FROM pg_catalog.pg_database ORDER BY 1");
    case Kind::kSchemas: return query("SELECT nspname AS schema_name FROM pg_catalog.pg_namespace ORDER BY 1");
    case Kind::kTables: return query(Tables(show));
    case Kind::kColumns: return query(Columns(show));
    case Kind::kIndexes: return query(Indexes(show));
    case Kind::kPartitions: return query(Partitions(show));
    case Kind::kCreate: return Error("0A000", "SHOW CREATE TABLE is not supported", {.hint = "Use \\d+ of psql."});
    case Kind::kRanges: return Error("0A000", "SHOW RANGES is not supported");
  }
  return Error("0A000", "this SHOW is not supported");
}

}  // namespace weir::sql
