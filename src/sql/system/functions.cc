#include "duckdb/catalog/catalog_transaction.hpp"
#include "duckdb/parser/parsed_data/create_scalar_function_info.hpp"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/attached_table.h"
#include "sql/engine/change.h"
#include "sql/engine/errors.h"
#include "sql/engine/row_router.h"
#include "sql/engine/table_change.h"
#include "sql/system/hash_function.h"
#include "sql/system/scalar_functions.h"

namespace weir::sql {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;

/// Made once for the expressions of a statement (kLeafOidFunction).
struct LeafOidState : public duckdb::FunctionLocalState {
  LeafOidState(duckdb::ClientContext& client, const AttachedTable& scanned) : table(scanned), router(client, scanned) {}
  const AttachedTable& table;
  RowRouter router;
};

duckdb::unique_ptr<duckdb::FunctionLocalState> StartLeafOid(duckdb::ExpressionState& state,
                                                            const duckdb::BoundFunctionExpression& expression,
                                                            duckdb::FunctionData*) {
  auto name = [&](size_t i) {
    return duckdb::StringValue::Get(
        duckdb::ExpressionExecutor::EvaluateScalar(state.GetContext(), *expression.children[i]));
  };
  auto& entry =
      duckdb::Catalog::GetEntry<duckdb::TableCatalogEntry>(state.GetContext(), kAttachedName, name(0), name(1));
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

void RegisterFunctions(duckdb::DuckDB& database) {
  RegisterChangeFunction(database);
  duckdb::ScalarFunction leaf_oid(kLeafOidFunction, {LogicalType::VARCHAR, LogicalType::VARCHAR}, LogicalType::BIGINT,
                                  LeafOid);
  leaf_oid.varargs = LogicalType::ANY;
  leaf_oid.init_local_state = StartLeafOid;
  leaf_oid.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  leaf_oid.SetFallible();
  AddFunction(database, std::move(leaf_oid));
  AddFunction(database, SatisfiesHashPartition());
}

}  // namespace weir::sql
