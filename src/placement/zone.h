#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "placement/constraint.h"
#include "placement/node.h"
#include "weir/status.h"

namespace weir::placement {

/// A whole zone configuration. As it is made: what KWDB ships RANGE default with.
struct Zone {
  int64_t range_min_bytes = 134'217'728;
  int64_t range_max_bytes = 536'870'912;
  int64_t gc_ttl_seconds = 90'000;
  int64_t num_replicas = 3;
  Constraints constraints;
  LeasePreferences lease_preferences;
  bool operator==(const Zone&) const = default;
};

/// What was set on one object; the rest it inherits.
struct ZoneFields {
  std::optional<int64_t> range_min_bytes;
  std::optional<int64_t> range_max_bytes;
  std::optional<int64_t> gc_ttl_seconds;
  std::optional<int64_t> num_replicas;
  std::optional<Constraints> constraints;
  std::optional<LeasePreferences> lease_preferences;
  bool operator==(const ZoneFields&) const = default;
};

ZoneFields AllFields(const Zone& zone);
Zone Inherit(const ZoneFields& own, const Zone& parent);

/// A variable of zones.
struct ZoneVariable {
  std::string_view name;
  bool number = false;  // else a text
};
/// In the order in which SHOW prints them.
std::span<const ZoneVariable> ZoneVariables();

/// What CONFIGURE ZONE USING gives a variable.
struct CopyFromParent {
  bool operator==(const CopyFromParent&) const = default;
};
/// A value of a kind that no variable has, by KWDB's name of it: "decimal".
struct OtherKind {
  std::string name;
  bool operator==(const OtherKind&) const = default;
};
using AssignedValue = std::variant<std::monostate, CopyFromParent, int64_t, std::string, OtherKind>;  // monostate: NULL
struct ZoneAssignment {
  std::string variable;  // "num_replicas", "gc.ttlseconds", …
  AssignedValue value;
};

/// Rules on the statement alone, in the order of KWDB's checks: 22023 a variable twice or unknown, 42804 and 22P02 a
/// value of another type, 0A000 constraints or lease preferences of anything but a partition, 22023 NULL.
Status CheckAssignments(std::span<const ZoneAssignment> assignments, bool of_partition);

/// `own` after the assignments, which CheckAssignments has passed: 22023 for a text of constraints or lease preferences
/// that cannot be read; 23514 for constraints that contradict each other or ask for what no node is. Nodes that are not
/// known are not looked at.
Result<ZoneFields> Assign(ZoneFields own, std::span<const ZoneAssignment> assignments, const Zone& parent,
                          std::optional<std::span<const Node>> nodes);

/// KWDB's rules on a zone as it would be in force (23514), and on what its object itself has set (22023, with a HINT).
Status CheckZone(const ZoneFields& own, const Zone& in_force);

}  // namespace weir::placement
