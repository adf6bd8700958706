#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include "sql/duckdb/kernel.h"

namespace weir::sql::duck {

/// What messages call the type of a signed integer.
template <typename T>
constexpr const char* IntegerName() {
  if constexpr (std::is_same_v<T, int16_t>) return "smallint";
  else if constexpr (std::is_same_v<T, int32_t>) return "integer";
  else return "bigint";
}

/// Binding of functions that take ANY: each argument as it lies.
using BoundList = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;
inline duckdb::unique_ptr<duckdb::FunctionData> BindAny(duckdb::ClientContext&, duckdb::ScalarFunction& function,
                                                        BoundList& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) function.arguments[i] = arguments[i]->return_type;
  return nullptr;
}
/// Of those that give a value of the first argument's type.
inline duckdb::unique_ptr<duckdb::FunctionData> BindSame(duckdb::ClientContext&, duckdb::ScalarFunction& function,
                                                         BoundList& arguments) {
  function.arguments[0] = arguments[0]->return_type;
  function.SetReturnType(arguments[0]->return_type);
  return nullptr;
}

/// The functions that DuckDB is taught, collected from the tables of functions_*.cc.
class FunctionList {
 public:
  enum class Volatility { kImmutable, kVolatile };

  /// A function of the vocabulary, as "int4pl(int4,int4)": types by pg_type's names.
  template <typename Kernel>
  void Add(std::string_view signature, Kernel, Volatility volatility = Volatility::kImmutable) {
    Finish<Kernel>(OfVocabulary(signature), volatility);
  }
  /// A helper of the emitter.
  template <typename Kernel>
  void Add(std::string name, duckdb::vector<duckdb::LogicalType> arguments, duckdb::LogicalType result, Kernel,
           Volatility volatility = Volatility::kImmutable) {
    Finish<Kernel>({std::move(name), std::move(arguments), std::move(result), nullptr}, volatility);
  }
  void Add(duckdb::ScalarFunction function) { functions_.push_back(std::move(function)); }
  void Add(duckdb::AggregateFunction function) { aggregates_.push_back(std::move(function)); }
  void AddTyped(duckdb::ScalarFunction function) {
    typed_.insert(function.name);
    functions_.push_back(std::move(function));
  }

  std::vector<duckdb::ScalarFunction>& functions() { return functions_; }
  std::vector<duckdb::AggregateFunction>& aggregates() { return aggregates_; }
  /// The names of those that are told their types (typed_function.h).
  const std::unordered_set<std::string>& typed() const { return typed_; }

  /// The function without what it runs. Throws for what the vocabulary does not have.
  static duckdb::ScalarFunction OfVocabulary(std::string_view signature);

 private:
  template <typename Kernel>
  void Finish(duckdb::ScalarFunction function, Volatility volatility) {
    function.function = Adapter<Kernel>::Run;
    if (Adapter<Kernel>::kTakesNull) function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
    if (Adapter<Kernel>::kUsesSession) function.SetStability(duckdb::FunctionStability::CONSISTENT_WITHIN_QUERY);
    if (volatility == Volatility::kVolatile) function.SetStability(duckdb::FunctionStability::VOLATILE);
    function.SetFallible();
    functions_.push_back(std::move(function));
  }

  std::vector<duckdb::ScalarFunction> functions_;
  std::unordered_set<std::string> typed_;
  std::vector<duckdb::AggregateFunction> aggregates_;
};

void AddArithmetic(FunctionList* list);
void AddNumeric(FunctionList* list);
void AddCasts(FunctionList* list);
void AddTexts(FunctionList* list);
void AddPatterns(FunctionList* list);
void AddJson(FunctionList* list);
void AddJsonBuilding(FunctionList* list);
void AddJsonRecords(FunctionList* list);
void AddJsonPath(FunctionList* list);
void AddFormats(FunctionList* list);
void AddNetwork(FunctionList* list);
void AddMoney(FunctionList* list);
void AddBitsAndBytes(FunctionList* list);
void AddDegrees(FunctionList* list);
void AddRanges(FunctionList* list);
void AddMultiranges(FunctionList* list);
void AddRandom(FunctionList* list);
void AddEnums(FunctionList* list);
void AddDomains(FunctionList* list);
void AddConstants(FunctionList* list);
void AddModifiers(FunctionList* list);
void AddMoments(FunctionList* list);
void AddTypedArrays(FunctionList* list);
void AddArrayParts(FunctionList* list);
void AddShapedArrays(FunctionList* list);
void AddOrderedSets(FunctionList* list);
void AddSizes(FunctionList* list);
void AddForms(FunctionList* list);
void AddArrays(FunctionList* list);
void AddTimes(FunctionList* list);
void AddShards(FunctionList* list);
void AddAggregates(FunctionList* list);

}  // namespace weir::sql::duck
