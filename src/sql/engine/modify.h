#pragma once

#include <functional>
#include <map>

#include "gateway/memory_budget.h"
#include "sql/engine/changed_keys.h"
#include "sql/engine/distinct_keys.h"
#include "sql/engine/generated_columns.h"
#include "sql/engine/met_rows.h"
#include "sql/engine/row_router.h"
#include "sql/transaction/transaction.h"

namespace weir::sql {

/// What a statement changes, by leaf, until all its rows are there.
class PendingChanges {
 public:
  /// Takes rows of a foreign table.
  using ForeignWriter = std::function<Status(const RelationPtr& table, const arrow::RecordBatch& rows)>;
  /// `memory` is what it takes its own from; it throws 53200 when that does not suffice.
  PendingChanges(duckdb::ClientContext& context, const AttachedTable& table, std::shared_ptr<MemoryBudget> memory,
                 ForeignWriter write_foreign)
      : context_(context),
        table_(table),
        met_(MetRows::Of(context)),
        budget_(std::move(memory)),
        memory_(budget_),
        write_foreign_(std::move(write_foreign)) {}

  enum class Write { kInsert, kUpsert };
  /// The chosen rows of a chunk of the table's columns go to `leaf`.
  void Add(const RelationPtr& leaf, duckdb::DataChunk& rows, const duckdb::SelectionVector& chosen, duckdb::idx_t count,
           Write write = Write::kInsert);
  /// What becomes of an old row.
  enum class Old { kGoes, kIsReplaced };
  /// An old row, by what the scan's virtual columns say; false when the change, or one before it in its statement, has
  /// met it already.
  bool Meet(int64_t leaf_id, std::optional<RowPosition> position, std::string_view key, Old old);
  /// An old row that was met as replaced leaves its leaf after all.
  void Leaves(int64_t leaf_id, std::string_view key);
  /// Rows to go, in all leaves.
  int64_t removals() const { return removals_; }

  /// Deletes, then upserts, then inserts. Gives the number of deleted rows, which are locked as `lock` says.
  int64_t Apply(sql::Transaction& transaction, LockMode lock = kForUpdate);
  /// Gives up what was applied, which the transaction has: nothing can be applied again. The statement's other changes
  /// go on knowing the old rows.
  void Forget();

  struct Leaf {
    RelationPtr relation;
    MetRowsOfLeaf met;
    std::vector<Old> old;  // by the key's number
    std::vector<std::shared_ptr<arrow::RecordBatch>> inserts;
    int64_t insert_bytes = 0;  // of a leaf whose rows may go ahead
    std::vector<std::shared_ptr<arrow::RecordBatch>> upserts;
    std::unique_ptr<duckdb::DataChunk> few;  // inserted rows that came a few at a time
  };
  RelationPtr RelationOf(int64_t leaf_id);

 private:
  Leaf& LeafOf(int64_t id);
  void TakeMemory(int64_t bytes);
  std::shared_ptr<arrow::RecordBatch> Kept(std::shared_ptr<arrow::RecordBatch> rows);
  void Gather(Leaf& leaf, duckdb::DataChunk& rows, const duckdb::SelectionVector& chosen, duckdb::idx_t count);
  void Flush(Leaf& leaf);
  void KeepInserts(Leaf& leaf, std::shared_ptr<arrow::RecordBatch> rows);
  void GiveAhead();

  duckdb::ClientContext& context_;
  const AttachedTable& table_;
  MetRows& met_;  // by the statement's changes before
  std::map<int64_t, Leaf> leaves_;
  int64_t removals_ = 0;
  const std::shared_ptr<MemoryBudget> budget_;
  MemoryReservation memory_;
  const ForeignWriter write_foreign_;
  int64_t bytes_ = 0;        // that are needed of memory_, which grows in larger steps
  int64_t met_bytes_ = 0;    // of them, those of old rows
  int64_t ahead_bytes_ = 0;  // of rows that may go ahead
};

class HeirChanges;

/// What a statement has taken in.
struct ModifyState : public duckdb::GlobalSinkState {
  /// `returned`: the columns of RETURNING; empty: none.
  ModifyState(duckdb::ClientContext& client, const AttachedTable& table,
              const duckdb::vector<duckdb::LogicalType>& returned);

  duckdb::ClientContext& context;
  sql::Transaction& transaction;
  RowRouter router;
  GeneratedColumns generated;
  PendingChanges pending;
  KeyCollector keys;
  int64_t rows = 0;  // taken
  duckdb::unique_ptr<duckdb::ColumnDataCollection> returned;  // null: only their number
  /// Of rows that stand in tables which inherit from the target, by their ids.
  std::map<int64_t, std::shared_ptr<HeirChanges>> heirs;
  std::unique_ptr<DistinctKeys> distinct;  // of TableChange::distinct_keys; null: there are none
};

/// Rows of the table's columns go to their leaves, with their generated columns and checked: what INSERT and COPY do
/// with theirs. Gives where each went. Throws.
std::vector<RoutedRows> InsertRows(ModifyState& state, duckdb::DataChunk& given);

/// What changes tables as DuckDB's executor runs it: it takes rows in, and gives their number or what
/// RETURNING shows.
class ModifyOperator : public duckdb::PhysicalOperator {
 public:
  ModifyOperator(duckdb::PhysicalPlan& plan, duckdb::PhysicalOperatorType type,
                 duckdb::vector<duckdb::LogicalType> types, duckdb::idx_t estimate, const AttachedTable& table,
                 bool returning);

  bool IsSource() const override { return true; }
  bool IsSink() const override { return true; }
  duckdb::unique_ptr<duckdb::GlobalSinkState> GetGlobalSinkState(duckdb::ClientContext& context) const override;
  duckdb::unique_ptr<duckdb::GlobalSourceState> GetGlobalSourceState(duckdb::ClientContext& context) const override;
  duckdb::SinkResultType Sink(duckdb::ExecutionContext& context, duckdb::DataChunk& chunk,
                              duckdb::OperatorSinkInput& input) const override;
  duckdb::SinkFinalizeType Finalize(duckdb::Pipeline& pipeline, duckdb::Event& event, duckdb::ClientContext& context,
                                    duckdb::OperatorSinkFinalizeInput& input) const override;

  const AttachedTable& table() const { return table_; }
  /// The columns of RETURNING; none: it gives the number of rows.
  duckdb::vector<duckdb::LogicalType> returned() const {
    return returning_ ? types : duckdb::vector<duckdb::LogicalType>();
  }
  /// Turns a chunk into pending changes.
  virtual void Take(ModifyState& state, duckdb::DataChunk& chunk) const = 0;
  /// After the last chunk; gives the number of rows for the tag.
  virtual int64_t Finish(ModifyState& state) const;

 protected:
  duckdb::SourceResultType GetDataInternal(duckdb::ExecutionContext& context, duckdb::DataChunk& chunk,
                                           duckdb::OperatorSourceInput& input) const override;

  const AttachedTable& table_;
  bool returning_;
};

}  // namespace weir::sql
