#pragma once

#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::postgres {

/// A regular expression of PostgreSQL's in PCRE2's syntax, with what PCRE2 has to be told besides.
struct RegexTranslation {
  std::string pattern;
  size_t captures = 0;
  bool literal = false;             // the whole pattern is text
  bool ignore_case = false;
  bool dot_takes_newline = true;
  bool anchors_at_lines = false;
  bool prefers_shortest = false;    // the first quantifier that can choose
  bool back_references = false;
};

/// Errors: as RegularExpression::Compile's.
Result<RegexTranslation> TranslateRegex(std::string_view pattern, std::string_view options);

}  // namespace weir::postgres
