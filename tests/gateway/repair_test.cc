#include "gateway/embedded/repair.h"

#include <fstream>
#include <map>
#include <sstream>

#include "gateway/embedded/directory_check.h"
#include "tests/gateway/gateway_testing.h"

namespace weir {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int kEventBatches = 6;
constexpr int kBatchRows = 10;

std::map<std::string, std::string> FilesBelow(const std::string& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    files[entry.path().string()] = bytes.str();
  }
  return files;
}

std::vector<int> Numbers(int first, int count) {
  std::vector<int> numbers(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) numbers[static_cast<size_t>(i)] = first + i;
  return numbers;
}

/// A log table in three segments, and a primary-key table; closed.
class RepairTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto gateway = OpenOrDie(path_, Options());
    log_ = {MakeTable(*gateway, "events", LogTable()).table_id, {}, 0};
    keyed_ = {MakeTable(*gateway, "users", PkTable()).table_id, {}, 0};
    for (int i = 0; i < kEventBatches; ++i) {
      EXPECT_OK(gateway->ProduceLog(Produce(log_, LogBatch(LogTable().schema, kBatchRows * i, kBatchRows))));
    }
    EXPECT_OK(gateway->PutKv(Put(keyed_, 0, 20, "a")));
    ASSERT_TRUE(gateway->Close().ok());
    segments_ = LogFilesBelow(path_ + "/log/0/" + std::to_string(log_.table_id));
    ASSERT_EQ(segments_.size(), 3u);
  }

  static EmbeddedOptions Options() {
    EmbeddedOptions options = TestOptions(SyncMode::kGroup);
    options.segment_bytes = 2 * LogBatch(LogTable().schema, 0, kBatchRows)->size();
    options.maintenance_interval_ms = -1;
    return options;
  }

  std::vector<RepairStep> Repair(bool apply) { return Get(RepairDirectory(path_, apply)); }

  /// What a plan tells, in one text; nothing is changed by it.
  std::string Plan() {
    const auto before = FilesBelow(path_);
    std::string text;
    for (const RepairStep& step : Repair(false)) text += step.what + "\n" + step.lost + "\n";
    EXPECT_EQ(FilesBelow(path_), before);
    return text;
  }

  void ExpectRows(const std::vector<int>& events, int64_t users) {
    EXPECT_TRUE(Get(CheckFiles()).clean());
    const auto gateway = OpenOrDie(path_, Options());
    const Schema schema = LogTable().schema;
    std::vector<int> ids;
    for (int64_t offset = 0; offset < kEventBatches * kBatchRows; offset += kBatchRows) {
      const auto fetched = Get(gateway->FetchLog(Fetch(log_, offset)));
      ASSERT_TRUE(fetched.at(0).status.ok()) << fetched.at(0).status.ToString();
      for (const int id : IdsIn(fetched.at(0).records, schema)) {
        if (id >= offset && id < offset + kBatchRows) ids.push_back(id);
      }
    }
    EXPECT_EQ(ids, events);
    EXPECT_EQ(Get(InspectBucket(*gateway, keyed_, {.batches = true})).rows, users);
  }

  Result<DirectoryReport> CheckFiles() { return CheckDirectory(path_); }

  TempDirectory directory_;
  const std::string path_ = directory_ / "db";
  TableBucket log_;
  TableBucket keyed_;
  std::vector<std::string> segments_;
};

TEST_F(RepairTest, NothingIsDoneToAWholeDatabase) {
  EXPECT_TRUE(Get(CheckFiles()).clean());
  EXPECT_THAT(Repair(false), IsEmpty());
  const auto before = FilesBelow(path_ + "/log");
  EXPECT_THAT(Repair(true), IsEmpty());
  EXPECT_EQ(FilesBelow(path_ + "/log"), before);
}

TEST_F(RepairTest, WhatIsWholeOfALogStaysAtItsOffsets) {
  std::filesystem::remove(segments_[1]);
  EXPECT_THAT(Plan(), HasSubstr("offsets 20 to 39 of fluss.events bucket 0"));
  Repair(true);
  std::vector<int> expected = Numbers(0, 20);
  for (const int id : Numbers(40, 20)) expected.push_back(id);
  ExpectRows(expected, 20);
}

TEST_F(RepairTest, OffsetsOfALogThatIsGoneAreNotUsedAgain) {
  std::filesystem::remove_all(std::filesystem::path(segments_[0]).parent_path());
  {
    const auto gateway = OpenOrDie(path_, Options());
    EXPECT_FALSE(Get(gateway->FetchLog(Fetch(log_, 0))).at(0).status.ok());
    EXPECT_EQ(Get(InspectBucket(*gateway, keyed_, {.batches = true})).rows, 20);
  }
  Repair(true);
  const auto gateway = OpenOrDie(path_, Options());
  EXPECT_EQ(Get(gateway->ProduceLog(Produce(log_, LogBatch(LogTable().schema, 0, 1)))).at(0).base_offset, 60);
}

TEST_F(RepairTest, RowsAndCatalogComeBackWithoutRocksDb) {
  std::filesystem::remove_all(path_ + "/kv");
  const auto opened = OpenEmbedded(path_, Options());
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.status().message(), HasSubstr("weir repair"));
  EXPECT_THAT(Plan(), HasSubstr("make the RocksDB in 'kv' anew"));
  Repair(true);
  ExpectRows(Numbers(0, 60), 20);
}

TEST_F(RepairTest, RowsStayWhenTheirChangelogIsGone) {
  std::filesystem::remove_all(path_ + "/log/0/" + std::to_string(keyed_.table_id) + "/0");
  EXPECT_THAT(Plan(), HasSubstr("the rows themselves are whole"));
  Repair(true);
  ExpectRows(Numbers(0, 60), 20);
  // A reader that went through the changelog would not see them.
  const auto gateway = OpenOrDie(path_, Options());
  const auto latest = Get(gateway->GetLatestKvSnapshots(keyed_.table_id, {}));
  ASSERT_TRUE(latest.at(0));
  EXPECT_EQ(latest[0]->log_offset, 20);
}

TEST_F(RepairTest, LogsOfUnknownTablesAreSetAsideAndTheirIdsAreGone) {
  const std::string unknown = path_ + "/log/0/7/0";
  std::filesystem::create_directories(unknown);
  std::filesystem::copy(segments_[0], unknown + "/00000000000000000000.log");
  ASSERT_FALSE(OpenEmbedded(path_, Options()).ok());
  EXPECT_THAT(Plan(), HasSubstr("table 7 bucket 0"));
  Repair(true);
  EXPECT_FALSE(std::filesystem::exists(path_ + "/log/0/7"));
  const auto gateway = OpenOrDie(path_, Options());
  EXPECT_EQ(MakeTable(*gateway, "next", LogTable()).table_id, 8);
}

TEST_F(RepairTest, WithoutAnyCatalogNothingCanBeDone) {
  std::filesystem::remove_all(path_ + "/kv");
  std::filesystem::remove_all(path_ + "/catalog");
  EXPECT_EQ(RepairDirectory(path_, true).status().code(), ErrorCode::kCorruptMessage);
}

TEST_F(RepairTest, ADatabaseInUseIsLeftAlone) {
  const auto gateway = OpenOrDie(path_, Options());
  EXPECT_EQ(RepairDirectory(path_, true).status().code(), ErrorCode::kClientError);
}

TEST_F(RepairTest, ReadingOnlyShowsEverythingAndChangesNothing) {
  const auto before = FilesBelow(path_);
  EmbeddedOptions options = Options();
  options.read_only = true;
  {
    const auto gateway = OpenOrDie(path_, options);
    EXPECT_EQ(Get(InspectBucket(*gateway, log_, {.batches = true})).rows, 60);
    EXPECT_EQ(Get(InspectBucket(*gateway, keyed_, {.batches = true})).rows, 20);
    EXPECT_THAT(IdsIn(Get(gateway->FetchLog(Fetch(log_, 0))).at(0).records, LogTable().schema), Not(IsEmpty()));
    EXPECT_CODE(gateway->ProduceLog(Produce(log_, LogBatch(LogTable().schema, 0, 1))), kClientError);
    EXPECT_CODE(gateway->PutKv(Put(keyed_, 0, 1, "b")), kClientError);
    EXPECT_CODE(gateway->DropTable({"fluss", "users"}, false), kClientError);
    EXPECT_FALSE(OpenEmbedded(path_, Options()).ok()) << "it is open for reading only";
  }
  EXPECT_EQ(FilesBelow(path_), before);
  EXPECT_FALSE(OpenEmbedded(directory_ / "nothing", options).ok());
  EXPECT_FALSE(std::filesystem::exists(directory_ / "nothing"));
}

}  // namespace
}  // namespace weir
