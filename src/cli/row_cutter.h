#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli/text_file.h"
#include "weir/status.h"

namespace weir {

/// Cuts a file's text into blocks of whole rows.
class RowCutter {
 public:
  /// `delimiter`: of CSV, whose cells may have line ends in quotes; quotes open a cell only where it begins. Nothing:
  /// each line is a row.
  RowCutter(std::unique_ptr<TextFile> file, std::optional<char> delimiter)
      : file_(std::move(file)), delimiter_(delimiter) {}

  struct Block {
    std::string text;
    bool last = false;  // its last row may lack a line end
  };
  /// The next rows, as many as fit in about `bytes` of text, one at least. Errors name file and line: a quoted cell
  /// without an end, a row beyond 1 GiB, bytes that are not of the encoding.
  Result<Block> Next(size_t bytes);

  /// Of the row that comes next, from 1.
  int64_t line() const { return line_; }
  const TextFile& file() const { return *file_; }

 private:
  void Scan();
  void NoteRowEnd(size_t from, size_t to);
  Status Error(size_t at, const std::string& what) const;
  Block Take(size_t size, bool last);

  const std::unique_ptr<TextFile> file_;
  const std::optional<char> delimiter_;
  std::string text_;        // from the start of a row on
  int64_t line_ = 1;        // where it begins
  size_t scanned_ = 0;      // of the text: what is known of its rows
  size_t row_end_ = 0;      // the last one there that a line feed made; 0: none
  size_t return_end_ = 0;   // and the last one that a carriage return made
  bool in_quotes_ = false;  // at `scanned_`
  size_t quote_at_ = 0;     // where the open cell begins
};

}  // namespace weir
