#include "cli/nearest_word.h"

#include <algorithm>
#include <numeric>

namespace weir {
namespace {

std::string_view WithoutDashes(std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
  return word;
}

/// Letters to change, add or leave out until one word is the other.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t k = 0; k < b.size(); ++k) {
      const size_t changed = diagonal + (a[i] == b[k] ? 0 : 1);
      diagonal = row[k + 1];
      row[k + 1] = std::min({changed, row[k] + 1, row[k + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string> NearestWord(std::string_view word, const std::vector<std::string>& words) {
  const std::string_view wrong = WithoutDashes(word);
  std::optional<std::string> nearest;
  size_t least = wrong.size() / 3 + 1;  // from here on it is another word
  for (const std::string& candidate : words) {
    const std::string_view right = WithoutDashes(candidate);
    const bool begins = wrong.size() >= 2 && right.starts_with(wrong);
    const size_t distance = begins ? std::min<size_t>(1, right.size() - wrong.size()) : Distance(wrong, right);
    if (right.empty() || distance > least || (nearest && distance == least)) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& words) {
  const auto nearest = NearestWord(word, words);
  return nearest ? "; did you mean '" + *nearest + "'?" : "";
}

}  // namespace weir
