#pragma once

#include <span>
#include <string_view>

#include "postgres/oid.h"

namespace weir::postgres {

/// A row of pg_operator that Weir computes.
struct Operator {
  Oid oid;
  std::string_view name;
  Oid left;  // 0: a prefix operator
  Oid right;
  Oid result;
  Oid function;  // FindFunction
  Oid commutator;
  Oid negator;
  bool hashable;
  bool mergeable;
};

/// By name, then OID.
std::span<const Operator> AllOperators();
std::span<const Operator> FindOperators(std::string_view name);
const Operator* FindOperator(Oid oid);
/// The operator of exactly these types; `left` 0 for a prefix operator. Null without one.
const Operator* FindOperator(std::string_view name, Oid left, Oid right);

/// The operators of a type's default btree and hash operator classes; 0 where there is none.
struct OperatorClass {
  Oid type;  // whose values they take: text for varchar, anyarray for arrays
  Oid less;
  Oid equal;
  Oid greater;
  Oid hash_equal;  // of the hash operator class
};

/// What ORDER BY, DISTINCT, GROUP BY, keys and joins compare values of a built-in type by; every array type has
/// anyarray's here (whether its element can be compared: Resolver::OperatorClassOf). Null without any.
const OperatorClass* FindOperatorClass(Oid type);

}  // namespace weir::postgres
