#include "sql/literal/array_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/error.h"
#include "sql/literal/characters.h"

namespace weir::sql {
namespace {

constexpr size_t kMaxDimensions = 6;

bool IsNull(std::string_view text) {
  return text.size() == 4 && LowerCase(text) == "null";
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<ArrayText> Read() {
    SkipSpace();
    if (Peek() == '[') return Error("0A000", "array bounds in an array literal are not supported");
    if (Peek() != '{') return Malformed("Array value must start with \"{\" or dimension information.");
    WEIR_RETURN_NOT_OK(ReadLevel(0));
    SkipSpace();
    if (at_ != text_.size()) return Malformed("Junk after closing right brace.");
    if (array_.elements.empty()) array_.dimensions.clear();
    return std::move(array_);
  }

 private:
  Status Malformed(std::string detail) const {
    return Error("22P02", fmt::format("malformed array literal: \"{}\"", text_), {.detail = std::move(detail)});
  }
  Status Ragged() const {
    return Malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
  }
  Status Unexpected() const {
    return at_ < text_.size() ? Malformed(fmt::format("Unexpected \"{}\" character.", text_[at_]))
                              : Malformed("Unexpected end of input.");
  }
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void SkipSpace() {
    while (IsSpace(Peek())) ++at_;
  }

  /// What stands between the braces of a level; `level` counts from 0.
  Status ReadLevel(size_t level) {
    if (level == kMaxDimensions) {
      return Error("54000", fmt::format("number of array dimensions exceeds the maximum allowed ({})", kMaxDimensions));
    }
    const bool first = array_.dimensions.size() == level;
    if (first && !array_.elements.empty()) return Ragged();
    if (first) array_.dimensions.push_back(0);
    ++at_;
    SkipSpace();
    size_t count = 0;
    if (level > 0 && Peek() == '}') return Unexpected();
    while (Peek() != '}') {
      if (count > 0) {
        if (Peek() != ',') return Unexpected();
        ++at_;
        SkipSpace();
      }
      if (Peek() == '{') {
        WEIR_RETURN_NOT_OK(ReadLevel(level + 1));
      } else {
        if (array_.dimensions.size() != level + 1) return Ragged();
        WEIR_RETURN_NOT_OK(ReadElement());
      }
      ++count;
      SkipSpace();
    }
    ++at_;
    if (!first && array_.dimensions[level] != count) return Ragged();
    array_.dimensions[level] = count;
    return Status::OK();
  }

  Status ReadElement() {
    const bool quoted = Peek() == '"';
    if (quoted) ++at_;
    std::string element;
    size_t kept = 0;  // blanks at the end do not count, escaped ones do
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (quoted ? c == '"' : c == ',' || c == '}' || c == '{' || c == '"') break;
      const bool escaped = c == '\\';
      if (escaped && ++at_ == text_.size()) return Unexpected();
      element.push_back(text_[at_++]);
      if (escaped || !IsSpace(element.back())) kept = element.size();
    }
    if (quoted) {
      if (Peek() != '"') return Unexpected();
      ++at_;
    } else {
      if (kept == 0) return Unexpected();
      element.resize(kept);
      if (IsNull(element)) {
        array_.elements.emplace_back();
        return Status::OK();
      }
    }
    array_.elements.emplace_back(std::move(element));
    return Status::OK();
  }

  std::string_view text_;
  size_t at_ = 0;
  ArrayText array_;
};

bool NeedsQuotes(std::string_view element) {
  return element.empty() || IsNull(element) ||
         std::any_of(element.begin(), element.end(), [](char c) {
           return c == '{' || c == '}' || c == ',' || c == '"' || c == '\\' || IsSpace(c);
         });
}

}  // namespace

Result<ArrayText> ReadArray(std::string_view text) { return Reader(text).Read(); }

std::string ArrayElement(std::string_view element) {
  if (!NeedsQuotes(element)) return std::string(element);
  std::string text = "\"";
  for (const char c : element) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

}  // namespace weir::sql
