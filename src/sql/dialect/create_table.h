#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// CREATE TABLE in all its forms: declarative, PARTITION OF, AS, and with the partitions inside.
Result<Action> ParseCreateTable(const StatementSource& statement);

/// SELECT … INTO: the table that it makes of the query without INTO; nothing for other queries.
Result<std::optional<CreateTable>> TrySelectInto(const StatementSource& statement);

/// What follows DISTRIBUTED.
Result<Distribution> ParseDistribution(const StatementSource& statement, Tokens body);

/// The options between the parentheses of WITH ( … ).
std::vector<std::pair<std::string, std::string>> OptionsOf(const StatementSource& statement, Tokens list);

}  // namespace weir::sql::dialect
