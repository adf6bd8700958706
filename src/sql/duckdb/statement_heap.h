#pragma once

#include <atomic>

#include "sql/duckdb/headers.h"
#include "types/mutex.h"

namespace weir::sql::duck {

/// Counts to the memory limit what a session's statement holds of the heap beside what DuckDB's pool counts: the states
/// of aggregates above all, of which there may be as many as groups. In the programs that CountedHeap counts in.
class StatementHeap : public duckdb::ClientContextState {
 public:
  static constexpr const char* kKey = "weir_statement_heap";

  /// The calling thread has taken so many bytes, or given back where it is below 0. Where the pool has long not been
  /// asked for them and has not so much left, the statement ends with DuckDB's error. Throws nothing: it may be called
  /// amid any change.
  static void Count(int64_t bytes) {
    if (task_.statement != nullptr && (task_.taken += bytes) >= kStep) task_.statement->Look();
  }
  /// Where nothing is half done: asks the pool, which makes room; throws DuckDB's error when there is not so much left.
  static void Check();

  void OnTaskStart(duckdb::ClientContext& context) override;
  void OnTaskStop(duckdb::ClientContext& context) override;
  void QueryEnd(duckdb::ClientContext& context) override;

 private:
  static constexpr int64_t kStep = 1 << 20;

  /// The statement that a thread works for.
  struct Task {
    StatementHeap* statement = nullptr;
    duckdb::ClientContext* context = nullptr;
    int64_t taken = 0;  // that the statement has not been told of
  };
  class Pause;

  void Look();
  void Settle(duckdb::ClientContext& context);

  static thread_local constinit Task task_;
  static thread_local constinit Task outer_task_;  // which waits for a statement that it has made itself

  std::atomic<int64_t> taken_ = 0;  // below 0: of what was there before, more has gone than has come
  std::atomic<int64_t> reserved_ = 0;
  std::atomic<bool> ended_ = false;  // by Look
  Mutex settling_;
};

inline thread_local constinit StatementHeap::Task StatementHeap::task_;
inline thread_local constinit StatementHeap::Task StatementHeap::outer_task_;

}  // namespace weir::sql::duck
