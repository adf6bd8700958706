#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// The one of `words` that a mistyped word most likely is: it differs in few letters, or begins so; leading dashes do
/// not count. Nothing where none is near.
std::optional<std::string> NearestWord(std::string_view word, const std::vector<std::string>& words);

/// The end of an error that names it: "; did you mean 'import'?", or nothing.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& words);

}  // namespace weir
