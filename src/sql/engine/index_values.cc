#include "sql/engine/index_values.h"

#include <arrow/array/array_primitive.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/concatenate.h>

#include <algorithm>

#include "sql/catalog/sql_types.h"
#include "sql/duckdb/column_names.h"
#include "sql/duckdb/definition.h"
#include "sql/engine/arrow_vectors.h"
#include "sql/engine/errors.h"
#include "sql/engine/types.h"
#include "types/arrow_status.h"

namespace weir::sql {
namespace {

using duckdb::idx_t;

/// Literals in definitions mean the same in every session.
const postgres::Settings kPlainSettings;

duckdb::unique_ptr<duckdb::Expression> BindOverRelation(duckdb::ClientContext& context, const Relation& table,
                                                        duckdb::unique_ptr<duckdb::ParsedExpression> parsed) {
  duckdb::ColumnList columns;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    columns.AddColumn(duckdb::ColumnDefinition(duck::AttachedColumnName(table.columns, i),
                                               ToDuckType(table.columns[i].data_type)));
  }
  auto binder = duckdb::Binder::CreateBinder(context);
  duckdb::physical_index_set_t used;
  duckdb::CheckBinder check(*binder, context, table.path.table, columns, used);
  check.target_type = duckdb::LogicalType::INVALID;
  return check.Bind(parsed);
}

/// The same columns, as far as expressions over them are concerned.
bool SameColumns(const std::vector<SqlColumn>& a, const std::vector<SqlColumn>& b) {
  return std::ranges::equal(a, b, [](const SqlColumn& x, const SqlColumn& y) {
    return x.name == y.name && x.type == y.type && x.data_type == y.data_type;
  });
}

}  // namespace

struct SessionIndexValues::Bound {
  /// A part of the key that is computed, as the index's table keeps it.
  struct Part {
    DataType type = DataType::Boolean();
    duckdb::unique_ptr<duckdb::Expression> expression;
    std::unique_ptr<duckdb::ExpressionExecutor> executor;
    arrow::ArrayVector pieces;  // of the rows that are asked for
  };

  SqlIndex index;
  std::vector<SqlColumn> columns;
  std::vector<Part> parts;
  duckdb::unique_ptr<duckdb::Expression> condition;
  std::unique_ptr<duckdb::ExpressionExecutor> condition_executor;
  duckdb::vector<duckdb::LogicalType> types;  // of the columns

  void Bind(duckdb::ClientContext& context, const Relation& leaf, const Relation& own) {
    for (size_t i = 0; i < index.columns.size(); ++i) {
      const SqlIndex::Expression* expression = index.ExpressionAt(i);
      if (expression == nullptr) continue;
      Part& part = parts.emplace_back();
      part.type = own.columns[i].data_type;
      part.expression = BindIndexValue(context, leaf, *expression);
      part.executor = std::make_unique<duckdb::ExpressionExecutor>(context, *part.expression);
    }
    if (index.condition.empty()) return;
    condition = BindIndexCondition(context, leaf, index.condition);
    condition_executor = std::make_unique<duckdb::ExpressionExecutor>(context, *condition);
  }

  void Fill(const arrow::ArrayVector& arrays, int64_t first, idx_t count, duckdb::DataChunk* rows) const {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (arrays[i]) {
        ToVector(columns[i].data_type, arrays[i], first, count, rows->data[i]);
      } else {
        rows->data[i].Reference(duckdb::Value(types[i]));
      }
    }
    rows->SetCardinality(count);
  }

  void Compute(duckdb::DataChunk& rows, arrow::BooleanBuilder* holds) {
    for (Part& part : parts) {
      duckdb::Vector values(ToDuckType(part.type));
      part.executor->ExecuteExpression(rows, values);
      part.pieces.push_back(ToArray(part.type, values, rows.size(), *duckdb::FlatVector::IncrementalSelectionVector(),
                                    rows.size()));
    }
    if (!condition) return;
    duckdb::Vector met(duckdb::LogicalType::BOOLEAN);
    condition_executor->ExecuteExpression(rows, met);
    duckdb::UnifiedVectorFormat format;
    met.ToUnifiedFormat(rows.size(), format);
    const bool* values = duckdb::UnifiedVectorFormat::GetData<bool>(format);
    for (idx_t row = 0; row < rows.size(); ++row) {
      const idx_t at = format.sel->get_index(row);
      ThrowNotOk(FromArrow(holds->Append(format.validity.RowIsValid(at) && values[at])));
    }
  }
};

SessionIndexValues::SessionIndexValues(std::shared_ptr<duckdb::Connection> connection)
    : connection_(std::move(connection)) {}

SessionIndexValues::~SessionIndexValues() = default;

SessionIndexValues::Bound& SessionIndexValues::BoundOf(const Relation& leaf, const Relation& index) {
  std::unique_ptr<Bound>& known = bound_[index.id];
  if (known && known->index == *index.index && SameColumns(known->columns, leaf.columns)) return *known;
  auto bound = std::make_unique<Bound>();
  bound->index = *index.index;
  bound->columns = leaf.columns;
  for (const SqlColumn& column : leaf.columns) bound->types.push_back(ToDuckType(column.data_type));
  duckdb::ClientContext& context = *connection_->context;
  context.RunFunctionInTransaction([&] { bound->Bind(context, leaf, index); });
  known = std::move(bound);
  return *known;
}

Result<ComputedValues> SessionIndexValues::Of(const Relation& leaf, const Relation& index,
                                              const arrow::ArrayVector& columns, int64_t num_rows) {
  return Guarded({}, [&]() -> Result<ComputedValues> {
    Bound& bound = BoundOf(leaf, index);
    for (Bound::Part& part : bound.parts) part.pieces.clear();
    arrow::BooleanBuilder holds;
    for (int64_t first = 0; first < num_rows || first == 0; first += STANDARD_VECTOR_SIZE) {
      const auto count = static_cast<idx_t>(std::min<int64_t>(num_rows - first, STANDARD_VECTOR_SIZE));
      duckdb::DataChunk rows;
      rows.Initialize(*connection_->context, bound.types, std::max<idx_t>(count, 1));
      bound.Fill(columns, first, count, &rows);
      bound.Compute(rows, &holds);
    }
    ComputedValues computed;
    for (Bound::Part& part : bound.parts) {
      WEIR_ASSIGN_OR_RETURN(computed.expressions.emplace_back(), FromArrow(arrow::Concatenate(part.pieces)));
      part.pieces.clear();
    }
    if (bound.condition) WEIR_RETURN_NOT_OK(FromArrow(holds.Finish(&computed.holds)));
    return computed;
  });
}

duckdb::unique_ptr<duckdb::Expression> BindIndexExpression(duckdb::ClientContext& context, const Relation& table,
                                                           const std::string& text) {
  auto value = ValueOrThrow(duck::EmitDefinition(text, analyze::DefinitionPart::kIndexExpression, table.path.table,
                                                 table.columns, kPlainSettings));
  return BindOverRelation(context, table, std::move(value.expression));
}

duckdb::unique_ptr<duckdb::Expression> BindIndexCondition(duckdb::ClientContext& context, const Relation& table,
                                                          const std::string& text) {
  auto value = ValueOrThrow(duck::EmitDefinition(text, analyze::DefinitionPart::kIndexCondition, table.path.table,
                                                 table.columns, kPlainSettings));
  return duckdb::BoundCastExpression::AddCastToType(
      context, BindOverRelation(context, table, std::move(value.expression)), duckdb::LogicalType::BOOLEAN);
}

duckdb::unique_ptr<duckdb::Expression> BindIndexValue(duckdb::ClientContext& context, const Relation& table,
                                                      const SqlIndex::Expression& expression) {
  const DataType data_type = ValueOrThrow(ResolveType(expression.type)).data_type;
  const SqlColumn column{.name = expression.label, .type = expression.type, .data_type = data_type};
  auto value =
      ValueOrThrow(duck::EmitNewValue(expression.text, table.path.table, table.columns, column, kPlainSettings));
  return duckdb::BoundCastExpression::AddCastToType(
      context, BindOverRelation(context, table, std::move(value.expression)), ToDuckType(data_type));
}

}  // namespace weir::sql
