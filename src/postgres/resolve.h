#pragma once

#include <optional>
#include <span>
#include <string>
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
  kArray,     // element by element
  kRow,       // field by field: rows among themselves
};

struct Coercion {
  CoercionPath path = CoercionPath::kNone;
  Oid function = 0;                            // of kFunction, and of kArray whose elements go by one
  CoercionPath element = CoercionPath::kNone;  // of kArray: how each element goes

  bool operator==(const Coercion&) const = default;
};

/// A call as it is written.
struct Call {
  std::string_view name;
  std::span<const Oid> arguments;  // oid::kUnknown: a literal without a type, or a bare NULL
  std::span<const std::string_view> argument_names = {};  // of the last arguments (name => value)
  bool variadic_array = false;                            // VARIADIC stands before the last argument
  std::string_view schema = {};                           // as written before the name, for messages only
};

/// What a call means. Arguments are the function's own, those of a VARIADIC parameter one by one: each has the type
/// that it is to be coerced to (polymorphic types are resolved) and the call's argument that gives its value.
struct ResolvedCall {
  const Function* function = nullptr;  // null: a type's name used as a function; `cast` tells how
  std::vector<Oid> arguments;
  std::vector<int> order;  // places in Call::arguments; -1: the parameter's default value
  int variadic = 0;        // so many of the last arguments are collected into an array (not for VARIADIC "any")
  Oid result = 0;
  Coercion cast;  // of the one argument to `result`, if `function` is null
};

struct ResolvedOperator {
  const Operator* op = nullptr;
  Oid left = 0;  // what the operands are to be coerced to (polymorphic types are resolved)
  Oid right = 0;
  Oid result = 0;
};

/// PostgreSQL's type resolution (its manual, chapter 10): which function, operator and cast a call of these types
/// means. Types are PostgreSQL's own and those that a database has made.
///
/// Errors have PostgreSQL's text and hint: 42883 nothing fits, 42725 several fit equally, 42804 types that do not go
/// together, 42809 not an array, 42704 no array of that type.
class Resolver {
 public:
  Resolver() {}  // not defaulted, so that there are constants of it

  const Type* Find(Oid oid) const { return FindType(oid); }
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
  /// `left` op ANY/ALL (`right`): `right` of the answer is the type of the array's elements.
  Result<ResolvedOperator> ResolveArrayOperator(std::string_view name, Oid left, Oid right, int position = 0) const;

  /// How `source` becomes `target` there. The same types: kRelabel; from oid::kUnknown: kIo (a literal is read); to a
  /// polymorphic type or "any": kRelabel.
  Coercion FindCoercion(Oid source, Oid target, CoercionContext context) const;
  bool CanCoerce(Oid source, Oid target, CoercionContext context) const;
  /// Whether the values of one are values of the other, unasked.
  bool IsRelabel(Oid source, Oid target) const;
  /// The function that holds a value to a modifier of its type (or of its array's element type); 0: none.
  Oid ModifierFunction(Oid type) const;

  /// The type that UNION, CASE, VALUES, COALESCE, GREATEST and ARRAY[] give expressions of these types; text if all are
  /// unknown. `context` begins the messages: 42804 "CASE types integer and text cannot be matched", 42846 "CASE could
  /// not convert type …", at the position of the type that does not fit.
  Result<Oid> CommonType(std::span<const Oid> types, std::string_view context,
                         std::span<const int> positions = {}) const;
  /// The same, where what does not fit is no error; 0: there is none. For IN.
  Oid CommonTypeOrNone(std::span<const Oid> types) const;

  /// Makes the polymorphic types among `declared` real by the `actual` argument types ("any" what it is, text for an
  /// unknown literal) and gives what `result` then is.
  Result<Oid> ResolvePolymorphic(std::span<const Oid> actual, std::span<Oid> declared, Oid result,
                                 int position = 0) const;

  /// What compares values of the type: the operators of its default operator classes, an array's if those of its
  /// elements are. Nothing for a type that can be neither ordered nor hashed.
  std::optional<OperatorClass> OperatorClassOf(Oid type) const;

 private:
  struct Candidate;
  struct Polymorphism;

  char CategoryOf(Oid type) const;
  bool IsPreferred(Oid type) const;
  bool IsKind(Oid type, TypeKind kind) const;
  bool IsRow(Oid type) const;
  Coercion FindPath(Oid source, Oid target, CoercionContext context) const;

  bool CanCoerceAll(std::span<const Oid> sources, std::span<const Oid> targets) const;
  bool AreConsistent(std::span<const Oid> actual, std::span<const Oid> declared) const;
  bool CollectPolymorphism(std::span<const Oid> actual, std::span<const Oid> declared, Polymorphism* found) const;
  Status CheckFamily(Polymorphism* family, int position) const;
  Status CheckCompatibleFamily(Polymorphism* found, int position) const;
  Result<Oid> RealType(Oid declared, Oid actual, const Polymorphism& found, int position) const;
  Oid PickCommon(std::span<const Oid> types, size_t* misfit, Oid* so_far) const;

  std::vector<Candidate> CallCandidates(const Call& call) const;
  std::optional<std::vector<int>> MatchOrder(const Function& function, const Call& call) const;
  Result<ResolvedCall> Resolved(const Call& call, const Candidate& chosen, int position) const;
  std::optional<ResolvedCall> TypeCall(const Call& call) const;
  Result<ResolvedOperator> ResolvedOperands(const Operator& op, Oid left, Oid right, int position) const;
  const Operator* ExactOperator(std::string_view name, Oid left, Oid right) const;

  /// Chapter 10.3's steps: the best of candidates that all fit; null if none is.
  const Candidate* Select(std::vector<Candidate>* candidates, std::span<const Oid> arguments) const;
  void KeepMostMatches(std::vector<Candidate>* candidates, std::span<const Oid> arguments, bool preferred) const;
  bool KeepUnknownsCategory(std::vector<Candidate>* candidates, std::span<const Oid> arguments) const;
  const Candidate* SelectByKnownType(const std::vector<Candidate>& candidates, std::span<const Oid> arguments) const;
};

bool IsPolymorphic(Oid type);

}  // namespace weir::postgres
