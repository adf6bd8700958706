#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/status.h"

namespace weir {

/// The root of a data type. The numbers are those of the Fluss C++ client.
enum class TypeId : uint8_t {
  kBoolean = 1,
  kTinyInt = 2,
  kSmallInt = 3,
  kInt = 4,
  kBigInt = 5,
  kFloat = 6,
  kDouble = 7,
  kString = 8,
  kBytes = 9,
  kDate = 10,
  kTime = 11,
  kTimestamp = 12,
  kTimestampLtz = 13,
  kDecimal = 14,
  kChar = 15,
  kBinary = 16,
  kArray = 17,
  kMap = 18,
  kRow = 19,
};

struct Field;

/// A Fluss data type: a value, cheap to copy (children are shared and immutable).
class DataType {
 public:
  static DataType Boolean() { return DataType(TypeId::kBoolean); }
  static DataType TinyInt() { return DataType(TypeId::kTinyInt); }
  static DataType SmallInt() { return DataType(TypeId::kSmallInt); }
  static DataType Int() { return DataType(TypeId::kInt); }
  static DataType BigInt() { return DataType(TypeId::kBigInt); }
  static DataType Float() { return DataType(TypeId::kFloat); }
  static DataType Double() { return DataType(TypeId::kDouble); }
  static DataType String() { return DataType(TypeId::kString); }
  static DataType Bytes() { return DataType(TypeId::kBytes); }
  static DataType Date() { return DataType(TypeId::kDate); }
  /// `precision`: digits of the second's fraction, 0 to 9.
  static DataType Time(int precision = 0) { return DataType(TypeId::kTime, precision); }
  static DataType Timestamp(int precision = 6) { return DataType(TypeId::kTimestamp, precision); }
  static DataType TimestampLtz(int precision = 6) { return DataType(TypeId::kTimestampLtz, precision); }
  /// `precision` 1 to 38 digits, of which `scale` (0 to precision) follow the point.
  static DataType Decimal(int precision, int scale) { return DataType(TypeId::kDecimal, precision, scale); }
  static DataType Char(int length) { return DataType(TypeId::kChar, length); }
  static DataType Binary(int length) { return DataType(TypeId::kBinary, length); }
  static DataType Array(DataType element);
  /// The key is made NOT NULL.
  static DataType Map(DataType key, DataType value);
  static DataType Row(std::vector<Field> fields);

  TypeId id() const { return id_; }
  bool nullable() const { return nullable_; }
  DataType WithNullable(bool nullable) const;
  DataType NotNull() const { return WithNullable(false); }

  /// Of TIME, TIMESTAMP, TIMESTAMP_LTZ and DECIMAL; 0 for others.
  int precision() const;
  int scale() const { return scale_; }
  /// Of CHAR (characters) and BINARY (bytes); 0 for others.
  int length() const;
  const DataType& element_type() const;
  const DataType& key_type() const;
  const DataType& value_type() const;
  /// Of ROW; empty for others.
  const std::vector<Field>& fields() const;

  bool is_nested() const { return id_ == TypeId::kArray || id_ == TypeId::kMap || id_ == TypeId::kRow; }

  /// Lower-case type text as the Python client shows it, e.g. "int NOT NULL", "decimal(10,2)",
  /// "timestamp" (precision 6), "timestamp_ltz(3)", "map<string NOT NULL,int>", "row<a: int, b: string>".
  std::string ToString() const;

  /// Checks precision, scale and length of this type and of its children (code 15).
  Status Validate() const;

  /// Equality takes nullability and nested field names into account, not field ids or descriptions.
  bool operator==(const DataType& other) const;

 private:
  explicit DataType(TypeId id, int parameter = 0, int scale = 0) : id_(id), parameter_(parameter), scale_(scale) {}

  TypeId id_;
  bool nullable_ = true;
  int parameter_ = 0;
  int scale_ = 0;
  std::shared_ptr<const std::vector<Field>> children_;  // element; key and value; fields
};

/// A field of a ROW type.
struct Field {
  std::string name;
  DataType type;
  std::string description;
  int field_id = -1;
};

}  // namespace weir
