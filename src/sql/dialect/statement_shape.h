#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::sql::dialect {

/// A literal of a text, as it is read.
struct Literal {
  std::string text;   // without quotes
  uint32_t type = 0;  // the OID of int4, int8 or numeric; 0: a string, whose type is what stands around it
};

/// A text of one SELECT, INSERT, UPDATE or DELETE without its literals: texts that differ only in these have one shape,
/// and mean the same with parameters in their places where `parameterized` can be analysed at all.
struct StatementShape {
  std::string key;            // the text with marks of the literals' types in their places
  std::string parameterized;  // the text with $1, … in them
  std::vector<Literal> literals;
};

/// Absent for what needs the grammar to be read, or where a literal stands for something else than a value: comments,
/// strings of other forms than '…', parameters, several statements, typed literals (date '…'), positions (ORDER BY 1).
std::optional<StatementShape> ShapeOf(std::string_view text);

/// Whether a text is a query whose meaning stays the same however often it is analysed, other things being equal: no
/// string of it may be a moment ('now', 'today', …).
bool HasLastingMeaning(std::string_view text);

}  // namespace weir::sql::dialect
