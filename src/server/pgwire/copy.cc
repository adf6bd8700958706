#include "server/pgwire/copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "server/pgwire/row_sender.h"
#include "postgres/value/text.h"

namespace weir::pgwire {
namespace {

constexpr size_t kParametersAtOnce = 2000;

struct Token {
  enum class Kind { kEnd, kWord, kName, kString, kSymbol };  // kName: quoted
  Kind kind = Kind::kEnd;
  std::string text;  // words in lower case, names and strings without quotes
  size_t begin = 0;
  size_t end = 0;
};

bool IsWordStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0; }
bool IsWord(char c) { return IsWordStart(c) || (c >= '0' && c <= '9') || c == '$'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// Tokens of a text that PostgreSQL's own scanner has taken already.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) { Advance(); }

  const Token& peek() const { return next_; }
  Token Take() {
    Token taken = next_;
    Advance();
    return taken;
  }
  bool TakeWord(std::string_view word) {
    if (next_.kind != Token::Kind::kWord || next_.text != word) return false;
    Advance();
    return true;
  }
  bool TakeSymbol(char symbol) {
    if (next_.kind != Token::Kind::kSymbol || next_.text[0] != symbol) return false;
    Advance();
    return true;
  }
  /// After an opening parenthesis: the text up to the closing one, which is taken.
  std::string_view TakeGroup() {
    const size_t begin = next_.begin;
    for (int depth = 1; next_.kind != Token::Kind::kEnd; Advance()) {
      if (next_.kind != Token::Kind::kSymbol) continue;
      if (next_.text[0] == '(') ++depth;
      if (next_.text[0] == ')' && --depth == 0) break;
    }
    const std::string_view group = text_.substr(begin, next_.begin - begin);
    Advance();
    return group;
  }

 private:
  void Advance() {
    SkipBlank();
    next_ = Token{.kind = Token::Kind::kEnd, .text = {}, .begin = at_, .end = at_};
    if (at_ >= text_.size()) return;
    const char c = text_[at_];
    const bool escaped = Lower(c) == 'e' && at_ + 1 < text_.size() && text_[at_ + 1] == '\'';
    if (escaped) ++at_;
    if (escaped || c == '\'' || c == '"') {
      TakeQuoted(escaped);
    } else if (IsWordStart(c)) {
      next_.kind = Token::Kind::kWord;
      while (at_ < text_.size() && IsWord(text_[at_])) next_.text.push_back(Lower(text_[at_++]));
    } else {
      next_.kind = Token::Kind::kSymbol;
      next_.text.push_back(text_[at_++]);
    }
    next_.end = at_;
  }

  void SkipBlank() {
    while (at_ < text_.size()) {
      if (text_[at_] == ' ' || (text_[at_] >= '\t' && text_[at_] <= '\r')) {
        ++at_;
      } else if (text_.substr(at_).starts_with("--")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_.substr(at_).starts_with("/*")) {
        const size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else {
        return;
      }
    }
  }

  void TakeQuoted(bool escaped) {
    const char quote = text_[at_++];
    next_.kind = quote == '"' ? Token::Kind::kName : Token::Kind::kString;
    for (; at_ < text_.size(); ++at_) {
      if (escaped && text_[at_] == '\\' && at_ + 1 < text_.size()) {
        const char c = text_[++at_];
        next_.text.push_back(c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c);
      } else if (text_[at_] != quote) {
        next_.text.push_back(text_[at_]);
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
        next_.text.push_back(text_[++at_]);
      } else {
        ++at_;
        return;
      }
    }
  }

  const std::string_view text_;
  size_t at_ = 0;
  Token next_;
};

/// What stands between the words COPY and FROM or TO.
struct Subject {
  std::string table;
  std::string columns;  // without parentheses
  std::string query;
};

Subject TakeSubject(Tokens& tokens, std::string_view text) {
  Subject subject;
  if (tokens.TakeSymbol('(')) {
    subject.query = tokens.TakeGroup();
    return subject;
  }
  const size_t begin = tokens.peek().begin;
  size_t end = begin;
  do {
    end = tokens.Take().end;
  } while (tokens.TakeSymbol('.'));
  subject.table = text.substr(begin, end - begin);
  if (tokens.TakeSymbol('(')) subject.columns = tokens.TakeGroup();
  return subject;
}

Status BadOption(const std::string& message) { return postgres::Error("42601", message); }

Result<char> OneByte(const std::string& option, const std::string& value) {
  if (value.size() == 1 && value[0] != '\n' && value[0] != '\r') return value[0];
  return postgres::Error("0A000", fmt::format("COPY {} must be a single one-byte character", option));
}

bool IsFalse(const std::string& value) { return value == "false" || value == "off" || value == "0"; }

/// Options as written, the older way ("CSV HEADER DELIMITER AS ','") or in parentheses.
class OptionsParser {
 public:
  explicit OptionsParser(Tokens& tokens) : tokens_(tokens) {}

  Result<CopyOptions> Parse() {
    tokens_.TakeWord("with");
    const bool listed = tokens_.TakeSymbol('(');
    while (tokens_.peek().kind == Token::Kind::kWord) {
      WEIR_RETURN_NOT_OK(TakeOption(tokens_.Take().text, listed));
      if (listed && !tokens_.TakeSymbol(',')) break;
    }
    if (listed && !tokens_.TakeSymbol(')')) return Unexpected();
    if (tokens_.peek().kind != Token::Kind::kEnd) return Unexpected();
    if (options_.csv) {
      if (!delimiter_given_) options_.delimiter = ',';
      if (!null_given_) options_.null_text.clear();
      if (!escape_given_) options_.escape = options_.quote;
    } else if (options_.header) {
      return postgres::Error("0A000", "COPY HEADER available only in CSV mode");
    }
    return options_;
  }

 private:
  Status Unexpected() const {
    if (tokens_.peek().kind == Token::Kind::kEnd) return BadOption("syntax error at end of input");
    return BadOption(fmt::format("syntax error at or near \"{}\"", tokens_.peek().text));
  }

  Status TakeOption(const std::string& name, bool listed) {
    if (!listed && (name == "csv" || name == "text")) return SetFormat(name);
    if (!listed && name == "binary") return SetFormat(name);
    if (name == "header") {
      options_.header = !(listed && HasValue()) || !IsFalse(tokens_.Take().text);
      return Status::OK();
    }
    if (!listed) tokens_.TakeWord("as");
    if (!HasValue()) return Unexpected();
    const std::string value = tokens_.Take().text;
    if (name == "format") return SetFormat(value);
    if (name == "null") return SetNull(value);
    if (name == "delimiter") return SetDelimiter(value);
    if (name == "encoding") return Status::OK();
    if (name == "quote" || name == "escape") return SetQuote(name, value);
    return BadOption(fmt::format("option \"{}\" not recognized", name));
  }

  bool HasValue() const { return tokens_.peek().kind == Token::Kind::kString || tokens_.peek().kind == Token::Kind::kWord; }

  Status SetFormat(const std::string& format) {
    if (format == "binary") {
      return postgres::Error("0A000", "COPY in binary format is not supported", {.hint = "Use text or csv."});
    }
    if (format != "csv" && format != "text") {
      return postgres::Error("22023", fmt::format("COPY format \"{}\" not recognized", format));
    }
    options_.csv = format == "csv";
    return Status::OK();
  }
  Status SetNull(const std::string& value) {
    options_.null_text = value;
    null_given_ = true;
    return Status::OK();
  }
  Status SetDelimiter(const std::string& value) {
    WEIR_ASSIGN_OR_RETURN(options_.delimiter, OneByte("delimiter", value));
    delimiter_given_ = true;
    return Status::OK();
  }
  Status SetQuote(const std::string& name, const std::string& value) {
    WEIR_ASSIGN_OR_RETURN((name == "quote" ? options_.quote : options_.escape), OneByte(name, value));
    escape_given_ |= name == "escape";
    return Status::OK();
  }

  Tokens& tokens_;
  CopyOptions options_;
  bool delimiter_given_ = false;
  bool null_given_ = false;
  bool escape_given_ = false;
};

// --- rows ---

void AppendTextField(std::string_view field, char delimiter, std::string* out) {
  for (const char c : field) {
    switch (c) {
      case '\b': *out += "\\b"; break;
      case '\f': *out += "\\f"; break;
      case '\n': *out += "\\n"; break;
      case '\r': *out += "\\r"; break;
      case '\t': *out += "\\t"; break;
      case '\v': *out += "\\v"; break;
      default:
        if (c == '\\' || c == delimiter) out->push_back('\\');
        out->push_back(c);
    }
  }
}

void AppendCsvField(std::string_view field, const CopyOptions& options, std::string* out) {
  const bool plain = field != options.null_text && field != "\\." && std::none_of(field.begin(), field.end(), [&](char c) {
    return c == options.delimiter || c == options.quote || c == '\n' || c == '\r';
  });
  if (plain) {
    *out += field;
    return;
  }
  out->push_back(options.quote);
  for (const char c : field) {
    if (c == options.quote || c == options.escape) out->push_back(options.escape);
    out->push_back(c);
  }
  out->push_back(options.quote);
}

int DigitOf(char c, int base) {
  const int digit = c >= '0' && c <= '9' ? c - '0' : Lower(c) >= 'a' && Lower(c) <= 'f' ? Lower(c) - 'a' + 10 : 99;
  return digit < base ? digit : -1;
}

/// Up to `count` digits from `at` on as a byte; `at` goes behind them.
char TakeByte(std::string_view text, size_t* at, int base, int count) {
  int value = 0;
  for (; count > 0 && *at < text.size() && DigitOf(text[*at], base) >= 0; --count) value = value * base + DigitOf(text[(*at)++], base);
  return static_cast<char>(value);
}

std::string Unescape(std::string_view field) {
  std::string out;
  for (size_t at = 0; at < field.size();) {
    if (field[at] != '\\' || at + 1 == field.size()) {
      out.push_back(field[at++]);
      continue;
    }
    const char c = field[++at];
    if (DigitOf(c, 8) >= 0) {
      out.push_back(TakeByte(field, &at, 8, 3));
    } else if (c == 'x' && at + 1 < field.size() && DigitOf(field[at + 1], 16) >= 0) {
      out.push_back(TakeByte(field, &++at, 16, 2));
    } else {
      constexpr std::string_view kNames = "bfnrtv", kBytes = "\b\f\n\r\t\v";
      const size_t special = kNames.find(c);
      out.push_back(special == std::string_view::npos ? c : kBytes[special]);
      ++at;
    }
  }
  return out;
}

// --- running ---

Result<std::vector<sql::Statement>> ParseOne(sql::Session& session, const std::string& text) {
  WEIR_ASSIGN_OR_RETURN(auto statements, session.Parse(text));
  if (statements.size() != 1) return postgres::Error("42601", "COPY takes one query");
  return statements;
}

CopyRow TextsOf(const RowSender& rows) {
  CopyRow row;
  for (const auto& column : rows.writers()) {
    if (column->IsNull(rows.row())) {
      row.emplace_back();
    } else {
      column->Write(rows.row(), &row.emplace_back(std::string()).value());
    }
  }
  return row;
}

CopyRow NamesOf(const std::vector<sql::ResultColumn>& columns) {
  CopyRow row;
  for (const sql::ResultColumn& column : columns) row.emplace_back(column.name);
  return row;
}

Result<std::string> CopyOut(const CopyStatement& copy, sql::Session& session, Channel& channel,
                            const postgres::Settings& settings) {
  WEIR_ASSIGN_OR_RETURN(const auto statements, ParseOne(session, copy.query));
  WEIR_ASSIGN_OR_RETURN(auto result, session.Run(statements[0]));
  RowSender rows(std::move(result), {}, settings);
  channel.out().CopyResponse('H', rows.columns().size());
  std::string line;
  int64_t count = 0;
  if (copy.options.header) {
    AppendCopyRow(NamesOf(rows.columns()), copy.options, &line);
    channel.out().CopyData(line);
  }
  while (true) {
    WEIR_ASSIGN_OR_RETURN(const bool found, rows.NextRow());
    if (!found) break;
    ++count;
    line.clear();
    AppendCopyRow(TextsOf(rows), copy.options, &line);
    channel.out().CopyData(line);
    channel.FlushIfLarge();
    if (channel.gone()) return postgres::Error("08006", "connection to client lost");
  }
  channel.out().Plain('c');
  return fmt::format("COPY {}", count);
}

/// Rows on their way into a table, many with one statement.
class Inserter {
 public:
  Inserter(sql::Session& session, const std::string& insert, std::vector<sql::ResultColumn> columns)
      : session_(session), insert_(insert), columns_(std::move(columns)),
        at_once_(std::max<size_t>(1, kParametersAtOnce / std::max<size_t>(1, columns_.size()))) {}

  Status Add(CopyRow row) {
    WEIR_RETURN_NOT_OK(Check(row));
    std::move(row.begin(), row.end(), std::back_inserter(values_));
    ++rows_;
    return values_.size() >= at_once_ * columns_.size() ? Send() : Status::OK();
  }

  /// What is left.
  Status Send() {
    if (values_.empty()) return Status::OK();
    const size_t rows = values_.size() / columns_.size();
    if (prepared_ == nullptr || rows != at_once_) {
      WEIR_ASSIGN_OR_RETURN(prepared_, Prepare(rows));
    }
    WEIR_ASSIGN_OR_RETURN(const auto result, session_.Execute(prepared_, values_));
    values_.clear();
    while (true) {
      WEIR_ASSIGN_OR_RETURN(const auto batch, result->Next());
      if (batch == nullptr) return Status::OK();
    }
  }

  int64_t rows() const { return rows_; }

 private:
  Status Check(const CopyRow& row) const {
    if (row.size() < columns_.size()) {
      return postgres::Error("22P04", fmt::format("missing data for column \"{}\"", columns_[row.size()].name),
                        {.detail = fmt::format("It is in row {} of the data.", rows_ + 1)});
    }
    if (row.size() > columns_.size()) {
      return postgres::Error("22P04", "extra data after last expected column",
                        {.detail = fmt::format("It is in row {} of the data.", rows_ + 1)});
    }
    for (const auto& value : row) {
      if (value) WEIR_RETURN_NOT_OK(postgres::CheckUtf8(*value));
    }
    return Status::OK();
  }

  Result<std::shared_ptr<sql::PreparedStatement>> Prepare(size_t rows) {
    std::string text = insert_ + " VALUES ";
    std::vector<uint32_t> types;
    for (size_t row = 0; row < rows; ++row) {
      text += row == 0 ? "(" : ", (";
      for (size_t i = 0; i < columns_.size(); ++i) {
        types.push_back(columns_[i].type_oid);
        text += fmt::format("{}${}", i == 0 ? "" : ", ", types.size());
      }
      text += ")";
    }
    return session_.Prepare(text, types);
  }

  sql::Session& session_;
  const std::string insert_;
  const std::vector<sql::ResultColumn> columns_;
  const size_t at_once_;  // rows
  std::shared_ptr<sql::PreparedStatement> prepared_;
  std::vector<sql::ParameterValue> values_;
  int64_t rows_ = 0;
};

Status AddRows(CopyReader& reader, Inserter& inserter) {
  while (true) {
    WEIR_ASSIGN_OR_RETURN(std::optional<CopyRow> row, reader.Next());
    if (!row) return Status::OK();
    WEIR_RETURN_NOT_OK(inserter.Add(std::move(*row)));
  }
}

Result<std::string> CopyIn(const CopyStatement& copy, sql::Session& session, Channel& channel) {
  WEIR_ASSIGN_OR_RETURN(const auto described, session.Prepare(copy.query, {}));
  Inserter inserter(session, copy.insert, described->columns());
  CopyReader reader(copy.options);
  channel.out().CopyResponse('G', described->columns().size());
  while (true) {
    WEIR_ASSIGN_OR_RETURN(const std::optional<Channel::Frame> frame, channel.Read());
    if (!frame) return postgres::Error("08006", "unexpected EOF on client connection with an open transaction");
    WEIR_ASSIGN_OR_RETURN(const FrontendMessage message, DecodeMessage(frame->type, frame->body));
    if (const auto* data = std::get_if<CopyDataMessage>(&message)) {
      reader.Add(data->data);
      WEIR_RETURN_NOT_OK(AddRows(reader, inserter));
    } else if (std::holds_alternative<CopyDoneMessage>(message)) {
      break;
    } else if (const auto* failed = std::get_if<CopyFailMessage>(&message)) {
      return postgres::Error("57014", fmt::format("COPY from stdin failed: {}", failed->reason));
    } else if (!std::holds_alternative<FlushMessage>(message) && !std::holds_alternative<SyncMessage>(message)) {
      return postgres::Error("08P01", fmt::format("unexpected message type 0x{:02X} during COPY from stdin",
                                             static_cast<uint8_t>(frame->type)));
    }
  }
  reader.Finish();
  WEIR_RETURN_NOT_OK(AddRows(reader, inserter));
  WEIR_RETURN_NOT_OK(inserter.Send());
  return fmt::format("COPY {}", inserter.rows());
}

}  // namespace

std::vector<std::string> LeadingWords(std::string_view text) {
  Tokens tokens(text);
  std::vector<std::string> words;
  while (tokens.peek().kind == Token::Kind::kWord || tokens.peek().kind == Token::Kind::kName) {
    words.push_back(tokens.Take().text);
  }
  return words;
}

Result<std::optional<CopyStatement>> ParseCopy(const sql::Statement& statement) {
  constexpr std::optional<CopyStatement> kNone;
  const auto* query = std::get_if<sql::Query>(&statement.action);
  if (query == nullptr || query->command != "COPY") return kNone;
  const std::string_view text = statement.text;
  Tokens tokens(text);
  if (!tokens.TakeWord("copy")) return kNone;
  const Subject subject = TakeSubject(tokens, text);
  CopyStatement copy;
  copy.from_client = tokens.TakeWord("from");
  if (!copy.from_client && !tokens.TakeWord("to")) return kNone;
  if (!tokens.TakeWord("stdin") && !tokens.TakeWord("stdout")) return kNone;
  WEIR_ASSIGN_OR_RETURN(copy.options, OptionsParser(tokens).Parse());
  const std::string& columns = subject.columns;
  copy.query = subject.query.empty()
                   ? fmt::format("SELECT {} FROM {}", columns.empty() ? "*" : columns, subject.table)
                   : subject.query;
  copy.insert = fmt::format("INSERT INTO {}{}", subject.table, columns.empty() ? "" : " (" + columns + ")");
  return std::optional(std::move(copy));
}

Result<std::string> RunCopy(const CopyStatement& copy, sql::Session& session, Channel& channel,
                            const postgres::Settings& settings) {
  return copy.from_client ? CopyIn(copy, session, channel) : CopyOut(copy, session, channel, settings);
}

void AppendCopyRow(const CopyRow& row, const CopyOptions& options, std::string* out) {
  for (size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out->push_back(options.delimiter);
    if (!row[i]) *out += options.null_text;
    else if (options.csv) AppendCsvField(*row[i], options, out);
    else AppendTextField(*row[i], options.delimiter, out);
  }
  out->push_back('\n');
}

/// The next line without its end, which in CSV may lie behind quoted ones.
std::optional<std::string_view> CopyReader::TakeLine() {
  for (; scanned_ < buffer_.size(); ++scanned_) {
    const char c = buffer_[scanned_];
    if (options_.csv && c == options_.quote) quoted_ = !quoted_;
    if (!options_.csv && c == '\\') {
      if (scanned_ + 1 == buffer_.size() && !finished_) return std::nullopt;  // what it escapes is still to come
      ++scanned_;
      continue;
    }
    if (c == '\n' && !quoted_) break;
  }
  const bool complete = scanned_ < buffer_.size();
  if (!complete && (!finished_ || begin_ == buffer_.size())) return std::nullopt;
  std::string_view line = std::string_view(buffer_).substr(begin_, std::min(scanned_, buffer_.size()) - begin_);
  begin_ = scanned_ = std::min(scanned_ + 1, buffer_.size());
  quoted_ = false;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Result<std::optional<CopyRow>> CopyReader::Next() {
  constexpr size_t kCompactBytes = 1 << 16;
  constexpr std::optional<CopyRow> kNone;
  if (begin_ > kCompactBytes) {
    buffer_.erase(0, begin_);
    scanned_ -= std::exchange(begin_, 0);
  }
  while (!ended_) {
    const std::optional<std::string_view> line = TakeLine();
    if (!line) return kNone;
    if (options_.header && !std::exchange(header_taken_, true)) continue;
    if (*line == "\\.") {
      ended_ = true;
      break;
    }
    if (!options_.csv) return std::optional(ParseText(*line));
    WEIR_ASSIGN_OR_RETURN(CopyRow row, ParseCsv(*line));
    return std::optional(std::move(row));
  }
  return kNone;
}

CopyRow CopyReader::ParseText(std::string_view line) const {
  CopyRow row;
  size_t begin = 0;
  for (size_t at = 0; at <= line.size(); ++at) {
    if (at + 1 < line.size() && line[at] == '\\') {
      ++at;
      continue;
    }
    if (at < line.size() && line[at] != options_.delimiter) continue;
    const std::string_view field = line.substr(begin, at - begin);
    if (field == options_.null_text) row.emplace_back();
    else row.emplace_back(Unescape(field));
    begin = at + 1;
  }
  return row;
}

Result<CopyRow> CopyReader::ParseCsv(std::string_view line) const {
  CopyRow row;
  std::string field;
  bool inside = false, was_quoted = false;
  const auto finish = [&] {
    if (!was_quoted && field == options_.null_text) row.emplace_back();
    else row.emplace_back(field);
    field.clear();
    was_quoted = false;
  };
  for (size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    const char next = at + 1 < line.size() ? line[at + 1] : '\0';
    if (inside && c == options_.escape && (next == options_.quote || next == options_.escape)) {
      field.push_back(line[++at]);
    } else if (c == options_.quote) {
      inside = !inside;
      was_quoted = true;
    } else if (c == options_.delimiter && !inside) {
      finish();
    } else {
      field.push_back(c);
    }
  }
  if (inside) return postgres::Error("22P04", "unterminated CSV quoted field");
  finish();
  return row;
}

}  // namespace weir::pgwire
