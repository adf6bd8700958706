#pragma once

#include <optional>
#include <string>
#include <vector>

#include "postgres/oid.h"
#include "sql/catalog/relation.h"
#include "weir/status.h"

namespace weir::sql {

/// What a row that says nothing has in a column: the column's default, or that of the domain that it is of.
std::optional<std::string> DefaultTextOf(const SqlColumn& column);

/// What a column's domain asks of its values.
struct ColumnTest {
  std::string violated;  // an expression over the column, true for a value that does not meet it
  Status error;          // 23502, 23514
};
/// Those of the domain and of the domains that it is over, these first; none for a column of no domain.
Result<std::vector<ColumnTest>> DomainTestsOf(const SqlColumn& column);

/// A CHECK of a domain with something in the place of VALUE.
Result<std::string> CheckOver(const std::string& check, const std::string& value);
/// An expression over a column of the domain, or of one over it, that is true for values which do not meet a CHECK of
/// it.
Result<std::string> ViolationOf(const std::string& check, postgres::Oid domain, const std::string& column);

}  // namespace weir::sql
