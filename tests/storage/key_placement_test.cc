#include "storage/key_placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;

TableDescriptor Describe(std::vector<std::string> primary_key, std::vector<std::string> bucket_keys, int32_t buckets) {
  TableDescriptor descriptor;
  descriptor.schema = *Schema::Make({{"a", DataType::Int()}, {"b", DataType::BigInt()}, {"c", DataType::String()}},
                                    std::move(primary_key));
  descriptor.bucket_keys = std::move(bucket_keys);
  descriptor.bucket_count = buckets;
  return descriptor;
}

const std::vector<DataType>& Types() {
  static const std::vector<DataType> types{DataType::Int().NotNull(), DataType::BigInt().NotNull(),
                                           DataType::String().NotNull()};
  return types;
}

std::string Encode(KeyEncoding encoding, const std::vector<int>& columns, int64_t a, int64_t b, std::string_view c) {
  const std::vector<Datum> row{Datum::Int(a), Datum::Int(b), Datum::Bytes(c)};
  std::string key;
  EXPECT_TRUE(EncodeKey(encoding, Types(), columns, row, &key).ok());
  return key;
}

KeyPlacement Place(const TableDescriptor& descriptor, const Properties& properties = {}) {
  const auto options = TableOptions::Parse(properties);
  EXPECT_TRUE(options.ok()) << options.status().ToString();
  auto layout = MakeKeyLayout(descriptor, *options);
  EXPECT_TRUE(layout.ok()) << layout.status().ToString();
  return {std::make_shared<const KeyLayout>(layout.MoveValue()), std::make_shared<const TableDescriptor>(descriptor)};
}

/// Keys of the whole primary key, and of a part of it, go by the hash of the bucket key.
void ExpectPlaced(KeyPlacement placement, KeyEncoding primary, const std::vector<int>& primary_columns,
                  KeyEncoding bucket, const std::vector<int>& bucket_columns, BucketHash hash, int32_t buckets) {
  for (int64_t n = -300; n < 300; n += 7) {
    const std::string text = "käse" + std::to_string(n);
    const auto right = BucketOf(hash, Encode(bucket, bucket_columns, n, n * n, text), buckets);
    ASSERT_TRUE(right.ok()) << right.status().ToString();
    const auto of_key = placement.BucketOfKey(Encode(primary, primary_columns, n, n * n, text));
    ASSERT_TRUE(of_key.ok()) << of_key.status().ToString();
    EXPECT_EQ(*of_key, *right) << n;
    const auto of_prefix = placement.BucketOfPrefix(Encode(primary, bucket_columns, n, n * n, text));
    ASSERT_TRUE(of_prefix.ok()) << of_prefix.status().ToString();
    EXPECT_EQ(*of_prefix, *right) << n;
  }
}

TEST(KeyPlacement, GoesByTheBucketKey) {
  const KeyEncoding compacted = KeyEncoding::kCompacted;
  ExpectPlaced(Place(Describe({"a", "b", "c"}, {"a", "b", "c"}, 8)), compacted, {0, 1, 2}, compacted, {0, 1, 2},
               BucketHash::kFluss, 8);
  ExpectPlaced(Place(Describe({"a", "b", "c"}, {"a"}, 8)), compacted, {0, 1, 2}, compacted, {0}, BucketHash::kFluss, 8);
  ExpectPlaced(Place(Describe({"c", "b"}, {"c"}, 5)), compacted, {2, 1}, compacted, {2}, BucketHash::kFluss, 5);
}

TEST(KeyPlacement, GoesByTheLakesHashWhereTheTableHasOne) {
  const Properties paimon{{"table.datalake.format", "paimon"}, {"table.kv.format-version", "2"}};
  ExpectPlaced(Place(Describe({"a", "b"}, {"a", "b"}, 8), paimon), KeyEncoding::kPaimon, {0, 1}, KeyEncoding::kPaimon,
               {0, 1}, BucketHash::kPaimon, 8);
  ExpectPlaced(Place(Describe({"a", "b"}, {"a"}, 8), paimon), KeyEncoding::kCompacted, {0, 1}, KeyEncoding::kPaimon,
               {0}, BucketHash::kPaimon, 8);
  const Properties iceberg{{"table.datalake.format", "iceberg"}, {"table.kv.format-version", "2"}};
  ExpectPlaced(Place(Describe({"c", "b"}, {"c"}, 7), iceberg), KeyEncoding::kCompacted, {2, 1}, KeyEncoding::kIceberg,
               {2}, BucketHash::kIceberg, 7);
}

TEST(KeyPlacement, PrefixesThatAreNotTheBucketKeyHaveNoBucket) {
  const auto code_of = [](KeyPlacement placement, const std::vector<int>& columns) {
    return placement.BucketOfPrefix(Encode(KeyEncoding::kCompacted, columns, 7, 49, "x")).status().code();
  };
  EXPECT_EQ(code_of(Place(Describe({"a", "b"}, {"a", "b"}, 8)), {0}), ErrorCode::kCorruptRecord);
  EXPECT_EQ(code_of(Place(Describe({"a", "b", "c"}, {"a"}, 8)), {0, 1}), ErrorCode::kCorruptRecord);
}

TEST(KeyPlacement, BytesThatAreNoKeyHaveNoBucket) {
  KeyPlacement placement = Place(Describe({"a", "b"}, {"a"}, 8));
  EXPECT_EQ(placement.BucketOfKey("x").status().code(), ErrorCode::kCorruptRecord);
  EXPECT_EQ(*Place(Describe({"a", "b"}, {"a"}, 1)).BucketOfKey("x"), 0);
}

TEST(KeyPlacement, SplitsWhatIsNotInItsPlace) {
  KeyPlacement placement = Place(Describe({"a"}, {"a"}, 4));
  const auto key = [](int64_t a) { return Encode(KeyEncoding::kCompacted, {0}, a, 0, ""); };
  KvBatchBuilder builder;
  for (int64_t a = 0; a < 50; ++a) builder.Upsert(key(a), "row");
  builder.Delete(key(7));
  const std::string bytes = builder.Finish(3, 17, 5);
  const auto batch = ParseKvBatch(bytes);
  ASSERT_TRUE(batch.ok());
  const int32_t home = 2;
  const auto parts = placement.Split(*batch, home);
  ASSERT_TRUE(parts.ok()) << parts.status().ToString();
  EXPECT_THAT(*parts, ElementsAre(Key(0), Key(1), Key(2), Key(3)));
  size_t records = 0;
  for (const auto& [bucket, part] : *parts) {
    EXPECT_EQ(part.schema_id, 3);
    EXPECT_EQ(part.writer_id, bucket == home ? 17 : -1);
    EXPECT_EQ(part.sequence, bucket == home ? 5 : -1);
    records += part.records.size();
    for (const KvRecordView& record : part.records) EXPECT_EQ(*placement.BucketOfKey(record.key), bucket);
    if (bucket != *placement.BucketOfKey(key(7))) continue;
    EXPECT_EQ(part.records.back().key, key(7)) << "in the order of the batch";
    EXPECT_FALSE(part.records.back().row.has_value());
  }
  EXPECT_EQ(records, 51u);

  KvBatchView at_home = *batch;
  std::erase_if(at_home.records,
                [&](const KvRecordView& record) { return *placement.BucketOfKey(record.key) != home; });
  EXPECT_THAT(*placement.Split(at_home, home), IsEmpty());
  const auto moved = placement.Split(at_home, 3);
  ASSERT_TRUE(moved.ok());
  EXPECT_THAT(*moved, ElementsAre(Key(home), Key(3)));
  EXPECT_THAT(moved->at(3).records, IsEmpty());
  EXPECT_EQ(moved->at(3).writer_id, 17);
}

}  // namespace
}  // namespace weir
