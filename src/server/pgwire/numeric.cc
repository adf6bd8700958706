#include "server/pgwire/numeric.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "format/big_endian.h"
#include "postgres/error.h"

namespace weir::pgwire {
namespace {

constexpr uint16_t kNegative = 0x4000;
constexpr uint16_t kNan = 0xC000;
constexpr uint16_t kInfinity = 0xD000;
constexpr uint16_t kMinusInfinity = 0xF000;
constexpr size_t kHeaderBytes = 8;

Status BadNumeric() { return postgres::Error("22P03", "incorrect binary data format: not a numeric"); }

/// `digits` in groups of four, from the left.
std::vector<int16_t> GroupsOf(std::string_view digits) {
  std::vector<int16_t> groups;
  for (size_t at = 0; at < digits.size(); at += 4) {
    int group = 0;
    for (const char c : digits.substr(at, 4)) group = group * 10 + (c - '0');
    groups.push_back(static_cast<int16_t>(group));
  }
  return groups;
}

void AppendGroup(int16_t group, std::string* out) {
  for (int by = 1000; by > 0; by /= 10) out->push_back(static_cast<char>('0' + group / by % 10));
}

}  // namespace

void AppendBinaryNumeric(Int128 value, int scale, std::string* out) {
  std::string text;
  AppendDecimal(value, scale, &text);
  const bool negative = text[0] == '-';
  if (negative) text.erase(0, 1);
  const size_t point = std::min(text.find('.'), text.size());
  std::string digits((4 - point % 4) % 4, '0');
  digits.append(text, 0, point);
  int16_t weight = static_cast<int16_t>(digits.size() / 4 - 1);
  if (point < text.size()) digits.append(text, point + 1);
  digits.append((4 - digits.size() % 4) % 4, '0');

  std::vector<int16_t> groups = GroupsOf(digits);
  while (!groups.empty() && groups.back() == 0) groups.pop_back();
  const auto first = std::find_if(groups.begin(), groups.end(), [](int16_t group) { return group != 0; });
  weight = groups.empty() ? int16_t{0} : static_cast<int16_t>(weight - (first - groups.begin()));
  groups.erase(groups.begin(), first);

  AppendBigEndian(static_cast<int16_t>(groups.size()), out);
  AppendBigEndian(weight, out);
  AppendBigEndian(negative ? kNegative : uint16_t{0}, out);
  AppendBigEndian(static_cast<int16_t>(scale), out);
  for (const int16_t group : groups) AppendBigEndian(group, out);
}

Result<std::string> NumericText(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return BadNumeric();
  const auto count = LoadBigEndian<uint16_t>(bytes);
  const int weight = LoadBigEndian<int16_t>(bytes.substr(2));
  const auto sign = LoadBigEndian<uint16_t>(bytes.substr(4));
  const auto scale = LoadBigEndian<uint16_t>(bytes.substr(6));
  if (sign == kNan) return std::string("NaN");
  if (sign == kInfinity) return std::string("Infinity");
  if (sign == kMinusInfinity) return std::string("-Infinity");
  constexpr int kMaxScale = 16'383;
  if ((sign != 0 && sign != kNegative) || scale > kMaxScale || bytes.size() != kHeaderBytes + 2 * size_t{count}) {
    return BadNumeric();
  }
  const auto group = [&](int at) -> Result<int16_t> {
    if (at < 0 || at >= count) return int16_t{0};
    const auto value = LoadBigEndian<int16_t>(bytes.substr(kHeaderBytes + 2 * static_cast<size_t>(at)));
    if (value < 0 || value > 9999) return BadNumeric();
    return value;
  };
  std::string text;
  for (int i = 0; i <= weight; ++i) {
    WEIR_ASSIGN_OR_RETURN(const int16_t value, group(i));
    AppendGroup(value, &text);
  }
  text.erase(0, std::min(text.find_first_not_of('0'), text.size()));
  if (text.empty()) text = "0";
  if (scale > 0) {
    std::string fraction;
    for (int i = weight + 1; fraction.size() < scale; ++i) {
      WEIR_ASSIGN_OR_RETURN(const int16_t value, i < 0 ? Result<int16_t>(int16_t{0}) : group(i));
      AppendGroup(value, &fraction);
    }
    fraction.resize(scale);
    text += "." + fraction;
  }
  if (sign == kNegative) text.insert(0, "-");
  return text;
}

}  // namespace weir::pgwire
