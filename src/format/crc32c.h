#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

/// CRC-32C (Castagnoli, reflected 0x82F63B78, initial and final xor 0xFFFFFFFF). Uses SSE4.2 where
/// the processor has it.
uint32_t Crc32c(std::string_view bytes);

/// The same from tables: what Crc32c falls back to.
uint32_t Crc32cPortable(std::string_view bytes);

}  // namespace weir
