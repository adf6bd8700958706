#include "sql/engine/value_settings.h"

#include <cstdlib>

namespace weir::sql {

Result<postgres::Settings> ValueSettings(const Parameters& parameters) {
  const auto text = [&](const char* name) { return parameters.Get(name).value_or(""); };
  postgres::Settings settings;
  WEIR_RETURN_NOT_OK(postgres::SetTimeZone(text("TimeZone"), &settings));
  WEIR_RETURN_NOT_OK(postgres::SetDateStyle(text("DateStyle"), &settings));
  WEIR_RETURN_NOT_OK(postgres::SetIntervalStyle(text("IntervalStyle"), &settings));
  WEIR_RETURN_NOT_OK(postgres::SetByteaOutput(text("bytea_output"), &settings));
  settings.extra_float_digits = std::atoi(text("extra_float_digits").c_str());
  return settings;
}

}  // namespace weir::sql
