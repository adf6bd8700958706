#include "postgres/copy/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "postgres/copy/binary.h"
#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr size_t kCompactBytes = 1 << 20;

Status BadFile(std::string message, std::string hint = {}) {
  return Error(sqlstate::kBadCopyFileFormat, std::move(message), {.hint = std::move(hint)});
}

bool Holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The first byte from `at` on that is one of these; eight at a time where none is.
size_t FindAny(std::string_view text, size_t at, char a, char b, char c) {
  constexpr uint64_t kOnes = 0x0101010101010101, kHighBits = kOnes << 7;
  const auto repeated = [](char byte) { return kOnes * static_cast<uint8_t>(byte); };
  const auto has_zero = [](uint64_t bytes) { return (bytes - kOnes) & ~bytes & kHighBits; };
  const uint64_t all_a = repeated(a), all_b = repeated(b), all_c = repeated(c);
  for (uint64_t bytes = 0; at + sizeof(bytes) <= text.size(); at += sizeof(bytes)) {
    std::memcpy(&bytes, text.data() + at, sizeof(bytes));
    if ((has_zero(bytes ^ all_a) | has_zero(bytes ^ all_b) | has_zero(bytes ^ all_c)) != 0) break;
  }
  while (at < text.size() && text[at] != a && text[at] != b && text[at] != c) ++at;
  return at;
}

int OctalDigit(char c) { return c >= '0' && c <= '7' ? c - '0' : -1; }

// Up to `count` digits from `*at` on as one byte.
template <typename DigitOf>
char TakeByte(std::string_view text, size_t* at, int base, int count, DigitOf digit_of) {
  int value = 0;
  for (; count > 0 && *at < text.size() && digit_of(text[*at]) >= 0; --count)
    value = value * base + digit_of(text[(*at)++]);
  return static_cast<char>(value);
}

void Unescape(std::string_view field, std::string* out) {
  for (size_t at = 0; at < field.size();) {
    if (field[at] != '\\') {
      out->push_back(field[at++]);
      continue;
    }
    if (at + 1 == field.size()) return;  // it would escape what does not follow
    const char c = field[++at];
    if (OctalDigit(c) >= 0) {
      out->push_back(TakeByte(field, &at, 8, 3, OctalDigit));
    } else if (c == 'x' && at + 1 < field.size() && HexDigit(field[at + 1]) >= 0) {
      out->push_back(TakeByte(field, &++at, 16, 2, [](char digit) { return HexDigit(digit); }));
    } else {
      constexpr std::string_view kNames = "bfnrtv", kBytes = "\b\f\n\r\t\v";
      const size_t special = kNames.find(c);
      out->push_back(special == std::string_view::npos ? c : kBytes[special]);
      ++at;
    }
  }
}

}  // namespace

CopyReader::CopyReader(CopyOptions options, std::vector<std::string> columns)
    : options_(std::move(options)), columns_(std::move(columns)) {
  if (options_.force_null.empty() && options_.force_not_null.empty()) return;
  for (const std::string& column : columns_) {
    const bool null = Holds(options_.force_null, column);
    const bool not_null = Holds(options_.force_not_null, column);
    forces_.push_back(null && not_null ? Force::kBoth
                      : null           ? Force::kNull
                      : not_null       ? Force::kNotNull
                                       : Force::kNone);
  }
}

void CopyReader::Add(std::string_view data) {
  if (begin_ > kCompactBytes || begin_ == buffer_.size()) {
    buffer_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
    line_text_ = {};
  }
  buffer_ += data;
}

Result<CopyReader::Step> CopyReader::Next() {
  if (ended_) return Step::kEnd;
  if (options_.format == CopyOptions::Format::kBinary) return NextBinary();
  if (options_.header == CopyOptions::Header::kMatch && !header_read_ && finished_ && begin_ == buffer_.size()) {
    line_ = 1;
    return CheckHeader({});
  }
  while (true) {
    std::string_view line;
    WEIR_ASSIGN_OR_RETURN(Step step, NextLine(&line));
    if (step != Step::kRow) return step;
    if (options_.header != CopyOptions::Header::kNone && !header_read_) {
      header_read_ = true;
      WEIR_RETURN_NOT_OK(CheckHeader(line));
      if (ended_) return Step::kEnd;
      continue;
    }
    fields_.clear();
    unescaped_.clear();
    WEIR_RETURN_NOT_OK(options_.format == CopyOptions::Format::kCsv ? SplitCsv(line) : SplitText(line));
    WEIR_RETURN_NOT_OK(CheckCount());
    return Step::kRow;
  }
}

// A line without its end, which in CSV may have line ends in quotes.
Result<CopyReader::Step> CopyReader::NextLine(std::string_view* line) {
  if (!in_line_) {
    if (begin_ == buffer_.size()) {
      ended_ = finished_;
      return finished_ ? Step::kEnd : Step::kNeedsData;
    }
    ++line_;
    in_line_ = true;
    line_text_ = {};
  }
  WEIR_ASSIGN_OR_RETURN(bool found, FindLineEnd());
  if (!found && !finished_) return Step::kNeedsData;
  if (!found) end_length_ = 0;
  *line = std::string_view(buffer_).substr(begin_, scanned_ - begin_);
  WEIR_RETURN_NOT_OK(CheckUtf8(*line));
  line_text_ = *line;
  begin_ = scanned_ = scanned_ + end_length_;
  in_line_ = last_was_escape_ = false;
  const bool open_quotes = std::exchange(in_quotes_, false);
  const bool marker = options_.format == CopyOptions::Format::kCsv && *line == "\\." && !open_quotes;
  if (!marker && (!ended_ || !line->empty())) return Step::kRow;
  ended_ = true;
  return Step::kEnd;
}

// Moves scanned_ to the line's end; false where it is still to come.
Result<bool> CopyReader::FindLineEnd() {
  const bool csv = options_.format == CopyOptions::Format::kCsv;
  const char escape = options_.escape == options_.quote ? '\0' : options_.escape;
  for (; scanned_ < buffer_.size(); ++scanned_) {
    if (!csv) scanned_ = FindAny(buffer_, scanned_, '\\', '\n', '\r');
    if (csv && !in_quotes_ && escape == '\0') scanned_ = FindAny(buffer_, scanned_, options_.quote, '\n', '\r');
    if (scanned_ == buffer_.size()) break;
    const char c = buffer_[scanned_];
    if (csv) {
      if (in_quotes_ && escape != '\0' && c == escape) last_was_escape_ = !last_was_escape_;
      if (c == options_.quote && !last_was_escape_) in_quotes_ = !in_quotes_;
      if (c != escape) last_was_escape_ = false;
      if (in_quotes_) {
        if (c == (line_end_ == LineEnd::kNewline ? '\n' : '\r')) ++line_;
        continue;
      }
    } else if (c == '\\') {
      if (scanned_ + 1 == buffer_.size() && !finished_) return false;  // what it escapes is still to come
      if (scanned_ + 1 < buffer_.size() && buffer_[scanned_ + 1] == '.') {
        if (scanned_ + 2 == buffer_.size() && !finished_) return false;
        return TakeMarker();
      }
      ++scanned_;
      continue;
    }
    if (c == '\r') {
      if (scanned_ + 1 == buffer_.size() && !finished_) return false;  // it may be a carriage return and newline
      return TakeReturn();
    }
    if (c == '\n') {
      WEIR_RETURN_NOT_OK(TakeNewline());
      return true;
    }
  }
  scanned_ = std::min(scanned_, buffer_.size());
  return false;
}

// "\." ends the data; what stands before it in its line is the last row.
Result<bool> CopyReader::TakeMarker() {
  const size_t after = scanned_ + 2;
  if (after < buffer_.size() && buffer_[after] != '\n' && buffer_[after] != '\r') {
    return BadFile("end-of-copy marker corrupt");
  }
  if (after < buffer_.size() && line_end_ != LineEnd::kUnknown &&
      (buffer_[after] == '\n') != (line_end_ == LineEnd::kNewline)) {
    return BadFile("end-of-copy marker does not match previous newline style");
  }
  end_length_ = std::min<size_t>(3, buffer_.size() - scanned_);
  ended_ = true;
  return true;
}

Result<bool> CopyReader::TakeReturn() {
  const bool both = scanned_ + 1 < buffer_.size() && buffer_[scanned_ + 1] == '\n';
  if (line_end_ == LineEnd::kUnknown) line_end_ = both ? LineEnd::kBoth : LineEnd::kReturn;
  if (line_end_ == LineEnd::kReturn || (line_end_ == LineEnd::kBoth && both)) {
    end_length_ = line_end_ == LineEnd::kBoth ? 2 : 1;
    return true;
  }
  if (options_.format == CopyOptions::Format::kCsv) {
    return BadFile("unquoted carriage return found in data", "Use quoted CSV field to represent carriage return.");
  }
  return BadFile("literal carriage return found in data", "Use \"\\r\" to represent carriage return.");
}

Status CopyReader::TakeNewline() {
  if (line_end_ == LineEnd::kUnknown) line_end_ = LineEnd::kNewline;
  end_length_ = 1;
  if (line_end_ == LineEnd::kNewline) return Status::OK();
  if (options_.format == CopyOptions::Format::kCsv) {
    return BadFile("unquoted newline found in data", "Use quoted CSV field to represent newline.");
  }
  return BadFile("literal newline found in data", "Use \"\\n\" to represent newline.");
}

void CopyReader::AddField(std::string_view text, bool quoted) {
  const Force force = forces_.empty() || fields_.size() >= forces_.size() ? Force::kNone : forces_[fields_.size()];
  bool null = text == options_.null_text && !quoted;
  if (null) {
    null = force != Force::kNotNull && force != Force::kBoth;
  } else {
    null = text == options_.null_text && (force == Force::kNull || force == Force::kBoth);
  }
  fields_.push_back({null ? std::string_view() : text, null});
}

Status CopyReader::SplitText(std::string_view line) {
  if (line.find('\\') != std::string_view::npos) return SplitEscaped(line);
  const std::string_view null_text = options_.null_text;
  const char delimiter = options_.delimiter;
  for (size_t begin = 0;;) {
    size_t end = begin;
    while (end < line.size() && line[end] != delimiter) ++end;
    const std::string_view field = line.substr(begin, end - begin);
    const bool null = field == null_text;
    fields_.push_back({null ? std::string_view() : field, null});
    if (end == line.size()) return Status::OK();
    begin = end + 1;
  }
}

Status CopyReader::SplitEscaped(std::string_view line) {
  unescaped_.reserve(line.size());  // never longer, so views into it stay
  size_t begin = 0;
  for (size_t at = 0; at <= line.size(); ++at) {
    if (at + 1 < line.size() && line[at] == '\\') {
      ++at;
      continue;
    }
    if (at < line.size() && line[at] != options_.delimiter) continue;
    std::string_view field = line.substr(begin, at - begin);
    begin = at + 1;
    const bool null = field == options_.null_text;
    if (!null && field.find('\\') != std::string_view::npos) {
      const size_t start = unescaped_.size();
      Unescape(field, &unescaped_);
      field = std::string_view(unescaped_).substr(start);
      WEIR_RETURN_NOT_OK(CheckUtf8(field));  // \377 may have made it another text
    }
    fields_.push_back({null ? std::string_view() : field, null});
  }
  return Status::OK();
}

Status CopyReader::SplitCsv(std::string_view line) {
  unescaped_.reserve(line.size());  // never longer, so views into it stay
  const char delimiter = options_.delimiter, quote = options_.quote;
  size_t at = 0;
  while (true) {
    const size_t begin = at;
    while (at < line.size() && line[at] != delimiter && line[at] != quote) ++at;
    if (at < line.size() && line[at] == quote) {
      at = begin;
      WEIR_ASSIGN_OR_RETURN(std::string_view field, QuotedField(line, &at));
      AddField(field, true);
    } else {
      AddField(line.substr(begin, at - begin), false);
    }
    if (at == line.size()) return Status::OK();
    ++at;
  }
}

// A field that has quotes somewhere, up to the delimiter behind it.
Result<std::string_view> CopyReader::QuotedField(std::string_view line, size_t* at) {
  const size_t start = unescaped_.size();
  bool inside = false;
  for (; *at < line.size() && (inside || line[*at] != options_.delimiter); ++*at) {
    const char c = line[*at];
    const char next = *at + 1 < line.size() ? line[*at + 1] : '\0';
    if (inside && c == options_.escape && next != '\0' && (next == options_.escape || next == options_.quote)) {
      unescaped_.push_back(line[++*at]);
    } else if (c == options_.quote) {
      inside = !inside;
    } else {
      unescaped_.push_back(c);
    }
  }
  if (inside) return BadFile("unterminated CSV quoted field");
  return std::string_view(unescaped_).substr(start);
}

Status CopyReader::CheckHeader(std::string_view line) {
  if (options_.header != CopyOptions::Header::kMatch) return Status::OK();
  fields_.clear();
  unescaped_.clear();
  WEIR_RETURN_NOT_OK(options_.format == CopyOptions::Format::kCsv ? SplitCsv(line) : SplitText(line));
  if (fields_.size() != columns_.size()) {
    return BadFile(
        fmt::format("wrong number of fields in header line: got {}, expected {}", fields_.size(), columns_.size()));
  }
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].null) {
      return BadFile(
          fmt::format("column name mismatch in header line field {}: got null value (\"{}\"), expected \"{}\"", i + 1,
                      options_.null_text, columns_[i]));
    }
    if (fields_[i].text != columns_[i]) {
      return BadFile(fmt::format("column name mismatch in header line field {}: got \"{}\", expected \"{}\"", i + 1,
                                 fields_[i].text, columns_[i]));
    }
  }
  return Status::OK();
}

Status CopyReader::CheckCount() const {
  if (fields_.size() < columns_.size())
    return BadFile(fmt::format("missing data for column \"{}\"", columns_[fields_.size()]));
  return fields_.size() > columns_.size() ? BadFile("extra data after last expected column") : Status::OK();
}

namespace {

int32_t BigEndian32(const char* bytes) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return static_cast<int32_t>(value);
}
int16_t BigEndian16(const char* bytes) {
  return static_cast<int16_t>(static_cast<unsigned char>(bytes[0]) << 8 | static_cast<unsigned char>(bytes[1]));
}

}  // namespace

Status CopyReader::CheckBinaryHeader() {
  const std::string_view data = std::string_view(buffer_).substr(begin_);
  if (!data.starts_with(kCopySignature)) return BadFile("COPY file signature not recognized");
  const int32_t flags = BigEndian32(data.data() + kCopySignature.size());
  constexpr int32_t kHasOids = 1 << 16;
  if ((flags & kHasOids) != 0) return BadFile("invalid COPY file header (WITH OIDS)");
  if ((flags & ~0xFFFF) != 0) return BadFile("unrecognized critical flags in COPY file header");
  return BigEndian32(data.data() + kCopySignature.size() + 4) < 0 ? BadFile("invalid COPY file header (wrong length)")
                                                                  : Status::OK();
}

// What is still to come, which is an error where nothing more comes.
Result<CopyReader::Step> CopyReader::NeedsMore(const char* at_the_end) {
  if (!finished_) return Step::kNeedsData;
  return BadFile(at_the_end);
}

Result<CopyReader::Step> CopyReader::BinaryHeader() {
  const size_t fixed = kCopySignature.size() + 8;
  if (buffer_.size() - begin_ < fixed) {
    const std::string_view begun = std::string_view(buffer_).substr(begin_, kCopySignature.size());
    if (!kCopySignature.starts_with(begun)) return BadFile("COPY file signature not recognized");
    return NeedsMore(begun.size() < kCopySignature.size() ? "COPY file signature not recognized"
                                                          : "invalid COPY file header (missing flags)");
  }
  WEIR_RETURN_NOT_OK(CheckBinaryHeader());
  const auto extension = static_cast<size_t>(BigEndian32(buffer_.data() + begin_ + kCopySignature.size() + 4));
  if (buffer_.size() - begin_ - fixed < extension) return NeedsMore("invalid COPY file header (wrong length)");
  begin_ = scanned_ = begin_ + fixed + extension;
  header_read_ = true;
  return Step::kRow;
}

// Binary: a header; for each row the number of its fields, and each one's length and bytes; -1 at the end.
Result<CopyReader::Step> CopyReader::NextBinary() {
  if (!header_read_) {
    WEIR_ASSIGN_OR_RETURN(const Step header, BinaryHeader());
    if (header != Step::kRow) return header;
  }
  std::string_view rest = std::string_view(buffer_).substr(begin_);
  if (rest.size() < 2) {
    ended_ = finished_;
    return finished_ ? Step::kEnd : Step::kNeedsData;
  }
  const int16_t count = BigEndian16(rest.data());
  rest.remove_prefix(2);
  if (!in_line_) ++line_;
  in_line_ = true;
  if (count == -1) {
    ended_ = true;
    return rest.empty() ? Result<Step>(Step::kEnd) : Result<Step>(BadFile("received copy data after EOF marker"));
  }
  if (count < 0 || static_cast<size_t>(count) != columns_.size()) {
    return BadFile(fmt::format("row field count is {}, expected {}", count, columns_.size()));
  }
  return BinaryFields(rest);
}

Result<CopyReader::Step> CopyReader::BinaryFields(std::string_view rest) {
  fields_.clear();
  for (const std::string& column : columns_) {
    column_ = column;
    if (rest.size() < 4) return NeedsMore("unexpected EOF in COPY data");
    const int32_t length = BigEndian32(rest.data());
    rest.remove_prefix(4);
    if (length < -1) return BadFile("invalid field size");
    if (length == -1) {
      fields_.push_back({{}, true});
      continue;
    }
    if (rest.size() < static_cast<size_t>(length)) return NeedsMore("unexpected EOF in COPY data");
    fields_.push_back({rest.substr(0, static_cast<size_t>(length)), false});
    rest.remove_prefix(static_cast<size_t>(length));
  }
  column_ = {};
  in_line_ = false;
  begin_ = scanned_ = static_cast<size_t>(rest.data() - buffer_.data());
  return Step::kRow;
}

}  // namespace weir::postgres
