#include "format/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace weir {
namespace {

using Tables = std::array<std::array<uint32_t, 256>, 8>;

// Table k advances a byte's remainder by k further zero bytes, so that eight bytes take one step.
constexpr Tables MakeTables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < tables.size(); ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t previous = tables[k - 1][byte];
      tables[k][byte] = (previous >> 8) ^ tables[0][previous & 0xFF];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

#if defined(__x86_64__)
// The instruction takes three cycles but can start each cycle: three lanes side by side keep it busy.
constexpr size_t kLaneBytes = 1024;

// Table k maps byte k of a remainder to what kLaneBytes further zero bytes make of it.
using LaneTables = std::array<std::array<uint32_t, 256>, 4>;

constexpr LaneTables MakeLaneTables() {
  std::array<uint32_t, 32> of_bit{};
  for (size_t bit = 0; bit < of_bit.size(); ++bit) {
    uint32_t crc = uint32_t{1} << bit;
    for (size_t i = 0; i < kLaneBytes; ++i) crc = (crc >> 8) ^ kTables[0][crc & 0xFF];
    of_bit[bit] = crc;
  }
  LaneTables tables{};
  for (size_t k = 0; k < tables.size(); ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      for (size_t bit = 0; bit < 8; ++bit) {
        if ((byte >> bit & 1) != 0) tables[k][byte] ^= of_bit[8 * k + bit];
      }
    }
  }
  return tables;
}

constexpr LaneTables kLaneTables = MakeLaneTables();

uint32_t OverLane(uint32_t crc) {
  return kLaneTables[0][crc & 0xFF] ^ kLaneTables[1][crc >> 8 & 0xFF] ^ kLaneTables[2][crc >> 16 & 0xFF] ^
         kLaneTables[3][crc >> 24];
}

uint64_t Word(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

__attribute__((target("sse4.2"))) uint32_t HardwareCrc32c(std::string_view bytes) {
  uint64_t crc = 0xFFFFFFFFu;
  const char* p = bytes.data();
  size_t left = bytes.size();
  for (; left >= 3 * kLaneBytes; p += 3 * kLaneBytes, left -= 3 * kLaneBytes) {
    uint64_t second = 0, third = 0;
    for (size_t i = 0; i < kLaneBytes; i += 8) {
      crc = _mm_crc32_u64(crc, Word(p + i));
      second = _mm_crc32_u64(second, Word(p + kLaneBytes + i));
      third = _mm_crc32_u64(third, Word(p + 2 * kLaneBytes + i));
    }
    const uint32_t two = OverLane(static_cast<uint32_t>(crc)) ^ static_cast<uint32_t>(second);
    crc = OverLane(two) ^ static_cast<uint32_t>(third);
  }
  for (; left >= 8; p += 8, left -= 8) crc = _mm_crc32_u64(crc, Word(p));
  auto crc32 = static_cast<uint32_t>(crc);
  for (; left > 0; ++p, --left) crc32 = _mm_crc32_u8(crc32, static_cast<uint8_t>(*p));
  return ~crc32;
}
#endif

}  // namespace

uint32_t Crc32cPortable(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFFu;
  const auto* p = reinterpret_cast<const uint8_t*>(bytes.data());
  size_t left = bytes.size();
  for (; left >= 8; p += 8, left -= 8) {
    const uint32_t low = crc ^ (p[0] | uint32_t{p[1]} << 8 | uint32_t{p[2]} << 16 | uint32_t{p[3]} << 24);
    crc = kTables[7][low & 0xFF] ^ kTables[6][low >> 8 & 0xFF] ^ kTables[5][low >> 16 & 0xFF] ^ kTables[4][low >> 24] ^
          kTables[3][p[4]] ^ kTables[2][p[5]] ^ kTables[1][p[6]] ^ kTables[0][p[7]];
  }
  for (; left > 0; ++p, --left) crc = (crc >> 8) ^ kTables[0][(crc ^ *p) & 0xFF];
  return ~crc;
}

uint32_t Crc32c(std::string_view bytes) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return HardwareCrc32c(bytes);
#endif
  return Crc32cPortable(bytes);
}

}  // namespace weir
