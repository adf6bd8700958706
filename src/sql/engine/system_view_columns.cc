#include <algorithm>
#include <array>

#include "sql/engine/system_definitions.h"

namespace weir::sql {
namespace {

struct ViewColumnTypes {
  std::string_view schema;
  std::string_view view;
  std::string_view columns;
};

constexpr auto kViewColumns = std::to_array<ViewColumnTypes>({
    {"pg_catalog", "pg_roles",
     "rolname name, rolsuper bool, rolinherit bool, rolcreaterole bool, rolcreatedb bool, rolcanlogin bool, "
     "rolreplication bool, rolconnlimit int4, rolpassword text, rolvaliduntil timestamptz, rolbypassrls bool, "
     "rolconfig text[], oid oid"},
    {"pg_catalog", "pg_user",
     "usename name, usesysid oid, usecreatedb bool, usesuper bool, userepl bool, usebypassrls bool, passwd "
     "text, valuntil timestamptz, useconfig text[]"},
    {"pg_catalog", "pg_shadow",
     "usename name, usesysid oid, usecreatedb bool, usesuper bool, userepl bool, usebypassrls bool, passwd "
     "text, valuntil timestamptz, useconfig text[]"},
    {"pg_catalog", "pg_group",
     "groname name, grosysid oid, grolist oid[]"},
    {"pg_catalog", "pg_tables",
     "schemaname name, tablename name, tableowner name, tablespace name, hasindexes bool, hasrules bool, "
     "hastriggers bool, rowsecurity bool"},
    {"pg_catalog", "pg_indexes",
     "schemaname name, tablename name, indexname name, tablespace name, indexdef text"},
    {"pg_catalog", "pg_views",
     "schemaname name, viewname name, viewowner name, definition text"},
    {"pg_catalog", "pg_matviews",
     "schemaname name, matviewname name, matviewowner name, tablespace name, hasindexes bool, ispopulated "
     "bool, definition text"},
    {"pg_catalog", "pg_rules",
     "schemaname name, tablename name, rulename name, definition text"},
    {"pg_catalog", "pg_sequences",
     "schemaname name, sequencename name, sequenceowner name, data_type regtype, start_value int8, min_value "
     "int8, max_value int8, increment_by int8, cycle bool, cache_size int8, last_value int8"},
    {"pg_catalog", "pg_policies",
     "schemaname name, tablename name, policyname name, permissive text, roles name[], cmd text, qual text, "
     "with_check text"},
    {"pg_catalog", "pg_available_extensions",
     "name name, default_version text, installed_version text, comment text"},
    {"pg_catalog", "pg_available_extension_versions",
     "name name, version text, installed bool, superuser bool, trusted bool, relocatable bool, schema name, "
     "requires name[], comment text"},
    {"pg_catalog", "pg_prepared_statements",
     "name text, statement text, prepare_time timestamptz, parameter_types regtype[], from_sql bool, "
     "generic_plans int8, custom_plans int8"},
    {"pg_catalog", "pg_prepared_xacts",
     "transaction xid, gid text, prepared timestamptz, owner name, database name"},
    {"pg_catalog", "pg_stat_user_tables",
     "relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, idx_scan int8, idx_tup_fetch "
     "int8, n_tup_ins int8, n_tup_upd int8, n_tup_del int8, n_live_tup int8, n_dead_tup int8"},
    {"information_schema", "information_schema_catalog_name",
     "catalog_name name"},
    {"information_schema", "schemata",
     "catalog_name name, schema_name name, schema_owner name, default_character_set_catalog name, "
     "default_character_set_schema name, default_character_set_name name, sql_path varchar"},
    {"information_schema", "tables",
     "table_catalog name, table_schema name, table_name name, table_type varchar, self_referencing_column_name "
     "name, reference_generation varchar, user_defined_type_catalog name, user_defined_type_schema name, "
     "user_defined_type_name name, is_insertable_into varchar(3), is_typed varchar(3), commit_action varchar"},
    {"information_schema", "columns",
     "table_catalog name, table_schema name, table_name name, column_name name, ordinal_position int4, "
     "column_default varchar, is_nullable varchar(3), data_type varchar, character_maximum_length int4, "
     "character_octet_length int4, numeric_precision int4, numeric_precision_radix int4, numeric_scale int4, "
     "datetime_precision int4, interval_type varchar, interval_precision int4, character_set_catalog name, "
     "character_set_schema name, character_set_name name, collation_catalog name, collation_schema name, "
     "collation_name name, domain_catalog name, domain_schema name, domain_name name, udt_catalog name, "
     "udt_schema name, udt_name name, scope_catalog name, scope_schema name, scope_name name, "
     "maximum_cardinality int4, dtd_identifier name, is_self_referencing varchar(3), is_identity varchar(3), "
     "identity_generation varchar, identity_start varchar, identity_increment varchar, identity_maximum "
     "varchar, identity_minimum varchar, identity_cycle varchar(3), is_generated varchar, "
     "generation_expression varchar, is_updatable varchar(3)"},
    {"information_schema", "table_constraints",
     "constraint_catalog name, constraint_schema name, constraint_name name, table_catalog name, table_schema "
     "name, table_name name, constraint_type varchar, is_deferrable varchar(3), initially_deferred varchar(3), "
     "enforced varchar(3), nulls_distinct varchar(3)"},
    {"information_schema", "key_column_usage",
     "constraint_catalog name, constraint_schema name, constraint_name name, table_catalog name, table_schema "
     "name, table_name name, column_name name, ordinal_position int4, position_in_unique_constraint int4"},
    {"information_schema", "constraint_column_usage",
     "table_catalog name, table_schema name, table_name name, column_name name, constraint_catalog name, "
     "constraint_schema name, constraint_name name"},
    {"information_schema", "check_constraints",
     "constraint_catalog name, constraint_schema name, constraint_name name, check_clause varchar"},
    {"information_schema", "referential_constraints",
     "constraint_catalog name, constraint_schema name, constraint_name name, unique_constraint_catalog name, "
     "unique_constraint_schema name, unique_constraint_name name, match_option varchar, update_rule varchar, "
     "delete_rule varchar"},
    {"information_schema", "views",
     "table_catalog name, table_schema name, table_name name, view_definition varchar, check_option varchar, "
     "is_updatable varchar(3), is_insertable_into varchar(3), is_trigger_updatable varchar(3), "
     "is_trigger_deletable varchar(3), is_trigger_insertable_into varchar(3)"},
    {"information_schema", "sequences",
     "sequence_catalog name, sequence_schema name, sequence_name name, data_type varchar, numeric_precision "
     "int4, numeric_precision_radix int4, numeric_scale int4, start_value varchar, minimum_value varchar, "
     "maximum_value varchar, increment varchar, cycle_option varchar(3)"},
    {"information_schema", "triggers",
     "trigger_catalog name, trigger_schema name, trigger_name name, event_manipulation varchar, "
     "event_object_catalog name, event_object_schema name, event_object_table name, action_order int4, "
     "action_condition varchar, action_statement varchar, action_orientation varchar, action_timing varchar"},
    {"information_schema", "routines",
     "specific_catalog name, specific_schema name, specific_name name, routine_catalog name, routine_schema "
     "name, routine_name name, routine_type varchar, data_type varchar, routine_body varchar, "
     "routine_definition varchar, external_language varchar"},
});

}  // namespace

std::string_view ColumnsOfSystemView(std::string_view schema, std::string_view view) {
  const auto found = std::ranges::find_if(
      kViewColumns, [&](const ViewColumnTypes& types) { return types.schema == schema && types.view == view; });
  return found == kViewColumns.end() ? std::string_view() : found->columns;
}

}  // namespace weir::sql
