#pragma once

#include <string>

#include "weir/predicate.h"
#include "weir/schema.h"

namespace weir {

/// The filter of one `--where`: "COLUMN OP VALUE" with =, !=, <, <=, >, >= ('…' around a text is
/// optional), "COLUMN is null" or "COLUMN is not null". Code -2 naming the column and what it takes.
Result<Predicate> ParseWhere(const std::string& text, const Schema& schema);

}  // namespace weir
