#include "gateway/embedded/bucket_registry.h"

#include <atomic>
#include <thread>

#include "gateway/embedded/engine.h"
#include "tests/gateway/gateway_testing.h"

namespace weir {
namespace {

class BucketRegistryTest : public testing::Test {
 protected:
  void SetUp() override {
    Result<std::unique_ptr<KvStore>> kv = KvStore::Open(directory_ / "kv", {});
    ASSERT_TRUE(kv.ok()) << kv.status().ToString();
    kv_ = kv.MoveValue();
    auto table = std::make_shared<TableContext>();
    table->path = {"fluss", "t"};
    table->table_id = 0;
    table->descriptor = *CompleteDescriptor(LogTable(100), {});
    table->options = *TableOptions::Parse(table->descriptor.properties);
    table->schema_by_id = [schema = table->descriptor.schema](int32_t) { return Result<Schema>(schema); };
    BucketRegistry::Options options;
    options.directory = directory_ / "log";
    std::filesystem::create_directory(options.directory);
    options.log.now_ms = NowMs;
    options.syncer = MakeLogSyncer(2);
    options.kv = kv_.get();
    options.max_open = 4;
    options.max_quiet_bytes = 4096;
    options.find_table = [this, table](const TableBucket& bucket) -> Result<std::shared_ptr<const TableContext>> {
      if (dropped_) return Status(ErrorCode::kUnknownTableOrBucket, bucket.ToString() + " is unknown");
      return std::shared_ptr<const TableContext>(table);
    };
    options.on_append = [this](const TableBucket&) { ++notified_; };
    schema_ = table->descriptor.schema;
    registry_ = std::make_unique<BucketRegistry>(options);
  }

  int64_t Append(int32_t bucket, int first_id) {
    const Result<BucketRegistry::Lease> lease = registry_->Acquire({0, {}, bucket});
    EXPECT_TRUE(lease.ok()) << lease.status().ToString();
    const Result<LogAppendResult> appended = (*lease)->Append(LogBatch(schema_, first_id, 1));
    EXPECT_TRUE(appended.ok()) << appended.status().ToString();
    return appended.ok() ? appended->base_offset : -1;
  }

  TempDirectory directory_;
  std::unique_ptr<KvStore> kv_;
  Schema schema_;
  std::atomic<bool> dropped_{false};
  std::atomic<int> notified_{0};
  std::unique_ptr<BucketRegistry> registry_;
};

TEST_F(BucketRegistryTest, ClosesBucketsThatAreUsedLeastAndOpensThemAgain) {
  for (int round = 0; round < 3; ++round) {
    for (int bucket = 0; bucket < 10; ++bucket) {
      EXPECT_EQ(Append(bucket, round), round);
      EXPECT_LE(registry_->num_open(), 4u);
    }
  }
  EXPECT_TRUE(registry_->Close().ok());
  EXPECT_EQ(registry_->num_open(), 0u);
  EXPECT_EQ(notified_, 30);
}

TEST_F(BucketRegistryTest, KeepsWhatSmallLogsHeldThatItCloses) {
  const auto quiet = [&](int32_t bucket) { return registry_->FindQuiet({0, {}, bucket}); };
  for (int bucket = 0; bucket < 6; ++bucket) Append(bucket, 7);
  ASSERT_NE(quiet(0), nullptr);
  EXPECT_EQ(quiet(0)->start_offset, 0);
  EXPECT_EQ(quiet(0)->end_offset, 1);
  EXPECT_EQ(quiet(5), nullptr);  // it is open
  const std::shared_ptr<const QuietLog> before = quiet(0);
  {
    const Result<BucketRegistry::Lease> lease = registry_->Acquire({0, {}, 0});
    ASSERT_TRUE(lease.ok());
    const Result<LogReadResult> read = (*lease)->log().Read(kEarliestOffset, 1 << 20);
    ASSERT_TRUE(read.ok());
    EXPECT_TRUE(read->records->Equals(*before->records));
  }
  EXPECT_EQ(quiet(0), nullptr);  // who holds it may write
  Append(0, 8);
  for (int bucket = 1; bucket < 6; ++bucket) Append(bucket, 8);
  ASSERT_NE(quiet(0), nullptr);
  EXPECT_EQ(quiet(0)->end_offset, 2);
  registry_->Drop(0, {});
  EXPECT_EQ(quiet(0), nullptr);
}

TEST_F(BucketRegistryTest, KeepsNoMoreOfClosedLogsThanItMay) {
  for (int round = 0; round < 2; ++round) {
    for (int bucket = 0; bucket < 40; ++bucket) Append(bucket, round);
  }
  int64_t bytes = 0;
  for (int bucket = 0; bucket < 40; ++bucket) {
    const auto quiet = registry_->FindQuiet({0, {}, bucket});
    if (quiet != nullptr) bytes += quiet->records->size();
  }
  EXPECT_GT(bytes, 0);
  EXPECT_LE(bytes, 4096);
}

TEST_F(BucketRegistryTest, ManyThreadsMayShareFewOpenBuckets) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 60; ++i) Append((i * (t + 1)) % 12, i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  int64_t records = 0;
  for (int bucket = 0; bucket < 12; ++bucket) {
    const Result<BucketRegistry::Lease> lease = registry_->Acquire({0, {}, bucket});
    ASSERT_TRUE(lease.ok());
    records += (*lease)->log().end_offset();
  }
  EXPECT_EQ(records, 240);
}

TEST_F(BucketRegistryTest, TellsWhatWasNeverWrittenAndMakesNothing) {
  const auto is_unwritten = [&](int32_t bucket) { return registry_->IsUnwritten({0, {}, bucket}); };
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(*is_unwritten(1));
  EXPECT_EQ(registry_->num_open(), 0u);
  EXPECT_FALSE(registry_->HasAny(0));
  EXPECT_TRUE(registry_->Acquire({0, {}, 1}).ok());
  EXPECT_FALSE(*is_unwritten(1));  // who holds it may write
  EXPECT_TRUE(registry_->HasAny(0));
  EXPECT_TRUE(std::filesystem::is_empty(directory_ / "log"));
  Append(1, 0);
  for (int bucket = 2; bucket < 8; ++bucket) EXPECT_TRUE(registry_->Acquire({0, {}, bucket}).ok());
  EXPECT_FALSE(*is_unwritten(1));
  EXPECT_TRUE(*is_unwritten(9));
  registry_->Drop(0, {});
  dropped_ = true;
  EXPECT_EQ(is_unwritten(9).status().code(), ErrorCode::kUnknownTableOrBucket);
}

TEST_F(BucketRegistryTest, ADroppedBucketDoesNotOpenAgain) {
  Append(3, 0);
  dropped_ = true;
  const std::vector<TableBucket> dropped = registry_->Drop(0, {});
  ASSERT_EQ(dropped.size(), 1u);
  EXPECT_EQ(dropped[0].bucket_id, 3);
  EXPECT_EQ(registry_->Acquire({0, {}, 3}).status().code(), ErrorCode::kUnknownTableOrBucket);
  EXPECT_EQ(registry_->num_open(), 0u);
}

}  // namespace
}  // namespace weir
