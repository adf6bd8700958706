#include "placement/zone.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <type_traits>
#include <vector>

#include "postgres/error.h"

namespace weir::placement {
namespace {

namespace sqlstate = postgres::sqlstate;

constexpr int64_t kLeastMaxBytes = 5'242'880;
constexpr int64_t kLeastMinBytes = 1'048'576;

/// A variable and where its value stands: a number, constraints or lease preferences.
template <typename T>
struct Member {
  std::optional<T> ZoneFields::*own;
  T Zone::*whole;
};
struct Variable {
  std::string_view name;
  std::variant<Member<int64_t>, Member<Constraints>, Member<LeasePreferences>> member;
};

const std::array<Variable, 6> kVariables = {{
    {"range_min_bytes", Member<int64_t>{&ZoneFields::range_min_bytes, &Zone::range_min_bytes}},
    {"range_max_bytes", Member<int64_t>{&ZoneFields::range_max_bytes, &Zone::range_max_bytes}},
    {"gc.ttlseconds", Member<int64_t>{&ZoneFields::gc_ttl_seconds, &Zone::gc_ttl_seconds}},
    {"num_replicas", Member<int64_t>{&ZoneFields::num_replicas, &Zone::num_replicas}},
    {"constraints", Member<Constraints>{&ZoneFields::constraints, &Zone::constraints}},
    {"lease_preferences", Member<LeasePreferences>{&ZoneFields::lease_preferences, &Zone::lease_preferences}},
}};

const Variable* FindVariable(std::string_view name) {
  const auto* found = std::ranges::find(kVariables, name, &Variable::name);
  return found == kVariables.end() ? nullptr : found;
}

bool IsNumber(const Variable& variable) { return std::holds_alternative<Member<int64_t>>(variable.member); }

Status OfOtherKind(const Variable& variable, const std::string& kind) {
  return postgres::Error(sqlstate::kDatatypeMismatch, "argument of " + std::string(variable.name) + " must be type " +
                                                          (IsNumber(variable) ? "int" : "string") + ", not type " +
                                                          kind);
}

Status InvalidParameter(std::string message, std::string hint = {}) {
  return postgres::Error(sqlstate::kInvalidParameterValue, std::move(message), {.hint = std::move(hint)});
}
Status InvalidZone(const std::string& what) {
  return postgres::Error(sqlstate::kCheckViolation, "could not validate zone config: " + what);
}
Status Incomplete(const std::string& what) {
  return InvalidParameter(
      "could not validate zone config: " + what,
      "try ALTER ... CONFIGURE ZONE USING <field_name> = COPY FROM PARENT [, ...] to populate the field");
}

std::optional<int64_t> NumberIn(std::string_view text) {
  int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

Status CheckType(const Variable& variable, const AssignedValue& value) {
  if (const auto* other = std::get_if<OtherKind>(&value)) return OfOtherKind(variable, other->name);
  const auto* text = std::get_if<std::string>(&value);
  if (IsNumber(variable) && text != nullptr && !NumberIn(*text)) {
    return postgres::Error(sqlstate::kInvalidTextRepresentation, "could not parse \"" + *text + "\" as type int");
  }
  return !IsNumber(variable) && std::holds_alternative<int64_t>(value) ? OfOtherKind(variable, "int") : Status::OK();
}

Status CheckSupported(const ZoneAssignment& assignment, bool of_partition) {
  if (!of_partition && !IsNumber(*FindVariable(assignment.variable))) {
    return postgres::Error(sqlstate::kFeatureNotSupported,
                           "set zone config constraints and lease_preferences is not supported");
  }
  if (std::holds_alternative<std::monostate>(assignment.value)) {
    return InvalidParameter("unsupported NULL value for \"" + assignment.variable + "\"");
  }
  return Status::OK();
}

Status SetText(const std::string& text, std::optional<Constraints>* field) {
  WEIR_ASSIGN_OR_RETURN(*field, ParseConstraints(text));
  return Status::OK();
}
Status SetText(const std::string& text, std::optional<LeasePreferences>* field) {
  WEIR_ASSIGN_OR_RETURN(*field, ParseLeasePreferences(text));
  return Status::OK();
}
Status SetText(const std::string& text, std::optional<int64_t>* field) {
  *field = NumberIn(text);
  return Status::OK();
}

Status AssignOne(const ZoneAssignment& assignment, const Zone& parent, ZoneFields* own) {
  return std::visit(
      [&](const auto& member) -> Status {
        auto* field = &(own->*member.own);
        if (const auto* text = std::get_if<std::string>(&assignment.value)) return SetText(*text, field);
        if (std::holds_alternative<CopyFromParent>(assignment.value)) *field = parent.*member.whole;
        if constexpr (std::is_same_v<std::decay_t<decltype(**field)>, int64_t>) {
          if (const auto* number = std::get_if<int64_t>(&assignment.value)) *field = *number;
        }
        return Status::OK();
      },
      FindVariable(assignment.variable)->member);
}

bool IsUnsigned(const Constraint& constraint) { return constraint.kind == Constraint::Kind::kUnsigned; }
bool IsProhibited(const Constraint& constraint) { return constraint.kind == Constraint::Kind::kProhibited; }

Status CheckConstraints(const Zone& zone) {
  int64_t counted = 0;
  for (const ReplicaConstraint& one : zone.constraints) {
    if (std::ranges::any_of(one.constraints, IsUnsigned)) {
      return InvalidZone(
          "constraints must either be required (prefixed with a '+') or prohibited (prefixed with a '-')");
    }
    if (!one.replicas) continue;
    if (*one.replicas <= 0) return InvalidZone("constraints must apply to at least one replica");
    if (*one.replicas != zone.num_replicas && std::ranges::any_of(one.constraints, IsProhibited)) {
      return InvalidZone(
          "only required constraints (prefixed with a '+') can be applied to a subset of replicas");
    }
    counted += *one.replicas;
  }
  if (counted > zone.num_replicas) {
    return InvalidZone("the number of replicas specified in constraints (" + std::to_string(counted) +
                       ") cannot be greater than the number of replicas configured for the zone (" +
                       std::to_string(zone.num_replicas) + ")");
  }
  return Status::OK();
}

Status CheckLeasePreferences(const Zone& zone) {
  for (const Conjunction& preference : zone.lease_preferences) {
    if (preference.empty()) return InvalidZone("every lease preference must include at least one constraint");
    if (std::ranges::any_of(preference, IsUnsigned)) {
      return InvalidZone(
          "lease preference constraints must either be required (prefixed with a '+') or prohibited (prefixed with a "
          "'-')");
    }
  }
  return Status::OK();
}

Status CheckNumbers(const Zone& zone) {
  const auto less = [](const char* what, int64_t value, int64_t least) {
    return InvalidZone(std::string(what) + " " + std::to_string(value) + " less than minimum allowed " +
                       std::to_string(least));
  };
  if (zone.num_replicas <= 0) return InvalidZone("at least one replica is required");
  if (zone.num_replicas == 2) return InvalidZone("at least 3 replicas are required for multi-replica configurations");
  if (zone.range_max_bytes < kLeastMaxBytes) return less("RangeMaxBytes", zone.range_max_bytes, kLeastMaxBytes);
  if (zone.range_min_bytes < kLeastMinBytes) return less("RangeMinBytes", zone.range_min_bytes, kLeastMinBytes);
  if (zone.gc_ttl_seconds < 1) return less("GC.TTLSeconds", zone.gc_ttl_seconds, 1);
  return Status::OK();
}

}  // namespace

std::span<const ZoneVariable> ZoneVariables() {
  static const std::vector<ZoneVariable> variables = [] {
    std::vector<ZoneVariable> all;
    for (const Variable& variable : kVariables) all.push_back({variable.name, IsNumber(variable)});
    return all;
  }();
  return variables;
}

ZoneFields AllFields(const Zone& zone) {
  ZoneFields fields;
  for (const Variable& variable : kVariables) {
    std::visit([&](const auto& member) { fields.*member.own = zone.*member.whole; }, variable.member);
  }
  return fields;
}

Zone Inherit(const ZoneFields& own, const Zone& parent) {
  Zone zone = parent;
  for (const Variable& variable : kVariables) {
    std::visit([&](const auto& member) { zone.*member.whole = (own.*member.own).value_or(parent.*member.whole); },
               variable.member);
  }
  return zone;
}

Status CheckAssignments(std::span<const ZoneAssignment> assignments, bool of_partition) {
  std::vector<const ZoneAssignment*> by_name;
  for (const ZoneAssignment& assignment : assignments) {
    const auto same = [&](const ZoneAssignment* other) { return other->variable == assignment.variable; };
    if (std::ranges::any_of(by_name, same)) {
      return InvalidParameter("duplicate zone config parameter: \"" + assignment.variable + "\"");
    }
    const Variable* variable = FindVariable(assignment.variable);
    if (variable == nullptr) {
      return InvalidParameter("unsupported zone config parameter: \"" + assignment.variable + "\"");
    }
    WEIR_RETURN_NOT_OK(CheckType(*variable, assignment.value));
    by_name.push_back(&assignment);
  }
  std::ranges::sort(by_name, {}, [](const ZoneAssignment* one) { return one->variable; });
  for (const ZoneAssignment* assignment : by_name) WEIR_RETURN_NOT_OK(CheckSupported(*assignment, of_partition));
  return Status::OK();
}

Result<ZoneFields> Assign(ZoneFields own, std::span<const ZoneAssignment> assignments, const Zone& parent,
                          std::optional<std::span<const Node>> nodes) {
  std::vector<const Conjunction*> assigned;
  for (const ZoneAssignment& assignment : assignments) WEIR_RETURN_NOT_OK(AssignOne(assignment, parent, &own));
  for (const ZoneAssignment& assignment : assignments) {
    if (assignment.variable == "constraints") {
      for (const ReplicaConstraint& one : *own.constraints) assigned.push_back(&one.constraints);
    } else if (assignment.variable == "lease_preferences") {
      for (const Conjunction& preference : *own.lease_preferences) assigned.push_back(&preference);
    }
  }
  for (const Conjunction* constraints : assigned) WEIR_RETURN_NOT_OK(CheckCompatible(*constraints));
  if (!nodes) return own;
  for (const Conjunction* constraints : assigned) WEIR_RETURN_NOT_OK(CheckKnown(*constraints, *nodes));
  return own;
}

Status CheckZone(const ZoneFields& own, const Zone& in_force) {
  WEIR_RETURN_NOT_OK(CheckNumbers(in_force));
  // Where only one of both sizes is set, that is the mistake, whatever the other one is by inheritance.
  const bool one_size = own.range_min_bytes.has_value() != own.range_max_bytes.has_value();
  if (!one_size && in_force.range_min_bytes >= in_force.range_max_bytes) {
    return InvalidZone("RangeMinBytes " + std::to_string(in_force.range_min_bytes) +
                       " is greater than or equal to RangeMaxBytes " + std::to_string(in_force.range_max_bytes));
  }
  WEIR_RETURN_NOT_OK(CheckConstraints(in_force));
  WEIR_RETURN_NOT_OK(CheckLeasePreferences(in_force));
  const bool counted = own.constraints && std::ranges::any_of(*own.constraints, [](const ReplicaConstraint& one) {
    return one.replicas.has_value();
  });
  if (counted && !own.num_replicas) {
    return Incomplete("when per-replica constraints are set, num_replicas must be set as well");
  }
  if (one_size) {
    return Incomplete("range_min_bytes and range_max_bytes must be set together");
  }
  return Status::OK();
}

}  // namespace weir::placement
