#include "server/pgwire/value_parse.h"

#include <fmt/format.h>

#include <bit>
#include <limits>

#include "format/big_endian.h"
#include "postgres/error.h"
#include "postgres/type.h"
#include "server/pgwire/binary_form.h"
#include "server/pgwire/numeric.h"
#include "server/pgwire/value_text.h"

namespace weir::pgwire {
namespace {

namespace oid = postgres::oid;

constexpr int64_t kDaysTo2000 = 10'957;
constexpr int64_t kMicrosecondsTo2000 = kDaysTo2000 * 86'400'000'000;
constexpr int kShortestFloat = 1;

Status BadBytes(uint32_t oid, size_t size) {
  return postgres::Error(
      "22P03", fmt::format("incorrect binary data format: {} bytes are no value of the type with OID {}", size, oid));
}

int64_t Since1970(int64_t since_2000) {
  constexpr int64_t kInfinity = std::numeric_limits<int64_t>::max();
  if (since_2000 == std::numeric_limits<int64_t>::min()) return -kInfinity;
  return since_2000 > kInfinity - kMicrosecondsTo2000 ? kInfinity : since_2000 + kMicrosecondsTo2000;
}

int64_t DaysSince1970(int32_t since_2000) {
  constexpr int32_t kInfinity = std::numeric_limits<int32_t>::max();
  if (since_2000 == std::numeric_limits<int32_t>::min()) return -int64_t{kInfinity};
  return since_2000 == kInfinity ? kInfinity : since_2000 + kDaysTo2000;
}

bool IsTimeOfDay(int64_t microseconds) { return microseconds >= 0 && microseconds <= 86'400'000'000; }

int64_t LoadInteger(std::string_view bytes) {
  switch (bytes.size()) {
    case 2: return LoadBigEndian<int16_t>(bytes);
    case 4: return LoadBigEndian<int32_t>(bytes);
    default: return LoadBigEndian<int64_t>(bytes);
  }
}

/// Bytes of the binary form of types that all have the same number of them; 0 of others.
size_t FixedWidth(uint32_t oid) {
  switch (oid) {
    case oid::kBool: return 1;
    case oid::kFloat4:
    case oid::kDate: return 4;
    case oid::kFloat8:
    case oid::kTime:
    case oid::kTimestamp:
    case oid::kTimestamptz: return 8;
    case oid::kInterval:
    case oid::kUuid: return 16;
    default: return static_cast<size_t>(IntegerWidth(oid));
  }
}

std::string FixedText(uint32_t oid, std::string_view bytes) {
  std::string text;
  switch (oid) {
    case oid::kBool: return bytes[0] != 0 ? "t" : "f";
    case oid::kFloat4: AppendFloat(std::bit_cast<float>(LoadBigEndian<int32_t>(bytes)), kShortestFloat, &text); break;
    case oid::kFloat8: AppendDouble(std::bit_cast<double>(LoadBigEndian<int64_t>(bytes)), kShortestFloat, &text); break;
    case oid::kDate: AppendDate(DaysSince1970(LoadBigEndian<int32_t>(bytes)), &text); break;
    case oid::kTime: AppendTime(LoadBigEndian<int64_t>(bytes), &text); break;
    case oid::kTimestamp: AppendTimestamp(Since1970(LoadBigEndian<int64_t>(bytes)), &text); break;
    case oid::kTimestamptz: AppendTimestamptz(Since1970(LoadBigEndian<int64_t>(bytes)), nullptr, &text); break;
    case oid::kInterval:
      AppendInterval(LoadBigEndian<int32_t>(bytes.substr(12)), LoadBigEndian<int32_t>(bytes.substr(8)),
                     LoadBigEndian<int64_t>(bytes), &text);
      break;
    case oid::kUuid: AppendUuid(bytes, &text); break;
    case oid::kInt2:
    case oid::kInt4:
    case oid::kInt8: AppendInteger(LoadInteger(bytes), &text); break;
    default: AppendUnsigned(LoadBigEndian<uint32_t>(bytes), &text);  // oid and its likes
  }
  return text;
}

/// Reads an array's elements and writes them as nested `{…}`.
class ArrayReader {
 public:
  ArrayReader(uint32_t oid, std::string_view bytes) : oid_(oid), bytes_(bytes), size_(bytes.size()) {}

  Result<std::string> Text() {
    constexpr int32_t kMaxDimensions = 6;
    WEIR_ASSIGN_OR_RETURN(const int32_t dimensions, Take());
    WEIR_RETURN_NOT_OK(Take().status());  // whether there are nulls, which the lengths say as well
    WEIR_ASSIGN_OR_RETURN(const int32_t element, Take());
    element_oid_ = static_cast<uint32_t>(element);
    if (dimensions < 0 || dimensions > kMaxDimensions || postgres::ArrayElement(element_oid_) != 0) return Bad();
    for (int32_t i = 0; i < dimensions; ++i) {
      WEIR_ASSIGN_OR_RETURN(const int32_t length, Take());
      WEIR_RETURN_NOT_OK(Take().status());  // the lower bound
      if (length <= 0 || static_cast<size_t>(length) > size_) return Bad();
      lengths_[i] = length;
    }
    std::string text;
    if (dimensions == 0) text = "{}";
    else WEIR_RETURN_NOT_OK(AppendLevel(0, dimensions, &text));
    if (!bytes_.empty()) return Bad();
    return text;
  }

 private:
  Status Bad() const { return BadBytes(oid_, size_); }

  Result<int32_t> Take() {
    if (bytes_.size() < 4) return Bad();
    const auto value = LoadBigEndian<int32_t>(bytes_);
    bytes_.remove_prefix(4);
    return value;
  }

  Status AppendLevel(int32_t level, int32_t dimensions, std::string* out) {
    out->push_back('{');
    for (int32_t i = 0; i < lengths_[level]; ++i) {
      if (i > 0) out->push_back(',');
      WEIR_RETURN_NOT_OK(level + 1 < dimensions ? AppendLevel(level + 1, dimensions, out) : AppendElement(out));
    }
    out->push_back('}');
    return Status::OK();
  }

  Status AppendElement(std::string* out) {
    WEIR_ASSIGN_OR_RETURN(const int32_t length, Take());
    if (length < -1 || (length > 0 && static_cast<size_t>(length) > bytes_.size())) return Bad();
    if (length < 0) {
      *out += "NULL";
      return Status::OK();
    }
    const auto size = static_cast<size_t>(length);
    WEIR_ASSIGN_OR_RETURN(const std::string text, BinaryToText(element_oid_, bytes_.substr(0, size)));
    AppendArrayElement(text, out);
    bytes_.remove_prefix(size);
    return Status::OK();
  }

  const uint32_t oid_;
  std::string_view bytes_;
  const size_t size_;
  uint32_t element_oid_ = 0;
  int32_t lengths_[6] = {};
};

/// Bytes of the character that `text` begins with; 0 when it is none.
size_t CharacterBytes(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
  const auto follows = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const uint8_t first = byte(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return follows(1) ? 2 : 0;
  if (first < 0xF0) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  const bool overlong = first == 0xF0 && byte(1) < 0x90;
  const bool too_large = first > 0xF4 || (first == 0xF4 && byte(1) > 0x8F);
  return follows(1) && follows(2) && follows(3) && !overlong && !too_large ? 4 : 0;
}

}  // namespace

Status CheckUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t size = CharacterBytes(text);
    if (size == 0) {
      return postgres::Error("22021", fmt::format("invalid byte sequence for encoding \"UTF8\": 0x{:02x}",
                                             static_cast<uint8_t>(text[0])));
    }
    text.remove_prefix(size);
  }
  return Status::OK();
}

Result<std::string> BinaryToText(uint32_t oid, std::string_view bytes) {
  if (const size_t width = FixedWidth(oid); width > 0) {
    if (bytes.size() != width) return BadBytes(oid, bytes.size());
    if (oid == oid::kTime && !IsTimeOfDay(LoadBigEndian<int64_t>(bytes))) {
      return postgres::Error("22008", "time out of range");
    }
    return FixedText(oid, bytes);
  }
  if (SendsText(oid)) {
    WEIR_RETURN_NOT_OK(CheckUtf8(bytes));
    return std::string(bytes);
  }
  if (postgres::ArrayElement(oid) != 0) return ArrayReader(oid, bytes).Text();
  switch (oid) {
    case oid::kNumeric: return NumericText(bytes);
    case oid::kBytea: {
      std::string text = "\\x";
      AppendHexBytes(bytes, &text);
      return text;
    }
    case oid::kJsonb:
      if (bytes.empty() || bytes[0] != 1) return BadBytes(oid, bytes.size());
      WEIR_RETURN_NOT_OK(CheckUtf8(bytes.substr(1)));
      return std::string(bytes.substr(1));
    default:
      return postgres::Error("0A000",
                             fmt::format("no binary input function available for the type with OID {}", oid));
  }
}

}  // namespace weir::pgwire
