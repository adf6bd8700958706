#include "postgres/compute/regular_expression.h"
#include "postgres/compute/strings.h"
#include "postgres/identifier.h"
#include "postgres/value/text.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/list_lanes.h"

namespace weir::sql::duck {
namespace {

namespace pg = ::weir::postgres;
using pg::CountCharacters;
using pg::PrefixBytes;
using View = std::string_view;
using Text = Result<std::string>;
using Part = Result<std::string_view>;

constexpr int64_t kLargestText = 1'073'741'819;

Text Repeated(View text, int32_t count) {
  if (count <= 0) return std::string();
  if (static_cast<int64_t>(text.size()) * count > kLargestText) return Error("54000", "requested length too large");
  std::string result;
  result.reserve(text.size() * count);
  for (int32_t i = 0; i < count; ++i) result += text;
  return result;
}

View FirstOf(View text, int32_t count) {
  if (count >= 0) return text.substr(0, PrefixBytes(text, count));
  const int64_t keep = static_cast<int64_t>(CountCharacters(text)) + count;
  return keep <= 0 ? View() : text.substr(0, PrefixBytes(text, keep));
}

View LastOf(View text, int32_t count) {
  const auto has = static_cast<int64_t>(CountCharacters(text));
  const int64_t skip = count >= 0 ? std::max<int64_t>(has - count, 0) : -static_cast<int64_t>(count);
  return text.substr(PrefixBytes(text, skip));
}

void AddParts(FunctionList* list) {
  for (const char* name : {"substr(text,int4)", "substring(text,int4)"}) {
    list->Add(name, [](View text, int32_t start) -> Part { return pg::Substring(text, start, std::nullopt); });
  }
  for (const char* name : {"substr(text,int4,int4)", "substring(text,int4,int4)"}) {
    list->Add(name, [](View text, int32_t start, int32_t count) -> Part { return pg::Substring(text, start, count); });
  }
  list->Add("left(text,int4)", [](View text, int32_t count) -> View { return FirstOf(text, count); });
  list->Add("right(text,int4)", [](View text, int32_t count) -> View { return LastOf(text, count); });
  list->Add("split_part(text,text,int4)",
            [](View text, View delimiter, int32_t field) -> Part { return pg::SplitPart(text, delimiter, field); });
  list->Add("btrim(text)", [](View text) -> View { return pg::TrimLeft(pg::TrimRight(text, " "), " "); });
  list->Add("btrim(text,text)", [](View text, View set) -> View { return pg::TrimLeft(pg::TrimRight(text, set), set); });
  list->Add("ltrim(text)", [](View text) -> View { return pg::TrimLeft(text, " "); });
  list->Add("ltrim(text,text)", [](View text, View set) -> View { return pg::TrimLeft(text, set); });
  list->Add("rtrim(text)", [](View text) -> View { return pg::TrimRight(text, " "); });
  list->Add("rtrim(text,text)", [](View text, View set) -> View { return pg::TrimRight(text, set); });
}

void AddMeasures(FunctionList* list) {
  for (const char* name : {"position(text,text)", "strpos(text,text)"}) {
    list->Add(name, [](View text, View part) -> int32_t { return pg::Position(text, part); });
  }
  list->Add("bit_length(text)", [](View text) -> int32_t { return static_cast<int32_t>(text.size()) * 8; });
  for (const char* name : {"octet_length(text)", "octet_length(bytea)", "length(bytea)"}) {
    list->Add(name, [](View text) -> int32_t { return static_cast<int32_t>(text.size()); });
  }
  for (const char* name : {"length(text)", "char_length(text)", "character_length(text)", "length(bpchar)",
                           "char_length(bpchar)", "character_length(bpchar)"}) {
    list->Add(name, [](View text) -> int32_t { return static_cast<int32_t>(CountCharacters(text)); });
  }
  list->Add("ascii(text)", [](View text) -> int32_t { return pg::Ascii(text); });
  list->Add("starts_with(text,text)", [](View text, View prefix) -> bool { return text.starts_with(prefix); });
}

void AddChanges(FunctionList* list) {
  list->Add("chr(int4)", [](int32_t code) -> Text { return pg::Chr(code); });
  list->Add("initcap(text)", [](View text) -> std::string { return pg::Initcap(text); });
  list->Add("reverse(text)", [](View text) -> std::string { return pg::Reverse(text); });
  list->Add("repeat(text,int4)", [](View text, int32_t count) -> Text { return Repeated(text, count); });
  list->Add("lpad(text,int4)", [](View text, int32_t length) -> Text { return pg::PadLeft(text, length, " "); });
  list->Add("lpad(text,int4,text)", [](View text, int32_t length, View fill) -> Text { return pg::PadLeft(text, length, fill); });
  list->Add("rpad(text,int4)", [](View text, int32_t length) -> Text { return pg::PadRight(text, length, " "); });
  list->Add("rpad(text,int4,text)", [](View text, int32_t length, View fill) -> Text { return pg::PadRight(text, length, fill); });
  list->Add("translate(text,text,text)", [](View text, View from, View to) -> std::string { return pg::Translate(text, from, to); });
  list->Add("to_hex(int4)", [](int32_t value) -> std::string { return pg::ToHex(static_cast<uint32_t>(value)); });
  list->Add("to_hex(int8)", [](int64_t value) -> std::string { return pg::ToHex(static_cast<uint64_t>(value)); });
  list->Add("overlay(text,text,int4)",
            [](View text, View part, int32_t start) -> Text { return pg::Overlay(text, part, start, std::nullopt); });
  list->Add("overlay(text,text,int4,int4)",
            [](View text, View part, int32_t start, int32_t count) -> Text { return pg::Overlay(text, part, start, count); });
  list->Add("unistr(text)", [](View text) -> Text { return pg::Unistr(text); });
  list->Add("quote_ident(text)", [](View text) -> std::string { return pg::QuoteIdentifier(text); });
  list->Add("quote_literal(text)", [](View text) -> std::string { return pg::QuoteLiteral(text); });
  list->Add("quote_nullable(text)",
            [](std::optional<View> text) -> std::string { return text ? pg::QuoteLiteral(*text) : "NULL"; });
}

void AddBytes(FunctionList* list) {
  list->Add("encode(bytea,text)", [](View bytes, View form) -> Text { return pg::Encode(bytes, form); });
  list->Add("decode(text,text)", [](View text, View form) -> Text { return pg::Decode(text, form); });
  list->Add("get_bit(bytea,int8)", [](View bytes, int64_t bit) -> Result<int32_t> { return pg::GetBit(bytes, bit); });
  list->Add("set_bit(bytea,int8,int4)", [](View bytes, int64_t bit, int32_t value) -> Text { return pg::SetBit(bytes, bit, value); });
  list->Add("get_byte(bytea,int4)", [](View bytes, int32_t at) -> Result<int32_t> { return pg::GetByte(bytes, at); });
  list->Add("set_byte(bytea,int4,int4)", [](View bytes, int32_t at, int32_t value) -> Text { return pg::SetByte(bytes, at, value); });
  for (const char* name : {"substr(bytea,int4)", "substring(bytea,int4)"}) {
    list->Add(name, [](View bytes, int32_t start) -> Part { return pg::SubstringOfBytes(bytes, start, std::nullopt); });
  }
  for (const char* name : {"substr(bytea,int4,int4)", "substring(bytea,int4,int4)"}) {
    list->Add(name, [](View bytes, int32_t start, int32_t count) -> Part { return pg::SubstringOfBytes(bytes, start, count); });
  }
  list->Add("overlay(bytea,bytea,int4)",
            [](View bytes, View part, int32_t start) -> Text { return pg::OverlayBytes(bytes, part, start, std::nullopt); });
  list->Add("overlay(bytea,bytea,int4,int4)", [](View bytes, View part, int32_t start, int32_t count) -> Text {
    return pg::OverlayBytes(bytes, part, start, count);
  });
  list->Add("position(bytea,bytea)", [](View bytes, View part) -> int32_t { return pg::PositionOfBytes(bytes, part); });
  list->Add("btrim(bytea,bytea)",
            [](View bytes, View set) -> View { return pg::TrimBytesLeft(pg::TrimBytesRight(bytes, set), set); });
  list->Add("ltrim(bytea,bytea)", [](View bytes, View set) -> View { return pg::TrimBytesLeft(bytes, set); });
  list->Add("rtrim(bytea,bytea)", [](View bytes, View set) -> View { return pg::TrimBytesRight(bytes, set); });
}

// --- regular expressions ---

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
  std::string options;
  size_t nth = 1;
  for (char flag : flags) {
    if (flag == 'g') nth = 0;
    else options += flag;
  }
  return Compiled(pattern, options).Replace(text, replacement, 0, nth);
}

std::string Cut(View text, const pg::RegexMatch::Span& span) { return std::string(text.substr(span.begin, span.end - span.begin)); }

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

void AddLists(FunctionList* list) {
  using MaybeView = std::optional<View>;
  list->Add("regexp_match(text,text)",
            [](View text, View pattern) -> Result<std::optional<TextList>> { return FirstCaptures(text, pattern, ""); });
  list->Add("regexp_match(text,text,text)", [](View text, View pattern, View options) -> Result<std::optional<TextList>> {
    return FirstCaptures(text, pattern, options);
  });
  list->Add("regexp_matches(text,text)", [](View text, View pattern) -> Result<TextLists> { return AllCaptures(text, pattern, ""); });
  list->Add("regexp_matches(text,text,text)",
            [](View text, View pattern, View flags) -> Result<TextLists> { return AllCaptures(text, pattern, flags); });
  for (const char* name : {"regexp_split_to_array(text,text)", "regexp_split_to_table(text,text)"}) {
    list->Add(name, [](View text, View pattern) -> Result<TextList> { return Parted(text, pattern, ""); });
  }
  for (const char* name : {"regexp_split_to_array(text,text,text)", "regexp_split_to_table(text,text,text)"}) {
    list->Add(name, [](View text, View pattern, View options) -> Result<TextList> { return Parted(text, pattern, options); });
  }
  for (const char* name : {"string_to_array(text,text)", "string_to_table(text,text)"}) {
    list->Add(name, [](MaybeView text, MaybeView delimiter) -> std::optional<TextList> {
      return text ? std::optional(TextList{pg::SplitText(*text, delimiter, std::nullopt)}) : std::nullopt;
    });
  }
  for (const char* name : {"string_to_array(text,text,text)", "string_to_table(text,text,text)"}) {
    list->Add(name, [](MaybeView text, MaybeView delimiter, MaybeView null_text) -> std::optional<TextList> {
      return text ? std::optional(TextList{pg::SplitText(*text, delimiter, null_text)}) : std::nullopt;
    });
  }
  list->Add("parse_ident(text,bool)", [](View text, bool strict) -> Result<TextList> {
    WEIR_ASSIGN_OR_RETURN(auto parts, pg::ParseIdent(text, strict));
    return TextList{{parts.begin(), parts.end()}};
  });
}

void AddMatches(FunctionList* list) {
  for (const char* left : {"text", "name", "bpchar"}) {
    const std::string type = left;
    const std::string types = "(" + type + ",text)";
    list->Add(type + "regexeq" + types, [](View text, View pattern) -> Result<bool> { return Matches(text, pattern, "", true); });
    list->Add(type + "regexne" + types, [](View text, View pattern) -> Result<bool> { return Matches(text, pattern, "", false); });
    list->Add(type + "icregexeq" + types, [](View text, View pattern) -> Result<bool> { return Matches(text, pattern, "i", true); });
    list->Add(type + "icregexne" + types, [](View text, View pattern) -> Result<bool> { return Matches(text, pattern, "i", false); });
  }
  list->Add("regexp_like(text,text)", [](View text, View pattern) -> Result<bool> { return Matches(text, pattern, "", true); });
  list->Add("regexp_like(text,text,text)",
            [](View text, View pattern, View options) -> Result<bool> { return Matches(text, pattern, options, true); });
  list->Add("substring(text,text)",
            [](View text, View pattern) -> Result<std::optional<std::string>> { return FirstMatch(text, pattern); });
  list->Add("regexp_replace(text,text,text)",
            [](View text, View pattern, View replacement) -> Text { return Replaced(text, pattern, replacement, ""); });
  list->Add("regexp_replace(text,text,text,text)", [](View text, View pattern, View replacement, View flags) -> Text {
    return Replaced(text, pattern, replacement, flags);
  });
  list->Add("similar_to_escape(text)", [](View pattern) -> Text { return pg::SimilarToRegex(pattern); });
  list->Add("similar_to_escape(text,text)", [](View pattern, View escape) -> Text { return pg::SimilarToRegex(pattern, escape); });
  list->Add("pg.like", {duckdb::LogicalType::VARCHAR, duckdb::LogicalType::VARCHAR}, duckdb::LogicalType::BOOLEAN,
            [](View text, View pattern) -> Result<bool> { return pg::Like(text, pattern, "\\", false); });
  list->Add("pg.ilike", {duckdb::LogicalType::VARCHAR, duckdb::LogicalType::VARCHAR}, duckdb::LogicalType::BOOLEAN,
            [](View text, View pattern) -> Result<bool> { return pg::Like(text, pattern, "\\", true); });
}

}  // namespace

void AddTexts(FunctionList* list) {
  AddParts(list);
  AddMeasures(list);
  AddChanges(list);
  AddBytes(list);
  AddMatches(list);
  AddLists(list);
}

}  // namespace weir::sql::duck
