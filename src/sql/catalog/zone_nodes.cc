#include "sql/catalog/zone_nodes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sql/catalog/configure_zone.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

Result<placement::Locality> LocalityOfRack(const std::string& rack) {
  if (rack.empty()) return placement::Locality();
  return placement::ParseLocality(rack.find('=') == std::string::npos ? "region=" + rack : rack);
}

/// The zones of a leaf, which may be a partition, or of an index, which lies where its leaf does unless its own says
/// otherwise.
Result<ZoneChain> ZonesOf(CatalogView& catalog, const Relation& relation) {
  if (relation.is_index()) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr table, catalog.FindById(relation.index->table));
    if (!table) return ZoneChainOfDatabase(relation.path.database);
    WEIR_ASSIGN_OR_RETURN(ZoneChain chain, ZonesOf(catalog, *table));
    chain.insert(chain.begin(), ZoneChainOfIndex(*table, &relation, true).front());
    return chain;
  }
  RelationPtr root;
  std::optional<int64_t> parent = relation.parent;
  while (parent) {
    WEIR_ASSIGN_OR_RETURN(root, catalog.FindById(*parent));
    if (!root) return ZoneChainOfDatabase(relation.path.database);
    parent = root->parent;
  }
  if (!root) return ZoneChainOfTable(relation, true);
  return ZoneChainOfPartition(*root, relation, false, true);
}

}  // namespace

placement::NodeId NodeOfServer(int32_t server_id) { return server_id + 1; }

Result<std::vector<ZoneNode>> NodesOf(Gateway* gateway, std::string_view locality) {
  std::vector<ZoneNode> nodes;
  ClusterServers* const cluster = ClusterServers::Of(gateway);
  if (cluster == nullptr) {
    ZoneNode& only = nodes.emplace_back();
    only.node.id = 1;
    if (!locality.empty()) {
      WEIR_ASSIGN_OR_RETURN(only.node.locality, placement::ParseLocality(locality));
    }
    return nodes;
  }
  const auto servers = cluster->GetTabletServers().Wait();
  if (!servers.ok()) return servers.status();
  for (const TabletServer& server : *servers) {
    ZoneNode& node = nodes.emplace_back();
    node.node.id = NodeOfServer(server.id);
    node.address = fmt::format("{}:{}", server.host, server.port);
    WEIR_ASSIGN_OR_RETURN(node.node.locality, LocalityOfRack(server.rack));
  }
  std::ranges::sort(nodes, {}, [](const ZoneNode& node) { return node.node.id; });
  return nodes;
}

Result<std::vector<placement::Node>> NodesToMatch(Gateway* gateway, std::string_view locality) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<ZoneNode> known, NodesOf(gateway, locality));
  std::vector<placement::Node> nodes;
  for (const ZoneNode& node : known) nodes.push_back(node.node);
  const bool placed = std::ranges::any_of(nodes, [](const placement::Node& node) { return !node.locality.empty(); });
  if (!placed) nodes.clear();
  return nodes;
}

Result<std::optional<int64_t>> ReplicasAskedFor(CatalogView& catalog, const Relation& relation) {
  WEIR_ASSIGN_OR_RETURN(const ZoneMapPtr zones, catalog.Zones());
  if (zones->empty()) return std::optional<int64_t>();
  WEIR_ASSIGN_OR_RETURN(const ZoneChain chain, ZonesOf(catalog, relation));
  for (const ZoneLevel& level : chain) {
    const auto own = zones->find(level.key);
    if (own == zones->end()) continue;
    const auto field = own->second.find("num_replicas");
    if (field == own->second.end()) continue;
    int64_t number = 0;
    std::from_chars(field->second.data(), field->second.data() + field->second.size(), number);
    return std::optional(number);
  }
  return std::optional<int64_t>();
}

}  // namespace weir::sql
