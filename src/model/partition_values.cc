#include "model/partition_values.h"

#include <algorithm>
#include <utility>

namespace weir {
namespace {

using enum RangeEdge::Kind;

/// A DEFAULT with more siblings is not held against them.
constexpr size_t kMostSiblings = 1024;
/// A list of more keys of several columns is taken column by column.
constexpr size_t kMostListed = 16;

/// The tuples on an edge's side (above it or below it) that share its values up to `column`, which `shared` has.
void AddBeside(const std::vector<RangeEdge>& edge, size_t column, bool above, KeyDomains shared,
               std::vector<KeyDomains>* values) {
  for (; column < edge.size(); ++column) {
    const RangeEdge& here = edge[column];
    if (here.kind != kValue) {
      if (here.kind == (above ? kMinValue : kMaxValue)) values->push_back(std::move(shared));
      return;
    }
    KeyInterval interval;
    (above ? interval.low : interval.high) = here.value;
    interval.low_inclusive = column + 1 == edge.size();
    interval.high_inclusive = false;
    values->push_back(shared);
    values->back()[column] = KeyDomain::Of(std::move(interval));
    shared[column] = KeyDomain::Point(here.value);
  }
}

/// What lies between the edges of a range in the first column in which they differ, without what the columns behind it
/// decide of.
KeyInterval BetweenEdges(const RangeBound& range, size_t column) {
  const size_t next = column + 1;
  KeyInterval interval;
  if (range.from[column].kind == kValue) interval.low = range.from[column].value;
  if (range.to[column].kind == kValue) interval.high = range.to[column].value;
  interval.low_inclusive = next >= range.from.size() || range.from[next].kind == kMinValue;
  interval.high_inclusive = next < range.to.size() && range.to[next].kind == kMaxValue;
  return interval;
}

std::vector<KeyDomains> ValuesInRange(const RangeBound& range, size_t columns) {
  KeyDomains shared(columns, KeyDomain::NotNull());
  const auto same = [&](size_t column) {
    const RangeEdge& from = range.from[column];
    const RangeEdge& to = range.to[column];
    return from.kind == kValue && to.kind == kValue && Compare(from.value, to.value) == 0;
  };
  const size_t compared = std::min(range.from.size(), range.to.size());
  size_t column = 0;
  for (; column + 1 < compared && same(column); ++column) shared[column] = KeyDomain::Point(range.from[column].value);
  std::vector<KeyDomains> values = {shared};
  values.front()[column] = KeyDomain::Of(BetweenEdges(range, column));
  for (const bool above : {true, false}) {
    const auto& edge = above ? range.from : range.to;
    if (edge[column].kind != kValue || column + 1 >= edge.size() || edge[column + 1].kind != kValue) continue;
    KeyDomains on_edge = shared;
    on_edge[column] = KeyDomain::Point(edge[column].value);
    AddBeside(edge, column + 1, above, std::move(on_edge), &values);
  }
  return values;
}

std::vector<KeyDomains> ValuesInList(const ListBound& list, size_t columns) {
  std::vector<KeyDomains> values;
  for (const KeyTuple& tuple : list.values) {
    KeyDomains& listed = values.emplace_back(columns, KeyDomain::All());
    for (size_t i = 0; i < std::min(columns, tuple.size()); ++i) listed[i] = KeyDomain::Point(tuple[i]);
  }
  if (columns == 1 || values.size() > kMostListed) return {Around(values)};
  return values;
}

/// The keys between ranges, and those with a NULL.
std::vector<KeyDomains> ValuesBesideRanges(const PartitionLevel& level) {
  const size_t columns = level.key().types.size();
  std::vector<KeyDomains> values;
  const auto add = [&](const std::vector<RangeEdge>& from, const std::vector<RangeEdge>& to) {
    if (CompareEdges(from, to) >= 0) return;
    for (KeyDomains& between : ValuesInRange({from, to}, columns)) values.push_back(std::move(between));
  };
  std::vector<RangeEdge> covered(columns, RangeEdge{kMinValue, {}});
  for (const size_t child : level.bound_order()) {
    const auto* range = std::get_if<RangeBound>(&level.bounds()[child]);
    if (range == nullptr) continue;
    add(covered, range->from);
    covered = range->to;
  }
  add(covered, std::vector<RangeEdge>(columns, RangeEdge{kMaxValue, {}}));
  for (size_t i = 0; i < columns; ++i) {
    values.emplace_back(columns, KeyDomain::All());
    values.back()[i] = KeyDomain::NullOnly();
  }
  return values;
}

/// The values that no sibling lists.
KeyDomain ValuesBesideLists(const PartitionLevel& level) {
  std::vector<KeyValue> listed;
  for (const PartitionBound& bound : level.bounds()) {
    const auto* list = std::get_if<ListBound>(&bound);
    if (list == nullptr) continue;
    for (const KeyTuple& value : list->values) listed.push_back(value[0]);
    if (listed.size() > kMostSiblings) return KeyDomain::All();
  }
  return KeyDomain::Points(std::move(listed)).Complement();
}

std::vector<KeyDomains> ValuesInDefault(const PartitionLevel& level) {
  const size_t columns = level.key().types.size();
  const bool ranges = level.key().strategy == PartitionStrategy::kRange;
  if (level.size() > kMostSiblings || (!ranges && columns > 1)) return {KeyDomains(columns, KeyDomain::All())};
  if (!ranges) return {{ValuesBesideLists(level)}};
  std::vector<KeyDomains> values = ValuesBesideRanges(level);
  if (columns == 1) return {Around(values)};
  return values;
}

}  // namespace

std::vector<KeyDomains> ValuesIn(const PartitionLevel& level, size_t child) {
  const size_t columns = level.key().types.size();
  const PartitionBound& bound = level.bounds()[child];
  if (const auto* range = std::get_if<RangeBound>(&bound)) return ValuesInRange(*range, columns);
  if (const auto* list = std::get_if<ListBound>(&bound)) return ValuesInList(*list, columns);
  if (IsDefault(bound)) return ValuesInDefault(level);
  return {KeyDomains(columns, KeyDomain::All())};
}

KeyDomains Around(const std::vector<KeyDomains>& alternatives) {
  KeyDomains around = alternatives.front();
  for (size_t i = 0; i < around.size(); ++i) {
    std::vector<KeyInterval> intervals;
    bool nulls = false;
    for (const KeyDomains& one : alternatives) {
      intervals.insert(intervals.end(), one[i].intervals().begin(), one[i].intervals().end());
      nulls = nulls || one[i].nulls();
    }
    around[i] = KeyDomain::Of(std::move(intervals));
    if (nulls) around[i] = around[i].Union(KeyDomain::NullOnly());
  }
  return around;
}

}  // namespace weir
