#include <algorithm>
#include <array>

#include "sql/system/system_definitions.h"

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
     "schemaname name, matviewname name, matviewowner name, tablespace name, hasindexes bool, ispopulated bool, "
     "definition text"},
    {"pg_catalog", "pg_sequences",
     "schemaname name, sequencename name, sequenceowner name, data_type regtype, start_value int8, min_value "
     "int8, max_value int8, increment_by int8, cycle bool, cache_size int8, last_value int8"},
    {"pg_catalog", "pg_stat_database",
     "datid oid, datname name, numbackends int4, xact_commit int8, xact_rollback int8, blks_read int8, blks_hit int8, "
     "tup_returned int8, tup_fetched int8, tup_inserted int8, tup_updated int8, tup_deleted int8, conflicts int8, "
     "temp_files int8, temp_bytes int8, deadlocks int8, checksum_failures int8, checksum_last_failure timestamptz, "
     "blk_read_time float8, blk_write_time float8, session_time float8, active_time float8, idle_in_transaction_time "
     "float8, sessions int8, sessions_abandoned int8, sessions_fatal int8, sessions_killed int8, stats_reset "
     "timestamptz"},
    {"pg_catalog", "pg_stat_database_conflicts",
     "datid oid, datname name, confl_tablespace int8, confl_lock int8, confl_snapshot int8, confl_bufferpin int8, "
     "confl_deadlock int8"},
    {"pg_catalog", "pg_stat_all_tables",
     "relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, idx_scan int8, idx_tup_fetch int8, "
     "n_tup_ins int8, n_tup_upd int8, n_tup_del int8, n_tup_hot_upd int8, n_live_tup int8, n_dead_tup int8, "
     "n_mod_since_analyze int8, n_ins_since_vacuum int8, last_vacuum timestamptz, last_autovacuum timestamptz, "
     "last_analyze timestamptz, last_autoanalyze timestamptz, vacuum_count int8, autovacuum_count int8, analyze_count "
     "int8, autoanalyze_count int8"},
    {"pg_catalog", "pg_stat_user_tables",
     "relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, idx_scan int8, idx_tup_fetch int8, "
     "n_tup_ins int8, n_tup_upd int8, n_tup_del int8, n_tup_hot_upd int8, n_live_tup int8, n_dead_tup int8, "
     "n_mod_since_analyze int8, n_ins_since_vacuum int8, last_vacuum timestamptz, last_autovacuum timestamptz, "
     "last_analyze timestamptz, last_autoanalyze timestamptz, vacuum_count int8, autovacuum_count int8, analyze_count "
     "int8, autoanalyze_count int8"},
    {"pg_catalog", "pg_stat_xact_all_tables",
     "relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, idx_scan int8, idx_tup_fetch int8, "
     "n_tup_ins int8, n_tup_upd int8, n_tup_del int8, n_tup_hot_upd int8"},
    {"pg_catalog", "pg_stat_xact_user_tables",
     "relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, idx_scan int8, idx_tup_fetch int8, "
     "n_tup_ins int8, n_tup_upd int8, n_tup_del int8, n_tup_hot_upd int8"},
    {"pg_catalog", "pg_statio_all_tables",
     "relid oid, schemaname name, relname name, heap_blks_read int8, heap_blks_hit int8, idx_blks_read int8, "
     "idx_blks_hit int8, toast_blks_read int8, toast_blks_hit int8, tidx_blks_read int8, tidx_blks_hit int8"},
    {"pg_catalog", "pg_statio_user_tables",
     "relid oid, schemaname name, relname name, heap_blks_read int8, heap_blks_hit int8, idx_blks_read int8, "
     "idx_blks_hit int8, toast_blks_read int8, toast_blks_hit int8, tidx_blks_read int8, tidx_blks_hit int8"},
    {"pg_catalog", "pg_stat_all_indexes",
     "relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, idx_scan int8, idx_tup_read int8, "
     "idx_tup_fetch int8"},
    {"pg_catalog", "pg_stat_user_indexes",
     "relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, idx_scan int8, idx_tup_read int8, "
     "idx_tup_fetch int8"},
    {"pg_catalog", "pg_statio_all_indexes",
     "relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, idx_blks_read int8, idx_blks_hit "
     "int8"},
    {"pg_catalog", "pg_statio_user_indexes",
     "relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, idx_blks_read int8, idx_blks_hit "
     "int8"},
    {"pg_catalog", "pg_statio_all_sequences",
     "relid oid, schemaname name, relname name, blks_read int8, blks_hit int8"},
    {"pg_catalog", "pg_statio_user_sequences",
     "relid oid, schemaname name, relname name, blks_read int8, blks_hit int8"},
    {"pg_catalog", "pg_stat_archiver",
     "archived_count int8, last_archived_wal text, last_archived_time timestamptz, failed_count int8, last_failed_wal "
     "text, last_failed_time timestamptz, stats_reset timestamptz"},
    {"pg_catalog", "pg_stat_bgwriter",
     "checkpoints_timed int8, checkpoints_req int8, checkpoint_write_time float8, checkpoint_sync_time float8, "
     "buffers_checkpoint int8, buffers_clean int8, maxwritten_clean int8, buffers_backend int8, buffers_backend_fsync "
     "int8, buffers_alloc int8, stats_reset timestamptz"},
    {"pg_catalog", "pg_stat_gssapi",
     "pid int4, gss_authenticated bool, principal text, encrypted bool"},
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
    {"information_schema", "referential_constraints",
     "constraint_catalog name, constraint_schema name, constraint_name name, unique_constraint_catalog name, "
     "unique_constraint_schema name, unique_constraint_name name, match_option varchar, update_rule varchar, "
     "delete_rule varchar"},
    {"information_schema", "check_constraints",
     "constraint_catalog name, constraint_schema name, constraint_name name, check_clause varchar"},
    {"information_schema", "views",
     "table_catalog name, table_schema name, table_name name, view_definition varchar, check_option varchar, "
     "is_updatable varchar(3), is_insertable_into varchar(3), is_trigger_updatable varchar(3), "
     "is_trigger_deletable varchar(3), is_trigger_insertable_into varchar(3)"},
    {"information_schema", "routines",
     "specific_catalog name, specific_schema name, specific_name name, routine_catalog name, routine_schema name, "
     "routine_name name, routine_type varchar, module_catalog name, module_schema name, module_name name, "
     "udt_catalog name, udt_schema name, udt_name name, data_type varchar, character_maximum_length int4, "
     "character_octet_length int4, character_set_catalog name, character_set_schema name, character_set_name name, "
     "collation_catalog name, collation_schema name, collation_name name, numeric_precision int4, "
     "numeric_precision_radix int4, numeric_scale int4, datetime_precision int4, interval_type varchar, "
     "interval_precision int4, type_udt_catalog name, type_udt_schema name, type_udt_name name, scope_catalog "
     "name, scope_schema name, scope_name name, maximum_cardinality int4, dtd_identifier name, routine_body "
     "varchar, routine_definition varchar, external_name varchar, external_language varchar, parameter_style "
     "varchar, is_deterministic varchar(3), sql_data_access varchar, is_null_call varchar(3), sql_path varchar, "
     "schema_level_routine varchar(3), max_dynamic_result_sets int4, is_user_defined_cast varchar(3), "
     "is_implicitly_invocable varchar(3), security_type varchar, to_sql_specific_catalog name, "
     "to_sql_specific_schema name, to_sql_specific_name name, as_locator varchar(3), created timestamptz(2), "
     "last_altered timestamptz(2), new_savepoint_level varchar(3), is_udt_dependent varchar(3), "
     "result_cast_from_data_type varchar, result_cast_as_locator varchar(3), result_cast_char_max_length int4, "
     "result_cast_char_octet_length int4, result_cast_char_set_catalog name, result_cast_char_set_schema name, "
     "result_cast_char_set_name name, result_cast_collation_catalog name, result_cast_collation_schema name, "
     "result_cast_collation_name name, result_cast_numeric_precision int4, result_cast_numeric_precision_radix "
     "int4, result_cast_numeric_scale int4, result_cast_datetime_precision int4, result_cast_interval_type "
     "varchar, result_cast_interval_precision int4, result_cast_type_udt_catalog name, result_cast_type_udt_schema "
     "name, result_cast_type_udt_name name, result_cast_scope_catalog name, result_cast_scope_schema name, "
     "result_cast_scope_name name, result_cast_maximum_cardinality int4, result_cast_dtd_identifier name"},
    {"information_schema", "parameters",
     "specific_catalog name, specific_schema name, specific_name name, ordinal_position int4, parameter_mode "
     "varchar, is_result varchar(3), as_locator varchar(3), parameter_name name, data_type varchar, "
     "character_maximum_length int4, character_octet_length int4, character_set_catalog name, character_set_schema "
     "name, character_set_name name, collation_catalog name, collation_schema name, collation_name name, "
     "numeric_precision int4, numeric_precision_radix int4, numeric_scale int4, datetime_precision int4, "
     "interval_type varchar, interval_precision int4, udt_catalog name, udt_schema name, udt_name name, "
     "scope_catalog name, scope_schema name, scope_name name, maximum_cardinality int4, dtd_identifier name, "
     "parameter_default varchar"},
    {"information_schema", "attributes",
     "udt_catalog name, udt_schema name, udt_name name, attribute_name name, ordinal_position int4, "
     "attribute_default varchar, is_nullable varchar(3), data_type varchar, character_maximum_length int4, "
     "character_octet_length int4, character_set_catalog name, character_set_schema name, character_set_name name, "
     "collation_catalog name, collation_schema name, collation_name name, numeric_precision int4, "
     "numeric_precision_radix int4, numeric_scale int4, datetime_precision int4, interval_type varchar, "
     "interval_precision int4, attribute_udt_catalog name, attribute_udt_schema name, attribute_udt_name name, "
     "scope_catalog name, scope_schema name, scope_name name, maximum_cardinality int4, dtd_identifier name, "
     "is_derived_reference_attribute varchar(3)"},
    {"information_schema", "user_defined_types",
     "user_defined_type_catalog name, user_defined_type_schema name, user_defined_type_name name, "
     "user_defined_type_category varchar, is_instantiable varchar(3), is_final varchar(3), ordering_form varchar, "
     "ordering_category varchar, ordering_routine_catalog name, ordering_routine_schema name, "
     "ordering_routine_name name, reference_type varchar, data_type varchar, character_maximum_length int4, "
     "character_octet_length int4, character_set_catalog name, character_set_schema name, character_set_name name, "
     "collation_catalog name, collation_schema name, collation_name name, numeric_precision int4, "
     "numeric_precision_radix int4, numeric_scale int4, datetime_precision int4, interval_type varchar, "
     "interval_precision int4, source_dtd_identifier name, ref_dtd_identifier name"},
    {"information_schema", "element_types",
     "object_catalog name, object_schema name, object_name name, object_type varchar, collection_type_identifier "
     "name, data_type varchar, character_maximum_length int4, character_octet_length int4, character_set_catalog "
     "name, character_set_schema name, character_set_name name, collation_catalog name, collation_schema name, "
     "collation_name name, numeric_precision int4, numeric_precision_radix int4, numeric_scale int4, "
     "datetime_precision int4, interval_type varchar, interval_precision int4, domain_default varchar, udt_catalog "
     "name, udt_schema name, udt_name name, scope_catalog name, scope_schema name, scope_name name, "
     "maximum_cardinality int4, dtd_identifier name"},
    {"information_schema", "sequences",
     "sequence_catalog name, sequence_schema name, sequence_name name, data_type varchar, numeric_precision "
     "int4, numeric_precision_radix int4, numeric_scale int4, start_value varchar, minimum_value varchar, "
     "maximum_value varchar, increment varchar, cycle_option varchar(3)"},
    {"information_schema", "administrable_role_authorizations",
     "grantee name, role_name name, is_grantable varchar(3)"},
    {"information_schema", "applicable_roles",
     "grantee name, role_name name, is_grantable varchar(3)"},
    {"information_schema", "character_sets",
     "character_set_catalog name, character_set_schema name, character_set_name name, character_repertoire name, "
     "form_of_use name, default_collate_catalog name, default_collate_schema name, default_collate_name name"},
    {"information_schema", "collation_character_set_applicability",
     "collation_catalog name, collation_schema name, collation_name name, character_set_catalog name, "
     "character_set_schema name, character_set_name name"},
    {"information_schema", "collations",
     "collation_catalog name, collation_schema name, collation_name name, pad_attribute varchar"},
    {"information_schema", "domain_constraints",
         "constraint_catalog name, constraint_schema name, constraint_name name, domain_catalog name, domain_schema "
         "name, domain_name name, is_deferrable varchar(3), initially_deferred varchar(3)"},
    {"information_schema", "domains",
         "domain_catalog name, domain_schema name, domain_name name, data_type varchar, character_maximum_length "
         "int4, character_octet_length int4, character_set_catalog name, character_set_schema name, "
         "character_set_name name, collation_catalog name, collation_schema name, collation_name name, "
         "numeric_precision int4, numeric_precision_radix int4, numeric_scale int4, datetime_precision int4, "
         "interval_type varchar, interval_precision int4, domain_default varchar, udt_catalog name, udt_schema name, "
         "udt_name name, scope_catalog name, scope_schema name, scope_name name, maximum_cardinality int4, "
         "dtd_identifier name"},
    {"information_schema", "column_privileges",
     "grantor name, grantee name, table_catalog name, table_schema name, table_name name, column_name name, "
     "privilege_type varchar, is_grantable varchar(3)"},
    {"information_schema", "column_udt_usage",
     "udt_catalog name, udt_schema name, udt_name name, table_catalog name, table_schema name, table_name name, "
     "column_name name"},
    {"information_schema", "constraint_table_usage",
     "table_catalog name, table_schema name, table_name name, constraint_catalog name, constraint_schema name, "
     "constraint_name name"},
    {"information_schema", "enabled_roles",
     "role_name name"},
    {"information_schema", "role_column_grants",
     "grantor name, grantee name, table_catalog name, table_schema name, table_name name, column_name name, "
     "privilege_type varchar, is_grantable varchar(3)"},
    {"information_schema", "role_table_grants",
     "grantor name, grantee name, table_catalog name, table_schema name, table_name name, privilege_type varchar, "
     "is_grantable varchar(3), with_hierarchy varchar(3)"},
    {"information_schema", "role_routine_grants",
     "grantor name, grantee name, specific_catalog name, specific_schema name, specific_name name, "
     "routine_catalog name, routine_schema name, routine_name name, privilege_type varchar, is_grantable varchar(3)"},
    {"information_schema", "role_udt_grants",
     "grantor name, grantee name, udt_catalog name, udt_schema name, udt_name name, privilege_type varchar, "
     "is_grantable varchar(3)"},
    {"information_schema", "role_usage_grants",
     "grantor name, grantee name, object_catalog name, object_schema name, object_name name, object_type varchar, "
     "privilege_type varchar, is_grantable varchar(3)"},
    {"information_schema", "routine_privileges",
     "grantor name, grantee name, specific_catalog name, specific_schema name, specific_name name, "
     "routine_catalog name, routine_schema name, routine_name name, privilege_type varchar, is_grantable varchar(3)"},
    {"information_schema", "udt_privileges",
     "grantor name, grantee name, udt_catalog name, udt_schema name, udt_name name, privilege_type varchar, "
     "is_grantable varchar(3)"},
    {"information_schema", "usage_privileges",
     "grantor name, grantee name, object_catalog name, object_schema name, object_name name, object_type varchar, "
     "privilege_type varchar, is_grantable varchar(3)"},
    {"information_schema", "table_privileges",
     "grantor name, grantee name, table_catalog name, table_schema name, table_name name, privilege_type varchar, "
     "is_grantable varchar(3), with_hierarchy varchar(3)"},
    {"information_schema", "view_column_usage",
     "view_catalog name, view_schema name, view_name name, table_catalog name, table_schema name, table_name name, "
     "column_name name"},
    {"information_schema", "view_table_usage",
     "view_catalog name, view_schema name, view_name name, table_catalog name, table_schema name, table_name name"},
});

}  // namespace

std::string_view ColumnsOfSystemView(std::string_view schema, std::string_view view) {
  const auto found = std::ranges::find_if(
      kViewColumns, [&](const ViewColumnTypes& types) { return types.schema == schema && types.view == view; });
  return found == kViewColumns.end() ? std::string_view() : found->columns;
}

}  // namespace weir::sql
