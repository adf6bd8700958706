#include "sql/engine/level_pruning.h"

#include <algorithm>
#include <set>
#include <utility>

#include "model/partition_values.h"

namespace weir::sql {
namespace {

/// More alternatives of bounds are taken column by column.
constexpr size_t kMostHeld = 16;
/// So are more of a condition.
constexpr size_t kMostAlternatives = 1024;

/// Finds the children of one level.
class LevelPruner {
 public:
  LevelPruner(duckdb::ClientContext& context, std::vector<KeyPart> key, const PartitionLevel& level,
              const HeldValues& held)
      : context_(context), level_(level), held_(held), key_size_(key.size()), parts_(std::move(key)) {
    std::set<int> known;
    for (const KeyPart& part : parts_) known.insert(part.column);
    for (const auto& columns : held) {
      for (const auto& [column, value] : columns) {
        if (!known.insert(column).second) continue;
        KeyPart& part = parts_.emplace_back();
        part.column = column;
        part.type = value.type;
        part.value_type = value.value_type;
      }
    }
  }

  std::vector<size_t> ChildrenOf(const Condition& condition) const {
    const bool alone = parts_.size() == 1 || condition.children.size() > kMostAlternatives;
    if (condition.kind == Condition::Kind::kOr && !alone) return InOneOf(condition.children);
    std::vector<size_t> children = ByColumns(condition);
    if (condition.kind != Condition::Kind::kAnd || alone) return children;
    for (const Condition& part : condition.children) {
      if (children.empty() || part.children.empty()) continue;
      const std::vector<bool> reached = AsMarks(ChildrenOf(part));
      std::erase_if(children, [&](size_t child) { return !reached[child]; });
    }
    return children;
  }

 private:
  std::vector<size_t> InOneOf(const std::vector<Condition>& alternatives) const {
    std::vector<bool> reached(level_.size());
    for (const Condition& one : alternatives) {
      std::vector<size_t> children = ChildrenOf(one);
      if (children.size() == level_.size()) return children;
      for (const size_t child : children) reached[child] = true;
    }
    return InOrder(reached);
  }

  /// By what the condition says of each column.
  std::vector<size_t> ByColumns(const Condition& condition) const {
    const KeyDomains wanted = DomainsOf(context_, condition, parts_);
    std::vector<std::vector<size_t>> found;
    for (const auto& columns : held_) {
      KeyDomains domains = wanted;
      for (size_t i = 0; i < domains.size(); ++i) {
        const auto value = columns.find(parts_[i].column);
        if (value != columns.end()) domains[i] = domains[i].Intersect(value->second.values);
      }
      if (std::ranges::any_of(domains, [](const KeyDomain& domain) { return domain.empty(); })) continue;
      domains.resize(key_size_, KeyDomain::All());
      found.push_back(level_.Prune(domains));
    }
    if (found.empty()) return {};
    if (found.size() == 1) return std::move(found.front());
    std::vector<bool> reached(level_.size());
    for (const auto& children : found) {
      for (const size_t child : children) reached[child] = true;
    }
    return InOrder(reached);
  }

  std::vector<bool> AsMarks(const std::vector<size_t>& children) const {
    std::vector<bool> marks(level_.size());
    for (const size_t child : children) marks[child] = true;
    return marks;
  }

  std::vector<size_t> InOrder(const std::vector<bool>& marks) const {
    std::vector<size_t> children;
    for (const size_t child : level_.bound_order()) {
      if (marks[child]) children.push_back(child);
    }
    return children;
  }

  duckdb::ClientContext& context_;
  const PartitionLevel& level_;
  const HeldValues& held_;
  size_t key_size_;
  std::vector<KeyPart> parts_;  // of the key, and then the columns besides of which bounds say something
};

}  // namespace

std::vector<size_t> ChildrenFor(duckdb::ClientContext& context, const Condition& condition, std::vector<KeyPart> key,
                                const PartitionLevel& level, const HeldValues& held) {
  return LevelPruner(context, std::move(key), level, held).ChildrenOf(condition);
}

HeldValues HeldBelow(const HeldValues& held, const std::vector<int>& columns,
                     const std::vector<SqlPartitionKeyPart>& key, const PartitionLevel& level, size_t child) {
  std::vector<KeyDomains> values = ValuesIn(level, child);
  if (values.size() * held.size() > kMostHeld) values = {Around(values)};
  HeldValues below;
  for (const auto& above : held) {
    for (const KeyDomains& own : values) {
      auto both = above;
      bool possible = true;
      for (size_t i = 0; i < own.size(); ++i) {
        if (columns[i] < 0 || own[i].is_all()) continue;
        HeldColumn& column = both.try_emplace(columns[i], HeldColumn{key[i].type, key[i].value_type}).first->second;
        column.values = column.values.Intersect(own[i]);
        possible = possible && !column.values.empty();
      }
      if (possible) below.push_back(std::move(both));
    }
  }
  return below;
}

}  // namespace weir::sql
