#include "sql/dialect/index.h"

#include <fmt/format.h>

#include "pg_query.pb.h"
#include "sql/dialect/blank.h"
#include "sql/dialect/parse_tree.h"
#include "sql/dialect/unsupported.h"

namespace weir::sql::dialect {

namespace {

Status NotSupported(std::string what, std::string hint = {}) {
  return Error("0A000", std::move(what) + " are not supported", {.hint = std::move(hint)});
}

std::string LastOf(const google::protobuf::RepeatedPtrField<pg_query::Node>& names) {
  return names.empty() ? "" : names.rbegin()->string().sval();
}

Result<IndexColumn> ReadColumn(const pg_query::IndexElem& element) {
  if (element.name().empty()) return NotSupported("indexes on expressions");
  if (!element.opclassopts().empty()) return NotSupported("options of operator classes");
  IndexColumn column{.name = element.name(),
                     .collation = LastOf(element.collation()),
                     .operator_class = LastOf(element.opclass()),
                     .descending = element.ordering() == pg_query::SORTBY_DESC};
  if (element.nulls_ordering() == pg_query::SORTBY_NULLS_FIRST) column.nulls_first = true;
  if (element.nulls_ordering() == pg_query::SORTBY_NULLS_LAST) column.nulls_first = false;
  return column;
}

/// What an index of ours cannot be. A method that PostgreSQL does not have is 42704.
Status CheckSupported(const pg_query::IndexStmt& index) {
  const std::string& method = index.access_method();
  for (const std::string_view other : {"hash", "gist", "gin", "spgist", "brin"}) {
    if (method != other) continue;
    if (!index.unique()) return NotSupported(fmt::format("indexes of access method \"{}\"", method));
    return Error("0A000", fmt::format("access method \"{}\" does not support unique indexes", method));
  }
  if (!method.empty() && method != "btree") {
    return Error("42704", fmt::format("access method \"{}\" does not exist", method));
  }
  if (index.has_where_clause()) return NotSupported("partial indexes");
  if (index.nulls_not_distinct()) return NotSupported("unique indexes with NULLS NOT DISTINCT");
  if (!index.options().empty()) return NotSupported("storage parameters of indexes");
  if (!index.table_space().empty() && index.table_space() != "pg_default") {
    return Error("42704", fmt::format("tablespace \"{}\" does not exist", index.table_space()));
  }
  return Status::OK();
}

/// Errors about the relations of these statements have no position.
Result<QualifiedName> UnplacedName(Cursor& cursor) {
  WEIR_ASSIGN_OR_RETURN(QualifiedName name, cursor.Qualified());
  name.position = 0;
  return name;
}

// KWDB has partitions of indexes only where the table is made.
Status CheckIndexSyntax(const StatementSource& statement) {
  const size_t at = FindWord(statement.tokens, {"partition"});
  if (at + 1 < statement.tokens.size() && statement.tokens[at + 1].Is("by")) {
    return Cursor(statement).ErrorAt(statement.tokens[at], "0A000",
                                     "partitioning of secondary indexes is only supported in CREATE TABLE");
  }
  return BlankedText(statement).Check();
}

}  // namespace

bool IsCreateIndex(Cursor cursor) {
  return cursor.Try("create") && (cursor.IsAt({"index"}) || cursor.IsAt({"unique", "index"}));
}

Result<Action> ParseCreateIndex(const StatementSource& statement) {
  WEIR_RETURN_NOT_OK(CheckIndexSyntax(statement));
  WEIR_ASSIGN_OR_RETURN(const ParseTree tree,
                        ParseTree::Of(*statement.source, statement.begin(), std::string(statement.text())));
  const pg_query::IndexStmt& index = tree.statement(0).stmt().index_stmt();
  WEIR_RETURN_NOT_OK(CheckSupported(index));
  CreateIndex create{.table = RelationName(index.relation()),
                     .unique = index.unique(),
                     .if_not_exists = index.if_not_exists(),
                     .concurrently = index.concurrent(),
                     .only = !index.relation().inh()};
  if (!index.idxname().empty()) create.name = index.idxname();
  for (const pg_query::Node& node : index.index_params()) {
    WEIR_ASSIGN_OR_RETURN(IndexColumn column, ReadColumn(node.index_elem()));
    create.columns.push_back(std::move(column));
  }
  for (const pg_query::Node& node : index.index_including_params()) {
    if (node.index_elem().name().empty()) return Error("0A000", "expressions are not supported in included columns");
    create.included.push_back(node.index_elem().name());
  }
  return Action(std::move(create));
}

Result<Action> ParseAlterIndex(const StatementSource& statement) {
  WEIR_RETURN_NOT_OK(CheckIndexSyntax(statement));
  Cursor cursor(statement);
  WEIR_RETURN_NOT_OK(cursor.Expect({"alter", "index"}));
  RenameIndex rename{.if_exists = cursor.Try({"if", "exists"})};
  if (cursor.IsAt({"all", "in"})) return Action(UnsupportedStatement(statement));
  WEIR_ASSIGN_OR_RETURN(rename.name, UnplacedName(cursor));
  if (cursor.Try({"attach", "partition"})) {
    AttachIndex attach{.name = std::move(rename.name), .partition = {}};
    WEIR_ASSIGN_OR_RETURN(attach.partition, UnplacedName(cursor));
    return Action(std::move(attach));
  }
  if (!cursor.Try({"rename", "to"})) return Action(Unsupported{"ALTER INDEX " + Upper(cursor.Peek().text), {}});
  WEIR_ASSIGN_OR_RETURN(rename.new_name, cursor.Name());
  return Action(std::move(rename));
}

Result<Action> ParseDropIndexes(Cursor& cursor) {
  DropIndexes drop{.concurrently = cursor.Try("concurrently")};
  drop.if_exists = cursor.Try({"if", "exists"});
  do {
    WEIR_ASSIGN_OR_RETURN(QualifiedName name, UnplacedName(cursor));
    drop.names.push_back(std::move(name));
  } while (cursor.TrySymbol(","));
  drop.cascade = cursor.Try("cascade");
  return Action(std::move(drop));
}

}  // namespace weir::sql::dialect
