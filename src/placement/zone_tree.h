#pragma once

#include <compare>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "placement/zone.h"
#include "weir/status.h"

namespace weir::placement {

/// What a zone is set on. The names that its kind does not have are empty.
struct ZoneTarget {
  enum class Kind { kRange, kDatabase, kTable, kIndex, kPartition };
  std::string database;  // of kRange: the range's name, "default"
  std::string schema;
  std::string table;
  std::string index;
  std::string partition;
  Kind kind = Kind::kRange;

  static ZoneTarget Range(std::string name) { return {std::move(name), {}, {}, {}, {}, Kind::kRange}; }
  static ZoneTarget Database(std::string name) { return {std::move(name), {}, {}, {}, {}, Kind::kDatabase}; }

  auto operator<=>(const ZoneTarget&) const = default;
};

/// The zones that are set, and what objects inherit: partition, index, table, database, RANGE default, in this order.
/// Every call is O(log n) in the number of zones.
class ZoneTree {
 public:
  /// With the zones of KWDB's internal ranges.
  ZoneTree();

  /// What was set on the object itself; null where nothing ever was.
  const ZoneFields* Find(const ZoneTarget& target) const;
  /// The zone that the object lies in.
  Zone InForce(const ZoneTarget& target) const;

  /// CONFIGURE ZONE USING …: the errors of CheckAssignments, Assign and CheckZone, 42704 for a range that is not built
  /// in. An error changes nothing.
  Status Configure(const ZoneTarget& target, std::span<const ZoneAssignment> assignments, std::span<const Node> nodes);
  /// DISCARD: how many zones there were to remove, 0 or 1; 23514 for RANGE default.
  Result<int> Discard(const ZoneTarget& target);

 private:
  std::map<ZoneTarget, ZoneFields> zones_;
};

}  // namespace weir::placement
