#include "sql/engine/quiet_parameters.h"

#include <algorithm>
#include <array>

namespace weir::sql {
namespace {

constexpr auto kText = QuietParameter::Kind::kText;
constexpr auto kOnly = QuietParameter::Kind::kOnly;

constexpr auto kQuiet = std::to_array<QuietParameter>({
    // PostgreSQL's planner.
    {"enable_async_append", "on"},
    {"enable_bitmapscan", "on"},
    {"enable_gathermerge", "on"},
    {"enable_hashagg", "on"},
    {"enable_hashjoin", "on"},
    {"enable_incremental_sort", "on"},
    {"enable_indexonlyscan", "on"},
    {"enable_indexscan", "on"},
    {"enable_material", "on"},
    {"enable_memoize", "on"},
    {"enable_mergejoin", "on"},
    {"enable_nestloop", "on"},
    {"enable_parallel_append", "on"},
    {"enable_parallel_hash", "on"},
    {"enable_seqscan", "on"},
    {"enable_sort", "on"},
    {"enable_tidscan", "on"},
    {"geqo", "on"},
    {"cpu_index_tuple_cost", "0.005", kText},
    {"cpu_operator_cost", "0.0025", kText},
    {"cpu_tuple_cost", "0.01", kText},
    {"default_statistics_target", "100", kText},
    {"effective_cache_size", "4GB", kText},
    {"from_collapse_limit", "8", kText},
    {"join_collapse_limit", "8", kText},
    {"maintenance_work_mem", "64MB", kText},
    {"parallel_setup_cost", "1000", kText},
    {"parallel_tuple_cost", "0.1", kText},
    {"random_page_cost", "4", kText},
    {"seq_page_cost", "1", kText},
    {"temp_buffers", "8MB", kText},
    // Cloudberry's optimizers.
    {"optimizer", "on"},
    {"optimizer_analyze_root_partition", "on"},
    {"optimizer_array_constraints", "on"},
    {"optimizer_control", "on"},
    {"optimizer_cte_inlining", "on"},
    {"optimizer_enable_bitmapscan", "on"},
    {"optimizer_enable_dml", "on"},
    {"optimizer_enable_dml_constraints", "on"},
    {"optimizer_enable_hashjoin", "on"},
    {"optimizer_enable_indexjoin", "on"},
    {"optimizer_enable_indexscan", "on"},
    {"optimizer_enable_motion_redistribute", "on"},
    {"optimizer_enable_multiple_distinct_aggs", "on"},
    {"optimizer_enable_nljoin", "on"},
    {"optimizer_enable_tablescan", "on"},
    {"optimizer_enforce_subplans", "off"},
    {"optimizer_force_multistage_agg", "off"},
    {"optimizer_force_three_stage_scalar_dqa", "on"},
    {"optimizer_join_order", "exhaustive", kText},
    {"optimizer_log", "on"},
    {"optimizer_metadata_caching", "on"},
    {"optimizer_minidump", "onerror", kText},
    {"optimizer_multilevel_partitioning", "on"},
    {"optimizer_nestloop_factor", "1024", kText},
    {"optimizer_parallel_union", "off"},
    {"optimizer_penalize_skew", "on"},
    {"optimizer_print_missing_stats", "on"},
    {"optimizer_segments", "0", kText},
    {"optimizer_trace_fallback", "off"},
    {"enable_groupagg", "on"},
    {"gp_autostats_mode", "none", kText},
    {"gp_autostats_mode_in_functions", "none", kText},
    {"gp_autostats_on_change_threshold", "2147483647", kText},
    {"gp_cte_sharing", "on"},
    {"gp_dynamic_partition_pruning", "on"},
    {"gp_enable_agg_distinct", "on"},
    {"gp_enable_agg_distinct_pruning", "on"},
    {"gp_enable_direct_dispatch", "on"},
    {"gp_enable_fast_sri", "on"},
    {"gp_enable_multiphase_agg", "on"},
    {"gp_enable_predicate_propagation", "on"},
    {"gp_enable_preunique", "on"},
    {"gp_enable_relsize_collection", "off"},
    {"gp_segments_for_planner", "0", kText},
    {"gp_statistics_pullup_from_child_partition", "off"},
    {"gp_statistics_use_fkeys", "on"},
    // How its segments talk to each other and what a statement may take.
    {"gp_interconnect_fc_method", "loss", kText},
    {"gp_interconnect_queue_depth", "4", kText},
    {"gp_interconnect_type", "udpifc", kText},
    {"gp_max_packet_size", "8192", kText},
    {"gp_resgroup_memory_policy", "eager_free", kText},
    {"gp_resqueue_memory_policy", "eager_free", kText},
    {"gp_workfile_compression", "off"},
    {"gp_workfile_limit_files_per_query", "100000", kText},
    {"gp_workfile_limit_per_query", "0", kText},
    {"max_statement_mem", "2000MB", kText},
    {"memory_spill_ratio", "20", kText},
    {"statement_mem", "125MB", kText},
    // What new tables are like, who a session is: here they are as this says.
    {"gp_create_table_random_default_distribution", "off", kOnly},
    {"gp_default_storage_options", "", kOnly},
    {"gp_role", "dispatch", kOnly},
    {"gp_use_legacy_hashops", "off", kOnly},
});

}  // namespace

std::span<const QuietParameter> QuietParameters() { return kQuiet; }

const QuietParameter* FindQuietParameter(std::string_view name) {
  const auto found = std::ranges::find(kQuiet, name, &QuietParameter::name);
  return found == kQuiet.end() ? nullptr : &*found;
}

}  // namespace weir::sql
