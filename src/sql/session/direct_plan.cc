#include "sql/session/direct_plan.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/execution/operator/filter/physical_filter.hpp"
#include "duckdb/execution/operator/projection/physical_projection.hpp"
#include "duckdb/execution/operator/scan/physical_column_data_scan.hpp"
#include "duckdb/execution/operator/scan/physical_expression_scan.hpp"
#include "duckdb/execution/operator/scan/physical_table_scan.hpp"
#include "duckdb/parallel/thread_context.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"
#include "duckdb/planner/planner.hpp"
#include "sql/engine/arrow_vectors.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/attached_table.h"
#include "sql/engine/change.h"
#include "sql/engine/direct_rows.h"
#include "sql/engine/errors.h"
#include "sql/engine/key_lookup.h"
#include "sql/engine/key_read.h"
#include "sql/engine/modify.h"
#include "sql/engine/plan_access.h"
#include "sql/engine/scan.h"
#include "sql/engine/table_change.h"

namespace weir::sql {
namespace {

using duckdb::DataChunk;
using duckdb::ExpressionClass;
using duckdb::PhysicalOperator;
using duckdb::PhysicalOperatorType;

/// Whether it is the same for every row of a statement.
bool IsOneValue(const duckdb::Expression& expression) {
  if (expression.GetExpressionClass() == ExpressionClass::BOUND_REF || expression.IsVolatile()) return false;
  bool one = true;
  duckdb::ExpressionIterator::EnumerateChildren(
      expression, [&](const duckdb::Expression& child) { one = one && IsOneValue(child); });
  return one;
}

/// A column, or one of integers made wider, which no two values become one by.
const duckdb::BoundReferenceExpression* ColumnIn(const duckdb::Expression& expression) {
  if (expression.GetExpressionClass() == ExpressionClass::BOUND_REF) {
    return &expression.Cast<duckdb::BoundReferenceExpression>();
  }
  if (expression.GetExpressionClass() != ExpressionClass::BOUND_CAST) return nullptr;
  const auto& cast = expression.Cast<duckdb::BoundCastExpression>();
  const bool integers = cast.return_type.IsIntegral() && cast.child->return_type.IsIntegral();
  return integers ? ColumnIn(*cast.child) : nullptr;
}

bool CallsLeafOid(const duckdb::Expression& expression) {
  bool calls = expression.GetExpressionClass() == ExpressionClass::BOUND_FUNCTION &&
               expression.Cast<duckdb::BoundFunctionExpression>().function.name == kLeafOidFunction;
  duckdb::ExpressionIterator::EnumerateChildren(
      expression, [&](const duckdb::Expression& child) { calls = calls || CallsLeafOid(child); });
  return calls;
}

bool IsCurrentTable(const AttachedTable& table, CatalogView& catalog) {
  return ValueOrThrow(catalog.Find(table.relation()->path)) == table.relation();
}

}  // namespace

// --- what it is

DirectPlan::DirectPlan(duckdb::ClientContext& context) : context_(context) {}
DirectPlan::~DirectPlan() = default;

std::shared_ptr<DirectPlan> DirectPlan::Of(duckdb::ClientContext& context,
                                           duckdb::unique_ptr<duckdb::SQLStatement> statement) {
  std::shared_ptr<DirectPlan> plan(new DirectPlan(context));
  bool direct = false;
  context.RunFunctionInTransaction([&] { direct = plan->Bind(std::move(statement)); });
  return direct ? plan : nullptr;
}

bool DirectPlan::Bind(duckdb::unique_ptr<duckdb::SQLStatement> statement) {
  duckdb::Planner planner(context_);
  planner.CreatePlan(std::move(statement));
  if (!planner.plan) return false;
  PlanChanges(planner.plan);
  if (!TakeParameters(*planner.plan)) return false;
  CheckPlanAccess(context_, *planner.plan);
  const SessionState& state = SessionState::Of(context_);
  access_ = state.access;
  role_ = state.role;
  names_ = planner.names;
  plan_ = duckdb::PhysicalPlanGenerator(context_).Plan(std::move(planner.plan));
  if (!Take(plan_->Root())) return false;
  if (source_->type != PhysicalOperatorType::TABLE_SCAN) return true;
  if (!FindKey()) return false;
  if (const auto columns = ReadColumns()) {
    auto read = std::make_unique<KeyRead>(context_, *table_, *columns, false);
    if (read->IsShownAsItLies()) read_ = std::move(read);
  }
  if (read_ == nullptr) ReadSource();
  return true;
}

void DirectPlan::ReadSource() {
  std::vector<int> columns;
  bool row_ids = false;
  for (size_t i = 0; i < source_->types.size(); ++i) {
    const duckdb::column_t id = ScannedId(i);
    if (!duckdb::IsVirtualColumn(id)) columns.push_back(static_cast<int>(id));
    row_ids |= id == kKeyColumn;
  }
  read_source_ = std::make_unique<KeyRead>(context_, *table_, std::move(columns), row_ids);
}

/// DuckDB gives a parameter one type in a statement, and binds it again where it is used as two: here every use has
/// the value in its own.
bool DirectPlan::TakeParameters(duckdb::LogicalOperator& op) {
  bool known = true;
  const std::function<void(duckdb::Expression&)> take = [&](duckdb::Expression& expression) {
    if (expression.GetExpressionClass() == ExpressionClass::BOUND_PARAMETER) {
      auto& parameter = expression.Cast<duckdb::BoundParameterExpression>();
      known = known && parameter.return_type.IsValid() && parameter.return_type.id() != duckdb::LogicalTypeId::UNKNOWN;
      parameter.parameter_data = duckdb::make_shared_ptr<duckdb::BoundParameterData>();
      parameter.parameter_data->return_type = parameter.return_type;
      parameters_.emplace_back(parameter.identifier, parameter.parameter_data);
    }
    duckdb::ExpressionIterator::EnumerateChildren(expression, take);
  };
  duckdb::LogicalOperatorVisitor::EnumerateExpressions(op, [&](auto* expression) { take(**expression); });
  for (const auto& child : op.children) known = TakeParameters(*child) && known;
  return known;
}

bool DirectPlan::Take(PhysicalOperator& op) {
  auto* change = dynamic_cast<ModifyOperator*>(&op);
  const bool filters = op.type == PhysicalOperatorType::FILTER;
  if (change == nullptr && !filters && op.type != PhysicalOperatorType::PROJECTION) return TakeSource(op);
  if (op.children.size() != 1 || !Take(op.children[0].get())) return false;
  steps_.push_back(std::make_unique<Step>());
  Step& step = *steps_.back();
  step.op = &op;
  step.change = change;
  step.filters = filters;
  if (filters) {
    step.executor =
        std::make_unique<duckdb::ExpressionExecutor>(context_, *op.Cast<duckdb::PhysicalFilter>().expression);
    step.kept.Initialize(STANDARD_VECTOR_SIZE);
  } else if (change == nullptr) {
    const auto& results = op.Cast<duckdb::PhysicalProjection>().select_list;
    step.executor = std::make_unique<duckdb::ExpressionExecutor>(context_, results);
    step.routes = std::ranges::any_of(results, [](const auto& result) { return CallsLeafOid(*result); });
  } else if (!KeepTable(change->table())) {
    return false;
  }
  if (!filters) step.rows.Initialize(context_, op.types);
  return true;
}

bool DirectPlan::TakeSource(PhysicalOperator& op) {
  source_ = &op;
  if (op.type == PhysicalOperatorType::DUMMY_SCAN) return true;
  if (op.type == PhysicalOperatorType::COLUMN_DATA_SCAN) return op.Cast<duckdb::PhysicalColumnDataScan>().collection;
  if (op.type == PhysicalOperatorType::EXPRESSION_SCAN) {
    return op.children.size() == 1 && op.children[0].get().type == PhysicalOperatorType::DUMMY_SCAN;
  }
  if (op.type != PhysicalOperatorType::TABLE_SCAN) return false;
  const auto& scan = op.Cast<duckdb::PhysicalTableScan>();
  const auto* data = dynamic_cast<const ScanData*>(scan.bind_data.get());
  if (data == nullptr || scan.table_filters || !KeepTable(data->table)) return false;
  thread_ = std::make_unique<duckdb::ThreadContext>(context_);
  scanned_.Initialize(context_, op.types);
  return true;
}

/// DuckDB's transactions keep the tables of their plans only.
bool DirectPlan::KeepTable(const AttachedTable& table) {
  if (table_) return table_.get() == &table;
  auto& schema = static_cast<AttachedSchema&>(const_cast<AttachedTable&>(table).schema);
  table_ = schema.Entry(table.relation(), table.of_view(), table.checking(), table.with_heirs());
  return table_.get() == &table;
}

/// The filters right above the scan name the key, all of it.
bool DirectPlan::FindKey() {
  if (table_->with_heirs()) return false;
  for (const auto& step : steps_) {
    if (!step->filters) break;
    AddKeyTest(*step->op->Cast<duckdb::PhysicalFilter>().expression);
  }
  const std::vector<int> key = table_->relation()->PrimaryKey();
  return !key.empty() && std::ranges::all_of(key, [&](int column) {
    const bool named = std::ranges::any_of(key_, [&](const KeyTest& test) { return test.column == column; });
    return named && HasOneForm(table_->relation()->columns[static_cast<size_t>(column)].data_type);
  });
}

duckdb::column_t DirectPlan::ScannedId(size_t place) const {
  const auto& scan = source_->Cast<duckdb::PhysicalTableScan>();
  return scan.column_ids[scan.projection_ids.empty() ? place : scan.projection_ids[place]].GetPrimaryIndex();
}

/// Where in the table what it scans comes from; −1: from nowhere.
int DirectPlan::ScannedColumn(size_t place) const {
  const duckdb::column_t id = ScannedId(place);
  return duckdb::IsVirtualColumn(id) ? -1 : static_cast<int>(id);
}

/// The table's columns that it gives of the key's row; absent where it gives, changes or tests anything else.
std::optional<std::vector<int>> DirectPlan::ReadColumns() const {
  std::vector<int> columns;
  for (size_t i = 0; i < source_->types.size(); ++i) columns.push_back(ScannedColumn(i));
  bool above_filters = false;
  for (const auto& step : steps_) {
    if (step->filters && !above_filters) continue;
    above_filters = true;
    if (step->filters || step->change != nullptr) return std::nullopt;
    std::vector<int> chosen;
    for (const auto& expression : step->op->Cast<duckdb::PhysicalProjection>().select_list) {
      if (expression->GetExpressionClass() != ExpressionClass::BOUND_REF) return std::nullopt;
      chosen.push_back(columns[expression->Cast<duckdb::BoundReferenceExpression>().index]);
    }
    columns = std::move(chosen);
  }
  const bool only_key = tests_ == key_.size() && key_.size() == table_->relation()->PrimaryKey().size();
  const bool stored = std::ranges::all_of(columns, [](int column) { return column >= 0; });
  return only_key && stored && !columns.empty() ? std::optional(columns) : std::nullopt;
}

void DirectPlan::AddKeyTest(const duckdb::Expression& condition) {
  if (condition.GetExpressionType() == duckdb::ExpressionType::CONJUNCTION_AND) {
    for (const auto& child : condition.Cast<duckdb::BoundConjunctionExpression>().children) AddKeyTest(*child);
    return;
  }
  ++tests_;
  if (condition.GetExpressionType() != duckdb::ExpressionType::COMPARE_EQUAL) return;
  const auto& equal = condition.Cast<duckdb::BoundComparisonExpression>();
  const duckdb::Expression* value = equal.right.get();
  const auto* reference = ColumnIn(*equal.left);
  if (reference == nullptr) {
    value = equal.left.get();
    reference = ColumnIn(*equal.right);
  }
  if (reference == nullptr || !IsOneValue(*value)) return;
  const int column = ScannedColumn(reference->index);
  if (column < 0) return;
  key_.push_back({column, table_->GetTypes()[static_cast<size_t>(column)],
                  std::make_unique<duckdb::ExpressionExecutor>(context_, *value)});
}

bool DirectPlan::IsCurrent() const {
  const SessionState& state = SessionState::Of(context_);
  return access_ == state.access && role_ == state.role && (!table_ || IsCurrentTable(*table_, *state.tables));
}

void DirectPlan::Lock() const {
  if (source_->type == PhysicalOperatorType::TABLE_SCAN)
    LockRelation(context_, table_->relation()->id, LockMode::kAccessShare);
}

// --- running it

class DirectPlan::Execution {
 public:
  explicit Execution(DirectPlan& plan) : plan_(plan), context_(plan.context_) {
    bool counts = false;  // a number is shown alike under all settings
    for (const auto& step : plan.steps_) {
      if (step->change == nullptr) continue;
      changed_.emplace(context_, *plan.table_, step->change->returned());
      counts = step->change->returned().empty();
    }
    rows_ = duckdb::make_uniq<DirectRows>(plan.plan_->Root().types, plan.names_,
                                          counts ? duckdb::ClientProperties() : context_.GetClientProperties());
  }

  duckdb::unique_ptr<duckdb::QueryResult> Run() {
    Read();
    if (changed_) FinishChange();
    return std::move(rows_);
  }

 private:
  void Read() {
    if (plan_.source_->type == PhysicalOperatorType::DUMMY_SCAN) return OneRow();
    if (plan_.source_->type == PhysicalOperatorType::EXPRESSION_SCAN) return Values();
    if (plan_.source_->type == PhysicalOperatorType::COLUMN_DATA_SCAN) {
      return All(*plan_.source_->Cast<duckdb::PhysicalColumnDataScan>().collection, 0);
    }
    const auto key = plan_.KeyCondition();
    if (!key) return;
    const auto found = plan_.read_source_ ? plan_.read_source_->Find(*key) : std::nullopt;
    if (!found) return Scan(*key);
    for (const KeyRead::Found& row : *found) Push(Filled(row), 0);
  }

  /// As the scan would give it.
  DataChunk& Filled(const KeyRead::Found& found) {
    DataChunk& rows = plan_.scanned_;
    rows.Reset();
    const LeafBatch& batch = found.batch;
    const auto count = static_cast<duckdb::idx_t>(batch.rows->num_rows());
    int next = 0;
    for (size_t i = 0; i < rows.ColumnCount(); ++i) {
      const int column = plan_.ScannedColumn(i);
      if (column < 0) {
        FillVirtual(batch, found.leaf->id, plan_.ScannedId(i), 0, count, rows.data[i]);
        continue;
      }
      const DataType& type = plan_.table_->relation()->columns[static_cast<size_t>(column)].data_type;
      ToVector(type, batch.rows->column(next++), 0, count, rows.data[i]);
    }
    rows.SetCardinality(count);
    return rows;
  }

  void OneRow() {
    DataChunk row;
    row.Initialize(context_, plan_.source_->types);
    row.SetCardinality(1);
    Push(row, 0);
  }

  void Values() {
    auto& scan = plan_.source_->Cast<duckdb::PhysicalExpressionScan>();
    DataChunk none;
    none.SetCardinality(1);
    DataChunk rows;
    rows.Initialize(context_, scan.types);
    for (size_t row = 0; row < scan.expressions.size(); ++row) {
      scan.EvaluateExpression(context_, row, &none, rows);
      if (rows.size() < STANDARD_VECTOR_SIZE && row + 1 < scan.expressions.size()) continue;
      Push(rows, 0);
      rows.Reset();
    }
  }

  void All(const duckdb::ColumnDataCollection& collection, size_t first) {
    for (DataChunk& chunk : collection.Chunks()) Push(chunk, first);
  }

  void Scan(const Condition& condition) {
    auto& scan = plan_.source_->Cast<duckdb::PhysicalTableScan>();
    scan.bind_data->Cast<ScanData>().condition = condition;
    duckdb::TableFunctionInitInput input(scan.bind_data.get(), scan.column_ids, scan.projection_ids, nullptr);
    const auto global = scan.function.init_global(context_, input);
    duckdb::ExecutionContext execution(context_, *plan_.thread_, nullptr);
    const auto local = scan.function.init_local(execution, input, global.get());
    duckdb::TableFunctionInput call(scan.bind_data.get(), local.get(), global.get());
    DataChunk& rows = plan_.scanned_;
    while (true) {
      rows.Reset();
      scan.function.function(context_, call, rows);
      if (rows.size() == 0) return;
      Push(rows, 0);
    }
  }

  /// Rows go through the steps from `first` on: into the change, or out.
  void Push(DataChunk& rows, size_t first) {
    DataChunk* now = &rows;
    for (size_t i = first; i < plan_.steps_.size() && now->size() > 0; ++i) {
      Step& step = *plan_.steps_[i];
      if (step.change != nullptr) return step.change->Take(*changed_, *now);
      if (step.filters) {
        const auto kept = step.executor->SelectExpression(*now, step.kept);
        if (kept < now->size()) now->Slice(step.kept, kept);
      } else {
        step.rows.Reset();
        step.executor->Execute(*now, step.rows);
        now = &step.rows;
      }
    }
    if (now->size() > 0) rows_->Append(*now);
  }

  void FinishChange() {
    size_t at = 0;
    while (plan_.steps_[at]->change == nullptr) ++at;
    const ModifyOperator& change = *plan_.steps_[at]->change;
    changed_->rows = change.Finish(*changed_);
    if (changed_->returned) return All(*changed_->returned, at + 1);
    DataChunk count;
    count.Initialize(context_, {duckdb::LogicalType::BIGINT});
    count.SetValue(0, 0, duckdb::Value::BIGINT(changed_->rows));
    count.SetCardinality(1);
    Push(count, at + 1);
  }

  DirectPlan& plan_;
  duckdb::ClientContext& context_;
  std::optional<ModifyState> changed_;
  duckdb::unique_ptr<DirectRows> rows_;
};

void DirectPlan::SetParameters(const duck::Plan::Values& values) {
  for (const auto& [name, parameter] : parameters_) {
    parameter->SetValue(values.at(name).GetValue().DefaultCastAs(parameter->return_type));
  }
}

std::optional<Condition> DirectPlan::KeyCondition() {
  std::vector<Condition> tests;
  for (const KeyTest& test : key_) {
    duckdb::Vector vector(test.value->expressions[0]->return_type);
    DataChunk none;
    none.SetCardinality(1);
    test.value->ExecuteExpression(none, vector);
    duckdb::Value value = vector.GetValue(0);
    if (value.IsNull() || !value.DefaultTryCastAs(test.type)) return std::nullopt;
    tests.push_back(
        {.kind = Condition::Kind::kTest, .op = Condition::Op::kEqual, .column = test.column, .values = {value}});
  }
  return Condition::And(std::move(tests));
}

/// Null: only DuckDB's operators read all the leaves.
duckdb::unique_ptr<duckdb::QueryResult> DirectPlan::Read() {
  auto rows = duckdb::make_uniq<DirectRows>(plan_->Root().types, names_, context_.GetClientProperties());
  const auto key = KeyCondition();
  if (!key) return rows;
  const auto read = read_->Rows(*key);
  if (!read) return nullptr;
  rows->batch = *read;
  return rows;
}

duckdb::unique_ptr<duckdb::QueryResult> DirectPlan::Run(const duck::Plan::Values& values) {
  duckdb::unique_ptr<duckdb::QueryResult> rows;
  context_.RunFunctionInTransaction([&] {
    SetParameters(values);
    for (const auto& step : steps_) {
      if (!step->routes) continue;
      const auto& results = step->op->Cast<duckdb::PhysicalProjection>().select_list;
      step->executor = std::make_unique<duckdb::ExpressionExecutor>(context_, results);
    }
    if (read_ != nullptr) rows = Read();
    if (rows == nullptr) rows = Execution(*this).Run();
  });
  return rows;
}

}  // namespace weir::sql
