#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/auto_increment.h"
#include "weir/status.h"

namespace weir {

/// The auto-increment values of a table that no bucket has reserved (docs/storage-format-catalog.md).
struct FreeValues {
  int64_t next = 1;                  // this and all after it
  std::vector<ValueRange> returned;  // before it, ascending, with gaps between them

  /// `key` is named when the text is damaged.
  static Result<FreeValues> Parse(std::string_view key, std::string_view text);
  std::string ToText() const;

  /// Up to `count` of them, the lowest.
  ValueRange Take(int64_t count);
  void Return(ValueRange values);
};

}  // namespace weir
