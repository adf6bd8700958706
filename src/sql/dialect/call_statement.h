#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sql/dialect/function_statement.h"
#include "weir/status.h"

namespace weir::sql::dialect {

/// A call of a function that is a statement of its own: SELECT f(…) AS alias, SELECT * FROM f(…) AS alias.
struct CallStatement {
  CallProcedure call;
  std::string alias;  // empty: none is said
  bool in_from = false;
};

/// Nothing for any other statement.
Result<std::optional<CallStatement>> ReadCallStatement(std::string_view text);

}  // namespace weir::sql::dialect
