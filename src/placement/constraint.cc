#include "placement/constraint.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "placement/flow_text.h"
#include "postgres/error.h"

namespace weir::placement {
namespace {

namespace sqlstate = postgres::sqlstate;
using Sign = Constraint::Kind;

Status InvalidValue(std::string message) {
  return postgres::Error(sqlstate::kInvalidParameterValue, std::move(message));
}
Status InvalidForm() {
  return InvalidValue("invalid constraints format. expected an array of strings or a map of strings to ints");
}
Status InvalidPreferences(const FlowValue& where) {
  return InvalidValue("yaml: unmarshal errors: line " + std::to_string(where.line) +
                      ": lease preferences are a list of lists of constraints");
}

Result<Conjunction> ConjunctionOf(const FlowValue& sequence, const Status& other_form) {
  Conjunction constraints;
  for (const FlowValue& item : sequence.sequence) {
    if (item.kind != FlowValue::Kind::kScalar) return other_form;
    WEIR_ASSIGN_OR_RETURN(Constraint constraint, ParseConstraint(item.scalar));
    constraints.push_back(std::move(constraint));
  }
  return constraints;
}

/// The key of the map form: its blanks belong to the items.
Result<Conjunction> SplitConjunction(std::string_view text) {
  Conjunction constraints;
  for (size_t at = 0; at <= text.size();) {
    const size_t comma = std::min(text.find(',', at), text.size());
    WEIR_ASSIGN_OR_RETURN(Constraint constraint, ParseConstraint(text.substr(at, comma - at)));
    constraints.push_back(std::move(constraint));
    at = comma + 1;
  }
  return constraints;
}

std::optional<int32_t> CountOf(const FlowValue& value) {
  if (value.kind != FlowValue::Kind::kScalar || value.quoted) return std::nullopt;
  const char* end = value.scalar.data() + value.scalar.size();
  int32_t count = 0;
  const auto [stop, error] = std::from_chars(value.scalar.data(), end, count);
  if (error != std::errc() || stop != end) return std::nullopt;
  return count;
}

Result<Constraints> MapForm(const FlowValue& map) {
  Constraints constraints;
  for (const auto& [key, value] : map.mapping) {
    const std::optional<int32_t> replicas = CountOf(value);
    if (!replicas) return InvalidForm();
    WEIR_ASSIGN_OR_RETURN(Conjunction conjunction, SplitConjunction(key));
    constraints.push_back({std::move(conjunction), replicas});
  }
  std::ranges::sort(constraints, {}, [](const ReplicaConstraint& one) { return ConjunctionText(one.constraints); });
  return constraints;
}

std::string FlowListText(const Conjunction& constraints) {
  std::string text;
  for (const Constraint& constraint : constraints) {
    text += (text.empty() ? "" : ", ") + FlowScalarText(ConstraintText(constraint));
  }
  return "[" + text + "]";
}

}  // namespace

Result<Constraint> ParseConstraint(std::string_view text) {
  Constraint constraint;
  constraint.kind = text.starts_with('+')   ? Sign::kRequired
                    : text.starts_with('-') ? Sign::kProhibited
                                            : Sign::kUnsigned;
  if (constraint.kind != Sign::kUnsigned) text.remove_prefix(1);
  if (text.empty()) return InvalidValue("the empty string is not a valid constraint");
  const size_t equals = text.find('=');
  if (equals != std::string_view::npos && text.find('=', equals + 1) != std::string_view::npos) {
    return InvalidValue("constraint needs to be in the form \"(key=)value\", not \"" + std::string(text) + "\"");
  }
  if (equals != std::string_view::npos) {
    constraint.key = text.substr(0, equals);
    text.remove_prefix(equals + 1);
    if (constraint.key.empty() || text.empty()) {
      return InvalidValue("constraint needs to be in the form \"(key=)value\", not \"" + constraint.key + "=" +
                          std::string(text) + "\"");
    }
  }
  constraint.value = text;
  return constraint;
}

Result<Constraints> ParseConstraints(std::string_view text) {
  WEIR_ASSIGN_OR_RETURN(const FlowValue value, ParseFlow(text));
  switch (value.kind) {
    case FlowValue::Kind::kScalar:
      if (value.scalar.empty() && !value.quoted) return Constraints();
      return InvalidForm();
    case FlowValue::Kind::kMapping:
      return MapForm(value);
    case FlowValue::Kind::kSequence:
      break;
  }
  WEIR_ASSIGN_OR_RETURN(Conjunction conjunction, ConjunctionOf(value, InvalidForm()));
  if (conjunction.empty()) return Constraints();
  return Constraints{{std::move(conjunction), std::nullopt}};
}

Result<LeasePreferences> ParseLeasePreferences(std::string_view text) {
  WEIR_ASSIGN_OR_RETURN(const FlowValue value, ParseFlow(text));
  if (value.kind == FlowValue::Kind::kScalar && value.scalar.empty() && !value.quoted) return LeasePreferences();
  if (value.kind != FlowValue::Kind::kSequence) return InvalidPreferences(value);
  LeasePreferences preferences;
  for (const FlowValue& item : value.sequence) {
    if (item.kind != FlowValue::Kind::kSequence) return InvalidPreferences(item);
    WEIR_ASSIGN_OR_RETURN(Conjunction conjunction, ConjunctionOf(item, InvalidPreferences(item)));
    preferences.push_back(std::move(conjunction));
  }
  return preferences;
}

std::string ConstraintText(const Constraint& constraint) {
  std::string text;
  switch (constraint.kind) {
    case Sign::kRequired:
      text = "+";
      break;
    case Sign::kProhibited:
      text = "-";
      break;
    case Sign::kUnsigned:
      break;
  }
  return text + (constraint.key.empty() ? "" : constraint.key + "=") + constraint.value;
}

std::string ConjunctionText(const Conjunction& constraints) {
  std::string text;
  for (const Constraint& constraint : constraints) text += (text.empty() ? "" : ",") + ConstraintText(constraint);
  return text;
}

std::string ConstraintsText(const Constraints& constraints) {
  if (constraints.empty()) return "[]";
  if (!constraints.front().replicas) return FlowListText(constraints.front().constraints);
  std::string text;
  for (const ReplicaConstraint& one : constraints) {
    text += (text.empty() ? "" : ", ") + FlowScalarText(ConjunctionText(one.constraints)) + ": " +
            std::to_string(*one.replicas);
  }
  return "{" + text + "}";
}

std::string LeasePreferencesText(const LeasePreferences& preferences) {
  std::string text;
  for (const Conjunction& preference : preferences) text += (text.empty() ? "" : ", ") + FlowListText(preference);
  return "[" + text + "]";
}

bool Matches(const Node& node, const Constraint& constraint) {
  if (constraint.key.empty()) {
    return std::ranges::find(node.attributes, constraint.value) != node.attributes.end();
  }
  return std::ranges::find(node.locality, Tier{constraint.key, constraint.value}) != node.locality.end();
}

bool Satisfies(const Node& node, const Conjunction& constraints) {
  return std::ranges::all_of(constraints, [&](const Constraint& constraint) {
    return Matches(node, constraint) == (constraint.kind != Sign::kProhibited);
  });
}

Status CheckCompatible(const Conjunction& constraints) {
  const auto contradict = [](const Constraint& one, const Constraint& other) {
    if (one.key != other.key) return false;
    const bool same = one.value == other.value;
    if (one.key.empty()) return same;
    if (one.kind == other.kind) return one.kind == Sign::kRequired;
    return same;
  };
  for (size_t i = 0; i < constraints.size(); ++i) {
    for (size_t j = i + 1; j < constraints.size(); ++j) {
      if (!contradict(constraints[i], constraints[j])) continue;
      return postgres::Error(sqlstate::kCheckViolation, "incompatible zone constraints: \"" +
                                                            ConstraintText(constraints[i]) + "\" and \"" +
                                                            ConstraintText(constraints[j]) + "\"");
    }
  }
  return Status::OK();
}

Status CheckKnown(const Conjunction& constraints, std::span<const Node> nodes) {
  for (const Constraint& constraint : constraints) {
    if (constraint.kind != Sign::kRequired) continue;
    if (std::ranges::any_of(nodes, [&](const Node& node) { return Matches(node, constraint); })) continue;
    return postgres::Error(sqlstate::kCheckViolation,
                           "constraint \"" + ConstraintText(constraint) +
                               "\" matches no existing nodes within the cluster - did you enter it correctly?");
  }
  return Status::OK();
}

}  // namespace weir::placement
