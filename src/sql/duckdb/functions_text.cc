#include <algorithm>

#include "postgres/identifier.h"
#include "postgres/value/text.h"
#include "sql/duckdb/function_list.h"

namespace weir::sql::duck {
namespace {

using postgres::CharacterBytes;
using postgres::CountCharacters;
using postgres::PrefixBytes;
using View = std::string_view;

/// The characters from `start` (from 1; before that there are none), `count` of them.
View Substring(View text, int64_t start, std::optional<int64_t> count) {
  int64_t end = count ? start + *count : INT64_MAX;
  start = std::max<int64_t>(start, 1);
  if (end <= start) return {};
  const size_t from = PrefixBytes(text, static_cast<size_t>(start - 1));
  const View rest = text.substr(from);
  if (end == INT64_MAX) return rest;
  return rest.substr(0, PrefixBytes(rest, static_cast<size_t>(end - start)));
}

View CheckedSubstring(View text, int32_t start, int32_t count) {
  if (count < 0) Throw(Error("22011", "negative substring length not allowed"));
  return Substring(text, start, count);
}

View BytesSubstring(View bytes, int64_t start, std::optional<int32_t> count) {
  if (count && *count < 0) Throw(Error("22011", "negative substring length not allowed"));
  const int64_t size = static_cast<int64_t>(bytes.size());
  const int64_t end = count ? std::min<int64_t>(start + *count, size + 1) : size + 1;
  start = std::max<int64_t>(start, 1);
  return end <= start ? View() : bytes.substr(start - 1, end - start);
}

/// The characters of `text`, each a view of its bytes.
std::vector<View> CharactersOf(View text) {
  std::vector<View> characters;
  while (!text.empty()) {
    const size_t bytes = std::max<size_t>(CharacterBytes(text), 1);
    characters.push_back(text.substr(0, bytes));
    text.remove_prefix(std::min(bytes, text.size()));
  }
  return characters;
}

bool IsOneOf(View character, const std::vector<View>& set) {
  return std::find(set.begin(), set.end(), character) != set.end();
}

View TrimmedOf(View text, View set, bool left, bool right) {
  const auto unwanted = CharactersOf(set);
  auto characters = CharactersOf(text);
  size_t first = 0;
  size_t last = characters.size();
  while (left && first < last && IsOneOf(characters[first], unwanted)) ++first;
  while (right && last > first && IsOneOf(characters[last - 1], unwanted)) --last;
  if (first == last) return {};
  return {characters[first].data(), static_cast<size_t>(characters[last - 1].data() + characters[last - 1].size() - characters[first].data())};
}

constexpr int64_t kLargestText = 1'073'741'819;

std::string Padded(View text, int32_t length, View fill, bool left) {
  const auto wanted = static_cast<int64_t>(std::max(length, 0));
  const auto has = static_cast<int64_t>(CountCharacters(text));
  if (has >= wanted || fill.empty()) return std::string(text.substr(0, PrefixBytes(text, wanted)));
  if (wanted * 4 > kLargestText) Throw(Error("54000", "requested length too large"));
  const auto pattern = CharactersOf(fill);
  std::string padding;
  for (int64_t i = 0; i < wanted - has; ++i) padding += pattern[i % pattern.size()];
  return left ? padding + std::string(text) : std::string(text) + padding;
}

std::string Repeated(View text, int32_t count) {
  if (count <= 0) return {};
  if (static_cast<int64_t>(text.size()) * count > kLargestText) Throw(Error("54000", "requested length too large"));
  std::string result;
  result.reserve(text.size() * count);
  for (int32_t i = 0; i < count; ++i) result += text;
  return result;
}

int32_t PositionOf(View text, View part) {
  const size_t at = text.find(part);
  return at == View::npos ? 0 : static_cast<int32_t>(CountCharacters(text.substr(0, at))) + 1;
}

std::vector<View> Split(View text, View delimiter) {
  std::vector<View> parts;
  while (true) {
    const size_t at = delimiter.empty() ? View::npos : text.find(delimiter);
    parts.push_back(text.substr(0, at));
    if (at == View::npos) return parts;
    text.remove_prefix(at + delimiter.size());
  }
}

View SplitPart(View text, View delimiter, int32_t field) {
  if (field == 0) Throw(Error("22023", "field position must not be zero"));
  const auto parts = Split(text, delimiter);
  const int64_t index = field > 0 ? field - 1 : static_cast<int64_t>(parts.size()) + field;
  return index < 0 || index >= static_cast<int64_t>(parts.size()) ? View() : parts[index];
}

std::string Translated(View text, View from, View to) {
  const auto sources = CharactersOf(from);
  const auto targets = CharactersOf(to);
  std::string result;
  for (View character : CharactersOf(text)) {
    const auto found = std::find(sources.begin(), sources.end(), character) - sources.begin();
    if (found == static_cast<int64_t>(sources.size())) {
      result += character;
    } else if (found < static_cast<int64_t>(targets.size())) {
      result += targets[found];
    }
  }
  return result;
}

std::string Hex(uint64_t value) {
  char digits[17];
  const int size = std::snprintf(digits, sizeof digits, "%llx", static_cast<unsigned long long>(value));
  return {digits, static_cast<size_t>(size)};
}

std::string Character(int32_t code) {
  if (code == 0) Throw(Error("54000", "null character not permitted"));
  if (code < 0) Throw(Error("54000", "character number must be positive"));
  if (code > 0x10FFFF) Throw(Error("54000", "requested character too large for encoding: " + std::to_string(code)));
  if (code >= 0xD800 && code <= 0xDFFF) Throw(Error("54000", "requested character not valid for encoding: " + std::to_string(code)));
  std::string text;
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | code >> 6);
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | code >> 12);
    text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | code >> 18);
    text += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  }
  return text;
}

int32_t CodeOf(View text) {
  if (text.empty()) return 0;
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const size_t size = CharacterBytes(text);
  if (size <= 1) return byte(0);
  int32_t code = byte(0) & (0xFF >> (size + 1));
  for (size_t i = 1; i < size; ++i) code = code << 6 | (byte(i) & 0x3F);
  return code;
}

std::string Overlaid(View text, View part, int32_t start, int32_t count) {
  if (start <= 0) Throw(Error("22011", "negative substring length not allowed"));
  std::string result(Substring(text, 1, start - 1));
  result += part;
  result += Substring(text, static_cast<int64_t>(start) + count, std::nullopt);
  return result;
}

std::string Initials(View text) {
  std::string result;
  bool within = false;
  for (char c : text) {
    const bool letter = postgres::IsLetter(c) || postgres::IsDigit(c) || (c & 0x80) != 0;
    const bool up = !within && c >= 'a' && c <= 'z';
    result += up ? static_cast<char>(c - 32) : within ? postgres::ToLower(c) : c;
    within = letter;
  }
  return result;
}

std::string Reversed(View text) {
  std::string result;
  const auto characters = CharactersOf(text);
  for (auto character = characters.rbegin(); character != characters.rend(); ++character) result += *character;
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
    list->Add(name, [](View text, int32_t start) -> View { return Substring(text, start, std::nullopt); });
  }
  for (const char* name : {"substr(text,int4,int4)", "substring(text,int4,int4)"}) {
    list->Add(name, [](View text, int32_t start, int32_t count) -> View { return CheckedSubstring(text, start, count); });
  }
  for (const char* name : {"substr(bytea,int4)", "substring(bytea,int4)"}) {
    list->Add(name, [](View bytes, int32_t start) -> View { return BytesSubstring(bytes, start, std::nullopt); });
  }
  for (const char* name : {"substr(bytea,int4,int4)", "substring(bytea,int4,int4)"}) {
    list->Add(name, [](View bytes, int32_t start, int32_t count) -> View { return BytesSubstring(bytes, start, count); });
  }
  list->Add("left(text,int4)", [](View text, int32_t count) -> View { return FirstOf(text, count); });
  list->Add("right(text,int4)", [](View text, int32_t count) -> View { return LastOf(text, count); });
  list->Add("split_part(text,text,int4)",
            [](View text, View delimiter, int32_t field) -> View { return SplitPart(text, delimiter, field); });
  list->Add("btrim(text)", [](View text) -> View { return TrimmedOf(text, " ", true, true); });
  list->Add("btrim(text,text)", [](View text, View set) -> View { return TrimmedOf(text, set, true, true); });
  list->Add("ltrim(text)", [](View text) -> View { return TrimmedOf(text, " ", true, false); });
  list->Add("ltrim(text,text)", [](View text, View set) -> View { return TrimmedOf(text, set, true, false); });
  list->Add("rtrim(text)", [](View text) -> View { return TrimmedOf(text, " ", false, true); });
  list->Add("rtrim(text,text)", [](View text, View set) -> View { return TrimmedOf(text, set, false, true); });
}

void AddMeasures(FunctionList* list) {
  for (const char* name : {"position(text,text)", "strpos(text,text)"}) {
    list->Add(name, [](View text, View part) -> int32_t { return PositionOf(text, part); });
  }
  list->Add("bit_length(text)", [](View text) -> int32_t { return static_cast<int32_t>(text.size()) * 8; });
  for (const char* name : {"octet_length(text)", "octet_length(bytea)", "length(bytea)"}) {
    list->Add(name, [](View text) -> int32_t { return static_cast<int32_t>(text.size()); });
  }
  for (const char* name : {"length(text)", "char_length(text)", "character_length(text)", "length(bpchar)",
                           "char_length(bpchar)", "character_length(bpchar)"}) {
    list->Add(name, [](View text) -> int32_t { return static_cast<int32_t>(CountCharacters(text)); });
  }
  list->Add("ascii(text)", [](View text) -> int32_t { return CodeOf(text); });
  list->Add("starts_with(text,text)", [](View text, View prefix) -> bool { return text.starts_with(prefix); });
}

}  // namespace

void AddTexts(FunctionList* list) {
  AddParts(list);
  AddMeasures(list);
  list->Add("chr(int4)", [](int32_t code) -> std::string { return Character(code); });
  list->Add("initcap(text)", [](View text) -> std::string { return Initials(text); });
  list->Add("reverse(text)", [](View text) -> std::string { return Reversed(text); });
  list->Add("repeat(text,int4)", [](View text, int32_t count) -> std::string { return Repeated(text, count); });
  list->Add("lpad(text,int4)", [](View text, int32_t length) -> std::string { return Padded(text, length, " ", true); });
  list->Add("lpad(text,int4,text)", [](View text, int32_t length, View fill) -> std::string { return Padded(text, length, fill, true); });
  list->Add("rpad(text,int4)", [](View text, int32_t length) -> std::string { return Padded(text, length, " ", false); });
  list->Add("rpad(text,int4,text)", [](View text, int32_t length, View fill) -> std::string { return Padded(text, length, fill, false); });
  list->Add("translate(text,text,text)", [](View text, View from, View to) -> std::string { return Translated(text, from, to); });
  list->Add("to_hex(int4)", [](int32_t value) -> std::string { return Hex(static_cast<uint32_t>(value)); });
  list->Add("to_hex(int8)", [](int64_t value) -> std::string { return Hex(static_cast<uint64_t>(value)); });
  list->Add("overlay(text,text,int4)", [](View text, View part, int32_t start) -> std::string {
    return Overlaid(text, part, start, static_cast<int32_t>(CountCharacters(part)));
  });
  list->Add("overlay(text,text,int4,int4)", [](View text, View part, int32_t start, int32_t count) -> std::string {
    return Overlaid(text, part, start, count);
  });
  list->Add("quote_ident(text)", [](View text) -> std::string { return postgres::QuoteIdentifier(text); });
  list->Add("quote_literal(text)", [](View text) -> std::string { return postgres::QuoteLiteral(text); });
  list->Add("quote_nullable(text)", [](std::optional<View> text) -> std::string {
    return text ? postgres::QuoteLiteral(*text) : "NULL";
  });
}

}  // namespace weir::sql::duck
