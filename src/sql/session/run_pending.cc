#include "sql/session/run_pending.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "duckdb/main/materialized_query_result.hpp"

namespace weir::sql {
namespace {

using Clock = std::chrono::steady_clock;

// What is soon over is not worth a sleep, and none is longer than an eighth of what was waited before.
constexpr auto kWaitsAwake = std::chrono::microseconds(20);
constexpr auto kLongestRest = std::chrono::milliseconds(1);
constexpr int kRestsPerWait = 8;

void Rest(Clock::duration waited) {
  if (waited < kWaitsAwake) return std::this_thread::yield();
  std::this_thread::sleep_for(std::min<Clock::duration>(waited / kRestsPerWait, kLongestRest));
}

}  // namespace

duckdb::unique_ptr<duckdb::QueryResult> RunPending(duckdb::PendingQueryResult& pending) {
  using duckdb::PendingExecutionResult;
  std::optional<Clock::time_point> idle;
  while (true) {
    const PendingExecutionResult state = pending.ExecuteTask();
    if (duckdb::PendingQueryResult::IsResultReady(state)) break;
    if (state == PendingExecutionResult::BLOCKED) pending.WaitForTask();
    if (state != PendingExecutionResult::NO_TASKS_AVAILABLE) {
      idle.reset();
      continue;
    }
    const Clock::time_point now = Clock::now();
    if (!idle) idle = now;
    Rest(now - *idle);
  }
  if (pending.HasError()) return duckdb::make_uniq<duckdb::MaterializedQueryResult>(pending.GetErrorObject());
  return pending.Execute();
}

}  // namespace weir::sql
