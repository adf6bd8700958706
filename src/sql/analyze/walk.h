#pragma once

#include <functional>

#include "sql/analyze/tree.h"

namespace weir::sql::analyze {

/// Calls `visit` with each expression right below this one, and each query right below it.
void ForEachChild(Expression& expression, const std::function<void(ExpressionPtr&)>& visit,
                  const std::function<void(Query&)>& visit_query);
/// Calls `visit` with each expression that stands in the query itself, and each query right below it.
void ForEachExpression(Query& query, const std::function<void(ExpressionPtr&)>& visit,
                       const std::function<void(Query&)>& visit_query);

/// A copy. `levels`: so many queries further in it will stand, which its references to columns are told.
/// Null for an expression that holds a query: those are not copied.
ExpressionPtr Clone(const Expression& expression, int levels = 0);

/// The same in all but positions and the forms of casts.
bool Equal(const Expression& a, const Expression& b);

/// Columns of the rows that the query gives: its targets less the hidden ones.
int VisibleColumns(const Query& query);

/// Where an expression begins in the text, as PostgreSQL's error positions have it; 0: nowhere.
int BeginOf(const Expression& expression);

}  // namespace weir::sql::analyze
