#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/state.h"
#include "sql/analyze/relation_uses.h"
#include "sql/catalog/made_types.h"
#include "sql/catalog/relation.h"
#include "sql/duckdb/plan.h"
#include "sql/session.h"

namespace weir::sql {

class DirectPlan;

/// A query with its meaning, ready to be run as often as wanted while its tables stay as they are.
struct QueryPlan {
  std::string text;
  std::vector<uint32_t> asked;  // the types of parameters that the client has named; 0: by what stands around them
  std::shared_ptr<const duck::Plan> plan;
  std::vector<RelationPtr> relations;  // that its names mean
  TypeMapPtr types;                    // as they were when it was made
  /// What it uses of views, and their queries of what they name, as it is checked with each run.
  std::vector<analyze::RelationUse> of_views;
  std::string user;          // current_user when it was made
  std::string session_user;  // likewise
  access::StatePtr access;   // who might do what then: functions were held against it
  /// The same for a statement of few rows, made when it first runs; null: DuckDB plans each run.
  std::shared_ptr<DirectPlan> direct;
  std::vector<analyze::CursorTable> cursor_tables;  // of a cursor's query
  std::optional<int64_t> cursor_moves;  // of WHERE CURRENT OF: how often the session's cursors had moved then
  bool tried_direct = false;
  /// A function whose statements are run one by one, and of which the statement is a call: `arguments` gives texts of
  /// its arguments (`plan` is theirs), and `columns` is what the call gives. Null: it is any other statement.
  SqlFunctionPtr function = nullptr;
  std::shared_ptr<QueryPlan> arguments = nullptr;
  std::vector<ResultColumn> columns = {};

  /// However it is planned again, its parameters have the types that they have now.
  void KeepTypes();
};

/// The columns of a plan as clients are told of them.
std::vector<ResultColumn> DescribePlan(const duck::Plan& plan);
/// The same of a statement, which may be a call of a function that is run.
std::vector<ResultColumn> DescribeQuery(const QueryPlan& query);
ResultColumn DescribeColumn(const std::string& name, postgres::TypeRef type);
bool AreAlike(const std::vector<ResultColumn>& a, const std::vector<ResultColumn>& b);

}  // namespace weir::sql
