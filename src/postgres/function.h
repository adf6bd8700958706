#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "postgres/oid.h"

namespace weir::postgres {

/// pg_proc.prokind
enum class FunctionKind : char { kFunction = 'f', kAggregate = 'a', kWindow = 'w' };

/// What computes a function's value.
enum class Computation : uint8_t {
  kDuckDb,    // the DuckDB function or aggregate `computed_by`, which means the same for these argument types
  kOperator,  // the DuckDB operator `computed_by`, which means the same
  kOwn,       // a function of ours, registered as "pg." + name
  kRewrite,   // the emitter has a rule for it: an expression of other functions
  kCatalog,   // the session or the catalog knows it: current_user, pg_get_viewdef
  kForm,      // a type's text or binary form (int4in, int4out, int4recv, int4send, …)
};

/// pg_proc.proargmodes
enum class ParameterMode : char { kIn = 'i', kOut = 'o', kInOut = 'b', kVariadic = 'v', kTable = 't' };

/// Whether calls give it a value.
constexpr bool IsInput(ParameterMode mode) { return mode != ParameterMode::kOut && mode != ParameterMode::kTable; }
/// Whether it is a part of the result.
constexpr bool IsOutput(ParameterMode mode) { return mode != ParameterMode::kIn && mode != ParameterMode::kVariadic; }

/// A parameter as it is declared.
struct Parameter {
  Oid type;
  ParameterMode mode;
  std::string_view name;           // may be empty
  std::string_view default_value;  // a literal's text, to be read as `type`; data() is null without one
};

/// A row of pg_proc that Weir computes.
struct Function {
  Oid oid;
  std::string_view name;
  std::span<const Oid> arguments;  // input parameters; a variadic one as its array
  Oid variadic;                    // element type of the last argument if that is VARIADIC ("any" itself for "any")
  Oid result;
  uint8_t defaults;  // so many of the last arguments have a default value
  bool returns_set;
  bool strict;      // NULL for any NULL argument, without being called
  char volatility;  // i, s, v
  FunctionKind kind;
  Computation computation;
  std::string_view computed_by;           // DuckDB's name or operator; operator "cast": its cast to the result type
  std::span<const Parameter> parameters;  // all, where they have names, defaults or OUT; else empty
};

/// By name, then OID.
std::span<const Function> AllFunctions();
/// The functions of that name, aggregates and window functions too.
std::span<const Function> FindFunctions(std::string_view name);
/// Null for an OID that is none of theirs.
const Function* FindFunction(Oid oid);
/// The function of exactly these arguments; null without one.
const Function* FindFunction(std::string_view name, std::span<const Oid> arguments);

/// pg_aggregate.aggkind
enum class AggregateKind : char { kNormal = 'n', kOrderedSet = 'o', kHypothetical = 'h' };

/// A row of pg_aggregate.
struct Aggregate {
  Oid function;
  AggregateKind kind;
  int16_t direct_arguments;  // of an ordered-set aggregate: those before WITHIN GROUP
  Oid transition_type;
  Oid sort_operator;  // of min and max
  std::string_view transition_function;
  std::string_view final_function;    // may be empty
  std::string_view initial_value;     // data() is null for NULL
};

std::span<const Aggregate> AllAggregates();
/// Null for a function that is no aggregate.
const Aggregate* FindAggregate(Oid function);

}  // namespace weir::postgres
