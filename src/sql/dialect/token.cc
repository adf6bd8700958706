#include "sql/dialect/token.h"

#include <algorithm>
#include <optional>

#include "postgres/identifier.h"
#include "postgres/value/character.h"
#include "postgres/value/utf16.h"

namespace weir::sql::dialect {

namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = Lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<uint32_t> HexNumber(std::string_view digits) {
  uint32_t value = 0;
  for (const char c : digits) {
    const int digit = HexDigit(c);
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<uint32_t>(digit);
  }
  return value;
}

// The text between quotes, which stand doubled in it.
std::string Undoubled(std::string_view quoted, char quote) {
  std::string value;
  const std::string_view inner = quoted.size() >= 2 ? quoted.substr(1, quoted.size() - 2) : std::string_view();
  for (size_t i = 0; i < inner.size(); ++i) {
    value.push_back(inner[i]);
    if (inner[i] == quote && i + 1 < inner.size() && inner[i + 1] == quote) ++i;
  }
  return value;
}

// Writes a UTF-16 unit or a whole code point; halves of a pair come one after the other.
void AppendUnit(uint32_t code, uint32_t* high_surrogate, std::string* out) {
  if (code >= 0xD800 && code < 0xDC00) {
    *high_surrogate = code;
    return;
  }
  if (code >= 0xDC00 && code < 0xE000 && *high_surrogate != 0) {
    code = 0x10000 + ((*high_surrogate - 0xD800) << 10) + (code - 0xDC00);
  }
  *high_surrogate = 0;
  postgres::AppendUtf8(code, out);
}

// The escapes of U&'…': \XXXX, \+XXXXXX and a doubled backslash.
std::string UnicodeValue(std::string_view quoted, char quote) {
  const std::string text = Undoubled(quoted, quote);
  const std::string_view rest = text;
  std::string value;
  uint32_t high_surrogate = 0;
  for (size_t i = 0; i < rest.size();) {
    if (rest[i] != '\\' || rest.substr(i, 2) == "\\\\") {
      value.push_back(rest[i]);
      i += rest[i] == '\\' ? 2 : 1;
      continue;
    }
    const size_t prefix = rest.substr(i, 2) == "\\+" ? 2 : 1;
    const size_t digits = prefix == 2 ? 6 : 4;
    const std::string_view hex = rest.substr(std::min(i + prefix, rest.size()), digits);
    AppendUnit(HexNumber(hex).value_or('?'), &high_surrogate, &value);
    i += prefix + digits;
  }
  return value;
}

char SimpleEscape(char c) {
  switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;
  }
}

size_t CountDigits(std::string_view rest, size_t most, bool octal) {
  size_t n = 0;
  while (n < most && n < rest.size() && (octal ? rest[n] >= '0' && rest[n] <= '7' : HexDigit(rest[n]) >= 0)) ++n;
  return n;
}

// The escapes of E'…'.
std::string EscapedValue(std::string_view quoted) {
  const std::string_view inner = quoted.size() >= 2 ? quoted.substr(1, quoted.size() - 2) : std::string_view();
  std::string value;
  uint32_t high_surrogate = 0;
  for (size_t i = 0; i < inner.size();) {
    const char c = inner[i++];
    if (c == '\'' && i < inner.size() && inner[i] == '\'') ++i;
    if (c != '\\' || i == inner.size()) {
      value.push_back(c);
      continue;
    }
    const char escape = inner[i];
    if (const size_t octal = CountDigits(inner.substr(i), 3, true); octal > 0) {
      uint32_t byte = 0;
      for (size_t k = 0; k < octal; ++k) byte = byte * 8 + static_cast<uint32_t>(inner[i + k] - '0');
      value.push_back(static_cast<char>(byte));
      i += octal;
      continue;
    }
    ++i;
    const std::string_view after = inner.substr(i);
    const size_t most = escape == 'x' ? 2 : escape == 'u' ? 4 : escape == 'U' ? 8 : 0;
    const size_t digits = CountDigits(after, most, false);
    if (digits == 0) {
      value.push_back(SimpleEscape(escape));
      continue;
    }
    const uint32_t code = *HexNumber(after.substr(0, digits));
    if (escape == 'x') {
      value.push_back(static_cast<char>(code));
    } else {
      AppendUnit(code, &high_surrogate, &value);
    }
    i += digits;
  }
  return value;
}

std::string Cut(std::string name) { return std::string(postgres::CutToName(name)); }

bool BothCaseEqual(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) { return Lower(a) == b; });
}

}  // namespace

bool Token::Is(std::string_view word) const { return kind == TokenKind::kWord && BothCaseEqual(text, word); }

std::string Folded(std::string_view word) {
  std::string folded(word);
  std::transform(folded.begin(), folded.end(), folded.begin(), Lower);
  return folded;
}

std::string Upper(std::string_view word) {
  std::string upper(word);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

std::string NameOf(const Token& token) {
  if (token.kind != TokenKind::kQuotedName) return Cut(Folded(token.text));
  if (token.text.front() == '"') return Cut(Undoubled(token.text, '"'));
  return Cut(UnicodeValue(token.text.substr(2), '"'));
}

std::string StringValue(std::string_view literal) {
  if (literal.empty()) return {};
  if (literal.front() == '$') {
    const size_t tag = literal.find('$', 1) + 1;
    return std::string(literal.substr(tag, literal.size() - 2 * tag));
  }
  // 'a' <newline> 'b' is one literal; its parts have one kind of quoting.
  const size_t prefix = literal.find('\'');
  if (prefix == std::string_view::npos) return std::string(literal);
  const char kind = prefix == 0 ? '\'' : Lower(literal.front());
  std::string value;
  for (size_t begin = prefix; begin != std::string_view::npos;) {
    size_t end = begin + 1;
    while (end < literal.size() && (literal[end] != '\'' || (end + 1 < literal.size() && literal[end + 1] == '\''))) {
      end += (literal[end] == '\\' && kind == 'e') || literal[end] == '\'' ? 2 : 1;
    }
    const std::string_view part = literal.substr(begin, std::min(end + 1, literal.size()) - begin);
    value += kind == 'e' ? EscapedValue(part) : kind == 'u' ? UnicodeValue(part, '\'') : Undoubled(part, '\'');
    begin = end + 1 < literal.size() ? literal.find('\'', end + 1) : std::string_view::npos;
  }
  return value;
}

}  // namespace weir::sql::dialect
