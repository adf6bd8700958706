#include "sql/engine/types.h"

#include <array>

#include "duckdb/common/types/date.hpp"
#include "duckdb/common/types/hugeint.hpp"
#include "duckdb/common/types/timestamp.hpp"
#include "postgres/value/number.h"
#include "postgres/value/ordered_text.h"
#include "sql/catalog/sql_types.h"
#include "sql/engine/errors.h"
#include "types/floor_div.h"

namespace weir::sql {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

struct PgType {
  LogicalTypeId id;
  uint32_t oid;
  int16_t size;
  const char* name;
};

constexpr std::array kPgTypes = {
    PgType{LogicalTypeId::BOOLEAN, 16, 1, "boolean"},
    PgType{LogicalTypeId::TINYINT, 21, 2, "smallint"},
    PgType{LogicalTypeId::UTINYINT, 21, 2, "smallint"},
    PgType{LogicalTypeId::SMALLINT, 21, 2, "smallint"},
    PgType{LogicalTypeId::USMALLINT, 23, 4, "integer"},
    PgType{LogicalTypeId::INTEGER, 23, 4, "integer"},
    PgType{LogicalTypeId::UINTEGER, 20, 8, "bigint"},
    PgType{LogicalTypeId::BIGINT, 20, 8, "bigint"},
    PgType{LogicalTypeId::UBIGINT, 1700, -1, "numeric"},
    PgType{LogicalTypeId::HUGEINT, 1700, -1, "numeric"},
    PgType{LogicalTypeId::UHUGEINT, 1700, -1, "numeric"},
    PgType{LogicalTypeId::FLOAT, 700, 4, "real"},
    PgType{LogicalTypeId::DOUBLE, 701, 8, "double precision"},
    PgType{LogicalTypeId::DECIMAL, 1700, -1, "numeric"},
    PgType{LogicalTypeId::VARCHAR, 25, -1, "text"},
    PgType{LogicalTypeId::BLOB, 17, -1, "bytea"},
    PgType{LogicalTypeId::DATE, 1082, 4, "date"},
    PgType{LogicalTypeId::TIME, 1083, 8, "time without time zone"},
    PgType{LogicalTypeId::TIME_TZ, 1266, 12, "time with time zone"},
    PgType{LogicalTypeId::TIMESTAMP, 1114, 8, "timestamp without time zone"},
    PgType{LogicalTypeId::TIMESTAMP_SEC, 1114, 8, "timestamp without time zone"},
    PgType{LogicalTypeId::TIMESTAMP_MS, 1114, 8, "timestamp without time zone"},
    PgType{LogicalTypeId::TIMESTAMP_NS, 1114, 8, "timestamp without time zone"},
    PgType{LogicalTypeId::TIMESTAMP_TZ, 1184, 8, "timestamp with time zone"},
    PgType{LogicalTypeId::INTERVAL, 1186, 16, "interval"},
    PgType{LogicalTypeId::UUID, 2950, 16, "uuid"},
};

const PgType* Find(LogicalTypeId id) {
  for (const PgType& type : kPgTypes) {
    if (type.id == id) return &type;
  }
  return nullptr;
}

struct ArrayOid {
  uint32_t element;
  uint32_t array;
};
constexpr std::array kArrayOids = {
    ArrayOid{16, 1000},   ArrayOid{17, 1001},   ArrayOid{20, 1016},   ArrayOid{21, 1005},   ArrayOid{23, 1007},
    ArrayOid{25, 1009},   ArrayOid{700, 1021},  ArrayOid{701, 1022},  ArrayOid{1082, 1182}, ArrayOid{1083, 1183},
    ArrayOid{1114, 1115}, ArrayOid{1184, 1185}, ArrayOid{1186, 1187}, ArrayOid{1700, 1231}, ArrayOid{2950, 2951}};

uint32_t ArrayOf(uint32_t element) {
  for (const ArrayOid& entry : kArrayOids) {
    if (entry.element == element) return entry.array;
  }
  return 25;
}

/// Microseconds of a timestamp; −infinity and infinity stay at the ends.
int64_t Micros(const DataType& type, int64_t raw) {
  bool nanos = ToDuckType(type).id() == LogicalTypeId::TIMESTAMP_NS;
  return nanos ? FloorDiv(raw, 1000) : raw;
}

__int128 ToInt128(const duckdb::hugeint_t& value) {
  return (static_cast<__int128>(value.upper) << 64) | static_cast<__int128>(value.lower);
}

std::optional<KeyValue> CastKey(const DataType& type, const duckdb::Value& value) {
  duckdb::Value cast;
  std::string error;
  if (!value.DefaultTryCastAs(ToDuckType(type), cast, &error, true)) return std::nullopt;
  return ToKeyValue(type, cast);
}

std::string FloatText(double value, bool single) {
  std::string text;
  if (single) {
    postgres::AppendFloat(static_cast<float>(value), 1, &text);
  } else {
    postgres::AppendDouble(value, 1, &text);
  }
  return text;
}

std::string TrimFraction(std::string text) {
  size_t dot = text.find('.');
  if (dot == std::string::npos) return text;
  size_t end = text.find_first_not_of("0123456789", dot + 1);
  size_t stop = end == std::string::npos ? text.size() : end;
  size_t keep = stop;
  while (keep > dot + 1 && text[keep - 1] == '0') --keep;
  if (keep == dot + 1) keep = dot;
  return text.substr(0, keep) + text.substr(stop);
}

std::string HexText(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "\\x";
  for (unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace

LogicalType ToDuckType(const DataType& type) {
  switch (type.id()) {
    case TypeId::kBoolean: return LogicalType::BOOLEAN;
    case TypeId::kTinyInt: return LogicalType::TINYINT;
    case TypeId::kSmallInt: return LogicalType::SMALLINT;
    case TypeId::kInt: return LogicalType::INTEGER;
    case TypeId::kBigInt: return LogicalType::BIGINT;
    case TypeId::kFloat: return LogicalType::FLOAT;
    case TypeId::kDouble: return LogicalType::DOUBLE;
    case TypeId::kChar:
    case TypeId::kString: return LogicalType::VARCHAR;
    case TypeId::kBinary:
    case TypeId::kBytes: return LogicalType::BLOB;
    case TypeId::kDate: return LogicalType::DATE;
    case TypeId::kTime: return LogicalType::TIME;
    case TypeId::kTimestamp: return type.precision() > 6 ? LogicalType::TIMESTAMP_NS : LogicalType::TIMESTAMP;
    case TypeId::kTimestampLtz: return LogicalType::TIMESTAMP_TZ;
    case TypeId::kDecimal:
      return LogicalType::DECIMAL(static_cast<uint8_t>(type.precision()), static_cast<uint8_t>(type.scale()));
    case TypeId::kArray: return LogicalType::LIST(ToDuckType(type.element_type()));
    case TypeId::kMap: return LogicalType::MAP(ToDuckType(type.key_type()), ToDuckType(type.value_type()));
    case TypeId::kRow: {
      duckdb::child_list_t<LogicalType> fields;
      for (const Field& field : type.fields()) fields.emplace_back(field.name, ToDuckType(field.type));
      return LogicalType::STRUCT(std::move(fields));
    }
  }
  return LogicalType::INVALID;
}

std::string PgTypeName(const LogicalType& type) {
  if (type.id() == LogicalTypeId::LIST) return PgTypeName(duckdb::ListType::GetChildType(type)) + "[]";
  const PgType* found = Find(type.id());
  return found ? found->name : type.ToString();
}

bool IsNameType(const LogicalType& type) {
  return type.id() == LogicalTypeId::BIGINT && type.HasAlias() && type.GetAlias().starts_with("reg");
}

ResultColumn DescribeColumn(const std::string& name, const LogicalType& type) {
  ResultColumn column;
  column.name = name;
  if (type.id() == LogicalTypeId::LIST) {
    column.type_oid = ArrayOf(DescribeColumn(name, duckdb::ListType::GetChildType(type)).type_oid);
    return column;
  }
  if (type.IsJSONType()) {
    column.type_oid = 114;
    return column;
  }
  if (IsNameType(type)) return column;
  const PgType* found = Find(type.id());
  if (!found) return column;
  column.type_oid = found->oid;
  column.type_size = found->size;
  if (type.id() == LogicalTypeId::DECIMAL) {
    column.type_modifier = (duckdb::DecimalType::GetWidth(type) << 16 | duckdb::DecimalType::GetScale(type)) + 4;
  }
  return column;
}

std::optional<KeyValue> ToKeyValue(const DataType& type, const duckdb::Value& value) {
  if (value.IsNull()) return KeyValue{};
  if (value.type() != ToDuckType(type)) return CastKey(type, value);
  switch (type.id()) {
    case TypeId::kBoolean: return KeyValue{static_cast<int64_t>(duckdb::BooleanValue::Get(value) ? 1 : 0)};
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt: return KeyValue{value.GetValue<int64_t>()};
    case TypeId::kDate: return KeyValue{static_cast<int64_t>(duckdb::DateValue::Get(value).days)};
    case TypeId::kTime: return KeyValue{duckdb::TimeValue::Get(value).micros};
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return KeyValue{Micros(type, value.GetValueUnsafe<int64_t>())};
    case TypeId::kFloat: return KeyValue{static_cast<double>(duckdb::FloatValue::Get(value))};
    case TypeId::kDouble: return KeyValue{duckdb::DoubleValue::Get(value)};
    case TypeId::kDecimal: {
      duckdb::Vector vector(value);
      return KeyReader(type, vector, 1).Read(0);
    }
    case TypeId::kChar:
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kBytes: return KeyValue{duckdb::StringValue::Get(value)};
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return std::nullopt;
}

std::string PgText(const duckdb::Value& value) {
  if (value.IsNull()) return "null";
  switch (value.type().id()) {
    case LogicalTypeId::BOOLEAN: return duckdb::BooleanValue::Get(value) ? "t" : "f";
    case LogicalTypeId::FLOAT: return FloatText(duckdb::FloatValue::Get(value), true);
    case LogicalTypeId::DOUBLE: return FloatText(duckdb::DoubleValue::Get(value), false);
    case LogicalTypeId::BLOB: return HexText(duckdb::StringValue::Get(value));
    case LogicalTypeId::TIME:
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_NS:
    case LogicalTypeId::TIMESTAMP_TZ: return TrimFraction(value.ToString());
    case LogicalTypeId::LIST: {
      std::string text = "{";
      for (const auto& child : duckdb::ListValue::GetChildren(value)) {
        if (text.size() > 1) text += ",";
        text += child.IsNull() ? "NULL" : PgText(child);
      }
      return text + "}";
    }
    default: return value.ToString();
  }
}

std::string PgText(const DataType& type, const KeyValue& value) {
  if (IsNull(value)) return "null";
  if (const auto* ordered = std::get_if<OrderedText>(&value)) return ordered->text;
  switch (type.id()) {
    case TypeId::kBoolean: return std::get<int64_t>(value) ? "t" : "f";
    case TypeId::kDate:
      return PgText(duckdb::Value::DATE(duckdb::date_t(static_cast<int32_t>(std::get<int64_t>(value)))));
    case TypeId::kTime: return PgText(duckdb::Value::TIME(duckdb::dtime_t(std::get<int64_t>(value))));
    case TypeId::kTimestamp: return PgText(duckdb::Value::TIMESTAMP(duckdb::timestamp_t(std::get<int64_t>(value))));
    case TypeId::kTimestampLtz:
      return PgText(duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(std::get<int64_t>(value))));
    case TypeId::kFloat:
    case TypeId::kDouble: return FloatText(std::get<double>(value), type.id() == TypeId::kFloat);
    case TypeId::kDecimal: {
      __int128 unscaled = std::get<__int128>(value);
      duckdb::hugeint_t huge;
      huge.lower = static_cast<uint64_t>(unscaled);
      huge.upper = static_cast<int64_t>(unscaled >> 64);
      return duckdb::Value::DECIMAL(huge, 38, static_cast<uint8_t>(type.scale())).ToString();
    }
    case TypeId::kBinary:
    case TypeId::kBytes: return HexText(std::get<std::string>(value));
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
  return {};
}

KeyReader::KeyReader(const DataType& type, duckdb::Vector& vector, duckdb::idx_t count, uint32_t value_type)
    : type_(type), value_type_(value_type), duck_type_(ToDuckType(type)) {
  vector.ToUnifiedFormat(count, format_);
}

KeyValue KeyReader::Read(duckdb::idx_t row) const {
  return value_type_ == 0 ? AsHeld(row) : ValueOrThrow(postgres::InOrder(value_type_, AsHeld(row)));
}

KeyValue KeyReader::AsHeld(duckdb::idx_t row) const {
  using duckdb::UnifiedVectorFormat;
  duckdb::idx_t i = format_.sel->get_index(row);
  if (!format_.validity.RowIsValid(i)) return {};
  switch (duck_type_.InternalType()) {
    case duckdb::PhysicalType::BOOL: return int64_t{UnifiedVectorFormat::GetData<bool>(format_)[i] ? 1 : 0};
    case duckdb::PhysicalType::INT8: return int64_t{UnifiedVectorFormat::GetData<int8_t>(format_)[i]};
    case duckdb::PhysicalType::FLOAT: return double{UnifiedVectorFormat::GetData<float>(format_)[i]};
    case duckdb::PhysicalType::DOUBLE: return UnifiedVectorFormat::GetData<double>(format_)[i];
    case duckdb::PhysicalType::VARCHAR: return UnifiedVectorFormat::GetData<duckdb::string_t>(format_)[i].GetString();
    case duckdb::PhysicalType::INT128: return ToInt128(UnifiedVectorFormat::GetData<duckdb::hugeint_t>(format_)[i]);
    default: break;
  }
  int64_t raw = 0;
  switch (duck_type_.InternalType()) {
    case duckdb::PhysicalType::INT16: raw = UnifiedVectorFormat::GetData<int16_t>(format_)[i]; break;
    case duckdb::PhysicalType::INT32: raw = UnifiedVectorFormat::GetData<int32_t>(format_)[i]; break;
    case duckdb::PhysicalType::INT64: raw = UnifiedVectorFormat::GetData<int64_t>(format_)[i]; break;
    default: return {};
  }
  if (type_.id() == TypeId::kDecimal) return static_cast<__int128>(raw);
  if (duck_type_.id() == LogicalTypeId::TIMESTAMP_NS) return FloorDiv(raw, 1000);
  return raw;
}

}  // namespace weir::sql
