#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/status.h"

namespace weir::sql {

/// An array's text taken apart.
struct ArrayText {
  std::vector<size_t> dimensions;                     // elements of each level, outermost first; none: empty
  std::vector<std::optional<std::string>> elements;   // of the innermost level, in order; nothing: NULL
};

/// `{1,NULL,"a b"}`, `{{1,2},{3,4}}`: levels as PostgreSQL has them, all parts of one alike. 22P02 for other texts,
/// 0A000 for bounds that are written out (`[0:1]={1,2}`).
Result<ArrayText> ReadArray(std::string_view text);

/// An element as it stands in an array's text: in quotes where it needs them.
std::string ArrayElement(std::string_view element);

}  // namespace weir::sql
