#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

/// The hash of bytes that PostgreSQL's extended hash functions give (Bob Jenkins's lookup3, seeded with 64 bits and
/// giving 64). With the seed 0 its lower 32 bits are those of the functions without a seed.
uint64_t HashBytes(std::string_view bytes, uint64_t seed);
/// The same of one 32-bit number.
uint64_t HashUint32(uint32_t value, uint64_t seed);
/// The same of a 64-bit number: its halves are folded, so that a number hashes alike as one of 32 bits.
uint64_t HashInt64(int64_t value, uint64_t seed);

}  // namespace weir
