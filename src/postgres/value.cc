#include "postgres/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "format/big_endian.h"
#include "postgres/error.h"
#include "postgres/made_type.h"
#include "postgres/value/bytea.h"
#include "postgres/value/character.h"
#include "postgres/value/json.h"
#include "postgres/value/json_path.h"
#include "postgres/value/nested.h"
#include "postgres/value/number.h"
#include "postgres/value/order_key.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

template <typename T>
Result<Value> AsValue(Result<T> result) {
  if (!result.ok()) return result.status();
  return Value(std::move(result).MoveValue());
}

Status NoValues(Oid type, std::string_view direction) {
  return Error("0A000", fmt::format("type {} has no {} function here", FormatType(type), direction));
}

/// "(12,3)": numbers as C's strtoul takes them.
Result<RowPlace> ReadRowPlace(std::string_view text) {
  const std::string whole(text);
  const Status bad = InvalidSyntax("tid", text);
  if (!whole.starts_with('(')) return bad;
  char* end = nullptr;
  errno = 0;
  const unsigned long block = std::strtoul(whole.c_str() + 1, &end, 10);
  if (errno != 0 || *end != ',' || block > std::numeric_limits<uint32_t>::max()) return bad;
  const unsigned long offset = std::strtoul(end + 1, &end, 10);
  if (errno != 0 || *end != ')' || offset > std::numeric_limits<uint16_t>::max()) return bad;
  return RowPlace{.block = static_cast<uint32_t>(block), .offset = static_cast<uint16_t>(offset)};
}

/// regclass and its likes by number; "-" is none. Names are the catalog's.
Result<uint32_t> ReadReference(Oid type, std::string_view text) {
  if (text == "-") return 0u;
  if (!text.empty() && std::all_of(text.begin(), text.end(), IsDigit)) return ReadOid(text);
  return Error("0A000", fmt::format("a name of type {} is read with a catalog only", FormatType(type)));
}

/// A "char"; the zero byte, which nothing is shown of, is no letter, as the catalogs hold it.
std::string CharValue(char letter) { return letter == '\0' ? std::string() : std::string(1, letter); }

Result<Value> ReadString(TypeRef type, std::string_view text) {
  switch (type.oid) {
    case oid::kVarchar: return AsValue(ApplyVarcharModifier(text, type.modifier, false));
    case oid::kBpchar: return AsValue(ApplyBpcharModifier(text, type.modifier, false));
    case oid::kName: return Value(std::string(CutToName(text)));
    case oid::kChar: return Value(CharValue(ReadChar(text)));
    case oid::kJson:
      WEIR_RETURN_NOT_OK(CheckJson(text));
      return Value(std::string(text));
    case oid::kJsonb: return AsValue(CanonicalJson(text));
    case oid::kJsonpath: return AsValue(CanonicalJsonPath(text));
    default: return Value(std::string(text));
  }
}

Result<Value> ReadTimeLike(TypeRef type, std::string_view text, const Settings& settings) {
  const auto rounded = [&](auto result, auto apply) -> Result<Value> {
    if (!result.ok()) return result.status();
    return Value(apply(*result, type.modifier));
  };
  const auto time = [](auto value, int32_t modifier) { return ApplyTimeModifier(value, modifier); };
  switch (type.oid) {
    case oid::kDate: return AsValue(ReadDate(text, settings));
    case oid::kTime: return rounded(ReadTime(text, settings), time);
    case oid::kTimetz: return rounded(ReadTimeTz(text, settings), time);
    case oid::kTimestamp: return rounded(ReadTimestamp(text, settings), ApplyTimestampModifier);
    case oid::kTimestamptz: return rounded(ReadTimestampTz(text, settings), ApplyTimestampModifier);
    default: return AsValue(ReadInterval(text, type.modifier, settings));
  }
}

std::vector<TypeRef> AttributeTypesOf(const MadeType& composite) {
  std::vector<TypeRef> fields;
  for (const Attribute& attribute : composite.attributes) fields.push_back(attribute.type);
  return fields;
}

/// An enum's label, a row, or a value of what a domain is over, which is still to be held to the domain.
Result<Value> ReadOfMade(const MadeType& made, std::string_view text, const Settings& settings) {
  if (made.kind == TypeKind::kDomain) return ReadText(made.base, text, settings);
  if (made.kind == TypeKind::kComposite) return AsValue(ReadRecord(AttributeTypesOf(made), text, settings));
  if (made.FindLabel(text) != nullptr) return Value(std::string(text));
  return Error("22P02", fmt::format("invalid input value for enum {}: \"{}\"", FormatType(made.oid), text));
}

/// Types that are made of others, by a database too; 0A000 for what is none of these either.
Result<Value> ReadNested(TypeRef type, std::string_view text, const Settings& settings) {
  if (type.oid == oid::kInt2vector) return AsValue(ReadVector(oid::kInt2, text, settings));
  if (type.oid == oid::kOidvector) return AsValue(ReadVector(oid::kOid, text, settings));
  const MadeType* made = RangeElement(type.oid) == 0 ? FindMadeType(type.oid) : nullptr;
  if (made != nullptr) return ReadOfMade(*made, text, settings);
  const Type* facts = FindType(type.oid);
  if (facts != nullptr && facts->is_array()) {
    const Type* element = FindType(facts->element);
    const char delimiter = element == nullptr ? ',' : element->delimiter;
    return AsValue(ReadArray({.oid = facts->element, .modifier = type.modifier}, delimiter, text, settings));
  }
  if (facts != nullptr && facts->range_element != 0) return AsValue(ReadRange(facts->range_element, text, settings));
  if (facts != nullptr && facts->range != 0) return AsValue(ReadMultirange(RangeElement(type.oid), text, settings));
  if (facts != nullptr && facts->is_pseudo() && facts->input != 0 && type.oid != oid::kUnknown) {
    return Error("0A000", fmt::format("cannot accept a value of type {}", FormatType(type.oid)));
  }
  return NoValues(type.oid, "input");
}

}  // namespace

Result<Value> ReadText(TypeRef type, std::string_view text, const Settings& settings) {
  switch (type.oid) {
    case oid::kBool: return AsValue(ReadBool(text));
    case oid::kInt2: return AsValue(ReadInt16(text));
    case oid::kInt4: return AsValue(ReadInt32(text));
    case oid::kInt8: return AsValue(ReadInt64(text));
    case oid::kFloat4: return AsValue(ReadFloat(text));
    case oid::kFloat8: return AsValue(ReadDouble(text));
    case oid::kOid: return AsValue(ReadOid(text));
    case oid::kXid:
    case oid::kCid: return Value(ReadXid(text));
    case oid::kXid8: return Value(ReadXid8(text));
    case oid::kTid: return AsValue(ReadRowPlace(text));
    case oid::kRegclass:
    case oid::kRegproc:
    case oid::kRegprocedure:
    case oid::kRegtype:
    case oid::kRegnamespace:
    case oid::kRegrole:
    case oid::kRegcollation:
    case oid::kRegoper:
    case oid::kRegoperator: return AsValue(ReadReference(type.oid, text));
    case oid::kNumeric: return AsValue(ReadNumeric(text, type.modifier));
    case oid::kText:
    case oid::kVarchar:
    case oid::kBpchar:
    case oid::kName:
    case oid::kChar:
    case oid::kUnknown:
    case oid::kCstring:
    case oid::kJson:
    case oid::kJsonb:
    case oid::kJsonpath: return ReadString(type, text);
    case oid::kBytea: {
      WEIR_ASSIGN_OR_RETURN(std::string bytes, ReadBytea(text));
      return Value(Bytes{std::move(bytes)});
    }
    case oid::kDate:
    case oid::kTime:
    case oid::kTimetz:
    case oid::kTimestamp:
    case oid::kTimestamptz:
    case oid::kInterval: return ReadTimeLike(type, text, settings);
    case oid::kUuid: return AsValue(ReadUuid(text));
    case oid::kBit:
    case oid::kVarbit: return AsValue(ReadBits(text, type.modifier, type.oid == oid::kVarbit));
    case oid::kInet:
    case oid::kCidr: return AsValue(ReadInet(text, type.oid == oid::kCidr));
    case oid::kMacaddr: return AsValue(ReadMacAddress(text));
    case oid::kMacaddr8: return AsValue(ReadMacAddress8(text));
    case oid::kMoney: return AsValue(ReadMoney(text));
    default: return ReadNested(type, text, settings);
  }
}

namespace {

/// Writes the text of each kind of value; what the same kind means in other types, `type` tells.
struct TextWriter {
  Oid type;
  const Settings& settings;
  std::string* out;

  void operator()(std::monostate) const {}
  void operator()(bool value) const { out->push_back(value ? 't' : 'f'); }
  void operator()(int16_t value) const { AppendInteger(value, out); }
  void operator()(int32_t value) const { AppendInteger(value, out); }
  void operator()(int64_t value) const { AppendInteger(value, out); }
  void operator()(uint32_t value) const {
    const bool number = type == oid::kOid || type == oid::kXid || type == oid::kCid || value != 0;
    if (number) AppendUnsigned(value, out);
    else out->push_back('-');
  }
  void operator()(uint64_t value) const { AppendUnsigned(value, out); }
  void operator()(float value) const { AppendFloat(value, settings.extra_float_digits, out); }
  void operator()(double value) const { AppendDouble(value, settings.extra_float_digits, out); }
  void operator()(const std::string& value) const {
    if (type == oid::kChar) AppendChar(value.empty() ? '\0' : value[0], out);
    else *out += value;
  }
  void operator()(const Bytes& value) const { AppendBytea(value.bytes, settings.bytea_output, out); }
  void operator()(Date value) const { AppendDate(value, settings, out); }
  void operator()(Time value) const { AppendTime(value, out); }
  void operator()(TimeTz value) const { AppendTimeTz(value, out); }
  void operator()(Timestamp value) const {
    if (type == oid::kTimestamptz) AppendTimestampTz(value, settings, out);
    else AppendTimestamp(value, settings, out);
  }
  void operator()(const Interval& value) const { AppendInterval(value, settings.interval_style, out); }
  void operator()(const Numeric& value) const { AppendNumeric(value, out); }
  void operator()(const Uuid& value) const { AppendUuid(Raw(value.bytes), out); }
  void operator()(const Bits& value) const { AppendBits(value, out); }
  void operator()(const Inet& value) const { AppendInet(value, type == oid::kCidr, out); }
  void operator()(const MacAddress& value) const { AppendMacAddress(Raw(value), out); }
  void operator()(const MacAddress8& value) const { AppendMacAddress(Raw(value), out); }
  void operator()(Money value) const { AppendMoney(value, out); }
  void operator()(RowPlace value) const {
    fmt::format_to(std::back_inserter(*out), "({},{})", value.block, value.offset);
  }
  void operator()(const Array& value) const {
    if (type == oid::kInt2vector || type == oid::kOidvector) return AppendVector(value, settings, out);
    const Type* element = FindType(value.element);
    AppendArray(value, element == nullptr ? ',' : element->delimiter, settings, out);
  }
  void operator()(const Record& value) const { AppendRecord(value, settings, out); }
  void operator()(const Range& value) const { AppendRange(RangeElement(type), value, settings, out); }
  void operator()(const Multirange& value) const { AppendMultirange(RangeElement(type), value, settings, out); }

  template <size_t size>
  static std::string_view Raw(const std::array<uint8_t, size>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), size};
  }
};

struct BinaryWriter {
  Oid type;
  const Settings& settings;
  std::string* out;

  Status operator()(std::monostate) const { return Status::OK(); }
  Status operator()(bool value) const { return Integer(static_cast<uint8_t>(value)); }
  Status operator()(int16_t value) const { return Integer(value); }
  Status operator()(int32_t value) const { return Integer(value); }
  Status operator()(int64_t value) const { return Integer(value); }
  Status operator()(uint32_t value) const { return Integer(value); }
  Status operator()(uint64_t value) const { return Integer(value); }
  Status operator()(float value) const { return Integer(std::bit_cast<uint32_t>(value)); }
  Status operator()(double value) const { return Integer(std::bit_cast<uint64_t>(value)); }
  Status operator()(const std::string& value) const {
    if (type == oid::kJsonb || type == oid::kJsonpath) out->push_back(1);
    if (type == oid::kChar && value.empty()) out->push_back('\0');
    *out += value;
    return Status::OK();
  }
  Status operator()(const Bytes& value) const { return Raw(value.bytes); }
  Status operator()(Date value) const { return Done(AppendDateBinary, value); }
  Status operator()(Time value) const { return Done(AppendTimeBinary, value); }
  Status operator()(TimeTz value) const { return Done(AppendTimeTzBinary, value); }
  Status operator()(Timestamp value) const { return Done(AppendTimestampBinary, value); }
  Status operator()(const Interval& value) const { return Done(AppendIntervalBinary, value); }
  Status operator()(const Numeric& value) const { return Done(AppendNumericBinary, value); }
  Status operator()(const Uuid& value) const { return Raw(TextWriter::Raw(value.bytes)); }
  Status operator()(const Bits& value) const { return Done(AppendBitsBinary, value); }
  Status operator()(const Inet& value) const {
    AppendInetBinary(value, type == oid::kCidr, out);
    return Status::OK();
  }
  Status operator()(const MacAddress& value) const { return Raw(TextWriter::Raw(value)); }
  Status operator()(const MacAddress8& value) const { return Raw(TextWriter::Raw(value)); }
  Status operator()(Money value) const { return Integer(value.cents); }
  Status operator()(RowPlace value) const {
    AppendBigEndian(value.block, out);
    return Integer(value.offset);
  }
  Status operator()(const Array& value) const { return AppendArrayBinary(value, settings, out); }
  Status operator()(const Record& value) const { return AppendRecordBinary(value, settings, out); }
  Status operator()(const Range& value) const { return AppendRangeBinary(RangeElement(type), value, settings, out); }
  Status operator()(const Multirange& value) const {
    return AppendMultirangeBinary(RangeElement(type), value, settings, out);
  }

  template <typename T>
  Status Integer(T value) const {
    AppendBigEndian(value, out);
    return Status::OK();
  }
  Status Raw(std::string_view bytes) const {
    *out += bytes;
    return Status::OK();
  }
  template <typename Append, typename T>
  Status Done(Append append, const T& value) const {
    append(value, out);
    return Status::OK();
  }
};

template <typename T>
Result<T> ReadIntegerBinary(std::string_view bytes) {
  if (bytes.size() != sizeof(T)) return bytes.size() < sizeof(T) ? TooFewBytes() : TooManyBytes();
  return LoadBigEndian<T>(bytes);
}

template <typename T, typename Stored>
Result<Value> ReadFloatBinary(std::string_view bytes) {
  WEIR_ASSIGN_OR_RETURN(const Stored stored, ReadIntegerBinary<Stored>(bytes));
  return Value(std::bit_cast<T>(stored));
}

template <typename T>
Result<Value> ReadRaw(std::string_view bytes) {
  T value;
  if (bytes.size() != sizeof(T)) return bytes.size() < sizeof(T) ? TooFewBytes() : TooManyBytes();
  std::memcpy(&value, bytes.data(), sizeof(T));
  return Value(value);
}

Result<Value> ReadStringBinary(TypeRef type, std::string_view bytes) {
  if (type.oid == oid::kChar) {
    if (bytes.size() != 1) return bytes.empty() ? TooFewBytes() : TooManyBytes();
    return Value(CharValue(bytes[0]));
  }
  if (type.oid == oid::kJsonb || type.oid == oid::kJsonpath) {
    if (bytes.empty()) return TooFewBytes();
    if (bytes[0] != 1) {
      return Error("XX000",
                   fmt::format("unsupported {} version number {}", FormatType(type), static_cast<uint8_t>(bytes[0])));
    }
    bytes.remove_prefix(1);
  }
  WEIR_RETURN_NOT_OK(CheckUtf8(bytes));
  if (type.oid == oid::kName && bytes.size() > 63) {
    return Error("42622", "identifier too long", {.detail = "Identifier must be less than 64 characters."});
  }
  return ReadString(type, bytes);
}

Result<Value> ReadTimeLikeBinary(TypeRef type, std::string_view bytes) {
  const auto rounded = [&](auto result, auto apply) -> Result<Value> {
    if (!result.ok()) return result.status();
    return Value(apply(*result, type.modifier));
  };
  const auto time = [](auto value, int32_t modifier) { return ApplyTimeModifier(value, modifier); };
  switch (type.oid) {
    case oid::kDate: return AsValue(ReadDateBinary(bytes));
    case oid::kTime: return rounded(ReadTimeBinary(bytes), time);
    case oid::kTimetz: return rounded(ReadTimeTzBinary(bytes), time);
    case oid::kInterval: return rounded(ReadIntervalBinary(bytes), ApplyIntervalModifier);
    default: return rounded(ReadTimestampBinary(bytes), ApplyTimestampModifier);
  }
}

Result<Value> ReadCompositeBinary(const MadeType& made, std::string_view bytes, const Settings& settings) {
  WEIR_ASSIGN_OR_RETURN(Record record, ReadRecordBinary(bytes, settings));
  const std::vector<TypeRef> fields = AttributeTypesOf(made);
  if (record.fields.size() != fields.size()) {
    return Error("42804", fmt::format("wrong number of columns: {}, expected {}", record.fields.size(), fields.size()));
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    if (record.fields[i].first == fields[i].oid) continue;
    return Error("42804", fmt::format("binary data has type {} ({}) instead of expected {} ({}) in record column {}",
                                      record.fields[i].first, FormatType(record.fields[i].first), fields[i].oid,
                                      FormatType(fields[i].oid), i + 1));
  }
  return Value(std::move(record));
}

Result<Value> ReadNestedBinary(TypeRef type, std::string_view bytes, const Settings& settings) {
  if (type.oid == oid::kRecord) return AsValue(ReadRecordBinary(bytes, settings));
  const MadeType* made = RangeElement(type.oid) == 0 ? FindMadeType(type.oid) : nullptr;
  if (made != nullptr) {
    if (made->kind == TypeKind::kDomain) return ReadBinary(made->base, bytes, settings);
    if (made->kind == TypeKind::kComposite) return ReadCompositeBinary(*made, bytes, settings);
    WEIR_RETURN_NOT_OK(CheckUtf8(bytes));
    return ReadOfMade(*made, bytes, settings);
  }
  const Type* facts = FindType(type.oid);
  if (facts != nullptr && (facts->is_array() || type.oid == oid::kInt2vector || type.oid == oid::kOidvector)) {
    return AsValue(ReadArrayBinary({.oid = facts->element, .modifier = type.modifier}, bytes, settings));
  }
  if (facts != nullptr && facts->range_element != 0)
    return AsValue(ReadRangeBinary(facts->range_element, bytes, settings));
  if (facts != nullptr && facts->range != 0)
    return AsValue(ReadMultirangeBinary(RangeElement(type.oid), bytes, settings));
  return NoValues(type.oid, "binary input");
}

}  // namespace

void WriteText(Oid type, const Value& value, const Settings& settings, std::string* out) {
  std::visit(TextWriter{.type = type, .settings = settings, .out = out}, value);
}

Status WriteBinary(Oid type, const Value& value, const Settings& settings, std::string* out) {
  return std::visit(BinaryWriter{.type = type, .settings = settings, .out = out}, value);
}

Result<Value> ReadBinary(TypeRef type, std::string_view bytes, const Settings& settings) {
  switch (type.oid) {
    case oid::kBool: {
      WEIR_ASSIGN_OR_RETURN(const uint8_t value, ReadIntegerBinary<uint8_t>(bytes));
      return Value(value != 0);
    }
    case oid::kInt2: return AsValue(ReadIntegerBinary<int16_t>(bytes));
    case oid::kInt4: return AsValue(ReadIntegerBinary<int32_t>(bytes));
    case oid::kInt8: return AsValue(ReadIntegerBinary<int64_t>(bytes));
    case oid::kFloat4: return ReadFloatBinary<float, uint32_t>(bytes);
    case oid::kFloat8: return ReadFloatBinary<double, uint64_t>(bytes);
    case oid::kOid:
    case oid::kXid:
    case oid::kCid:
    case oid::kRegclass:
    case oid::kRegproc:
    case oid::kRegprocedure:
    case oid::kRegtype:
    case oid::kRegnamespace:
    case oid::kRegrole:
    case oid::kRegcollation:
    case oid::kRegoper:
    case oid::kRegoperator: return AsValue(ReadIntegerBinary<uint32_t>(bytes));
    case oid::kXid8: return AsValue(ReadIntegerBinary<uint64_t>(bytes));
    case oid::kTid: {
      if (bytes.size() != 6) return bytes.size() < 6 ? TooFewBytes() : TooManyBytes();
      return Value(
          RowPlace{.block = LoadBigEndian<uint32_t>(bytes), .offset = LoadBigEndian<uint16_t>(bytes.substr(4))});
    }
    case oid::kNumeric: {
      WEIR_ASSIGN_OR_RETURN(const Numeric value, ReadNumericBinary(bytes));
      return AsValue(ApplyNumericModifier(value, type.modifier));
    }
    case oid::kText:
    case oid::kVarchar:
    case oid::kBpchar:
    case oid::kName:
    case oid::kChar:
    case oid::kUnknown:
    case oid::kCstring:
    case oid::kJson:
    case oid::kJsonb:
    case oid::kJsonpath: return ReadStringBinary(type, bytes);
    case oid::kBytea: return Value(Bytes{std::string(bytes)});
    case oid::kDate:
    case oid::kTime:
    case oid::kTimetz:
    case oid::kTimestamp:
    case oid::kTimestamptz:
    case oid::kInterval: return ReadTimeLikeBinary(type, bytes);
    case oid::kUuid: return ReadRaw<Uuid>(bytes);
    case oid::kBit:
    case oid::kVarbit: return AsValue(ReadBitsBinary(bytes, type.modifier, type.oid == oid::kVarbit));
    case oid::kInet:
    case oid::kCidr: return AsValue(ReadInetBinary(bytes, type.oid == oid::kCidr));
    case oid::kMacaddr: return ReadRaw<MacAddress>(bytes);
    case oid::kMacaddr8: return ReadRaw<MacAddress8>(bytes);
    case oid::kMoney: {
      WEIR_ASSIGN_OR_RETURN(const int64_t cents, ReadIntegerBinary<int64_t>(bytes));
      return Value(Money{cents});
    }
    default: return ReadNestedBinary(type, bytes, settings);
  }
}

Result<std::string> TextOfBinary(TypeRef type, std::string_view bytes, const Settings& settings) {
  WEIR_ASSIGN_OR_RETURN(const Value value, ReadBinary(type, bytes, settings));
  std::string text;
  WriteText(type.oid, value, settings, &text);
  return text;
}

Result<Value> ApplyModifier(TypeRef type, Value value, bool is_explicit) {
  if (type.modifier < 0 || value.is_null()) return value;
  switch (type.oid) {
    case oid::kNumeric: return AsValue(ApplyNumericModifier(std::get<Numeric>(value), type.modifier));
    case oid::kVarchar: return AsValue(ApplyVarcharModifier(std::get<std::string>(value), type.modifier, is_explicit));
    case oid::kBpchar: return AsValue(ApplyBpcharModifier(std::get<std::string>(value), type.modifier, is_explicit));
    case oid::kTime: return Value(ApplyTimeModifier(std::get<Time>(value), type.modifier));
    case oid::kTimetz: return Value(ApplyTimeModifier(std::get<TimeTz>(value), type.modifier));
    case oid::kTimestamp:
    case oid::kTimestamptz: return Value(ApplyTimestampModifier(std::get<Timestamp>(value), type.modifier));
    case oid::kInterval: return Value(ApplyIntervalModifier(std::get<Interval>(value), type.modifier));
    case oid::kBit:
    case oid::kVarbit:
      return AsValue(
          ApplyBitsModifier(std::get<Bits>(std::move(value)), type.modifier, type.oid == oid::kVarbit, is_explicit));
    default: break;
  }
  auto* array = std::get_if<Array>(&value);
  if (array == nullptr) return value;
  for (Value& element : array->elements) {
    WEIR_ASSIGN_OR_RETURN(
        element, ApplyModifier({.oid = array->element, .modifier = type.modifier}, std::move(element), is_explicit));
  }
  return value;
}

namespace {

template <typename T>
std::strong_ordering CompareFloats(T a, T b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) <=> std::isnan(b);
  return a < b ? std::strong_ordering::less : a > b ? std::strong_ordering::greater : std::strong_ordering::equal;
}

/// Element by element; a null is above all else.
std::strong_ordering CompareNullable(Oid type, const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return a.is_null() <=> b.is_null();
  return CompareValues(type, a, b);
}

std::strong_ordering CompareArrays(const Array& a, const Array& b) {
  const size_t common = std::min(a.elements.size(), b.elements.size());
  for (size_t i = 0; i < common; ++i) {
    if (const auto order = CompareNullable(a.element, a.elements[i], b.elements[i]); order != 0) return order;
  }
  if (a.elements.size() != b.elements.size()) return a.elements.size() <=> b.elements.size();
  if (a.dimensions.size() != b.dimensions.size()) return a.dimensions.size() <=> b.dimensions.size();
  for (size_t i = 0; i < a.dimensions.size(); ++i) {
    const auto& left = a.dimensions[i];
    const auto& right = b.dimensions[i];
    if (left.length != right.length) return left.length <=> right.length;
    if (left.lower_bound != right.lower_bound) return left.lower_bound <=> right.lower_bound;
  }
  return std::strong_ordering::equal;
}

std::strong_ordering CompareRecords(const Record& a, const Record& b) {
  const size_t common = std::min(a.fields.size(), b.fields.size());
  for (size_t i = 0; i < common; ++i) {
    const auto order = CompareNullable(a.fields[i].first, a.fields[i].second, b.fields[i].second);
    if (order != 0) return order;
  }
  return a.fields.size() <=> b.fields.size();
}

struct Comparer {
  Oid type;
  const Value& other;

  template <typename T>
  std::strong_ordering operator()(const T& a) const {
    const T& b = std::get<T>(other);
    if constexpr (std::is_floating_point_v<T>) return CompareFloats(a, b);
    else if constexpr (std::is_same_v<T, std::string>) return CompareStrings(a, b);
    else if constexpr (std::is_same_v<T, Array>) return CompareArrays(a, b);
    else if constexpr (std::is_same_v<T, Record>) return CompareRecords(a, b);
    else if constexpr (std::is_same_v<T, Range>) return CompareRanges(RangeElement(type), a, b);
    else if constexpr (std::is_same_v<T, Multirange>) return CompareMultiranges(RangeElement(type), a, b);
    else return a <=> b;
  }

  static std::strong_ordering CompareJsonb(std::string_view a, std::string_view b) {
    const Result<std::string> left = JsonbOrderKey(a);
    const Result<std::string> right = JsonbOrderKey(b);
    return (left.ok() ? *left : std::string()) <=> (right.ok() ? *right : std::string());  // a jsonb always has one
  }

  /// What is no label any more comes last.
  static std::strong_ordering CompareLabels(const MadeType& made, std::string_view a, std::string_view b) {
    const auto place = [&](std::string_view label) { return std::ranges::find(made.labels, label, &EnumLabel::name); };
    return place(a) <=> place(b);
  }

  std::strong_ordering CompareStrings(std::string_view a, std::string_view b) const {
    if (type == oid::kJsonb) return CompareJsonb(a, b);
    if (type == oid::kBpchar) return WithoutTrailingBlanks(a).compare(WithoutTrailingBlanks(b)) <=> 0;
    if (const MadeType* made = FindMadeType(type)) return CompareLabels(*made, a, b);
    return a.compare(b) <=> 0;
  }
};

}  // namespace

std::strong_ordering CompareValues(Oid type, const Value& a, const Value& b) {
  if (a.index() != b.index()) return a.index() <=> b.index();
  return std::visit(Comparer{.type = type, .other = b}, a);
}

}  // namespace weir::postgres
