#pragma once

#include <string>
#include <string_view>

#include "sql/catalog/relation.h"

namespace weir::sql {

/// A relation as the catalog's tables keep it: JSON, described in docs/storage-format-sql.md. What a partition
/// has in common with its parent is left out.
std::string WriteDefinition(const Relation& relation, const Relation* parent);

/// The relation without its path, parent and bound text; of the Fluss table there are only its ids.
/// `parent`: that of a partition. A text that cannot be read is XX001.
Result<Relation> ReadDefinition(std::string_view json, const Relation* parent);

}  // namespace weir::sql
