#pragma once

#include <memory>
#include <string>

#include "sql/dialect/qualified_name.h"
#include "sql/dialect/source.h"
#include "weir/status.h"

namespace google::protobuf {
class Arena;
}
namespace pg_query {
class ParseResult;
class RangeVar;
class RawStmt;
}  // namespace pg_query

namespace weir::sql::dialect {

/// A text as PostgreSQL's grammar reads it: the tree that libpg_query hands over (messages of its pg_query.proto), in
/// one piece of memory that goes as a whole, however deep it is.
class ParseTree {
 public:
  /// Reads `text`, which stands at byte `begin` of the source (or is what was made of it byte for byte).
  /// Errors: PostgreSQL's for what its grammar refuses (42601 and others), 54001 for what is nested too deep, all with
  /// their position in the source.
  static Result<ParseTree> Of(const Source& source, size_t begin, const std::string& text);
  static Result<ParseTree> Of(const Source& source) { return Of(source, 0, std::string(source.text())); }

  ParseTree(ParseTree&&) noexcept;
  ParseTree& operator=(ParseTree&&) noexcept;
  ~ParseTree();

  /// How many statements there are; empty ones between semicolons do not count.
  int size() const;
  const pg_query::RawStmt& statement(int index) const;
  /// Where the text stands in the source: locations in the tree count bytes from there.
  size_t begin() const { return begin_; }

 private:
  ParseTree();

  std::unique_ptr<google::protobuf::Arena> arena_;
  const pg_query::ParseResult* result_ = nullptr;  // in the arena
  size_t begin_ = 0;
};

/// A relation as it is written; `position` 0: errors about it have none.
QualifiedName RelationName(const pg_query::RangeVar& relation, int position = 0);

}  // namespace weir::sql::dialect
