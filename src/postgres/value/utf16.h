#pragma once

#include <cstdint>
#include <string>

namespace weir::postgres {

/// Appends a code point (below 0x110000, no surrogate) as UTF-8.
void AppendUtf8(uint32_t point, std::string* out);

/// Puts characters together that are written as units of UTF-16, as the escapes \uXXXX of json and jsonpath are.
class Utf16Reader {
 public:
  /// Appends the character that a unit (or a whole code point) is or ends. Gives what is wrong with it, in PostgreSQL's
  /// words, or nullptr.
  const char* Add(uint32_t unit, std::string* out);

  /// To be called where something else than a unit follows; the same result.
  const char* End() const;

  void Reset() { high_ = 0; }

 private:
  uint32_t high_ = 0;  // the first half of a pair; 0: none
};

}  // namespace weir::postgres
