#pragma once

#include <string>

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// A statement's text in which the parts that PostgreSQL's grammar does not know are overwritten, byte for byte, so
/// that positions stay what they are.
class BlankedText {
 public:
  explicit BlankedText(const StatementSource& statement);

  void Blank(Tokens part) { Fill(part, ' '); }
  /// Makes one identifier of a part without gaps.
  void MakeName(Tokens part) { Fill(part, 'a'); }
  /// Fluss's properties have dots and hyphens in their names: table.merge-engine = first_row, table.log.ttl = '3 d', as
  /// WITH, SET and RESET list them.
  void NameOptions(Tokens list);
  const std::string& text() const { return text_; }
  /// Whether PostgreSQL's grammar takes what is left.
  Status Check() const;

 private:
  void Fill(Tokens part, char with);

  const StatementSource* statement_;
  std::string text_;
};

/// A part with blanks in place of what stands before it, so that its positions are the statement's.
std::string TextInPlace(const StatementSource& statement, Tokens part);

}  // namespace weir::sql::dialect
