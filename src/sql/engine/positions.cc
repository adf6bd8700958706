#include "sql/engine/positions.h"

#include <algorithm>

#include "sql/error.h"

namespace weir::sql {
namespace {

bool StartsCharacter(char c) { return (c & 0xC0) != 0x80; }

/// Byte of a character, counted from 1; the size of the text when it lies behind the end.
size_t ByteOf(std::string_view text, int position) {
  for (size_t byte = 0; byte < text.size(); ++byte) {
    if (StartsCharacter(text[byte]) && --position == 0) return byte;
  }
  return text.size();
}

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
}

/// The word at `byte`, or the one character there that belongs to none.
std::string_view WordAt(std::string_view text, size_t byte) {
  size_t end = byte;
  while (end < text.size() && IsWord(text[end])) ++end;
  return text.substr(byte, std::max<size_t>(1, end - byte));
}

/// Where `word` stands whole in `text`, from `from` on.
size_t FindWhole(std::string_view text, std::string_view word, size_t from) {
  for (size_t at = text.find(word, from); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || !IsWord(word.front()) || !IsWord(text[at - 1]);
    const size_t end = at + word.size();
    if (begins && (end == text.size() || !IsWord(word.back()) || !IsWord(text[end]))) return at;
  }
  return std::string_view::npos;
}

int PositionIn(std::string_view original, std::string_view rewritten, int position) {
  const size_t byte = ByteOf(rewritten, position);
  if (byte >= rewritten.size()) return 0;
  const std::string_view word = WordAt(rewritten, byte);
  size_t found = FindWhole(original, word, 0);
  for (size_t at = FindWhole(rewritten, word, 0); at < byte; at = FindWhole(rewritten, word, at + 1)) {
    if (found != std::string_view::npos) found = FindWhole(original, word, found + 1);
  }
  if (found == std::string_view::npos) return 0;
  return static_cast<int>(std::ranges::count_if(original.substr(0, found), StartsCharacter)) + 1;
}

}  // namespace

Status PlacedIn(std::string_view original, std::string_view rewritten, const Status& status) {
  const ErrorFields fields = FieldsOf(status);
  if (status.ok() || fields.position == 0 || original == rewritten) return status;
  return Error(fields.sqlstate, fields.message,
               {.detail = fields.detail, .hint = fields.hint,
                .position = PositionIn(original, rewritten, fields.position), .schema = fields.schema,
                .table = fields.table, .column = fields.column, .constraint = fields.constraint});
}

}  // namespace weir::sql
