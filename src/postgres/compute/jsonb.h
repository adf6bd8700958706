#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/status.h"

namespace weir::postgres {

/// Functions of jsonb (PostgreSQL's manual, section 9.16) on canonical texts, whose parts json_text.h finds as they
/// are canonical themselves. Results are canonical texts.

using JsonbPath = std::span<const std::optional<std::string>>;

/// a || b: two objects become one, everything else an array.
Result<std::string> JsonbConcat(std::string_view a, std::string_view b);
/// a @> b
Result<bool> JsonbContains(std::string_view a, std::string_view b);
/// jsonb ? key: of an object a key, of an array a string among its elements, of a string itself.
Result<bool> JsonbExists(std::string_view json, std::string_view key);
/// jsonb - key, - n. 22023 for a scalar (and for n: an object).
Result<std::string> JsonbDelete(std::string_view json, std::span<const std::optional<std::string>> keys);
Result<std::string> JsonbDeleteElement(std::string_view json, int32_t at);
/// jsonb #- path
Result<std::string> JsonbDeletePath(std::string_view json, JsonbPath path);
/// jsonb_set(); 22P02 for a path step that is no integer where an array stands. 22004 for NULL in the path.
Result<std::string> JsonbSet(std::string_view json, JsonbPath path, std::string_view value, bool create_missing);
Result<std::string> JsonbInsert(std::string_view json, JsonbPath path, std::string_view value, bool after);
/// SET json[step]… = value: what the path does not find is made, arrays are filled up with null. 22023 for a scalar on
/// the way.
Result<std::string> JsonbWithElement(std::string_view json, JsonbPath path, std::string_view value);
std::string JsonbPretty(std::string_view json);
Result<std::string> JsonbWithoutNulls(std::string_view json);

}  // namespace weir::postgres
