#include "storage/key_layout.h"

#include "model/table_rules.h"

namespace weir {
namespace {

KeyEncoding LakeKeyEncoding(LakeFormat lake) {
  switch (lake) {
    case LakeFormat::kPaimon:
      return KeyEncoding::kPaimon;
    case LakeFormat::kIceberg:
      return KeyEncoding::kIceberg;
    case LakeFormat::kHudi:
      return KeyEncoding::kHudi;
    case LakeFormat::kNone:
    case LakeFormat::kLance:
      break;
  }
  return KeyEncoding::kCompacted;
}

BucketHash LakeBucketHash(LakeFormat lake) {
  switch (lake) {
    case LakeFormat::kPaimon:
      return BucketHash::kPaimon;
    case LakeFormat::kIceberg:
      return BucketHash::kIceberg;
    case LakeFormat::kHudi:
      return BucketHash::kHudi;
    case LakeFormat::kNone:
    case LakeFormat::kLance:
      break;
  }
  return BucketHash::kFluss;
}

KeyEncoding PrimaryKeyEncoding(const TableOptions& options, bool default_bucket_key) {
  if (options.lake_format == LakeFormat::kHudi) return KeyEncoding::kCompacted;
  if (options.kv_format_version >= 2 && !default_bucket_key) return KeyEncoding::kCompacted;
  return LakeKeyEncoding(options.lake_format);
}

Status CheckTypes(const Schema& schema, const std::vector<int>& columns, KeyEncoding encoding) {
  std::vector<DataType> types;
  for (const int column : columns) types.push_back(schema.column(column).type);
  return CheckKeyTypes(encoding, types);
}

}  // namespace

Result<KeyLayout> MakeKeyLayout(const TableDescriptor& descriptor, const TableOptions& options) {
  KeyLayout layout;
  layout.bucket_key_encoding = LakeKeyEncoding(options.lake_format);
  layout.bucket_hash = LakeBucketHash(options.lake_format);
  const auto named = descriptor.custom_properties.find(kBucketHashProperty);
  const bool pyfluss = named != descriptor.custom_properties.end() && named->second == kPyflussBucketHash;
  if (pyfluss && layout.bucket_hash == BucketHash::kFluss) layout.bucket_hash = BucketHash::kPyfluss;
  WEIR_ASSIGN_OR_RETURN(layout.bucket_key, descriptor.schema.IndexesOf(descriptor.bucket_keys));
  if (!layout.bucket_key.empty()) {
    WEIR_RETURN_NOT_OK(CheckTypes(descriptor.schema, layout.bucket_key, layout.bucket_key_encoding));
  }
  if (!descriptor.has_primary_key()) return layout;
  const bool default_bucket_key = descriptor.HasDefaultBucketKey();
  layout.primary_key_encoding = PrimaryKeyEncoding(options, default_bucket_key);
  WEIR_ASSIGN_OR_RETURN(layout.primary_key, descriptor.schema.IndexesOf(descriptor.PhysicalPrimaryKey()));
  WEIR_RETURN_NOT_OK(CheckTypes(descriptor.schema, layout.primary_key, layout.primary_key_encoding));
  layout.bucket_key_is_primary_key =
      layout.bucket_key == layout.primary_key && layout.bucket_key_encoding == layout.primary_key_encoding;
  return layout;
}

}  // namespace weir
