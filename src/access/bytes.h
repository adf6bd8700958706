#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::access {

/// Bytes that nobody can guess. Ends the process when the system has none.
std::string RandomBytes(size_t size);

std::string Sha256(std::string_view bytes);
std::string HmacSha256(std::string_view key, std::string_view bytes);
/// Whether they are equal, in a time that tells nothing about where they differ.
bool SameBytes(std::string_view a, std::string_view b);

std::string ToBase64(std::string_view bytes);
/// Nothing for a text that is no Base64 with its padding.
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace weir::access
