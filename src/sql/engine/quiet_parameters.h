#pragma once

#include <span>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::sql {

/// A parameter of PostgreSQL's or Cloudberry's that says how statements are to be run, which is decided otherwise here,
/// and that changes no answer: it is checked, kept and shown.
struct QuietParameter {
  enum class Kind {
    kSwitch,
    kText,  // numbers, amounts of memory, names
    kOnly,  // another value would mean something: 0A000
  };
  std::string_view name;  // lower case
  std::string_view value;
  Kind kind = Kind::kSwitch;
};

std::span<const QuietParameter> QuietParameters();
/// Null for any other name.
const QuietParameter* FindQuietParameter(std::string_view name);

}  // namespace weir::sql
