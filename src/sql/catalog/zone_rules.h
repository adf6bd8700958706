#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/catalog/zone.h"

namespace weir::sql {

/// A variable of zones.
struct ZoneVariable {
  std::string_view name;
  bool number = false;  // else a text
};
/// In the order in which SHOW prints them.
std::span<const ZoneVariable> ZoneVariables();

/// One assignment of CONFIGURE ZONE USING, its value evaluated.
struct AssignedZoneValue {
  std::string variable;
  bool copy_from_parent = false;
  std::optional<std::string> value;  // nothing: NULL
  std::string type;                  // the kind of the value as KWDB calls it: "int", "string"; empty: it fits
  int position = 0;
};

/// KWDB's rules on the statement alone, in the order of its checks: 22023 a variable twice or unknown, 42804 a value of
/// another type, 0A000 constraints or lease preferences of anything but a partition, 22023 NULL.
Status CheckZoneAssignments(std::span<const AssignedZoneValue> assignments, bool of_partition);

/// `own` after the assignments. `parent`: what holds for what the object inherits from. 22023 for constraints that cannot
/// be read, 23514 for those that contradict each other.
Result<ZoneFields> AssignZone(ZoneFields own, std::span<const AssignedZoneValue> assignments, const ZoneFields& parent);

/// KWDB's rules on a zone as it would be in force (23514), and on what its object itself has set (22023, with a HINT).
Status CheckZone(const ZoneFields& own, const ZoneFields& in_force);

}  // namespace weir::sql
