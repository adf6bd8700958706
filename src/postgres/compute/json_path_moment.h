#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "postgres/type.h"
#include "postgres/value/settings.h"
#include "weir/status.h"

namespace weir::postgres {

/// A date or time that a JSON path's method datetime() has made of a string.
struct JsonMoment {
  Oid type = 0;      // date, time, timetz, timestamp or timestamptz
  std::string text;  // ISO 8601, with the zone that was given
};

/// By one of ISO 8601's forms. 22031 for a text of none of them.
Result<JsonMoment> ReadJsonMoment(std::string_view text);

/// By a template of SQL/JSON. 22007 and 22008; `bad_template`: whether that is what is wrong, whatever the text is.
Result<JsonMoment> ReadJsonMoment(std::string_view text, std::string_view pattern, bool* bad_template);

/// Nothing for a date and a time of day. `settings`: their zone is that of moments which have none; null: 0A000 where
/// one is needed.
Result<std::optional<std::strong_ordering>> CompareJsonMoments(const JsonMoment& a, const JsonMoment& b,
                                                               const Settings* settings);

}  // namespace weir::postgres
