#pragma once

#include <span>

#include "postgres/oid.h"

namespace weir::postgres {

/// Where a cast is applied unasked; each takes in those before it. pg_cast.castcontext, and PL/pgSQL's left out.
enum class CoercionContext : char { kImplicit = 'i', kAssignment = 'a', kExplicit = 'e' };

/// pg_cast.castmethod
enum class CastMethod : char { kFunction = 'f', kRelabel = 'b', kIo = 'i' };

/// A row of pg_cast.
struct Cast {
  Oid source;
  Oid target;
  Oid function;  // 0 unless the method is kFunction
  CoercionContext context;
  CastMethod method;
  Oid oid;
};

/// By source, then target. source = target: the function that holds a value to its modifier (varchar(n), numeric(p,s)).
std::span<const Cast> AllCasts();
const Cast* FindCast(Oid source, Oid target);

}  // namespace weir::postgres
