#include "sql/engine/parameter_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>

#include "postgres/value/settings.h"
#include "postgres/value/text.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using Kind = KnownParameter::Kind;

constexpr double kMostInt = std::numeric_limits<int32_t>::max();
constexpr double kMostReal = std::numeric_limits<double>::max();

/// Those of PostgreSQL's planner and of Cloudberry's optimizers and segments are kept and shown. They change no result,
/// and DuckDB plans without them.
constexpr std::array kParameters = {
    KnownParameter{"allow_system_table_mods", "off", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"application_name", ""},
    KnownParameter{"archive_mode", "off", Kind::kFixed, 0, 0, "", "postmaster"},
    KnownParameter{"array_nulls", "on", Kind::kOnly},
    KnownParameter{"autovacuum", "off", Kind::kFixed, 0, 0, "", "sighup"},
    KnownParameter{"backslash_quote", "safe_encoding", Kind::kOnly},
    KnownParameter{"block_size", "8192", Kind::kFixed},
    KnownParameter{"bytea_output", "hex", Kind::kWord, 0, 0, "escape, hex"},
    KnownParameter{"check_function_bodies", "on", Kind::kSwitch},
    KnownParameter{"client_connection_check_interval", "0", Kind::kTime, 0, kMostInt},
    KnownParameter{"client_encoding", "UTF8", Kind::kEncoding},
    KnownParameter{"client_min_messages", "notice", Kind::kWord, 0, 0,
                   "debug5, debug4, debug3, debug2, debug1, log, notice, warning, error"},
    KnownParameter{"cluster_name", "", Kind::kFixed, 0, 0, "", "postmaster"},
    KnownParameter{"commit_delay", "0", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"commit_siblings", "5", Kind::kInteger, 0, 1000},
    KnownParameter{"compute_query_id", "auto", Kind::kWord, 0, 0, "auto, regress, on, off", "superuser"},
    KnownParameter{"constraint_exclusion", "partition", Kind::kWord, 0, 0, "partition, on, off"},
    KnownParameter{"cpu_index_tuple_cost", "0.005", Kind::kReal, 0, kMostReal},
    KnownParameter{"cpu_operator_cost", "0.0025", Kind::kReal, 0, kMostReal},
    KnownParameter{"cpu_tuple_cost", "0.01", Kind::kReal, 0, kMostReal},
    KnownParameter{"cursor_tuple_fraction", "0.1", Kind::kReal, 0, 1},
    KnownParameter{"data_checksums", "on", Kind::kFixed},
    KnownParameter{"DateStyle", "ISO, MDY", Kind::kDateStyle},
    KnownParameter{"deadlock_timeout", "1s", Kind::kTime, 1, kMostInt, "", "superuser"},
    KnownParameter{"debug_assertions", "off", Kind::kFixed},
    KnownParameter{"debug_pretty_print", "on", Kind::kSwitch},
    KnownParameter{"debug_print_parse", "off", Kind::kOnly},
    KnownParameter{"debug_print_plan", "off", Kind::kOnly},
    KnownParameter{"debug_print_rewritten", "off", Kind::kOnly},
    KnownParameter{"default_statistics_target", "100", Kind::kInteger, 1, 10'000},
    KnownParameter{"default_table_access_method", "heap", Kind::kOnly},
    KnownParameter{"default_tablespace", "", Kind::kOnly},
    KnownParameter{"default_text_search_config", "pg_catalog.simple", Kind::kOnly},
    KnownParameter{"default_toast_compression", "pglz", Kind::kWord, 0, 0, "pglz, lz4"},
    KnownParameter{"default_transaction_deferrable", "off", Kind::kSwitch},
    KnownParameter{"default_transaction_isolation", "read committed", Kind::kWord, 0, 0,
                   "serializable, repeatable read, read committed, read uncommitted"},
    KnownParameter{"default_transaction_read_only", "off", Kind::kSwitch},
    KnownParameter{"default_with_oids", "off", Kind::kOnly},
    KnownParameter{"dynamic_library_path", "$libdir", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"effective_cache_size", "4GB", Kind::kPages, 1, kMostInt},
    KnownParameter{"effective_io_concurrency", "1", Kind::kInteger, 0, 1000},
    KnownParameter{"enable_async_append", "on", Kind::kSwitch},
    KnownParameter{"enable_bitmapscan", "on", Kind::kSwitch},
    KnownParameter{"enable_gathermerge", "on", Kind::kSwitch},
    KnownParameter{"enable_groupagg", "on", Kind::kSwitch},
    KnownParameter{"enable_hashagg", "on", Kind::kSwitch},
    KnownParameter{"enable_hashjoin", "on", Kind::kSwitch},
    KnownParameter{"enable_incremental_sort", "on", Kind::kSwitch},
    KnownParameter{"enable_indexonlyscan", "on", Kind::kSwitch},
    KnownParameter{"enable_indexscan", "on", Kind::kSwitch},
    KnownParameter{"enable_material", "on", Kind::kSwitch},
    KnownParameter{"enable_memoize", "on", Kind::kSwitch},
    KnownParameter{"enable_mergejoin", "on", Kind::kSwitch},
    KnownParameter{"enable_nestloop", "on", Kind::kSwitch},
    KnownParameter{"enable_parallel_append", "on", Kind::kSwitch},
    KnownParameter{"enable_parallel_hash", "on", Kind::kSwitch},
    KnownParameter{"enable_partition_pruning", "on", Kind::kSwitch},
    KnownParameter{"enable_partitionwise_aggregate", "off", Kind::kSwitch},
    KnownParameter{"enable_partitionwise_join", "off", Kind::kSwitch},
    KnownParameter{"enable_seqscan", "on", Kind::kSwitch},
    KnownParameter{"enable_sort", "on", Kind::kSwitch},
    KnownParameter{"enable_tidscan", "on", Kind::kSwitch},
    KnownParameter{"escape_string_warning", "on", Kind::kSwitch},
    KnownParameter{"exit_on_error", "off", Kind::kOnly},
    KnownParameter{"experimental_enable_hash_sharded_indexes", "off", Kind::kSwitch},
    KnownParameter{"extra_float_digits", "1", Kind::kInteger, -15, 3},
    KnownParameter{"force_parallel_mode", "off", Kind::kWord, 0, 0, "off, on, regress"},
    KnownParameter{"from_collapse_limit", "8", Kind::kInteger, 1, kMostInt},
    KnownParameter{"fsync", "on", Kind::kFixed, 0, 0, "", "sighup"},
    KnownParameter{"geqo", "on", Kind::kSwitch},
    KnownParameter{"geqo_effort", "5", Kind::kInteger, 1, 10},
    KnownParameter{"geqo_generations", "0", Kind::kInteger, 0, kMostInt},
    KnownParameter{"geqo_pool_size", "0", Kind::kInteger, 0, kMostInt},
    KnownParameter{"geqo_seed", "0", Kind::kReal, 0, 1},
    KnownParameter{"geqo_selection_bias", "2", Kind::kReal, 1.5, 2},
    KnownParameter{"geqo_threshold", "12", Kind::kInteger, 2, kMostInt},
    KnownParameter{"gin_fuzzy_search_limit", "0", Kind::kInteger, 0, kMostInt},
    KnownParameter{"gin_pending_list_limit", "4MB", Kind::kMemory, 64, kMostInt},
    KnownParameter{"gp_autostats_mode", "none"},
    KnownParameter{"gp_autostats_mode_in_functions", "none"},
    KnownParameter{"gp_autostats_on_change_threshold", "2147483647"},
    KnownParameter{"gp_create_table_random_default_distribution", "off", Kind::kOnly},
    KnownParameter{"gp_cte_sharing", "on", Kind::kSwitch},
    KnownParameter{"gp_default_storage_options", "", Kind::kOnly},
    KnownParameter{"gp_dynamic_partition_pruning", "on", Kind::kSwitch},
    KnownParameter{"gp_enable_agg_distinct", "on", Kind::kSwitch},
    KnownParameter{"gp_enable_agg_distinct_pruning", "on", Kind::kSwitch},
    KnownParameter{"gp_enable_direct_dispatch", "on", Kind::kSwitch},
    KnownParameter{"gp_enable_fast_sri", "on", Kind::kSwitch},
    KnownParameter{"gp_enable_multiphase_agg", "on", Kind::kSwitch},
    KnownParameter{"gp_enable_predicate_propagation", "on", Kind::kSwitch},
    KnownParameter{"gp_enable_preunique", "on", Kind::kSwitch},
    KnownParameter{"gp_enable_relsize_collection", "off", Kind::kSwitch},
    KnownParameter{"gp_interconnect_fc_method", "loss"},
    KnownParameter{"gp_interconnect_queue_depth", "4"},
    KnownParameter{"gp_interconnect_type", "udpifc"},
    KnownParameter{"gp_max_packet_size", "8192"},
    KnownParameter{"gp_resgroup_memory_policy", "eager_free"},
    KnownParameter{"gp_resqueue_memory_policy", "eager_free"},
    KnownParameter{"gp_role", "dispatch", Kind::kOnly},
    KnownParameter{"gp_segments_for_planner", "0"},
    KnownParameter{"gp_statistics_pullup_from_child_partition", "off", Kind::kSwitch},
    KnownParameter{"gp_statistics_use_fkeys", "on", Kind::kSwitch},
    KnownParameter{"gp_use_legacy_hashops", "off", Kind::kOnly},
    KnownParameter{"gp_workfile_compression", "off", Kind::kSwitch},
    KnownParameter{"gp_workfile_limit_files_per_query", "100000"},
    KnownParameter{"gp_workfile_limit_per_query", "0"},
    KnownParameter{"hash_mem_multiplier", "2", Kind::kReal, 1, 1000},
    KnownParameter{"hot_standby", "off", Kind::kFixed, 0, 0, "", "postmaster"},
    KnownParameter{"idle_in_transaction_session_timeout", "0", Kind::kTime, 0, kMostInt},
    KnownParameter{"idle_session_timeout", "0", Kind::kTime, 0, kMostInt},
    KnownParameter{"in_hot_standby", "off", Kind::kFixed},
    KnownParameter{"integer_datetimes", "on", Kind::kFixed},
    KnownParameter{"IntervalStyle", "postgres", Kind::kWord, 0, 0,
                   "postgres, postgres_verbose, sql_standard, iso_8601"},
    KnownParameter{"is_superuser", "on", Kind::kFixed},
    KnownParameter{"jit", "off", Kind::kSwitch},
    KnownParameter{"jit_above_cost", "100000", Kind::kReal, -1, kMostReal},
    KnownParameter{"jit_expressions", "on", Kind::kSwitch},
    KnownParameter{"jit_inline_above_cost", "500000", Kind::kReal, -1, kMostReal},
    KnownParameter{"jit_optimize_above_cost", "500000", Kind::kReal, -1, kMostReal},
    KnownParameter{"jit_tuple_deforming", "on", Kind::kSwitch},
    KnownParameter{"join_collapse_limit", "8", Kind::kInteger, 1, kMostInt},
    KnownParameter{"lc_collate", "C", Kind::kFixed},
    KnownParameter{"lc_ctype", "C", Kind::kFixed},
    KnownParameter{"lc_messages", "C", Kind::kText, 0, 0, "", "superuser"},
    KnownParameter{"lc_monetary", "C"},
    KnownParameter{"lc_numeric", "C"},
    KnownParameter{"lc_time", "C"},
    KnownParameter{"listen_addresses", "", Kind::kFixed, 0, 0, "", "postmaster"},
    KnownParameter{"lo_compat_privileges", "off", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"local_preload_libraries", "", Kind::kOnly},
    KnownParameter{"lock_timeout", "0", Kind::kTime, 0, kMostInt},
    KnownParameter{"log_connections", "off", Kind::kFixed, 0, 0, "", "superuser-backend"},
    KnownParameter{"log_disconnections", "off", Kind::kFixed, 0, 0, "", "superuser-backend"},
    KnownParameter{"log_duration", "off", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"log_error_verbosity", "default", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"log_executor_stats", "off", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"log_lock_waits", "off", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"log_min_duration_sample", "-1", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"log_min_duration_statement", "-1", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"log_min_error_statement", "error", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"log_min_messages", "warning", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"log_parser_stats", "off", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"log_planner_stats", "off", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"log_replication_commands", "off", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"log_statement", "none", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"log_statement_stats", "off", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"log_temp_files", "-1", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"log_timezone", "UTC", Kind::kFixed, 0, 0, "", "sighup"},
    KnownParameter{"logical_decoding_work_mem", "64MB", Kind::kMemory, 64, kMostInt},
    KnownParameter{"maintenance_io_concurrency", "10", Kind::kInteger, 0, 1000},
    KnownParameter{"maintenance_work_mem", "64MB", Kind::kMemory, 1024, kMostInt},
    KnownParameter{"max_connections", "100", Kind::kFixed, 0, 0, "", "postmaster"},
    KnownParameter{"max_function_args", "100", Kind::kFixed},
    KnownParameter{"max_identifier_length", "63", Kind::kFixed},
    KnownParameter{"max_index_keys", "32", Kind::kFixed},
    KnownParameter{"max_parallel_maintenance_workers", "2", Kind::kInteger, 0, 1024},
    KnownParameter{"max_parallel_workers", "8", Kind::kInteger, 0, 1024},
    KnownParameter{"max_parallel_workers_per_gather", "2", Kind::kInteger, 0, 1024},
    KnownParameter{"max_prepared_transactions", "0", Kind::kFixed, 0, 0, "", "postmaster"},
    KnownParameter{"max_replication_slots", "0", Kind::kFixed, 0, 0, "", "postmaster"},
    KnownParameter{"max_stack_depth", "2MB", Kind::kMemory, 100, kMostInt, "", "superuser"},
    KnownParameter{"max_statement_mem", "2000MB"},
    KnownParameter{"max_wal_senders", "0", Kind::kFixed, 0, 0, "", "postmaster"},
    KnownParameter{"memory_spill_ratio", "20"},
    KnownParameter{"min_parallel_index_scan_size", "512kB", Kind::kPages, 0, 715827882},
    KnownParameter{"min_parallel_table_scan_size", "8MB", Kind::kPages, 0, 715827882},
    KnownParameter{"optimizer", "on", Kind::kSwitch},
    KnownParameter{"optimizer_analyze_root_partition", "on", Kind::kSwitch},
    KnownParameter{"optimizer_array_constraints", "on", Kind::kSwitch},
    KnownParameter{"optimizer_control", "on", Kind::kSwitch},
    KnownParameter{"optimizer_cte_inlining", "on", Kind::kSwitch},
    KnownParameter{"optimizer_enable_bitmapscan", "on", Kind::kSwitch},
    KnownParameter{"optimizer_enable_dml", "on", Kind::kSwitch},
    KnownParameter{"optimizer_enable_dml_constraints", "on", Kind::kSwitch},
    KnownParameter{"optimizer_enable_hashjoin", "on", Kind::kSwitch},
    KnownParameter{"optimizer_enable_indexjoin", "on", Kind::kSwitch},
    KnownParameter{"optimizer_enable_indexscan", "on", Kind::kSwitch},
    KnownParameter{"optimizer_enable_motion_redistribute", "on", Kind::kSwitch},
    KnownParameter{"optimizer_enable_multiple_distinct_aggs", "on", Kind::kSwitch},
    KnownParameter{"optimizer_enable_nljoin", "on", Kind::kSwitch},
    KnownParameter{"optimizer_enable_tablescan", "on", Kind::kSwitch},
    KnownParameter{"optimizer_enforce_subplans", "off", Kind::kSwitch},
    KnownParameter{"optimizer_force_multistage_agg", "off", Kind::kSwitch},
    KnownParameter{"optimizer_force_three_stage_scalar_dqa", "on", Kind::kSwitch},
    KnownParameter{"optimizer_join_order", "exhaustive"},
    KnownParameter{"optimizer_log", "on", Kind::kSwitch},
    KnownParameter{"optimizer_metadata_caching", "on", Kind::kSwitch},
    KnownParameter{"optimizer_minidump", "onerror"},
    KnownParameter{"optimizer_multilevel_partitioning", "on", Kind::kSwitch},
    KnownParameter{"optimizer_nestloop_factor", "1024"},
    KnownParameter{"optimizer_parallel_union", "off", Kind::kSwitch},
    KnownParameter{"optimizer_penalize_skew", "on", Kind::kSwitch},
    KnownParameter{"optimizer_print_missing_stats", "on", Kind::kSwitch},
    KnownParameter{"optimizer_segments", "0"},
    KnownParameter{"optimizer_trace_fallback", "off", Kind::kSwitch},
    KnownParameter{"parallel_leader_participation", "on", Kind::kSwitch},
    KnownParameter{"parallel_setup_cost", "1000", Kind::kReal, 0, kMostReal},
    KnownParameter{"parallel_tuple_cost", "0.1", Kind::kReal, 0, kMostReal},
    KnownParameter{"password_encryption", "scram-sha-256", Kind::kOnly},
    KnownParameter{"plan_cache_mode", "auto", Kind::kWord, 0, 0, "auto, force_generic_plan, force_custom_plan"},
    KnownParameter{"port", "0", Kind::kFixed, 0, 0, "", "postmaster"},
    KnownParameter{"quote_all_identifiers", "off", Kind::kOnly},
    KnownParameter{"random_page_cost", "4", Kind::kReal, 0, kMostReal},
    KnownParameter{"recursive_worktable_factor", "10", Kind::kReal, 0.001, 1e6},
    KnownParameter{"role", "none"},
    KnownParameter{"row_security", "on", Kind::kSwitch},
    KnownParameter{"search_path", "\"$user\", public"},
    KnownParameter{"seq_page_cost", "1", Kind::kReal, 0, kMostReal},
    KnownParameter{"server_encoding", "UTF8", Kind::kFixed},
    KnownParameter{"server_version", "15.0 (Weir)", Kind::kFixed},
    KnownParameter{"server_version_num", "150000", Kind::kFixed},
    KnownParameter{"session_authorization", "weir"},
    KnownParameter{"session_preload_libraries", "", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"session_replication_role", "origin", Kind::kWord, 0, 0, "origin, replica, local", "superuser"},
    KnownParameter{"shared_preload_libraries", "", Kind::kFixed, 0, 0, "", "postmaster"},
    KnownParameter{"ssl", "off", Kind::kFixed, 0, 0, "", "sighup"},
    KnownParameter{"standard_conforming_strings", "on", Kind::kOnly},
    KnownParameter{"statement_mem", "125MB"},
    KnownParameter{"statement_timeout", "0", Kind::kTime, 0, kMostInt},
    KnownParameter{"stats_fetch_consistency", "cache", Kind::kWord, 0, 0, "none, cache, snapshot"},
    KnownParameter{"superuser_reserved_connections", "0", Kind::kFixed, 0, 0, "", "postmaster"},
    KnownParameter{"synchronize_seqscans", "on", Kind::kSwitch},
    KnownParameter{"synchronous_commit", "on", Kind::kWord, 0, 0, "local, remote_write, remote_apply, on, off"},
    KnownParameter{"synchronous_standby_names", "", Kind::kFixed, 0, 0, "", "sighup"},
    KnownParameter{"tcp_keepalives_count", "0", Kind::kOnly},
    KnownParameter{"tcp_keepalives_idle", "0", Kind::kOnly},
    KnownParameter{"tcp_keepalives_interval", "0", Kind::kOnly},
    KnownParameter{"tcp_user_timeout", "0", Kind::kOnly},
    KnownParameter{"temp_buffers", "8MB", Kind::kPages, 100, 1073741823},
    KnownParameter{"temp_file_limit", "-1", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"temp_tablespaces", "", Kind::kOnly},
    KnownParameter{"TimeZone", "UTC"},
    KnownParameter{"timezone_abbreviations", "Default", Kind::kOnly},
    KnownParameter{"trace_notify", "off", Kind::kOnly},
    KnownParameter{"trace_sort", "off", Kind::kOnly},
    KnownParameter{"track_activities", "on", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"track_counts", "on", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"track_functions", "none", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"track_io_timing", "off", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"track_wal_io_timing", "off", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"transaction_deferrable", "off", Kind::kSwitch},
    KnownParameter{"transaction_isolation", "read committed", Kind::kWord, 0, 0,
                   "serializable, repeatable read, read committed, read uncommitted"},
    KnownParameter{"transaction_read_only", "off", Kind::kSwitch},
    KnownParameter{"transform_null_equals", "off", Kind::kOnly},
    KnownParameter{"unix_socket_directories", "", Kind::kFixed, 0, 0, "", "postmaster"},
    KnownParameter{"update_process_title", "on", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"vacuum_cost_delay", "0", Kind::kTime, 0, 100},
    KnownParameter{"vacuum_cost_limit", "200", Kind::kInteger, 1, 10'000},
    KnownParameter{"vacuum_cost_page_dirty", "20", Kind::kInteger, 0, 10'000},
    KnownParameter{"vacuum_cost_page_hit", "1", Kind::kInteger, 0, 10'000},
    KnownParameter{"vacuum_cost_page_miss", "2", Kind::kInteger, 0, 10'000},
    KnownParameter{"vacuum_failsafe_age", "1600000000", Kind::kInteger, 0, 2.1e9},
    KnownParameter{"vacuum_freeze_min_age", "50000000", Kind::kInteger, 0, 1e9},
    KnownParameter{"vacuum_freeze_table_age", "150000000", Kind::kInteger, 0, 2e9},
    KnownParameter{"vacuum_multixact_failsafe_age", "1600000000", Kind::kInteger, 0, 2.1e9},
    KnownParameter{"vacuum_multixact_freeze_min_age", "5000000", Kind::kInteger, 0, 1e9},
    KnownParameter{"vacuum_multixact_freeze_table_age", "150000000", Kind::kInteger, 0, 2e9},
    KnownParameter{"wal_compression", "off", Kind::kOnly, 0, 0, "", "superuser"},
    KnownParameter{"wal_level", "minimal", Kind::kFixed, 0, 0, "", "postmaster"},
    KnownParameter{"wal_skip_threshold", "2MB", Kind::kMemory, 0, kMostInt},
    KnownParameter{"work_mem", "4MB", Kind::kMemory, 64, kMostInt},
    KnownParameter{"xmlbinary", "base64", Kind::kWord, 0, 0, "base64, hex"},
    KnownParameter{"xmloption", "content", Kind::kWord, 0, 0, "content, document"},
    KnownParameter{"zero_damaged_pages", "off", Kind::kOnly, 0, 0, "", "superuser"},
};

Status NotAValue(const KnownParameter& parameter, const std::string& value, std::string hint = {}) {
  return Error("22023", fmt::format("invalid value for parameter \"{}\": \"{}\"", parameter.name, value),
               {.hint = std::move(hint)});
}

struct Unit {
  const char* name;
  double size;
};

/// In the first of the units: kilobytes, milliseconds.
constexpr Unit kMemoryUnits[] = {{"kB", 1}, {"B", 1.0 / 1024}, {"MB", 1024}, {"GB", 1048576}, {"TB", 1073741824}};
constexpr Unit kTimeUnits[] = {{"ms", 1},       {"us", 0.001},    {"s", 1000},
                               {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

std::span<const Unit> UnitsOf(Kind kind) {
  if (kind == Kind::kTime) return kTimeUnits;
  if (kind == Kind::kMemory || kind == Kind::kPages) return kMemoryUnits;
  return {};
}

/// Of a number without a unit, in the first of the units.
double OwnUnit(Kind kind) { return kind == Kind::kPages ? 8 : 1; }

struct Quantity {
  std::optional<double> value;  // in the parameter's own unit
  bool bad_unit = false;
};

Quantity QuantityOf(const std::string& text, Kind kind) {
  const size_t begin = std::min(text.find_first_not_of(" \t+"), text.size());
  double number = 0;
  const auto [end, error] = std::from_chars(text.data() + begin, text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number)) return {};
  std::string unit(end, text.data() + text.size());
  unit.erase(0, std::min(unit.find_first_not_of(' '), unit.size()));
  unit.erase(unit.find_last_not_of(' ') + 1);
  if (unit.empty()) return {number};
  for (const Unit& known : UnitsOf(kind)) {
    if (unit == known.name) return {number * known.size / OwnUnit(kind)};
  }
  return {std::nullopt, !UnitsOf(kind).empty()};
}

std::string UnitHint(Kind kind) {
  if (kind == Kind::kTime) {
    return "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\".";
  }
  return "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".";
}

std::string_view UnitSuffix(Kind kind) {
  if (kind == Kind::kTime) return " ms";
  if (kind == Kind::kMemory) return " kB";
  return kind == Kind::kPages ? " 8kB" : "";
}

/// In the largest unit that has no remainder.
std::string InLargestUnit(double value, Kind kind) {
  const double first = value * OwnUnit(kind);
  const Unit* largest = nullptr;
  for (const Unit& unit : UnitsOf(kind)) {
    const bool whole = unit.size >= 1 && std::fmod(first, unit.size) == 0;
    if (whole && (largest == nullptr || unit.size > largest->size)) largest = &unit;
  }
  if (first == 0 || largest == nullptr) return fmt::format("{}", first);
  return fmt::format("{:.0f}{}", first / largest->size, largest->name);
}

Result<std::string> CheckQuantity(const KnownParameter& parameter, const std::string& value) {
  const Kind kind = parameter.kind;
  const Quantity quantity = QuantityOf(value, kind);
  if (!quantity.value) return NotAValue(parameter, value, quantity.bad_unit ? UnitHint(kind) : "");
  const double number = kind == Kind::kReal ? *quantity.value : std::nearbyint(*quantity.value);
  if (number < parameter.min || number > parameter.max) {
    return Error("22023", fmt::format("{}{} is outside the valid range for parameter \"{}\" ({} .. {})", number,
                                      UnitSuffix(kind), parameter.name, parameter.min, parameter.max));
  }
  if (kind == Kind::kInteger || kind == Kind::kReal) return fmt::format("{}", number);
  return InLargestUnit(number, kind);
}

std::optional<bool> SwitchOf(const std::string& value) {
  const std::string text = postgres::Lowered(value);
  const auto begins = [&](std::string_view word) { return !text.empty() && word.starts_with(text); };
  if (text == "1" || text == "on" || begins("true") || begins("yes")) return true;
  if (text == "0" || begins("false") || begins("no") || (text.size() > 1 && begins("off"))) return false;
  return std::nullopt;
}

Result<std::string> CheckWord(const KnownParameter& parameter, const std::string& value) {
  const std::string wanted = postgres::Lowered(value);
  const std::string words = std::string(parameter.words) + ",";
  for (size_t begin = 0; begin < words.size();) {
    const size_t end = words.find(',', begin);
    std::string word = words.substr(begin, end - begin);
    const std::optional<bool> means = SwitchOf(wanted);
    if (word == wanted || (means && word == (*means ? "on" : "off"))) return word;
    begin = std::min(words.find_first_not_of(' ', end + 1), words.size());
  }
  return NotAValue(parameter, value, fmt::format("Available values: {}.", parameter.words));
}

/// Names of encodings are compared by their letters and digits.
Result<std::string> CheckEncoding(const KnownParameter& parameter, const std::string& value) {
  std::string name = postgres::Lowered(value);
  std::erase_if(name, [](unsigned char c) { return std::isalnum(c) == 0; });
  if (name == "utf8" || name == "unicode") return std::string("UTF8");
  return NotAValue(parameter, value, "Texts are UTF8 here.");
}

/// As PostgreSQL says it of what is set elsewhere.
Status IsFixed(const KnownParameter& parameter) {
  const std::string_view context = ContextOfParameter(parameter);
  std::string text = fmt::format("parameter \"{}\" cannot be changed", parameter.name);
  if (context == "postmaster") text += " without restarting the server";
  if (context == "sighup") text += " now";
  if (context.ends_with("backend")) {
    text = fmt::format("parameter \"{}\" cannot be set after connection start", parameter.name);
  }
  return Error("55P02", std::move(text));
}

Result<std::string> CheckOnly(const KnownParameter& parameter, const std::string& value) {
  const std::optional<bool> is = SwitchOf(parameter.value);
  const bool same = is ? SwitchOf(value) == is : postgres::Lowered(value) == postgres::Lowered(parameter.value);
  if (same) return std::string(parameter.value);
  return Error("0A000", fmt::format("parameter \"{}\" can only be \"{}\"", parameter.name, parameter.value));
}

}  // namespace

std::span<const KnownParameter> KnownParameters() { return kParameters; }

const KnownParameter* FindParameter(std::string_view name) {
  static const auto& by_key = *[] {
    auto* const made = new std::unordered_map<std::string, const KnownParameter*>;
    for (const KnownParameter& one : kParameters) made->emplace(postgres::Lowered(one.name), &one);
    return made;
  }();
  const auto known = by_key.find(postgres::Lowered(name));
  return known == by_key.end() ? nullptr : known->second;
}

Result<std::string> CheckParameter(const KnownParameter& parameter, const std::string& value, const std::string& now) {
  switch (parameter.kind) {
    case Kind::kText: return value;
    case Kind::kFixed: return IsFixed(parameter);
    case Kind::kOnly: return CheckOnly(parameter, value);
    case Kind::kSwitch: {
      const std::optional<bool> on = SwitchOf(value);
      if (on) return std::string(*on ? "on" : "off");
      return Error("22023", fmt::format("parameter \"{}\" requires a Boolean value", parameter.name));
    }
    case Kind::kInteger:
    case Kind::kReal:
    case Kind::kMemory:
    case Kind::kPages:
    case Kind::kTime: return CheckQuantity(parameter, value);
    case Kind::kWord: return CheckWord(parameter, value);
    case Kind::kEncoding: return CheckEncoding(parameter, value);
    case Kind::kDateStyle: {  // a style, an order, or both
      postgres::Settings settings;
      WEIR_RETURN_NOT_OK(postgres::SetDateStyle(now, &settings));
      WEIR_RETURN_NOT_OK(postgres::SetDateStyle(value, &settings));
      return postgres::ShowDateStyle(settings);
    }
  }
  return value;
}

namespace {

/// Of a parameter that has one value only.
std::string_view TypeOfValue(std::string_view value) {
  if (value == "on" || value == "off") return "bool";
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  return !value.empty() && std::ranges::all_of(value, is_digit) ? "integer" : "string";
}

}  // namespace

std::string_view TypeOfParameter(const KnownParameter& parameter) {
  switch (parameter.kind) {
    case Kind::kSwitch: return "bool";
    case Kind::kInteger:
    case Kind::kMemory:
    case Kind::kPages:
    case Kind::kTime: return "integer";
    case Kind::kReal: return "real";
    case Kind::kWord: return "enum";
    case Kind::kFixed:
    case Kind::kOnly: return TypeOfValue(parameter.value);
    case Kind::kText:
    case Kind::kEncoding:
    case Kind::kDateStyle: return "string";
  }
  return "";
}

std::string_view ContextOfParameter(const KnownParameter& parameter) {
  if (parameter.context != nullptr) return parameter.context;
  return parameter.kind == Kind::kFixed ? "internal" : "user";
}

std::string_view UnitOfParameter(const KnownParameter& parameter) {
  const std::string_view suffix = UnitSuffix(parameter.kind);
  return suffix.empty() ? suffix : suffix.substr(1);
}

std::string InOwnUnit(const KnownParameter& parameter, const std::string& value) {
  if (UnitsOf(parameter.kind).empty()) return value;
  const Quantity quantity = QuantityOf(value, parameter.kind);
  return quantity.value ? fmt::format("{}", *quantity.value) : value;
}

int64_t MillisecondsOf(const std::string& text) {
  const Quantity quantity = QuantityOf(text, Kind::kTime);
  return quantity.value ? static_cast<int64_t>(std::nearbyint(*quantity.value)) : -1;
}

}  // namespace weir::sql
