#include "sql/engine/parameter_value.h"

#include <optional>
#include <string_view>

#include "sql/error.h"

namespace weir::sql {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 32);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool IsOctal(char c) { return c >= '0' && c <= '7'; }

/// Nothing when the text is no bytea.
std::optional<std::string> BytesOf(std::string_view text) {
  std::string bytes;
  if (text.starts_with("\\x")) {
    if (text.size() % 2 != 0) return std::nullopt;
    for (size_t at = 2; at < text.size(); at += 2) {
      const int high = HexDigit(text[at]), low = HexDigit(text[at + 1]);
      if (high < 0 || low < 0) return std::nullopt;
      bytes.push_back(static_cast<char>(high << 4 | low));
    }
    return bytes;
  }
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      bytes.push_back(text[at]);
    } else if (text.substr(at + 1, 1) == "\\") {
      bytes.push_back(text[++at]);
    } else if (at + 3 < text.size() && text[at + 1] <= '3' && IsOctal(text[at + 1]) && IsOctal(text[at + 2]) && IsOctal(text[at + 3])) {
      bytes.push_back(static_cast<char>((text[at + 1] - '0') << 6 | (text[at + 2] - '0') << 3 | (text[at + 3] - '0')));
      at += 3;
    } else {
      return std::nullopt;
    }
  }
  return bytes;
}

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool IsNull(std::string_view text) {
  return text.size() == 4 && (text[0] | 32) == 'n' && (text[1] | 32) == 'u' && (text[2] | 32) == 'l' && (text[3] | 32) == 'l';
}

class ArrayReader {
 public:
  ArrayReader(duckdb::ClientContext& context, const std::string& text) : context_(context), text_(text) {}

  Result<Value> Read(const LogicalType& type) {
    WEIR_ASSIGN_OR_RETURN(Value value, ReadLevel(type));
    SkipSpace();
    if (at_ != text_.size()) return Malformed();
    return value;
  }

 private:
  Status Malformed() const { return Error("22P02", "malformed array literal: \"" + text_ + "\""); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void SkipSpace() {
    while (IsSpace(peek())) ++at_;
  }

  Result<Value> ReadLevel(const LogicalType& type) {
    const LogicalType& child = duckdb::ListType::GetChildType(type);
    duckdb::vector<Value> values;
    SkipSpace();
    if (peek() != '{') return Malformed();
    ++at_;
    SkipSpace();
    while (peek() != '}') {
      WEIR_ASSIGN_OR_RETURN(Value value, child.id() == LogicalTypeId::LIST ? ReadLevel(child) : ReadElement(child));
      values.push_back(std::move(value));
      SkipSpace();
      if (peek() == '}') break;
      if (peek() != ',') return Malformed();
      ++at_;
      SkipSpace();
      if (peek() == '}') return Malformed();
    }
    ++at_;
    return Value::LIST(child, std::move(values));
  }

  Result<Value> ReadElement(const LogicalType& type) {
    const bool quoted = peek() == '"';
    if (quoted) ++at_;
    std::string element;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (quoted ? c == '"' : c == ',' || c == '}' || c == '{' || c == '"') break;
      if (c == '\\' && ++at_ == text_.size()) return Malformed();
      element.push_back(text_[at_++]);
    }
    if (quoted) {
      if (peek() != '"') return Malformed();
      ++at_;
    } else {
      while (!element.empty() && IsSpace(element.back())) element.pop_back();
      if (element.empty()) return Malformed();
      if (IsNull(element)) return Value(type);
    }
    return ValueOfText(context_, element, type);
  }

  duckdb::ClientContext& context_;
  const std::string& text_;
  size_t at_ = 0;
};

}  // namespace

Result<Value> ValueOfText(duckdb::ClientContext& context, const std::string& text, const LogicalType& type) {
  if (type.id() == LogicalTypeId::LIST) return ArrayReader(context, text).Read(type);
  if (type.id() != LogicalTypeId::BLOB) return Value(text).CastAs(context, type);
  const std::optional<std::string> bytes = BytesOf(text);
  if (!bytes) return Error("22P02", "invalid input syntax for type bytea");
  return Value::BLOB(duckdb::const_data_ptr_cast(bytes->data()), bytes->size());
}

}  // namespace weir::sql
