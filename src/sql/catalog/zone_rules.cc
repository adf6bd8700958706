#include "sql/catalog/zone_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "placement/zone.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr auto kVariables = std::to_array<ZoneVariable>({{"range_min_bytes", true},
                                                         {"range_max_bytes", true},
                                                         {"gc.ttlseconds", true},
                                                         {"num_replicas", true},
                                                         {"constraints", false},
                                                         {"lease_preferences", false}});

const ZoneVariable* FindVariable(std::string_view name) {
  const auto found = std::ranges::find(kVariables, name, &ZoneVariable::name);
  return found == kVariables.end() ? nullptr : &*found;
}

Status CheckVariable(const AssignedZoneValue& assignment, std::set<std::string_view>* seen) {
  if (!seen->insert(assignment.variable).second) {
    return Error("22023", fmt::format("duplicate zone config parameter: \"{}\"", assignment.variable));
  }
  const ZoneVariable* variable = FindVariable(assignment.variable);
  if (variable == nullptr) {
    return Error("22023", fmt::format("unsupported zone config parameter: \"{}\"", assignment.variable));
  }
  if (assignment.type.empty() || assignment.copy_from_parent) return Status::OK();
  return Error("42804", fmt::format("argument of {} must be type {}, not type {}", variable->name,
                                    variable->number ? "int" : "string", assignment.type),
               {.position = assignment.position});
}

Status CheckSupported(const AssignedZoneValue& assignment, bool of_partition) {
  if (!of_partition && !FindVariable(assignment.variable)->number) {
    return Error("0A000", "set zone config constraints and lease_preferences is not supported");
  }
  if (assignment.copy_from_parent || assignment.value) return Status::OK();
  return Error("22023", fmt::format("unsupported NULL value for \"{}\"", assignment.variable));
}

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

/// A text of constraints or lease preferences as SHOW prints it. Constraints that no node satisfies are kept: there is
/// one node, without a locality.
Result<std::string> ReadPlacementText(const std::string& variable, const std::string& text) {
  std::vector<placement::Conjunction> all;
  std::string shown;
  if (variable == "constraints") {
    WEIR_ASSIGN_OR_RETURN(const placement::Constraints read, placement::ParseConstraints(text));
    for (const placement::ReplicaConstraint& one : read) all.push_back(one.constraints);
    shown = placement::ConstraintsText(read);
  } else {
    WEIR_ASSIGN_OR_RETURN(all, placement::ParseLeasePreferences(text));
    shown = placement::LeasePreferencesText(all);
  }
  for (const placement::Conjunction& constraints : all) WEIR_RETURN_NOT_OK(placement::CheckCompatible(constraints));
  return shown;
}

}  // namespace

std::span<const ZoneVariable> ZoneVariables() { return kVariables; }

Status CheckZoneAssignments(std::span<const AssignedZoneValue> assignments, bool of_partition) {
  std::set<std::string_view> seen;
  for (const AssignedZoneValue& assignment : assignments) WEIR_RETURN_NOT_OK(CheckVariable(assignment, &seen));
  std::vector<const AssignedZoneValue*> sorted;
  for (const AssignedZoneValue& assignment : assignments) sorted.push_back(&assignment);
  std::ranges::sort(sorted, {}, [](const AssignedZoneValue* assignment) { return assignment->variable; });
  for (const AssignedZoneValue* assignment : sorted) WEIR_RETURN_NOT_OK(CheckSupported(*assignment, of_partition));
  return Status::OK();
}

Result<ZoneFields> AssignZone(ZoneFields own, std::span<const AssignedZoneValue> assignments,
                              const ZoneFields& parent) {
  for (const AssignedZoneValue& assignment : assignments) {
    if (assignment.copy_from_parent) {
      own[assignment.variable] = parent.at(assignment.variable);
      continue;
    }
    own[assignment.variable] = *assignment.value;
    if (FindVariable(assignment.variable)->number) continue;
    WEIR_ASSIGN_OR_RETURN(own[assignment.variable], ReadPlacementText(assignment.variable, *assignment.value));
  }
  return own;
}

Status CheckZone(const ZoneFields& own, const ZoneFields& in_force) {
  WEIR_ASSIGN_OR_RETURN(const placement::ZoneFields set, ReadFields(own));
  WEIR_ASSIGN_OR_RETURN(const placement::ZoneFields whole, ReadFields(in_force));
  return placement::CheckZone(set, placement::Inherit(whole, {}));
}

}  // namespace weir::sql
