#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/copy/options.h"
#include "weir/status.h"

namespace weir::postgres {

/// A field of a row of COPY's data: a value's text, or its bytes in binary format.
struct CopyField {
  std::string_view text;
  bool null = false;
};

/// Cuts COPY's data, as it comes, into rows of fields, all of it UTF-8 but binary fields. Errors are 22P04 and 22021 in
/// PostgreSQL's words; where they stand is line() with line_text() and column().
class CopyReader {
 public:
  /// `columns`: names, in the order of the fields. Those of FORCE NULL and FORCE NOT NULL must be among them.
  CopyReader(CopyOptions options, std::vector<std::string> columns);

  void Add(std::string_view data);
  /// No more data comes: a last line may lack its end.
  void Finish() { finished_ = true; }

  enum class Step { kRow, kNeedsData, kEnd };
  /// The next row, which fields() then has. kEnd: behind the last one, or behind "\.".
  Result<Step> Next();
  /// As many as there are columns; valid until the next call.
  std::span<const CopyField> fields() const { return fields_; }
  /// Where the row stands that was read last, or that could not be read: its last line, from 1; in binary format its
  /// number, 0 before the first.
  int64_t line() const { return line_; }
  /// Without data where the line could not be read, and in binary format.
  std::string_view line_text() const { return line_text_; }
  /// Binary: the name of the field that could not be read; else empty.
  std::string_view column() const { return column_; }

 private:
  enum class LineEnd : uint8_t { kUnknown, kNewline, kReturn, kBoth };
  enum class Force : uint8_t { kNone, kNull, kNotNull, kBoth };

  Result<Step> NextLine(std::string_view* line);
  Result<bool> FindLineEnd();
  Result<bool> TakeMarker();
  Result<bool> TakeReturn();
  Status TakeNewline();
  void AddField(std::string_view text, bool quoted);
  Status SplitText(std::string_view line);
  Status SplitEscaped(std::string_view line);
  Status SplitCsv(std::string_view line);
  Result<std::string_view> QuotedField(std::string_view line, size_t* at);
  Status CheckHeader(std::string_view line);
  Status CheckCount() const;
  Result<Step> NextBinary();
  Result<Step> BinaryFields(std::string_view rest);
  Result<Step> BinaryHeader();
  Result<Step> NeedsMore(const char* at_the_end);
  Status CheckBinaryHeader();

  const CopyOptions options_;
  const std::vector<std::string> columns_;
  std::vector<Force> forces_;  // one a column; empty: none

  std::string buffer_;
  size_t begin_ = 0;    // of the next row
  size_t scanned_ = 0;  // up to where no end of the line was found
  bool in_line_ = false;
  bool in_quotes_ = false;
  bool last_was_escape_ = false;
  LineEnd line_end_ = LineEnd::kUnknown;
  size_t end_length_ = 0;  // of the line end that was found
  bool finished_ = false;
  bool ended_ = false;
  bool header_read_ = false;

  int64_t line_ = 0;
  std::string_view line_text_;
  std::string_view column_;
  std::vector<CopyField> fields_;
  std::string unescaped_;  // what fields with escapes are, one behind the other
};

}  // namespace weir::postgres
