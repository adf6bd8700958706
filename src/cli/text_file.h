#pragma once

#include <arrow/io/type_fwd.h>
#include <arrow/type_fwd.h>
#include <arrow/util/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir {

/// Lines that end within the text; where it has no line feed, carriage returns end them.
int64_t CountLines(std::string_view text);

/// The text of a file as UTF-8. Gzip and Zstandard are recognised by the file's first bytes, and so is UTF-16 by its
/// byte order mark.
class TextFile {
 public:
  /// `encoding`: "latin-1" or any name that iconv knows; empty: UTF-8, or what the byte order mark says.
  static Result<std::unique_ptr<TextFile>> Open(const std::string& path, const std::string& encoding);
  ~TextFile();
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;

  /// Adds text until there are `size` bytes of it, or the file ends. At bytes that are not of the encoding: an error
  /// that names them, and the text before them is added.
  Status Fill(size_t size, std::string* text);
  bool at_end() const { return at_end_ && raw_.empty(); }
  const std::string& path() const { return path_; }
  /// Of the file as it is, so far and in all.
  int64_t bytes_read() const;
  int64_t bytes() const { return bytes_; }

 private:
  class Decoder;
  explicit TextFile(std::string path);
  Status Start(const std::string& encoding);
  Status ReadRaw();
  Status TakeUtf8(std::string* text);

  const std::string path_;
  std::shared_ptr<arrow::io::ReadableFile> file_;
  std::unique_ptr<arrow::util::Codec> codec_;
  std::shared_ptr<arrow::io::InputStream> input_;
  std::unique_ptr<Decoder> decoder_;  // null: UTF-8
  std::string raw_;                   // read, and not yet text
  bool at_start_ = true;
  bool at_end_ = false;  // of the input
  int64_t bytes_ = 0;
};

}  // namespace weir
