#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "weir/status.h"

namespace weir::postgres {

/// A template of to_char for numbers and of to_number (PostgreSQL's manual, section 9.8). Locale is C: the decimal
/// point is ".", groups are parted by ",", the currency sign is a blank.
class NumberFormat {
 public:
  /// Errors: 42601 for patterns that exclude each other.
  static Result<NumberFormat> Parse(std::string_view pattern);

  /// Digits behind the point that Write wants its number rounded to.
  int scale() const { return post_; }
  /// Fewer of them, as floating point numbers have no more that are true.
  void SetScale(int digits) { post_ = digits; }
  /// V: the number is to be multiplied by ten to the power of this before.
  int shift() const { return shift_; }
  bool roman() const { return roman_; }
  bool scientific() const { return scientific_; }

  /// `number`: plain text of a finite number of scale() digits behind the point ("-12.30"); with scientific() one
  /// digit, scale() behind the point and an exponent of at least two digits ("-1.23e+01"); with roman() an integer.
  std::string Write(std::string_view number) const;
  /// "NaN", "Infinity" and "-Infinity": letters in the places of digits; with scientific() there are none of them.
  std::string WriteNotFinite(std::string_view number) const;
  /// What the template finds of a number in a text: plain text with at most scale() digits behind the point, for
  /// numeric to read, still to be divided by ten to the power of shift(). Errors: 0A000 for RN and EEEE.
  Result<std::string> Read(std::string_view text) const;

  enum class Item : uint8_t {
    kNine, kZero, kPoint, kLocalPoint, kComma, kGroup, kCurrency, kMinus, kPlus, kSign, kRoman, kRomanLower, kOrdinal,
    kOrdinalLower, kText, kOther,
  };
  struct Piece {
    Item item = Item::kText;
    std::string text;  // kText: one character
  };

 private:
  enum class SignPlace : uint8_t { kNone, kBefore, kAfter };
  Status Take(std::string_view keyword);

  std::vector<Piece> pieces_;
  int pre_ = 0;    // digits before the point
  int post_ = 0;   // … behind it
  int shift_ = 0;
  int zero_start_ = 0;  // the first digit that is shown also as a leading zero, from 0
  int zero_end_ = 0;    // the last one that 0 stands for
  int pre_at_sign_ = 0;  // digits before S
  SignPlace locale_sign_ = SignPlace::kNone;  // S
  bool point_ = false, zero_ = false, blank_ = false, fill_ = false, has_locale_sign_ = false, bracket_ = false;
  bool minus_ = false, plus_ = false, roman_ = false, multiply_ = false, scientific_ = false;

  friend class NumberWriter;
  friend class NumberReader;
};

}  // namespace weir::postgres
