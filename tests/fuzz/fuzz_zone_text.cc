/// Constraints and lease preferences that are read are written in a form that is read as the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "placement/constraint.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace placement = weir::placement;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto constraints = placement::ParseConstraints(text); constraints.ok()) {
    const auto again = placement::ParseConstraints(placement::ConstraintsText(*constraints));
    Require(again.ok() && *again == *constraints);
  }
  if (const auto preferences = placement::ParseLeasePreferences(text); preferences.ok()) {
    const auto again = placement::ParseLeasePreferences(placement::LeasePreferencesText(*preferences));
    Require(again.ok() && *again == *preferences);
  }
  static_cast<void>(placement::ParseLocality(text));
  return 0;
}
