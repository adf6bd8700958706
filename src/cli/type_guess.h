#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "weir/data_type.h"

namespace weir {

/// What a number's text says of the types that can hold it.
struct NumberText {
  int integer_digits = 0;
  int fraction_digits = 0;
  bool integer = false;   // neither point nor exponent
  bool exponent = false;
  bool bigint = false;    // an integer that BIGINT holds
  bool as_double = false;  // a DOUBLE, printed with as many digits, is the same number
};

/// A decimal number without a plus sign and leading zeros, which are digits of a name (a telephone or postal code);
/// nothing for other texts.
std::optional<NumberText> ReadNumber(std::string_view text);

/// The type that keeps every value of a column, of which only texts are known: BOOLEAN (true, false), BIGINT, DOUBLE,
/// DECIMAL where BIGINT or DOUBLE would lose digits, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ (all with a zone), or STRING.
class TypeGuess {
 public:
  /// `text`: of a value that is not NULL.
  void Add(std::string_view text);
  /// Nullable. STRING where there was no value.
  DataType type() const;

 private:
  void AddNumber(std::string_view text);
  void AddTime(std::string_view text);
  void AddTimestamp(std::string_view text);
  std::optional<DataType> NumberType() const;

  bool any_ = false;
  // What all values so far can be.
  bool boolean_ = true;
  bool number_ = true;
  bool date_ = true;
  bool time_ = true;
  bool local_ = true;    // a timestamp without a zone
  bool instant_ = true;  // and with one
  // Of numbers, all of them:
  bool integer_ = true;
  bool bigint_ = true;
  bool double_ = true;
  bool decimal_ = true;      // neither an exponent nor a word such as NaN
  bool any_digits_ = false;  // one at least
  int integer_digits_ = 0;   // the most
  int fraction_digits_ = 0;
  int second_digits_ = 0;  // the most digits behind a second's point
  bool nanos_ = true;      // timestamps within the range of nanoseconds
};

}  // namespace weir
