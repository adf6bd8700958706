#include "sql/engine/result_pieces.h"

#include <algorithm>

#include "sql/engine/optimizer_step.h"
#include "sql/engine/results.h"

namespace weir::sql {
namespace {

using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::OperatorResultType;
using duckdb::PhysicalOperator;

constexpr idx_t kPieceBytes = 4 << 20;
constexpr idx_t kLargeBytes = 1 << 20;  // of a piece, or a chunk: what is less is not counted

/// Whether values of the type may be large.
bool MayBeLarge(const LogicalType& type) {
  return type.InternalType() == duckdb::PhysicalType::VARCHAR || type.InternalType() == duckdb::PhysicalType::LIST;
}

/// What the rows of a chunk take in columns of large values.
class RowBytes {
 public:
  RowBytes(DataChunk& chunk, const std::vector<idx_t>& columns) {
    for (const idx_t column : columns) {
      columns_.emplace_back();
      chunk.data[column].ToUnifiedFormat(chunk.size(), columns_.back().format);
      if (chunk.data[column].GetType().InternalType() == duckdb::PhysicalType::LIST) {
        columns_.back().bytes_of_element = BytesOfElement(chunk.data[column]);
      }
    }
  }

  idx_t Of(idx_t row) const {
    idx_t bytes = 0;
    for (const Column& column : columns_) {
      const idx_t at = column.format.sel->get_index(row);
      if (!column.format.validity.RowIsValid(at)) continue;
      bytes += column.bytes_of_element > 0
                   ? duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(column.format)[at].length *
                         column.bytes_of_element
                   : duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(column.format)[at].GetSize();
    }
    return bytes;
  }

 private:
  struct Column {
    duckdb::UnifiedVectorFormat format;
    idx_t bytes_of_element = 0;  // on the average, of a list; 0: it is none
  };

  static idx_t BytesOfElement(duckdb::Vector& list) {
    duckdb::Vector& elements = duckdb::ListVector::GetEntry(list);
    const idx_t count = duckdb::ListVector::GetListSize(list);
    if (count == 0) return duckdb::GetTypeIdSize(elements.GetType().InternalType());
    return static_cast<idx_t>(BytesOf(elements, count)) / count;
  }

  std::vector<Column> columns_;
};

struct PieceState : duckdb::OperatorState {
  idx_t next = 0;  // row of the chunk at hand
};

class PiecesOperator : public PhysicalOperator {
 public:
  PiecesOperator(duckdb::PhysicalPlan& plan, duckdb::vector<LogicalType> row_types, idx_t estimate)
      : PhysicalOperator(plan, duckdb::PhysicalOperatorType::EXTENSION, std::move(row_types), estimate) {
    for (idx_t i = 0; i < types.size(); ++i) {
      if (MayBeLarge(types[i])) large_.push_back(i);
    }
  }
  std::string GetName() const override { return "PIECES"; }
  bool ParallelOperator() const override { return true; }
  duckdb::unique_ptr<duckdb::OperatorState> GetOperatorState(duckdb::ExecutionContext&) const override {
    return duckdb::make_uniq<PieceState>();
  }

  OperatorResultType Execute(duckdb::ExecutionContext& context, DataChunk& input, DataChunk& piece,
                             duckdb::GlobalOperatorState&, duckdb::OperatorState& operator_state) const override {
    auto& state = operator_state.Cast<PieceState>();
    const RowBytes row_bytes(input, large_);
    const idx_t begin = state.next;
    idx_t bytes = 0;
    while (state.next < input.size()) {
      const idx_t more = row_bytes.Of(state.next);
      if (bytes + more > kPieceBytes && state.next > begin) break;
      bytes += more;
      ++state.next;
    }
    if (bytes >= kLargeBytes) ResultsUnderWay::Of(context.client).Give(context.client, static_cast<int64_t>(bytes));
    if (begin == 0 && state.next == input.size()) {
      piece.Reference(input);
      state.next = 0;
      return OperatorResultType::NEED_MORE_INPUT;
    }
    if (context.client.interrupted) throw duckdb::InterruptException();
    const duckdb::SelectionVector rows(begin, state.next - begin);
    piece.Slice(input, rows, state.next - begin);
    if (state.next < input.size()) return OperatorResultType::HAVE_MORE_OUTPUT;
    state.next = 0;
    return OperatorResultType::NEED_MORE_INPUT;
  }

 private:
  std::vector<idx_t> large_;
};

class LogicalPieces : public duckdb::LogicalExtensionOperator {
 public:
  explicit LogicalPieces(duckdb::unique_ptr<LogicalOperator> rows) {
    estimated_cardinality = rows->estimated_cardinality;
    has_estimated_cardinality = rows->has_estimated_cardinality;
    children.push_back(std::move(rows));
  }
  std::string GetName() const override { return "PIECES"; }
  std::string GetExtensionName() const override { return "weir_pieces"; }
  duckdb::vector<duckdb::ColumnBinding> GetColumnBindings() override { return children[0]->GetColumnBindings(); }
  PhysicalOperator& CreatePlan(duckdb::ClientContext&, duckdb::PhysicalPlanGenerator& planner) override {
    PhysicalOperator& rows = planner.CreatePlan(*children[0]);
    auto& pieces = planner.Make<PiecesOperator>(types, estimated_cardinality);
    pieces.children.push_back(rows);
    return pieces;
  }

 protected:
  void ResolveTypes() override { types = children[0]->types; }
};

/// Whether a plan with this at its top gives a query's rows. (Of DuckDB's 70 kinds, those that end one.)
bool GivesRows(LogicalOperatorType type) {
  return type == LogicalOperatorType::LOGICAL_PROJECTION || type == LogicalOperatorType::LOGICAL_FILTER ||
         type == LogicalOperatorType::LOGICAL_LIMIT || type == LogicalOperatorType::LOGICAL_ORDER_BY ||
         type == LogicalOperatorType::LOGICAL_TOP_N || type == LogicalOperatorType::LOGICAL_DISTINCT ||
         type == LogicalOperatorType::LOGICAL_UNION || type == LogicalOperatorType::LOGICAL_MATERIALIZED_CTE;
}

void AddPieces(duckdb::OptimizerExtensionInput&, duckdb::unique_ptr<LogicalOperator>& plan) {
  if (!GivesRows(plan->type)) return;
  plan->ResolveOperatorTypes();
  if (std::ranges::none_of(plan->types, MayBeLarge)) return;
  plan = duckdb::make_uniq<LogicalPieces>(std::move(plan));
}

}  // namespace

const LogicalOperator& WithoutPieces(const LogicalOperator& plan) {
  const bool has_pieces = dynamic_cast<const LogicalPieces*>(&plan) != nullptr;
  return has_pieces ? *plan.children[0] : plan;
}

ResultsUnderWay& ResultsUnderWay::Of(duckdb::ClientContext& context) {
  return *context.registered_state->GetOrCreate<ResultsUnderWay>("weir_results_under_way");
}

void ResultsUnderWay::Begin(bool counts) {
  counts_ = counts;
  bytes_ = 0;
}

void ResultsUnderWay::Give(duckdb::ClientContext& context, int64_t bytes) {
  if (!counts_) return;
  const auto& pool = duckdb::BufferManager::GetBufferManager(context);
  const idx_t used = std::min(pool.GetUsedMemory(), pool.GetMaxMemory());
  const int64_t under_way = bytes_ += bytes;
  if (static_cast<idx_t>(under_way) <= pool.GetMaxMemory() - used) return;
  throw duckdb::OutOfMemoryException("the rows of the result take %llu bytes, of a limit of %llu", under_way,
                                     pool.GetMaxMemory());
}

void ResultsUnderWay::Fetched(int64_t bytes) {
  if (bytes < static_cast<int64_t>(kLargeBytes)) return;
  for (int64_t before = bytes_; !bytes_.compare_exchange_weak(before, std::max<int64_t>(before - bytes, 0));) {
  }
}

void RegisterResultPieces(duckdb::DBConfig* config) {
  AddStepAfterOptimizer(config, AddPieces);
}

}  // namespace weir::sql
