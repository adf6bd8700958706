#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/data_type.h"
#include "weir/datum.h"

namespace weir {

/// How a key's columns become bytes (docs/fluss-formats.md, "Keys").
enum class KeyEncoding { kCompacted, kPaimon, kIceberg, kHudi };
/// Which hash assigns a key's bytes to a bucket (docs/fluss-formats.md, "Buckets").
/// kPyfluss is kFluss as pyfluss and fluss-rs 1.0.0 compute it: the last bytes are extended without their sign.
enum class BucketHash { kFluss, kPyfluss, kPaimon, kIceberg, kHudi };

/// Appends the key of `row`'s columns at `columns` (types are those of the whole row).
/// Errors: a NULL key column (its position is named; Hudi has a form for it), a value that is none of
/// its type, a type that the encoding has no form for (code 15).
Status EncodeKey(KeyEncoding encoding, const std::vector<DataType>& types, const std::vector<int>& columns, RowView row,
                 std::string* out);

/// Whether the encoding has a form for these column types (code 15 naming the type if not).
Status CheckKeyTypes(KeyEncoding encoding, const std::vector<DataType>& key_types);

/// 0 … num_buckets−1. An empty key or num_buckets < 1 is code -2.
Result<int32_t> BucketOf(BucketHash hash, std::string_view key, int32_t num_buckets);

/// Murmur3 x86 32-bit, seed 42, with Fluss's tail rule.
int32_t Murmur42(std::string_view bytes);
/// The finishing mix of docs/fluss-formats.md, "Buckets".
int32_t MixHash(int32_t x);

}  // namespace weir
