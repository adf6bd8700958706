#include "postgres/compute/strings.h"
#include "postgres/value/regular_expression.h"
#include "postgres/value/text.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/list_lanes.h"

namespace weir::sql::duck {
namespace {

namespace pg = ::weir::postgres;
using View = std::string_view;
using Text = Result<std::string>;
using MaybeText = Result<std::optional<std::string>>;

/// The expression that a thread has used last: patterns are constant more often than not.
const pg::RegularExpression& Compiled(View pattern, View options) {
  struct Last {
    std::string pattern;
    std::string options;
    std::shared_ptr<const pg::RegularExpression> expression;
  };
  thread_local Last last;
  if (!last.expression || last.pattern != pattern || last.options != options) {
    auto expression = ValueOrThrow(pg::RegularExpression::Compile(pattern, options));
    last = {std::string(pattern), std::string(options), std::move(expression)};
  }
  return *last.expression;
}

Result<bool> Matches(View text, View pattern, View options, bool wanted) {
  WEIR_ASSIGN_OR_RETURN(bool found, Compiled(pattern, options).Matches(text));
  return found == wanted;
}

/// The first match, or its first capture where it has one.
Result<std::optional<std::string>> FirstMatch(View text, View pattern) {
  WEIR_ASSIGN_OR_RETURN(auto match, Compiled(pattern, "").Find(text));
  if (!match) return std::optional<std::string>();
  const auto span = match->captures.empty() ? std::optional(match->whole) : match->captures[0];
  if (!span) return std::optional<std::string>();
  return std::optional(std::string(text.substr(span->begin, span->end - span->begin)));
}

Text Replaced(View text, View pattern, View replacement, View flags) {
  if (!flags.empty() && pg::IsDigit(flags[0])) {
    return Error(
        "22023", "invalid regular expression option: \"" + std::string(flags.substr(0, 1)) + "\"",
        {.hint = "If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer "
                 "explicitly."});
  }
  std::string options;
  size_t nth = 1;
  for (char flag : flags) {
    if (flag == 'g') nth = 0;
    else options += flag;
  }
  return Compiled(pattern, options).Replace(text, replacement, 0, nth);
}

std::string Cut(View text, const pg::RegexMatch::Span& span) {
  return std::string(text.substr(span.begin, span.end - span.begin));
}

/// The captures of a match, or all of it where the pattern has none.
TextList CapturesOf(View text, const pg::RegexMatch& match) {
  TextList list;
  if (match.captures.empty()) list.texts.emplace_back(Cut(text, match.whole));
  for (const auto& capture : match.captures) {
    list.texts.push_back(capture ? std::optional(Cut(text, *capture)) : std::nullopt);
  }
  return list;
}

Result<std::optional<TextList>> FirstCaptures(View text, View pattern, View options) {
  WEIR_ASSIGN_OR_RETURN(auto match, Compiled(pattern, options).Find(text));
  return match ? std::optional(CapturesOf(text, *match)) : std::optional<TextList>();
}

Result<TextLists> AllCaptures(View text, View pattern, View flags) {
  std::string options;
  size_t limit = 1;
  for (char flag : flags) {
    if (flag == 'g') limit = 0;
    else options += flag;
  }
  WEIR_ASSIGN_OR_RETURN(auto matches, Compiled(pattern, options).FindAll(text, 0, limit));
  TextLists lists;
  for (const auto& match : matches) lists.lists.push_back(CapturesOf(text, match));
  return lists;
}

/// The text between matches; an empty match parts two characters, and at the ends nothing.
Result<TextList> Parted(View text, View pattern, View options) {
  WEIR_ASSIGN_OR_RETURN(auto matches, Compiled(pattern, options).FindAll(text));
  TextList list;
  size_t from = 0;
  for (const auto& match : matches) {
    const bool empty = match.whole.begin == match.whole.end;
    if (empty && (match.whole.begin == from || match.whole.begin == text.size())) continue;
    list.texts.emplace_back(std::string(text.substr(from, match.whole.begin - from)));
    from = match.whole.end;
  }
  list.texts.emplace_back(std::string(text.substr(from)));
  return list;
}

/// The options of a function that looks for one match.
View WithoutGlobal(View flags, const char* function, std::string hint = {}) {
  if (flags.find('g') == View::npos) return flags;
  Throw(Error("22023", std::string(function) + "() does not support the \"global\" option", {.hint = std::move(hint)}));
}

void CheckParameter(const char* name, int32_t value, bool good) {
  if (!good)
    Throw(Error("22023", "invalid value for parameter \"" + std::string(name) + "\": " + std::to_string(value)));
}

/// Where the character `start` begins, in bytes; beyond the text nothing is found.
size_t BytesBefore(View text, int32_t start) {
  CheckParameter("start", start, start > 0);
  const size_t bytes = pg::PrefixBytes(text, static_cast<size_t>(start - 1));
  const bool beyond = bytes == text.size() && pg::CountCharacters(text) < static_cast<size_t>(start - 1);
  return beyond ? text.size() + 1 : bytes;
}

Result<int32_t> CountOf(View text, View pattern, int32_t start, View flags) {
  const size_t from = BytesBefore(text, start);
  WEIR_ASSIGN_OR_RETURN(auto matches, Compiled(pattern, WithoutGlobal(flags, "regexp_count")).FindAll(text, from));
  return static_cast<int32_t>(matches.size());
}

/// The nth match from `start` on, or the capture of it that `capture` says; 0: all of it.
Result<std::optional<pg::RegexMatch::Span>> NthMatch(View text, View pattern, int32_t start, int32_t nth, View options,
                                                     int32_t capture) {
  using Found = std::optional<pg::RegexMatch::Span>;
  const size_t from = BytesBefore(text, start);
  CheckParameter("n", nth, nth > 0);
  CheckParameter("subexpr", capture, capture >= 0);
  WEIR_ASSIGN_OR_RETURN(auto matches, Compiled(pattern, options).FindAll(text, from, static_cast<size_t>(nth)));
  if (matches.size() < static_cast<size_t>(nth)) return Found();
  const pg::RegexMatch& match = matches.back();
  const bool whole = capture == 0 || (capture == 1 && match.captures.empty());
  if (whole) return Found(match.whole);
  if (static_cast<size_t>(capture) > match.captures.size()) return Found();
  return match.captures[static_cast<size_t>(capture) - 1];
}

Result<int32_t> PlaceOf(View text, View pattern, int32_t start, int32_t nth, int32_t end, View flags, int32_t capture) {
  CheckParameter("start", start, start > 0);
  CheckParameter("n", nth, nth > 0);
  CheckParameter("endoption", end, end == 0 || end == 1);
  WEIR_ASSIGN_OR_RETURN(auto span, NthMatch(text, pattern, start, nth, WithoutGlobal(flags, "regexp_instr"), capture));
  if (!span) return 0;
  return static_cast<int32_t>(pg::CountCharacters(text.substr(0, end == 1 ? span->end : span->begin))) + 1;
}

MaybeText PartOf(View text, View pattern, int32_t start, int32_t nth, View flags, int32_t capture) {
  WEIR_ASSIGN_OR_RETURN(auto span, NthMatch(text, pattern, start, nth, WithoutGlobal(flags, "regexp_substr"), capture));
  return span ? std::optional(Cut(text, *span)) : std::optional<std::string>();
}

/// The nth match from `start` on, 0: all of them. A "g" among the flags says nothing here.
Text ReplacedFrom(View text, View pattern, View replacement, int32_t start, int32_t nth, View flags) {
  const size_t from = BytesBefore(text, start);
  CheckParameter("n", nth, nth >= 0);
  std::string options(flags);
  std::erase(options, 'g');
  return Compiled(pattern, options).Replace(text, replacement, from, static_cast<size_t>(nth));
}

/// LIKE … ESCAPE: the pattern with a backslash for its escape; a backslash of its own is doubled.
Text WithBackslash(View pattern, View escape) {
  if (pg::CountCharacters(escape) > 1) {
    return Error("22025", "invalid escape string", {.hint = "Escape string must be empty or one character."});
  }
  if (escape == "\\") return std::string(pattern);
  std::string result;
  while (!pattern.empty()) {
    const size_t bytes = std::max<size_t>(pg::CharacterBytes(pattern), 1);
    const View character = pattern.substr(0, bytes);
    pattern.remove_prefix(bytes);
    if (!escape.empty() && character == escape) {
      result += '\\';
      const size_t next = pattern.empty() ? 0 : std::max<size_t>(pg::CharacterBytes(pattern), 1);
      result += pattern.substr(0, next);
      pattern.remove_prefix(next);
    } else {
      if (character == "\\") result += '\\';
      result += character;
    }
  }
  return result;
}

void AddPatternLists(FunctionList* list) {
  list->Add("regexp_match(text,text)", [](View text, View pattern) -> Result<std::optional<TextList>> {
    return FirstCaptures(text, pattern, "");
  });
  list->Add("regexp_match(text,text,text)",
            [](View text, View pattern, View options) -> Result<std::optional<TextList>> {
              return FirstCaptures(text, pattern,
                                   WithoutGlobal(options, "regexp_match", "Use the regexp_matches function instead."));
            });
  list->Add("regexp_matches(text,text)",
            [](View text, View pattern) -> Result<TextLists> { return AllCaptures(text, pattern, ""); });
  list->Add("regexp_matches(text,text,text)",
            [](View text, View pattern, View flags) -> Result<TextLists> { return AllCaptures(text, pattern, flags); });
  for (const char* name : {"regexp_split_to_array(text,text)", "regexp_split_to_table(text,text)"}) {
    list->Add(name, [](View text, View pattern) -> Result<TextList> { return Parted(text, pattern, ""); });
  }
  list->Add("regexp_split_to_array(text,text,text)", [](View text, View pattern, View flags) -> Result<TextList> {
    return Parted(text, pattern, WithoutGlobal(flags, "regexp_split_to_array"));
  });
  list->Add("regexp_split_to_table(text,text,text)", [](View text, View pattern, View flags) -> Result<TextList> {
    return Parted(text, pattern, WithoutGlobal(flags, "regexp_split_to_table"));
  });
}

void AddMatches(FunctionList* list) {
  for (const char* left : {"text", "name", "bpchar"}) {
    const std::string type = left;
    const std::string types = "(" + type + ",text)";
    list->Add(type + "regexeq" + types,
              [](View text, View pattern) -> Result<bool> { return Matches(text, pattern, "", true); });
    list->Add(type + "regexne" + types,
              [](View text, View pattern) -> Result<bool> { return Matches(text, pattern, "", false); });
    list->Add(type + "icregexeq" + types,
              [](View text, View pattern) -> Result<bool> { return Matches(text, pattern, "i", true); });
    list->Add(type + "icregexne" + types,
              [](View text, View pattern) -> Result<bool> { return Matches(text, pattern, "i", false); });
  }
  list->Add("regexp_like(text,text)",
            [](View text, View pattern) -> Result<bool> { return Matches(text, pattern, "", true); });
  list->Add("regexp_like(text,text,text)",
            [](View text, View pattern, View flags) -> Result<bool> {
              return Matches(text, pattern, WithoutGlobal(flags, "regexp_like"), true);
            });
  list->Add("substring(text,text)",
            [](View text, View pattern) -> Result<std::optional<std::string>> { return FirstMatch(text, pattern); });
  list->Add("regexp_replace(text,text,text)",
            [](View text, View pattern, View replacement) -> Text { return Replaced(text, pattern, replacement, ""); });
  list->Add("regexp_replace(text,text,text,text)", [](View text, View pattern, View replacement, View flags) -> Text {
    return Replaced(text, pattern, replacement, flags);
  });
  list->Add("similar_to_escape(text)", [](View pattern) -> Text { return pg::SimilarToRegex(pattern); });
  list->Add("similar_to_escape(text,text)",
            [](View pattern, View escape) -> Text { return pg::SimilarToRegex(pattern, escape); });
  list->Add("like_escape(text,text)", [](View pattern, View escape) -> Text { return WithBackslash(pattern, escape); });
  list->Add("pg.like", {duckdb::LogicalType::VARCHAR, duckdb::LogicalType::VARCHAR}, duckdb::LogicalType::BOOLEAN,
            [](View text, View pattern) -> Result<bool> { return pg::Like(text, pattern, "\\", false); });
  list->Add("pg.ilike", {duckdb::LogicalType::VARCHAR, duckdb::LogicalType::VARCHAR}, duckdb::LogicalType::BOOLEAN,
            [](View text, View pattern) -> Result<bool> { return pg::Like(text, pattern, "\\", true); });
}

void AddRegexpPlaces(FunctionList* list) {
  list->Add("regexp_count(text,text)",
            [](View text, View pattern) -> Result<int32_t> { return CountOf(text, pattern, 1, ""); });
  list->Add("regexp_count(text,text,int4)", [](View text, View pattern, int32_t start) -> Result<int32_t> {
    return CountOf(text, pattern, start, "");
  });
  list->Add("regexp_count(text,text,int4,text)",
            [](View text, View pattern, int32_t start, View flags) -> Result<int32_t> {
              return CountOf(text, pattern, start, flags);
            });
  list->Add("regexp_instr(text,text)",
            [](View text, View pattern) -> Result<int32_t> { return PlaceOf(text, pattern, 1, 1, 0, "", 0); });
  list->Add("regexp_instr(text,text,int4)", [](View text, View pattern, int32_t start) -> Result<int32_t> {
    return PlaceOf(text, pattern, start, 1, 0, "", 0);
  });
  list->Add("regexp_instr(text,text,int4,int4)",
            [](View text, View pattern, int32_t start, int32_t nth) -> Result<int32_t> {
              return PlaceOf(text, pattern, start, nth, 0, "", 0);
            });
  list->Add("regexp_instr(text,text,int4,int4,int4)",
            [](View text, View pattern, int32_t start, int32_t nth, int32_t end) -> Result<int32_t> {
              return PlaceOf(text, pattern, start, nth, end, "", 0);
            });
  list->Add("regexp_instr(text,text,int4,int4,int4,text)",
            [](View text, View pattern, int32_t start, int32_t nth, int32_t end, View flags) -> Result<int32_t> {
              return PlaceOf(text, pattern, start, nth, end, flags, 0);
            });
  list->Add("regexp_instr(text,text,int4,int4,int4,text,int4)",
            [](View text, View pattern, int32_t start, int32_t nth, int32_t end, View flags, int32_t capture)
                -> Result<int32_t> { return PlaceOf(text, pattern, start, nth, end, flags, capture); });
}

void AddRegexpParts(FunctionList* list) {
  list->Add("regexp_substr(text,text)",
            [](View text, View pattern) -> MaybeText { return PartOf(text, pattern, 1, 1, "", 0); });
  list->Add("regexp_substr(text,text,int4)",
            [](View text, View pattern, int32_t start) -> MaybeText { return PartOf(text, pattern, start, 1, "", 0); });
  list->Add("regexp_substr(text,text,int4,int4)", [](View text, View pattern, int32_t start, int32_t nth) -> MaybeText {
    return PartOf(text, pattern, start, nth, "", 0);
  });
  list->Add("regexp_substr(text,text,int4,int4,text)",
            [](View text, View pattern, int32_t start, int32_t nth, View flags) -> MaybeText {
              return PartOf(text, pattern, start, nth, flags, 0);
            });
  list->Add("regexp_substr(text,text,int4,int4,text,int4)",
            [](View text, View pattern, int32_t start, int32_t nth, View flags, int32_t capture) -> MaybeText {
              return PartOf(text, pattern, start, nth, flags, capture);
            });
  list->Add("regexp_replace(text,text,text,int4)",
            [](View text, View pattern, View replacement, int32_t start) -> Text {
              return ReplacedFrom(text, pattern, replacement, start, 1, "");
            });
  list->Add("regexp_replace(text,text,text,int4,int4)",
            [](View text, View pattern, View replacement, int32_t start, int32_t nth) -> Text {
              return ReplacedFrom(text, pattern, replacement, start, nth, "");
            });
  list->Add("regexp_replace(text,text,text,int4,int4,text)",
            [](View text, View pattern, View replacement, int32_t start, int32_t nth, View flags) -> Text {
              return ReplacedFrom(text, pattern, replacement, start, nth, flags);
            });
  list->Add("substring(text,text,text)", [](View text, View pattern, View escape) -> MaybeText {
    WEIR_ASSIGN_OR_RETURN(const std::string regex, pg::SimilarToRegex(pattern, escape));
    return FirstMatch(text, regex);
  });
  list->Add("similar_escape(text,text)", [](std::optional<View> pattern, std::optional<View> escape) -> MaybeText {
    if (!pattern) return std::optional<std::string>();
    WEIR_ASSIGN_OR_RETURN(std::string regex, pg::SimilarToRegex(*pattern, escape.value_or("\\")));
    return std::optional(std::move(regex));
  });
}

void AddBytesLike(FunctionList* list) {
  for (const char* name : {"like(bytea,bytea)", "bytealike(bytea,bytea)"}) {
    list->Add(name, [](View bytes, View pattern) -> Result<bool> { return pg::LikeBytes(bytes, pattern); });
  }
  for (const char* name : {"notlike(bytea,bytea)", "byteanlike(bytea,bytea)"}) {
    list->Add(name, [](View bytes, View pattern) -> Result<bool> {
      WEIR_ASSIGN_OR_RETURN(const bool like, pg::LikeBytes(bytes, pattern));
      return !like;
    });
  }
  list->Add("like_escape(bytea,bytea)",
            [](View pattern, View escape) -> Text { return pg::LikeBytesEscape(pattern, escape); });
}

}  // namespace

void AddPatterns(FunctionList* list) {
  AddMatches(list);
  AddPatternLists(list);
  AddRegexpPlaces(list);
  AddRegexpParts(list);
  AddBytesLike(list);
}

}  // namespace weir::sql::duck
