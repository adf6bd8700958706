#include "postgres/shard.h"

#include <string_view>
#include <vector>

namespace weir::postgres {
namespace {

uint32_t Fnv1(std::string_view text) {
  uint32_t hash = 2166136261;
  for (const char c : text) hash = hash * 16777619 ^ static_cast<unsigned char>(c);
  return hash;
}

TypedValue ValueOfInteger(const DataType& type, int64_t number) {
  switch (type.id()) {
    case TypeId::kBoolean: return {oid::kBool, Value(number != 0)};
    case TypeId::kDate: return {oid::kDate, Value(Date{static_cast<int32_t>(number)})};
    case TypeId::kTime: return {oid::kTime, Value(Time{number})};
    case TypeId::kTimestamp: return {oid::kTimestamp, Value(Timestamp{number})};
    case TypeId::kTimestampLtz: return {oid::kTimestamptz, Value(Timestamp{number})};
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kDecimal:
    case TypeId::kChar:
    case TypeId::kBinary:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return {oid::kInt8, Value(number)};
}

TypedValue ValueOfFloat(const DataType& type, double number) {
  if (type.id() == TypeId::kFloat) return {oid::kFloat4, Value(static_cast<float>(number))};
  return {oid::kFloat8, Value(number)};
}

TypedValue ValueOfText(const DataType& type, const std::string& text) {
  if (type.id() == TypeId::kBytes || type.id() == TypeId::kBinary) return {oid::kBytea, Value(Bytes{text})};
  return {type.id() == TypeId::kChar ? oid::kBpchar : oid::kText, Value(text)};
}

}  // namespace

TypedValue ValueOfKey(const DataType& type, const KeyValue& key) {
  if (const auto* number = std::get_if<int64_t>(&key)) return ValueOfInteger(type, *number);
  if (const auto* number = std::get_if<double>(&key)) return ValueOfFloat(type, *number);
  if (const auto* number = std::get_if<__int128>(&key)) return {oid::kNumeric, Value(Numeric(*number, type.scale()))};
  if (const auto* text = std::get_if<std::string>(&key)) return ValueOfText(type, *text);
  if (const auto* ordered = std::get_if<OrderedText>(&key)) return {oid::kText, Value(ordered->text)};
  return {};
}

std::string ShardText(Oid type, const Value& value) {
  if (value.is_null()) return {};
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  std::string text;
  WriteText(type, value, Settings(), &text);
  if (type == oid::kBpchar) text.erase(text.find_last_not_of(' ') + 1);  // blanks at its end mean nothing
  if (type == oid::kTimestamp) text += "+00:00";  // to KWDB it is a moment in UTC
  if (type == oid::kTimestamptz) text += ":00";   // behind "+00"
  return text;
}

int32_t ShardOf(std::span<const std::string> texts, int32_t buckets) {
  int64_t sum = 0;
  for (const std::string& text : texts) sum += Fnv1(text);
  return static_cast<int32_t>(sum % buckets);
}

int32_t ShardOf(std::span<const DataType> types, std::span<const KeyValue> key, int32_t buckets) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < key.size(); ++i) {
    const TypedValue typed = ValueOfKey(types[i], key[i]);
    texts.push_back(ShardText(typed.type, typed.value));
  }
  return ShardOf(texts, buckets);
}

}  // namespace weir::postgres
