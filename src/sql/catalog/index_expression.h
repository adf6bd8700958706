#pragma once

#include <string>
#include <vector>

#include "sql/catalog/catalog_ddl.h"

namespace weir::sql {

/// What CREATE INDEX says of an expression of its key, and of its WHERE, which the table's name has been taken out of.
/// PostgreSQL's errors; 42P17 for what another moment or session may compute otherwise.
Result<SqlIndex::Expression> DefineExpression(const IndexExpression& written, const Relation& table,
                                              const DdlContext& context);
Result<std::string> DefineCondition(const IndexExpression& written, const Relation& table, const DdlContext& context);

/// The columns, attnums of the table, that an index's expressions and condition name.
Result<std::vector<int>> UsedColumns(const SqlIndex& index, const Relation& table);

/// The name with a number behind it where it is taken: "lower", "lower1".
std::string UnusedLabel(const std::vector<std::string>& taken, const std::string& name);

/// A column of the table is called otherwise from now on.
Status RenameInIndex(const std::string& from, const std::string& to, SqlIndex* index);

}  // namespace weir::sql
