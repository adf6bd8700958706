#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "placement/zone.h"
#include "sql/catalog/zone.h"

namespace weir::sql {

// The rules are placement's (placement/zone.h): here are the values as statements and the catalog have them.
using placement::ZoneVariable;
using placement::ZoneVariables;

/// One assignment of CONFIGURE ZONE USING, its value evaluated.
struct AssignedZoneValue {
  std::string variable;
  bool copy_from_parent = false;
  std::optional<std::string> value;  // nothing: NULL
  std::string type;                  // the kind of the value as KWDB calls it: "int", "string"; empty: it fits
  int position = 0;
};

/// placement::CheckAssignments, with the place of a value of another type.
Status CheckZoneAssignments(std::span<const AssignedZoneValue> assignments, bool of_partition);

/// placement::Assign. `parent`: what holds for what the object inherits from. `nodes`: those that constraints are held
/// to; empty: constraints that no node satisfies are kept.
Result<ZoneFields> AssignZone(const ZoneFields& own, std::span<const AssignedZoneValue> assignments,
                              const ZoneFields& parent, std::span<const placement::Node> nodes);

/// What holds for an object, as placement reads it.
Result<placement::Zone> PlacementZone(const ZoneFields& in_force);

/// placement::CheckZone.
Status CheckZone(const ZoneFields& own, const ZoneFields& in_force);

}  // namespace weir::sql
