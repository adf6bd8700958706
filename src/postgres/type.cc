#include "postgres/type.h"

#include <array>
#include <limits>

#include "postgres/made_type.h"
#include "postgres/sorted_rows.h"

namespace weir::postgres {
namespace {

constexpr Type kTypes[] = {
#include "postgres/facts/types.inc"
};

constexpr auto kTypesByName = PlacesBy<kTypes, &Type::name>();

// By OID, which resolution asks for all the time: one more than a type's place; 0: none has it.
constexpr auto kPlaces = [] {
  static_assert(std::size(kTypes) < std::numeric_limits<uint8_t>::max());
  std::array<uint8_t, std::end(kTypes)[-1].oid + 1> places{};
  for (size_t i = 0; i < std::size(kTypes); ++i) places[kTypes[i].oid] = static_cast<uint8_t>(i + 1);
  return places;
}();

constexpr int kMaxFlussDigits = 38;
constexpr int kMillisecondDigits = 3;  // what Fluss keeps of a time of day
constexpr int kMicrosecondDigits = 6;
constexpr int kUuidBytes = 16;

DataType NumericStorage(int32_t modifier) {
  const auto numeric = UnpackNumeric(modifier);
  const bool fits = numeric && numeric->precision <= kMaxFlussDigits && numeric->scale >= 0 &&
                    numeric->scale <= numeric->precision;
  return fits ? DataType::Decimal(numeric->precision, numeric->scale) : DataType::String();
}

DataType TimeStorage(int32_t modifier) {
  const bool fits = modifier >= 0 && modifier <= kMillisecondDigits;
  return fits ? DataType::Time(modifier) : DataType::String();
}

DataType CharacterStorage(int32_t modifier) {
  const auto length = UnpackLength(modifier);
  return length ? DataType::Char(*length) : DataType::String();
}

int TimestampDigits(int32_t modifier) { return modifier < 0 ? kMicrosecondDigits : modifier; }

int32_t FractionModifier(int digits) { return digits < kMicrosecondDigits ? digits : -1; }

TypeRef ArrayOfStorage(const DataType& element) {
  if (element.is_nested()) return {oid::kJsonb};
  const TypeRef type = TypeOfStorage(element);
  return {FindType(type.oid)->array, type.modifier};
}

}  // namespace

std::span<const Type> AllTypes() { return kTypes; }

const Type* FindType(Oid oid) {
  if (oid >= kPlaces.size()) return FindTypeMade(oid);
  const uint8_t place = kPlaces[oid];
  return place == 0 ? nullptr : &kTypes[place - 1];
}

const Type* FindType(std::string_view name) { return FindRow<kTypes, &Type::name>(kTypesByName, name); }

Oid ArrayElement(Oid array) {
  const Type* type = FindType(array);
  return type != nullptr && (type->is_array() || array == oid::kRecordArray) ? type->element : 0;
}

Oid RangeElement(Oid type) {
  const Type* known = FindType(type);
  if (known != nullptr && known->range != 0) known = FindType(known->range);
  return known == nullptr ? 0 : known->range_element;
}

DataType StorageType(TypeRef type) {
  switch (type.oid) {
    case oid::kBool:
      return DataType::Boolean();
    case oid::kInt2:
      return DataType::SmallInt();
    case oid::kInt4:
      return DataType::Int();
    case oid::kInt8:
    case oid::kMoney:
    case oid::kOid:
    case oid::kXid:
    case oid::kXid8:
    case oid::kCid:
    case oid::kRegproc:
    case oid::kRegprocedure:
    case oid::kRegoper:
    case oid::kRegoperator:
    case oid::kRegclass:
    case oid::kRegtype:
    case oid::kRegrole:
    case oid::kRegnamespace:
    case oid::kRegcollation:
      return DataType::BigInt();
    case oid::kFloat4:
      return DataType::Float();
    case oid::kFloat8:
      return DataType::Double();
    case oid::kNumeric:
      return NumericStorage(type.modifier);
    case oid::kBytea:
      return DataType::Bytes();
    case oid::kUuid:
      return DataType::Binary(kUuidBytes);
    case oid::kBpchar:
      return CharacterStorage(type.modifier);
    case oid::kDate:
      return DataType::Date();
    case oid::kTime:
      return TimeStorage(type.modifier);
    case oid::kTimestamp:
      return DataType::Timestamp(TimestampDigits(type.modifier));
    case oid::kTimestamptz:
      return DataType::TimestampLtz(TimestampDigits(type.modifier));
    default:
      break;  // OIDs are open: arrays, and all that lies as its text
  }
  const Oid element = ArrayElement(type.oid);
  return element == 0 ? DataType::String() : DataType::Array(StorageType({element, type.modifier}));
}

TypeRef TypeOfStorage(const DataType& type) {
  switch (type.id()) {
    case TypeId::kBoolean:
      return {oid::kBool};
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
      return {oid::kInt2};
    case TypeId::kInt:
      return {oid::kInt4};
    case TypeId::kBigInt:
      return {oid::kInt8};
    case TypeId::kFloat:
      return {oid::kFloat4};
    case TypeId::kDouble:
      return {oid::kFloat8};
    case TypeId::kString:
      return {oid::kText};
    case TypeId::kBytes:
    case TypeId::kBinary:
      return {oid::kBytea};
    case TypeId::kDate:
      return {oid::kDate};
    case TypeId::kTime:
      return {oid::kTime, FractionModifier(type.precision())};
    case TypeId::kTimestamp:
      return {oid::kTimestamp, FractionModifier(type.precision())};
    case TypeId::kTimestampLtz:
      return {oid::kTimestamptz, FractionModifier(type.precision())};
    case TypeId::kDecimal:
      return {oid::kNumeric, PackNumeric({type.precision(), type.scale()})};
    case TypeId::kChar:
      return {oid::kBpchar, PackLength(type.length())};
    case TypeId::kArray:
      return ArrayOfStorage(type.element_type());
    case TypeId::kMap:
    case TypeId::kRow:
      break;
  }
  return {oid::kJsonb};
}

}  // namespace weir::postgres
