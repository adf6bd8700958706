#include "sql/dialect/statement_shape.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "postgres/oid.h"
#include "postgres/value/text.h"

namespace weir::sql::dialect {
namespace {

constexpr size_t kLongest = 4096;  // bytes of a text worth remembering
constexpr size_t kMostLiterals = 256;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool BeginsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (static_cast<unsigned char>(c) & 0x80) != 0;
}
bool IsOfWord(char c) { return BeginsWord(c) || IsDigit(c) || c == '$'; }

// Behind these words a number may be a position or a count, and what a literal means hangs on more than its value.
constexpr std::array<std::string_view, 10> kRefused = {"order",  "group", "over",  "window",   "limit",
                                                       "offset", "fetch", "distinct", "interval", "tablesample"};
// Words that a value may follow: behind any other a string is part of a typed literal, or of something unknown.
constexpr std::array<std::string_view, 16> kBeforeValues = {"select", "where", "and",  "or",   "not",    "when",
                                                            "then",   "else",  "like", "ilike", "between", "set",
                                                            "values", "in",    "returning", "from"};
constexpr std::array<std::string_view, 4> kCommands = {"select", "insert", "update", "delete"};

template <size_t n>
bool IsAmong(std::string_view word, const std::array<std::string_view, n>& words) {
  return std::ranges::any_of(words, [&](std::string_view one) { return postgres::EqualsIgnoringCase(word, one); });
}

/// Reads a text from its first byte to its last; `ok` turns false where it is no plain one.
class ShapeReader {
 public:
  explicit ShapeReader(std::string_view text) : text_(text) {}

  std::optional<StatementShape> Read() {
    while (at_ < text_.size()) {
      if (!Next()) return std::nullopt;
    }
    if (words_ == 0 || shape_.literals.empty()) return std::nullopt;
    return std::move(shape_);
  }

 private:
  enum class Before : uint8_t { kWord, kOperand, kOther };

  bool Next() {
    const char c = text_[at_];
    if (ended_ && !IsSpace(c) && c != ';') return false;
    if (IsSpace(c)) return Keep(1, before_);
    if (c == ';') {
      ended_ = true;
      return words_ > 0 && Keep(1, before_);
    }
    if (BeginsWord(c)) return Word();
    if (IsDigit(c) || (c == '.' && at_ + 1 < text_.size() && IsDigit(text_[at_ + 1]))) return Number();
    if (c == '\'') return String();
    if (c == '"') return Name();
    const bool comment = text_.substr(at_, 2) == "--" || text_.substr(at_, 2) == "/*";
    if (comment || c == '$' || c == '\\' || c == '\0') return false;
    return Keep(1, c == ')' || c == ']' ? Before::kOperand : Before::kOther);
  }

  bool Keep(size_t bytes, Before before) {
    shape_.key.append(text_, at_, bytes);
    shape_.parameterized.append(text_, at_, bytes);
    at_ += bytes;
    before_ = before;
    return true;
  }

  bool Word() {
    size_t end = at_;
    while (end < text_.size() && IsOfWord(text_[end])) ++end;
    word_ = text_.substr(at_, end - at_);
    if (words_++ == 0 && !IsAmong(word_, kCommands)) return false;
    if (IsAmong(word_, kRefused)) return false;
    const size_t ampersand = end < text_.size() && text_[end] == '&' ? 1 : 0;
    const std::string_view next = text_.substr(end + ampersand, 1);
    if (next == "'" || next == "\"") return false;  // E'…', U&"…" and their like
    return Keep(end - at_, Before::kWord);
  }

  bool Name() {
    const size_t end = text_.find('"', at_ + 1);
    if (end == std::string_view::npos) return false;
    word_ = {};
    return Keep(end + 1 - at_, Before::kWord);
  }

  /// Digits with at most one point among them, and nothing that goes on behind.
  bool Number() {
    size_t end = at_;
    int points = 0;
    for (; end < text_.size() && (IsDigit(text_[end]) || text_[end] == '.'); ++end) points += text_[end] == '.';
    if (points > 1 || (end < text_.size() && IsOfWord(text_[end])) || !MayBeValue()) return false;
    const std::string_view digits = text_.substr(at_, end - at_);
    int64_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool integer = points == 0 && read.ec == std::errc();
    uint32_t type = postgres::oid::kNumeric;
    if (integer) type = value <= INT32_MAX ? postgres::oid::kInt4 : postgres::oid::kInt8;
    return Replace(end, std::string(digits), type);
  }

  bool String() {
    if (!MayBeValue()) return false;
    std::string value;
    size_t at = at_ + 1;
    while (true) {
      const size_t quote = text_.find('\'', at);
      if (quote == std::string_view::npos) return false;
      value.append(text_, at, quote - at);
      at = quote + 1;
      if (at >= text_.size() || text_[at] != '\'') break;
      value += '\'';
      ++at;
    }
    return Replace(at, std::move(value), 0);
  }

  /// Not behind a word that may be a type's, nor behind another string, which it would go on.
  bool MayBeValue() const {
    if (before_ == Before::kWord) return IsAmong(word_, kBeforeValues);
    return before_ == Before::kOther;
  }

  bool Replace(size_t end, std::string value, uint32_t type) {
    if (shape_.literals.size() == kMostLiterals) return false;
    shape_.literals.push_back({std::move(value), type});
    shape_.key += '\0';
    shape_.key += std::to_string(type);
    shape_.key += '\0';
    shape_.parameterized += '$' + std::to_string(shape_.literals.size());
    at_ = end;
    before_ = Before::kOperand;
    return true;
  }

  const std::string_view text_;
  StatementShape shape_;
  size_t at_ = 0;
  size_t words_ = 0;
  std::string_view word_;  // the last; empty: a quoted name
  Before before_ = Before::kOperand;
  bool ended_ = false;
};

}  // namespace

std::optional<StatementShape> ShapeOf(std::string_view text) {
  if (text.size() > kLongest) return std::nullopt;
  return ShapeReader(text).Read();
}

bool HasLastingMeaning(std::string_view text) {
  if (text.size() > kLongest) return false;
  if (text.find('\'') == std::string_view::npos && text.find("$$") == std::string_view::npos) return true;
  const std::string folded = postgres::Lowered(text);
  constexpr std::array<std::string_view, 4> kMoments = {"now", "today", "tomorrow", "yesterday"};
  return std::ranges::none_of(kMoments, [&](std::string_view one) { return folded.find(one) != std::string::npos; });
}

}  // namespace weir::sql::dialect
