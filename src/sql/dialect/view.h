#pragma once

#include "sql/dialect/cursor.h"
#include "sql/dialect/statement.h"

namespace weir::sql::dialect {

/// Whether it is CREATE VIEW, in any of its forms.
bool IsCreateView(Cursor cursor);

/// Errors: PostgreSQL's of the grammar; 0A000 for what views do not have here.
Result<Action> ParseCreateView(const StatementSource& statement);

/// ViewDefinition::check_option by its word; 22023 for another.
Result<char> CheckOptionNamed(const std::string& value);

/// The view option security_invoker; empty: it is only named. 22023 for what is no truth value.
Result<bool> SecurityInvokerNamed(const std::string& value);

}  // namespace weir::sql::dialect
