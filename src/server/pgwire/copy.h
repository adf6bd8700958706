#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/pgwire/channel.h"
#include "server/pgwire/value_format.h"
#include "sql/session.h"

namespace weir::pgwire {

struct CopyOptions {
  bool csv = false;
  bool header = false;
  char delimiter = '\t';
  char quote = '"';
  char escape = '"';
  std::string null_text = "\\N";
};

/// COPY between a table or query and the client.
struct CopyStatement {
  bool from_client = false;
  std::string query;      // what is read, or has the columns that are written
  std::string insert;     // "INSERT INTO table (columns)"; of COPY FROM
  CopyOptions options;
};

/// Nothing when the statement is no COPY with STDIN or STDOUT. 42601, 0A000 and 22023 as in PostgreSQL.
Result<std::optional<CopyStatement>> ParseCopy(const sql::Statement& statement);

/// Sends or takes the rows. Gives the command tag.
Result<std::string> RunCopy(const CopyStatement& copy, sql::Session& session, Channel& channel,
                            const postgres::Settings& settings);

/// A text's first words up to what is none, in lower case unless they are quoted.
std::vector<std::string> LeadingWords(std::string_view text);

/// A line of COPY data to or from.
using CopyRow = std::vector<std::optional<std::string>>;
void AppendCopyRow(const CopyRow& row, const CopyOptions& options, std::string* out);

/// Cuts COPY data into rows.
class CopyReader {
 public:
  explicit CopyReader(const CopyOptions& options) : options_(options) {}
  void Add(std::string_view data) { buffer_ += data; }
  /// No more data comes: a last line may lack its end.
  void Finish() { finished_ = true; }
  /// The next row, or nothing while it is not complete, and after the last. 22P04 for malformed data.
  Result<std::optional<CopyRow>> Next();

 private:
  std::optional<std::string_view> TakeLine();
  CopyRow ParseText(std::string_view line) const;
  Result<CopyRow> ParseCsv(std::string_view line) const;

  const CopyOptions options_;
  std::string buffer_;
  size_t begin_ = 0;
  size_t scanned_ = 0;     // up to where no end of the line was found
  bool quoted_ = false;    // inside of quotes there
  bool finished_ = false;
  bool ended_ = false;     // "\." was there
  bool header_taken_ = false;
};

}  // namespace weir::pgwire
