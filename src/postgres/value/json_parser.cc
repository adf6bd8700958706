#include "postgres/value/json_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "postgres/error.h"
#include "postgres/value/stack_budget.h"
#include "postgres/value/stop.h"
#include "postgres/value/text.h"
#include "postgres/value/utf16.h"

namespace weir::postgres {

JsonValue::JsonValue() = default;
JsonValue::JsonValue(const JsonValue& other) = default;
JsonValue::JsonValue(JsonValue&& other) noexcept = default;
JsonValue& JsonValue::operator=(const JsonValue& other) = default;
JsonValue& JsonValue::operator=(JsonValue&& other) noexcept = default;
JsonValue::~JsonValue() = default;

namespace {

enum class TokenKind : uint8_t {
  kEnd,
  kOpenObject,
  kCloseObject,
  kOpenArray,
  kCloseArray,
  kComma,
  kColon,
  kString,
  kNumber,
  kTrue,
  kFalse,
  kNull,
};

/// What PostgreSQL shows of a text that it cannot read: the line of it, up to where it stopped; less than 50 bytes.
std::string JsonContext(std::string_view text, size_t end) {
  const std::string_view read = text.substr(0, end);
  const size_t line_begin = read.rfind('\n') == std::string_view::npos ? 0 : read.rfind('\n') + 1;
  size_t begin = line_begin;
  while (end - begin >= 50) begin += PrefixBytes(text.substr(begin), 1);
  if (begin - line_begin <= 3) begin = line_begin;
  const bool more = end < text.size() && text[end] != '\n' && text[end] != '\r';
  return fmt::format("JSON data, line {}: {}{}{}", std::ranges::count(read, '\n') + 1, begin > line_begin ? "..." : "",
                     text.substr(begin, end - begin), more ? "..." : "");
}

bool IsWordCharacter(char c) { return IsLetter(c) || IsDigit(c) || c == '_' || (c & 0x80) != 0; }

/// Cuts the text into tokens.
class JsonLexer {
 public:
  JsonLexer(std::string_view text, JsonEscapes escapes) : text_(text), escapes_(escapes) {}

  TokenKind kind() const { return kind_; }
  /// The token as written.
  std::string_view token() const { return text_.substr(start_, at_ - start_); }
  /// A string's characters.
  std::string TakeString() { return std::move(string_); }

  /// An error at the token, or at a character of it that ends at `end`.
  Status Invalid(std::string detail) const { return InvalidTo(at_, std::move(detail)); }

  Status Next() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
    start_ = at_;
    if (at_ == text_.size()) return Is(TokenKind::kEnd, 0);
    switch (text_[at_]) {
      case '{': return Is(TokenKind::kOpenObject, 1);
      case '}': return Is(TokenKind::kCloseObject, 1);
      case '[': return Is(TokenKind::kOpenArray, 1);
      case ']': return Is(TokenKind::kCloseArray, 1);
      case ',': return Is(TokenKind::kComma, 1);
      case ':': return Is(TokenKind::kColon, 1);
      case '"': return String();
      case '-': ++at_; return Number();
      default: return IsDigit(text_[at_]) ? Number() : Word();
    }
  }

 private:
  Status Is(TokenKind kind, size_t size) {
    kind_ = kind;
    at_ += size;
    return Status::OK();
  }

  Status InvalidTo(size_t end, std::string detail) const {
    const Status error = Error("22P02", "invalid input syntax for type json", {.detail = std::move(detail)});
    return InContext(error, JsonContext(text_, end));
  }
  /// Where the character ends that the reader is at.
  size_t CharacterEnd() const { return at_ + PrefixBytes(text_.substr(at_), 1); }

  Status BadToken() { return Invalid(fmt::format("Token \"{}\" is invalid.", token())); }

  bool AtDigit() const { return at_ < text_.size() && IsDigit(text_[at_]); }
  bool Digits() {
    if (!AtDigit()) return false;
    while (AtDigit()) ++at_;
    return true;
  }
  bool Take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  Status Number() {
    bool good = Take('0') || Digits();
    if (Take('.')) good &= Digits();
    if (Take('e') || Take('E')) {
      if (!Take('+')) Take('-');
      good &= Digits();
    }
    for (; at_ < text_.size() && IsWordCharacter(text_[at_]); ++at_) good = false;
    return good ? Is(TokenKind::kNumber, 0) : BadToken();
  }

  Status Word() {
    while (at_ < text_.size() && IsWordCharacter(text_[at_])) ++at_;
    if (at_ == start_) {
      ++at_;
      return BadToken();
    }
    if (token() == "true") return Is(TokenKind::kTrue, 0);
    if (token() == "false") return Is(TokenKind::kFalse, 0);
    return token() == "null" ? Is(TokenKind::kNull, 0) : BadToken();
  }

  Status String() {
    string_.clear();
    utf16_.Reset();
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') break;
      if (static_cast<uint8_t>(c) < 0x20) {
        return Invalid(fmt::format("Character with value 0x{:02x} must be escaped.", static_cast<uint8_t>(c)));
      }
      if (c == '\\') {
        WEIR_RETURN_NOT_OK(Escape());
      } else {
        WEIR_RETURN_NOT_OK(CheckNoHighSurrogate());
        string_.push_back(c);
      }
    }
    if (at_ == text_.size()) return BadToken();
    WEIR_RETURN_NOT_OK(CheckNoHighSurrogate());
    return Is(TokenKind::kString, 1);
  }

  Status CheckNoHighSurrogate() const {
    const char* const wrong = utf16_.End();
    return wrong == nullptr ? Status::OK() : InvalidTo(CharacterEnd(), wrong);
  }

  /// At a backslash; stops at the escape's last character.
  Status Escape() {
    if (++at_ == text_.size()) return BadToken();
    const char c = text_[at_];
    if (c == 'u') return UnicodeEscape();
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const size_t meaning = kLetters.find(c);
    if (escapes_ == JsonEscapes::kReplace) WEIR_RETURN_NOT_OK(CheckNoHighSurrogate());
    if (meaning == std::string_view::npos) {
      const std::string_view character = text_.substr(at_, CharacterEnd() - at_);
      return InvalidTo(CharacterEnd(), fmt::format("Escape sequence \"\\{}\" is invalid.", character));
    }
    string_.push_back(kMeanings[meaning]);
    return Status::OK();
  }

  Status UnicodeEscape() {
    uint32_t point = 0;
    for (int i = 0; i < 4; ++i) {
      if (++at_ == text_.size()) return BadToken();
      const int digit = HexDigit(text_[at_]);
      if (digit < 0) return InvalidTo(CharacterEnd(), "\"\\u\" must be followed by four hexadecimal digits.");
      point = point << 4 | static_cast<uint32_t>(digit);
    }
    return escapes_ == JsonEscapes::kReplace ? Replace(point) : Status::OK();
  }

  Status Replace(uint32_t unit) {
    if (unit == 0 && utf16_.End() == nullptr) {
      return InContext(
          Error("22P05", "unsupported Unicode escape sequence", {.detail = "\\u0000 cannot be converted to text."}),
          JsonContext(text_, at_ + 1));
    }
    const char* const wrong = utf16_.Add(unit, &string_);
    return wrong == nullptr ? Status::OK() : InvalidTo(at_ + 1, wrong);
  }

  const std::string_view text_;
  const JsonEscapes escapes_;
  size_t start_ = 0;
  size_t at_ = 0;
  TokenKind kind_ = TokenKind::kEnd;
  std::string string_;
  Utf16Reader utf16_;
};

class JsonParser {
 public:
  JsonParser(std::string_view text, JsonEscapes escapes) : lexer_(text, escapes) {}

  Result<JsonValue> Parse() {
    JsonValue value;
    WEIR_RETURN_NOT_OK(lexer_.Next());
    WEIR_RETURN_NOT_OK(Value(&value));
    if (lexer_.kind() != TokenKind::kEnd) return Unexpected("end of input");
    return value;
  }

 private:
  Status Unexpected(std::string_view expected) {
    if (lexer_.kind() == TokenKind::kEnd) return lexer_.Invalid("The input string ended unexpectedly.");
    return lexer_.Invalid(fmt::format("Expected {}, but found \"{}\".", expected, lexer_.token()));
  }

  Status Value(JsonValue* value) {
    if (stack_.spent()) return Error("54001", "stack depth limit exceeded");
    WEIR_RETURN_NOT_OK(stop_.Step());
    switch (lexer_.kind()) {
      case TokenKind::kOpenObject: return Object(value);
      case TokenKind::kOpenArray: return Array(value);
      case TokenKind::kString:
        value->kind = JsonValue::Kind::kString;
        value->text = lexer_.TakeString();
        return lexer_.Next();
      case TokenKind::kNumber:
        value->kind = JsonValue::Kind::kNumber;
        value->text = lexer_.token();
        return lexer_.Next();
      case TokenKind::kTrue:
      case TokenKind::kFalse:
        value->kind = JsonValue::Kind::kBool;
        value->truth = lexer_.kind() == TokenKind::kTrue;
        return lexer_.Next();
      case TokenKind::kNull: return lexer_.Next();
      case TokenKind::kEnd:
      case TokenKind::kCloseObject:
      case TokenKind::kCloseArray:
      case TokenKind::kComma:
      case TokenKind::kColon: break;
    }
    return Unexpected("JSON value");
  }

  Status Object(JsonValue* value) {
    value->kind = JsonValue::Kind::kObject;
    WEIR_RETURN_NOT_OK(lexer_.Next());
    if (lexer_.kind() == TokenKind::kCloseObject) return lexer_.Next();
    if (lexer_.kind() != TokenKind::kString) return Unexpected("string or \"}\"");
    while (true) {
      if (lexer_.kind() != TokenKind::kString) return Unexpected("string");
      auto& [key, field] = value->fields.emplace_back();
      key = lexer_.TakeString();
      WEIR_RETURN_NOT_OK(lexer_.Next());
      if (lexer_.kind() != TokenKind::kColon) return Unexpected("\":\"");
      WEIR_RETURN_NOT_OK(lexer_.Next());
      WEIR_RETURN_NOT_OK(Value(&field));
      if (lexer_.kind() == TokenKind::kCloseObject) return lexer_.Next();
      if (lexer_.kind() != TokenKind::kComma) return Unexpected("\",\" or \"}\"");
      WEIR_RETURN_NOT_OK(lexer_.Next());
    }
  }

  Status Array(JsonValue* value) {
    value->kind = JsonValue::Kind::kArray;
    WEIR_RETURN_NOT_OK(lexer_.Next());
    if (lexer_.kind() == TokenKind::kCloseArray) return lexer_.Next();
    while (true) {
      WEIR_RETURN_NOT_OK(Value(&value->elements.emplace_back()));
      if (lexer_.kind() == TokenKind::kCloseArray) return lexer_.Next();
      if (lexer_.kind() != TokenKind::kComma) return Unexpected("\",\" or \"]\"");
      WEIR_RETURN_NOT_OK(lexer_.Next());
    }
  }

  JsonLexer lexer_;
  StackBudget stack_;
  StopCheck stop_;
};

}  // namespace

Result<JsonValue> ParseJson(std::string_view text, JsonEscapes escapes) { return JsonParser(text, escapes).Parse(); }

Result<JsonValue> ReadStoredJsonb(std::string_view json) {
  Result<JsonValue> value = ParseJson(json, JsonEscapes::kReplace);
  if (value.ok() || FieldsOf(value.status()).sqlstate == sqlstate::kQueryCanceled) return value;
  return Error("XX001", "not a jsonb", {.detail = FieldsOf(value.status()).message});
}

}  // namespace weir::postgres
