#include <fmt/format.h>

#include <algorithm>

#include "postgres/compute/letters.h"
#include "postgres/error.h"
#include "postgres/value/regular_expression.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

Status BadEscape() {
  return Error(sqlstate::kInvalidEscapeSequence, "invalid escape string",
               {.detail = {}, .hint = "Escape string must be empty or one character."});
}

// SIMILAR TO's pattern, part by part: "…" behind escapes parts what SUBSTRING gives from what stands around it.
class SimilarTo {
 public:
  SimilarTo(std::string_view pattern, std::string_view escape) : pattern_(pattern), escape_(escape) {}

  Result<std::string> Run() {
    while (!pattern_.empty()) {
      const size_t length = CharacterLength(pattern_);
      const std::string_view c = pattern_.substr(0, length);
      pattern_.remove_prefix(length);
      if (escaped_) {
        WEIR_RETURN_NOT_OK(Escaped(c));
      } else if (!escape_.empty() && c == escape_) {
        escaped_ = true;
      } else if (in_brackets_) {
        InBrackets(c);
      } else {
        Plain(c);
      }
    }
    return "^(?:" + out_ + ")$";
  }

 private:
  Status Escaped(std::string_view c) {
    escaped_ = false;
    if (c == "\"" && !in_brackets_) {
      if (separators_ == 2) {
        return Error(sqlstate::kInvalidUseOfEscapeCharacter,
                     "SQL regular expression may not contain more than two escape-double-quote separators");
      }
      out_ += separators_ == 0 ? "){1,1}?(" : "){1,1}(?:";
      ++separators_;
      return Status::OK();
    }
    out_ += '\\';
    out_ += c;
    return Status::OK();
  }
  void InBrackets(std::string_view c) {
    if (c == "\\") out_ += '\\';
    out_ += c;
    // A ] that comes first, also behind ^, is a member.
    if (c == "]" && members_ > 0) {
      in_brackets_ = false;
    } else if (c != "^" || members_ > 0) {
      ++members_;
    }
  }
  void Plain(std::string_view c) {
    if (c == "[") {
      in_brackets_ = true;
      members_ = 0;
      out_ += c;
    } else if (c == "%") {
      out_ += ".*";
    } else if (c == "_") {
      out_ += ".";
    } else if (c == "(") {
      out_ += "(?:";
    } else {
      if (c == "\\" || c == "." || c == "^" || c == "$") out_ += '\\';
      out_ += c;
    }
  }

  std::string_view pattern_;
  std::string_view escape_;
  std::string out_;
  bool escaped_ = false;
  bool in_brackets_ = false;
  int members_ = 0;
  int separators_ = 0;
};

Status EndsWithEscape() {
  return Error(sqlstate::kInvalidEscapeSequence, "LIKE pattern must not end with escape character");
}

}  // namespace

Result<std::string> SimilarToRegex(std::string_view pattern, std::string_view escape) {
  if (!escape.empty() && CharacterLength(escape) != escape.size()) return BadEscape();
  return SimilarTo(pattern, escape).Run();
}

namespace {

// One character of a pattern; what follows an escape stands for itself.
struct LikeItem {
  enum class Kind { kEnd, kOne, kMany, kCharacter } kind = Kind::kEnd;
  std::string_view character;
  size_t length = 0;  // of the pattern
};

Result<LikeItem> NextItem(std::string_view pattern, std::string_view escape) {
  if (pattern.empty()) return LikeItem{};
  size_t length = CharacterLength(pattern);
  const std::string_view c = pattern.substr(0, length);
  if (!escape.empty() && c == escape) {
    if (pattern.size() == length) return EndsWithEscape();
    const size_t next = CharacterLength(pattern.substr(length));
    return LikeItem{LikeItem::Kind::kCharacter, pattern.substr(length, next), length + next};
  }
  if (c == "%") return LikeItem{LikeItem::Kind::kMany, {}, length};
  if (c == "_") return LikeItem{LikeItem::Kind::kOne, {}, length};
  return LikeItem{LikeItem::Kind::kCharacter, c, length};
}

}  // namespace

// Goes back to the last % only: what came before it can be left as it is.
Result<bool> Like(std::string_view text, std::string_view pattern, std::string_view escape, bool ignore_case) {
  if (!escape.empty() && CharacterLength(escape) != escape.size()) return BadEscape();
  if (ignore_case) return Like(LowerCase(text), LowerCase(pattern), escape, false);
  std::string_view retry_pattern, retry_text;
  bool can_retry = false;
  while (true) {
    WEIR_ASSIGN_OR_RETURN(LikeItem item, NextItem(pattern, escape));
    if (item.kind == LikeItem::Kind::kMany) {
      pattern.remove_prefix(item.length);
      if (pattern.empty()) return true;
      retry_pattern = pattern;
      retry_text = text;
      can_retry = true;
      continue;
    }
    if (item.kind == LikeItem::Kind::kEnd && text.empty()) return true;
    const size_t length = text.empty() ? 0 : CharacterLength(text);
    const bool fits =
        !text.empty() && (item.kind == LikeItem::Kind::kOne ||
                          (item.kind == LikeItem::Kind::kCharacter && text.substr(0, length) == item.character));
    if (fits) {
      pattern.remove_prefix(item.length);
      text.remove_prefix(length);
      continue;
    }
    if (!can_retry || retry_text.empty()) return false;
    retry_text.remove_prefix(CharacterLength(retry_text));
    text = retry_text;
    pattern = retry_pattern;
  }
}

namespace {

/// A character for each byte: the code point of its number.
std::string CharactersOf(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    const auto code = static_cast<uint8_t>(byte);
    if (code >= 0x80) text += static_cast<char>(0xC0 | code >> 6);
    text += static_cast<char>(code >= 0x80 ? 0x80 | (code & 0x3F) : code);
  }
  return text;
}

}  // namespace

Result<bool> LikeBytes(std::string_view bytes, std::string_view pattern) {
  return Like(CharactersOf(bytes), CharactersOf(pattern), "\\", false);
}

Result<std::string> LikeBytesEscape(std::string_view pattern, std::string_view escape) {
  if (escape.size() > 1) {
    return Error("22025", "invalid escape string", {.hint = "Escape string must be empty or one character."});
  }
  if (escape == "\\") return std::string(pattern);
  std::string result;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (!escape.empty() && pattern[i] == escape[0]) {
      result += '\\';
      if (++i < pattern.size()) result += pattern[i];
    } else {
      if (pattern[i] == '\\') result += '\\';
      result += pattern[i];
    }
  }
  return result;
}

}  // namespace weir::postgres
