#include "storage/key_placement.h"

#include <utility>

#include "storage/key_decoder.h"

namespace weir {
namespace {

KvBatchView WithoutRecords(const KvBatchView& batch, bool of_writer) {
  KvBatchView part;
  part.schema_id = batch.schema_id;
  if (of_writer) {
    part.writer_id = batch.writer_id;
    part.sequence = batch.sequence;
  }
  return part;
}

}  // namespace

KeyPlacement::KeyPlacement(std::shared_ptr<const KeyLayout> layout, std::shared_ptr<const TableDescriptor> descriptor)
    : layout_(std::move(layout)),
      descriptor_(std::move(descriptor)),
      num_buckets_(descriptor_->bucket_count.value_or(1)) {}

Result<int32_t> KeyPlacement::BucketOfKey(std::string_view key) {
  if (num_buckets_ == 1) return 0;
  if (layout_->bucket_key_is_primary_key) return BucketOf(layout_->bucket_hash, key, num_buckets_);
  return Recode(*layout_, key);
}

Result<int32_t> KeyPlacement::BucketOfPrefix(std::string_view prefix) {
  if (num_buckets_ == 1) return 0;
  if (!of_prefix_) {
    of_prefix_ = *layout_;
    of_prefix_->primary_key = layout_->bucket_key;
  }
  return Recode(*of_prefix_, prefix);
}

Result<int32_t> KeyPlacement::Recode(const KeyLayout& layout, std::string_view key) {
  if (types_.empty()) {
    types_ = descriptor_->schema.types();
    row_.resize(types_.size());
  }
  arena_->Clear();
  WEIR_RETURN_NOT_OK(DecodePrimaryKey(layout, types_, key, arena_.get(), row_));
  bucket_key_.clear();
  WEIR_RETURN_NOT_OK(EncodeKey(layout.bucket_key_encoding, types_, layout.bucket_key, row_, &bucket_key_));
  return BucketOf(layout.bucket_hash, bucket_key_, num_buckets_);
}

Result<std::map<int32_t, KvBatchView>> KeyPlacement::Split(const KvBatchView& batch, int32_t home) {
  std::map<int32_t, KvBatchView> parts;
  for (size_t i = 0; i < batch.records.size(); ++i) {
    const KvRecordView& record = batch.records[i];
    WEIR_ASSIGN_OR_RETURN(const int32_t bucket, BucketOfKey(record.key));
    if (bucket == home && parts.empty()) continue;
    if (parts.empty()) {
      KvBatchView& at_home = parts.emplace(home, WithoutRecords(batch, /*of_writer=*/true)).first->second;
      at_home.records.assign(batch.records.begin(), batch.records.begin() + static_cast<std::ptrdiff_t>(i));
    }
    parts.try_emplace(bucket, WithoutRecords(batch, /*of_writer=*/false)).first->second.records.push_back(record);
  }
  return parts;
}

}  // namespace weir
