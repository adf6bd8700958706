#pragma once

#include "sql/catalog/altered_tree.h"

namespace weir::sql {

/// ADD PRIMARY KEY and UNIQUE … USING INDEX: an index that is there becomes the one of the key. Errors: PostgreSQL's.
Status AddKeyOfIndex(const TableConstraint& written, AlteredTree* tree);
/// … DEFERRABLE: the key's definition. The index goes, as such a key is held by another kind of index.
Result<TableConstraint> DeferrableKeyOfIndex(const TableConstraint& written, AlteredTree* tree);

}  // namespace weir::sql
