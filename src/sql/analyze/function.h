#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// Functions that are written in SQL. A call of one becomes what its body says of the arguments: an expression, or a
/// query in FROM; nothing of the function is left in the tree.

/// The arguments of a call, analysed.
struct FunctionArguments {
  Expressions values;
  std::vector<std::string> names;  // of the last ones
};

/// What a call of such a function gives where an expression stands. Null, and the arguments untouched, where the
/// database has none of that name. 42883 and 42725 where none of them fits.
Result<ExpressionPtr> AnalyzeMadeCall(Scope& scope, const std::vector<std::string>& name, FunctionArguments* arguments,
                                      int location);

/// Such a call as the text of a definition keeps it (dialect/kept_call.h).
Result<ExpressionPtr> AnalyzeKeptCall(Scope& scope, const pg_query::FuncCall& call);

/// A function of FROM as a query of its own; nothing where it is none of the database's.
Result<std::optional<RangeEntry>> MadeFunctionEntry(Scope& scope, const pg_query::RangeFunction& function);

/// The hint of a call, with 0A000, of a function whose body is more than one query: its statements are run one by one,
/// by a statement that is nothing but the call.
inline constexpr const char* kCalledAlone =
    "Call it in a statement of its own: SELECT f(...), or SELECT * FROM f(...).";

/// The columns that a call gives: one for a value.
Result<std::vector<OutputColumn>> ResultColumns(const SqlFunction& function, Names& names);

/// Errors of a body, and 42P13 for one that does not give what its function is declared to. Positions are the body's.
Status CheckFunctionBody(const SqlFunction& function, const Context& context);

/// The parameter that a name means in a function's body; null: none.
ExpressionPtr NamedParameter(const Statement& statement, const std::string& qualifier, const std::string& name,
                             int location);

/// Which of the functions fits arguments of these types best, and where each of its inputs gets its value from: −1, its
/// default. Null: none does.
struct FunctionMatch {
  SqlFunctionPtr function;
  std::vector<int> order;
};
Result<FunctionMatch> ChooseFunction(const postgres::Resolver& resolver, const std::vector<SqlFunctionPtr>& functions,
                                     const std::vector<postgres::Oid>& types, const std::vector<std::string>& names);

}  // namespace weir::sql::analyze
