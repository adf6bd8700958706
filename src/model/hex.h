#pragma once

#include <string>
#include <string_view>

namespace weir {

/// Two lower-case digits a byte.
std::string HexOf(std::string_view bytes);
/// The reverse; a last odd digit is left out.
std::string FromHex(std::string_view hex);

}  // namespace weir
