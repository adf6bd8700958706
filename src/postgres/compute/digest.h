#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::postgres {

enum class Digest : uint8_t { kMd5, kSha224, kSha256, kSha384, kSha512 };

/// The digest's bytes, computed by OpenSSL. 39000 where its policy forbids it.
Result<std::string> DigestOf(Digest digest, std::string_view bytes);

}  // namespace weir::postgres
