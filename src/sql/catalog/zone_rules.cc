#include "sql/catalog/zone_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

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

Status InvalidZone(const std::string& what) { return Error("23514", "could not validate zone config: " + what); }

Status IncompleteZone(const std::string& what) {
  constexpr const char* kHint =
      "try ALTER ... CONFIGURE ZONE USING <field_name> = COPY FROM PARENT [, ...] to populate the field";
  return Error("22023", "could not validate zone config: " + what, {.hint = kHint});
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

/// The shape of a text: a list, or a map where there may be one.
bool HasShape(std::string_view text, bool map) {
  const size_t begin = text.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) return true;  // as '[]'
  return text[begin] == '[' || (map && text[begin] == '{');
}

int64_t ZoneNumber(const ZoneFields& fields, std::string_view variable) {
  const auto field = fields.find(variable);
  int64_t number = 0;
  if (field != fields.end()) {
    const std::string& text = field->second;
    std::from_chars(text.data(), text.data() + text.size(), number);
  }
  return number;
}

Status CheckNumbers(const ZoneFields& zone) {
  const int64_t replicas = ZoneNumber(zone, "num_replicas");
  if (replicas <= 0) return InvalidZone("at least one replica is required");
  if (replicas == 2) return InvalidZone("at least 3 replicas are required for multi-replica configurations");
  const int64_t most = ZoneNumber(zone, "range_max_bytes");
  const int64_t least = ZoneNumber(zone, "range_min_bytes");
  const int64_t ttl = ZoneNumber(zone, "gc.ttlseconds");
  if (most < 5242880) return InvalidZone(fmt::format("RangeMaxBytes {} less than minimum allowed 5242880", most));
  if (least < 1048576) return InvalidZone(fmt::format("RangeMinBytes {} less than minimum allowed 1048576", least));
  if (least >= most) {
    return InvalidZone(fmt::format("RangeMinBytes {} is greater than or equal to RangeMaxBytes {}", least, most));
  }
  if (ttl < 1) return InvalidZone(fmt::format("GC.TTLSeconds {} less than minimum allowed 1", ttl));
  return Status::OK();
}

/// Whether constraints say for how many replicas they are.
bool IsCounted(const ZoneFields& own) {
  const auto constraints = own.find("constraints");
  return constraints != own.end() && constraints->second.find(':') != std::string::npos;
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
    const bool constraints = assignment.variable == "constraints";
    if (!FindVariable(assignment.variable)->number && !HasShape(*assignment.value, constraints)) {
      return Error("22023", constraints
                                ? "invalid constraints format. expected an array of strings or a map of strings to ints"
                                : "yaml: unmarshal errors:\n  line 1: a list of lists of constraints is expected");
    }
    own[assignment.variable] = *assignment.value;
  }
  return own;
}

Status CheckZone(const ZoneFields& own, const ZoneFields& in_force) {
  WEIR_RETURN_NOT_OK(CheckNumbers(in_force));
  if (IsCounted(own) && !own.contains("num_replicas")) {
    return IncompleteZone("when per-replica constraints are set, num_replicas must be set as well");
  }
  if (own.contains("range_min_bytes") != own.contains("range_max_bytes")) {
    return IncompleteZone("range_min_bytes and range_max_bytes must be set together");
  }
  return Status::OK();
}

}  // namespace weir::sql
