#pragma once

#include <bit>
#include <cstring>
#include <string>

namespace weir {

static_assert(std::endian::native == std::endian::little, "file formats are little endian, as is the host");

template <typename T>
T LoadLittleEndian(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

template <typename T>
void AppendLittleEndian(std::string* bytes, T value) {
  bytes->append(reinterpret_cast<const char*>(&value), sizeof(T));
}

}  // namespace weir
