#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

/// CRC-32C (Castagnoli, reflected 0x82F63B78, initial and final xor 0xFFFFFFFF).
uint32_t Crc32c(std::string_view bytes);

}  // namespace weir
