#pragma once

#include <string>
#include <string_view>

namespace weir::sql {

/// A pattern of SIMILAR TO as a regular expression for the whole text: % and _ are wildcards, | * + ? { } ( ) [ ] as
/// in regular expressions, a backslash escapes, every other character is itself.
std::string SimilarPattern(std::string_view pattern);

}  // namespace weir::sql
