#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/status.h"

struct pcre2_real_match_data_8;

namespace weir::postgres {

/// Where a match and its captures stand, in bytes; a capture that took no part is absent.
struct RegexMatch {
  struct Span {
    size_t begin = 0;
    size_t end = 0;
  };
  Span whole;
  std::vector<std::optional<Span>> captures;
};

/// PostgreSQL's regular expressions (its manual, section 9.7.3), basic, extended and advanced, computed by PCRE2. The
/// longest match from the leftmost start counts unless the first quantifier that can choose prefers the shortest.
/// Back references and look-around are searched with a limit on the work (54001 beyond it). Thread-safe.
class RegularExpression {
 public:
  /// `options`: the letters that regexp_match and its like take ("i", "n", "x", …), without "g". Errors: 22023 for
  /// another letter, 2201B for a pattern that is none.
  static Result<std::shared_ptr<const RegularExpression>> Compile(std::string_view pattern,
                                                                  std::string_view options = {});
  ~RegularExpression();

  /// Whether the pattern matches somewhere.
  Result<bool> Matches(std::string_view text) const;
  /// The first match that begins at `from` or later.
  Result<std::optional<RegexMatch>> Find(std::string_view text, size_t from = 0) const;
  /// All matches side by side, at most `limit` (0: any number) of them.
  Result<std::vector<RegexMatch>> FindAll(std::string_view text, size_t from = 0, size_t limit = 0) const;

  /// regexp_replace: the `nth` match from `from` on (0: every one) is replaced by `replacement`, in which \1 … \9 are
  /// captures, \& is the whole match and \\ a backslash.
  Result<std::string> Replace(std::string_view text, std::string_view replacement, size_t from, size_t nth) const;

 private:
  struct Code;
  RegularExpression() = default;
  Status Prefer(std::string_view text, pcre2_real_match_data_8* data) const;

  std::unique_ptr<Code> code_;
  size_t num_captures_ = 0;
  bool longest_ = true;     // the longest match counts
  bool dfa_ = true;         // no back references: the longest can be found without trying all ways
};

/// SIMILAR TO's pattern as a regular expression; `escape` is empty for none. Errors: 22019, 22025.
Result<std::string> SimilarToRegex(std::string_view pattern, std::string_view escape = "\\");

/// LIKE and, with `ignore_case`, ILIKE (letters of ASCII and Latin, Greek and Cyrillic scripts by Unicode's simple
/// case). `escape`: one character, empty for none. Errors: 22025 for a pattern that ends with its escape.
Result<bool> Like(std::string_view text, std::string_view pattern, std::string_view escape, bool ignore_case);
/// LIKE of bytea, byte by byte, with a backslash for its escape. 22025.
Result<bool> LikeBytes(std::string_view bytes, std::string_view pattern);
/// like_escape of bytea: the pattern with a backslash for its escape. 22025 for an escape of more than one byte.
Result<std::string> LikeBytesEscape(std::string_view pattern, std::string_view escape);

}  // namespace weir::postgres
