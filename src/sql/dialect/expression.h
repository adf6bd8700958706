#pragma once

#include <string_view>

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// Whether a token can be the name of a column or a relation's alias.
bool IsName(const Token& token);
/// Whether a token behind a relation is its alias, or AS.
inline bool BeginsAlias(const Token& token) { return token.Is("as") || IsName(token); }

/// What an expression uses, as far as its tokens tell; null: nothing of the kind.
struct ExpressionParts {
  const Token* subquery = nullptr;
  const Token* aggregate = nullptr;
  const Token* window = nullptr;
  const Token* set_returning = nullptr;
  const Token* changing = nullptr;  // a function that is not immutable
  const Token* random = nullptr;    // … and not even stable
  const Token* column = nullptr;
  const Token* system_column = nullptr;
  const Token* parameter = nullptr;
};
ExpressionParts PartsOf(Tokens expression);

/// Whether a column's name, or the table's before it, stands there.
bool IsColumnReference(Tokens expression, size_t at);

/// An expression without the parentheses that hold all of it: a dump puts some around what it shows.
Tokens WithoutParentheses(Tokens expression);

/// Where an expression stands, in PostgreSQL's words.
struct ExpressionPlace {
  std::string_view one;   // "partition bound": "cannot use subquery in …"
  std::string_view many;  // "partition key expressions": "aggregate functions are not allowed in …"
  std::string_view column_reference;  // empty: columns are allowed
};
inline constexpr ExpressionPlace kPartitionKeyPlace{"partition key expression", "partition key expressions", ""};
inline constexpr ExpressionPlace kPartitionBoundPlace{"partition bound", "partition bound",
    "partition bound expression"};
inline constexpr ExpressionPlace kDefaultPlace{"DEFAULT expression", "DEFAULT expressions", "DEFAULT expression"};
inline constexpr ExpressionPlace kGenerationPlace{"column generation expression", "column generation expressions", ""};
inline constexpr ExpressionPlace kConversionPlace{"transform expression", "transform expressions", ""};
inline constexpr ExpressionPlace kCheckPlace{"check constraint", "check constraints", ""};

/// Refuses what no expression may use in this place.
Status CheckExpression(const Cursor& cursor, Tokens expression, const ExpressionPlace& place);

}  // namespace weir::sql::dialect
