#pragma once

#include <span>
#include <string_view>

#include "postgres/value.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/physical.h"

namespace weir::sql::duck {

/// Functions that take and give values of types which only the call tells: "any", anyelement, anyrange, arrays.
/// Slower than a kernel over lanes (kernel.h): every value is made one of postgres::Value.

/// What the call tells of its types. It stands as a constant before the arguments.
struct TypedSignature {
  bool variadic_array = false;  // the last argument is an array of the variadic ones
  bool returns_set = false;     // the kernel gives an array of them
  int dimensions = 1;           // of a result that is an array; 0: it is shaped (physical.h)
  postgres::Oid result = 0;
  std::vector<postgres::Oid> arguments;

  /// How the result lies in DuckDB.
  duckdb::LogicalType Form() const;
  duckdb::Value ToConstant() const;
  static TypedSignature FromConstant(const duckdb::Value& value);
};

/// One call: a row's values.
class TypedArguments {
 public:
  TypedArguments(const TypedSignature& signature, std::span<const duckdb::Value> values,
                 const postgres::Settings& settings)
      : signature_(signature), values_(values), settings_(settings) {}

  size_t size() const { return values_.size(); }
  bool variadic_array() const { return signature_.variadic_array; }
  postgres::Oid result() const { return signature_.result; }
  size_t dimensions() const { return static_cast<size_t>(signature_.dimensions); }
  const postgres::Settings& settings() const { return settings_; }

  postgres::Oid type(size_t i) const { return signature_.arguments[i]; }
  bool is_null(size_t i) const { return values_[i].IsNull(); }
  /// As it lies in DuckDB.
  const duckdb::Value& raw(size_t i) const { return values_[i]; }
  postgres::Value value(size_t i) const { return FromDuck(values_[i], {type(i)}); }
  /// Of a value that is not null.
  template <typename T>
  T get(size_t i) const {
    return std::get<T>(value(i));
  }
  std::string_view text(size_t i) const { return duckdb::StringValue::Get(values_[i]); }
  /// The elements of a text[].
  std::vector<std::optional<std::string>> texts(size_t i) const;

 private:
  const TypedSignature& signature_;
  std::span<const duckdb::Value> values_;
  const postgres::Settings& settings_;
};

/// Gives a value of the result's type; a set as an array.
using TypedKernel = Result<postgres::Value> (*)(const TypedArguments& arguments);

/// A function of the vocabulary, as "range_union(anyrange,anyrange)". A strict one is not called with a NULL.
void AddTypedFunction(FunctionList* list, std::string_view signature, TypedKernel kernel);
/// A helper of the emitter.
void AddTypedHelper(FunctionList* list, std::string_view name, TypedKernel kernel, bool strict = true);

}  // namespace weir::sql::duck
