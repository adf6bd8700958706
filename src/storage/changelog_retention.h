#pragma once

#include <memory>

#include "storage/bucket.h"

namespace weir {

/// The changelog offset from which on readers need the records: that of the first batch, from `from` on, with the last
/// record of a live row, committed at or after `timestamp`, or going beyond `end`. Whoever reads a changelog from its
/// start has every row, as long as nothing from here on is dropped.
Result<int64_t> FirstNeededOffset(const TableBucket& bucket, std::shared_ptr<const TableContext> table, Log* log,
                                  KvStore* kv, int64_t from, int64_t end, int64_t timestamp);

}  // namespace weir
