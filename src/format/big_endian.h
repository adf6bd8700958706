#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace weir {

/// Integers in network order, as both protocols have them.
template <typename T>
T BigEndian(T value) {
  static_assert(std::is_integral_v<T>);
  if constexpr (std::endian::native == std::endian::big || sizeof(T) == 1) return value;
  else if constexpr (sizeof(T) == 2) return static_cast<T>(__builtin_bswap16(static_cast<uint16_t>(value)));
  else if constexpr (sizeof(T) == 4) return static_cast<T>(__builtin_bswap32(static_cast<uint32_t>(value)));
  else return static_cast<T>(__builtin_bswap64(static_cast<uint64_t>(value)));
}

template <typename T>
void AppendBigEndian(T value, std::string* out) {
  const T swapped = BigEndian(value);
  char bytes[sizeof(T)];
  std::memcpy(bytes, &swapped, sizeof(T));
  out->append(bytes, sizeof(T));
}

/// The integer at the start of `bytes`, which has at least as many as it needs.
template <typename T>
T LoadBigEndian(const void* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return BigEndian(value);
}
template <typename T>
T LoadBigEndian(std::string_view bytes) {
  return LoadBigEndian<T>(static_cast<const void*>(bytes.data()));
}

template <typename T>
void StoreBigEndian(T value, char* at) {
  const T swapped = BigEndian(value);
  std::memcpy(at, &swapped, sizeof(T));
}

}  // namespace weir
