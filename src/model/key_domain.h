#pragma once

#include <optional>
#include <vector>

#include "model/key_value.h"

namespace weir {

/// A run of values of one column. An absent edge is open.
struct KeyInterval {
  std::optional<KeyValue> low;
  std::optional<KeyValue> high;
  bool low_inclusive = true;
  bool high_inclusive = true;
};

/// The values of one column that a filter lets through: disjoint intervals in ascending order, and
/// whether NULL passes.
class KeyDomain {
 public:
  static KeyDomain All() { return KeyDomain({KeyInterval{}}, true); }
  static KeyDomain None() { return KeyDomain({}, false); }
  static KeyDomain NullOnly() { return KeyDomain({}, true); }
  static KeyDomain NotNull() { return KeyDomain({KeyInterval{}}, false); }
  /// Here NULL means that NULL passes: what `IS NULL` asks, not `= NULL`, which is None().
  static KeyDomain Point(KeyValue value);
  static KeyDomain Points(std::vector<KeyValue> values);
  /// None() when no value lies in it.
  static KeyDomain Of(KeyInterval interval);
  /// Everything but one value (and NULL), as `<>` asks.
  static KeyDomain Except(const KeyValue& value);

  const std::vector<KeyInterval>& intervals() const { return intervals_; }
  bool nulls() const { return nulls_; }
  bool empty() const { return intervals_.empty() && !nulls_; }
  bool is_all() const;
  bool Contains(const KeyValue& value) const;
  /// The values, when there are only finitely many (NULL among them as NULL).
  std::optional<std::vector<KeyValue>> AsPoints() const;

  KeyDomain Intersect(const KeyDomain& other) const;
  KeyDomain Union(const KeyDomain& other) const;

 private:
  KeyDomain(std::vector<KeyInterval> intervals, bool nulls) : intervals_(std::move(intervals)), nulls_(nulls) {}

  std::vector<KeyInterval> intervals_;
  bool nulls_ = false;
};

/// One domain a key column.
using KeyDomains = std::vector<KeyDomain>;

}  // namespace weir
