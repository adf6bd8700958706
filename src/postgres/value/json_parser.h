#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/status.h"

namespace weir::postgres {

/// A value of JSON as it is written; numbers by their text.
struct JsonValue {
  enum class Kind : uint8_t { kNull, kString, kNumber, kBool, kArray, kObject };  // in jsonb's order, all but objects

  // Elsewhere, since a pair asks what its members can do while this type is not complete yet.
  JsonValue();
  JsonValue(const JsonValue& other);
  JsonValue(JsonValue&& other) noexcept;
  JsonValue& operator=(const JsonValue& other);
  JsonValue& operator=(JsonValue&& other) noexcept;
  ~JsonValue();

  Kind kind = Kind::kNull;
  bool truth = false;
  std::string text;                                          // of strings without escapes, and of numbers
  std::vector<JsonValue> elements;                           // of arrays
  std::vector<std::pair<std::string, JsonValue>> fields;  // of objects, as written
};

/// Whether escapes of strings are replaced, and their characters checked: jsonb does, json does not.
enum class JsonEscapes : uint8_t { kKeep, kReplace };

/// Errors as json.h says.
Result<JsonValue> ParseJson(std::string_view text, JsonEscapes escapes);
/// A jsonb as it is stored; XX001 for what is no JSON.
Result<JsonValue> ReadStoredJsonb(std::string_view json);

}  // namespace weir::postgres
