#include "sql/system/kwdb_placement.h"

#include <algorithm>
#include <set>

#include "gateway/gateway.h"
#include "placement/explain.h"
#include "sql/catalog/zone_rules.h"
#include "sql/engine/errors.h"
#include "sql/engine/session_view.h"

namespace weir::sql {

KwdbPlacement::KwdbPlacement(const SystemSources& sources) {
  Gateway* const target = sources.sessions == nullptr ? nullptr : sources.sessions->gateway;
  cluster_ = ClusterServers::Of(target);
  nodes_ = ValueOrThrow(NodesOf(target, sources.locality));
  for (const ZoneNode& node : nodes_) ThrowNotOk(pool_.Add(node.node));
}

std::string KwdbPlacement::LocalityOf(int64_t node) const {
  const auto found = std::ranges::find(nodes_, node, [](const ZoneNode& known) { return known.node.id; });
  return found == nodes_.end() ? std::string() : placement::LocalityText(found->node.locality);
}

/// A server that has a replica and does not answer.
void KwdbPlacement::Know(placement::NodeId node) {
  if (pool_.Has(node)) return;
  ThrowNotOk(pool_.Add({.id = node, .locality = {}, .attributes = {}, .state = placement::NodeState::kDead}));
}

const std::vector<KwdbPlacement::Part>& KwdbPlacement::PartsOf(const Relation& leaf) {
  const auto [known, is_new] = parts_.try_emplace(leaf.id);
  std::vector<Part>& parts = known->second;
  if (!is_new || leaf.table == nullptr) return parts;
  const auto places = cluster_->GetBucketPlaces(leaf.table->path, leaf.fluss_partition).Wait();
  if (!places.ok()) return parts;  // dropped meanwhile
  for (const BucketPlace& place : *places) {
    Part& part = parts.emplace_back();
    for (const int32_t server : place.replicas) part.voters.push_back(NodeOfServer(server));
    std::ranges::sort(part.voters);
    std::ranges::for_each(part.voters, [this](placement::NodeId node) { Know(node); });
    if (place.leader) part.lease_holder = NodeOfServer(*place.leader);
  }
  return parts;
}

std::optional<KwdbPlace> KwdbPlacement::PlaceOf(const KwdbRange& range) {
  std::vector<Part> parts;
  if (cluster_ == nullptr) parts = {Part{.voters = {1}, .lease_holder = 1}};
  for (const RelationPtr& leaf : range.leaves) {
    if (cluster_ == nullptr || !leaf->is_leaf()) continue;
    const std::vector<Part>& of_leaf = PartsOf(*leaf);
    parts.insert(parts.end(), of_leaf.begin(), of_leaf.end());
  }
  if (parts.empty()) return std::nullopt;
  const placement::Policy policy = placement::MakePolicy(ValueOrThrow(PlacementZone(range.zone)), &pool_);
  KwdbPlace place;
  std::set<int64_t> replicas;
  std::set<int64_t> leaders;
  for (const Part& part : parts) {
    replicas.insert(part.voters.begin(), part.voters.end());
    leaders.insert(part.lease_holder);
    for (std::string& violation : placement::Violations(pool_, policy, part)) {
      if (std::ranges::find(place.violations, violation) == place.violations.end()) {
        place.violations.push_back(std::move(violation));
      }
    }
  }
  place.replicas.assign(replicas.begin(), replicas.end());
  if (leaders.size() == 1 && *leaders.begin() != placement::kNoNode) place.lease_holder = *leaders.begin();
  return place;
}

}  // namespace weir::sql
