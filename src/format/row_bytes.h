#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weir {

// Every format here is little endian, and so is every machine that Weir builds for.
static_assert(std::endian::native == std::endian::little);

inline constexpr size_t kMaxVarint32Bytes = 5;
inline constexpr size_t kMaxVarint64Bytes = 10;

template <typename T>
T LoadAs(const char* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

template <typename T>
void StoreAs(char* p, T value) {
  std::memcpy(p, &value, sizeof value);
}

constexpr size_t RoundUp8(size_t n) { return (n + 7) & ~size_t{7}; }

/// Writes LEB128 and returns the end of what it wrote.
inline char* StoreVarint(char* p, std::unsigned_integral auto value) {
  while (value >= 0x80) {
    *p++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *p++ = static_cast<char>(value);
  return p;
}

/// Appends to a string through a raw pointer; what is not committed disappears again.
class ByteSink {
 public:
  explicit ByteSink(std::string* out) : out_(out), start_(out->size()), size_(start_) { Grow(0); }
  ~ByteSink() { out_->resize(committed_ ? size_ : start_); }
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;

  void Commit() { committed_ = true; }
  /// Positions count from the start of the string; pointers live until the next append.
  size_t position() const { return size_; }
  size_t written() const { return size_ - start_; }
  char* at(size_t position) { return base_ + position; }

  /// `n` bytes to fill in.
  char* Append(size_t n) {
    Ensure(n);
    char* p = base_ + size_;
    size_ += n;
    return p;
  }
  char* AppendZeros(size_t n) { return static_cast<char*>(std::memset(Append(n), 0, n)); }
  void AppendBytes(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(Append(bytes.size()), bytes.data(), bytes.size());
  }
  template <typename T>
  void AppendAs(T value) {
    StoreAs<T>(Append(sizeof value), value);
  }
  void AppendVarint(std::unsigned_integral auto value) {
    Ensure(kMaxVarint64Bytes);
    size_ = static_cast<size_t>(StoreVarint(base_ + size_, value) - base_);
  }
  void AppendVarBytes(std::string_view bytes) {
    AppendVarint(static_cast<uint32_t>(bytes.size()));
    AppendBytes(bytes);
  }
  /// Puts the varint of their number before the bytes from `position` on.
  void InsertLength(size_t position) {
    char prefix[kMaxVarint32Bytes];
    const size_t length = size_ - position;
    const auto n = static_cast<size_t>(StoreVarint(prefix, static_cast<uint32_t>(length)) - prefix);
    Append(n);
    std::memmove(at(position + n), at(position), length);
    std::memcpy(at(position), prefix, n);
  }

 private:
  static constexpr size_t kSlack = 192;

  void Ensure(size_t n) {
    if (n > limit_ - size_) [[unlikely]] Grow(n);
  }
  void Grow(size_t n) {
    limit_ = size_ + n + kSlack;
    out_->resize(limit_);
    base_ = out_->data();
  }

  std::string* out_;
  size_t start_;
  size_t size_;
  size_t limit_ = 0;
  char* base_ = nullptr;
  bool committed_ = false;
};

/// Reads from a view and never past its end: every read says whether it worked.
class ByteSource {
 public:
  explicit ByteSource(std::string_view bytes) : p_(bytes.data()), end_(p_ + bytes.size()) {}

  size_t remaining() const { return static_cast<size_t>(end_ - p_); }
  bool empty() const { return p_ == end_; }

  bool Read(size_t n, std::string_view* bytes) {
    if (n > remaining()) return false;
    *bytes = {p_, n};
    p_ += n;
    return true;
  }
  template <typename T>
  bool ReadAs(T* value) {
    if (sizeof(T) > remaining()) return false;
    *value = LoadAs<T>(p_);
    p_ += sizeof(T);
    return true;
  }
  /// LEB128 that fits in T, in at most 5 (32 bits) or 10 (64 bits) bytes.
  template <std::unsigned_integral T>
  bool ReadVarint(T* value) {
    constexpr int kBits = sizeof(T) * 8;
    T result = 0;
    for (int shift = 0; shift < kBits; shift += 7) {
      if (p_ == end_) return false;
      const auto byte = static_cast<uint8_t>(*p_++);
      const auto group = static_cast<T>(byte & 0x7F);
      if (shift + 7 > kBits && (group >> (kBits - shift)) != 0) return false;
      result |= static_cast<T>(group << shift);
      if (byte < 0x80) {
        *value = result;
        return true;
      }
    }
    return false;
  }
  bool ReadVarBytes(std::string_view* bytes) {
    uint32_t length;
    return ReadVarint(&length) && Read(length, bytes);
  }

 private:
  const char* p_;
  const char* end_;
};

inline bool TestBit(const char* bits, size_t i) { return (static_cast<uint8_t>(bits[i / 8]) >> (i % 8) & 1) != 0; }
inline void SetBit(char* bits, size_t i) { bits[i / 8] = static_cast<char>(bits[i / 8] | (1 << (i % 8))); }

}  // namespace weir
