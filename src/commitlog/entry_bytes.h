#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace weir::commitlog {

/// Numbers as LEB128, signed ones zigzag, texts behind their length.
class EntryWriter {
 public:
  void Byte(uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void Unsigned(uint64_t value) {
    for (; value >= 0x80; value >>= 7) Byte(static_cast<uint8_t>(value | 0x80));
    Byte(static_cast<uint8_t>(value));
  }
  void Signed(int64_t value) { Unsigned((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63)); }
  void Fixed64(uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) Byte(static_cast<uint8_t>(value >> shift));
  }
  void Raw(std::string_view bytes) { bytes_.append(bytes); }
  void Text(std::string_view bytes) {
    Unsigned(bytes.size());
    Raw(bytes);
  }
  std::string Finish() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what EntryWriter writes. Once it has failed all reads give zeros and nothing.
class EntryReader {
 public:
  explicit EntryReader(std::string_view bytes) : left_(bytes) {}

  uint8_t Byte() {
    if (left_.empty()) return Fail();
    const auto byte = static_cast<uint8_t>(left_.front());
    left_.remove_prefix(1);
    return byte;
  }
  uint64_t Unsigned() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = Byte();
      const bool fits = shift < 63 || byte <= 1;
      const bool shortest = shift == 0 || byte != 0;
      if (!ok_ || !fits || !shortest) return Fail();
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return Fail();
  }
  int64_t Signed() {
    const uint64_t value = Unsigned();
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }
  uint64_t Fixed64() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 8) value |= static_cast<uint64_t>(Byte()) << shift;
    return ok_ ? value : 0;
  }
  std::string_view Raw(uint64_t size) {
    if (size > left_.size()) {
      Fail();
      return {};
    }
    const std::string_view bytes = left_.substr(0, size);
    left_.remove_prefix(size);
    return bytes;
  }
  std::string_view Text() { return Raw(Unsigned()); }
  std::string_view Rest() { return Raw(left_.size()); }
  /// How many things follow, of which each takes `least` bytes or more.
  uint64_t Count(uint64_t least) {
    const uint64_t count = Unsigned();
    return count <= left_.size() / least ? count : Fail();
  }
  uint8_t Fail() {
    ok_ = false;
    left_ = {};
    return 0;
  }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && left_.empty(); }

 private:
  std::string_view left_;
  bool ok_ = true;
};

}  // namespace weir::commitlog
