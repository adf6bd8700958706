#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "postgres/value.h"
#include "weir/status.h"

namespace weir::postgres {

/// How JSON shows values of SQL (PostgreSQL's manual, section 9.16: to_json and its like).

/// A value that is neither an array nor a row: numbers and truth values as they are, json and jsonb too, moments by
/// ISO 8601, all others as strings of their text. NULL becomes null.
void AppendJsonOf(Oid type, const Value& value, const Settings& settings, std::string* out);
/// The same as an object's key, in quotes. 22023 for json, arrays and rows.
Status AppendJsonKeyOf(Oid type, const Value& value, const Settings& settings, std::string* out);

/// json_object: from alternating keys and values, or from two arrays. 22004 for a NULL among the keys.
Result<std::string> JsonObjectOfTexts(std::span<const std::optional<std::string>> keys,
                                      std::span<const std::optional<std::string>> values);

/// A jsonb as a number. 22023 for what is none; `type` names the cast's target.
Result<Numeric> NumericOfJsonb(std::string_view json, std::string_view type);
Result<bool> BoolOfJsonb(std::string_view json);

}  // namespace weir::postgres
