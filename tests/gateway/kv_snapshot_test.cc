#include "gateway/kv_snapshot.h"

#include <fstream>
#include <limits>
#include <random>

#include "tests/gateway/gateway_testing.h"
#include "tests/testing/kv_snapshot_reader.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr int64_t kMinuteMs = 60 * 1000;
constexpr int64_t kSnapshotDayMs = 24 * 60 * kMinuteMs;

using RowMap = std::map<std::string, std::string>;

/// A text that does not compress.
std::string Noise(int size, uint32_t seed) {
  std::mt19937 random(seed);
  std::string text;
  for (int i = 0; i < size; ++i) text.push_back(static_cast<char>('0' + random() % 64));
  return text;
}

std::vector<std::string> SnapshotFilesBelow(const std::string& directory) {
  std::vector<std::string> files;
  std::error_code missing;
  for (std::filesystem::recursive_directory_iterator it(directory, missing), end; !missing && it != end; ++it) {
    if (it->is_regular_file()) files.push_back(it->path().string());
  }
  return files;
}

/// A PK table whose changelog is kept for a day, of small segments.
class KvSnapshotsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.segment_bytes = 4096;
    Open();
    TableDescriptor descriptor = PkTable();
    descriptor.properties["table.log.ttl"] = "1d";
    bucket_ = {MakeTable(*gateway_, "t", descriptor).table_id, {}, 0};
    start_ms_ = TestNowMs();
  }

  void Open() { gateway_ = OpenOrDie(directory_ / "db", options_); }
  /// Closing brings the rows to disk: retention keeps the changelog of those that are not there.
  void Reopen() {
    ASSERT_TRUE(gateway_->Close().ok());
    Open();
  }
  /// As many days, and minutes, after the test's beginning.
  void Maintain(int64_t days, int64_t minutes = 0) {
    const Status done = RunMaintenance(*gateway_, start_ms_ + days * kSnapshotDayMs + minutes * kMinuteMs);
    EXPECT_TRUE(done.ok()) << done.ToString();
  }

  /// Rows of more than one segment.
  void Fill(int first_id, int count, const std::string& name) {
    for (int id = first_id; id < first_id + count; ++id) {
      EXPECT_OK(gateway_->PutKv(Put(bucket_, id, 1, name + Noise(500, static_cast<uint32_t>(id)))));
      rows_[KeyOf(id)] = ValueOf(id, name + Noise(500, static_cast<uint32_t>(id)));
    }
  }
  void Delete(int id) {
    KvBatchBuilder builder;
    builder.Delete(KeyOf(id));
    PutKvRequest request;
    request.table_id = bucket_.table_id;
    request.buckets.push_back({bucket_, arrow::Buffer::FromString(builder.Finish(1, -1, -1))});
    EXPECT_OK(gateway_->PutKv(request));
    rows_.erase(KeyOf(id));
  }

  int64_t LogStart() {
    return Get(Get(gateway_->ListOffsets(bucket_.table_id, {}, {0}, OffsetSpec::Earliest())).at(0));
  }
  int64_t LogEnd() { return Get(Get(gateway_->ListOffsets(bucket_.table_id, {}, {0}, OffsetSpec::Latest())).at(0)); }
  std::optional<KvSnapshot> Latest() {
    const auto latest = Get(gateway_->GetLatestKvSnapshots(bucket_.table_id, {}));
    EXPECT_THAT(latest, SizeIs(1));
    return latest.empty() ? std::nullopt : latest[0];
  }
  std::vector<int64_t> Listed() {
    std::vector<int64_t> ids;
    for (const KvSnapshot& snapshot : Get(gateway_->ListKvSnapshots(bucket_.table_id, {}))) {
      ids.push_back(snapshot.id.snapshot_id);
    }
    return ids;
  }
  RowMap RowsOf(const KvSnapshotId& id) {
    const KvSnapshotFiles described = Get(gateway_->GetKvSnapshotFiles(id));
    std::vector<std::pair<std::string, std::string>> files;
    for (const KvSnapshotFiles::File& file : described.files) {
      EXPECT_THAT(file.uri, StartsWith("file:///"));
      files.emplace_back(file.uri.substr(std::string("file://").size()), file.name);
    }
    return ReadKvSnapshot(files);
  }
  std::vector<KvSnapshotId> Lease(const std::string& lease_id, int64_t days, std::vector<int64_t> snapshots) {
    KvSnapshotLease lease{lease_id, days * kSnapshotDayMs, {}};
    for (const int64_t id : snapshots) lease.snapshots.push_back({bucket_, id});
    return Get(gateway_->AcquireKvSnapshotLease(lease));
  }

  TempDirectory directory_;
  EmbeddedOptions options_ = TestOptions();
  std::shared_ptr<Gateway> gateway_;
  TableBucket bucket_;
  int64_t start_ms_ = 0;
  RowMap rows_;  // that are live
};

TEST_F(KvSnapshotsTest, RetentionLeavesEveryLiveRowInSnapshotAndChangelog) {
  Fill(0, 100, "old");
  Fill(10, 5, "new");
  Delete(20);
  Reopen();
  Maintain(2);
  ASSERT_GT(LogStart(), 0);
  const auto snapshot = Latest();
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->log_offset, LogEnd());
  EXPECT_GE(snapshot->log_offset, LogStart());
  EXPECT_EQ(Get(gateway_->GetKvSnapshotFiles(snapshot->id)).log_offset, snapshot->log_offset);
  EXPECT_EQ(RowsOf(snapshot->id), rows_);

  // What comes later is in the changelog, from the snapshot's offset on.
  Fill(500, 3, "later");
  EXPECT_EQ(Latest()->id.snapshot_id, snapshot->id.snapshot_id);
  EXPECT_EQ(LogEnd(), snapshot->log_offset + 3);
  const auto fetched = Get(gateway_->FetchLog(Fetch(bucket_, snapshot->log_offset)));
  EXPECT_THAT(IdsIn(fetched[0].records, PkTable().schema), ElementsAre(500, 501, 502));
}

TEST_F(KvSnapshotsTest, AShortChangelogIsReadItself) {
  EXPECT_OK(gateway_->PutKv(Put(bucket_, 1, 1, "a")));
  EXPECT_FALSE(Latest());
  Reopen();
  Maintain(2);
  EXPECT_EQ(LogStart(), 0);
  EXPECT_FALSE(Latest());
  EXPECT_THAT(Listed(), IsEmpty());
}

TEST_F(KvSnapshotsTest, OneIsMadeForAReaderWhoseChangelogMayBeCutBeforeItComes) {
  Fill(0, 50, "a");
  ASSERT_EQ(LogStart(), 0);
  const auto snapshot = Latest();
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(RowsOf(snapshot->id), rows_);
  EXPECT_EQ(Latest()->id.snapshot_id, snapshot->id.snapshot_id);
  EXPECT_THAT(Listed(), ElementsAre(snapshot->id.snapshot_id));
}

TEST_F(KvSnapshotsTest, TheyAreKeptOverARestart) {
  Fill(0, 50, "a");
  const auto before = Latest();
  ASSERT_TRUE(before);
  EXPECT_THAT(Lease("reader", 30, {before->id.snapshot_id}), IsEmpty());
  Reopen();
  const auto after = Latest();
  ASSERT_TRUE(after);
  EXPECT_EQ(after->id, before->id);
  EXPECT_EQ(after->log_offset, before->log_offset);
  EXPECT_EQ(RowsOf(after->id), rows_);
  EXPECT_THAT(Get(gateway_->ListLeasedKvSnapshots("reader")), ElementsAre(before->id));
}

TEST_F(KvSnapshotsTest, OneWhoseFilesAreGoneIsMadeAnew) {
  Fill(0, 50, "a");
  const auto before = Latest();
  ASSERT_TRUE(before);
  for (const std::string& file : SnapshotFilesBelow(directory_ / "db/remote")) std::filesystem::remove(file);
  const auto after = Latest();
  ASSERT_TRUE(after);
  EXPECT_GT(after->id.snapshot_id, before->id.snapshot_id);
  EXPECT_EQ(RowsOf(after->id), rows_);
}

TEST_F(KvSnapshotsTest, ALeaseKeepsASnapshotAndTheChangelogBehindIt) {
  Fill(0, 50, "a");
  const auto first = Latest();
  ASSERT_TRUE(first);
  const RowMap first_rows = rows_;
  EXPECT_THAT(Lease("reader", 30, {first->id.snapshot_id}), IsEmpty());
  Fill(0, 100, "b");
  Reopen();
  Maintain(2);
  const auto second = Latest();
  ASSERT_TRUE(second);
  ASSERT_GT(second->id.snapshot_id, first->id.snapshot_id);
  EXPECT_LE(LogStart(), first->log_offset);
  Maintain(3);
  EXPECT_THAT(Listed(), ElementsAre(first->id.snapshot_id, second->id.snapshot_id));
  EXPECT_EQ(RowsOf(first->id), first_rows);
  EXPECT_EQ(RowsOf(second->id), rows_);

  EXPECT_OK(gateway_->ReleaseKvSnapshotLease("reader", {bucket_}));
  EXPECT_THAT(Get(gateway_->ListLeasedKvSnapshots("reader")), IsEmpty());
  Maintain(4);
  EXPECT_THAT(Listed(), ElementsAre(second->id.snapshot_id));
  EXPECT_CODE(gateway_->GetKvSnapshotFiles(first->id), kKvSnapshotNotExist);
  const size_t files = Get(gateway_->GetKvSnapshotFiles(second->id)).files.size();
  EXPECT_THAT(SnapshotFilesBelow(directory_ / "db/remote"), SizeIs(files));
  EXPECT_GT(LogStart(), first->log_offset);
  EXPECT_EQ(RowsOf(second->id), rows_);
}

TEST_F(KvSnapshotsTest, ASnapshotStaysForAWhileForThoseWhoWereJustToldOfIt) {
  Fill(0, 50, "a");
  const auto first = Latest();
  Fill(0, 100, "b");
  Reopen();
  Maintain(2);
  EXPECT_THAT(Listed(), SizeIs(2));
  Maintain(2, 9);
  EXPECT_THAT(Listed(), SizeIs(2));
  EXPECT_LE(LogStart(), first->log_offset);
  Maintain(2, 11);
  EXPECT_THAT(Listed(), SizeIs(1));
  EXPECT_GT(LogStart(), first->log_offset);
}

TEST_F(KvSnapshotsTest, LeasesEndByThemselvesOrWhenTheyAreDropped) {
  Fill(0, 50, "a");
  const auto first = Latest();
  ASSERT_TRUE(first);
  EXPECT_THAT(Lease("short", 1, {first->id.snapshot_id}), IsEmpty());
  EXPECT_THAT(Lease("long", 30, {first->id.snapshot_id}), IsEmpty());
  EXPECT_THAT(Lease("renewed", 1, {first->id.snapshot_id}), IsEmpty());
  EXPECT_THAT(Lease("renewed", 30, {}), IsEmpty());
  Maintain(2);
  EXPECT_THAT(Get(gateway_->ListLeasedKvSnapshots("short")), IsEmpty());
  EXPECT_THAT(Get(gateway_->ListLeasedKvSnapshots("long")), ElementsAre(first->id));
  EXPECT_THAT(Get(gateway_->ListLeasedKvSnapshots("renewed")), ElementsAre(first->id));
  EXPECT_OK(gateway_->DropKvSnapshotLease("long"));
  EXPECT_OK(gateway_->DropKvSnapshotLease("long"));
  EXPECT_THAT(Get(gateway_->ListLeasedKvSnapshots("long")), IsEmpty());
}

TEST_F(KvSnapshotsTest, ALeaseNamesWhatIsNotThereAnyMore) {
  Fill(0, 50, "a");
  const auto first = Latest();
  ASSERT_TRUE(first);
  EXPECT_THAT(Lease("reader", 1, {77}), ElementsAre(KvSnapshotId{bucket_, 77}));
  EXPECT_THAT(Lease("reader", 1, {first->id.snapshot_id}), IsEmpty());
  EXPECT_THAT(Get(gateway_->ListLeasedKvSnapshots("reader")), ElementsAre(first->id));
  EXPECT_CODE(gateway_->AcquireKvSnapshotLease({"", 1000, {}}), kClientError);
  EXPECT_CODE(gateway_->AcquireKvSnapshotLease({"reader", 0, {}}), kClientError);
  // One that is to last for ever does.
  EXPECT_OK(gateway_->AcquireKvSnapshotLease({"reader", std::numeric_limits<int64_t>::max(), {}}));
  Maintain(1000);
  EXPECT_THAT(Get(gateway_->ListLeasedKvSnapshots("reader")), ElementsAre(first->id));
}

TEST_F(KvSnapshotsTest, ABigSnapshotIsNotMadeAnewForAFewSegments) {
  Fill(0, 300, "a");
  Reopen();
  Maintain(2);
  const int64_t start = LogStart();
  ASSERT_GT(start, 0);
  Fill(0, 30, "b");
  Reopen();
  Maintain(3);
  EXPECT_THAT(Listed(), ElementsAre(0));
  EXPECT_LE(LogStart(), Latest()->log_offset);
  Fill(0, 300, "c");
  Reopen();
  Maintain(4);
  EXPECT_THAT(Listed(), ElementsAre(0, 1));
  EXPECT_EQ(RowsOf(Latest()->id), rows_);
}

TEST_F(KvSnapshotsTest, WhatAKilledProcessLeftIsRemoved) {
  Fill(0, 50, "a");
  ASSERT_EQ(bucket_.table_id / 1000, 0);
  const std::filesystem::path folder =
      std::filesystem::path(directory_ / "db/remote/kv/0") / std::to_string(bucket_.table_id) / "0";
  for (const char* name : {"snap-0", "snap-9"}) {
    std::filesystem::create_directories(folder / name);
    std::ofstream(folder / name / "CURRENT") << "half";
  }
  const auto snapshot = Latest();
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(RowsOf(snapshot->id), rows_);
  EXPECT_FALSE(std::filesystem::exists(folder / "snap-9"));
}

TEST_F(KvSnapshotsTest, TheyGoWithTheirTable) {
  Fill(0, 50, "a");
  const auto snapshot = Latest();
  ASSERT_TRUE(snapshot);
  EXPECT_THAT(Lease("reader", 30, {snapshot->id.snapshot_id}), IsEmpty());
  EXPECT_OK(gateway_->DropTable({"fluss", "t"}, false));
  Maintain(0);
  EXPECT_THAT(SnapshotFilesBelow(directory_ / "db/remote"), IsEmpty());
  EXPECT_CODE(gateway_->GetKvSnapshotFiles(snapshot->id), kKvSnapshotNotExist);
  EXPECT_CODE(gateway_->GetLatestKvSnapshots(bucket_.table_id, {}), kTableNotExist);
}

TEST_F(KvSnapshotsTest, TheyLieWhereTheyAreToldTo) {
  Fill(0, 50, "a");
  const auto inside = Latest();
  ASSERT_TRUE(inside);
  options_.remote_data_dir = directory_ / "shared/of this one";
  Reopen();
  EXPECT_EQ(RowsOf(inside->id), rows_);  // made before, and still where it was
  Fill(0, 100, "b");
  Reopen();
  Maintain(2);
  const auto outside = Latest();
  ASSERT_TRUE(outside);
  ASSERT_GT(outside->id.snapshot_id, inside->id.snapshot_id);
  for (const KvSnapshotFiles::File& file : Get(gateway_->GetKvSnapshotFiles(outside->id)).files) {
    EXPECT_THAT(file.uri, StartsWith("file://" + options_.remote_data_dir + "/kv/"));
  }
  EXPECT_EQ(RowsOf(outside->id), rows_);
  const auto other = OpenEmbedded(directory_ / "other", options_);
  ASSERT_FALSE(other.ok());
  EXPECT_THAT(other.status().message(), HasSubstr("of this one"));
  options_.remote_data_dir.clear();
  Reopen();
  EXPECT_EQ(RowsOf(Latest()->id), rows_);
}

TEST_F(KvSnapshotsTest, ADatabaseThatIsOpenForReadingGivesThoseThatAreThere) {
  Fill(0, 50, "a");
  options_.read_only = true;
  Reopen();
  EXPECT_FALSE(Latest());  // its changelog is whole, and stays so
  options_.read_only = false;
  Reopen();
  const auto snapshot = Latest();
  ASSERT_TRUE(snapshot);
  options_.read_only = true;
  Reopen();
  EXPECT_EQ(Latest()->id, snapshot->id);
  EXPECT_THAT(Lease("reader", 1, {snapshot->id.snapshot_id}), IsEmpty());
  EXPECT_EQ(RowsOf(snapshot->id), rows_);
  EXPECT_OK(gateway_->DropKvSnapshotLease("reader"));
}

TEST_F(KvSnapshotsTest, TablesThatHaveNoneSayWhy) {
  const int64_t log = MakeTable(*gateway_, "log", LogTable()).table_id;
  TableDescriptor parts;
  parts.schema = *Schema::Make({{"id", DataType::Int()}, {"day", DataType::String()}}, {"id", "day"});
  parts.partition_keys = {"day"};
  parts.bucket_count = 2;
  const int64_t partitioned = MakeTable(*gateway_, "parts", parts).table_id;
  EXPECT_CODE(gateway_->GetLatestKvSnapshots(log, {}), kNonPrimaryKeyTable);
  EXPECT_CODE(gateway_->GetLatestKvSnapshots(partitioned, {}), kPartitionNotExists);
  EXPECT_CODE(gateway_->GetLatestKvSnapshots(bucket_.table_id, 5), kTableNotPartitioned);
  EXPECT_CODE(gateway_->GetLatestKvSnapshots(4711, {}), kTableNotExist);
  EXPECT_CODE(gateway_->ListKvSnapshots(log, {}), kNonPrimaryKeyTable);
  EXPECT_OK(gateway_->CreatePartition({"fluss", "parts"}, {{"day", "mon"}}, false));
  const int64_t monday = Get(gateway_->GetPartition({"fluss", "parts"}, "mon")).partition_id;
  const auto of_monday = Get(gateway_->GetLatestKvSnapshots(partitioned, monday));
  ASSERT_THAT(of_monday, SizeIs(2));
  EXPECT_FALSE(of_monday[0] || of_monday[1]);
  EXPECT_CODE(gateway_->GetLatestKvSnapshots(partitioned, monday + 1), kUnknownTableOrBucket);
}

}  // namespace
}  // namespace weir
