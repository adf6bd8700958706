#include "sql/duckdb/functions.h"

#include <unordered_set>

#include "postgres/function.h"
#include "sql/duckdb/counted_heap.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/physical.h"

namespace weir::sql::duck {
namespace {

FunctionList MakeList() {
  FunctionList list;
  AddArithmetic(&list);
  AddNumeric(&list);
  AddCasts(&list);
  AddTexts(&list);
  AddPatterns(&list);
  AddJson(&list);
  AddJsonBuilding(&list);
  AddJsonRecords(&list);
  AddJsonPath(&list);
  AddFormats(&list);
  AddNetwork(&list);
  AddMoney(&list);
  AddBitsAndBytes(&list);
  AddDegrees(&list);
  AddRanges(&list);
  AddMultiranges(&list);
  AddRandom(&list);
  AddEnums(&list);
  AddDomains(&list);
  AddConstants(&list);
  AddModifiers(&list);
  AddMoments(&list);
  AddTypedArrays(&list);
  AddArrayParts(&list);
  AddShapedArrays(&list);
  AddOrderedSets(&list);
  AddSizes(&list);
  AddForms(&list);
  AddArrays(&list);
  AddTimes(&list);
  AddShards(&list);
  AddAggregates(&list);
  return list;
}

/// Made once: the types of some are asked for while a statement is emitted.
FunctionList& List() {
  static auto* list = new FunctionList(MakeList());
  return *list;
}

const std::unordered_set<std::string>& Names() {
  static const auto* names = [] {
    auto* all = new std::unordered_set<std::string>;
    for (const auto& function : List().functions()) all->insert(function.name);
    for (const auto& aggregate : List().aggregates()) all->insert(aggregate.name);
    return all;
  }();
  return *names;
}

template <typename Set, typename Info, typename Function>
void Register(duckdb::Catalog& catalog, duckdb::CatalogTransaction transaction, const Function& function) {
  Set set(function.name);
  set.AddFunction(function);
  Info info(std::move(set));
  info.internal = true;
  catalog.CreateFunction(transaction, info);
}

}  // namespace

duckdb::ScalarFunction FunctionList::OfVocabulary(std::string_view signature) {
  const std::string name = "pg." + std::string(signature);
  for (const auto& function : postgres::FindFunctions(signature.substr(0, signature.find('(')))) {
    if (OwnName(function) != name) continue;
    duckdb::vector<duckdb::LogicalType> arguments;
    for (postgres::Oid type : function.arguments) arguments.push_back(PhysicalType({type}));
    duckdb::LogicalType result = PhysicalType({function.result});
    if (function.returns_set) result = duckdb::LogicalType::LIST(result);
    return duckdb::ScalarFunction(name, std::move(arguments), std::move(result), nullptr);
  }
  Throw(Error("XX000", "the vocabulary has no function " + std::string(signature)));
}

void RegisterPostgres(duckdb::DuckDB& database) {
  auto& catalog = duckdb::Catalog::GetSystemCatalog(*database.instance);
  auto transaction = duckdb::CatalogTransaction::GetSystemTransaction(*database.instance);
  for (auto function : List().functions()) {
    function.SetFunctionCallback(WithCountedHeap(function.GetFunctionCallback()));
    Register<duckdb::ScalarFunctionSet, duckdb::CreateScalarFunctionInfo>(catalog, transaction, function);
  }
  for (const auto& function : List().aggregates()) {
    Register<duckdb::AggregateFunctionSet, duckdb::CreateAggregateFunctionInfo>(catalog, transaction, function);
  }
}

bool IsTypedFunction(const std::string& name) { return List().typed().contains(name); }

bool HasOwnFunction(const std::string& name) { return Names().contains(name); }

std::optional<duckdb::LogicalType> RowTypeOf(const std::string& name) {
  for (const auto& function : List().functions()) {
    const auto& type = function.GetReturnType();
    if (function.name == name && type.id() == duckdb::LogicalTypeId::LIST) return duckdb::ListType::GetChildType(type);
  }
  return std::nullopt;
}

}  // namespace weir::sql::duck
