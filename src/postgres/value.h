#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "postgres/type.h"
#include "postgres/value/bits.h"
#include "postgres/value/date_time.h"
#include "postgres/value/inet.h"
#include "postgres/value/interval.h"
#include "postgres/value/money.h"
#include "postgres/value/numeric.h"
#include "postgres/value/settings.h"
#include "postgres/value/uuid.h"
#include "weir/status.h"

namespace weir::postgres {

struct Value;

/// The bytes of a bytea.
struct Bytes {
  std::string bytes;
  auto operator<=>(const Bytes&) const = default;
};

/// tid: the place of a row.
struct RowPlace {
  uint32_t block = 0;
  uint16_t offset = 0;
  auto operator<=>(const RowPlace&) const = default;
};

/// An array: rectangular, with any lower bounds. Without dimensions it is empty.
struct Array {
  struct Dimension {
    int32_t length = 0;
    int32_t lower_bound = 1;
    bool operator==(const Dimension&) const = default;
  };
  Oid element = 0;  // the elements' type
  std::vector<Dimension> dimensions;
  std::vector<Value> elements;  // row by row; a null has no value
};

/// A row value: a type for each field, and its value.
struct Record {
  std::vector<std::pair<Oid, Value>> fields;
};

/// A range: empty, or from a bound to another; without a value a bound is infinite. Canonical: of discrete types the
/// lower bound belongs to it and the upper one does not.
struct Range {
  bool empty = false;
  bool lower_inclusive = false;
  bool upper_inclusive = false;
  std::vector<Value> lower;  // none or one
  std::vector<Value> upper;
};

/// A multirange: ranges that are not empty, in order, with a gap between any two.
struct Multirange {
  std::vector<Range> ranges;
};

/// One value of any type; the type tells how it is meant. std::monostate is null.
/// std::string: text, varchar, bpchar, name, json, jsonb (canonical), "char", unknown, enums.
/// uint32_t: oid, xid, cid and regclass and its likes by number. uint64_t: xid8.
struct Value : std::variant<std::monostate, bool, int16_t, int32_t, int64_t, uint32_t, uint64_t, float, double,
                            std::string, Bytes, Date, Time, TimeTz, Timestamp, Interval, Numeric, Uuid, Bits, Inet,
                            MacAddress, MacAddress8, Money, RowPlace, Array, Record, Range, Multirange> {
  using variant::variant;
  bool is_null() const { return index() == 0; }
};

/// A value by its text, as PostgreSQL's input function reads it: its SQLSTATE, text, DETAIL and HINT. The type's
/// modifier is applied as an assignment does (varchar(n): 22001). 0A000 for types whose values Weir does not know.
Result<Value> ReadText(TypeRef type, std::string_view text, const Settings& settings);
/// Appends the text of a value that is not null and of the type.
void WriteText(Oid type, const Value& value, const Settings& settings, std::string* out);

/// A value by its binary form, as PostgreSQL's receive function reads it: 22P03, 08P01 and others.
Result<Value> ReadBinary(TypeRef type, std::string_view bytes, const Settings& settings);
/// Appends the binary form; 0A000 for a type that has none.
Status WriteBinary(Oid type, const Value& value, const Settings& settings, std::string* out);

/// The text of the value that a binary form stands for.
Result<std::string> TextOfBinary(TypeRef type, std::string_view bytes, const Settings& settings);

/// A value of `type` under a modifier, by an assignment or an explicit cast (which cuts where an assignment fails).
Result<Value> ApplyModifier(TypeRef type, Value value, bool is_explicit);

/// The type's btree order of two values that are not null; of floats NaN is above all. Arrays and records compare
/// element by element, null above all.
std::strong_ordering CompareValues(Oid type, const Value& a, const Value& b);

}  // namespace weir::postgres
