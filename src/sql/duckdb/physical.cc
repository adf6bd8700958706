#include "sql/duckdb/physical.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "postgres/made_type.h"
#include "postgres/value/character.h"
#include "sql/engine/errors.h"
#include "sql/engine/types.h"

namespace weir::sql::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using postgres::Int128;
using postgres::Numeric;
using postgres::Oid;
using postgres::TypeRef;
namespace oid = postgres::oid;

constexpr int kMaxDecimalWidth = 38;

int DigitsOf(Int128 value) {
  int digits = 0;
  for (; value != 0; value /= 10) ++digits;
  return digits;
}

// --- enums ---

LogicalType MakeEnumForm(const postgres::MadeType& made) {
  const size_t size = made.labels.size();
  duckdb::Vector labels(LogicalType::VARCHAR, std::max<size_t>(size, 1));
  auto* texts = duckdb::FlatVector::GetData<duckdb::string_t>(labels);
  for (size_t i = 0; i < size; ++i) texts[i] = duckdb::StringVector::AddString(labels, made.labels[i].name);
  return LogicalType::ENUM(labels, size);
}

/// Made once for each state of an enum, so that two of the same are told to be so by a look.
LogicalType EnumForm(Oid oid) {
  static std::mutex mutex;
  static auto* forms = new std::unordered_map<const postgres::MadeType*, LogicalType>;
  const postgres::MadeType* made = postgres::FindMadeType(oid);
  if (made == nullptr) Throw(Error("XX000", "the labels of an enum are not known"));
  const std::lock_guard lock(mutex);
  const auto found = forms->find(made);
  return found != forms->end() ? found->second : forms->emplace(made, MakeEnumForm(*made)).first->second;
}

/// The fields of a composite type, domains as what they are over.
LogicalType RowForm(Oid oid) {
  const postgres::MadeType* made = postgres::FindComposite(oid);
  if (made == nullptr) Throw(Error("XX000", "the attributes of a type are not known"));
  duckdb::child_list_t<LogicalType> fields;
  for (const postgres::Attribute& attribute : made->attributes) {
    const TypeRef type = postgres::BaseTypeOf(attribute.type);
    fields.emplace_back(FieldName(fields.size(), type, attribute.name), PhysicalType(type));
  }
  return LogicalType::STRUCT(std::move(fields));
}

duckdb::Value LabelValue(const std::string& label, const LogicalType& type) {
  const int64_t place = duckdb::EnumType::GetPos(type, duckdb::string_t(label));
  if (place < 0) Throw(Error("22P02", "invalid input value for enum: \"" + label + "\""));
  return duckdb::Value::ENUM(static_cast<uint64_t>(place), type);
}

// --- values into DuckDB ---

duckdb::Value DecimalValue(const Numeric& value, const LogicalType& type) {
  const auto unscaled = postgres::DecimalOf(value, duckdb::DecimalType::GetScale(type));
  if (!unscaled) Throw(Error("XX000", "a numeric does not fit " + type.ToString()));
  const uint8_t width = duckdb::DecimalType::GetWidth(type);
  const uint8_t scale = duckdb::DecimalType::GetScale(type);
  switch (type.InternalType()) {
    case duckdb::PhysicalType::INT16: return duckdb::Value::DECIMAL(static_cast<int16_t>(*unscaled), width, scale);
    case duckdb::PhysicalType::INT32: return duckdb::Value::DECIMAL(static_cast<int32_t>(*unscaled), width, scale);
    case duckdb::PhysicalType::INT64: return duckdb::Value::DECIMAL(static_cast<int64_t>(*unscaled), width, scale);
    default: return duckdb::Value::DECIMAL(ToHugeint(*unscaled), width, scale);
  }
}

duckdb::Value NumericValue(const Numeric& value, const LogicalType& type) {
  if (type.id() == LogicalTypeId::DECIMAL) return DecimalValue(value, type);
  std::string key;
  postgres::AppendNumericKey(value, &key);
  return duckdb::Value::BLOB_RAW(key);
}

duckdb::Value UuidValue(const postgres::Uuid& value) {
  uint64_t words[2] = {0, 0};
  for (size_t i = 0; i < 16; ++i) words[i / 8] = words[i / 8] << 8 | value.bytes[i];
  return duckdb::Value::UUID(duckdb::hugeint_t(static_cast<int64_t>(words[0] ^ (uint64_t{1} << 63)), words[1]));
}

/// The elements from `first` on below the dimension `depth`.
duckdb::Value ListValue(const postgres::Array& array, const LogicalType& type, size_t depth, size_t first,
                        size_t count) {
  duckdb::vector<duckdb::Value> values;
  const LogicalType child = duckdb::ListType::GetChildType(type);
  const auto length = static_cast<size_t>(array.dimensions[depth].length);
  const size_t step = count / length;
  for (size_t i = 0; i < length; ++i) {
    values.push_back(depth + 1 < array.dimensions.size()
                         ? ListValue(array, child, depth + 1, first + i * step, step)
                         : ToDuck(array.elements[first + i], {array.element}, child));
  }
  return duckdb::Value::LIST(child, std::move(values));
}

constexpr const char* kManyDimensionsHint = "A column that is declared with two dimensions, as integer[][], holds any.";

duckdb::Value ArrayValue(const postgres::Array& array, TypeRef of, LogicalType type) {
  if (type.id() == LogicalTypeId::VARCHAR) {
    std::string text;
    postgres::WriteText(of.oid, array, {}, &text);
    return duckdb::Value(text);
  }
  if (array.elements.empty())
    return duckdb::Value::LIST(duckdb::ListType::GetChildType(type), duckdb::vector<duckdb::Value>());
  const int32_t first = of.oid == oid::kInt2vector || of.oid == oid::kOidvector ? 0 : 1;
  for (const auto& dimension : array.dimensions) {
    if (dimension.lower_bound == first) continue;
    Throw(Error("0A000", "an array that does not begin with " + std::to_string(first) + " is not supported here",
                {.hint = first == 1 ? kManyDimensionsHint : ""}));
  }
  LogicalType full = type;  // of the elements first: a constant has more dimensions than its type tells
  for (size_t i = 0; i < array.dimensions.size() && full.id() == LogicalTypeId::LIST; ++i) {
    full = LogicalType(duckdb::ListType::GetChildType(full));
  }
  for (size_t i = 0; i < array.dimensions.size(); ++i) full = LogicalType::LIST(full);
  return ListValue(array, full, 0, 0, array.elements.size());
}

struct ToDuckValue {
  TypeRef of;
  const LogicalType& type;

  duckdb::Value operator()(std::monostate) const { return duckdb::Value(type); }
  duckdb::Value operator()(bool value) const { return duckdb::Value::BOOLEAN(value); }
  duckdb::Value operator()(int16_t value) const { return duckdb::Value::SMALLINT(value); }
  duckdb::Value operator()(int32_t value) const { return duckdb::Value::INTEGER(value); }
  duckdb::Value operator()(int64_t value) const { return duckdb::Value::BIGINT(value); }
  duckdb::Value operator()(uint32_t value) const { return duckdb::Value::BIGINT(value); }
  duckdb::Value operator()(uint64_t value) const { return duckdb::Value::UBIGINT(value); }
  duckdb::Value operator()(float value) const { return duckdb::Value::FLOAT(value); }
  duckdb::Value operator()(double value) const { return duckdb::Value::DOUBLE(value); }
  duckdb::Value operator()(const std::string& value) const {
    if (type.id() == LogicalTypeId::ENUM) return LabelValue(value, type);
    return duckdb::Value(of.oid == oid::kBpchar ? std::string(postgres::WithoutTrailingBlanks(value)) : value);
  }
  duckdb::Value operator()(const postgres::Bytes& value) const { return duckdb::Value::BLOB_RAW(value.bytes); }
  duckdb::Value operator()(postgres::Date value) const { return duckdb::Value::DATE(duckdb::date_t(value.days)); }
  duckdb::Value operator()(postgres::Time value) const {
    return duckdb::Value::TIME(duckdb::dtime_t(value.microseconds));
  }
  duckdb::Value operator()(postgres::TimeTz value) const {
    return duckdb::Value::TIMETZ(duckdb::dtime_tz_t(duckdb::dtime_t(value.microseconds), value.offset));
  }
  duckdb::Value operator()(postgres::Timestamp value) const {
    if (of.oid == oid::kTimestamptz) return duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(value.microseconds));
    return duckdb::Value::TIMESTAMP(duckdb::timestamp_t(value.microseconds));
  }
  duckdb::Value operator()(const postgres::Interval& value) const {
    return duckdb::Value::INTERVAL(value.months, value.days, value.microseconds);
  }
  duckdb::Value operator()(const Numeric& value) const { return NumericValue(value, type); }
  duckdb::Value operator()(const postgres::Uuid& value) const { return UuidValue(value); }
  duckdb::Value operator()(const postgres::Bits& value) const {
    std::string text;
    postgres::AppendBits(value, &text);
    return duckdb::Value(text);
  }
  duckdb::Value operator()(const postgres::Inet& value) const {
    std::string key;
    postgres::AppendInetKey(value, &key);
    return duckdb::Value::BLOB_RAW(key);
  }
  duckdb::Value operator()(const postgres::MacAddress& value) const {
    return duckdb::Value::BLOB_RAW(std::string(value.begin(), value.end()));
  }
  duckdb::Value operator()(const postgres::MacAddress8& value) const {
    return duckdb::Value::BLOB_RAW(std::string(value.begin(), value.end()));
  }
  duckdb::Value operator()(postgres::Money value) const { return duckdb::Value::BIGINT(value.cents); }
  duckdb::Value operator()(postgres::RowPlace value) const {
    return duckdb::Value::BIGINT(static_cast<int64_t>(value.block) << 16 | value.offset);
  }
  duckdb::Value operator()(const postgres::Array& value) const { return ArrayValue(value, of, type); }
  duckdb::Value operator()(const postgres::Record& value) const {
    duckdb::child_list_t<duckdb::Value> fields;
    const bool known = type.id() == LogicalTypeId::STRUCT &&
                       duckdb::StructType::GetChildCount(type) == value.fields.size();
    for (size_t i = 0; known && i < value.fields.size(); ++i) {
      const std::string& name = duckdb::StructType::GetChildName(type, i);
      const LogicalType& form = duckdb::StructType::GetChildType(type, i);
      fields.emplace_back(name, ToDuck(value.fields[i].second, FieldType(name), form).DefaultCastAs(form));
    }
    if (known) return duckdb::Value::STRUCT(std::move(fields));
    for (const auto& [field, of_field] : value.fields) {
      fields.emplace_back(FieldName(fields.size(), {field}), ToDuck(of_field, {field}, PhysicalType({field})));
    }
    return duckdb::Value::STRUCT(std::move(fields));
  }
  duckdb::Value operator()(const postgres::Range& value) const { return Text(value); }
  duckdb::Value operator()(const postgres::Multirange& value) const { return Text(value); }

  duckdb::Value Text(const postgres::Value& value) const {
    std::string text;
    postgres::WriteText(of.oid, value, {}, &text);
    return duckdb::Value(text);
  }
};

// --- and back ---

Int128 IntegerOf(const duckdb::Value& value) {
  switch (value.type().InternalType()) {
    case duckdb::PhysicalType::INT16: return value.GetValueUnsafe<int16_t>();
    case duckdb::PhysicalType::INT32: return value.GetValueUnsafe<int32_t>();
    case duckdb::PhysicalType::INT64: return value.GetValueUnsafe<int64_t>();
    case duckdb::PhysicalType::INT128: return ToInt128(value.GetValueUnsafe<duckdb::hugeint_t>());
    default: return value.GetValue<int64_t>();
  }
}

Numeric NumericOf(const duckdb::Value& value) {
  const LogicalType& type = value.type();
  if (type.id() == LogicalTypeId::BLOB) return ValueOrThrow(postgres::ReadNumericKey(duckdb::StringValue::Get(value)));
  return Numeric(IntegerOf(value), type.id() == LogicalTypeId::DECIMAL ? duckdb::DecimalType::GetScale(type) : 0);
}

postgres::Uuid UuidOf(const duckdb::Value& value) {
  const auto number = value.GetValueUnsafe<duckdb::hugeint_t>();
  const uint64_t words[2] = {static_cast<uint64_t>(number.upper) ^ (uint64_t{1} << 63), number.lower};
  postgres::Uuid uuid;
  for (size_t i = 0; i < 16; ++i) uuid.bytes[i] = static_cast<uint8_t>(words[i / 8] >> (56 - 8 * (i % 8)));
  return uuid;
}

/// `modifier`: of the elements.
void AddElements(const duckdb::Value& list, size_t depth, int32_t modifier, postgres::Array* array) {
  const auto& children = duckdb::ListValue::GetChildren(list);
  if (children.empty()) return;
  if (array->dimensions.size() == depth) array->dimensions.push_back({static_cast<int32_t>(children.size()), 1});
  const bool of_vectors = array->element == oid::kInt2vector || array->element == oid::kOidvector;
  const bool nested = !of_vectors && duckdb::ListType::GetChildType(list.type()).id() == LogicalTypeId::LIST;
  for (const auto& child : children) {
    if (nested) {
      if (!child.IsNull()) AddElements(child, depth + 1, modifier, array);
    } else {
      array->elements.push_back(FromDuck(child, {array->element, modifier}));
    }
  }
}

postgres::Record RecordOf(const duckdb::Value& value) {
  postgres::Record record;
  const auto& children = duckdb::StructValue::GetChildren(value);
  for (size_t i = 0; i < children.size(); ++i) {
    const TypeRef field = FieldType(duckdb::StructType::GetChildName(value.type(), i));
    record.fields.emplace_back(field.oid, FromDuck(children[i], field));
  }
  return record;
}

template <size_t kSize>
std::array<uint8_t, kSize> BytesOf(const std::string& bytes) {
  std::array<uint8_t, kSize> result = {};
  std::copy_n(bytes.begin(), std::min(kSize, bytes.size()), result.begin());
  return result;
}

std::string Padded(std::string text, int32_t modifier) {
  return modifier < 0 ? text : ValueOrThrow(postgres::ApplyBpcharModifier(text, modifier, true));
}

bool IsNumber32(Oid type) {
  switch (type) {
    case oid::kOid:
    case oid::kXid:
    case oid::kCid: return true;
    default: break;
  }
  const postgres::Type* known = postgres::FindType(type);
  return known != nullptr && known->name.starts_with("reg") && known->length == 4;
}

}  // namespace

Oid ElementOf(Oid array) {
  return postgres::ArrayElement(array);
}

bool IsShaped(Oid type, const LogicalType& form) {
  const bool vector = type == oid::kInt2vector || type == oid::kOidvector;
  return form.id() == LogicalTypeId::VARCHAR && !vector && ElementOf(type) != 0;
}

bool HasOwnBounds(const postgres::Array& array) {
  return std::ranges::any_of(array.dimensions, [](const auto& dimension) { return dimension.lower_bound != 1; });
}

bool HasBlanks(TypeRef type) {
  return type.modifier >= 0 && (type.oid == oid::kBpchar || ElementOf(type.oid) == oid::kBpchar);
}

std::string FieldName(size_t index, TypeRef type, std::string_view label) {
  std::string name = "f" + std::to_string(index) + "_" + std::to_string(type.oid);
  if (HasBlanks(type)) name += ":" + std::to_string(type.modifier);
  if (!label.empty()) (name += '_') += label;
  return name;
}

TypeRef FieldType(const std::string& name) {
  char* end = nullptr;
  TypeRef type{static_cast<Oid>(std::strtoul(name.c_str() + name.find('_') + 1, &end, 10))};
  if (*end == ':') type.modifier = static_cast<int32_t>(std::strtol(end + 1, nullptr, 10));
  return type;
}

std::string FieldLabel(const std::string& name) {
  const size_t type = name.find('_');
  const size_t label = name.find('_', type + 1);
  if (label != std::string::npos) return name.substr(label + 1);
  return "f" + std::to_string(std::strtoul(name.c_str() + 1, nullptr, 10) + 1);
}

LogicalType DecimalType(int precision, int scale) {
  const bool fits = precision >= 1 && precision <= kMaxDecimalWidth && scale >= 0 && scale <= precision;
  return fits ? LogicalType::DECIMAL(static_cast<uint8_t>(precision), static_cast<uint8_t>(scale)) : BigNumericType();
}

LogicalType PhysicalType(TypeRef type) {
  switch (type.oid) {
    case oid::kBool: return LogicalType::BOOLEAN;
    case oid::kInt2: return LogicalType::SMALLINT;
    case oid::kInt4: return LogicalType::INTEGER;
    case oid::kInt8:
    case oid::kMoney:
    case oid::kTid: return LogicalType::BIGINT;
    case oid::kXid8: return LogicalType::UBIGINT;
    case oid::kFloat4: return LogicalType::FLOAT;
    case oid::kFloat8: return LogicalType::DOUBLE;
    case oid::kNumeric: {
      const auto declared = postgres::UnpackNumeric(type.modifier);
      return declared ? DecimalType(declared->precision, declared->scale) : BigNumericType();
    }
    case oid::kBytea:
    case oid::kInet:
    case oid::kCidr:
    case oid::kMacaddr:
    case oid::kMacaddr8: return LogicalType::BLOB;
    case oid::kDate: return LogicalType::DATE;
    case oid::kTime: return LogicalType::TIME;
    case oid::kTimetz: return LogicalType::TIME_TZ;
    case oid::kTimestamp: return LogicalType::TIMESTAMP;
    case oid::kTimestamptz: return LogicalType::TIMESTAMP_TZ;
    case oid::kInterval: return LogicalType::INTERVAL;
    case oid::kUuid: return LogicalType::UUID;
    default: break;
  }
  if (IsNumber32(type.oid)) return LogicalType::BIGINT;
  const postgres::Type* known = postgres::FindType(type.oid);
  if (known == nullptr) return LogicalType::VARCHAR;
  if (known->kind == postgres::TypeKind::kEnum) return EnumForm(type.oid);
  if (known->kind == postgres::TypeKind::kComposite) return RowForm(type.oid);
  if (known->kind == postgres::TypeKind::kDomain) return PhysicalType(postgres::BaseTypeOf(type));
  if (known->is_array()) return LogicalType::LIST(PhysicalType({known->element, type.modifier}));
  const bool any = known->is_pseudo() && known->name.starts_with("any");
  return any ? LogicalType::ANY : LogicalType::VARCHAR;
}

LogicalType FormOfParameter(TypeRef type, bool shaped) {
  if (type.oid == oid::kNumeric) return BigNumericType();
  const bool vector = type.oid == oid::kInt2vector || type.oid == oid::kOidvector;
  if (shaped && !vector && ElementOf(type.oid) != 0) return LogicalType::VARCHAR;
  return PhysicalType(type);
}

LogicalType ColumnType(const SqlColumn& column) { return ToDuckType(column.data_type); }

LogicalType TypeOfConstant(const Numeric& value) {
  const auto unscaled = value.small();
  if (!unscaled) return BigNumericType();
  return DecimalType(std::max({DigitsOf(*unscaled), value.scale(), 1}), value.scale());
}

duckdb::Value ToDuck(const postgres::Value& value, TypeRef of, const LogicalType& type) {
  of = postgres::BaseTypeOf(of);
  return std::visit(ToDuckValue{of, type}, static_cast<const postgres::Value::variant&>(value));
}

size_t DimensionsOf(const LogicalType& form) {
  return form.id() == LogicalTypeId::LIST ? 1 + DimensionsOf(duckdb::ListType::GetChildType(form)) : 0;
}

LogicalType WithDimensionsOf(const LogicalType& other, LogicalType form) {
  if (other.id() == LogicalTypeId::VARCHAR && form.id() == LogicalTypeId::LIST) return other;
  while (DimensionsOf(form) < DimensionsOf(other)) form = LogicalType::LIST(form);
  return form;
}

Status TooManyDimensions(size_t dimensions) {
  return Error("0A000", "an array of " + std::to_string(dimensions) + " dimensions is not supported here",
               {.hint = kManyDimensionsHint});
}

void CheckDimensions(const LogicalType& array, const LogicalType& form) {
  if (DimensionsOf(array) > DimensionsOf(form)) Throw(TooManyDimensions(DimensionsOf(array)));
}

postgres::Value FromDuck(const duckdb::Value& value, TypeRef of) {
  if (value.IsNull()) return {};
  if (value.type().id() == LogicalTypeId::ENUM) return postgres::Value(duckdb::EnumType::GetValue(value));
  of = postgres::BaseTypeOf(of);
  switch (of.oid) {
    case oid::kBool: return duckdb::BooleanValue::Get(value);
    case oid::kInt2: return static_cast<int16_t>(IntegerOf(value));
    case oid::kInt4: return static_cast<int32_t>(IntegerOf(value));
    case oid::kInt8: return static_cast<int64_t>(IntegerOf(value));
    case oid::kXid8: return value.GetValue<uint64_t>();
    case oid::kMoney: return postgres::Money{static_cast<int64_t>(IntegerOf(value))};
    case oid::kTid: {
      const auto place = static_cast<int64_t>(IntegerOf(value));
      return postgres::RowPlace{static_cast<uint32_t>(place >> 16), static_cast<uint16_t>(place)};
    }
    case oid::kFloat4: return duckdb::FloatValue::Get(value);
    case oid::kFloat8: return duckdb::DoubleValue::Get(value);
    case oid::kNumeric: return NumericOf(value);
    case oid::kBytea: return postgres::Bytes{duckdb::StringValue::Get(value)};
    case oid::kInet:
    case oid::kCidr: return ValueOrThrow(postgres::ReadInetKey(duckdb::StringValue::Get(value)));
    case oid::kMacaddr: return BytesOf<6>(duckdb::StringValue::Get(value));
    case oid::kMacaddr8: return BytesOf<8>(duckdb::StringValue::Get(value));
    case oid::kDate: return postgres::Date{duckdb::DateValue::Get(value).days};
    case oid::kTime: return postgres::Time{duckdb::TimeValue::Get(value).micros};
    case oid::kTimetz: {
      const auto time = value.GetValueUnsafe<duckdb::dtime_tz_t>();
      return postgres::TimeTz{time.time().micros, time.offset()};
    }
    case oid::kTimestamp:
    case oid::kTimestamptz: return postgres::Timestamp{value.GetValueUnsafe<int64_t>()};
    case oid::kInterval: {
      const auto interval = duckdb::IntervalValue::Get(value);
      return postgres::Interval{interval.months, interval.days, interval.micros};
    }
    case oid::kUuid: return UuidOf(value);
    case oid::kBit:
    case oid::kVarbit: return ValueOrThrow(postgres::ReadBits(duckdb::StringValue::Get(value), -1, true));
    case oid::kBpchar: return Padded(duckdb::StringValue::Get(value), of.modifier);
    default: break;
  }
  if (IsNumber32(of.oid)) return static_cast<uint32_t>(IntegerOf(value));
  const postgres::Type* known = postgres::FindType(of.oid);
  if (value.type().id() == LogicalTypeId::LIST && known != nullptr) {
    postgres::Array array;
    array.element = known->element;
    AddElements(value, 0, of.modifier, &array);
    return array;
  }
  if (value.type().id() == LogicalTypeId::STRUCT) return RecordOf(value);
  if (postgres::RangeElement(of.oid) != 0 || IsShaped(of.oid, value.type())) {
    return ValueOrThrow(postgres::ReadText(of, duckdb::StringValue::Get(value), {}));
  }
  return duckdb::StringValue::Get(value);
}

}  // namespace weir::sql::duck
