#include "model/hash_bytes.h"

#include <array>
#include <bit>

namespace weir {
namespace {

/// Bob Jenkins's lookup3, seeded with 64 bits and giving 64.
class Lookup3 {
 public:
  Lookup3(uint32_t length, uint64_t seed) {
    words_.fill(0x9E3779B9u + length + 3923095u);
    if (seed == 0) return;
    words_[0] += static_cast<uint32_t>(seed >> 32);
    words_[1] += static_cast<uint32_t>(seed);
    Mix();
  }

  void Add(uint32_t a, uint32_t b, uint32_t c) {
    words_[0] += a;
    words_[1] += b;
    words_[2] += c;
  }

  void Mix() {
    constexpr std::array<int, 6> kTurns = {4, 6, 8, 16, 19, 4};
    for (size_t round = 0; round < kTurns.size(); ++round) {
      uint32_t& target = words_[round % 3];
      uint32_t& next = words_[(round + 1) % 3];
      uint32_t& last = words_[(round + 2) % 3];
      target = (target - last) ^ std::rotl(last, kTurns[round]);
      last += next;
    }
  }

  uint64_t Finish() {
    constexpr std::array<int, 7> kTurns = {14, 11, 25, 16, 4, 14, 24};
    for (size_t round = 0; round < kTurns.size(); ++round) {
      uint32_t& target = words_[(round + 2) % 3];
      const uint32_t other = words_[(round + 1) % 3];
      target = (target ^ other) - std::rotl(other, kTurns[round]);
    }
    return static_cast<uint64_t>(words_[1]) << 32 | words_[2];
  }

 private:
  std::array<uint32_t, 3> words_;
};

/// Little-endian words of up to four bytes.
uint32_t WordAt(std::string_view bytes, size_t at) {
  uint32_t word = 0;
  for (size_t i = 0; i < 4 && at + i < bytes.size(); ++i) {
    word |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[at + i])) << (8 * i);
  }
  return word;
}

}  // namespace

uint64_t HashUint32(uint32_t value, uint64_t seed) {
  Lookup3 hash(sizeof value, seed);
  hash.Add(value, 0, 0);
  return hash.Finish();
}

uint64_t HashInt64(int64_t value, uint64_t seed) {
  const auto low = static_cast<uint32_t>(value);
  const auto high = static_cast<uint32_t>(static_cast<uint64_t>(value) >> 32);
  return HashUint32(low ^ (value >= 0 ? high : ~high), seed);
}

uint64_t HashBytes(std::string_view bytes, uint64_t seed) {
  Lookup3 hash(static_cast<uint32_t>(bytes.size()), seed);
  size_t at = 0;
  for (; bytes.size() - at >= 12; at += 12) {
    hash.Add(WordAt(bytes, at), WordAt(bytes, at + 4), WordAt(bytes, at + 8));
    hash.Mix();
  }
  // The last word's lowest byte is left to the length.
  hash.Add(WordAt(bytes, at), WordAt(bytes, at + 4), WordAt(bytes, at + 8) << 8);
  return hash.Finish();
}

}  // namespace weir
