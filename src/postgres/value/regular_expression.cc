#include "postgres/value/regular_expression.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include <array>

#include "postgres/error.h"
#include "postgres/value/regex_translation.h"
#include "postgres/value/stop.h"

namespace weir::postgres {
namespace {

// Steps that a match may take: some seconds of work for what backtracks without end.
constexpr uint32_t kMatchLimit = 20'000'000;
constexpr uint32_t kHeapLimitKilobytes = 64 * 1024;

struct FreeCode {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct FreeData {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct FreeContext {
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};
using MatchData = std::unique_ptr<pcre2_match_data, FreeData>;

PCRE2_SPTR Units(std::string_view text) {
  return reinterpret_cast<PCRE2_SPTR>(text.data() == nullptr ? "" : text.data());
}

size_t NextCharacter(std::string_view text, size_t at) {
  ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  return at;
}

Status Failed(int code) {
  if (code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_DEPTHLIMIT || code == PCRE2_ERROR_HEAPLIMIT ||
      code == PCRE2_ERROR_JIT_STACKLIMIT || code == PCRE2_ERROR_DFA_WSSIZE || code == PCRE2_ERROR_DFA_RECURSE) {
    return Error(sqlstate::kStatementTooComplex, "regular expression takes too much work on this text");
  }
  std::array<PCRE2_UCHAR, 256> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return Error(sqlstate::kInvalidRegularExpression,
               fmt::format("regular expression failed: {}", reinterpret_cast<const char*>(text.data())));
}

}  // namespace

struct RegularExpression::Code {
  std::unique_ptr<pcre2_code, FreeCode> pattern;
  std::unique_ptr<pcre2_match_context, FreeContext> limits;
};

RegularExpression::~RegularExpression() = default;

Result<std::shared_ptr<const RegularExpression>> RegularExpression::Compile(std::string_view pattern,
                                                                            std::string_view options) {
  WEIR_ASSIGN_OR_RETURN(RegexTranslation translation, TranslateRegex(pattern, options));
  uint32_t flags = PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK | PCRE2_ALT_CIRCUMFLEX;
  if (translation.literal) flags = PCRE2_UTF | PCRE2_LITERAL;
  if (translation.ignore_case) flags |= PCRE2_CASELESS;
  int error = 0;
  PCRE2_SIZE place = 0;
  std::unique_ptr<Code> code(new Code);
  code->pattern.reset(
      pcre2_compile(Units(translation.pattern), translation.pattern.size(), flags, &error, &place, nullptr));
  if (!code->pattern) return Failed(error);
  pcre2_jit_compile(code->pattern.get(), PCRE2_JIT_COMPLETE);
  code->limits.reset(pcre2_match_context_create(nullptr));
  pcre2_set_match_limit(code->limits.get(), kMatchLimit);
  pcre2_set_heap_limit(code->limits.get(), kHeapLimitKilobytes);

  std::shared_ptr<RegularExpression> regex(new RegularExpression);
  regex->code_ = std::move(code);
  regex->num_captures_ = translation.captures;
  regex->longest_ = !translation.prefers_shortest;
  regex->dfa_ = !translation.back_references;
  return std::shared_ptr<const RegularExpression>(std::move(regex));
}

namespace {

Result<bool> Run(const pcre2_code* code, pcre2_match_context* limits, std::string_view text, size_t from,
                 uint32_t flags, pcre2_match_data* data) {
  const int found = pcre2_match(code, Units(text), text.size(), from, flags | PCRE2_NO_UTF_CHECK, data, limits);
  if (found == PCRE2_ERROR_NOMATCH) return false;
  if (found < 0) return Failed(found);
  return true;
}

// Where the longest or the shortest match from `begin` on ends; `end` where that cannot be found so.
Result<size_t> PreferredEnd(const pcre2_code* code, pcre2_match_context* limits, std::string_view text, size_t begin,
                            size_t end, bool longest) {
  const uint32_t flags = PCRE2_ANCHORED | PCRE2_NO_UTF_CHECK | (longest ? 0U : PCRE2_DFA_SHORTEST);
  const MatchData data(pcre2_match_data_create(1, nullptr));
  std::vector<int> workspace(4096);
  while (true) {
    const int found = pcre2_dfa_match(code, Units(text), text.size(), begin, flags, data.get(), limits,
                                      workspace.data(), workspace.size());
    if (found >= 0) return pcre2_get_ovector_pointer(data.get())[1];
    if (found == PCRE2_ERROR_NOMATCH || found == PCRE2_ERROR_DFA_UITEM) return end;
    if (found != PCRE2_ERROR_DFA_WSSIZE || workspace.size() > (1U << 22)) return Failed(found);
    workspace.resize(workspace.size() * 4);
  }
}

}  // namespace

Result<bool> RegularExpression::Matches(std::string_view text) const {
  const MatchData data(pcre2_match_data_create(1, nullptr));
  return Run(code_->pattern.get(), code_->limits.get(), text, 0, 0, data.get());
}

// PCRE2 takes the first way that leads to a match; its automaton knows where the preferred one ends. What it has looked
// at beyond that end may be missing then: the first match stays where the second search finds nothing.
Status RegularExpression::Prefer(std::string_view text, pcre2_real_match_data_8* data) const {
  const PCRE2_SIZE* places = pcre2_get_ovector_pointer(data);
  const size_t begin = places[0];
  const size_t end = places[1];
  WEIR_ASSIGN_OR_RETURN(size_t preferred,
                        PreferredEnd(code_->pattern.get(), code_->limits.get(), text, begin, end, longest_));
  if (preferred == end) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(bool found, Run(code_->pattern.get(), code_->limits.get(), text.substr(0, preferred), begin,
                                        PCRE2_ANCHORED | PCRE2_ENDANCHORED, data));
  if (found) return Status::OK();
  return Run(code_->pattern.get(), code_->limits.get(), text, begin, PCRE2_ANCHORED, data).status();
}

Result<std::optional<RegexMatch>> RegularExpression::Find(std::string_view text, size_t from) const {
  if (from > text.size()) return std::optional<RegexMatch>();
  const MatchData data(pcre2_match_data_create_from_pattern(code_->pattern.get(), nullptr));
  const PCRE2_SIZE* places = pcre2_get_ovector_pointer(data.get());
  WEIR_ASSIGN_OR_RETURN(bool found, Run(code_->pattern.get(), code_->limits.get(), text, from, 0, data.get()));
  if (!found) return std::optional<RegexMatch>();
  if (dfa_) WEIR_RETURN_NOT_OK(Prefer(text, data.get()));
  RegexMatch match;
  match.whole = {places[0], places[1]};
  for (size_t i = 1; i <= num_captures_; ++i) {
    const bool took_part = places[2 * i] != PCRE2_UNSET;
    match.captures.push_back(took_part ? std::optional(RegexMatch::Span{places[2 * i], places[2 * i + 1]})
                                       : std::nullopt);
  }
  return std::optional(std::move(match));
}

Result<std::vector<RegexMatch>> RegularExpression::FindAll(std::string_view text, size_t from, size_t limit) const {
  std::vector<RegexMatch> matches;
  StopCheck stop;
  while (from <= text.size() && (limit == 0 || matches.size() < limit)) {
    WEIR_RETURN_NOT_OK(stop.Step());
    WEIR_ASSIGN_OR_RETURN(auto match, Find(text, from));
    if (!match) break;
    from = match->whole.end;
    if (match->whole.begin == match->whole.end) from = NextCharacter(text, from);
    matches.push_back(std::move(*match));
  }
  return matches;
}

namespace {

void AppendReplacement(std::string_view text, const RegexMatch& match, std::string_view replacement, std::string* out) {
  for (size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] != '\\' || i + 1 == replacement.size()) {
      *out += replacement[i];
      continue;
    }
    const char c = replacement[++i];
    if (c == '&') {
      *out += text.substr(match.whole.begin, match.whole.end - match.whole.begin);
    } else if (c >= '1' && c <= '9') {
      const auto number = static_cast<size_t>(c - '1');
      if (number >= match.captures.size() || !match.captures[number]) continue;
      const auto [begin, end] = *match.captures[number];
      *out += text.substr(begin, end - begin);
    } else if (c == '\\') {
      *out += '\\';
    } else {
      *out += '\\';
      *out += c;
    }
  }
}

}  // namespace

Result<std::string> RegularExpression::Replace(std::string_view text, std::string_view replacement, size_t from,
                                               size_t nth) const {
  WEIR_ASSIGN_OR_RETURN(auto matches, FindAll(text, from, nth));
  std::string out;
  size_t copied = 0;
  for (size_t i = nth == 0 ? 0 : nth - 1; i < matches.size(); ++i) {
    out += text.substr(copied, matches[i].whole.begin - copied);
    AppendReplacement(text, matches[i], replacement, &out);
    copied = matches[i].whole.end;
  }
  out += text.substr(copied);
  return out;
}

}  // namespace weir::postgres
