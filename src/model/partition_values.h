#pragma once

#include <vector>

#include "model/key_domain.h"
#include "model/partition_level.h"

namespace weir {

/// What the bound of a child of `level` says of its rows: each has its key's values in one of these (a domain a key
/// column). What is told of long lists, of a DEFAULT beside many and of HASH may be more than there is.
std::vector<KeyDomains> ValuesIn(const PartitionLevel& level, size_t child);

/// All that lies in one of them, column by column; there is one at least.
KeyDomains Around(const std::vector<KeyDomains>& alternatives);

}  // namespace weir
