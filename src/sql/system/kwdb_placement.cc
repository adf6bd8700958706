#include "sql/system/kwdb_placement.h"

#include "placement/explain.h"
#include "sql/catalog/zone_rules.h"
#include "sql/engine/errors.h"

namespace weir::sql {

std::vector<std::string> ViolationsOf(const ZoneFields& zone, std::string_view locality) {
  placement::Node node{.id = 1, .locality = {}, .attributes = {}};
  if (!locality.empty()) node.locality = ValueOrThrow(placement::ParseLocality(locality));
  placement::NodePool pool;
  ThrowNotOk(pool.Add(std::move(node)));
  const placement::Policy policy = placement::MakePolicy(ValueOrThrow(PlacementZone(zone)), &pool);
  return placement::Violations(pool, policy, {.voters = {1}, .lease_holder = 1});
}

}  // namespace weir::sql
