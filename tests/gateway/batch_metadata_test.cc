#include <set>

#include "tests/gateway/gateway_testing.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class BatchMetadataTest : public testing::Test {
 protected:
  BatchMetadataTest() {
    options_.limits.max_partitions = 4;
    gateway_ = OpenOrDie(directory_ / "db", options_);
  }

  static std::vector<PartitionSpec> Days(const std::vector<std::string>& days) {
    std::vector<PartitionSpec> specs;
    for (const std::string& day : days) specs.push_back({{"day", day}});
    return specs;
  }
  std::vector<std::string> Partitions() {
    std::vector<std::string> names;
    for (const auto& info : Get(gateway_->ListPartitionInfos(kPath, {}))) names.push_back(info.partition_name);
    return names;
  }
  void Reopen() {
    gateway_ = nullptr;
    gateway_ = OpenOrDie(directory_ / "db", options_);
  }

  const TablePath kPath{"fluss", "t"};
  TempDirectory directory_;
  EmbeddedOptions options_ = TestOptions();
  std::shared_ptr<Gateway> gateway_;
};

TEST_F(BatchMetadataTest, PartitionsAreMadeTogether) {
  MakeTable(*gateway_, "t", PartitionedTable());
  EXPECT_OK(gateway_->CreatePartitions(kPath, Days({"a", "b", "c"}), false));
  EXPECT_OK(gateway_->CreatePartitions(kPath, {}, false));
  Reopen();
  EXPECT_THAT(Partitions(), ElementsAre("a", "b", "c"));
  EXPECT_OK(gateway_->CreatePartition(kPath, {{"day", "d"}}, false));
  std::set<int64_t> ids;
  for (const auto& info : Get(gateway_->ListPartitionInfos(kPath, {}))) ids.insert(info.partition_id);
  EXPECT_EQ(ids.size(), 4u);
}

TEST_F(BatchMetadataTest, APartitionThatIsThereStopsAllUnlessIgnored) {
  MakeTable(*gateway_, "t", PartitionedTable());
  EXPECT_OK(gateway_->CreatePartition(kPath, {{"day", "b"}}, false));
  EXPECT_CODE(gateway_->CreatePartitions(kPath, Days({"a", "b", "c"}), false), kPartitionAlreadyExists);
  EXPECT_CODE(gateway_->CreatePartitions(kPath, Days({"a", "a"}), false), kPartitionAlreadyExists);
  EXPECT_THAT(Partitions(), ElementsAre("b"));
  EXPECT_OK(gateway_->CreatePartitions(kPath, Days({"a", "b", "a", "c"}), true));
  EXPECT_THAT(Partitions(), ElementsAre("a", "b", "c"));
}

TEST_F(BatchMetadataTest, ASpecThatIsRefusedStopsAll) {
  MakeTable(*gateway_, "t", PartitionedTable());
  EXPECT_FALSE(gateway_->CreatePartitions(kPath, {{{"day", "a"}}, {{"month", "b"}}}, false).Wait().ok());
  EXPECT_THAT(Partitions(), IsEmpty());
}

TEST_F(BatchMetadataTest, TooManyPartitionsAreNoneAtAll) {
  MakeTable(*gateway_, "t", PartitionedTable());
  EXPECT_OK(gateway_->CreatePartitions(kPath, Days({"a", "b"}), false));
  const auto more = gateway_->CreatePartitions(kPath, Days({"c", "d", "e"}), false);
  EXPECT_CODE(more, kPartitionMaxNum);
  EXPECT_THAT(MessageOf(more), HasSubstr("has 2 partitions already, and 4 is the most it may have; 3 more were not"));
  EXPECT_THAT(Partitions(), ElementsAre("a", "b"));
  EXPECT_OK(gateway_->CreatePartitions(kPath, Days({"a", "b", "c", "d"}), true));
  EXPECT_THAT(Partitions(), ElementsAre("a", "b", "c", "d"));
}

TEST_F(BatchMetadataTest, TablesAreMadeTogether) {
  EXPECT_OK(gateway_->CreateTables({{{"fluss", "a"}, LogTable()}, {{"fluss", "b"}, PkTable()}}, false));
  Reopen();
  EXPECT_THAT(Get(gateway_->ListTables("fluss")), ElementsAre("a", "b"));
  EXPECT_NE(Get(gateway_->GetTableInfo({"fluss", "a"})).table_id, Get(gateway_->GetTableInfo({"fluss", "b"})).table_id);
  EXPECT_TRUE(Get(gateway_->GetTableInfo({"fluss", "b"})).descriptor.has_primary_key());
}

TEST_F(BatchMetadataTest, OneTableThatIsRefusedStopsAll) {
  MakeTable(*gateway_, "there", LogTable());
  TableDescriptor wrong = PartitionedTable();
  wrong.partition_keys = {"nowhere"};
  EXPECT_CODE(gateway_->CreateTables({{{"fluss", "a"}, LogTable()}, {{"none", "b"}, LogTable()}}, false),
              kDatabaseNotExist);
  EXPECT_CODE(gateway_->CreateTables({{{"fluss", "a"}, LogTable()}, {{"fluss", "there"}, LogTable()}}, false),
              kTableAlreadyExist);
  EXPECT_CODE(gateway_->CreateTables({{{"fluss", "a"}, LogTable()}, {{"fluss", "a"}, LogTable()}}, false),
              kTableAlreadyExist);
  const auto refused = gateway_->CreateTables({{{"fluss", "a"}, LogTable()}, {{"fluss", "b"}, wrong}}, false);
  EXPECT_FALSE(refused.Wait().ok());
  EXPECT_THAT(MessageOf(refused), HasSubstr("fluss.b"));
  EXPECT_THAT(Get(gateway_->ListTables("fluss")), ElementsAre("there"));
  EXPECT_OK(gateway_->CreateTables({{{"fluss", "a"}, LogTable()}, {{"fluss", "there"}, LogTable()}}, true));
  EXPECT_THAT(Get(gateway_->ListTables("fluss")), ElementsAre("a", "there"));
}

}  // namespace
}  // namespace weir
