#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::postgres {

/// Unicode's normal forms (its Standard Annex 15), by ICU's tables.
enum class NormalForm : uint8_t { kNfc, kNfd, kNfkc, kNfkd };

/// "NFC", "nfkd", … 22023 for another.
Result<NormalForm> NormalFormOf(std::string_view name);
/// 54000 for a text that grows too long.
Result<std::string> Normalized(std::string_view text, NormalForm form);

}  // namespace weir::postgres
