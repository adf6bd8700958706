#pragma once

#include <optional>
#include <string_view>

#include "postgres/value/date_time.h"
#include "postgres/value/interval.h"
#include "postgres/value/numeric.h"

namespace weir::sql::duck {

/// extract(unit FROM value): NULL for most fields of an infinite one. Throws 22023 for a unit that is none, 0A000 for
/// one that such values do not have.
std::optional<postgres::Numeric> FieldOf(std::string_view unit, postgres::Timestamp local);
std::optional<postgres::Numeric> FieldOf(std::string_view unit, postgres::Timestamp moment,
                                         const postgres::Settings& settings);
std::optional<postgres::Numeric> FieldOf(std::string_view unit, postgres::Date date);
std::optional<postgres::Numeric> FieldOf(std::string_view unit, const postgres::Interval& interval);
std::optional<postgres::Numeric> FieldOf(std::string_view unit, postgres::Time time);
std::optional<postgres::Numeric> FieldOf(std::string_view unit, postgres::TimeTz time);

/// date_trunc(unit, value). `type`: what errors call the value's type.
postgres::Timestamp Truncated(std::string_view unit, postgres::Timestamp local,
                              const char* type = "timestamp without time zone");
postgres::Interval Truncated(std::string_view unit, const postgres::Interval& interval);

/// interval / number: fractions of months become days, those of days the clock's time. 22012 for 0.
postgres::Interval DividedInterval(const postgres::Interval& value, double divisor);

}  // namespace weir::sql::duck
