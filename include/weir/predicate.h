#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "weir/status.h"

namespace weir {

/// A filter over a table's columns: a comparison, or AND/OR of filters. A value.
struct Predicate {
  enum class Op {
    kEqual = 0, kNotEqual = 1, kLess = 2, kLessOrEqual = 3, kGreater = 4, kGreaterOrEqual = 5,
    kIsNull = 6, kIsNotNull = 7, kStartsWith = 8, kContains = 9, kEndsWith = 10, kIn = 11, kNotIn = 12,
    kAnd = 100, kOr = 101, kNot = 102,
  };
  struct Null {};
  struct DecimalLiteral { __int128 unscaled; int scale; };
  struct DateLiteral { int32_t days; };
  struct TimeLiteral { int32_t millis; };
  /// `zoned`: an instant (UTC); otherwise a wall clock.
  struct TimestampLiteral { int64_t millis; int32_t nanos; bool zoned; };
  struct BytesLiteral { std::string bytes; };
  using Literal = std::variant<Null, bool, int64_t, double, std::string, BytesLiteral, DecimalLiteral, DateLiteral,
                               TimeLiteral, TimestampLiteral>;

  Op op = Op::kIsNotNull;
  std::string column;               // comparisons
  std::vector<Literal> literals;    // comparisons
  std::vector<Predicate> children;  // AND, OR, NOT

  std::string ToString() const;
};

}  // namespace weir
