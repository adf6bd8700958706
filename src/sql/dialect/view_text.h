#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sql/dialect/parse_tree.h"

namespace weir::sql::dialect {

/// What names in the query of a view were found to mean, by the bytes of the text at which they stand.
struct ViewNames {
  std::map<int, std::string> schemas;  // of a relation's name
  /// The columns that * stands for, each with what qualifies it.
  std::map<int, std::vector<std::vector<std::string>>> stars;
  std::set<int64_t> functions = {};  // written in SQL, by their OIDs
};

/// The query of CREATE VIEW as text that means the same from everywhere: relations have their schemas, * is written
/// out. `tree`: of the statement, which is `source`.
Result<std::string> QualifiedQuery(const Source& source, const ParseTree& tree, const ViewNames& names);

/// What follows WHERE in the query of a view of one table, over its columns alone; empty: it has none.
Result<std::string> ConditionOfQuery(const std::string& query);

/// The columns that a query of one table shows, each by its name there; empty: it is computed.
Result<std::vector<std::string>> ColumnsOfQuery(const std::string& query);

/// How a relation of such a query is called now.
struct RenamedRelation {
  std::string schema;  // as the query has them
  std::string name;
  std::string new_schema;  // empty: it needs none
  std::string new_name;
  std::vector<std::string> columns;  // as the query calls them; empty: as they are called now
};

/// The query of a view as it would be written now: what has been renamed has its old names as aliases. `columns`:
/// names for the query's columns; empty: its own.
Result<std::string> CurrentQuery(const std::string& query, const std::vector<RenamedRelation>& relations,
                                 const std::vector<std::string>& columns);

}  // namespace weir::sql::dialect
