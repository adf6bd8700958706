#include "cli/placement_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace weir {
namespace {

using placement::NodeId;
using placement::ZoneTarget;

constexpr NodeId kMaxNodeId = std::numeric_limits<NodeId>::max();

Result<NodeId> ReadNodeId(const JsonField& field) {
  WEIR_ASSIGN_OR_RETURN(const int64_t id, field.Integer(1, kMaxNodeId));
  return static_cast<NodeId>(id);
}

Result<placement::NodeState> ReadState(const JsonField& field) {
  WEIR_ASSIGN_OR_RETURN(const std::string name, field.Text());
  const std::optional<placement::NodeState> state = placement::ParseState(name);
  if (!state) return field.Error(fmt::format("is to be one of {}", fmt::join(placement::StateNames(), ", ")));
  return *state;
}

Result<placement::Node> ReadNode(const JsonField& field) {
  WEIR_RETURN_NOT_OK(field.CheckFields({"id", "locality", "attributes", "state", "disk_used_percent"}));
  placement::Node node;
  WEIR_ASSIGN_OR_RETURN(const JsonField id, field.Get("id"));
  WEIR_ASSIGN_OR_RETURN(node.id, ReadNodeId(id));
  std::string locality = fmt::format("region=NODE{}", node.id);
  const std::optional<JsonField> own_locality = field.Find("locality");
  if (own_locality) {
    WEIR_ASSIGN_OR_RETURN(locality, own_locality->Text());
  }
  Result<placement::Locality> parsed = placement::ParseLocality(locality);
  if (!parsed.ok()) return own_locality->Error(parsed.status().message());
  node.locality = parsed.MoveValue();
  WEIR_ASSIGN_OR_RETURN(const auto attributes, field.ItemsOf("attributes"));
  for (const JsonField& attribute : attributes) {
    WEIR_ASSIGN_OR_RETURN(std::string text, attribute.Text());
    node.attributes.push_back(std::move(text));
  }
  if (const auto state = field.Find("state")) {
    WEIR_ASSIGN_OR_RETURN(node.state, ReadState(*state));
  }
  if (const auto used = field.Find("disk_used_percent")) {
    WEIR_ASSIGN_OR_RETURN(const int64_t percent, used->Integer(0, 100));
    node.disk_used_percent = static_cast<int>(percent);
  }
  return node;
}

/// A list or a map of constraints may stand as JSON, too: it is read as its text.
Result<placement::AssignedValue> ReadValue(const JsonField& field) {
  const JsonField::Json& json = field.json();
  if (json.is_null()) return placement::AssignedValue();
  if (json.is_array() || json.is_object()) return placement::AssignedValue(json.dump());
  if (json.is_string()) {
    if (json == "COPY FROM PARENT") return placement::AssignedValue(placement::CopyFromParent());
    return placement::AssignedValue(json.get<std::string>());
  }
  WEIR_ASSIGN_OR_RETURN(const int64_t number,
                        field.Integer(std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()));
  return placement::AssignedValue(number);
}

Result<PlacementZone> ReadZone(const JsonField& field, ZoneTarget target) {
  if (!field.json().is_object()) return field.Error("is to be an object of zone configuration variables");
  PlacementZone zone{std::move(target), {}, field};
  for (const auto& [variable, value] : field.json().items()) {
    WEIR_ASSIGN_OR_RETURN(const JsonField at, field.Get(variable));
    WEIR_ASSIGN_OR_RETURN(placement::AssignedValue assigned, ReadValue(at));
    zone.assignments.push_back({variable, std::move(assigned)});
  }
  return zone;
}

/// How steps speak of an object.
std::string SpellingOf(const ZoneTarget& target) {
  if (target.kind == ZoneTarget::Kind::kDatabase) return "DATABASE " + target.database;
  const std::string table = fmt::format("TABLE {}.{}", target.database, target.table);
  return target.partition.empty() ? table : fmt::format("PARTITION {} OF {}", target.partition, table);
}

class PlacementReader {
 public:
  Result<PlacementFile> Read(const JsonField& whole) {
    WEIR_RETURN_NOT_OK(whole.CheckFields({"nodes", "default_zone", "databases", "steps"}));
    WEIR_RETURN_NOT_OK(ReadNodes(whole));
    targets_["RANGE default"] = ZoneTarget::Range("default");
    if (const auto zone = whole.Find("default_zone")) {
      WEIR_RETURN_NOT_OK(AddZone(*zone, ZoneTarget::Range("default")));
    }
    WEIR_ASSIGN_OR_RETURN(const auto databases, whole.ItemsOf("databases"));
    for (const JsonField& database : databases) WEIR_RETURN_NOT_OK(ReadDatabase(database));
    WEIR_ASSIGN_OR_RETURN(const auto steps, whole.ItemsOf("steps"));
    for (const JsonField& step : steps) WEIR_RETURN_NOT_OK(ReadStep(step));
    return std::move(file_);
  }

 private:
  Status ReadNodes(const JsonField& whole) {
    WEIR_ASSIGN_OR_RETURN(const JsonField nodes, whole.Get("nodes"));
    WEIR_ASSIGN_OR_RETURN(const auto items, nodes.Items());
    for (const JsonField& item : items) {
      WEIR_ASSIGN_OR_RETURN(placement::Node node, ReadNode(item));
      if (HasNode(node.id)) return item.Error(fmt::format("node {} comes twice", node.id));
      file_.nodes.push_back(std::move(node));
    }
    return Status::OK();
  }

  bool HasNode(NodeId id) const {
    return std::ranges::find(file_.nodes, id, &placement::Node::id) != file_.nodes.end();
  }

  Status AddZone(const JsonField& field, const ZoneTarget& target) {
    WEIR_ASSIGN_OR_RETURN(PlacementZone zone, ReadZone(field, target));
    file_.zones.push_back(std::move(zone));
    return Status::OK();
  }

  /// The object's name, which completes its target, and its zone.
  Status ReadObject(const JsonField& field, std::string ZoneTarget::*name, ZoneTarget* target) {
    WEIR_ASSIGN_OR_RETURN(const JsonField at, field.Get("name"));
    WEIR_ASSIGN_OR_RETURN(target->*name, at.Text());
    if ((target->*name).empty()) return at.Error("is empty");
    const std::string spelling = SpellingOf(*target);
    if (!targets_.try_emplace(spelling, *target).second) return at.Error(fmt::format("{} comes twice", spelling));
    if (const auto zone = field.Find("zone")) WEIR_RETURN_NOT_OK(AddZone(*zone, *target));
    return Status::OK();
  }

  Status ReadDatabase(const JsonField& field) {
    WEIR_RETURN_NOT_OK(field.CheckFields({"name", "zone", "tables"}));
    ZoneTarget target = ZoneTarget::Database({});
    WEIR_RETURN_NOT_OK(ReadObject(field, &ZoneTarget::database, &target));
    WEIR_ASSIGN_OR_RETURN(const auto tables, field.ItemsOf("tables"));
    for (const JsonField& table : tables) WEIR_RETURN_NOT_OK(ReadTable(table, target.database));
    return Status::OK();
  }

  Status ReadTable(const JsonField& field, const std::string& database) {
    WEIR_RETURN_NOT_OK(field.CheckFields({"name", "zone", "partitions", "replicas", "lease_holder"}));
    ZoneTarget target{database, "public", {}, {}, {}, ZoneTarget::Kind::kTable};
    WEIR_RETURN_NOT_OK(ReadObject(field, &ZoneTarget::table, &target));
    WEIR_RETURN_NOT_OK(AddRange(field, fmt::format("{}.{}", database, target.table), target));
    target.kind = ZoneTarget::Kind::kPartition;
    target.index = "primary";
    WEIR_ASSIGN_OR_RETURN(const auto partitions, field.ItemsOf("partitions"));
    for (const JsonField& partition : partitions) WEIR_RETURN_NOT_OK(ReadPartition(partition, target));
    return Status::OK();
  }

  Status ReadPartition(const JsonField& field, ZoneTarget target) {
    WEIR_RETURN_NOT_OK(field.CheckFields({"name", "zone", "replicas", "lease_holder"}));
    WEIR_RETURN_NOT_OK(ReadObject(field, &ZoneTarget::partition, &target));
    return AddRange(field, fmt::format("{}.{}/{}", target.database, target.table, target.partition), target);
  }

  Status AddRange(const JsonField& field, std::string label, const ZoneTarget& target) {
    PlacementRange range{std::move(label), target, {}};
    WEIR_ASSIGN_OR_RETURN(const auto replicas, field.ItemsOf("replicas"));
    for (const JsonField& replica : replicas) {
      WEIR_ASSIGN_OR_RETURN(const NodeId id, ReadNodeId(replica));
      if (!HasNode(id)) return replica.Error(fmt::format("node {} is not known", id));
      if (std::ranges::find(range.replicas.voters, id) != range.replicas.voters.end()) {
        return replica.Error(fmt::format("node {} has a replica already", id));
      }
      range.replicas.voters.push_back(id);
    }
    if (const auto holder = field.Find("lease_holder")) {
      WEIR_ASSIGN_OR_RETURN(range.replicas.lease_holder, ReadNodeId(*holder));
      const auto& voters = range.replicas.voters;
      if (std::ranges::find(voters, range.replicas.lease_holder) == voters.end()) {
        return holder->Error(fmt::format("node {} has no replica", range.replicas.lease_holder));
      }
    }
    file_.ranges.push_back(std::move(range));
    return Status::OK();
  }

  Result<ZoneTarget> ReadTarget(const JsonField& field) const {
    WEIR_ASSIGN_OR_RETURN(const std::string spelling, field.Text());
    const auto found = targets_.find(spelling);
    if (found != targets_.end()) return found->second;
    return field.Error(fmt::format(
        "there is no \"{}\"; objects are written as RANGE default, DATABASE d, TABLE d.t, PARTITION p OF TABLE d.t",
        spelling));
  }

  Result<NodeChange> ReadChange(const JsonField& field) const {
    WEIR_RETURN_NOT_OK(field.CheckFields({"title", "node", "state"}));
    WEIR_ASSIGN_OR_RETURN(const JsonField node, field.Get("node"));
    std::vector<JsonField> nodes{node};
    if (node.json().is_array()) {
      WEIR_ASSIGN_OR_RETURN(nodes, node.Items());
    }
    NodeChange change{};
    for (const JsonField& one : nodes) {
      WEIR_ASSIGN_OR_RETURN(const NodeId id, ReadNodeId(one));
      change.nodes.push_back(id);
    }
    WEIR_ASSIGN_OR_RETURN(const JsonField state, field.Get("state"));
    WEIR_ASSIGN_OR_RETURN(change.state, ReadState(state));
    return change;
  }

  Status AddStep(const JsonField& field, std::string title, decltype(PlacementStep::what) what) {
    if (const auto own = field.Find("title")) {
      WEIR_ASSIGN_OR_RETURN(title, own->Text());
    }
    file_.steps.push_back({std::move(title), std::move(what), field});
    return Status::OK();
  }

  Status ReadStep(const JsonField& field) {
    if (field.Find("node")) {
      WEIR_ASSIGN_OR_RETURN(NodeChange change, ReadChange(field));
      std::string title = fmt::format("node {}: {}", fmt::join(change.nodes, ", "), placement::StateName(change.state));
      return AddStep(field, std::move(title), std::move(change));
    }
    if (const auto join = field.Find("join")) {
      WEIR_RETURN_NOT_OK(field.CheckFields({"title", "join"}));
      WEIR_ASSIGN_OR_RETURN(placement::Node node, ReadNode(*join));
      std::string title = fmt::format("node {} joins", node.id);
      return AddStep(field, std::move(title), NodeJoins{std::move(node)});
    }
    if (const auto configure = field.Find("configure")) {
      WEIR_RETURN_NOT_OK(field.CheckFields({"title", "configure", "zone"}));
      WEIR_ASSIGN_OR_RETURN(const ZoneTarget target, ReadTarget(*configure));
      WEIR_ASSIGN_OR_RETURN(const JsonField zone, field.Get("zone"));
      WEIR_ASSIGN_OR_RETURN(PlacementZone read, ReadZone(zone, target));
      return AddStep(field, "configure " + configure->json().get<std::string>(), std::move(read));
    }
    if (const auto discard = field.Find("discard")) {
      WEIR_RETURN_NOT_OK(field.CheckFields({"title", "discard"}));
      WEIR_ASSIGN_OR_RETURN(ZoneTarget target, ReadTarget(*discard));
      return AddStep(field, "discard the zone of " + discard->json().get<std::string>(),
                     ZoneDiscarded{std::move(target)});
    }
    return field.Error("a step has one of the fields node, join, configure, discard");
  }

  PlacementFile file_;
  std::map<std::string, ZoneTarget> targets_;  // by how steps speak of them
};

}  // namespace

Result<PlacementFile> ReadPlacementFile(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const JsonField whole, JsonField::Open(path));
  return PlacementReader().Read(whole);
}

}  // namespace weir
