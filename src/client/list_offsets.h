#pragma once

#include <map>
#include <vector>

#include "gateway/gateway.h"
#include "weir/client.h"

namespace weir {

using BucketOffsets = std::map<TableBucket, Result<int64_t>>;

/// Asks for one offset of each bucket, a request a partition. A target that is not ready for a bucket
/// is asked again for a while.
Future<BucketOffsets> ListBucketOffsets(const Connection& connection, const std::vector<TableBucket>& buckets,
                                        OffsetSpec spec);

/// The offsets, or the first error.
Result<std::map<TableBucket, int64_t>> AllOffsets(const BucketOffsets& offsets);

}  // namespace weir
