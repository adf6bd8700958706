#include "cli/choices.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "cli/nearest_word.h"

namespace weir {

void TakeOneOf(CLI::Option* option, std::vector<std::string> words) {
  const std::string listed = fmt::format("{{{}}}", fmt::join(words, ","));
  const auto problem = [words = std::move(words)](const std::string& word) -> std::string {
    if (std::ranges::find(words, word) != words.end()) return {};
    return fmt::format("'{}' is none of {}{}", word, fmt::join(words, ", "), DidYouMean(word, words));
  };
  option->check(CLI::Validator(problem, listed));
}

}  // namespace weir
