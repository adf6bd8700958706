#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "postgres/error.h"
#include "sql/session.h"

namespace weir {

/// Prints a result to standard output as a "table", "csv" or "json" (an array of objects on one line). The
/// tag of a command without rows is printed among tables only.
Status PrintResult(std::unique_ptr<sql::QueryResult> result, sql::Session& session, const std::string& format);

/// An error or notice as psql prints it. `text`: what its position counts in.
std::string ErrorText(const postgres::ErrorFields& fields, std::string_view text);

}  // namespace weir
