#include "sql/system/system_statistics.h"

#include <array>

namespace weir::sql {
namespace {

constexpr auto kStatisticsViews = std::to_array<SystemDefinition>({
    {"pg_stat_database",
     "SELECT d.oid AS datid, d.datname AS datname, (SELECT count(*) FROM weir.pg_catalog.pg_stat_activity a WHERE "
     "a.datid = d.oid)::INTEGER AS numbackends, NULL::BIGINT AS xact_commit, NULL::BIGINT AS xact_rollback, "
     "NULL::BIGINT AS blks_read, NULL::BIGINT AS blks_hit, NULL::BIGINT AS tup_returned, NULL::BIGINT AS tup_fetched, "
     "NULL::BIGINT AS tup_inserted, NULL::BIGINT AS tup_updated, NULL::BIGINT AS tup_deleted, 0::BIGINT AS conflicts, "
     "NULL::BIGINT AS temp_files, NULL::BIGINT AS temp_bytes, NULL::BIGINT AS deadlocks, NULL::BIGINT AS "
     "checksum_failures, NULL::TIMESTAMPTZ AS checksum_last_failure, NULL::DOUBLE AS blk_read_time, NULL::DOUBLE AS "
     "blk_write_time, NULL::DOUBLE AS session_time, NULL::DOUBLE AS active_time, NULL::DOUBLE AS "
     "idle_in_transaction_time, NULL::BIGINT AS sessions, NULL::BIGINT AS sessions_abandoned, NULL::BIGINT AS "
     "sessions_fatal, NULL::BIGINT AS sessions_killed, NULL::TIMESTAMPTZ AS stats_reset FROM "
     "weir.pg_catalog.pg_database d"},
    {"pg_stat_database_conflicts",
     "SELECT d.oid AS datid, d.datname AS datname, 0::BIGINT AS confl_tablespace, 0::BIGINT AS confl_lock, 0::BIGINT "
     "AS confl_snapshot, 0::BIGINT AS confl_bufferpin, 0::BIGINT AS confl_deadlock FROM weir.pg_catalog.pg_database d"},
    {"pg_stat_all_tables",
     "SELECT c.oid AS relid, n.nspname AS schemaname, c.relname AS relname, NULL::BIGINT AS seq_scan, NULL::BIGINT AS "
     "seq_tup_read, NULL::BIGINT AS idx_scan, NULL::BIGINT AS idx_tup_fetch, NULL::BIGINT AS n_tup_ins, NULL::BIGINT "
     "AS n_tup_upd, NULL::BIGINT AS n_tup_del, NULL::BIGINT AS n_tup_hot_upd, NULL::BIGINT AS n_live_tup, "
     "NULL::BIGINT AS n_dead_tup, NULL::BIGINT AS n_mod_since_analyze, NULL::BIGINT AS n_ins_since_vacuum, "
     "NULL::TIMESTAMPTZ AS last_vacuum, NULL::TIMESTAMPTZ AS last_autovacuum, NULL::TIMESTAMPTZ AS last_analyze, "
     "NULL::TIMESTAMPTZ AS last_autoanalyze, 0::BIGINT AS vacuum_count, 0::BIGINT AS autovacuum_count, NULL::BIGINT "
     "AS analyze_count, NULL::BIGINT AS autoanalyze_count FROM weir.pg_catalog.pg_class c JOIN "
     "weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')"},
    {"pg_stat_user_tables",
     "SELECT * FROM weir.pg_catalog.pg_stat_all_tables"},
    {"pg_stat_xact_all_tables",
     "SELECT c.oid AS relid, n.nspname AS schemaname, c.relname AS relname, NULL::BIGINT AS seq_scan, NULL::BIGINT AS "
     "seq_tup_read, NULL::BIGINT AS idx_scan, NULL::BIGINT AS idx_tup_fetch, NULL::BIGINT AS n_tup_ins, NULL::BIGINT "
     "AS n_tup_upd, NULL::BIGINT AS n_tup_del, NULL::BIGINT AS n_tup_hot_upd FROM weir.pg_catalog.pg_class c JOIN "
     "weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')"},
    {"pg_stat_xact_user_tables",
     "SELECT * FROM weir.pg_catalog.pg_stat_xact_all_tables"},
    {"pg_statio_all_tables",
     "SELECT c.oid AS relid, n.nspname AS schemaname, c.relname AS relname, NULL::BIGINT AS heap_blks_read, "
     "NULL::BIGINT AS heap_blks_hit, NULL::BIGINT AS idx_blks_read, NULL::BIGINT AS idx_blks_hit, NULL::BIGINT AS "
     "toast_blks_read, NULL::BIGINT AS toast_blks_hit, NULL::BIGINT AS tidx_blks_read, NULL::BIGINT AS tidx_blks_hit "
     "FROM weir.pg_catalog.pg_class c JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = "
     "'r'"},
    {"pg_statio_user_tables",
     "SELECT * FROM weir.pg_catalog.pg_statio_all_tables"},
    {"pg_stat_all_indexes",
     "SELECT c.oid AS relid, i.oid AS indexrelid, n.nspname AS schemaname, c.relname AS relname, i.relname AS "
     "indexrelname, NULL::BIGINT AS idx_scan, NULL::BIGINT AS idx_tup_read, NULL::BIGINT AS idx_tup_fetch FROM "
     "weir.pg_catalog.pg_index x JOIN weir.pg_catalog.pg_class c ON c.oid = x.indrelid JOIN weir.pg_catalog.pg_class "
     "i ON i.oid = x.indexrelid JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE i.relkind = 'i'"},
    {"pg_stat_user_indexes",
     "SELECT * FROM weir.pg_catalog.pg_stat_all_indexes"},
    {"pg_statio_all_indexes",
     "SELECT c.oid AS relid, i.oid AS indexrelid, n.nspname AS schemaname, c.relname AS relname, i.relname AS "
     "indexrelname, NULL::BIGINT AS idx_blks_read, NULL::BIGINT AS idx_blks_hit FROM weir.pg_catalog.pg_index x JOIN "
     "weir.pg_catalog.pg_class c ON c.oid = x.indrelid JOIN weir.pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN "
     "weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE i.relkind = 'i'"},
    {"pg_statio_user_indexes",
     "SELECT * FROM weir.pg_catalog.pg_statio_all_indexes"},
    {"pg_statio_all_sequences",
     "SELECT c.oid AS relid, n.nspname AS schemaname, c.relname AS relname, NULL::BIGINT AS blks_read, NULL::BIGINT "
     "AS blks_hit FROM weir.pg_catalog.pg_class c JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE "
     "c.relkind = 'S'"},
    {"pg_statio_user_sequences",
     "SELECT * FROM weir.pg_catalog.pg_statio_all_sequences"},
    {"pg_stat_archiver",
     "SELECT 0::BIGINT AS archived_count, NULL::VARCHAR AS last_archived_wal, NULL::TIMESTAMPTZ AS "
     "last_archived_time, 0::BIGINT AS failed_count, NULL::VARCHAR AS last_failed_wal, NULL::TIMESTAMPTZ AS "
     "last_failed_time, pg_postmaster_start_time() AS stats_reset"},
    {"pg_stat_bgwriter",
     "SELECT 0::BIGINT AS checkpoints_timed, 0::BIGINT AS checkpoints_req, 0::DOUBLE AS checkpoint_write_time, "
     "0::DOUBLE AS checkpoint_sync_time, 0::BIGINT AS buffers_checkpoint, 0::BIGINT AS buffers_clean, 0::BIGINT AS "
     "maxwritten_clean, 0::BIGINT AS buffers_backend, 0::BIGINT AS buffers_backend_fsync, 0::BIGINT AS buffers_alloc, "
     "pg_postmaster_start_time() AS stats_reset"},
    {"pg_stat_gssapi",
     "SELECT a.pid, false AS gss_authenticated, NULL::VARCHAR AS principal, false AS encrypted FROM "
     "weir.pg_catalog.pg_stat_activity a WHERE a.client_port IS NOT NULL"},
});

}  // namespace

std::span<const SystemDefinition> StatisticsViews() { return kStatisticsViews; }

}  // namespace weir::sql
