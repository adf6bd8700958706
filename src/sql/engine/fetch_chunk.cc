#include "sql/engine/fetch_chunk.h"

#include "duckdb/execution/executor.hpp"
#include "duckdb/main/stream_query_result.hpp"
#include "sql/duckdb/runtime_error.h"

namespace weir::sql {
namespace {

/// An error interrupts the query's other threads, and who fetches may be told of that alone.
duckdb::ErrorData CauseOf(duckdb::QueryResult& result, duckdb::ErrorData error) {
  auto* const stream = dynamic_cast<duckdb::StreamQueryResult*>(&result);
  if (error.Type() != duckdb::ExceptionType::INTERRUPT || stream == nullptr || !stream->IsOpen()) return error;
  duckdb::Executor& executor = stream->context->GetExecutor();
  return executor.HasError() ? executor.GetError() : error;
}

}  // namespace

Result<duckdb::unique_ptr<duckdb::DataChunk>> FetchChunk(duckdb::QueryResult& result) {
  duckdb::unique_ptr<duckdb::DataChunk> chunk;
  duckdb::ErrorData error;
  if (result.TryFetch(chunk, error)) return chunk;
  // What fails while rows are streamed is in the result, not thrown.
  return duck::RuntimeError(CauseOf(result, error.HasError() ? error : result.GetErrorObject()));
}

}  // namespace weir::sql
