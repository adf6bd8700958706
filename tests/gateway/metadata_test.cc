#include "tests/gateway/gateway_testing.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class MetadataTest : public testing::Test {
 protected:
  TempDirectory directory_;
  std::shared_ptr<Gateway> gateway_ = OpenOrDie(directory_ / "db");
};

TEST_F(MetadataTest, DatabaseFlussExistsFromTheStart) {
  EXPECT_THAT(Get(gateway_->ListDatabases()), ElementsAre("fluss"));
  EXPECT_TRUE(Get(gateway_->DatabaseExists("fluss")));
  EXPECT_FALSE(Get(gateway_->DatabaseExists("other")));
  EXPECT_GT(Get(gateway_->GetDatabaseInfo("fluss")).created_time, 0);
}

TEST_F(MetadataTest, DatabasesAreCreatedListedAndDropped) {
  DatabaseDescriptor descriptor{.comment = "mine", .custom_properties = {{"owner", "me"}}};
  EXPECT_OK(gateway_->CreateDatabase("b", descriptor, false));
  EXPECT_OK(gateway_->CreateDatabase("a", {}, false));
  EXPECT_THAT(Get(gateway_->ListDatabases()), ElementsAre("a", "b", "fluss"));
  const DatabaseInfo info = Get(gateway_->GetDatabaseInfo("b"));
  EXPECT_EQ(info.descriptor.comment, "mine");
  EXPECT_EQ(info.descriptor.custom_properties.at("owner"), "me");
  EXPECT_OK(gateway_->DropDatabase("b", false, false));
  EXPECT_FALSE(Get(gateway_->DatabaseExists("b")));
}

TEST_F(MetadataTest, DatabaseErrorsHaveFlussCodes) {
  EXPECT_CODE(gateway_->CreateDatabase("fluss", {}, false), kDatabaseAlreadyExist);
  EXPECT_OK(gateway_->CreateDatabase("fluss", {}, true));
  EXPECT_CODE(gateway_->CreateDatabase("no spaces", {}, false), kInvalidDatabase);
  EXPECT_CODE(gateway_->CreateDatabase("__internal", {}, false), kInvalidDatabase);
  EXPECT_CODE(gateway_->DropDatabase("nope", false, true), kDatabaseNotExist);
  EXPECT_CODE(gateway_->DropDatabase("nope", false, false), kDatabaseNotExist);
  EXPECT_OK(gateway_->DropDatabase("nope", true, true));
  EXPECT_OK(gateway_->DropDatabase("nope", true, false));
  EXPECT_CODE(gateway_->GetDatabaseInfo("nope"), kDatabaseNotExist);
  EXPECT_CODE(gateway_->ListTables("nope"), kDatabaseNotExist);
}

TEST_F(MetadataTest, DroppingADatabaseWithTablesNeedsCascade) {
  MakeTable(*gateway_, "t", LogTable());
  const auto refused = gateway_->DropDatabase("fluss", false, false);
  EXPECT_CODE(refused, kDatabaseNotEmpty);
  EXPECT_THAT(MessageOf(refused), HasSubstr("'t'"));
  EXPECT_OK(gateway_->DropDatabase("fluss", false, true));
  EXPECT_FALSE(Get(gateway_->TableExists({"fluss", "t"})));
  EXPECT_TRUE(Get(gateway_->ListDatabases()).empty());
}

TEST_F(MetadataTest, TablesGetIdsFromZeroThatAreNeverReused) {
  EXPECT_EQ(MakeTable(*gateway_, "a", LogTable()).table_id, 0);
  EXPECT_EQ(MakeTable(*gateway_, "b", PkTable(3)).table_id, 1);
  EXPECT_OK(gateway_->DropTable({"fluss", "b"}, false));
  const TableInfo again = MakeTable(*gateway_, "b", PkTable(3));
  EXPECT_EQ(again.table_id, 2);
  EXPECT_EQ(again.schema_id, 1);
  EXPECT_EQ(again.num_buckets(), 3);
  EXPECT_EQ(again.descriptor.bucket_keys, std::vector<std::string>{"id"});
  EXPECT_GT(again.created_time, 0);
  EXPECT_THAT(Get(gateway_->ListTables("fluss")), ElementsAre("a", "b"));
}

TEST_F(MetadataTest, TableErrorsHaveFlussCodes) {
  MakeTable(*gateway_, "t", LogTable());
  EXPECT_CODE(gateway_->CreateTable({"fluss", "t"}, LogTable(), false), kTableAlreadyExist);
  EXPECT_OK(gateway_->CreateTable({"fluss", "t"}, LogTable(), true));
  EXPECT_CODE(gateway_->CreateTable({"nope", "t"}, LogTable(), false), kDatabaseNotExist);
  EXPECT_CODE(gateway_->CreateTable({"fluss", "bad name"}, LogTable(), false), kInvalidTable);
  EXPECT_CODE(gateway_->CreateTable({"bad name", "t"}, LogTable(), false), kInvalidDatabase);
  EXPECT_CODE(gateway_->CreateTable({"fluss", "u"}, LogTable(5000), false), kBucketMaxNum);
  TableDescriptor unknown_property = LogTable();
  unknown_property.properties["table.no.such"] = "1";
  EXPECT_CODE(gateway_->CreateTable({"fluss", "u"}, unknown_property, false), kInvalidConfig);
  TableDescriptor replicas = LogTable();
  replicas.properties["table.replication.factor"] = "3";
  const auto with_replicas = gateway_->CreateTable({"fluss", "u"}, replicas, false);
  EXPECT_CODE(with_replicas, kInvalidReplicationFactor);

  EXPECT_CODE(gateway_->DropTable({"fluss", "nope"}, false), kTableNotExist);
  EXPECT_OK(gateway_->DropTable({"fluss", "nope"}, true));
  EXPECT_CODE(gateway_->GetTableInfo({"fluss", "nope"}), kTableNotExist);
  EXPECT_CODE(gateway_->GetTableInfo({"nope", "t"}), kTableNotExist);
  EXPECT_CODE(gateway_->GetSchema({"fluss", "t"}, 2), kSchemaNotExist);
  EXPECT_CODE(gateway_->AlterTable({"fluss", "nope"}, {}, false), kTableNotExist);
  EXPECT_OK(gateway_->AlterTable({"fluss", "nope"}, {}, true));
  EXPECT_FALSE(Get(gateway_->TableExists({"fluss", "nope"})));
}

TEST_F(MetadataTest, PartitionsAreCreatedListedAndDropped) {
  MakeTable(*gateway_, "p", PartitionedTable());
  const TablePath path{"fluss", "p"};
  EXPECT_OK(gateway_->CreatePartition(path, {{"day", "b"}}, false));
  EXPECT_OK(gateway_->CreatePartition(path, {{"day", "a"}}, false));
  const std::vector<PartitionInfo> infos = Get(gateway_->ListPartitionInfos(path, {}));
  ASSERT_EQ(infos.size(), 2u);
  EXPECT_EQ(infos[0].partition_name, "a");
  EXPECT_EQ(infos[0].partition_id, 1);
  EXPECT_EQ(infos[1].partition_name, "b");
  EXPECT_EQ(infos[1].partition_id, 0);
  EXPECT_EQ(infos[1].spec, (PartitionSpec{{"day", "b"}}));
  EXPECT_EQ(Get(gateway_->ListPartitionInfos(path, {{"day", "a"}})).size(), 1u);
  EXPECT_EQ(Get(gateway_->GetPartition(path, "a")).partition_id, 1);
  EXPECT_EQ(Get(gateway_->GetPartitionById(path, 0)).partition_name, "b");
  EXPECT_OK(gateway_->DropPartition(path, {{"day", "a"}}, false));
  EXPECT_CODE(gateway_->GetPartition(path, "a"), kPartitionNotExists);
  EXPECT_CODE(gateway_->GetPartitionById(path, 1), kPartitionNotExists);
  EXPECT_OK(gateway_->CreatePartition(path, {{"day", "a"}}, false));
  EXPECT_EQ(Get(gateway_->GetPartition(path, "a")).partition_id, 2);
}

TEST_F(MetadataTest, PartitionErrorsHaveFlussCodes) {
  MakeTable(*gateway_, "p", PartitionedTable());
  MakeTable(*gateway_, "t", LogTable());
  const TablePath path{"fluss", "p"};
  EXPECT_CODE(gateway_->CreatePartition({"fluss", "nope"}, {{"day", "a"}}, false), kTableNotExist);
  EXPECT_CODE(gateway_->CreatePartition({"fluss", "t"}, {{"day", "a"}}, false), kTableNotPartitioned);
  EXPECT_CODE(gateway_->CreatePartition(path, {{"hour", "a"}}, false), kPartitionSpecInvalid);
  EXPECT_CODE(gateway_->CreatePartition(path, {{"day", "a b"}}, false), kPartitionSpecInvalid);
  EXPECT_CODE(gateway_->CreatePartition(path, {}, false), kPartitionSpecInvalid);
  EXPECT_OK(gateway_->CreatePartition(path, {{"day", "a"}}, false));
  EXPECT_CODE(gateway_->CreatePartition(path, {{"day", "a"}}, false), kPartitionAlreadyExists);
  EXPECT_OK(gateway_->CreatePartition(path, {{"day", "a"}}, true));
  EXPECT_CODE(gateway_->DropPartition(path, {{"day", "b"}}, false), kPartitionNotExists);
  EXPECT_OK(gateway_->DropPartition(path, {{"day", "b"}}, true));
  EXPECT_CODE(gateway_->DropPartition({"fluss", "t"}, {{"day", "b"}}, false), kTableNotPartitioned);
  EXPECT_CODE(gateway_->DropPartition(path, {{"hour", "b"}}, false), kPartitionSpecInvalid);
  EXPECT_CODE(gateway_->ListPartitionInfos({"fluss", "t"}, {}), kTableNotPartitioned);
  EXPECT_CODE(gateway_->ListPartitionInfos(path, {{"hour", "b"}}), kPartitionSpecInvalid);
  EXPECT_CODE(gateway_->GetPartition({"fluss", "t"}, "a"), kTableNotPartitioned);
}

TEST(PartitionLimit, OneTooManyIsRefused) {
  TempDirectory directory;
  EmbeddedOptions options = TestOptions();
  options.limits.max_partitions = 2;
  const auto gateway = OpenOrDie(directory / "db", options);
  MakeTable(*gateway, "p", PartitionedTable());
  const TablePath path{"fluss", "p"};
  EXPECT_OK(gateway->CreatePartition(path, {{"day", "a"}}, false));
  EXPECT_OK(gateway->CreatePartition(path, {{"day", "b"}}, false));
  EXPECT_CODE(gateway->CreatePartition(path, {{"day", "c"}}, false), kPartitionMaxNum);
  EXPECT_OK(gateway->DropPartition(path, {{"day", "a"}}, false));
  EXPECT_OK(gateway->CreatePartition(path, {{"day", "c"}}, false));
}

TEST_F(MetadataTest, AlterTableChangesPropertiesOrAddsColumns) {
  MakeTable(*gateway_, "t", LogTable());
  const TablePath path{"fluss", "t"};
  EXPECT_OK(gateway_->AlterTable(path, {.set_properties = {{"table.log.ttl", "1d"}, {"mine", "x"}}}, false));
  TableInfo info = Get(gateway_->GetTableInfo(path));
  EXPECT_EQ(info.descriptor.properties.at("table.log.ttl"), "1d");
  EXPECT_EQ(info.descriptor.custom_properties.at("mine"), "x");
  EXPECT_EQ(info.schema_id, 1);
  EXPECT_OK(gateway_->AlterTable(path, {.add_columns = {{"score", DataType::Double()}}}, false));
  info = Get(gateway_->GetTableInfo(path));
  EXPECT_EQ(info.schema_id, 2);
  EXPECT_EQ(info.schema().num_columns(), 3);
  EXPECT_EQ(Get(gateway_->GetSchema(path, 1)).num_columns(), 2);
  EXPECT_EQ(Get(gateway_->GetSchema(path, 2)).num_columns(), 3);
  EXPECT_CODE(gateway_->AlterTable(path, {.add_columns = {{"score", DataType::Double()}}}, false), kInvalidAlterTable);
}

TEST_F(MetadataTest, WhatWeirKeepsOfItselfIsNotMadeByClients) {
  EXPECT_OK(gateway_->CreateDatabase("weir", {}, true));
  EXPECT_CODE(gateway_->CreateTable({"weir", "relations"}, PkTable(), false), kAuthorization);
  EXPECT_CODE(gateway_->CreateTable({"weir", "anything"}, LogTable(), true), kAuthorization);
  EXPECT_CODE(gateway_->DropDatabase("weir", true, true), kAuthorization);
  EXPECT_OK(gateway_->CreateTable({"weir", "imports"}, PkTable(), false));
  EXPECT_OK(gateway_->DropTable({"weir", "imports"}, false));
  TableDescriptor marked = LogTable();
  marked.custom_properties["weir.relation"] = "16384";
  EXPECT_CODE(gateway_->CreateTable({"fluss", "t"}, marked, false), kInvalidConfig);
  EXPECT_THAT(MessageOf(gateway_->CreateTables({{{"fluss", "s"}, LogTable()}, {{"fluss", "t"}, marked}}, false)),
              HasSubstr("'weir.relation' is one of SQL's own marks"));
  EXPECT_THAT(Get(gateway_->ListTables("fluss")), testing::IsEmpty());
}

TEST_F(MetadataTest, MetadataIsThereAfterReopening) {
  MakeTable(*gateway_, "p", PartitionedTable());
  MakeTable(*gateway_, "t", LogTable());
  EXPECT_OK(gateway_->CreatePartition({"fluss", "p"}, {{"day", "a"}}, false));
  EXPECT_OK(gateway_->AlterTable({"fluss", "t"}, {.add_columns = {{"score", DataType::Double()}}}, false));
  EXPECT_OK(gateway_->DropTable({"fluss", "p"}, false));
  MakeTable(*gateway_, "p", PartitionedTable());
  EXPECT_OK(gateway_->CreatePartition({"fluss", "p"}, {{"day", "b"}}, false));
  EXPECT_EQ(Get(gateway_->InitWriter({})), 0);
  EXPECT_EQ(Get(gateway_->InitWriter({})), 1);
  ASSERT_TRUE(gateway_->Close().ok());
  gateway_ = OpenOrDie(directory_ / "db");
  EXPECT_EQ(Get(gateway_->GetTableInfo({"fluss", "p"})).table_id, 2);
  EXPECT_EQ(Get(gateway_->GetPartition({"fluss", "p"}, "b")).partition_id, 1);
  EXPECT_CODE(gateway_->GetPartition({"fluss", "p"}, "a"), kPartitionNotExists);
  EXPECT_EQ(Get(gateway_->GetTableInfo({"fluss", "t"})).schema_id, 2);
  EXPECT_EQ(MakeTable(*gateway_, "next", LogTable()).table_id, 3);
  EXPECT_GE(Get(gateway_->InitWriter({})), 2);
}

TEST_F(MetadataTest, TheNodesAreOneCoordinatorAndOneTabletServer) {
  const std::vector<ServerNode> nodes = Get(gateway_->GetServerNodes());
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(nodes[0].uid(), "cs-0");
  EXPECT_EQ(nodes[1].uid(), "ts-0");
  EXPECT_EQ(nodes[0].host, "embedded");
  EXPECT_EQ(nodes[0].port, 0);
}

}  // namespace
}  // namespace weir
