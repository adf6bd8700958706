#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::pgwire {

/// The text form of a parameter that a client sent in binary form. 22P03 where the bytes are no value of
/// the type `oid`, 0A000 for a type without a binary form.
Result<std::string> BinaryToText(uint32_t oid, std::string_view bytes);

/// 22021 unless `text` is UTF-8 without a zero byte.
Status CheckUtf8(std::string_view text);

}  // namespace weir::pgwire
