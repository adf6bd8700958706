#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "postgres/cast.h"
#include "postgres/function.h"
#include "postgres/oid.h"
#include "postgres/operator.h"
#include "postgres/type.h"
#include "weir/status.h"

namespace weir::postgres {

/// How a value of one type becomes one of another.
enum class CoercionPath {
  kNone,      // it cannot
  kRelabel,   // it is one: the same bytes under another type's name (a domain's value as its base type's)
  kFunction,  // a function's value of it
  kIo,        // its text, read again
  kArray,     // element by element, by the path of the element types
  kRow,       // field by field: rows among themselves
};

struct Coercion {
  CoercionPath path = CoercionPath::kNone;
  Oid function = 0;           // of kFunction, and of kArray whose elements go by a function
  CoercionPath element = CoercionPath::kNone;  // of kArray: how each element goes

  explicit operator bool() const { return path != CoercionPath::kNone; }
};

/// A call as it is written.
struct Call {
  std::string_view name;
  std::span<const Oid> arguments;                      // oid::kUnknown: a literal without a type, or a bare NULL
  std::span<const std::string_view> argument_names = {};  // of the last arguments (name => value)
  bool variadic_array = false;                         // VARIADIC stands before the last argument
  std::string_view schema = {};                        // as written before the name, for messages only
};

/// What a call means.
struct ResolvedCall {
  const Function* function = nullptr;  // null: a type's name used as a function, `cast` tells how
  std::vector<Oid> arguments;          // what each argument of `order` is to be coerced to (polymorphic types resolved)
  std::vector<int> order;              // for each of the function's arguments the call's index; -1: its default value
  int variadic = 0;                    // so many of the last arguments are to be collected into an array
  Oid result = 0;
  Coercion cast;                       // of the one argument to `result`, if `function` is null
};

struct ResolvedOperator {
  const Operator* op = nullptr;
  Oid left = 0;  // what the operands are to be coerced to (polymorphic types resolved)
  Oid right = 0;
  Oid result = 0;
};

/// PostgreSQL's type resolution (its manual, chapter 10): which function, operator and cast a call of these types
/// means. Types are PostgreSQL's own and those that a database has made.
///
/// Errors have PostgreSQL's text and hint: 42883 nothing fits, 42725 several fit equally, 42804 types that do not go
/// together, 42846 no such cast, 42P18 a polymorphic type that nothing tells. Positions are passed through.
class Resolver {
 public:
  /// `made`: enums, domains, row types and their arrays, by OID; must outlive the resolver.
  explicit Resolver(std::span<const Type> made = {}) : made_(made) {}

  const Type* Find(Oid oid) const;
  /// FormatType, of made types too.
  std::string NameOf(Oid oid) const;
  /// What a domain is over, through all domains; any other type itself.
  Oid BaseType(Oid oid) const;
  /// The type of arrays of `element`; 0 if there is none.
  Oid ArrayOf(Oid element) const;
  /// Of an array type, domains over one included; 0 for what is none.
  Oid ElementOf(Oid array) const;

  Result<ResolvedCall> ResolveCall(const Call& call, int position = 0) const;
  /// `left` 0: a prefix operator.
  Result<ResolvedOperator> ResolveOperator(std::string_view name, Oid left, Oid right, int position = 0) const;
  /// `left` op ANY/ALL (`right`): resolves against the elements of `right`. 42809 if that is no array.
  Result<ResolvedOperator> ResolveArrayOperator(std::string_view name, Oid left, Oid right, int position = 0) const;

  /// How `source` becomes `target` there. From oid::kUnknown always kIo (a literal is read); to and from the pseudo
  /// types as coerce_type() does. The same types: kRelabel.
  Coercion FindCoercion(Oid source, Oid target, CoercionContext context) const;
  bool CanCoerce(Oid source, Oid target, CoercionContext context) const;
  /// The same bytes are a value of the other type.
  bool IsRelabel(Oid source, Oid target) const;
  /// The function that holds a value to a modifier of its type (or of its array's element type); 0: none.
  Oid ModifierFunction(Oid type) const;

  /// The type that UNION, CASE, VALUES, COALESCE, GREATEST, ARRAY[] and IN give expressions of these types. All unknown: text.
  /// `context` begins the message: "CASE types integer and text cannot be matched".
  Result<Oid> CommonType(std::span<const Oid> types, std::string_view context, int position = 0) const;
  /// The same, where what does not fit is no error; 0: there is none.
  Oid CommonTypeOrNone(std::span<const Oid> types) const;

  /// The result type of `declared` types that are polymorphic, and the argument types in `arguments` made real.
  Result<Oid> ResolvePolymorphic(std::span<const Oid> actual, std::vector<Oid>* arguments, Oid result,
                                 std::string_view function_name, int position = 0) const;

  /// What compares values of the type, if it can be ordered or hashed (arrays: if their elements can); else nothing.
  std::optional<OperatorClass> OperatorClassOf(Oid type) const;

 private:
  std::span<const Type> made_;
};

bool IsPolymorphic(Oid type);

}  // namespace weir::postgres
