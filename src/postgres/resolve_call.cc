#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "postgres/error.h"
#include "postgres/resolve.h"

namespace weir::postgres {

/// A function or operator that a call may mean.
struct Resolver::Candidate {
  std::vector<Oid> arguments;  // declared types of what the call gives, in its order
  const Function* function = nullptr;
  const Operator* op = nullptr;
  int variadic = 0;  // so many of them belong to VARIADIC
};

namespace {

constexpr char kStringCategory = 'S';
constexpr char kNoCategory = '\0';

std::string SignatureOf(const Resolver& resolver, const Call& call) {
  std::string signature;
  if (!call.schema.empty()) signature = fmt::format("{}.", call.schema);
  signature += call.name;
  signature += "(";
  const size_t unnamed = call.arguments.size() - call.argument_names.size();
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    if (i > 0) signature += ", ";
    if (i >= unnamed) signature += fmt::format("{} => ", call.argument_names[i - unnamed]);
    signature += resolver.NameOf(call.arguments[i]);
  }
  return signature + ")";
}

std::string SignatureOf(const Resolver& resolver, std::string_view name, Oid left, Oid right) {
  const std::string prefix = left == 0 ? "" : resolver.NameOf(left) + " ";
  return fmt::format("{}{} {}", prefix, name, resolver.NameOf(right));
}

/// An input parameter's place by its name; -1 without it.
int FindParameter(const Function& function, std::string_view name) {
  int place = 0;
  for (const Parameter& parameter : function.parameters) {
    const bool input = IsInput(parameter.mode);
    if (input && parameter.name == name) return place;
    place += input ? 1 : 0;
  }
  return -1;
}

}  // namespace

/// For each of the function's arguments, VARIADIC's one by one, the call's that gives its value, -1 for a default
/// value; nothing if the function cannot be called so.
std::optional<std::vector<int>> Resolver::MatchOrder(const Function& function, const Call& call) const {
  const size_t given = call.arguments.size();
  const size_t declared = function.arguments.size();
  const size_t unnamed = given - call.argument_names.size();
  const bool variadic = function.variadic != 0 && !call.variadic_array && call.argument_names.empty();
  if (call.variadic_array && function.variadic == 0) return std::nullopt;
  if (given + function.defaults < declared || (given > declared && !variadic)) return std::nullopt;
  std::vector<int> order(std::max(given, declared), -1);
  for (size_t i = 0; i < unnamed; ++i) order[i] = static_cast<int>(i);
  for (size_t i = unnamed; i < given; ++i) {
    const int place = FindParameter(function, call.argument_names[i - unnamed]);
    if (place < 0 || order[static_cast<size_t>(place)] >= 0) return std::nullopt;
    order[static_cast<size_t>(place)] = static_cast<int>(i);
  }
  const size_t required = declared - function.defaults;
  const bool complete = std::find(order.begin(), order.begin() + static_cast<ptrdiff_t>(required), -1) ==
                        order.begin() + static_cast<ptrdiff_t>(required);
  return complete ? std::optional(std::move(order)) : std::nullopt;
}

/// The functions that the call's number and names of arguments fit. Of two of the same types the one without VARIADIC,
/// then the one with fewer default values.
std::vector<Resolver::Candidate> Resolver::CallCandidates(const Call& call) const {
  std::vector<Candidate> candidates;
  const size_t given = call.arguments.size();
  for (const Function& function : FindFunctions(call.name)) {
    const auto order = MatchOrder(function, call);
    if (!order) continue;
    Candidate candidate{.arguments = std::vector<Oid>(given), .function = &function};
    const size_t declared = function.arguments.size();
    if (function.variadic != 0 && !call.variadic_array && call.argument_names.empty() && given >= declared) {
      candidate.variadic = static_cast<int>(given - declared + 1);
    }
    const size_t single = candidate.variadic > 0 ? declared - 1 : declared;
    for (size_t i = 0; i < order->size(); ++i) {
      if ((*order)[i] < 0) continue;
      candidate.arguments[static_cast<size_t>((*order)[i])] = i < single ? function.arguments[i] : function.variadic;
    }
    const auto rank = [](const Candidate& c) { return std::pair(c.variadic, c.function->arguments.size()); };
    const auto twin = std::ranges::find(candidates, candidate.arguments, &Candidate::arguments);
    if (twin == candidates.end()) {
      candidates.push_back(std::move(candidate));
    } else if (rank(candidate) < rank(*twin)) {
      *twin = std::move(candidate);
    }
  }
  return candidates;
}

bool Resolver::CanCoerceAll(std::span<const Oid> sources, std::span<const Oid> targets) const {
  for (size_t i = 0; i < sources.size(); ++i) {
    if (!CanCoerce(sources[i], targets[i], CoercionContext::kImplicit)) return false;
  }
  return AreConsistent(sources, targets);
}

/// Keeps the candidates with the most arguments that match exactly or, if asked, are a preferred type of the category.
void Resolver::KeepMostMatches(std::vector<Candidate>* candidates, std::span<const Oid> arguments,
                               bool preferred) const {
  const auto matches = [&](const Candidate& candidate) {
    int count = 0;
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (arguments[i] == oid::kUnknown) continue;
      const Oid declared = candidate.arguments[i];
      const bool fits = declared == arguments[i] || (preferred && IsPreferred(declared) &&
                                                     CategoryOf(declared) == CategoryOf(arguments[i]));
      count += fits ? 1 : 0;
    }
    return count;
  };
  int most = 0;
  for (const Candidate& candidate : *candidates) most = std::max(most, matches(candidate));
  std::erase_if(*candidates, [&](const Candidate& candidate) { return matches(candidate) != most; });
}

/// Unknown literals take the string category where any candidate takes it there, else the one that all take; a
/// preferred type of it where any candidate has one. False where the candidates disagree.
bool Resolver::KeepUnknownsCategory(std::vector<Candidate>* candidates, std::span<const Oid> arguments) const {
  std::vector<char> categories(arguments.size(), kNoCategory);
  std::vector<bool> preferred(arguments.size(), false);
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] != oid::kUnknown) continue;
    bool conflict = false;
    for (const Candidate& candidate : *candidates) {
      const char category = CategoryOf(candidate.arguments[i]);
      const bool is_preferred = IsPreferred(candidate.arguments[i]);
      if (categories[i] == category) {
        preferred[i] = preferred[i] || is_preferred;
      } else if (categories[i] == kNoCategory || category == kStringCategory) {
        conflict = conflict || categories[i] != kNoCategory;
        categories[i] = category;
        preferred[i] = is_preferred;
      } else {
        conflict = true;
      }
    }
    if (conflict && categories[i] != kStringCategory) return false;
  }
  const auto fits = [&](const Candidate& candidate) {
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (arguments[i] != oid::kUnknown) continue;
      if (CategoryOf(candidate.arguments[i]) != categories[i]) return false;
      if (preferred[i] && !IsPreferred(candidate.arguments[i])) return false;
    }
    return true;
  };
  if (std::ranges::any_of(*candidates, fits)) {
    std::erase_if(*candidates, [&](const Candidate& candidate) { return !fits(candidate); });
  }
  return true;
}

/// If all known arguments have one type, the one candidate that takes it for the unknown ones too.
const Resolver::Candidate* Resolver::SelectByKnownType(const std::vector<Candidate>& candidates,
                                                       std::span<const Oid> arguments) const {
  Oid known = 0;
  for (const Oid type : arguments) {
    if (type == oid::kUnknown) continue;
    if (known != 0 && known != type) return nullptr;
    known = type;
  }
  if (known == 0) return nullptr;
  const std::vector<Oid> all_known(arguments.size(), known);
  const Candidate* only = nullptr;
  for (const Candidate& candidate : candidates) {
    if (!CanCoerceAll(all_known, candidate.arguments)) continue;
    if (only != nullptr) return nullptr;
    only = &candidate;
  }
  return only;
}

const Resolver::Candidate* Resolver::Select(std::vector<Candidate>* candidates, std::span<const Oid> arguments) const {
  const auto only = [&]() -> const Candidate* { return candidates->size() == 1 ? &candidates->front() : nullptr; };
  if (only() != nullptr) return only();
  std::vector<Oid> bases(arguments.begin(), arguments.end());
  for (Oid& type : bases) type = BaseType(type);
  for (const bool preferred : {false, true}) {
    KeepMostMatches(candidates, bases, preferred);
    if (only() != nullptr) return only();
  }
  if (std::ranges::find(bases, oid::kUnknown) == bases.end()) return nullptr;
  KeepUnknownsCategory(candidates, bases);
  if (only() != nullptr) return only();
  return SelectByKnownType(*candidates, bases);
}

/// int4(x), text(x): a cast where it needs no function of that name.
std::optional<ResolvedCall> Resolver::TypeCall(const Call& call) const {
  if (call.arguments.size() != 1 || !call.argument_names.empty()) return std::nullopt;
  const Type* target = FindType(call.name);  // made types have schemas, so that casts to them are written as such
  if (target == nullptr) return std::nullopt;
  const Oid source = call.arguments[0];
  const Coercion cast = FindCoercion(source, target->oid, CoercionContext::kExplicit);
  const bool row_as_text = IsRow(source) && target->category == kStringCategory;
  if (cast.path != CoercionPath::kRelabel && (cast.path != CoercionPath::kIo || row_as_text)) return std::nullopt;
  return ResolvedCall{.arguments = {source}, .order = {0}, .result = target->oid, .cast = cast};
}

Result<ResolvedCall> Resolver::Resolved(const Call& call, const Candidate& chosen, int position) const {
  const Function& function = *chosen.function;
  ResolvedCall resolved{.function = &function, .order = *MatchOrder(function, call)};
  resolved.arguments.assign(function.arguments.begin(), function.arguments.end());
  std::vector<Oid> actual(resolved.order.size());
  resolved.arguments.resize(actual.size(), function.variadic);
  for (size_t i = 0; i < actual.size(); ++i) {
    if (resolved.order[i] < 0) {
      actual[i] = resolved.arguments[i];  // a default value is of the declared type
      continue;
    }
    const auto given = static_cast<size_t>(resolved.order[i]);
    actual[i] = call.arguments[given];
    resolved.arguments[i] = chosen.arguments[given];
  }
  WEIR_ASSIGN_OR_RETURN(resolved.result, ResolvePolymorphic(actual, resolved.arguments, function.result, position));
  if (function.variadic != oid::kAny) resolved.variadic = chosen.variadic;
  return resolved;
}

Result<ResolvedCall> Resolver::ResolveCall(const Call& call, int position) const {
  std::vector<Candidate> candidates = CallCandidates(call);
  for (const Candidate& candidate : candidates) {
    if (std::ranges::equal(candidate.arguments, call.arguments)) return Resolved(call, candidate, position);
  }
  if (auto cast = TypeCall(call)) return *std::move(cast);
  std::erase_if(candidates, [&](const Candidate& c) { return !CanCoerceAll(call.arguments, c.arguments); });
  if (candidates.empty()) {
    return Error(sqlstate::kUndefinedFunction, fmt::format("function {} does not exist", SignatureOf(*this, call)),
                 {.hint = "No function matches the given name and argument types. You might need to add explicit type "
                          "casts.",
                  .position = position});
  }
  const Candidate* best = Select(&candidates, call.arguments);
  if (best != nullptr) return Resolved(call, *best, position);
  return Error(sqlstate::kAmbiguousFunction, fmt::format("function {} is not unique", SignatureOf(*this, call)),
               {.hint = "Could not choose a best candidate function. You might need to add explicit type casts.",
                .position = position});
}

/// The operator of these very types; an unknown literal beside a known type is taken for one of it.
const Operator* Resolver::ExactOperator(std::string_view name, Oid left, Oid right) const {
  if (left == 0) return FindOperator(name, left, right);
  const bool unknown = left == oid::kUnknown || right == oid::kUnknown;
  if (left == oid::kUnknown) left = right;
  if (right == oid::kUnknown) right = left;
  if (const Operator* exact = FindOperator(name, left, right)) return exact;
  const Oid base = BaseType(left);
  return unknown && base != left ? FindOperator(name, base, base) : nullptr;
}

Result<ResolvedOperator> Resolver::ResolvedOperands(const Operator& op, Oid left, Oid right, int position) const {
  ResolvedOperator resolved{.op = &op};
  if (op.left == 0) {
    std::array declared{op.right};
    WEIR_ASSIGN_OR_RETURN(resolved.result, ResolvePolymorphic(std::array{right}, declared, op.result, position));
    resolved.right = declared[0];
    return resolved;
  }
  std::array declared{op.left, op.right};
  WEIR_ASSIGN_OR_RETURN(resolved.result, ResolvePolymorphic(std::array{left, right}, declared, op.result, position));
  resolved.left = declared[0];
  resolved.right = declared[1];
  return resolved;
}

Result<ResolvedOperator> Resolver::ResolveOperator(std::string_view name, Oid left, Oid right, int position) const {
  if (const Operator* exact = ExactOperator(name, left, right)) return ResolvedOperands(*exact, left, right, position);
  std::vector<Oid> arguments;
  if (left != 0) arguments.push_back(left);
  arguments.push_back(right);
  std::vector<Candidate> candidates;
  for (const Operator& op : FindOperators(name)) {
    if ((op.left == 0) != (left == 0)) continue;
    const std::array both{op.left, op.right};
    const auto declared = std::span(both).subspan(left == 0 ? 1 : 0);
    if (!CanCoerceAll(arguments, declared)) continue;
    candidates.push_back({.arguments = {declared.begin(), declared.end()}, .op = &op});
  }
  if (candidates.empty()) {
    const std::string_view casts = left == 0 ? "type. You might need to add an explicit type cast."
                                             : "types. You might need to add explicit type casts.";
    return Error(sqlstate::kUndefinedFunction,
                 fmt::format("operator does not exist: {}", SignatureOf(*this, name, left, right)),
                 {.hint = fmt::format("No operator matches the given name and argument {}", casts),
                  .position = position});
  }
  const Candidate* best = Select(&candidates, arguments);
  if (best != nullptr) return ResolvedOperands(*best->op, left, right, position);
  return Error(sqlstate::kAmbiguousFunction,
               fmt::format("operator is not unique: {}", SignatureOf(*this, name, left, right)),
               {.hint = "Could not choose a best candidate operator. You might need to add explicit type casts.",
                .position = position});
}

Result<ResolvedOperator> Resolver::ResolveArrayOperator(std::string_view name, Oid left, Oid right,
                                                        int position) const {
  const Oid element = right == oid::kUnknown ? oid::kUnknown : ElementOf(right);
  const auto wrong = [&](std::string_view what) {
    return Error(sqlstate::kWrongObjectType, fmt::format("op ANY/ALL (array) requires {}", what),
                 {.position = position});
  };
  if (element == 0) return wrong("array on right side");
  WEIR_ASSIGN_OR_RETURN(const ResolvedOperator resolved, ResolveOperator(name, left, element, position));
  if (resolved.result != oid::kBool) return wrong("operator to yield boolean");
  if (ArrayOf(resolved.right) == 0) {
    return Error(sqlstate::kUndefinedObject,
                 fmt::format("could not find array type for data type {}", NameOf(resolved.right)),
                 {.position = position});
  }
  return resolved;
}

}  // namespace weir::postgres
