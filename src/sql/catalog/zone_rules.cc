#include "sql/catalog/zone_rules.h"

#include <algorithm>
#include <charconv>

#include "sql/error.h"

namespace weir::sql {
namespace {

int64_t ZoneNumber(const std::string& text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The fields as the rules on placement read them.
Result<placement::ZoneFields> ReadFields(const ZoneFields& fields) {
  placement::ZoneFields read;
  for (const auto& [variable, text] : fields) {
    if (variable == "range_min_bytes") read.range_min_bytes = ZoneNumber(text);
    if (variable == "range_max_bytes") read.range_max_bytes = ZoneNumber(text);
    if (variable == "gc.ttlseconds") read.gc_ttl_seconds = ZoneNumber(text);
    if (variable == "num_replicas") read.num_replicas = ZoneNumber(text);
    if (variable == "constraints") {
      WEIR_ASSIGN_OR_RETURN(read.constraints, placement::ParseConstraints(text));
    }
    if (variable == "lease_preferences") {
      WEIR_ASSIGN_OR_RETURN(read.lease_preferences, placement::ParseLeasePreferences(text));
    }
  }
  return read;
}

/// As SHOW prints them.
ZoneFields WriteFields(const placement::ZoneFields& fields) {
  ZoneFields written;
  const auto number = [&](const char* variable, const std::optional<int64_t>& value) {
    if (value) written[variable] = std::to_string(*value);
  };
  number("range_min_bytes", fields.range_min_bytes);
  number("range_max_bytes", fields.range_max_bytes);
  number("gc.ttlseconds", fields.gc_ttl_seconds);
  number("num_replicas", fields.num_replicas);
  if (fields.constraints) written["constraints"] = placement::ConstraintsText(*fields.constraints);
  if (fields.lease_preferences) {
    written["lease_preferences"] = placement::LeasePreferencesText(*fields.lease_preferences);
  }
  return written;
}

placement::AssignedValue AssignedOf(const AssignedZoneValue& assigned) {
  if (assigned.copy_from_parent) return placement::CopyFromParent();
  if (!assigned.type.empty()) return placement::OtherKind{assigned.type};
  if (!assigned.value) return std::monostate();
  const auto known = std::ranges::find(ZoneVariables(), assigned.variable, &ZoneVariable::name);
  if (known != ZoneVariables().end() && known->number) return ZoneNumber(*assigned.value);
  return *assigned.value;
}

std::vector<placement::ZoneAssignment> AssignmentsOf(std::span<const AssignedZoneValue> assigned) {
  std::vector<placement::ZoneAssignment> assignments;
  for (const AssignedZoneValue& one : assigned) assignments.push_back({one.variable, AssignedOf(one)});
  return assignments;
}

}  // namespace

Status CheckZoneAssignments(std::span<const AssignedZoneValue> assignments, bool of_partition) {
  const Status status = placement::CheckAssignments(AssignmentsOf(assignments), of_partition);
  const auto other = std::ranges::find_if(assignments, [](const auto& one) { return !one.type.empty(); });
  if (status.ok() || other == assignments.end()) return status;
  return FieldsOf(status).sqlstate == "42804" ? AtPosition(status, other->position) : status;
}

Result<ZoneFields> AssignZone(const ZoneFields& own, std::span<const AssignedZoneValue> assignments,
                              const ZoneFields& parent, std::span<const placement::Node> nodes) {
  WEIR_ASSIGN_OR_RETURN(placement::ZoneFields before, ReadFields(own));
  WEIR_ASSIGN_OR_RETURN(const placement::ZoneFields above, ReadFields(parent));
  WEIR_ASSIGN_OR_RETURN(const placement::ZoneFields after,
                        placement::Assign(std::move(before), AssignmentsOf(assignments), placement::Inherit(above, {}),
                                          nodes.empty() ? std::nullopt : std::optional(nodes)));
  return WriteFields(after);
}

Result<placement::Zone> PlacementZone(const ZoneFields& in_force) {
  WEIR_ASSIGN_OR_RETURN(const placement::ZoneFields whole, ReadFields(in_force));
  return placement::Inherit(whole, {});
}

Status CheckZone(const ZoneFields& own, const ZoneFields& in_force) {
  WEIR_ASSIGN_OR_RETURN(const placement::ZoneFields set, ReadFields(own));
  WEIR_ASSIGN_OR_RETURN(const placement::Zone whole, PlacementZone(in_force));
  return placement::CheckZone(set, whole);
}

}  // namespace weir::sql
