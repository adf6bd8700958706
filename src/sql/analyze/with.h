#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// An item of WITH while its query is analysed. Those of WITH RECURSIVE are analysed when something first refers to
/// them, so that later ones may be referred to.
struct WithEntry {
  enum class State { kWaiting, kPlain, kLeft, kRight, kDone };

  std::string name;
  const pg_query::CommonTableExpr* definition = nullptr;
  Scope* owner = nullptr;
  int index = 0;  // in Query::with
  bool may_recurse = false;
  State state = State::kWaiting;
  bool referred = false;  // by itself
  std::vector<OutputColumn> columns;
};

/// WITH of a statement: fills Query::with and Scope::with.
Status AnalyzeWith(Scope& scope, const pg_query::WithClause& clause);

/// The item that a relation's name means here, analysed; null: none.
struct FoundWith {
  WithEntry* entry = nullptr;
  int level = 0;
};
Result<FoundWith> FindWith(Scope& scope, const std::string& name, int location);
/// Whether a later item of a WITH around has that name, for a hint.
bool IsLaterWith(const Scope& scope, const std::string& name);

/// The columns of an item's query, under the names that it gives them.
Result<std::vector<OutputColumn>> ColumnsOfWith(const Scope& scope, const WithEntry& entry, const Query& query);

}  // namespace weir::sql::analyze
