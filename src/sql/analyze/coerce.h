#pragma once

#include <span>
#include <string>
#include <string_view>

#include "postgres/cast.h"
#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// The literal `text`, read as `type` under the session's settings: 22P02 and its like at `position`.
Result<ExpressionPtr> ReadLiteral(const Scope& scope, const std::string& text, postgres::TypeRef type, int position);

bool CanCoerce(const Scope& scope, postgres::Oid from, postgres::Oid to, postgres::CoercionContext context);

/// `expression` as a value of `target`, its modifier included; null if there is no way. A literal is read, a parameter
/// without a type takes it. Errors: what reading the literal gives; 42P08 for a parameter that has got another type.
Result<ExpressionPtr> CoerceIfPossible(const Scope& scope, ExpressionPtr expression, postgres::TypeRef target,
                                       postgres::CoercionContext context, CallForm form, int position = 0);
/// The same of what must be possible: what resolution has chosen.
Result<ExpressionPtr> Coerce(const Scope& scope, ExpressionPtr expression, postgres::Oid target,
                             postgres::CoercionContext context = postgres::CoercionContext::kImplicit,
                             CallForm form = CallForm::kImplicitCast);

/// 42804 "argument of WHERE must be type boolean, not type integer"
Result<ExpressionPtr> CoerceToBoolean(const Scope& scope, ExpressionPtr expression, std::string_view construct);
Result<ExpressionPtr> CoerceToType(const Scope& scope, ExpressionPtr expression, postgres::Oid type,
                                   std::string_view construct);

/// Pointers to what a list owns.
std::vector<const Expression*> PointersTo(const Expressions& expressions);

/// The type that UNION, CASE and their like give these: 42804 "CASE types integer and text cannot be matched".
Result<postgres::Oid> CommonType(const Scope& scope, std::span<const Expression* const> expressions,
                                 std::string_view context);
/// The modifier that all have in common if all are of `type`; else -1.
int32_t CommonModifier(std::span<const Expression* const> expressions, postgres::Oid type);
/// Coerces to what CommonType gave: 42846 "CASE could not convert type integer to text".
Result<ExpressionPtr> CoerceToCommon(const Scope& scope, ExpressionPtr expression, postgres::Oid type,
                                     std::string_view context);

/// A value that is stored in a column: 42804 "column "a" is of type integer but expression is of type text".
Result<ExpressionPtr> CoerceToColumn(const Scope& scope, ExpressionPtr expression, const OutputColumn& column,
                                     int position);

/// Bare literals and NULLs, and parameters that nothing has given a type, become text.
Result<ExpressionPtr> UnknownToText(const Scope& scope, ExpressionPtr expression);

inline bool IsUnknown(const Expression& expression) { return expression.type.oid == postgres::oid::kUnknown; }

}  // namespace weir::sql::analyze
