#pragma once

#include <map>
#include <string>

#include "sql/dialect/cursor.h"
#include "sql/dialect/statement.h"

namespace weir::sql::dialect {

/// Whether it is CREATE VIEW, in any of its forms.
bool IsCreateView(Cursor cursor);

/// Errors: PostgreSQL's of the grammar; 0A000 for what views do not have here.
Result<Action> ParseCreateView(const StatementSource& statement);

/// One of a view's options, as ViewDefinition keeps them: 22023 for another name, and a value that it does not take.
Status SetViewOption(const std::string& name, const std::string& value, char* check_option,
                     std::map<std::string, std::string>* switches);

}  // namespace weir::sql::dialect
