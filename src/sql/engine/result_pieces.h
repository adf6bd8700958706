#pragma once

#include <atomic>

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Has the rows of queries leave in pieces of a bounded size, and their large values counted until somebody has fetched
/// them. DuckDB copies each chunk of a result into memory that it does not count, each value for itself, also those
/// that all rows share: 2,048 rows of one value of 100 MB would be 200 GB.
void RegisterResultPieces(duckdb::DBConfig* config);
/// A plan without what that has put on top.
const duckdb::LogicalOperator& WithoutPieces(const duckdb::LogicalOperator& plan);

/// The large values that a session's query has given and nobody has fetched yet. Thread-safe.
class ResultsUnderWay : public duckdb::ClientContextState {
 public:
  static ResultsUnderWay& Of(duckdb::ClientContext& context);

  /// A query begins. `counts`: its rows are fetched while it runs; others are kept where DuckDB counts them.
  void Begin(bool counts);
  /// Throws DuckDB's error when there is not so much memory left.
  void Give(duckdb::ClientContext& context, int64_t bytes);
  /// What a chunk that was fetched takes.
  void Fetched(int64_t bytes);

 private:
  std::atomic<bool> counts_ = false;
  std::atomic<int64_t> bytes_ = 0;
};

}  // namespace weir::sql
