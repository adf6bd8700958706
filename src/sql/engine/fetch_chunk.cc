#include "sql/engine/fetch_chunk.h"

#include "duckdb/execution/executor.hpp"
#include "duckdb/main/stream_query_result.hpp"
#include "sql/duckdb/runtime_error.h"

namespace weir::sql {
namespace {

/// What the query has failed with, where it has; else that it was cancelled.
Status CauseOf(duckdb::StreamQueryResult& stream, const std::exception& thrown) {
  duckdb::Executor* const executor = stream.IsOpen() ? &stream.context->GetExecutor() : nullptr;
  return duck::RuntimeError(executor != nullptr && executor->HasError() ? executor->GetError()
                                                                        : duckdb::ErrorData(thrown));
}

/// Runs the query until there are rows to fetch, or it has ended. An error interrupts all of the query's threads, and
/// DuckDB's own fetching tells of the interrupt alone: its cause is gone by then.
Status AwaitRows(duckdb::StreamQueryResult& stream) {
  while (stream.IsOpen()) {
    try {
      const duckdb::StreamExecutionResult state = stream.ExecuteTask();
      if (stream.HasError()) return duck::RuntimeError(stream.GetErrorObject());
      if (duckdb::StreamQueryResult::IsChunkReady(state)) break;
      if (state == duckdb::StreamExecutionResult::BLOCKED) stream.WaitForTask();
    } catch (const std::exception& thrown) {
      return CauseOf(stream, thrown);
    }
  }
  return Status::OK();
}

}  // namespace

Result<duckdb::unique_ptr<duckdb::DataChunk>> FetchChunk(duckdb::QueryResult& result) {
  if (auto* const stream = dynamic_cast<duckdb::StreamQueryResult*>(&result)) WEIR_RETURN_NOT_OK(AwaitRows(*stream));
  duckdb::unique_ptr<duckdb::DataChunk> chunk;
  duckdb::ErrorData error;
  if (result.TryFetch(chunk, error)) return chunk;
  // What fails while rows are streamed is in the result, not thrown.
  return duck::RuntimeError(error.HasError() ? error : result.GetErrorObject());
}

}  // namespace weir::sql
