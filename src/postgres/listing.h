#pragma once

#include <span>
#include <string_view>

#include "postgres/oid.h"

namespace weir::postgres {

/// What pg_proc says of a function beyond what calls need (Function).
struct FunctionListing {
  Oid function;
  float cost;
  float rows;  // that a set is estimated to have; 0 for other functions
  bool leakproof;
  char parallel;            // s, r, u
  std::string_view source;  // prosrc of internal functions; else empty
};
/// Null for an OID that is no function's.
const FunctionListing* FindFunctionListing(Oid function);

/// A row of pg_opclass: the operator class of btree that an index takes for a type unasked.
struct OperatorClassListing {
  Oid oid;
  std::string_view name;
  Oid type;
  Oid family;
  std::string_view family_name;
};
/// By type.
std::span<const OperatorClassListing> AllOperatorClassListings();
/// Of a column's type, as indexes take it: text's for varchar, the one of all arrays for an array. Null without any.
const OperatorClassListing* FindOperatorClassListing(Oid type);

}  // namespace weir::postgres
