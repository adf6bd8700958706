#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "postgres/type.h"
#include "sql/analyze/tree.h"
#include "weir/status.h"

namespace weir::sql {

/// The type of a table's rows, which has the table's name: known as long as the process runs, so that nothing that is
/// kept may be of it. Tables that are alike share it.
postgres::Oid TypeOfRows(std::string_view schema, std::string_view table,
                         const std::vector<analyze::OutputColumn>& columns);

/// 0A000 for a column that would be kept and is of such a type, or of its arrays.
Status CheckMayBeKept(std::string_view column, postgres::Oid type);

}  // namespace weir::sql
