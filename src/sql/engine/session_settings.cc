#include <charconv>

#include "sql/session.h"

namespace weir::sql {

postgres::Settings SettingsOf(const Session& session) {
  postgres::Settings settings;
  const auto parameter = [&](std::string_view name) { return session.GetParameter(std::string(name)).value_or(""); };
  // The session has checked them; one that it does not know leaves what holds without it.
  (void)postgres::SetTimeZone(parameter("TimeZone"), &settings);
  (void)postgres::SetDateStyle(parameter("DateStyle"), &settings);
  (void)postgres::SetIntervalStyle(parameter("IntervalStyle"), &settings);
  (void)postgres::SetByteaOutput(parameter("bytea_output"), &settings);
  const std::string digits = parameter("extra_float_digits");
  (void)std::from_chars(digits.data(), digits.data() + digits.size(), settings.extra_float_digits);
  return settings;
}

}  // namespace weir::sql
