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
  /// What lies in one of them.
  static KeyDomain Of(std::vector<KeyInterval> intervals);
  /// Everything but one value (and NULL), as `<>` asks.
  static KeyDomain Except(const KeyValue& value);

  const std::vector<KeyInterval>& intervals() const { return intervals_; }
  bool nulls() const { return nulls_; }
  bool empty() const { return intervals_.empty() && !nulls_; }
  bool is_all() const;
  bool Contains(const KeyValue& value) const;
  /// The values, when there are only finitely many (NULL among them as NULL). An interval of whole numbers is written
  /// out where it has at most `most` of them: a filter k IN (1, 2) may come as one.
  std::optional<std::vector<KeyValue>> AsPoints(size_t most = 0) const;

  KeyDomain Intersect(const KeyDomain& other) const;
  KeyDomain Union(const KeyDomain& other) const;
  /// All that is not in it, NULL among it where it is not.
  KeyDomain Complement() const;

 private:
  KeyDomain(std::vector<KeyInterval> intervals, bool nulls) : intervals_(std::move(intervals)), nulls_(nulls) {}

  std::vector<KeyInterval> intervals_;
  bool nulls_ = false;
};

/// One domain a key column.
using KeyDomains = std::vector<KeyDomain>;

}  // namespace weir
