#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::sql::dialect {

enum class TokenKind : uint8_t {
  kWord,        // an identifier or keyword without quotes
  kQuotedName,  // "x", U&"x"
  kString,      // 'x', E'x', U&'x', B'x', X'x', $$x$$
  kNumber,
  kParameter,   // $1
  kSymbol,      // an operator or punctuation
  kEnd,
};

/// How far PostgreSQL reserves a word.
enum class Reserved : uint8_t { kNot, kColumnName, kTypeOrFunction, kFully };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Reserved reserved = Reserved::kNot;
  bool integer = false;  // kNumber: without point and exponent
  uint32_t begin = 0;    // bytes of the source
  uint32_t end = 0;
  std::string_view text;

  /// An unquoted word; `word` is in lower case.
  bool Is(std::string_view word) const;
  bool IsSymbol(std::string_view symbol) const { return kind == TokenKind::kSymbol && text == symbol; }
};

/// Lower case as PostgreSQL folds identifiers: ASCII letters only.
std::string Folded(std::string_view word);
/// Upper case, ASCII letters only.
std::string Upper(std::string_view word);
/// The identifier that a word or a quoted name stands for, cut to PostgreSQL's 63 bytes.
std::string NameOf(const Token& token);
/// What a kString token stands for; the digits of a bit string.
std::string StringValue(std::string_view literal);

}  // namespace weir::sql::dialect
