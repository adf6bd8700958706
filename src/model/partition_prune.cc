#include <algorithm>
#include <utility>

#include "model/partition_level.h"

namespace weir {
namespace {

/// More combinations of values than this are looked at as intervals of the first column instead.
constexpr size_t kMostCombinations = 1 << 16;
/// Whole numbers of an interval that are looked at one by one.
constexpr size_t kMostWholeNumbers = 1024;

using Edge = std::vector<RangeEdge>;

/// Key tuples between two cuts.
struct TupleRange {
  Edge low;
  Edge high;
};

Edge Below(const KeyTuple& prefix, std::optional<RangeEdge> next = {}) {
  Edge edge;
  for (const KeyValue& value : prefix) edge.push_back({RangeEdge::Kind::kValue, value});
  if (next) edge.push_back(std::move(*next));
  return edge;
}

/// The cut before all tuples that begin with `prefix`, and then one of the interval's values.
Edge LowEdge(const KeyTuple& prefix, const KeyInterval& interval) {
  if (!interval.low) return Below(prefix);
  Edge edge = Below(prefix, RangeEdge{RangeEdge::Kind::kValue, *interval.low});
  if (!interval.low_inclusive) edge.push_back({RangeEdge::Kind::kMaxValue, {}});
  return edge;
}

Edge HighEdge(const KeyTuple& prefix, const KeyInterval& interval) {
  if (!interval.high) return Below(prefix, RangeEdge{RangeEdge::Kind::kMaxValue, {}});
  Edge edge = Below(prefix, RangeEdge{RangeEdge::Kind::kValue, *interval.high});
  if (interval.high_inclusive) edge.push_back({RangeEdge::Kind::kMaxValue, {}});
  return edge;
}

/// What is true of every value of a type: there are two booleans, so that <> true is false.
KeyDomains WithinTypes(KeyDomains domains, const std::vector<DataType>& types) {
  const KeyDomain booleans = KeyDomain::Points({KeyValue(int64_t{0}), KeyValue(int64_t{1}), KeyValue()});
  for (size_t i = 0; i < domains.size() && i < types.size(); ++i) {
    if (types[i].id() == TypeId::kBoolean) domains[i] = domains[i].Intersect(booleans);
  }
  return domains;
}

/// Every way to take one value of each column.
std::vector<KeyTuple> Combinations(const std::vector<std::vector<KeyValue>>& columns) {
  std::vector<KeyTuple> tuples(1);
  for (const auto& values : columns) {
    std::vector<KeyTuple> longer;
    longer.reserve(tuples.size() * values.size());
    for (const KeyTuple& tuple : tuples) {
      for (const KeyValue& value : values) {
        longer.push_back(tuple);
        longer.back().push_back(value);
      }
    }
    tuples = std::move(longer);
  }
  return tuples;
}

/// The values of all columns, when they are finitely many and make few enough combinations.
std::optional<std::vector<std::vector<KeyValue>>> AllPoints(const KeyDomains& domains) {
  std::vector<std::vector<KeyValue>> columns;
  size_t combinations = 1;
  for (const KeyDomain& domain : domains) {
    auto points = domain.AsPoints(kMostWholeNumbers);
    if (!points) return std::nullopt;
    combinations *= points->size();
    if (domains.size() > 1 && combinations > kMostCombinations) return std::nullopt;
    columns.push_back(std::move(*points));
  }
  return columns;
}

/// What the domains let through, as ranges of tuples without NULLs: columns of single values as long
/// as there are any, then one column of intervals. Later columns do not narrow it.
std::vector<TupleRange> TupleRanges(const KeyDomains& domains) {
  if (std::ranges::any_of(domains, [](const KeyDomain& domain) { return domain.intervals().empty(); })) return {};
  std::vector<std::vector<KeyValue>> prefix;
  size_t combinations = 1;
  size_t column = 0;
  for (; column + 1 < domains.size(); ++column) {
    auto points = domains[column].AsPoints(kMostWholeNumbers);
    if (!points || points->size() * combinations > kMostCombinations) break;
    if (domains[column].nulls()) points->pop_back();
    combinations *= points->size();
    prefix.push_back(std::move(*points));
  }
  std::vector<TupleRange> ranges;
  for (const KeyTuple& tuple : Combinations(prefix)) {
    for (const KeyInterval& interval : domains[column].intervals()) {
      ranges.push_back({LowEdge(tuple, interval), HighEdge(tuple, interval)});
    }
  }
  return ranges;
}

}  // namespace

std::vector<size_t> PartitionLevel::Prune(const KeyDomains& wanted) const {
  if (std::ranges::all_of(wanted, [](const KeyDomain& domain) { return domain.is_all(); })) return order_;
  const KeyDomains domains = WithinTypes(wanted, key_.types);
  if (std::ranges::any_of(domains, [](const KeyDomain& domain) { return domain.empty(); })) return {};
  switch (key_.strategy) {
    case PartitionStrategy::kRange:
      return PruneRange(domains);
    case PartitionStrategy::kList:
      return PruneList(domains);
    case PartitionStrategy::kHash: break;
  }
  return PruneHash(domains);
}

std::vector<size_t> PartitionLevel::InBoundOrder(std::vector<size_t> children) const {
  std::sort(children.begin(), children.end(), [&](size_t a, size_t b) { return rank_[a] < rank_[b]; });
  children.erase(std::unique(children.begin(), children.end()), children.end());
  return children;
}

std::vector<size_t> PartitionLevel::PruneRange(const KeyDomains& domains) const {
  std::vector<size_t> found;
  bool outside = std::any_of(domains.begin(), domains.end(), [](const KeyDomain& domain) { return domain.nulls(); });
  for (const TupleRange& wanted : TupleRanges(domains)) {
    auto at = std::partition_point(ranges_.begin(), ranges_.end(), [&](size_t child) {
      return CompareEdges(std::get<RangeBound>(bounds_[child]).to, wanted.low) <= 0;
    });
    const Edge* covered = &wanted.low;
    for (; at != ranges_.end(); ++at) {
      const auto& range = std::get<RangeBound>(bounds_[*at]);
      if (CompareEdges(range.from, wanted.high) >= 0) break;
      if (CompareEdges(range.from, *covered) > 0) outside = true;
      covered = &range.to;
      found.push_back(*at);
    }
    if (CompareEdges(*covered, wanted.high) < 0) outside = true;
  }
  if (outside && default_) found.push_back(*default_);
  return InBoundOrder(std::move(found));
}

std::vector<size_t> PartitionLevel::PruneList(const KeyDomains& domains) const {
  std::vector<size_t> found;
  bool outside = false;
  if (const auto points = AllPoints(domains)) {
    for (const KeyTuple& value : Combinations(*points)) {
      const auto child = RouteList(value);
      if (child) {
        found.push_back(*child);
      } else {
        outside = true;
      }
    }
  } else {
    outside = true;
    const auto passes = [&](const KeyTuple& value) {
      for (size_t i = 1; i < value.size(); ++i) {
        if (!domains[i].Contains(value[i])) return false;
      }
      return true;
    };
    const auto first_at = [&](const auto& is_before) {
      return std::partition_point(list_order_.begin(), list_order_.end(),
                                  [&](const auto& entry) { return is_before(entry.first[0]); });
    };
    const auto take = [&](auto from, auto to) {
      for (; from < to; ++from) {
        if (passes(from->first)) found.push_back(from->second);
      }
    };
    for (const KeyInterval& interval : domains[0].intervals()) {
      const auto from = first_at([&](const KeyValue& value) {
        if (!interval.low) return false;
        const auto order = Compare(value, *interval.low);
        return order < 0 || (order == 0 && !interval.low_inclusive);
      });
      const auto to = first_at([&](const KeyValue& value) {
        if (IsNull(value) || !interval.high) return !IsNull(value);
        const auto order = Compare(value, *interval.high);
        return order < 0 || (order == 0 && interval.high_inclusive);
      });
      take(from, to);
    }
    if (domains[0].nulls()) take(first_at([](const KeyValue& value) { return !IsNull(value); }), list_order_.end());
  }
  if (outside && default_) found.push_back(*default_);
  return InBoundOrder(std::move(found));
}

std::vector<size_t> PartitionLevel::PruneHash(const KeyDomains& domains) const {
  const auto points = AllPoints(domains);
  if (!points) return order_;
  std::vector<size_t> found;
  for (const KeyTuple& key : Combinations(*points)) {
    if (const auto child = RouteHash(key)) found.push_back(*child);
  }
  return InBoundOrder(std::move(found));
}

}  // namespace weir
