#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "cli/command.h"
#include "cli/placement_file.h"
#include "cli/text.h"
#include "placement/explain.h"
#include "postgres/error.h"

namespace weir {
namespace {

using Json = nlohmann::ordered_json;
using placement::NodeId;
using RangeId = placement::Cluster::RangeId;

constexpr size_t kMostShownSteps = 20;
constexpr size_t kWidestPicture = 60;  // nodes

struct PlacementOptions {
  std::string file;
  bool json = false;
};

/// What became of the cluster after one step of the file.
struct Outcome {
  std::string title;
  std::vector<std::string> taken;  // steps of ranges
};

std::string MessageOf(const Status& status) {
  const postgres::ErrorFields fields = postgres::FieldsOf(status);
  return fields.message + (fields.hint.empty() ? "" : "; " + fields.hint);
}

/// The file's cluster at work.
class Simulation {
 public:
  static Result<Simulation> Start(const PlacementFile& file) {
    Simulation simulation(file);
    for (const placement::Node& node : file.nodes) WEIR_RETURN_NOT_OK(simulation.cluster_.Join(node));
    for (const PlacementZone& zone : file.zones) WEIR_RETURN_NOT_OK(simulation.Configure(zone));
    for (const PlacementRange& range : file.ranges) {
      simulation.cluster_.AddRange(simulation.zones_.InForce(range.target), range.replicas);
    }
    return simulation;
  }

  Status Take(const PlacementStep& step) {
    const Status status = std::visit([&](const auto& what) { return Do(what); }, step.what);
    return status.ok() ? status : step.where.Error(MessageOf(status));
  }

  Outcome Converge(std::string title) {
    Outcome outcome{std::move(title), {}};
    cluster_.Converge([&](RangeId range, const placement::Decision& decision) {
      outcome.taken.push_back(label(range) + ": " + placement::DecisionText(decision));
    });
    return outcome;
  }

  const placement::Cluster& cluster() const { return cluster_; }
  const std::string& label(RangeId range) const { return file_->ranges[range].label; }
  std::string_view ConditionAt(RangeId range) const {
    return placement::ConditionOf(cluster_.pool(), cluster_.policy(range), cluster_.replicas(range));
  }
  std::vector<std::string> ViolationsAt(RangeId range) const {
    return placement::Violations(cluster_.pool(), cluster_.policy(range), cluster_.replicas(range));
  }

 private:
  explicit Simulation(const PlacementFile& file) : file_(&file) {}

  Status Configure(const PlacementZone& zone) {
    const Status status = Do(zone);
    return status.ok() ? status : zone.where.Error(MessageOf(status));
  }

  Status Do(const NodeChange& change) {
    for (const NodeId id : change.nodes) WEIR_RETURN_NOT_OK(cluster_.SetState(id, change.state));
    return Status::OK();
  }
  Status Do(const NodeJoins& joins) { return cluster_.Join(joins.node); }
  Status Do(const PlacementZone& zone) {
    WEIR_RETURN_NOT_OK(zones_.Configure(zone.target, zone.assignments, cluster_.pool().nodes()));
    Refit();
    return Status::OK();
  }
  Status Do(const ZoneDiscarded& discarded) {
    WEIR_RETURN_NOT_OK(zones_.Discard(discarded.target).status());
    Refit();
    return Status::OK();
  }

  /// Gives each range the zone that it lies in now. At the start there are zones before there are ranges.
  void Refit() {
    for (RangeId range = 0; range < cluster_.size(); ++range) {
      cluster_.SetZone(range, zones_.InForce(file_->ranges[range].target));
    }
  }

  const PlacementFile* file_;
  placement::ZoneTree zones_;
  placement::Cluster cluster_;
};

std::string ReplicasText(const placement::Replicas& replicas) {
  return fmt::format("{{{}}}", fmt::join(replicas.voters, ","));
}

std::string LeaseText(const placement::Replicas& replicas) {
  return replicas.lease_holder == placement::kNoNode ? "-" : std::to_string(replicas.lease_holder);
}

// --- text ---

std::string ScaleInText(const placement::NodePool& pool, const placement::Node& node) {
  if (node.state != placement::NodeState::kDecommissioning) return "";
  return pool.replicas(node.id) == 0 ? "scale-in complete" : Counted(pool.replicas(node.id), "replica") + " left";
}

void PrintNodes(const placement::NodePool& pool) {
  TextTable text({">NODE", "LOCALITY", "STATE", ">REPLICAS", ">LEASES", "ATTRIBUTES"});
  for (const placement::Node& node : pool.nodes()) {
    std::string state(placement::StateName(node.state));
    if (const std::string scale_in = ScaleInText(pool, node); !scale_in.empty()) state += ", " + scale_in;
    text.Add({std::to_string(node.id), placement::LocalityText(node.locality), state, Grouped(pool.replicas(node.id)),
              Grouped(pool.leases(node.id)), fmt::format("{}", fmt::join(node.attributes, ","))});
  }
  fmt::print("{}", text.ToString("  "));
}

/// "L" the lease, "o" a replica, "x" a replica that does not answer.
std::string MarkOf(const placement::NodePool& pool, const placement::Replicas& replicas, NodeId id) {
  if (replicas.lease_holder == id) return "L";
  if (std::ranges::find(replicas.voters, id) == replicas.voters.end()) return ".";
  return placement::IsUp(pool.state(id)) ? "o" : "x";
}

/// A row a range and, unless there are too many, a column a node.
void PrintRanges(const Simulation& simulation) {
  const placement::NodePool& pool = simulation.cluster().pool();
  const bool draws = pool.nodes().size() <= kWidestPicture;
  std::vector<std::string> headers{"RANGE", "REPLICAS", ">LEASE"};
  for (const placement::Node& node : pool.nodes()) {
    if (draws) headers.push_back(">" + std::to_string(node.id));
  }
  headers.push_back("CONDITION");
  TextTable text(headers);
  for (RangeId range = 0; range < simulation.cluster().size(); ++range) {
    const placement::Replicas& replicas = simulation.cluster().replicas(range);
    std::vector<std::string> row{simulation.label(range), ReplicasText(replicas), LeaseText(replicas)};
    for (const placement::Node& node : pool.nodes()) {
      if (draws) row.push_back(MarkOf(pool, replicas, node.id));
    }
    row.emplace_back(simulation.ConditionAt(range));
    text.Add(std::move(row));
  }
  fmt::print("\n{}", text.ToString("  "));
}

void PrintViolations(const Simulation& simulation) {
  bool is_first = true;
  for (RangeId range = 0; range < simulation.cluster().size(); ++range) {
    for (const std::string& violation : simulation.ViolationsAt(range)) {
      fmt::print("{}  {}: {}\n", std::exchange(is_first, false) ? "\n" : "", simulation.label(range), violation);
    }
  }
}

void PrintTaken(const std::vector<std::string>& taken) {
  for (size_t i = 0; i < std::min(taken.size(), kMostShownSteps); ++i) fmt::print("  {}\n", taken[i]);
  if (taken.size() > kMostShownSteps) {
    fmt::print("  … and {} more\n", Grouped(static_cast<int64_t>(taken.size() - kMostShownSteps)));
  }
  if (!taken.empty()) fmt::print("\n");
}

/// How ranges came to be where they are at the start is of no interest.
void PrintOutcome(const Simulation& simulation, const Outcome& outcome, bool is_start) {
  fmt::print("{}{}\n", is_start ? "" : "\n", outcome.title);
  if (!is_start) PrintTaken(outcome.taken);
  PrintNodes(simulation.cluster().pool());
  PrintRanges(simulation);
  PrintViolations(simulation);
}

// --- JSON ---

Json OutcomeJson(const Simulation& simulation, const Outcome& outcome) {
  const placement::NodePool& pool = simulation.cluster().pool();
  Json json{{"title", outcome.title}, {"taken", outcome.taken}, {"nodes", Json::array()}, {"ranges", Json::array()}};
  for (const placement::Node& node : pool.nodes()) {
    json["nodes"].push_back({{"id", node.id},
                             {"locality", placement::LocalityText(node.locality)},
                             {"state", placement::StateName(node.state)},
                             {"replicas", pool.replicas(node.id)},
                             {"leases", pool.leases(node.id)}});
  }
  for (RangeId range = 0; range < simulation.cluster().size(); ++range) {
    const placement::Replicas& replicas = simulation.cluster().replicas(range);
    Json holder;
    if (replicas.lease_holder != placement::kNoNode) holder = replicas.lease_holder;
    json["ranges"].push_back({{"range", simulation.label(range)},
                              {"replicas", replicas.voters},
                              {"lease_holder", holder},
                              {"condition", simulation.ConditionAt(range)},
                              {"violations", simulation.ViolationsAt(range)}});
  }
  return json;
}

Status RunPlacement(const PlacementOptions& options) {
  WEIR_ASSIGN_OR_RETURN(const PlacementFile file, ReadPlacementFile(options.file));
  WEIR_ASSIGN_OR_RETURN(Simulation simulation, Simulation::Start(file));
  Json outcomes = Json::array();
  const auto show = [&](const Outcome& outcome, bool is_start) {
    if (options.json) {
      outcomes.push_back(OutcomeJson(simulation, outcome));
    } else {
      PrintOutcome(simulation, outcome, is_start);
    }
  };
  show(simulation.Converge("Start"), true);
  for (size_t i = 0; i < file.steps.size(); ++i) {
    WEIR_RETURN_NOT_OK(simulation.Take(file.steps[i]));
    show(simulation.Converge(fmt::format("Step {}: {}", i + 1, file.steps[i].title)), false);
  }
  if (options.json) fmt::print("{}\n", outcomes.dump(2, ' ', false, Json::error_handler_t::replace));
  return Status::OK();
}

}  // namespace

void AddPlacement(CLI::App& app, Action* action) {
  CLI::App* command =
      app.add_subcommand("placement", "Simulates where replicas and leases go in a cluster that a file describes.");
  const auto options = std::make_shared<PlacementOptions>();
  command->add_option("file", options->file, "JSON: nodes, zones and steps; - is standard input")
      ->required()
      ->type_name("FILE");
  command->add_flag("--json", options->json, "Prints JSON");
  command->callback([options, action] { *action = [options] { return RunPlacement(*options); }; });
}

}  // namespace weir
