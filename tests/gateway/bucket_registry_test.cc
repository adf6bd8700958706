#include "gateway/embedded/bucket_registry.h"

#include <atomic>
#include <filesystem>
#include <fstream>
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
    BucketRegistry::Options& options = options_;
    options.directory = directory_ / "log";
    options.quiet_file = directory_ / kQuietFile;
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
  BucketRegistry::Options options_;
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

TEST_F(BucketRegistryTest, LeavesWhatSmallLogsHoldForTheNextProcess) {
  const auto quiet = [&](int32_t bucket) { return registry_->FindQuiet({0, {}, bucket}); };
  const auto open_again = [&] {
    EXPECT_TRUE(registry_->Close().ok());
    registry_ = std::make_unique<BucketRegistry>(options_);
  };
  for (int bucket = 0; bucket < 6; ++bucket) Append(bucket, bucket);
  EXPECT_TRUE(*registry_->IsUnwritten({0, {}, 7}));
  open_again();
  EXPECT_FALSE(
      std::filesystem::exists(directory_ / kQuietFile));  // it would be older than what is written from here on
  for (int bucket = 0; bucket < 6; ++bucket) {
    ASSERT_NE(quiet(bucket), nullptr) << bucket;
    EXPECT_EQ(quiet(bucket)->end_offset, 1);
  }
  EXPECT_EQ(registry_->num_open(), 0u);
  const std::shared_ptr<const QuietLog> before = quiet(3);
  Append(3, 3);
  EXPECT_EQ(quiet(3), nullptr);
  Append(7, 7);
  open_again();
  ASSERT_NE(quiet(3), nullptr);
  EXPECT_EQ(quiet(3)->end_offset, 2);
  EXPECT_TRUE(std::string_view(*quiet(3)->records).starts_with(std::string_view(*before->records)));
  EXPECT_FALSE(*registry_->IsUnwritten({0, {}, 7}));
}

TEST_F(BucketRegistryTest, KnowsAfterOneThatWasKilledWhatTheOneBeforeHasLeft) {
  for (int bucket = 0; bucket < 6; ++bucket) Append(bucket, bucket);
  EXPECT_TRUE(*registry_->IsUnwritten({0, {}, 7}));
  EXPECT_TRUE(*registry_->IsUnwritten({0, {}, 8}));
  ASSERT_TRUE(registry_->Close().ok());
  std::filesystem::path saved = directory_ / "saved";
  registry_ = std::make_unique<BucketRegistry>(options_);
  EXPECT_TRUE(std::filesystem::exists(directory_ / kEarlierQuietFile));
  EXPECT_EQ(Append(3, 3), 1);
  EXPECT_EQ(Append(7, 7), 0);
  std::filesystem::copy_file(directory_ / kEarlierQuietFile, saved);
  ASSERT_TRUE(registry_->Close().ok());
  registry_.reset();
  // As if it had been killed.
  std::filesystem::remove(directory_ / kQuietFile);
  std::filesystem::copy_file(saved, directory_ / kEarlierQuietFile, std::filesystem::copy_options::overwrite_existing);
  const auto folder = [&](int bucket) {
    return options_.directory / BucketRegistry::BucketDirectory({0, {}, bucket});
  };
  std::ofstream(folder(4) / "00000000000000000001.log") << "";
  registry_ = std::make_unique<BucketRegistry>(options_);
  const auto quiet = [&](int32_t bucket) { return registry_->FindQuiet({0, {}, bucket}); };
  ASSERT_NE(quiet(2), nullptr);
  EXPECT_EQ(quiet(2)->end_offset, 1);
  EXPECT_EQ(quiet(3), nullptr);  // it was written to
  EXPECT_EQ(quiet(4), nullptr);  // it has another segment
  EXPECT_FALSE(*registry_->IsUnwritten({0, {}, 7}));
  EXPECT_TRUE(*registry_->IsUnwritten({0, {}, 8}));
  EXPECT_EQ(Append(3, 4), 2);
}

TEST_F(BucketRegistryTest, DoesNotBelieveWhatWasLeftOfChangedFiles) {
  for (int bucket = 0; bucket < 4; ++bucket) Append(bucket, bucket);
  EXPECT_TRUE(registry_->Close().ok());
  const auto segment = [&](int bucket) {
    return options_.directory / BucketRegistry::BucketDirectory({0, {}, bucket}) / "00000000000000000000.log";
  };
  {
    std::fstream damaged(segment(0), std::ios::in | std::ios::out | std::ios::binary);
    damaged.seekp(-1, std::ios::end);
    damaged.put('x');
  }
  std::filesystem::remove(segment(1));
  registry_ = std::make_unique<BucketRegistry>(options_);
  EXPECT_EQ(registry_->FindQuiet({0, {}, 0}), nullptr);
  EXPECT_EQ(registry_->FindQuiet({0, {}, 1}), nullptr);
  EXPECT_NE(registry_->FindQuiet({0, {}, 2}), nullptr);
  registry_->Drop(0, {});
  EXPECT_EQ(registry_->FindQuiet({0, {}, 2}), nullptr);
}

TEST_F(BucketRegistryTest, PassesOverAQuietFileThatIsNotWhole) {
  for (int bucket = 0; bucket < 4; ++bucket) Append(bucket, bucket);
  EXPECT_TRUE(registry_->Close().ok());
  const std::filesystem::path file = directory_ / kQuietFile;
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 3);
  registry_ = std::make_unique<BucketRegistry>(options_);
  EXPECT_EQ(registry_->FindQuiet({0, {}, 2}), nullptr);
  EXPECT_EQ(Append(2, 5), 1);
}

TEST_F(BucketRegistryTest, JoinsRowsThatWereWrittenOneByOne) {
  options_.log.small_batches_to_join = 100;
  options_.log.now_ms = [] { return int64_t{1000}; };
  registry_ = std::make_unique<BucketRegistry>(options_);
  for (int i = 0; i < 150; ++i) Append(1, i);
  for (int i = 0; i < 50; ++i) Append(2, i);  // too few
  ASSERT_TRUE(registry_->Compact([] { return false; }).ok());
  for (const int bucket : {1, 2}) {
    const Result<BucketRegistry::Lease> lease = registry_->Acquire({0, {}, bucket});
    ASSERT_TRUE(lease.ok());
    ASSERT_TRUE((*lease)->log().Sync().ok());  // reads end at what is durable
    const Result<LogReadResult> read = (*lease)->log().Read(kEarliestOffset, 1 << 20);
    ASSERT_TRUE(read.ok()) << read.status().ToString();
    const Result<DecodedLogBatch> first = DecodeLogBatch(read->records, schema_, {});
    ASSERT_TRUE(first.ok()) << first.status().ToString();
    EXPECT_EQ(first->header.base_offset, 0);
    if (bucket == 2) {
      EXPECT_EQ(first->header.record_count, 1);
      continue;
    }
    EXPECT_EQ(first->header.total_size(), read->records->size());
    EXPECT_GT(first->header.statistics_length, 0);
    ASSERT_EQ(first->rows->num_rows(), 150);
    const auto& ids = static_cast<const arrow::Int32Array&>(*first->rows->column(0));
    for (int i = 0; i < 150; ++i) EXPECT_EQ(ids.Value(i), i);
  }
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
