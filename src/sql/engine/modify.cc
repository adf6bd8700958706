#include "sql/engine/modify.h"

#include "sql/engine/attached_catalog.h"

namespace weir::sql {
namespace {

struct ModifySource : public duckdb::GlobalSourceState {
  duckdb::ColumnDataScanState rows;
  bool started = false;
  bool counted = false;
};

}  // namespace

ModifyState::ModifyState(duckdb::ClientContext& client, const AttachedTable& table,
                         const duckdb::vector<duckdb::LogicalType>& columns)
    : context(client),
      transaction(*SessionState::Of(context).transaction),
      router(context, table),
      generated(context, table),
      pending(context, table, SessionState::Of(context).memory, SessionState::Of(context).write_foreign),
      keys(context, table) {
  if (!columns.empty()) returned = duckdb::make_uniq<duckdb::ColumnDataCollection>(context, columns);
}

ModifyOperator::ModifyOperator(duckdb::PhysicalPlan& plan, duckdb::PhysicalOperatorType operator_type,
                               duckdb::vector<duckdb::LogicalType> result_types, duckdb::idx_t estimate,
                               const AttachedTable& table, bool returning)
    : PhysicalOperator(plan, operator_type, std::move(result_types), estimate), table_(table), returning_(returning) {}

duckdb::unique_ptr<duckdb::GlobalSinkState> ModifyOperator::GetGlobalSinkState(duckdb::ClientContext& context) const {
  return duckdb::make_uniq<ModifyState>(context, table_, returned());
}

duckdb::unique_ptr<duckdb::GlobalSourceState> ModifyOperator::GetGlobalSourceState(duckdb::ClientContext&) const {
  return duckdb::make_uniq<ModifySource>();
}

duckdb::SinkResultType ModifyOperator::Sink(duckdb::ExecutionContext&, duckdb::DataChunk& chunk,
                                            duckdb::OperatorSinkInput& input) const {
  Take(input.global_state.Cast<ModifyState>(), chunk);
  return duckdb::SinkResultType::NEED_MORE_INPUT;
}

duckdb::SinkFinalizeType ModifyOperator::Finalize(duckdb::Pipeline&, duckdb::Event&, duckdb::ClientContext&,
                                                  duckdb::OperatorSinkFinalizeInput& input) const {
  auto& state = input.global_state.Cast<ModifyState>();
  state.rows = Finish(state);
  return duckdb::SinkFinalizeType::READY;
}

int64_t ModifyOperator::Finish(ModifyState& state) const {
  state.pending.Apply(state.transaction);
  state.pending.Forget();
  state.keys.Give();
  state.router.Give();
  return state.rows;
}

duckdb::SourceResultType ModifyOperator::GetDataInternal(duckdb::ExecutionContext&, duckdb::DataChunk& chunk,
                                                         duckdb::OperatorSourceInput& input) const {
  auto& state = sink_state->Cast<ModifyState>();
  auto& source = input.global_state.Cast<ModifySource>();
  if (!returning_) {
    if (source.counted) return duckdb::SourceResultType::FINISHED;
    source.counted = true;
    chunk.SetCardinality(1);
    chunk.SetValue(0, 0, duckdb::Value::BIGINT(state.rows));
    return duckdb::SourceResultType::FINISHED;
  }
  if (!source.started) state.returned->InitializeScan(source.rows);
  source.started = true;
  state.returned->Scan(source.rows, chunk);
  return chunk.size() == 0 ? duckdb::SourceResultType::FINISHED : duckdb::SourceResultType::HAVE_MORE_OUTPUT;
}

}  // namespace weir::sql
