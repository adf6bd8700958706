#pragma once

#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

namespace weir {

/// One value of a row: a non-owning view. Which kind a column uses follows from its type:
///
/// | type                        | kind       | payload                                          |
/// |-----------------------------|------------|--------------------------------------------------|
/// | BOOLEAN                     | kBool      | i64 0 or 1                                       |
/// | TINYINT … BIGINT            | kInt       | i64                                              |
/// | DATE                        | kInt       | days since 1970-01-01                            |
/// | TIME                        | kInt       | milliseconds of the day                          |
/// | FLOAT, DOUBLE               | kDouble    | double (a FLOAT's value widened)                 |
/// | CHAR, STRING, BINARY, BYTES | kBytes     | pointer and length                               |
/// | DECIMAL                     | kDecimal   | unscaled 128-bit integer                         |
/// | TIMESTAMP, TIMESTAMP_LTZ    | kTimestamp | epoch milliseconds and nano-of-millisecond       |
/// | ARRAY                       | kList      | elements                                         |
/// | MAP                         | kMap       | key, value, key, value, …                        |
/// | ROW                         | kRow       | fields                                           |
struct Datum {
  enum class Kind : uint8_t { kNull, kBool, kInt, kDouble, kBytes, kDecimal, kTimestamp, kList, kMap, kRow };

  struct Time {
    int64_t millis;
    int32_t nanos;  // of the millisecond, 0 to 999999
  };
  struct Slice {
    const void* data;
    size_t size;
  };

  Kind kind = Kind::kNull;
  union {
    int64_t i;
    double d;
    uint64_t words[2];  // DECIMAL, low word first
    Time time;
    Slice slice;
  };

  Datum() : words{0, 0} {}
  static Datum Null() { return {}; }
  static Datum Bool(bool v) { return OfInt(Kind::kBool, v ? 1 : 0); }
  static Datum Int(int64_t v) { return OfInt(Kind::kInt, v); }
  static Datum Double(double v) {
    Datum r;
    r.kind = Kind::kDouble;
    r.d = v;
    return r;
  }
  static Datum Bytes(std::string_view v) { return OfSlice(Kind::kBytes, v.data(), v.size()); }
  static Datum Decimal(__int128 v) {
    Datum r;
    r.kind = Kind::kDecimal;
    std::memcpy(r.words, &v, sizeof v);
    return r;
  }
  static Datum Timestamp(int64_t millis, int32_t nanos) {
    Datum r;
    r.kind = Kind::kTimestamp;
    r.time = {millis, nanos};
    return r;
  }
  static Datum List(std::span<const Datum> items) { return OfSlice(Kind::kList, items.data(), items.size()); }
  /// `items` alternates keys and values.
  static Datum Map(std::span<const Datum> items) { return OfSlice(Kind::kMap, items.data(), items.size()); }
  static Datum Row(std::span<const Datum> fields) { return OfSlice(Kind::kRow, fields.data(), fields.size()); }

  bool is_null() const { return kind == Kind::kNull; }
  bool as_bool() const { return i != 0; }
  int64_t as_int() const { return i; }
  double as_double() const { return d; }
  std::string_view as_bytes() const { return {static_cast<const char*>(slice.data), slice.size}; }
  __int128 as_decimal() const {
    __int128 v;
    std::memcpy(&v, words, sizeof v);
    return v;
  }
  /// Elements of a list, alternating keys and values of a map, fields of a row.
  std::span<const Datum> as_items() const { return {static_cast<const Datum*>(slice.data), slice.size}; }

  /// Deep value equality; doubles compare bit by bit, so that NaN equals itself.
  bool operator==(const Datum& other) const;

 private:
  static Datum OfInt(Kind kind, int64_t v) {
    Datum r;
    r.kind = kind;
    r.i = v;
    return r;
  }
  static Datum OfSlice(Kind kind, const void* data, size_t size) {
    Datum r;
    r.kind = kind;
    r.slice = {data, size};
    return r;
  }
};

/// A row's values in column order; the bytes belong to someone else.
using RowView = std::span<const Datum>;

/// Memory that lives and dies together: what nested values and copied bytes of rows stand on.
class Arena {
 public:
  std::string_view CopyBytes(std::string_view bytes);
  /// `count` null datums to fill in.
  std::span<Datum> NewDatums(size_t count);
  /// A deep copy that no longer refers to the original's memory.
  Datum Copy(const Datum& datum);
  std::span<Datum> CopyRow(RowView row);
  void Clear() { memory_.release(); }

 private:
  std::pmr::monotonic_buffer_resource memory_;
};

}  // namespace weir
