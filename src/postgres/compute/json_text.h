#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/status.h"

namespace weir::postgres {

/// Functions of json (PostgreSQL's manual, section 9.16): a checked text, whose parts are given as they are written.

/// What stands between two commas or brackets, without blanks around it.
using JsonPart = std::string_view;

/// Escapes that stand for no character are an error, as in a jsonb: json keeps them, and what looks into it does not.
Status CheckEscapes(JsonPart json);
/// "object", "array", "string", "number", "boolean", "null".
std::string_view JsonTypeOf(JsonPart json);
/// The fields of an object, with keys without escapes; absent for what is no object.
std::optional<std::vector<std::pair<std::string, JsonPart>>> JsonFields(JsonPart json);
/// The elements of an array; absent for what is none.
std::optional<std::vector<JsonPart>> JsonElements(JsonPart json);
/// json -> 'field': the last of equal keys.
std::optional<JsonPart> JsonField(JsonPart json, std::string_view key);
/// json -> n: negative ones count from the end.
std::optional<JsonPart> JsonElement(JsonPart json, int32_t at);
/// json #> path; a NULL in the path gives nothing.
std::optional<JsonPart> JsonAtPath(JsonPart json, std::span<const std::optional<std::string>> path);
/// What ->> and its like make of a part: a string without quotes and escapes, nothing of null.
Result<std::optional<std::string>> JsonPartText(JsonPart json);
/// Without the fields of objects that are null.
std::string JsonWithoutNulls(JsonPart json);

}  // namespace weir::postgres
