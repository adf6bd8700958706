#include "sql/literal/similar_pattern.h"

namespace weir::sql {

std::string SimilarPattern(std::string_view pattern) {
  std::string regex = "(?:";
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\') {
      regex += '\\';
      if (i + 1 < pattern.size()) regex += pattern[++i];
    } else if (in_class) {
      in_class = c != ']';
      regex += c;
    } else if (c == '%') {
      regex += ".*";
    } else if (c == '_') {
      regex += '.';
    } else if (c == '(') {
      regex += "(?:";
    } else if (c == '.' || c == '^' || c == '$') {
      regex += '\\';
      regex += c;
    } else {
      in_class = c == '[';
      regex += c;
    }
  }
  return regex + ")";
}

}  // namespace weir::sql
