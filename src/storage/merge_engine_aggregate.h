#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "weir/data_type.h"
#include "weir/datum.h"
#include "weir/schema.h"

namespace weir {

enum class AggregateKind {
  kSum,
  kProduct,
  kMax,
  kMin,
  kLastValue,
  kLastValueIgnoreNulls,
  kFirstValue,
  kListAgg,
  kBoolAnd,
  kBoolOr,
  kRbm32,
  kRbm64,
};

/// How an aggregation table combines the values of one column (docs/fluss-formats.md, "Metadata").
struct Aggregate {
  AggregateKind kind = AggregateKind::kLastValueIgnoreNulls;
  DataType type = DataType::Int();
  std::string delimiter = ",";  // of listagg
};

/// The column's function; an unknown name counts as none, none as last_value_ignore_nulls.
Aggregate AggregateOf(const Column& column);

/// Combines `accumulated` and `incoming`. New bytes live in `arena`. Errors: a decimal that the
/// column cannot hold, bytes that are no roaring bitmap (code 14), a function that does not fit the
/// column's type (code 15).
Result<Datum> Combine(const Aggregate& aggregate, const Datum& accumulated, const Datum& incoming, Arena* arena);

/// The union of two serialised roaring bitmaps in the portable format; code 14 when one is malformed.
Result<std::string> UnionRoaring32(std::string_view a, std::string_view b);
Result<std::string> UnionRoaring64(std::string_view a, std::string_view b);

}  // namespace weir
