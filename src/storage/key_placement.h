#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/kv_batch.h"
#include "storage/key_layout.h"
#include "weir/datum.h"

namespace weir {

/// The bucket that each key of a primary key table belongs into (docs/fluss-formats.md, "Buckets"). Writers and readers
/// compute it as well, and some clients do it otherwise: what counts is what is said here. Not thread-safe.
class KeyPlacement {
 public:
  /// `layout` is that of a table with a primary key, which `descriptor` describes.
  KeyPlacement(std::shared_ptr<const KeyLayout> layout, std::shared_ptr<const TableDescriptor> descriptor);

  /// Of an encoded primary key. Code 14 when it is none of this table, where that has to be known.
  Result<int32_t> BucketOfKey(std::string_view key);
  /// Of the encoded bucket key that a primary key begins with, as a prefix lookup has it. Code 14 for more or fewer
  /// columns of the key: their rows may be in any bucket.
  Result<int32_t> BucketOfPrefix(std::string_view prefix);

  /// The records of a batch that was sent to the bucket `home` by the buckets that they belong into: nothing when that
  /// is `home` for all of them. Otherwise `home` is among them, even without a record, and has the writer's id and
  /// sequence; the other parts have none. The records point to where the batch's do.
  Result<std::map<int32_t, KvBatchView>> Split(const KvBatchView& batch, int32_t home);

 private:
  /// `key`: encoded as primary keys are, of the columns that `layout` calls one.
  Result<int32_t> Recode(const KeyLayout& layout, std::string_view key);

  std::shared_ptr<const KeyLayout> layout_;
  std::shared_ptr<const TableDescriptor> descriptor_;
  int32_t num_buckets_;
  std::optional<KeyLayout> of_prefix_;  // the bucket key as a primary key; made for the first prefix
  std::vector<DataType> types_;         // of the table's columns; from the first key that is taken apart on
  std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();
  std::vector<Datum> row_;
  std::string bucket_key_;
};

}  // namespace weir
