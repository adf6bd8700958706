#include "postgres/compute/bit_strings.h"

#include <fmt/format.h>

#include <algorithm>

#include "postgres/error.h"

namespace weir::postgres {
namespace {

Status NegativeLength() { return Error("22011", "negative substring length not allowed"); }

Status CheckPlace(std::string_view bits, int32_t at) {
  if (at >= 0 && static_cast<size_t>(at) < bits.size()) return Status::OK();
  return Error("2202E",
               fmt::format("bit index {} out of valid range (0..{})", at, static_cast<int64_t>(bits.size()) - 1));
}

}  // namespace

std::string ShiftedBits(std::string_view bits, int32_t places) {
  const auto by = static_cast<size_t>(std::min<int64_t>(std::abs(int64_t{places}), static_cast<int64_t>(bits.size())));
  const std::string zeros(by, '0');
  if (places < 0) return zeros + std::string(bits.substr(0, bits.size() - by));
  return std::string(bits.substr(by)) + zeros;
}

Result<std::string> SubstringOfBits(std::string_view bits, int32_t start, std::optional<int32_t> length) {
  if (length && *length < 0) return NegativeLength();
  const int64_t size = static_cast<int64_t>(bits.size());
  const int64_t end = length ? std::min(int64_t{start} + *length - 1, size) : size;
  const int64_t begin = std::max<int64_t>(start, 1) - 1;
  if (begin >= end) return std::string();
  return std::string(bits.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
}

Result<std::string> OverlayBits(std::string_view bits, std::string_view part, int32_t start, int32_t length) {
  if (start <= 0) return NegativeLength();
  const int64_t next = int64_t{start} + length;
  if (next > INT32_MAX) return Error("22003", "integer out of range");
  WEIR_ASSIGN_OR_RETURN(std::string result, SubstringOfBits(bits, 1, start - 1));
  WEIR_ASSIGN_OR_RETURN(const std::string rest, SubstringOfBits(bits, static_cast<int32_t>(next), std::nullopt));
  result += part;
  return result + rest;
}

int32_t PositionOfBits(std::string_view bits, std::string_view part) {
  if (bits.empty()) return 0;
  const size_t found = bits.find(part);
  return found == std::string_view::npos ? 0 : static_cast<int32_t>(found) + 1;
}

Result<int32_t> BitAt(std::string_view bits, int32_t at) {
  WEIR_RETURN_NOT_OK(CheckPlace(bits, at));
  return bits[static_cast<size_t>(at)] == '1' ? 1 : 0;
}

Result<std::string> WithBit(std::string_view bits, int32_t at, int32_t bit) {
  WEIR_RETURN_NOT_OK(CheckPlace(bits, at));
  if (bit != 0 && bit != 1) return Error("22023", "new bit must be 0 or 1");
  std::string result(bits);
  result[static_cast<size_t>(at)] = bit == 1 ? '1' : '0';
  return result;
}

Result<int64_t> IntegerOfBits(std::string_view bits, size_t width, std::string_view type) {
  if (bits.size() > width) return Error("22003", fmt::format("{} out of range", type));
  uint64_t number = 0;
  for (const char bit : bits) number = number << 1 | (bit == '1' ? 1 : 0);
  return static_cast<int64_t>(number);
}

}  // namespace weir::postgres
