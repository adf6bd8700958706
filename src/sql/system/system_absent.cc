#include "sql/system/system_absent.h"

#include <array>

namespace weir::sql {
namespace {

constexpr auto kAbsentCatalog = std::to_array<SystemDefinition>({
    {"pg_amproc",
         "oid oid, amprocfamily oid, amproclefttype oid, amprocrighttype oid, amprocnum int2, amproc regproc", 2603},
    {"pg_available_extension_versions",
         "name name, version text, installed bool, superuser bool, trusted bool, relocatable bool, schema name, "
         "requires name[], comment text"},
    {"pg_available_extensions",
         "name name, default_version text, installed_version text, comment text"},
    {"pg_file_settings",
         "sourcefile text, sourceline int4, seqno int4, name text, setting text, applied bool, error text"},
    {"pg_ident_file_mappings",
         "line_number int4, map_name text, sys_name text, pg_username text, error text"},
    {"pg_init_privs",
         "objoid oid, classoid oid, objsubid int4, privtype char, initprivs aclitem[]", 3394},
    {"pg_largeobject",
         "loid oid, pageno int4, data bytea", 2613},
    {"pg_largeobject_metadata",
         "oid oid, lomowner oid, lomacl aclitem[]", 2995},
    {"pg_policies",
         "schemaname name, tablename name, policyname name, permissive text, roles name[], cmd text, qual text, "
         "with_check text"},
    {"pg_prepared_xacts",
         "transaction xid, gid text, prepared timestamptz, owner name, database name"},
    {"pg_publication_tables",
         "pubname name, schemaname name, tablename name, attnames name[], rowfilter text"},
    {"pg_replication_origin",
         "roident oid, roname text", 6000},
    {"pg_replication_origin_status",
         "local_id oid, external_id text, remote_lsn pg_lsn, local_lsn pg_lsn"},
    {"pg_replication_slots",
         "slot_name name, plugin name, slot_type text, datoid oid, database name, temporary bool, active bool, "
         "active_pid int4, xmin xid, catalog_xmin xid, restart_lsn pg_lsn, confirmed_flush_lsn pg_lsn, wal_status "
         "text, safe_wal_size int8, two_phase bool"},
    {"pg_rules",
         "schemaname name, tablename name, rulename name, definition text"},
    {"pg_seclabels",
         "objoid oid, classoid oid, objsubid int4, objtype text, objnamespace oid, objname text, provider text, label "
         "text"},
    {"pg_shdepend",
         "dbid oid, classid oid, objid oid, objsubid int4, refclassid oid, refobjid oid, deptype char", 1214},
    {"pg_shmem_allocations",
         "name text, off int8, size int8, allocated_size int8"},
    {"pg_shseclabel",
         "objoid oid, classoid oid, provider text, label text", 3592},
    {"pg_stat_progress_analyze",
         "pid int4, datid oid, datname name, relid oid, phase text, sample_blks_total int8, sample_blks_scanned int8, "
         "ext_stats_total int8, ext_stats_computed int8, child_tables_total int8, child_tables_done int8, "
         "current_child_table_relid oid"},
    {"pg_stat_progress_basebackup",
         "pid int4, phase text, backup_total int8, backup_streamed int8, tablespaces_total int8, tablespaces_streamed "
         "int8"},
    {"pg_stat_progress_cluster",
         "pid int4, datid oid, datname name, relid oid, command text, phase text, cluster_index_relid oid, "
         "heap_tuples_scanned int8, heap_tuples_written int8, heap_blks_total int8, heap_blks_scanned int8, "
         "index_rebuild_count int8"},
    {"pg_stat_progress_copy",
         "pid int4, datid oid, datname name, relid oid, command text, type text, bytes_processed int8, bytes_total "
         "int8, tuples_processed int8, tuples_excluded int8"},
    {"pg_stat_progress_create_index",
         "pid int4, datid oid, datname name, relid oid, index_relid oid, command text, phase text, lockers_total "
         "int8, lockers_done int8, current_locker_pid int8, blocks_total int8, blocks_done int8, tuples_total int8, "
         "tuples_done int8, partitions_total int8, partitions_done int8"},
    {"pg_stat_progress_vacuum",
         "pid int4, datid oid, datname name, relid oid, phase text, heap_blks_total int8, heap_blks_scanned int8, "
         "heap_blks_vacuumed int8, index_vacuum_count int8, max_dead_tuples int8, num_dead_tuples int8"},
    {"pg_stat_recovery_prefetch",
         "stats_reset timestamptz, prefetch int8, hit int8, skip_init int8, skip_new int8, skip_fpw int8, skip_rep "
         "int8, wal_distance int4, block_distance int4, io_depth int4"},
    {"pg_stat_replication",
         "pid int4, usesysid oid, usename name, application_name text, client_addr inet, client_hostname text, "
         "client_port int4, backend_start timestamptz, backend_xmin xid, state text, sent_lsn pg_lsn, write_lsn "
         "pg_lsn, flush_lsn pg_lsn, replay_lsn pg_lsn, write_lag interval, flush_lag interval, replay_lag interval, "
         "sync_priority int4, sync_state text, reply_time timestamptz"},
    {"pg_stat_replication_slots",
         "slot_name text, spill_txns int8, spill_count int8, spill_bytes int8, stream_txns int8, stream_count int8, "
         "stream_bytes int8, total_txns int8, total_bytes int8, stats_reset timestamptz"},
    {"pg_stat_slru",
         "name text, blks_zeroed int8, blks_hit int8, blks_read int8, blks_written int8, blks_exists int8, flushes "
         "int8, truncates int8, stats_reset timestamptz"},
    {"pg_stat_subscription",
         "subid oid, subname name, pid int4, relid oid, received_lsn pg_lsn, last_msg_send_time timestamptz, "
         "last_msg_receipt_time timestamptz, latest_end_lsn pg_lsn, latest_end_time timestamptz"},
    {"pg_stat_subscription_stats",
         "subid oid, subname name, apply_error_count int8, sync_error_count int8, stats_reset timestamptz"},
    {"pg_stat_sys_indexes",
         "relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, idx_scan int8, idx_tup_read "
         "int8, idx_tup_fetch int8"},
    {"pg_stat_sys_tables",
         "relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, idx_scan int8, idx_tup_fetch "
         "int8, n_tup_ins int8, n_tup_upd int8, n_tup_del int8, n_tup_hot_upd int8, n_live_tup int8, n_dead_tup int8, "
         "n_mod_since_analyze int8, n_ins_since_vacuum int8, last_vacuum timestamptz, last_autovacuum timestamptz, "
         "last_analyze timestamptz, last_autoanalyze timestamptz, vacuum_count int8, autovacuum_count int8, "
         "analyze_count int8, autoanalyze_count int8"},
    {"pg_stat_user_functions",
         "funcid oid, schemaname name, funcname name, calls int8, total_time float8, self_time float8"},
    {"pg_stat_wal_receiver",
         "pid int4, status text, receive_start_lsn pg_lsn, receive_start_tli int4, written_lsn pg_lsn, flushed_lsn "
         "pg_lsn, received_tli int4, last_msg_send_time timestamptz, last_msg_receipt_time timestamptz, "
         "latest_end_lsn pg_lsn, latest_end_time timestamptz, slot_name text, sender_host text, sender_port int4, "
         "conninfo text"},
    {"pg_stat_xact_sys_tables",
         "relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, idx_scan int8, idx_tup_fetch "
         "int8, n_tup_ins int8, n_tup_upd int8, n_tup_del int8, n_tup_hot_upd int8"},
    {"pg_stat_xact_user_functions",
         "funcid oid, schemaname name, funcname name, calls int8, total_time float8, self_time float8"},
    {"pg_statio_sys_indexes",
         "relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, idx_blks_read int8, "
         "idx_blks_hit int8"},
    {"pg_statio_sys_sequences",
         "relid oid, schemaname name, relname name, blks_read int8, blks_hit int8"},
    {"pg_statio_sys_tables",
         "relid oid, schemaname name, relname name, heap_blks_read int8, heap_blks_hit int8, idx_blks_read int8, "
         "idx_blks_hit int8, toast_blks_read int8, toast_blks_hit int8, tidx_blks_read int8, tidx_blks_hit int8"},
    {"pg_statistic",
         "starelid oid, staattnum int2, stainherit bool, stanullfrac float4, stawidth int4, stadistinct float4, "
         "stakind1 int2, stakind2 int2, stakind3 int2, stakind4 int2, stakind5 int2, staop1 oid, staop2 oid, staop3 "
         "oid, staop4 oid, staop5 oid, stacoll1 oid, stacoll2 oid, stacoll3 oid, stacoll4 oid, stacoll5 oid, "
         "stanumbers1 float4[], stanumbers2 float4[], stanumbers3 float4[], stanumbers4 float4[], stanumbers5 "
         "float4[], stavalues1 text[], stavalues2 text[], stavalues3 text[], stavalues4 text[], stavalues5 "
         "text[]", 2619},
    {"pg_statistic_ext_data",
         "stxoid oid, stxdinherit bool, stxdndistinct text, stxddependencies text, stxdmcv "
         "pg_mcv_list, stxdexpr text", 3429},
    {"pg_stats",
         "schemaname name, tablename name, attname name, inherited bool, null_frac float4, avg_width int4, n_distinct "
         "float4, most_common_vals text[], most_common_freqs float4[], histogram_bounds text[], correlation float4, "
         "most_common_elems text[], most_common_elem_freqs float4[], elem_count_histogram float4[]"},
    {"pg_stats_ext",
         "schemaname name, tablename name, statistics_schemaname name, statistics_name name, statistics_owner name, "
         "attnames name[], exprs text[], kinds char[], inherited bool, n_distinct text, dependencies "
         "pg_dependencies, most_common_vals text[], most_common_val_nulls bool[], most_common_freqs float8[], "
         "most_common_base_freqs float8[]"},
    {"pg_stats_ext_exprs",
         "schemaname name, tablename name, statistics_schemaname name, statistics_name name, statistics_owner name, "
         "expr text, inherited bool, null_frac float4, avg_width int4, n_distinct float4, most_common_vals text[], "
         "most_common_freqs float4[], histogram_bounds text[], correlation float4, most_common_elems text[], "
         "most_common_elem_freqs float4[], elem_count_histogram float4[]"},
    {"pg_subscription_rel",
         "srsubid oid, srrelid oid, srsubstate char, srsublsn pg_lsn", 6102},
    {"pg_transform",
         "oid oid, trftype oid, trflang oid, trffromsql regproc, trftosql regproc", 3576},
    {"pg_ts_config_map",
         "mapcfg oid, maptokentype int4, mapseqno int4, mapdict oid", 3603},
    {"pg_user_mappings",
         "umid oid, srvid oid, srvname name, umuser oid, usename name, umoptions text[]"},
});

constexpr auto kAbsentInformation = std::to_array<SystemDefinition>({
    {"check_constraint_routine_usage",
         "constraint_catalog name, constraint_schema name, constraint_name name, specific_catalog name, "
         "specific_schema name, specific_name name"},
    {"column_column_usage",
         "table_catalog name, table_schema name, table_name name, column_name name, dependent_column name"},
    {"column_domain_usage",
         "domain_catalog name, domain_schema name, domain_name name, table_catalog name, table_schema name, "
         "table_name name, column_name name"},
    {"column_options",
         "table_catalog name, table_schema name, table_name name, column_name name, option_name name, option_value "
         "varchar"},
    {"domain_udt_usage",
         "udt_catalog name, udt_schema name, udt_name name, domain_catalog name, domain_schema name, domain_name name"},
    {"foreign_data_wrapper_options",
         "foreign_data_wrapper_catalog name, foreign_data_wrapper_name name, option_name name, option_value varchar"},
    {"foreign_data_wrappers",
         "foreign_data_wrapper_catalog name, foreign_data_wrapper_name name, authorization_identifier name, "
         "library_name varchar, foreign_data_wrapper_language varchar"},
    {"foreign_server_options",
         "foreign_server_catalog name, foreign_server_name name, option_name name, option_value varchar"},
    {"foreign_servers",
         "foreign_server_catalog name, foreign_server_name name, foreign_data_wrapper_catalog name, "
         "foreign_data_wrapper_name name, foreign_server_type varchar, foreign_server_version varchar, "
         "authorization_identifier name"},
    {"foreign_table_options",
         "foreign_table_catalog name, foreign_table_schema name, foreign_table_name name, option_name name, "
         "option_value varchar"},
    {"foreign_tables",
         "foreign_table_catalog name, foreign_table_schema name, foreign_table_name name, foreign_server_catalog "
         "name, foreign_server_name name"},
    {"routine_column_usage",
         "specific_catalog name, specific_schema name, specific_name name, routine_catalog name, routine_schema name, "
         "routine_name name, table_catalog name, table_schema name, table_name name, column_name name"},
    {"routine_routine_usage",
         "specific_catalog name, specific_schema name, specific_name name, routine_catalog name, routine_schema name, "
         "routine_name name"},
    {"routine_sequence_usage",
         "specific_catalog name, specific_schema name, specific_name name, routine_catalog name, routine_schema name, "
         "routine_name name, sequence_catalog name, sequence_schema name, sequence_name name"},
    {"routine_table_usage",
         "specific_catalog name, specific_schema name, specific_name name, routine_catalog name, routine_schema name, "
         "routine_name name, table_catalog name, table_schema name, table_name name"},
    {"transforms",
         "udt_catalog name, udt_schema name, udt_name name, specific_catalog name, specific_schema name, "
         "specific_name name, group_name name, transform_type varchar"},
    {"triggered_update_columns",
         "trigger_catalog name, trigger_schema name, trigger_name name, event_object_catalog name, "
         "event_object_schema name, event_object_table name, event_object_column name"},
    {"triggers",
         "trigger_catalog name, trigger_schema name, trigger_name name, event_manipulation varchar, "
         "event_object_catalog name, event_object_schema name, event_object_table name, action_order int4, "
         "action_condition varchar, action_statement varchar, action_orientation varchar, action_timing varchar, "
         "action_reference_old_table name, action_reference_new_table name, action_reference_old_row name, "
         "action_reference_new_row name, created timestamptz(2)"},
    {"user_mapping_options",
         "authorization_identifier name, foreign_server_catalog name, foreign_server_name name, option_name name, "
         "option_value varchar"},
    {"user_mappings",
         "authorization_identifier name, foreign_server_catalog name, foreign_server_name name"},
    {"view_routine_usage",
         "table_catalog name, table_schema name, table_name name, specific_catalog name, specific_schema name, "
         "specific_name name"},
});

}  // namespace

std::span<const SystemDefinition> AbsentCatalogTables() { return kAbsentCatalog; }
std::span<const SystemDefinition> AbsentInformationTables() { return kAbsentInformation; }

}  // namespace weir::sql
