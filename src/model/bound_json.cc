#include "model/bound_json.h"

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

namespace weir {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 3> kStrategies = {"range", "list", "hash"};

// Keys: a number is an integer, a text is a text, an object says what else its one member holds.
constexpr const char* kDouble = "double";    // bits, in hexadecimal
constexpr const char* kDecimal = "decimal";  // unscaled digits
constexpr const char* kBytes = "bytes";      // in hexadecimal: a text that is not UTF-8

__int128 ParseInt128(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  unsigned __int128 number = 0;
  for (const char c : digits.substr(negative ? 1 : 0)) number = number * 10 + static_cast<unsigned>(c - '0');
  return static_cast<__int128>(negative ? -number : number);
}

std::string Int128Text(__int128 value) {
  const bool negative = value < 0;
  auto number = negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(number % 10)));
    number /= 10;
  } while (number != 0);
  return negative ? "-" + digits : digits;
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
    case 3:
      return {{kDecimal, Int128Text(std::get<3>(value))}};
    case 4:
      if (IsUtf8(std::get<4>(value))) return std::get<4>(value);
      return {{kBytes, HexOf(std::get<4>(value))}};
    default:
      return nullptr;
  }
}

KeyValue KeyFromJson(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_number_integer()) return json.get<int64_t>();
  if (json.is_string()) return json.get<std::string>();
  if (json.contains(kDecimal)) return ParseInt128(json[kDecimal].get<std::string>());
  if (json.contains(kBytes)) return FromHex(json[kBytes].get<std::string>());
  uint64_t bits = 0;
  const auto hex = json.at(kDouble).get<std::string>();
  std::from_chars(hex.data(), hex.data() + hex.size(), bits, 16);
  double number = 0;
  std::memcpy(&number, &bits, sizeof number);
  return number;
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

std::vector<RangeEdge> EdgeFromJson(const Json& json) {
  std::vector<RangeEdge> edge;
  for (const Json& part : json) {
    if (part.is_array()) {
      edge.push_back({RangeEdge::Kind::kValue, KeyFromJson(part.at(0))});
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

PartitionBound BoundFromJson(const nlohmann::json& json) {
  if (json.contains("from")) return RangeBound{EdgeFromJson(json["from"]), EdgeFromJson(json.at("to"))};
  if (json.contains("modulus")) return HashBound{json["modulus"].get<int32_t>(), json.at("remainder").get<int32_t>()};
  if (!json.contains("in")) return DefaultBound{};
  ListBound list;
  for (const Json& columns : json["in"]) {
    KeyTuple tuple;
    for (const Json& value : columns) tuple.push_back(KeyFromJson(value));
    list.values.push_back(std::move(tuple));
  }
  return list;
}

}  // namespace weir
