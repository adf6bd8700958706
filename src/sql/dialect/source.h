#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sql/error.h"
#include "weir/status.h"

namespace weir::sql::dialect {

/// A text with the way from its bytes to its characters.
class Source {
 public:
  /// 22021 unless the text is UTF-8 without zero bytes; 54000 when it is too long to be parsed.
  static Result<Source> Of(std::string_view text);

  std::string_view text() const { return text_; }
  /// Characters before a byte.
  int CharactersBefore(size_t byte) const;
  /// A position in the text as errors give it: in characters from 1.
  int Position(size_t byte) const { return CharactersBefore(byte) + 1; }

 private:
  explicit Source(std::string_view text) : text_(text) {}

  static constexpr size_t kStride = 256;  // bytes between two entries of checkpoints_

  std::string_view text_;
  std::vector<uint32_t> checkpoints_;  // characters before each stride; empty: every character is a byte
};

}  // namespace weir::sql::dialect
