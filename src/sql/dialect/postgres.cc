#include "sql/dialect/postgres.h"

#include <fmt/format.h>
#include <pg_query.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <optional>
#include <utility>

namespace weir::sql::dialect {

namespace {

// Tokens of libpg_query's scanner that have no character of their own (enum Token of its pg_query.proto).
enum ScanCode : uint64_t {
  kIdent = 258,
  kUnicodeIdent = 259,
  kFloat = 260,
  kString = 261,
  kUnicodeString = 262,
  kBitString = 263,
  kHexString = 264,
  kInteger = 266,
  kParam = 267,
  kLineComment = 275,
  kBlockComment = 276,
};

// Reads the two messages of pg_query_scan's answer; the library's own reader needs headers that it does not install.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

  bool AtEnd() const { return at_ >= bytes_.size(); }

  uint64_t Number() {
    uint64_t value = 0;
    for (int shift = 0; at_ < bytes_.size() && shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      value |= uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) break;
    }
    return value;
  }

  std::string_view Bytes() {
    const size_t size = std::min<size_t>(Number(), bytes_.size() - at_);
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

struct ScannedToken {
  uint64_t begin = 0;
  uint64_t end = 0;
  uint64_t code = 0;
  uint64_t keyword = 0;
};

ScannedToken ReadToken(std::string_view bytes) {
  ScannedToken token;
  for (WireReader reader(bytes); !reader.AtEnd();) {
    const uint64_t tag = reader.Number();
    const uint64_t value = reader.Number();
    switch (tag >> 3) {
      case 1: token.begin = value; break;
      case 2: token.end = value; break;
      case 4: token.code = value; break;
      case 5: token.keyword = value; break;
      default: break;
    }
  }
  return token;
}

TokenKind KindOf(const ScannedToken& token) {
  if (token.keyword != 0) return TokenKind::kWord;
  switch (token.code) {
    case kIdent: return TokenKind::kWord;
    case kUnicodeIdent: return TokenKind::kQuotedName;
    case kFloat:
    case kInteger: return TokenKind::kNumber;
    case kString:
    case kUnicodeString:
    case kBitString:
    case kHexString: return TokenKind::kString;
    case kParam: return TokenKind::kParameter;
    default: return TokenKind::kSymbol;
  }
}

Reserved ReservedOf(uint64_t keyword) {
  switch (keyword) {
    case 2: return Reserved::kColumnName;
    case 3: return Reserved::kTypeOrFunction;
    case 4: return Reserved::kFully;
    default: return Reserved::kNot;
  }
}

// Behind the quote that closes the one at `open`; quotes inside stand doubled.
size_t BehindQuotes(std::string_view text, size_t open) {
  size_t end = open + 1;
  while (end < text.size() && (text[end] != text[open] || text.substr(end, 2) == std::string(2, text[open]))) {
    end += text[end] == text[open] ? 2 : 1;
  }
  return std::min(end + 1, text.size());
}

// libpg_query's scanner loses the end of U&'…' and U&"…".
size_t UnicodeEnd(std::string_view text, size_t begin) {
  size_t end = BehindQuotes(text, begin + 2);
  for (;;) {  // 'a' <newline> 'b' is one literal
    const size_t next = text.find_first_not_of(" \t\n\r\f", end);
    const bool continued = next != std::string_view::npos && text[next] == '\'' && text[begin + 2] == '\'' &&
                           text.substr(end, next - end).find('\n') != std::string_view::npos;
    if (!continued) return end;
    end = BehindQuotes(text, next);
  }
}

std::optional<Token> TokenOf(ScannedToken scanned, std::string_view text) {
  if ((scanned.code == kUnicodeString || scanned.code == kUnicodeIdent) && scanned.begin + 2 < text.size()) {
    scanned.end = UnicodeEnd(text, scanned.begin);
  }
  const bool comment = scanned.code == kLineComment || scanned.code == kBlockComment;
  if (comment || scanned.begin >= scanned.end || scanned.end > text.size()) return std::nullopt;
  Token token;
  token.kind = KindOf(scanned);
  token.reserved = ReservedOf(scanned.keyword);
  token.integer = scanned.code == kInteger;
  token.begin = static_cast<uint32_t>(scanned.begin);
  token.end = static_cast<uint32_t>(scanned.end);
  token.text = text.substr(token.begin, token.end - token.begin);
  if (token.kind == TokenKind::kWord && token.text.front() == '"') token.kind = TokenKind::kQuotedName;
  return token;
}

// libpg_query keeps PostgreSQL's texts but not its codes.
std::string_view SqlStateOf(std::string_view message) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 17> kStates = {{
      {"provided more than once", "42710"},
      {"role name \"", "42939"},
      {"cannot be used as a role name here", "42939"},
      {"out of memory", "53200"},
      {"not yet implemented", "0A000"},
      {"is not implemented", "0A000"},
      {"constraints cannot be marked", "0A000"},
      {"current database cannot be changed", "0A000"},
      {"CHECK OPTION not supported", "0A000"},
      {"is only supported for ON DELETE actions", "0A000"},
      {"unsafe use of", "0A000"},
      {"precision for type float", "22023"},
      {"out of range for type", "22003"},
      {"invalid byte sequence", "22021"},
      {"frame start", "42P20"},
      {"frame end", "42P20"},
      {"memory exhausted", "54001"},
  }};
  if (message.starts_with("syntax error")) return "42601";  // what follows is the user's text
  for (const auto& [part, state] : kStates) {
    if (message.find(part) != std::string_view::npos) return state;
  }
  return "42601";
}

// Nor its hints.
std::string_view HintOf(std::string_view message) {
  if (message == "subquery in FROM must have an alias") return "For example, FROM (SELECT ...) [AS] foo.";
  if (message == "VALUES in FROM must have an alias") return "For example, FROM (VALUES ...) [AS] foo.";
  return {};
}

/// The byte that a position in characters, from 1, begins at.
size_t ByteAt(std::string_view text, int position) {
  size_t byte = 0;
  for (int left = position; byte < text.size(); ++byte) {
    const bool begins = (static_cast<unsigned char>(text[byte]) & 0xC0) != 0x80;
    if (begins && --left == 0) break;
  }
  return byte;
}

Status BadUnicodeEscape(const Source& source, int position) {
  // Both kinds of literals have the same message: the one that was opened last is meant.
  std::string before(source.text().substr(0, ByteAt(source.text(), position)));
  std::ranges::transform(before, before.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto last = [&](std::string_view opening) { return static_cast<std::ptrdiff_t>(before.rfind(opening)); };
  const std::string text = "invalid Unicode escape";
  if (last("e'") > std::max(last("u&'"), last("u&\""))) {
    return Error("22025", text, {.hint = "Unicode escapes must be \\uXXXX or \\UXXXXXXXX.", .position = position});
  }
  return Error("42601", text, {.hint = "Unicode escapes must be \\XXXX or \\+XXXXXX.", .position = position});
}

/// Whether an empty name, "", is that of one of KWDB's partitions: PARTITION "" VALUES …
bool IsOfPartition(const Source& source, int position) {
  const std::string_view text = source.text();
  constexpr std::string_view kEmpty = "\"\"";
  size_t at = text.find(kEmpty);
  while (at != std::string_view::npos && source.Position(at) < position) at = text.find(kEmpty, at + 1);
  if (at == std::string_view::npos) return false;
  constexpr std::string_view kBlanks = " \t\r\n\f";
  std::string_view before = text.substr(0, at);
  before = before.substr(0, before.find_last_not_of(kBlanks) + 1);
  const size_t next = text.find_first_not_of(kBlanks, at + kEmpty.size());
  const auto is = [](std::string_view word, std::string_view wanted) {
    return std::ranges::equal(word, wanted, {}, [](unsigned char c) { return std::tolower(c); });
  };
  constexpr std::string_view kPartition = "partition";
  constexpr std::string_view kValues = "values";
  return before.size() >= kPartition.size() && is(before.substr(before.size() - kPartition.size()), kPartition) &&
         next != std::string_view::npos && is(text.substr(next, kValues.size()), kValues);
}

}  // namespace

Status TooDeep(int position) {
  return Error("54001", "stack depth limit exceeded",
               {.hint = "Write it with fewer nested parts.", .position = position});
}

Status SyntaxError(const std::string& message, int cursor, const Source& source, size_t begin) {
  const std::string_view state = SqlStateOf(message);
  const int position = cursor > 0 ? source.CharactersBefore(begin) + cursor : 0;
  if (state == "54001") return TooDeep(position);
  if (message == "invalid Unicode escape") return BadUnicodeEscape(source, position);
  if (message.starts_with("zero-length delimited identifier") && IsOfPartition(source, position)) {
    return Error("42601", "PARTITION name must be non-empty", {.position = position});
  }
  return Error(state, message, {.hint = std::string(HintOf(message)), .position = position});
}

namespace {

Status ErrorOf(const PgQueryError& error, const Source& source, size_t begin) {
  return SyntaxError(error.message == nullptr ? "syntax error" : error.message, error.cursorpos, source, begin);
}

}  // namespace

Result<std::vector<Token>> Scan(const Source& source) {
  const std::string text(source.text());
  struct Release {
    PgQueryScanResult result;
    ~Release() { pg_query_free_scan_result(result); }
  } const scan{pg_query_scan(text.c_str())};
  if (scan.result.error != nullptr) return ErrorOf(*scan.result.error, source, 0);

  std::vector<Token> tokens;
  for (WireReader reader({scan.result.pbuf.data, scan.result.pbuf.len}); !reader.AtEnd();) {
    const uint64_t tag = reader.Number();
    if (tag >> 3 != 2) {
      reader.Number();
      continue;
    }
    if (const auto token = TokenOf(ReadToken(reader.Bytes()), source.text())) tokens.push_back(*token);
  }
  return tokens;
}

Status CheckSyntax(const Source& source, size_t begin, const std::string& text) {
  struct Release {
    PgQuerySplitResult result;
    ~Release() { pg_query_free_split_result(result); }
  } const split{pg_query_split_with_parser(text.c_str())};  // parses without building a copy of the tree
  return split.result.error == nullptr ? Status::OK() : ErrorOf(*split.result.error, source, begin);
}

}  // namespace weir::sql::dialect
