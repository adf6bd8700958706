#include "sql/duckdb/function_list.h"

namespace weir::sql::duck {
namespace {

void GiveIt(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  result.Reference(chunk.data[0]);
}

duckdb::unique_ptr<duckdb::FunctionData> BindToIt(duckdb::ClientContext&, duckdb::ScalarFunction& function,
                                                  BoundList& arguments) {
  function.arguments[0] = arguments[0]->return_type;
  function.SetReturnType(arguments[0]->return_type);
  return nullptr;
}

}  // namespace

/// once(value): the value, which DuckDB does not compute before the statement runs.
void AddConstants(FunctionList* list) {
  duckdb::ScalarFunction function("pg.once", {duckdb::LogicalType::ANY}, duckdb::LogicalType::ANY, GiveIt, BindToIt);
  function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  function.SetStability(duckdb::FunctionStability::VOLATILE);
  list->Add(std::move(function));
}

}  // namespace weir::sql::duck
