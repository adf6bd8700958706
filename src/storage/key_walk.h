#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/datum.h"

namespace weir {

/// Fewer keys are looked up one by one.
inline constexpr size_t kLeastKeysToWalk = 64;

/// The smallest key behind all keys with this prefix; empty: there is none.
std::string PrefixEnd(std::string prefix);

/// Puts places in `keys` into the order of these.
void SortByKey(std::span<const std::string_view> keys, std::vector<uint32_t>* places);

/// Whether nothing has this prefix. False, too, where nobody can tell without going past much that is deleted.
bool HasNoKeys(rocksdb::DB* database, rocksdb::ColumnFamilyHandle* family, const std::string& prefix);

/// Many keys with one prefix, met in their order by one walk through what is stored: what lies close together is found,
/// and what is not there is missed, for a step each. Keys that lie far apart are cheaper to look up, by filters and
/// without seeks.
class KeyWalk {
 public:
  /// `last`: none of the keys is behind it.
  KeyWalk(rocksdb::DB* database, rocksdb::ColumnFamilyHandle* family, const std::string& prefix, std::string_view last);

  /// False: there was too much that is deleted to go past.
  bool goes_on() const { return goes_on_; }
  const rocksdb::Status& status() const { return status_; }

  /// How many of the first of `wanted`, places in `keys` in the order of these, it has answered: all, or those up to
  /// where they lie too far apart. Values are copied into `arena`.
  size_t Meet(std::span<const std::string_view> keys, std::span<const uint32_t> wanted, Arena* arena,
              std::span<std::optional<std::string_view>> values);

 private:
  std::string_view CurrentKey() const;
  bool GoTo(std::string_view key, bool* sought);

  const size_t prefix_size_;
  std::string full_key_;
  const std::string upper_;
  const rocksdb::Slice upper_slice_;
  std::unique_ptr<rocksdb::Iterator> rows_;
  bool begun_ = false;
  bool goes_on_ = true;
  rocksdb::Status status_;
};

}  // namespace weir
