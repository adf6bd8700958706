#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "weir/status.h"

namespace weir::postgres {

/// An option of COPY as it is written, in parentheses or the older way.
struct CopyOption {
  std::string name;
  std::optional<std::string> value = {};              // as text, lists and * too; absent where none is written
  bool number = false;                                // written without quotes: 1
  std::optional<std::vector<std::string>> list = {};  // (a, b)
  bool star = false;                                  // *
  int position = 0;
};

/// What COPY's data looks like.
struct CopyOptions {
  enum class Format { kText, kCsv, kBinary };
  enum class Header { kNone, kPresent, kMatch };

  Format format = Format::kText;
  Header header = Header::kNone;
  char delimiter = '\t';
  char quote = '"';
  char escape = '"';
  std::string null_text = "\\N";
  std::vector<std::string> force_quote;  // columns; of COPY TO
  bool force_quote_all = false;
  std::vector<std::string> force_not_null;  // of COPY FROM
  std::vector<std::string> force_null;
  bool freeze = false;
};

/// Errors: 42601, 22023 and 0A000 in PostgreSQL's words. Data is UTF-8: another ENCODING is 0A000.
Result<CopyOptions> MakeCopyOptions(std::span<const CopyOption> options, bool from);

}  // namespace weir::postgres
