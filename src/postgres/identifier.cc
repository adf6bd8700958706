#include "postgres/identifier.h"

#include <algorithm>

#include "postgres/value/character.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr Keyword kKeywords[] = {
#include "postgres/facts/keywords.inc"
};

bool BeginsName(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

bool IsPlain(std::string_view name) {
  if (name.empty() || !BeginsName(name[0])) return false;
  if (!std::ranges::all_of(name, [](char c) { return BeginsName(c) || IsDigit(c); })) return false;
  const Keyword* keyword = FindKeyword(name);
  return keyword == nullptr || keyword->kind == KeywordKind::kUnreserved;
}

std::string Doubled(std::string_view text, char quote, bool backslashes) {
  std::string doubled(1, quote);
  for (const char c : text) {
    if (c == quote || (backslashes && c == '\\')) doubled += c;
    doubled += c;
  }
  return doubled += quote;
}

}  // namespace

std::span<const Keyword> AllKeywords() { return kKeywords; }

const Keyword* FindKeyword(std::string_view word) {
  const auto* found = std::ranges::lower_bound(kKeywords, word, {}, &Keyword::word);
  return found != std::end(kKeywords) && found->word == word ? found : nullptr;
}

std::string QuoteIdentifier(std::string_view name) {
  return IsPlain(name) ? std::string(name) : Doubled(name, '"', false);
}

std::string QuoteLiteral(std::string_view text) {
  const bool backslashes = text.find('\\') != std::string_view::npos;
  return (backslashes ? "E" : "") + Doubled(text, '\'', backslashes);
}

std::string FoldIdentifier(std::string_view name) {
  std::string folded(name);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

bool IsMeant(std::string_view word, std::string_view name) { return word == CutToName(name); }

}  // namespace weir::postgres
