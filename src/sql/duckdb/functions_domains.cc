#include <fmt/format.h>

#include "sql/duckdb/function_list.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;

constexpr idx_t kFirstTest = 1;
constexpr idx_t kParts = 3;  // of a test: whether the value meets it, the domain, the constraint

[[noreturn]] void Violates(const std::string& domain, const std::string& constraint) {
  if (constraint.empty()) Throw(Error("23502", fmt::format("domain {} does not allow null values", domain)));
  Throw(Error("23514", fmt::format("value for domain {} violates check constraint \"{}\"", domain, constraint),
              {.constraint = constraint}));
}

/// of_domain(value, met, domain, constraint, …): the value, where no test says that it does not meet it.
void HoldValues(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  const idx_t count = chunk.size();
  for (idx_t row = 0; row < count; ++row) {  // the first test of the first value, as PostgreSQL comes to it
    for (idx_t test = kFirstTest; test + kParts <= chunk.ColumnCount(); test += kParts) {
      const duckdb::Value met = chunk.data[test].GetValue(row);
      if (met.IsNull() || duckdb::BooleanValue::Get(met)) continue;
      Violates(duckdb::StringValue::Get(chunk.data[test + 1].GetValue(row)),
               duckdb::StringValue::Get(chunk.data[test + 2].GetValue(row)));
    }
  }
  result.Reference(chunk.data[0]);
}

duckdb::unique_ptr<duckdb::FunctionData> BindDomain(duckdb::ClientContext&, duckdb::ScalarFunction& function,
                                                    BoundList& arguments) {
  function.arguments[0] = arguments[0]->return_type;
  function.SetReturnType(arguments[0]->return_type);
  return nullptr;
}

}  // namespace

void AddDomains(FunctionList* list) {
  duckdb::ScalarFunction function("pg.of_domain", {LogicalType::ANY}, LogicalType::ANY, HoldValues, BindDomain);
  function.varargs = LogicalType::ANY;
  function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  function.SetFallible();
  list->Add(std::move(function));
}

}  // namespace weir::sql::duck
