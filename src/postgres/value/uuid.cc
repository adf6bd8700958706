#include "postgres/value/uuid.h"

#include "postgres/value/text.h"

namespace weir::postgres {

Result<Uuid> ReadUuid(std::string_view text) {
  std::string_view left = text;
  const bool braces = left.starts_with('{');
  if (braces) left.remove_prefix(1);
  Uuid uuid;
  for (size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (left.size() < 2 || HexDigit(left[0]) < 0 || HexDigit(left[1]) < 0) return InvalidSyntax("uuid", text);
    uuid.bytes[i] = static_cast<uint8_t>(HexDigit(left[0]) << 4 | HexDigit(left[1]));
    left.remove_prefix(2);
    const bool dash_may_follow = i % 2 == 1 && i + 1 < uuid.bytes.size();
    if (dash_may_follow && left.starts_with('-')) left.remove_prefix(1);
  }
  if (left != (braces ? "}" : "")) return InvalidSyntax("uuid", text);
  return uuid;
}

void AppendUuid(std::string_view bytes, std::string* out) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out->push_back('-');
    AppendHex(bytes.substr(i, 1), out);
  }
}

}  // namespace weir::postgres
