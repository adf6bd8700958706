#pragma once

#include <vector>

#include "format/key_codec.h"
#include "model/table_options.h"
#include "weir/table.h"

namespace weir {

/// How a table's rows become keys and find their buckets (docs/fluss-formats.md, "Keys").
struct KeyLayout {
  /// Positions of the physical primary key (less the partition keys), in primary key order; empty
  /// for log tables.
  std::vector<int> primary_key;
  /// Positions of the bucket key, in its declared order; empty: rows go to any bucket.
  std::vector<int> bucket_key;
  KeyEncoding primary_key_encoding = KeyEncoding::kCompacted;
  KeyEncoding bucket_key_encoding = KeyEncoding::kCompacted;
  BucketHash bucket_hash = BucketHash::kFluss;
  /// Whether the primary key's bytes are the bucket key's as well.
  bool bucket_key_is_primary_key = false;
};

/// `descriptor` is a complete one. Code -2 for key columns it does not have, code 15 for key types
/// that the encoding has no form for.
Result<KeyLayout> MakeKeyLayout(const TableDescriptor& descriptor, const TableOptions& options);

}  // namespace weir
