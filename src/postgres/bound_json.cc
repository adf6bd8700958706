#include "postgres/bound_json.h"

#include <array>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/hex.h"
#include "postgres/value/numeric.h"
#include "postgres/value/ordered_text.h"

namespace weir {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 3> kStrategies = {"range", "list", "hash"};

// Keys: a number is an integer, a text is a text, an object says what else its one member holds.
constexpr const char* kDouble = "double";    // bits, in hexadecimal
constexpr const char* kDecimal = "decimal";  // unscaled digits
constexpr const char* kBytes = "bytes";      // in hexadecimal: a text that is not UTF-8
constexpr const char* kOrdered = "ordered";  // pg_type.oid and text of what is compared by its values

__int128 ParseInt128(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  unsigned __int128 number = 0;
  for (const char c : digits.substr(negative ? 1 : 0)) number = number * 10 + static_cast<unsigned>(c - '0');
  return static_cast<__int128>(negative ? -number : number);
}

bool IsUtf8(const std::string& text) {
  try {
    (void)Json(text).dump();
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

Json KeyToJson(const KeyValue& value) {
  switch (value.index()) {
    case 1:
      return std::get<1>(value);
    case 2: {
      uint64_t bits = 0;
      std::memcpy(&bits, &std::get<2>(value), sizeof bits);
      char hex[17];
      std::snprintf(hex, sizeof hex, "%016" PRIx64, bits);
      return {{kDouble, hex}};
    }
    case 3: {
      std::string digits;
      postgres::AppendDecimal(std::get<3>(value), 0, &digits);
      return {{kDecimal, digits}};
    }
    case 4:
      if (IsUtf8(std::get<4>(value))) return std::get<4>(value);
      return {{kBytes, HexOf(std::get<4>(value))}};
    case 5:
      return {{kOrdered, Json::array({std::get<5>(value).type, std::get<5>(value).text})}};
    default:
      return nullptr;
  }
}

Result<KeyValue> KeyFromJson(const Json& json) {
  if (json.is_null()) return KeyValue();
  if (json.is_number_integer()) return KeyValue(json.get<int64_t>());
  if (json.is_string()) return KeyValue(json.get<std::string>());
  if (json.contains(kDecimal)) return KeyValue(ParseInt128(json[kDecimal].get<std::string>()));
  if (json.contains(kBytes)) return KeyValue(FromHex(json[kBytes].get<std::string>()));
  if (json.contains(kOrdered)) {
    const Json& of = json[kOrdered];
    return postgres::ToOrderedText(of.at(0).get<uint32_t>(), of.at(1).get<std::string>());
  }
  uint64_t bits = 0;
  const auto hex = json.at(kDouble).get<std::string>();
  std::from_chars(hex.data(), hex.data() + hex.size(), bits, 16);
  double number = 0;
  std::memcpy(&number, &bits, sizeof number);
  return KeyValue(number);
}

/// A column's value in a list of one, MINVALUE as −1 and MAXVALUE as 1.
Json EdgeToJson(const std::vector<RangeEdge>& edge) {
  Json json = Json::array();
  for (const RangeEdge& part : edge) {
    if (part.kind == RangeEdge::Kind::kValue) {
      json.push_back(Json::array({KeyToJson(part.value)}));
    } else {
      json.push_back(static_cast<int>(part.kind));
    }
  }
  return json;
}

Result<std::vector<RangeEdge>> EdgeFromJson(const Json& json) {
  std::vector<RangeEdge> edge;
  for (const Json& part : json) {
    if (part.is_array()) {
      WEIR_ASSIGN_OR_RETURN(KeyValue value, KeyFromJson(part.at(0)));
      edge.push_back({RangeEdge::Kind::kValue, std::move(value)});
    } else {
      edge.push_back({part.get<int>() < 0 ? RangeEdge::Kind::kMinValue : RangeEdge::Kind::kMaxValue, {}});
    }
  }
  return edge;
}

}  // namespace

nlohmann::json StrategyToJson(PartitionStrategy strategy) { return kStrategies[static_cast<size_t>(strategy)]; }

PartitionStrategy StrategyFromJson(const nlohmann::json& json) {
  const auto name = json.get<std::string>();
  for (size_t i = 0; i < kStrategies.size(); ++i) {
    if (kStrategies[i] == name) return static_cast<PartitionStrategy>(i);
  }
  return PartitionStrategy::kRange;
}

nlohmann::json BoundToJson(const PartitionBound& bound) {
  if (const auto* range = std::get_if<RangeBound>(&bound)) {
    return {{"from", EdgeToJson(range->from)}, {"to", EdgeToJson(range->to)}};
  }
  if (const auto* hash = std::get_if<HashBound>(&bound)) {
    return {{"modulus", hash->modulus}, {"remainder", hash->remainder}};
  }
  if (const auto* list = std::get_if<ListBound>(&bound)) {
    Json values = Json::array();
    for (const KeyTuple& tuple : list->values) {
      Json columns = Json::array();
      for (const KeyValue& value : tuple) columns.push_back(KeyToJson(value));
      values.push_back(std::move(columns));
    }
    return {{"in", std::move(values)}};
  }
  return "default";
}

Result<PartitionBound> BoundFromJson(const nlohmann::json& json) {
  if (json.contains("from")) {
    RangeBound range;
    WEIR_ASSIGN_OR_RETURN(range.from, EdgeFromJson(json["from"]));
    WEIR_ASSIGN_OR_RETURN(range.to, EdgeFromJson(json.at("to")));
    return PartitionBound(std::move(range));
  }
  if (json.contains("modulus")) {
    return PartitionBound(HashBound{json["modulus"].get<int32_t>(), json.at("remainder").get<int32_t>()});
  }
  if (!json.contains("in")) return PartitionBound(DefaultBound{});
  ListBound list;
  for (const Json& columns : json["in"]) {
    KeyTuple tuple;
    for (const Json& value : columns) {
      WEIR_ASSIGN_OR_RETURN(KeyValue read, KeyFromJson(value));
      tuple.push_back(std::move(read));
    }
    list.values.push_back(std::move(tuple));
  }
  return PartitionBound(std::move(list));
}

}  // namespace weir
