#include "postgres/value/inet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <optional>

#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr uint8_t kFamilyV4 = 2;
constexpr uint8_t kFamilyV6 = 3;

/// A prefix behind a slash: digits to the text's end.
std::optional<int> ReadPrefixV4(std::string_view digits) {
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), IsDigit)) return std::nullopt;
  int bits = 0;
  for (const char c : digits) {
    bits = bits * 10 + (c - '0');
    if (bits > 32) return std::nullopt;
  }
  return bits;
}

std::optional<int> ReadPrefixV6(std::string_view digits) {
  if (digits.empty() || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
  int bits = 0;
  for (const char c : digits) {
    if (!IsDigit(c)) return std::nullopt;
    bits = bits * 10 + (c - '0');
    if (bits > 128) return std::nullopt;
  }
  return bits;
}

/// An octet off the front of `left`; none where there is no number up to 255.
std::optional<uint8_t> TakeOctet(std::string_view* left) {
  if (left->empty() || !IsDigit((*left)[0])) return std::nullopt;
  int value = 0;
  while (!left->empty() && IsDigit((*left)[0])) {
    value = value * 10 + ((*left)[0] - '0');
    if (value > 255) return std::nullopt;
    left->remove_prefix(1);
  }
  return static_cast<uint8_t>(value);
}

/// The bits that an old network class has by its first octet, no fewer than the octets written.
int ClassBits(uint8_t first, size_t octets) {
  int bits = first >= 240 ? 32 : first >= 224 ? 8 : first >= 192 ? 24 : first >= 128 ? 16 : 8;
  bits = std::max(bits, static_cast<int>(octets) * 8);
  return bits == 8 && first == 224 ? 4 : bits;
}

/// "0x" and hexadecimal digits as a cidr's octets.
std::optional<size_t> TakeHexOctets(std::string_view* left, std::array<uint8_t, 16>* address) {
  size_t digits = 0;
  for (left->remove_prefix(2); !left->empty() && HexDigit((*left)[0]) >= 0; left->remove_prefix(1), ++digits) {
    if (digits / 2 >= 4) return std::nullopt;
    uint8_t& octet = (*address)[digits / 2];
    octet = static_cast<uint8_t>(octet | HexDigit((*left)[0]) << (digits % 2 == 0 ? 4 : 0));
  }
  return (digits + 1) / 2;
}

std::optional<Inet> ReadV4(std::string_view text, bool cidr) {
  Inet value;
  size_t octets = 0;
  const bool hexadecimal =
      cidr && text.size() > 2 && text[0] == '0' && ToLower(text[1]) == 'x' && HexDigit(text[2]) >= 0;
  if (hexadecimal) {
    const std::optional<size_t> taken = TakeHexOctets(&text, &value.address);
    if (!taken) return std::nullopt;
    octets = *taken;
  }
  while (!hexadecimal) {
    const std::optional<uint8_t> octet = TakeOctet(&text);
    if (!octet || octets == 4) return std::nullopt;
    value.address[octets++] = *octet;
    if (text.empty() || text[0] == '/') break;
    if (text[0] != '.') return std::nullopt;
    text.remove_prefix(1);
    if (!cidr && (text.empty() || !IsDigit(text[0]))) break;  // a point may stand behind the last
  }
  int bits = cidr ? ClassBits(value.address[0], octets) : octets == 4 ? 32 : -1;
  if (!text.empty()) {
    const std::optional<int> written = text[0] == '/' ? ReadPrefixV4(text.substr(1)) : std::nullopt;
    if (!written) return std::nullopt;
    bits = *written;
  }
  if (bits < 0 || (!cidr && bits / 8 > static_cast<int>(octets))) return std::nullopt;
  value.prefix = static_cast<uint8_t>(bits);
  return value;
}

/// The octets that may end a v6 address, and the prefix behind them. As with PostgreSQL, the last ones may be missing
/// and are 0 then, as is one between two points.
bool ReadTrailingV4(std::string_view text, uint8_t* octets, int* bits) {
  int index = 0;
  int value = 0;
  bool digits = false;
  for (; !text.empty(); text.remove_prefix(1)) {
    const char c = text[0];
    if (IsDigit(c)) {
      if (digits && value == 0) return false;
      value = value * 10 + (c - '0');
      if (value > 255) return false;
      digits = true;
      continue;
    }
    if ((c != '.' && c != '/') || index > 3) return false;
    octets[index++] = static_cast<uint8_t>(value);
    if (c == '/') {
      const std::optional<int> written = ReadPrefixV6(text.substr(1));
      if (written) *bits = *written;
      return written.has_value();
    }
    value = 0;
    digits = false;
  }
  if (!digits || index > 3) return false;
  octets[index] = static_cast<uint8_t>(value);
  return true;
}

/// Reads the groups of a v6 address one by one.
class V6Reader {
 public:
  std::optional<Inet> Read(std::string_view text) {
    if (text.starts_with(':')) {
      text.remove_prefix(1);
      if (!text.starts_with(':')) return std::nullopt;
    }
    if (!ReadGroups(text) || !Expand()) return std::nullopt;
    Inet value{.v6 = true, .prefix = static_cast<uint8_t>(bits_), .address = {}};
    std::copy(bytes_.begin(), bytes_.end(), value.address.begin());
    return value;
  }

 private:
  bool ReadGroups(std::string_view text) {
    std::string_view group = text;
    int digits = 0;
    unsigned value = 0;
    while (!text.empty()) {
      const char c = text[0];
      text.remove_prefix(1);
      if (const int digit = HexDigit(c); digit >= 0) {
        value = value << 4 | static_cast<unsigned>(digit);
        if (++digits > 4) return false;
      } else if (c == ':') {
        group = text;
        if (digits == 0) {
          if (gap_) return false;
          gap_ = used_;
          continue;
        }
        if (text.empty() || !Store(value)) return false;
        digits = 0;
        value = 0;
      } else if (c == '.' && used_ + 4 <= bytes_.size() && ReadTrailingV4(group, bytes_.data() + used_, &bits_)) {
        used_ += 4;
        return true;
      } else if (c == '/') {
        const std::optional<int> written = ReadPrefixV6(text);
        if (!written) return false;
        bits_ = *written;
        break;
      } else {
        return false;
      }
    }
    return digits == 0 || Store(value);
  }

  bool Store(unsigned group) {
    if (used_ + 2 > bytes_.size()) return false;
    bytes_[used_++] = static_cast<uint8_t>(group >> 8);
    bytes_[used_++] = static_cast<uint8_t>(group);
    return true;
  }

  /// Moves what stands behind "::" to the end.
  bool Expand() {
    if (!gap_) return used_ == bytes_.size();
    if (used_ == bytes_.size()) return false;
    const size_t behind = used_ - *gap_;
    std::copy_backward(bytes_.begin() + static_cast<ptrdiff_t>(*gap_), bytes_.begin() + static_cast<ptrdiff_t>(used_),
                       bytes_.end());
    std::fill(bytes_.begin() + static_cast<ptrdiff_t>(*gap_), bytes_.end() - static_cast<ptrdiff_t>(behind),
              uint8_t{0});
    return true;
  }

  std::array<uint8_t, 16> bytes_ = {};
  size_t used_ = 0;
  std::optional<size_t> gap_;
  int bits_ = 128;
};

/// Compares the first `bits` bits.
int CompareBits(const Inet& a, const Inet& b, int bits) {
  const auto whole = static_cast<size_t>(bits / 8);
  if (const int order = std::memcmp(a.address.data(), b.address.data(), whole); order != 0) return order;
  if (bits % 8 == 0) return 0;
  const int mask = 0xff << (8 - bits % 8) & 0xff;
  return (a.address[whole] & mask) - (b.address[whole] & mask);
}

/// Whether the bits right of the mask are 0.
bool IsNetwork(const Inet& value) {
  for (size_t bit = value.prefix; bit < value.size() * 8; ++bit) {
    if (value.address[bit / 8] >> (7 - bit % 8) & 1) return false;
  }
  return true;
}

/// The longest run of two or more groups of zeros; length 0: none.
struct ZeroRun {
  size_t begin = 0;
  size_t length = 0;
};
ZeroRun LongestZeros(const std::array<unsigned, 8>& groups) {
  ZeroRun best;
  for (size_t i = 0; i < groups.size();) {
    size_t end = i;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - i > best.length) best = {.begin = i, .length = end - i};
    i = std::max(end, i + 1);
  }
  return best.length < 2 ? ZeroRun() : best;
}

void AppendV6(const Inet& value, std::string* out) {
  std::array<unsigned, 8> groups;
  for (size_t i = 0; i < groups.size(); ++i)
    groups[i] = static_cast<unsigned>(value.address[2 * i] << 8 | value.address[2 * i + 1]);
  const ZeroRun zeros = LongestZeros(groups);
  const bool ends_in_v4 = zeros.begin == 0 && (zeros.length == 6 || (zeros.length == 7 && groups[7] != 1) ||
                                               (zeros.length == 5 && groups[5] == 0xffff));
  for (size_t i = 0; i < groups.size(); ++i) {
    if (i >= zeros.begin && i < zeros.begin + zeros.length) {
      if (i == zeros.begin) out->push_back(':');
      continue;
    }
    if (i > 0) out->push_back(':');
    if (i == 6 && ends_in_v4) {
      fmt::format_to(std::back_inserter(*out), "{}.{}.{}.{}", value.address[12], value.address[13], value.address[14],
                     value.address[15]);
      return;
    }
    fmt::format_to(std::back_inserter(*out), "{:x}", groups[i]);
  }
  if (zeros.length > 0 && zeros.begin + zeros.length == groups.size()) out->push_back(':');
}

Status BadBinary(std::string_view what, bool cidr) {
  return Error("22P03", fmt::format("invalid {} in external \"{}\" value", what, cidr ? "cidr" : "inet"));
}

}  // namespace

std::strong_ordering Inet::operator<=>(const Inet& other) const {
  if (v6 != other.v6) return v6 <=> other.v6;
  if (const int order = CompareBits(*this, other, std::min(prefix, other.prefix)); order != 0) return order <=> 0;
  if (prefix != other.prefix) return prefix <=> other.prefix;
  return CompareBits(*this, other, most_bits()) <=> 0;
}

Result<Inet> ReadInet(std::string_view text, bool cidr) {
  const bool v6 = text.find(':') != std::string_view::npos;
  const std::optional<Inet> value = v6 ? V6Reader().Read(text) : ReadV4(text, cidr);
  if (!value) return InvalidSyntax(cidr ? "cidr" : "inet", text);
  if (cidr && !IsNetwork(*value)) {
    return Error("22P02", fmt::format("invalid cidr value: \"{}\"", text),
                 {.detail = "Value has bits set to right of mask."});
  }
  return *value;
}

void AppendInet(const Inet& value, bool cidr, std::string* out) {
  if (value.v6) {
    AppendV6(value, out);
  } else {
    fmt::format_to(std::back_inserter(*out), "{}.{}.{}.{}", value.address[0], value.address[1], value.address[2],
                   value.address[3]);
  }
  if (cidr || value.prefix != value.most_bits()) fmt::format_to(std::back_inserter(*out), "/{}", value.prefix);
}

Result<Inet> ReadInetBinary(std::string_view bytes, bool cidr) {
  constexpr size_t kHeaderBytes = 4;
  if (bytes.size() < kHeaderBytes) return TooFewBytes();
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  Inet value;
  if (byte(0) != kFamilyV4 && byte(0) != kFamilyV6) return BadBinary("address family", cidr);
  value.v6 = byte(0) == kFamilyV6;
  value.prefix = byte(1);
  if (value.prefix > value.most_bits()) return BadBinary("bits", cidr);
  if (byte(3) != value.size()) return BadBinary("length", cidr);
  if (bytes.size() != kHeaderBytes + value.size()) {
    return bytes.size() < kHeaderBytes + value.size() ? TooFewBytes() : TooManyBytes();
  }
  std::memcpy(value.address.data(), bytes.data() + kHeaderBytes, value.size());
  if (cidr && !IsNetwork(value)) {
    return Error("22P03", "invalid external \"cidr\" value", {.detail = "Value has bits set to right of mask."});
  }
  return value;
}

void AppendInetBinary(const Inet& value, bool cidr, std::string* out) {
  out->push_back(static_cast<char>(value.v6 ? kFamilyV6 : kFamilyV4));
  out->push_back(static_cast<char>(value.prefix));
  out->push_back(cidr ? 1 : 0);
  out->push_back(static_cast<char>(value.size()));
  out->append(reinterpret_cast<const char*>(value.address.data()), value.size());
}

// A key: the family, the network's bits without those right of the mask, the prefix, the address.

void AppendInetKey(const Inet& value, std::string* out) {
  out->push_back(static_cast<char>(value.v6 ? kFamilyV6 : kFamilyV4));
  for (size_t i = 0; i < value.size(); ++i) {
    const int kept = std::clamp(static_cast<int>(value.prefix) - static_cast<int>(i) * 8, 0, 8);
    out->push_back(static_cast<char>(value.address[i] & (0xff << (8 - kept))));
  }
  out->push_back(static_cast<char>(value.prefix));
  out->append(reinterpret_cast<const char*>(value.address.data()), value.size());
}

Result<Inet> ReadInetKey(std::string_view key) {
  const Status bad = Error("XX001", "not the key of an inet");
  if (key.empty() || (key[0] != kFamilyV4 && key[0] != kFamilyV6)) return bad;
  Inet value{.v6 = key[0] == kFamilyV6, .prefix = 0, .address = {}};
  if (key.size() != 2 + 2 * value.size()) return bad;
  value.prefix = static_cast<uint8_t>(key[1 + value.size()]);
  if (value.prefix > value.most_bits()) return bad;
  std::memcpy(value.address.data(), key.data() + 2 + value.size(), value.size());
  return value;
}

Result<MacAddress> ReadMacAddress(std::string_view text) {
  constexpr std::array<const char*, 7> kForms = {
      "%x:%x:%x:%x:%x:%x%1s",       "%x-%x-%x-%x-%x-%x%1s",       "%2x%2x%2x:%2x%2x%2x%1s", "%2x%2x%2x-%2x%2x%2x%1s",
      "%2x%2x.%2x%2x.%2x%2x%1s", "%2x%2x-%2x%2x-%2x%2x%1s", "%2x%2x%2x%2x%2x%2x%1s"};
  const std::string whole(text);
  for (const char* form : kForms) {
    std::array<unsigned, 6> octets{};
    char rest[2];
    const int count =
        std::sscanf(whole.c_str(), form, &octets[0], &octets[1], &octets[2], &octets[3], &octets[4], &octets[5], rest);
    if (count != 6) continue;
    MacAddress address{};
    for (size_t i = 0; i < octets.size(); ++i) {
      if (octets[i] > 255) return Error("22003", fmt::format("invalid octet value in \"macaddr\" value: \"{}\"", text));
      address[i] = static_cast<uint8_t>(octets[i]);
    }
    return address;
  }
  return InvalidSyntax("macaddr", text);
}

Result<MacAddress8> ReadMacAddress8(std::string_view text) {
  const Status bad = InvalidSyntax("macaddr8", text);
  std::string_view left = WithoutLeadingSpace(text);
  std::array<uint8_t, 8> octets{};
  size_t count = 0;
  char separator = '\0';
  while (left.size() >= 2) {
    const int high = HexDigit(left[0]), low = HexDigit(left[1]);
    if (count == octets.size() || high < 0 || low < 0) return bad;
    octets[count++] = static_cast<uint8_t>(high << 4 | low);
    left.remove_prefix(2);
    if (!left.empty() && (left[0] == ':' || left[0] == '-' || left[0] == '.')) {
      if (separator != '\0' && separator != left[0]) return bad;
      separator = left[0];
      left.remove_prefix(1);
    }
    if ((count == 6 || count == 8) && !left.empty() && IsSpace(left[0])) {
      left = WithoutLeadingSpace(left);
      if (!left.empty()) return bad;
    }
  }
  // One character more is not looked at.
  if (count == 6) return MacAddress8{octets[0], octets[1], octets[2], 0xff, 0xfe, octets[3], octets[4], octets[5]};
  if (count != 8) return bad;
  return octets;
}

void AppendMacAddress(std::string_view bytes, std::string* out) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0) out->push_back(':');
    AppendHex(bytes.substr(i, 1), out);
  }
}

}  // namespace weir::postgres
