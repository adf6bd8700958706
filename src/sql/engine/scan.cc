#include "sql/engine/scan.h"

#include <algorithm>
#include <map>

#include "sql/duckdb/statement_heap.h"
#include "sql/engine/arrow_vectors.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"
#include "sql/engine/foreign_changes.h"
#include "sql/engine/foreign_reader.h"
#include "sql/engine/key_lookup.h"
#include "sql/engine/leaf_cursor.h"
#include "sql/engine/row_estimate.h"
#include "sql/engine/scan_filters.h"
#include "sql/engine/scan_identity.h"
#include "sql/engine/text_dictionaries.h"
#include "sql/engine/types.h"
#include "sql/transaction/leaf.h"
#include "types/mutex.h"
#include "duckdb/execution/partition_info.hpp"

namespace weir::sql {
namespace {

using duckdb::column_t;
using duckdb::idx_t;

constexpr idx_t kThreadsOfFiles = 16;  // of a foreign table
constexpr idx_t kRowsPerKeyGuess = 100;  // of a key that is not unique
constexpr idx_t kFewOf = 4;  // rows that are wanted are few where they are at most one of so many

/// A column of the scan: one of the table's, or a virtual one.
struct ScannedColumn {
  column_t id = 0;
  int source = -1;  // position in the reader's batches; −1: virtual
  DataType type = DataType::Boolean();
};

/// What the filters of a scan say that change while it runs. Thread-safe.
class ChangingCondition {
 public:
  void Add(int column, const duckdb::TableFilter& filter) { filters_.emplace_back(column, filter.Copy()); }
  bool is_empty() const { return filters_.empty(); }
  Condition Now() const {
    std::vector<Condition> conditions;
    for (const auto& [column, filter] : filters_) conditions.push_back(ReadTableFilter(column, *filter));
    return Condition::And(std::move(conditions));
  }

 private:
  std::vector<std::pair<int, duckdb::unique_ptr<duckdb::TableFilter>>> filters_;  // by the table's columns
};

/// One bucket of one leaf.
struct LeafSource {
  std::unique_ptr<LeafReader> reader;
  int64_t leaf_id = -1;
  idx_t order = 0;
};

struct ScanState : public duckdb::GlobalTableFunctionState {
  ScanState(duckdb::ClientContext& client, const ScanData& data, Condition condition)
      : context(client),
        table(data.table),
        transaction(*SessionState::Of(client).transaction),
        cursor(client, data.table, std::move(condition)) {}

  idx_t MaxThreads() const override { return max_threads; }

  duckdb::ClientContext& context;
  const AttachedTable& table;
  sql::Transaction& transaction;
  std::vector<ScannedColumn> columns;
  duckdb::vector<duckdb::LogicalType> types;
  std::vector<int> table_columns;  // of the table, in the order of the readers' batches
  std::vector<int> key_columns;    // of the table: what rows are looked up by
  RelationPtr index;               // or an index of the table; null: by columns
  duckdb::vector<idx_t> projection;  // empty: all columns go out
  LeafScanOptions options;
  ChangingCondition changing;
  bool names_rows = false;  // which are changed or locked
  idx_t max_threads = 1;

  Mutex mutex;
  LeafCursor cursor WEIR_GUARDED_BY(mutex);
  std::map<idx_t, LeafSource> waiting WEIR_GUARDED_BY(mutex);  // by order
  idx_t next_order WEIR_GUARDED_BY(mutex) = 0;
  idx_t opened WEIR_GUARDED_BY(mutex) = 0;   // leaves
  idx_t narrows WEIR_GUARDED_BY(mutex) = 2;  // when so many are, what `changing` says is held to those ahead
};

struct ScanLocalState : public duckdb::LocalTableFunctionState {
  LeafSource source;
  std::optional<LeafBatch> batch;
  std::vector<TextDictionaryPtr> texts;  // of the batch, by scanned column; null: as it is
  int64_t next_row = 0;   // so many of the batch have gone out
  int64_t first_row = 0;  // of the chunk, in the batch
  idx_t order = 0;
  duckdb::DataChunk chunk;  // every scanned column
  std::unique_ptr<ScanFilters> filters;
  duckdb::SelectionVector selected;
};

/// Takes the first opened reader that comes after `order`: a thread's rows stay in order, and whoever opened a leaf
/// takes what others leave of it.
bool TakeWaiting(ScanState& state, idx_t order, LeafSource& source) WEIR_REQUIRES(state.mutex) {
  auto first = state.waiting.lower_bound(order);
  if (first == state.waiting.end()) return false;
  source = std::move(first->second);
  state.waiting.erase(first);
  return true;
}

std::vector<std::unique_ptr<LeafReader>> OpenLeaf(const ScanState& state, const RelationPtr& leaf) {
  LeafScanOptions options = state.options;
  options.columns = ColumnsInLeaf(*state.table.relation(), state.table_columns, *leaf);
  if (leaf->is_foreign()) {
    if (state.names_rows) RefuseRowsOf(state.context, *leaf);
    return ValueOrThrow(ReadForeign(state.context, leaf, options));
  }
  options.key_columns = ColumnsInLeaf(*state.table.relation(), state.key_columns, *leaf);
  if (state.index) options.index = IndexOfLeaf(*state.index, *state.table.relation(), *leaf);
  return ValueOrThrow(state.transaction.Scan(leaf, options));
}

/// The next leaf to open; null at the end.
RelationPtr NextLeaf(ScanState& state) WEIR_REQUIRES(state.mutex) {
  if (!state.changing.is_empty() && ++state.opened == state.narrows) {
    state.narrows *= 2;
    state.cursor.Narrow(state.changing.Now());
  }
  RelationPtr leaf = state.cursor.Next();
  while (leaf && leaf->is_foreign() && SessionState::Of(state.context).ignores_foreign) leaf = state.cursor.Next();
  return leaf;
}

/// The next reader for this thread; opens the next leaf when none waits.
bool NextSource(ScanState& state, ScanLocalState& local) {
  while (true) {
    RelationPtr leaf;
    idx_t first = 0;
    {
      MutexLock lock(state.mutex);
      if (TakeWaiting(state, local.order, local.source)) break;
      leaf = NextLeaf(state);
      if (!leaf) return false;
      first = state.next_order;
      state.next_order += 4096;  // more than a table has buckets; orders have gaps
    }
    auto readers = OpenLeaf(state, leaf);
    MutexLock lock(state.mutex);
    for (auto& reader : readers) {
      state.waiting.emplace(first, LeafSource{std::move(reader), leaf->id, first});
      ++first;
    }
  }
  local.order = local.source.order;
  return true;
}

void FindTexts(const ScanState& state, ScanLocalState& local) {
  local.texts.assign(state.columns.size(), nullptr);
  for (idx_t i = 0; i < state.columns.size(); ++i) {
    const ScannedColumn& column = state.columns[i];
    if (column.source >= 0) local.texts[i] = FindTextDictionary(column.type, local.batch->rows->column(column.source));
  }
}

/// Moves on to rows that have not gone out; false at the end of everything.
bool Advance(ScanState& state, ScanLocalState& local) {
  while (!local.batch || local.next_row == local.batch->rows->num_rows()) {
    local.batch.reset();
    local.next_row = 0;
    if (!local.source.reader && !NextSource(state, local)) return false;
    local.batch = ValueOrThrow(local.source.reader->Next());
    if (!local.batch) {
      local.source.reader.reset();
    } else {
      FindTexts(state, local);
    }
  }
  return true;
}

/// ctid's 48 bits: a row's offset in its bucket from 1, the bucket above; of rows that the transaction itself has
/// inserted the highest bit is set, so that they are no others' when they have got their place.
int64_t CtidOf(RowPosition position) {
  constexpr int kRowBits = 38;
  constexpr int kBucketBits = 9;
  const RowPosition place = position < 0 ? position - kFirstAddedPosition : position;
  const int64_t bucket = place >> kOffsetBits;
  const int64_t row = OffsetOf(place) + 1;
  if (bucket >> kBucketBits != 0 || row >> kRowBits != 0) {
    Throw(Error("54000", "ctid cannot name a row that stands so far behind in its table"));
  }
  return (position < 0 ? int64_t{1} << 47 : 0) | bucket << kRowBits | row;
}

void FillCtid(const LeafBatch& batch, int64_t first, idx_t count, duckdb::Vector& vector) {
  if (batch.keys) Throw(Error("0A000", "system column \"ctid\" of tables with a primary key is not supported"));
  // a foreign table's rows have no place
  if (!batch.positions) return vector.Reference(duckdb::Value(vector.GetType()));
  vector.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* values = duckdb::FlatVector::GetData<int64_t>(vector);
  for (idx_t i = 0; i < count; ++i) values[i] = CtidOf(batch.positions->Value(first + static_cast<int64_t>(i)));
}

/// `kept`: how many of the rows are looked at, as the thread's selection says.
void FillColumn(const ScanState& state, ScanLocalState& local, idx_t i, idx_t count, idx_t kept) {
  const ScannedColumn& column = state.columns[i];
  duckdb::Vector& vector = local.chunk.data[i];
  if (column.source < 0) {
    return FillVirtual(*local.batch, local.source.leaf_id, column.id, local.first_row, count, vector);
  }
  if (local.texts[i]) return local.texts[i]->Fill(local.first_row, count, vector);
  const auto& array = local.batch->rows->column(column.source);
  if (kept > count / kFewOf) return ToVector(column.type, array, local.first_row, count, vector);
  ToVector(column.type, array, local.first_row, count, local.selected, kept, vector);
}

/// The next rows in the thread's chunk, those columns first that filters read: gives how many of them pass, without the
/// other columns where none does.
idx_t FillChunk(const ScanState& state, ScanLocalState& local) {
  local.chunk.Reset();
  const auto left = static_cast<idx_t>(local.batch->rows->num_rows() - local.next_row);
  const idx_t count = std::min<idx_t>(left, STANDARD_VECTOR_SIZE);
  local.first_row = state.options.last_first ? static_cast<int64_t>(left - count) : local.next_row;
  local.chunk.SetCardinality(count);
  const std::vector<idx_t>& first = local.filters->columns();
  for (const idx_t column : first) FillColumn(state, local, column, count, count);
  const idx_t kept = local.filters->Select(local.chunk, &local.selected);
  for (idx_t i = 0; kept > 0 && i < state.columns.size(); ++i) {
    if (!std::ranges::binary_search(first, i)) FillColumn(state, local, i, count, kept);
  }
  local.next_row += static_cast<int64_t>(count);
  return kept;
}

void Scan(duckdb::ClientContext& context, duckdb::TableFunctionInput& input, duckdb::DataChunk& output) {
  auto& state = input.global_state->Cast<ScanState>();
  auto& local = input.local_state->Cast<ScanLocalState>();
  while (output.size() == 0) {
    if (context.interrupted) throw duckdb::InterruptException();
    duck::StatementHeap::Check();
    if (!Advance(state, local)) return;
    const idx_t kept = FillChunk(state, local);
    if (kept == 0) continue;
    if (state.projection.empty()) {
      output.Reference(local.chunk);
    } else {
      output.ReferenceColumns(local.chunk, state.projection);
    }
    if (kept < local.chunk.size()) output.Slice(local.selected, kept);
  }
}

/// What the scan gives.
void AddColumns(const duckdb::TableFunctionInitInput& input, ScanState* state) {
  const Relation& relation = *state->table.relation();
  for (column_t id : input.column_ids) {
    ScannedColumn column;
    column.id = id;
    if (duckdb::IsVirtualColumn(id)) {
      state->types.push_back(VirtualColumnType(id));
      state->names_rows |= id == kPositionColumn || id == kKeyColumn;
      state->options.row_ids |= id == kPositionColumn || id == kKeyColumn || id == kCtidColumn;
    } else {
      column.source = static_cast<int>(state->table_columns.size());
      column.type = relation.columns[id].data_type;
      state->table_columns.push_back(static_cast<int>(id));
      state->types.push_back(ToDuckType(column.type));
    }
    state->columns.push_back(std::move(column));
  }
  if (!input.CanRemoveFilterColumns()) return;
  for (idx_t column : input.projection_ids) state->projection.push_back(column);
}

/// Filters that say more while the scan runs leave out batches, and leaves ahead.
void AddChanging(const duckdb::TableFunctionInitInput& input, ScanState* state) {
  for (const auto& [column, filter] : input.filters->filters) {
    const column_t id = input.column_ids[column];
    if (duckdb::IsVirtualColumn(id) || !ChangesWhileRunning(*filter)) continue;
    state->changing.Add(static_cast<int>(id), *filter);
  }
  if (state->changing.is_empty()) return;
  state->options.filter_now = [state] { return ToPredicate(state->changing.Now(), *state->table.relation()); };
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> StartScan(duckdb::ClientContext& context,
                                                               duckdb::TableFunctionInitInput& input) {
  const auto& data = input.bind_data->Cast<ScanData>();
  if (data.bounds && *data.bounds) (*data.bounds)->CheckStillHold(context);
  std::vector<Condition> conditions = {data.condition};
  if (input.filters) {
    for (const auto& [column, filter] : input.filters->filters) {
      column_t id = input.column_ids[column];
      if (!duckdb::IsVirtualColumn(id)) conditions.push_back(ReadTableFilter(static_cast<int>(id), *filter));
    }
  }
  Condition condition = Condition::And(std::move(conditions));
  KeyLookup lookup = FindKeys(context, condition, *data.table.relation());
  const bool one_row = lookup.keys != nullptr && lookup.unique;
  // What a predicate could save is not read at all where a key names the row.
  auto predicate = one_row ? std::nullopt : ToPredicate(condition, *data.table.relation());
  auto state = duckdb::make_uniq<ScanState>(context, data, std::move(condition));
  AddColumns(input, state.get());
  if (input.filters) AddChanging(input, state.get());
  state->options.filter = std::move(predicate);
  state->options.extremes_only = data.extremes_only;
  MutexLock lock(state->mutex);
  if (data.last_first >= 0) state->cursor.TakeLastFirst(data.last_first);
  state->options.last_first = data.last_first >= 0;
  state->options.keys = std::move(lookup.keys);
  if (lookup.by_index()) state->index = std::move(lookup.index);
  state->key_columns = std::move(lookup.columns);
  const auto& table = data.table.relation()->table;
  const bool foreign = data.table.relation()->is_foreign();
  idx_t buckets = table ? static_cast<idx_t>(table->num_buckets()) : foreign ? kThreadsOfFiles : 1;
  state->max_threads = state->options.keys ? 1 : std::max<idx_t>(1, state->cursor.first_level_size() * buckets);
  return state;
}

duckdb::unique_ptr<duckdb::LocalTableFunctionState> StartThread(duckdb::ExecutionContext& context,
                                                                duckdb::TableFunctionInitInput& input,
                                                                duckdb::GlobalTableFunctionState* global) {
  auto& state = global->Cast<ScanState>();
  auto local = duckdb::make_uniq<ScanLocalState>();
  local->chunk.Initialize(context.client, state.types);
  local->filters = std::make_unique<ScanFilters>(context.client, state.types, input.filters);
  return local;
}

duckdb::OperatorPartitionData PartitionOf(duckdb::ClientContext&, duckdb::TableFunctionGetPartitionInput& input) {
  if (input.partition_info.RequiresPartitionColumns()) {
    throw duckdb::InternalException("a scan of leaves has no partition columns");
  }
  return duckdb::OperatorPartitionData(input.local_state->Cast<ScanLocalState>().order);
}

void PushDown(duckdb::ClientContext& context, duckdb::LogicalGet& get, duckdb::FunctionData* bind_data,
              duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) {
  // Of many joined tables DuckDB makes all filters that follow from others, and asks nobody else meanwhile.
  if (context.IsInterrupted()) throw duckdb::InterruptException();
  auto& data = bind_data->Cast<ScanData>();
  std::vector<Condition> conditions = {data.condition};
  for (const auto& filter : filters) conditions.push_back(ReadExpression(context, get, *filter));
  data.condition = Condition::And(std::move(conditions));
}

duckdb::unique_ptr<duckdb::NodeStatistics> Estimate(duckdb::ClientContext& context, const duckdb::FunctionData* bind) {
  const auto& data = bind->Cast<ScanData>();
  LeafCursor cursor(context, data.table, data.condition);
  if (const KeyLookup lookup = FindKeys(context, data.condition, *data.table.relation()); lookup.keys) {
    const idx_t rows_of_key = lookup.unique ? 1 : kRowsPerKeyGuess;
    return duckdb::make_uniq<duckdb::NodeStatistics>(static_cast<idx_t>(lookup.keys->num_rows()) * rows_of_key);
  }
  if (data.bounds && *data.bounds) {
    const auto rows = static_cast<idx_t>((*data.bounds)->rows());
    return duckdb::make_uniq<duckdb::NodeStatistics>(rows, rows);
  }
  const std::vector<RelationPtr> some = cursor.first_level(kTablesLookedAt);
  return duckdb::make_uniq<duckdb::NodeStatistics>(EstimateRows(context, some, cursor.first_level_size()));
}

/// Null: nothing is known. Where keys name the rows, nobody looks for more.
const TableBounds* BoundsOf(duckdb::ClientContext& context, const ScanData& data) {
  if (!data.bounds) {
    const bool by_key = FindKeys(context, data.condition, *data.table.relation()).keys != nullptr;
    data.bounds = by_key ? nullptr : TableBounds::Find(context, data.table, {context, data.table, data.condition});
  }
  return data.bounds->get();
}

/// How many values a column has, as ANALYZE has found; nothing: it has not looked.
std::optional<idx_t> DistinctValues(const Relation& table, column_t column) {
  if (table.statistics.empty() || column >= table.columns.size()) return std::nullopt;
  const auto found = std::ranges::find(table.statistics, table.NumberOf(column), &ColumnStatistics::number);
  if (found == table.statistics.end() || found->distinct == 0) return std::nullopt;
  const double rows = static_cast<double>(table.counted_rows.value_or(1));
  return static_cast<idx_t>(std::max(1.0, found->distinct < 0 ? -found->distinct * rows : found->distinct));
}

duckdb::unique_ptr<duckdb::BaseStatistics> StatisticsOf(duckdb::ClientContext& context,
                                                        const duckdb::FunctionData* bind, column_t column) {
  if (duckdb::IsVirtualColumn(column)) return nullptr;
  const auto& data = bind->Cast<ScanData>();
  const Relation& table = *data.table.relation();
  const TableBounds* const bounds = BoundsOf(context, data);
  auto statistics = bounds == nullptr ? nullptr : bounds->StatisticsOf(column);
  const std::optional<idx_t> distinct = DistinctValues(table, column);
  if (!distinct) return statistics;
  if (!statistics) {
    statistics = duckdb::BaseStatistics::CreateUnknown(ToDuckType(table.columns[column].data_type)).ToUnique();
  }
  statistics->SetDistinctCount(*distinct);
  return statistics;
}

/// What count(*) takes for an answer.
duckdb::vector<duckdb::PartitionStatistics> CountOf(duckdb::ClientContext& context,
                                                    duckdb::GetPartitionStatsInput& input) {
  const TableBounds* const bounds = BoundsOf(context, input.bind_data->Cast<ScanData>());
  const auto count = bounds == nullptr ? std::nullopt : bounds->Count();
  if (!count) return {};
  duckdb::PartitionStatistics all;
  all.count = static_cast<idx_t>(*count);
  all.count_type = duckdb::CountType::COUNT_EXACT;
  return {all};
}

duckdb::BindInfo TableOf(const duckdb::optional_ptr<duckdb::FunctionData> bind) {
  return duckdb::BindInfo(const_cast<AttachedTable&>(bind->Cast<ScanData>().table));
}

}  // namespace

duckdb::unique_ptr<duckdb::FunctionData> ScanData::Copy() const {
  auto copy = duckdb::make_uniq<ScanData>(table);
  copy->condition = condition;
  copy->last_first = last_first;
  copy->extremes_only = extremes_only;
  copy->bounds = bounds;
  return copy;
}

bool ScanData::Equals(const duckdb::FunctionData& other) const {
  const auto& scan = other.Cast<ScanData>();
  bool plain = condition.kind == Condition::Kind::kAnything && scan.condition.kind == Condition::Kind::kAnything;
  return &table == &scan.table && plain && last_first == scan.last_first && extremes_only == scan.extremes_only;
}

void FillVirtual(const LeafBatch& batch, int64_t leaf_id, column_t id, int64_t first, idx_t count,
                 duckdb::Vector& vector) {
  if (id == kPositionColumn && batch.positions) {
    return ToVector(DataType::BigInt(), batch.positions, first, count, vector);
  }
  if (id == kKeyColumn && batch.keys) return ToVector(DataType::Bytes(), batch.keys, first, count, vector);
  if (id == kCtidColumn) return FillCtid(batch, first, count, vector);
  const bool leaf = id == kLeafColumn || id == kTableOidColumn;
  vector.Reference(leaf ? duckdb::Value::BIGINT(leaf_id) : duckdb::Value(vector.GetType()));
}

duckdb::TableFunction MakeScan(duckdb::ClientContext&, const AttachedTable& table,
                               duckdb::unique_ptr<duckdb::FunctionData>& bind_data) {
  bind_data = duckdb::make_uniq<ScanData>(table);
  duckdb::TableFunction scan(kScanName, {}, Scan, nullptr, StartScan, StartThread);
  scan.projection_pushdown = true;
  scan.filter_pushdown = true;
  scan.filter_prune = true;
  scan.pushdown_complex_filter = PushDown;
  scan.cardinality = Estimate;
  scan.statistics = StatisticsOf;
  scan.get_partition_stats = CountOf;
  scan.get_bind_info = TableOf;
  scan.get_partition_data = PartitionOf;
  TellScansApart(&scan);
  return scan;
}

}  // namespace weir::sql
