#include "duckdb/catalog/catalog_transaction.hpp"
#include "duckdb/catalog/default/default_schemas.hpp"
#include "duckdb/function/function_binder.hpp"
#include "duckdb/parser/parsed_data/create_scalar_function_info.hpp"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/attached_table.h"
#include "sql/engine/errors.h"
#include "sql/engine/hash_function.h"
#include "sql/engine/postgres_functions.h"
#include "sql/engine/row_comparisons.h"
#include "sql/engine/row_router.h"
#include "sql/engine/scalar_functions.h"
#include "sql/engine/session_functions.h"

namespace weir::sql {
namespace {

using duckdb::Expression;
using duckdb::idx_t;
using duckdb::LogicalType;
using Arguments = duckdb::vector<duckdb::unique_ptr<Expression>>;

/// weir_leaf_oid('database', 'table', column, …): the leaf that takes a row.
struct LeafOidState : public duckdb::FunctionLocalState {
  LeafOidState(duckdb::ClientContext& client, const AttachedTable& scanned) : table(scanned), router(client, scanned) {}
  const AttachedTable& table;
  RowRouter router;
};

duckdb::unique_ptr<duckdb::FunctionLocalState> StartLeafOid(duckdb::ExpressionState& state,
                                                            const duckdb::BoundFunctionExpression& expression,
                                                            duckdb::FunctionData*) {
  auto name = [&](size_t i) {
    return duckdb::StringValue::Get(duckdb::ExpressionExecutor::EvaluateScalar(state.GetContext(), *expression.children[i]));
  };
  auto& entry = duckdb::Catalog::GetEntry<duckdb::TableCatalogEntry>(state.GetContext(), kAttachedName, name(0), name(1));
  return duckdb::make_uniq<LeafOidState>(state.GetContext(), static_cast<const AttachedTable&>(entry));
}

void LeafOid(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  auto& local = duckdb::ExecuteFunctionState::GetFunctionState(state)->Cast<LeafOidState>();
  duckdb::DataChunk rows;
  rows.InitializeEmpty(local.table.GetTypes());
  for (idx_t i = 0; i < rows.ColumnCount(); ++i) rows.data[i].Reference(arguments.data[i + 2]);
  rows.SetCardinality(arguments.size());
  auto* oids = duckdb::FlatVector::GetData<int64_t>(result);
  for (const RoutedRows& group : local.router.Route(rows)) {
    for (idx_t i = 0; i < group.count; ++i) oids[group.rows.get_index(i)] = group.leaf->id;
  }
}

[[noreturn]] void DivisionByZero() { Throw(Error("22012", "division by zero")); }

template <typename T>
void RefuseZeros(duckdb::Vector& vector, idx_t count) {
  duckdb::UnifiedVectorFormat format;
  vector.ToUnifiedFormat(count, format);
  const T* values = duckdb::UnifiedVectorFormat::GetData<T>(format);
  for (idx_t row = 0; row < count; ++row) {
    idx_t at = format.sel->get_index(row);
    if (format.validity.RowIsValid(at) && values[at] == T(0)) DivisionByZero();
  }
}

void Nonzero(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  auto& divisor = arguments.data[0];
  switch (divisor.GetType().InternalType()) {
    case duckdb::PhysicalType::INT8: RefuseZeros<int8_t>(divisor, arguments.size()); break;
    case duckdb::PhysicalType::INT16: RefuseZeros<int16_t>(divisor, arguments.size()); break;
    case duckdb::PhysicalType::INT32: RefuseZeros<int32_t>(divisor, arguments.size()); break;
    case duckdb::PhysicalType::INT64: RefuseZeros<int64_t>(divisor, arguments.size()); break;
    case duckdb::PhysicalType::INT128: RefuseZeros<duckdb::hugeint_t>(divisor, arguments.size()); break;
    case duckdb::PhysicalType::FLOAT: RefuseZeros<float>(divisor, arguments.size()); break;
    case duckdb::PhysicalType::DOUBLE: RefuseZeros<double>(divisor, arguments.size()); break;
    default: break;
  }
  result.Reference(divisor);
}

duckdb::unique_ptr<duckdb::FunctionData> SameType(duckdb::ClientContext&, duckdb::ScalarFunction& function,
                                                  Arguments& arguments) {
  function.arguments[0] = arguments[0]->return_type;
  function.SetReturnType(arguments[0]->return_type);
  return nullptr;
}

/// A NULL that no plan is made simpler by: it stands for a parameter's value while a statement is described.
void Unknown(duckdb::DataChunk&, duckdb::ExpressionState&, duckdb::Vector& result) {
  result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  duckdb::ConstantVector::SetNull(result, true);
}

duckdb::unique_ptr<Expression> BindOperator(duckdb::FunctionBindExpressionInput& input, const char* integral,
                                            const char* other) {
  for (auto& child : input.children) {
    if (child->return_type.id() == duckdb::LogicalTypeId::UNKNOWN) throw duckdb::ParameterNotResolvedException();
  }
  const auto& left = input.children[0]->return_type;
  const auto& right = input.children[1]->return_type;
  bool integers = left.IsIntegral() && right.IsIntegral();
  Arguments divisor;
  divisor.push_back(std::move(input.children[1]));
  Arguments arguments;
  arguments.push_back(std::move(input.children[0]));
  arguments.push_back(BindFunction(input.context, "weir_nonzero", std::move(divisor)));
  return BindFunction(input.context, integers ? integral : other, std::move(arguments));
}

duckdb::unique_ptr<Expression> BindDivide(duckdb::FunctionBindExpressionInput& input) {
  return BindOperator(input, "//", "/");
}
duckdb::unique_ptr<Expression> BindModulo(duckdb::FunctionBindExpressionInput& input) {
  return BindOperator(input, "%", "%");
}

duckdb::ScalarFunction Operator(const char* name, duckdb::function_bind_expression_t bind) {
  duckdb::ScalarFunction function(name, {LogicalType::ANY, LogicalType::ANY}, LogicalType::ANY, nullptr);
  function.bind_expression = bind;
  return function;
}

}  // namespace

void AddFunctions(duckdb::DuckDB& database, duckdb::ScalarFunctionSet functions) {
  auto& system = duckdb::Catalog::GetSystemCatalog(*database.instance);
  auto transaction = duckdb::CatalogTransaction::GetSystemTransaction(*database.instance);
  duckdb::CreateScalarFunctionInfo info(std::move(functions));
  info.internal = true;
  system.CreateFunction(transaction, info);
}

void AddFunction(duckdb::DuckDB& database, duckdb::ScalarFunction function) {
  duckdb::ScalarFunctionSet set(function.name);
  set.AddFunction(std::move(function));
  AddFunctions(database, std::move(set));
}

duckdb::unique_ptr<duckdb::Expression> BindFunction(duckdb::ClientContext& context, const std::string& name,
                                                    Arguments arguments) {
  duckdb::ErrorData error;
  duckdb::FunctionBinder binder(context);
  auto bound = binder.BindScalarFunction(DEFAULT_SCHEMA, name, std::move(arguments), error, true);
  if (!bound) error.Throw();
  return bound;
}

void RegisterFunctions(duckdb::DuckDB& database) {
  duckdb::ScalarFunction nonzero("weir_nonzero", {LogicalType::ANY}, LogicalType::ANY, Nonzero, SameType);
  nonzero.SetFallible();
  AddFunction(database, std::move(nonzero));
  duckdb::ScalarFunction unknown(kUnknownValue, {LogicalType::ANY}, LogicalType::ANY, Unknown, SameType);
  unknown.SetVolatile();
  unknown.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  AddFunction(database, std::move(unknown));
  AddFunction(database, Operator("weir_divide", BindDivide));
  AddFunction(database, Operator("weir_modulo", BindModulo));

  duckdb::ScalarFunction leaf_oid("weir_leaf_oid", {LogicalType::VARCHAR, LogicalType::VARCHAR}, LogicalType::BIGINT,
                                  LeafOid);
  leaf_oid.varargs = LogicalType::ANY;
  leaf_oid.init_local_state = StartLeafOid;
  leaf_oid.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  leaf_oid.SetFallible();
  AddFunction(database, std::move(leaf_oid));
  AddFunction(database, SatisfiesHashPartition());
  RegisterRowFunctions(database);
  RegisterPostgresFunctions(database);
}

}  // namespace weir::sql
