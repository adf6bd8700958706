#pragma once

#include <string>
#include <variant>
#include <vector>

#include "cli/json_file.h"
#include "placement/cluster.h"
#include "placement/zone_tree.h"
#include "weir/status.h"

namespace weir {

/// The zone of an object, as a file has it, and where.
struct PlacementZone {
  placement::ZoneTarget target;
  std::vector<placement::ZoneAssignment> assignments;
  JsonField where;
};

/// The rows of a table outside of its partitions, or of a partition: one range.
struct PlacementRange {
  std::string label;  // "db.t", "db.t/p"
  placement::ZoneTarget target;
  placement::Replicas replicas;  // where they are at the start
};

struct NodeChange {
  std::vector<placement::NodeId> nodes;
  placement::NodeState state;
};
struct NodeJoins {
  placement::Node node;
};
struct ZoneDiscarded {
  placement::ZoneTarget target;
};
struct PlacementStep {
  std::string title;
  std::variant<NodeChange, NodeJoins, PlacementZone, ZoneDiscarded> what;
  JsonField where;
};

/// What `weir placement` reads (docs/placement.md has the fields).
struct PlacementFile {
  std::vector<placement::Node> nodes;
  std::vector<PlacementZone> zones;    // parents first
  std::vector<PlacementRange> ranges;  // in the order of the file
  std::vector<PlacementStep> steps;
};

/// Code -2 with file, line and field for what is no such file. Whether zones are valid shows when they are set.
Result<PlacementFile> ReadPlacementFile(const std::string& path);

}  // namespace weir
