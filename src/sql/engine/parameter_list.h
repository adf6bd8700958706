#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::sql {

/// A parameter of a session, as PostgreSQL 15 knows it.
struct KnownParameter {
  enum class Kind {
    kText,
    kFixed,     // cannot be changed
    kOnly,      // no value but this does anything here: others are refused
    kSwitch,    // on or off
    kInteger,   // from `min` to `max`
    kReal,      // the same
    kMemory,    // in kilobytes
    kPages,     // memory in pages of 8 kB
    kTime,      // in milliseconds
    kWord,      // one of `words`
    kEncoding,  // of texts: UTF8
    kDateStyle
  };
  const char* name;
  const char* value;  // the default, as SHOW gives it
  Kind kind = Kind::kText;
  double min = 0;
  double max = 0;
  const char* words = "";  // with commas between them
  const char* context = nullptr;  // null: what is fixed is so for good, and users set the others
};

std::span<const KnownParameter> KnownParameters();
/// By its name, which is case-insensitive; null: there is none.
const KnownParameter* FindParameter(std::string_view name);

/// The value as SHOW gives it; `now`: what holds until then. 22023 for one that the parameter cannot have, 0A000 for
/// one that has no effect here where it should, 55P02 for a parameter that cannot be changed.
Result<std::string> CheckParameter(const KnownParameter& parameter, const std::string& value, const std::string& now);

/// PostgreSQL's word for the values that a parameter has (pg_settings.vartype).
std::string_view TypeOfParameter(const KnownParameter& parameter);
/// Where it is set (pg_settings.context).
std::string_view ContextOfParameter(const KnownParameter& parameter);
/// What its number counts: "kB", "8kB", "ms"; empty for nothing.
std::string_view UnitOfParameter(const KnownParameter& parameter);
/// A value as pg_settings gives it: a number in the parameter's unit, without it.
std::string InOwnUnit(const KnownParameter& parameter, const std::string& value);

/// "250", "250ms", "5s", "1min" as milliseconds; −1 for what is no time.
int64_t MillisecondsOf(const std::string& text);

}  // namespace weir::sql
