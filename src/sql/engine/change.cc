#include "sql/engine/change.h"

#include <algorithm>
#include <span>

#include "duckdb/parser/parsed_data/create_table_function_info.hpp"
#include "sql/catalog/foreign_key.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"
#include "sql/engine/foreign_changes.h"
#include "sql/engine/heir_changes.h"
#include "sql/engine/modify.h"
#include "sql/engine/optimizer_step.h"
#include "sql/engine/row_ids.h"

namespace weir::sql {
namespace {

using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::SelectionVector;

/// A change's columns, as TableChange says.
constexpr idx_t kPlace = 0;
constexpr idx_t kAction = 3;
constexpr idx_t kNewRow = 4;

idx_t FirstOld(const TableChange& change) { return kNewRow + (change.writes ? change.target->columns.size() : 0); }

idx_t FirstReturned(const TableChange& change) {
  return FirstOld(change) + (change.keeps_old ? change.target->columns.size() : 0);
}

bool SetsAnyOf(const TableChange& change, const std::vector<int>& columns) {
  return std::ranges::any_of(columns, [&](int column) {
    const std::string& name = change.target->columns[static_cast<size_t>(column)].name;
    return std::ranges::count(change.updated, name) + std::ranges::count(change.computed, name) > 0;
  });
}

bool SetsKey(const TableChange& change) { return SetsAnyOf(change, change.target->PrimaryKey()); }

/// Whether rows may get other values in columns by which others refer to them.
bool SetsUniqueKey(const TableChange& change) {
  return std::ranges::any_of(ReferableKeys(*change.target),
                             [&](const ReferableKey& key) { return SetsAnyOf(change, key.columns); });
}

class Actions {
 public:
  Actions(DataChunk& chunk, idx_t column) { chunk.data[column].ToUnifiedFormat(chunk.size(), format_); }
  RowAction Of(idx_t row) const {
    return static_cast<RowAction>(duckdb::UnifiedVectorFormat::GetData<uint8_t>(format_)[format_.sel->get_index(row)]);
  }

 private:
  duckdb::UnifiedVectorFormat format_;
};

/// A chunk of a change's rows.
struct ChangedRows {
  ChangedRows(DataChunk& input, const std::vector<idx_t>& columns)
      : chunk(input),
        old(input, columns[kPlace], columns[kPlace + 1], columns[kPlace + 2]),
        actions(input, columns[kAction]),
        taken(input.size()),
        written(input.size()) {}

  DataChunk& chunk;
  RowIds old;
  Actions actions;
  SelectionVector taken;  // those that are changed
  idx_t takes = 0;
  SelectionVector written;  // those of them that have a new row
  idx_t writes = 0;
};

class ChangeOperator : public ModifyOperator {
 public:
  /// `columns`: where the change's columns are in a chunk.
  ChangeOperator(duckdb::PhysicalPlan& plan, duckdb::vector<LogicalType> result, idx_t estimate,
                 const AttachedTable& table, const TableChange& change, std::vector<idx_t> columns)
      : ModifyOperator(plan, duckdb::PhysicalOperatorType::EXTENSION, std::move(result), estimate, table,
                       change.returns),
        change_(change),
        columns_(std::move(columns)),
        keys_stay_(!change.target->PrimaryKey().empty() && !SetsKey(change) &&
                   !(change.keeps_old && SetsUniqueKey(change))) {
    for (idx_t i = FirstOld(change_); i < FirstReturned(change_); ++i) old_places_.push_back(columns_[i]);
  }
  std::string GetName() const override { return "CHANGE"; }

  duckdb::unique_ptr<duckdb::GlobalSinkState> GetGlobalSinkState(duckdb::ClientContext& context) const override {
    auto state = duckdb::make_uniq<ModifyState>(context, table_, returned());
    if (!change_.distinct_keys.empty()) {
      state->distinct = std::make_unique<DistinctKeys>(context, *change_.target, change_.distinct_keys);
    }
    return state;
  }

  void Take(ModifyState& state, DataChunk& chunk) const override {
    if (state.keys.wanted() && !change_.keeps_old) {  // it was planned before there was a foreign key
      Throw(Error("40001", "could not serialize access due to concurrent update"));
    }
    ChangedRows rows(chunk, columns_);
    if (state.distinct) {
      DataChunk added;
      ReferToNew(chunk, &added);
      state.distinct->Read(added);
    }
    for (idx_t row = 0; row < chunk.size(); ++row) {
      const RowAction action = rows.actions.Of(row);
      if (action != RowAction::kInsert && !Meet(state, rows.old, row, action)) continue;
      if (state.distinct && !state.distinct->Take(row)) continue;
      rows.taken.set_index(rows.takes++, row);
      if (IsOfHeir(rows, row)) {
        TakeOfHeir(state, rows, row);
        continue;
      }
      if (action != RowAction::kDelete) rows.written.set_index(rows.writes++, row);
    }
    state.rows += static_cast<int64_t>(rows.takes);
    if (rows.writes > 0) Write(state, rows);
    if (state.keys.wanted() && rows.writes < rows.takes) KeepDeleted(state, rows);
    if (state.returned && rows.takes > 0) Return(state, rows);
  }

  int64_t Finish(ModifyState& state) const override {
    const bool has_key = !change_.target->PrimaryKey().empty();
    // A row of a log stands elsewhere afterwards, where nobody knows of those who refer to it.
    const bool keys_go = has_key || change_.deletes || state.keys.wanted() || !state.heirs.empty();
    for (auto& [id, heir] : state.heirs) heir->Complete();
    const int64_t removed = state.pending.Apply(state.transaction, keys_go ? kForUpdate : kForNoKeyUpdate);
    state.pending.Forget();
    state.keys.Give();
    state.router.Give();
    for (auto& [id, heir] : state.heirs) heir->Apply();
    if (change_.kind == TableChange::Kind::kDelete) return removed;
    if (removed != state.pending.removals()) {
      Throw(Error("40001", "could not serialize access due to concurrent update"));
    }
    return state.rows;
  }

 private:
  /// The rows as they shall be.
  void ReferToNew(DataChunk& chunk, DataChunk* rows) const {
    rows->InitializeEmpty(table_.GetTypes());
    for (idx_t i = 0; i < rows->ColumnCount(); ++i) rows->data[i].Reference(chunk.data[columns_[kNewRow + i]]);
    rows->SetCardinality(chunk.size());
  }

  /// A row that a join brings twice is changed once, and so is one that several changes of a statement bring, as
  /// PostgreSQL does it.
  bool Meet(ModifyState& state, const RowIds& old, idx_t row, RowAction action) const {
    const bool of_target = change_.target->is_partitioned() || old.Leaf(row) == change_.target->id;
    const bool replaced = keys_stay_ && action == RowAction::kUpdate && of_target;
    const auto what = replaced ? PendingChanges::Old::kIsReplaced : PendingChanges::Old::kGoes;
    if (state.pending.Meet(old.Leaf(row), old.Position(row), old.Key(row), what)) return true;
    if (change_.kind == TableChange::Kind::kUpsert) {
      Throw(Error("21000", "ON CONFLICT DO UPDATE command cannot affect row a second time",
                  {.hint = "Ensure that no rows proposed for insertion within the same command have duplicate "
                           "constrained values."}));
    }
    if (change_.kind != TableChange::Kind::kMerge) return false;
    Throw(Error("21000", "MERGE command cannot affect row a second time",
                {.hint = "Ensure that not more than one source row matches any one target row."}));
  }

  /// Whether a row stands in a table that inherits from the target: it has columns that the change does not know of.
  bool IsOfHeir(const ChangedRows& changed, idx_t row) const {
    if (change_.target->inherited_by.empty() || changed.actions.Of(row) == RowAction::kInsert) return false;
    return changed.old.Leaf(row) != change_.target->id;
  }

  void TakeOfHeir(ModifyState& state, const ChangedRows& changed, idx_t row) const {
    std::shared_ptr<HeirChanges>& heir = state.heirs[changed.old.Leaf(row)];
    if (!heir) {
      heir = std::make_shared<HeirChanges>(state.context, table_, state.pending.RelationOf(changed.old.Leaf(row)));
    }
    const bool deleted = changed.actions.Of(row) == RowAction::kDelete;
    const auto new_row = std::span(columns_).subspan(kNewRow, deleted ? 0 : change_.target->columns.size());
    heir->Add(changed.old.Position(row), changed.old.Key(row), {changed.chunk, row, new_row});
  }

  void Write(ModifyState& state, const ChangedRows& changed) const {
    DataChunk rows;
    ReferToNew(changed.chunk, &rows);
    rows.Slice(changed.written, changed.writes);
    for (const RoutedRows& group : state.router.Route(rows)) AddGroup(state, changed, rows, group);
  }

  /// Rows that stay in their leaf with their key take the place of the old ones.
  void AddGroup(ModifyState& state, const ChangedRows& changed, DataChunk& rows, const RoutedRows& group) const {
    SelectionVector replaced(group.count);
    SelectionVector added(group.count);
    idx_t replaces = 0;
    idx_t adds = 0;
    for (idx_t i = 0; i < group.count; ++i) {
      const idx_t row = group.rows.get_index(i);
      const idx_t source = changed.written.get_index(row);
      const bool is_new = changed.actions.Of(source) == RowAction::kInsert;
      const bool moves = !is_new && changed.old.Leaf(source) != group.leaf->id;
      if (moves) CheckMayMove();
      if (keys_stay_ && !is_new && !moves) {
        replaced.set_index(replaces++, row);
        continue;
      }
      added.set_index(adds++, row);
      if (keys_stay_ && moves) state.pending.Leaves(changed.old.Leaf(source), changed.old.Key(source));
    }
    if (replaces > 0) state.pending.Add(group.leaf, rows, replaced, replaces, PendingChanges::Write::kUpsert);
    if (adds > 0) state.pending.Add(group.leaf, rows, added, adds);
    if (state.keys.wanted()) KeepWritten(state, changed, rows, group);
  }

  void KeepWritten(ModifyState& state, const ChangedRows& changed, DataChunk& rows, const RoutedRows& group) const {
    SelectionVector old_rows(group.count);
    for (idx_t i = 0; i < group.count; ++i) {
      old_rows.set_index(i, changed.written.get_index(group.rows.get_index(i)));
    }
    state.keys.AddWritten({changed.chunk, columns_[kPlace], old_places_, old_rows}, {rows, group.rows, group.leaf->id},
                          group.count);
  }

  void KeepDeleted(ModifyState& state, const ChangedRows& changed) const {
    SelectionVector deleted(changed.takes);
    idx_t count = 0;
    for (idx_t i = 0; i < changed.takes; ++i) {
      const idx_t row = changed.taken.get_index(i);
      if (changed.actions.Of(row) == RowAction::kDelete && !IsOfHeir(changed, row)) deleted.set_index(count++, row);
    }
    state.keys.AddDeleted({changed.chunk, columns_[kPlace], old_places_, deleted}, count);
  }

  void CheckMayMove() const {
    if (change_.kind != TableChange::Kind::kUpsert) return;
    Throw(Error("0A000", "invalid ON UPDATE specification",
                {.detail = "The result tuple would appear in a different partition than the original tuple."}));
  }

  void Return(ModifyState& state, const ChangedRows& changed) const {
    DataChunk rows;
    rows.InitializeEmpty(types);
    const idx_t first = FirstReturned(change_);
    for (idx_t i = 0; i < rows.ColumnCount(); ++i) rows.data[i].Reference(changed.chunk.data[columns_[first + i]]);
    rows.SetCardinality(changed.chunk.size());
    rows.Slice(changed.taken, changed.takes);
    state.returned->Append(rows);
  }

  const TableChange change_;
  const std::vector<idx_t> columns_;
  const bool keys_stay_;  // of a table with a key: no row gets another one, nor one that others may refer to
  std::vector<idx_t> old_places_;                  // of the columns of the row as it was
};

// --- binding and planning

struct ChangeData : public duckdb::TableFunctionData {
  ChangeData(const TableChange& bound, const AttachedTable& target) : change(bound), table(target) {}
  TableChange change;
  const AttachedTable& table;
};

void CheckNewRow(const TableChange& change, const AttachedTable& table,
                 const duckdb::vector<LogicalType>& given) {
  const auto types = table.GetTypes();
  if (given.size() < FirstReturned(change)) Throw(Error("XX000", "columns of a change are missing"));
  for (size_t i = kNewRow; i < FirstReturned(change); ++i) {
    const LogicalType& type = types[(i - kNewRow) % types.size()];
    if (given[i] == type) continue;
    Throw(Error("XX000", "column " + std::to_string(i) + " of a change is " + given[i].ToString() + ", not " +
                             type.ToString()));
  }
}

duckdb::unique_ptr<duckdb::FunctionData> BindChange(duckdb::ClientContext& context,
                                                    duckdb::TableFunctionBindInput& input,
                                                    duckdb::vector<LogicalType>& types,
                                                    duckdb::vector<std::string>& names) {
  const TableChange* change = SessionState::Of(context).change;
  if (change == nullptr) Throw(Error("0A000", std::string(kChangeFunction) + " is no function for queries"));
  const TablePath& path = change->target->path;
  const std::string name = AttachedNameOf(*change->target, change->of_view, change->checking_view);
  const auto& table = static_cast<const AttachedTable&>(
      duckdb::Catalog::GetEntry<duckdb::TableCatalogEntry>(context, kAttachedName, path.database, name));
  CheckNewRow(*change, table, input.input_table_types);
  SessionState::Of(context).changing = CommandOf(change->kind);
  if (change->target->is_foreign()) RefuseRowsOf(context, *change->target);
  if (change->returns) {
    const auto first = static_cast<long>(FirstReturned(*change));
    types.assign(input.input_table_types.begin() + first, input.input_table_types.end());
    names.assign(input.input_table_names.begin() + first, input.input_table_names.end());
  } else {
    types = {LogicalType::BIGINT};
    names = {"rows"};
  }
  return duckdb::make_uniq<ChangeData>(*change, table);
}

duckdb::OperatorResultType NotPlanned(duckdb::ExecutionContext&, duckdb::TableFunctionInput&, DataChunk&, DataChunk&) {
  Throw(Error("XX000", "a change has not been planned"));
}

void PlanBeforeOptimizer(duckdb::OptimizerExtensionInput&, duckdb::unique_ptr<duckdb::LogicalOperator>& plan) {
  PlanChanges(plan);
}

}  // namespace

LogicalChange::LogicalChange(idx_t table_index, TableChange change, const AttachedTable& table,
                             duckdb::vector<LogicalType> result, duckdb::unique_ptr<duckdb::LogicalOperator> rows)
    : table_index_(table_index), change_(std::move(change)), table_(table), result_(std::move(result)) {
  rows->ResolveOperatorTypes();
  const auto columns = rows->GetColumnBindings();
  for (size_t i = 0; i < columns.size(); ++i) {
    expressions.push_back(duckdb::make_uniq<duckdb::BoundColumnRefExpression>(rows->types[i], columns[i]));
  }
  children.push_back(std::move(rows));
}

std::string LogicalChange::GetName() const {
  const std::string& name = change_.target->path.table;
  switch (change_.kind) {
    case TableChange::Kind::kUpsert: return "Insert on " + name;
    case TableChange::Kind::kUpdate: return "Update on " + name;
    case TableChange::Kind::kDelete: return "Delete on " + name;
    case TableChange::Kind::kMerge: return "Merge on " + name;
  }
  return name;
}

duckdb::vector<duckdb::ColumnBinding> LogicalChange::GetColumnBindings() {
  return GenerateColumnBindings(table_index_, result_.size());
}

duckdb::PhysicalOperator& LogicalChange::CreatePlan(duckdb::ClientContext&, duckdb::PhysicalPlanGenerator& planner) {
  duckdb::PhysicalOperator& rows = planner.CreatePlan(*children[0]);
  std::vector<idx_t> columns;
  for (const auto& expression : expressions) {
    columns.push_back(expression->Cast<duckdb::BoundReferenceExpression>().index);
  }
  auto& change = planner.Make<ChangeOperator>(result_, estimated_cardinality, table_, change_, std::move(columns));
  change.children.push_back(rows);
  return change;
}

void PlanChanges(duckdb::unique_ptr<duckdb::LogicalOperator>& plan) {
  for (auto& child : plan->children) PlanChanges(child);
  if (plan->type != duckdb::LogicalOperatorType::LOGICAL_GET) return;
  auto& call = plan->Cast<duckdb::LogicalGet>();
  if (call.function.name != kChangeFunction || call.children.empty()) return;
  const auto& data = call.bind_data->Cast<ChangeData>();
  plan = duckdb::make_uniq<LogicalChange>(call.table_index, data.change, data.table, call.returned_types,
                                          std::move(call.children[0]));
}

void RegisterChangeFunction(duckdb::DuckDB& database) {
  duckdb::TableFunction change(kChangeFunction, {LogicalType::TABLE}, nullptr, BindChange);
  change.in_out_function = NotPlanned;
  duckdb::CreateTableFunctionInfo info(std::move(change));
  info.internal = true;
  auto& system = duckdb::Catalog::GetSystemCatalog(*database.instance);
  system.CreateTableFunction(duckdb::CatalogTransaction::GetSystemTransaction(*database.instance), info);
}

void RegisterChanges(duckdb::DBConfig* config) {
  AddStepBeforeOptimizer(config, PlanBeforeOptimizer);
}

}  // namespace weir::sql
