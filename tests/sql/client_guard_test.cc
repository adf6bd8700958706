#include "format/key_codec.h"
#include "format/kv_batch.h"
#include "format/log_batch.h"
#include "format/row_codec.h"
#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

/// Rows that come by the gateway's own calls, as clients write them: what clients check themselves is not checked here.
class ClientGuardTest : public SessionTest {
 protected:
  TableInfo Table(const std::string& name) { return Get(gateway->GetTableInfo({"fluss", name})); }

  /// One column `k` of integers, as the table's schema of that id has it.
  Status Append(const TableInfo& table, const std::vector<int>& values, int null_at = -1) {
    arrow::Int32Builder builder;
    for (size_t i = 0; i < values.size(); ++i) {
      EXPECT_TRUE((static_cast<int>(i) == null_at ? builder.AppendNull() : builder.Append(values[i])).ok());
    }
    LogBatchOptions options;
    options.schema_id = static_cast<int16_t>(table.schema_id);
    const Schema nullable = Get(Schema::Make({{table.schema().column(0).name, DataType::Int()}}));
    const auto batch =
        Get(EncodeLogBatch(*Batch({nullable.column(0).name}, {*builder.Finish()}), {}, nullable, options));
    ProduceLogRequest request{.table_id = table.table_id, .buckets = {{{table.table_id, {}, 0}, batch}}};
    const auto answer = gateway->ProduceLog(std::move(request)).Wait();
    return answer.ok() ? answer->at(0).status : answer.status();
  }

  std::string KeyOf(int id) {
    std::string key;
    EXPECT_OK(EncodeKey(KeyEncoding::kCompacted, {DataType::Int()}, {0}, std::vector<Datum>{Datum::Int(id)}, &key));
    return key;
  }
};

#define EXPECT_REFUSED(expr, text)                                         \
  do {                                                                     \
    const Status _refused = (expr);                                        \
    EXPECT_EQ(_refused.code(), ErrorCode::kAuthorization) << _refused.ToString(); \
    EXPECT_THAT(_refused.message(), testing::HasSubstr(text));             \
  } while (false)

TEST_F(ClientGuardTest, ABatchOfAnOlderSchemaIsHeldToWhatHoldsNow) {
  EXPECT_RUNS("CREATE TABLE t (k int)");
  const TableInfo before = Table("t");
  EXPECT_OK(Append(before, {1}));
  EXPECT_RUNS("ALTER TABLE t ALTER k SET NOT NULL; ALTER TABLE t RENAME k TO key");
  EXPECT_REFUSED(Append(before, {2, 3, 4}, 1),
                 "null value in column \"key\" of relation \"t\" violates not-null constraint: row 2 of the batch");
  EXPECT_OK(Append(before, {5}));
  EXPECT_RUNS("ALTER TABLE t ADD COLUMN n int NOT NULL DEFAULT 7");
  EXPECT_OK(Append(before, {6}));
  EXPECT_THAT(Get(Run("SELECT key, n FROM t ORDER BY 1")), testing::ElementsAre("1|7", "5|7", "6|7", "SELECT 3"));
}

TEST_F(ClientGuardTest, NothingOfARefusedRequestForABucketIsWritten) {
  EXPECT_RUNS(
      "CREATE TABLE r (k int) PARTITION BY RANGE (k); CREATE TABLE leaf PARTITION OF r FOR VALUES FROM (0) TO (10)");
  std::vector<int> rows(1000, 5);
  rows.back() = 10;
  EXPECT_REFUSED(Append(Table("leaf"), rows), "row 1000 of the batch has (k) = (10)");
  EXPECT_ROWS("SELECT count(*) FROM r", "0", "SELECT 1");
}

TEST_F(ClientGuardTest, BoundsHoldWhereNobodyUsesSql) {
  EXPECT_RUNS(
      "CREATE TABLE r (k int) PARTITION BY RANGE (k); CREATE TABLE leaf PARTITION OF r FOR VALUES FROM (0) TO (10)");
  session.reset();
  database.reset();
  EXPECT_OK(gateway->Close());
  gateway = OpenGateway(directory.path());
  EXPECT_REFUSED(Append(Table("leaf"), {10}), "violates partition constraint");
  EXPECT_OK(Append(Table("leaf"), {9}));
}

TEST_F(ClientGuardTest, TheCommitOfABoundIsKnownAtOnce) {
  EXPECT_RUNS("CREATE TABLE r (k int) PARTITION BY RANGE (k); CREATE TABLE alone (k int)");
  const TableInfo table = Table("alone");
  EXPECT_OK(Append(table, {50}));
  EXPECT_RUNS("DELETE FROM alone; BEGIN; ALTER TABLE r ATTACH PARTITION alone FOR VALUES FROM (0) TO (10)");
  EXPECT_OK(Append(table, {5}));
  EXPECT_RUNS("COMMIT");
  EXPECT_REFUSED(Append(table, {50}), "relation \"alone\" violates partition constraint");
  EXPECT_RUNS("ALTER TABLE r DETACH PARTITION alone");
  EXPECT_OK(Append(table, {50}));
}

TEST_F(ClientGuardTest, TablesOfFlussThatSqlHasAttachedAreHeldToTheirBoundToo) {
  TableSpec spec;
  spec.columns = {{"k", DataType::Int()}};
  MakeTable(*gateway, "foreign_one", spec);
  EXPECT_RUNS("CREATE TABLE r (k int) PARTITION BY LIST (k)");
  EXPECT_RUNS("ALTER TABLE r ATTACH PARTITION foreign_one FOR VALUES IN (1)");
  EXPECT_REFUSED(Append(Table("foreign_one"), {2}), "(k) = (2)");
  EXPECT_OK(Append(Table("foreign_one"), {1}));
}

TEST_F(ClientGuardTest, RowsThatReferToOthersAreLeftToSql) {
  EXPECT_RUNS("CREATE TABLE parent (k int PRIMARY KEY); CREATE TABLE child (k int REFERENCES parent)");
  EXPECT_REFUSED(Append(Table("child"), {1}), "the foreign key constraint \"child_k_fkey\" is evaluated by SQL only");
  EXPECT_RUNS("ALTER TABLE child DROP CONSTRAINT child_k_fkey");
  EXPECT_OK(Append(Table("child"), {1}));
}

TEST_F(ClientGuardTest, ALookupInsertsNoRowsIntoTablesWithRules) {
  EXPECT_RUNS("CREATE TABLE r (k int PRIMARY KEY) PARTITION BY RANGE (k); "
              "CREATE TABLE leaf PARTITION OF r FOR VALUES FROM (0) TO (10)");
  const TableInfo table = Table("leaf");
  LookupRequest request{.table_id = table.table_id,
                        .buckets = {{{table.table_id, {}, 0}, {KeyOf(50)}}},
                        .insert_if_not_exists = true};
  EXPECT_REFUSED(gateway->Lookup(request).Wait().status(), "a lookup cannot insert rows");
  request.insert_if_not_exists = false;
  EXPECT_FALSE(Get(gateway->Lookup(request)).at(0).values.at(0).has_value());
  EXPECT_RUNS("CREATE TABLE free (k int PRIMARY KEY, v text)");
  const int64_t id = Table("free").table_id;
  const auto made =
      gateway->Lookup({.table_id = id, .buckets = {{{id, {}, 0}, {KeyOf(50)}}}, .insert_if_not_exists = true});
  EXPECT_TRUE(Get(made).at(0).values.at(0).has_value());
  EXPECT_ROWS("SELECT k, v FROM free", "50|null", "SELECT 1");
}

TEST_F(ClientGuardTest, TheSystemsTablesTakeCommitsAlone) {
  EXPECT_RUNS(
      "CREATE TABLE t (k int); INSERT INTO t VALUES (1); CREATE SEQUENCE s; SELECT nextval('s'); CREATE ROLE r");
  for (const char* name : {"relations", "partitions", "sequences", "access"}) {
    const TablePath path{"weir", name};
    const TableInfo table = Get(gateway->GetTableInfo(path));
    PutKvRequest request{
        .table_id = table.table_id,
        .buckets = {{{table.table_id, {}, 0}, arrow::Buffer::FromString(KvBatchBuilder().Finish(1, -1, -1))}}};
    EXPECT_REFUSED(gateway->PutKv(request).Wait().status(), path.ToString());
    EXPECT_REFUSED(gateway->DropTable(path, false).Wait().status(), path.ToString());
    TableChange change;
    change.set_properties["table.log.ttl"] = "1 d";
    EXPECT_REFUSED(gateway->AlterTable(path, change, false).Wait().status(), path.ToString());
  }
  EXPECT_REFUSED(gateway->DropDatabase("weir", false, true).Wait().status(), "database 'weir'");
  EXPECT_ROWS("SELECT nextval('s'), k FROM t", "2|1", "SELECT 1");
}

TEST_F(ClientGuardTest, MarksAreSetByNobodyElse) {
  TableSpec spec;
  MakeTable(*gateway, "foreign_one", spec);
  TableChange change;
  change.set_properties["weir.indexed"] = "true";
  const auto set = gateway->AlterTable({"fluss", "foreign_one"}, change, false).Wait();
  EXPECT_EQ(set.status().code(), ErrorCode::kInvalidConfig) << set.status().ToString();
  EXPECT_RUNS("CREATE TABLE t (k int UNIQUE)");
  change = {};
  change.reset_properties = {"weir.indexed"};
  const auto reset = gateway->AlterTable({"fluss", "t"}, change, false).Wait();
  EXPECT_EQ(reset.status().code(), ErrorCode::kInvalidConfig) << reset.status().ToString();
  change = {};
  change.add_columns = {{"more", DataType::Int()}};
  EXPECT_REFUSED(gateway->AlterTable({"fluss", "t"}, change, false).Wait().status(), "'fluss.t' is defined in SQL");
  EXPECT_OK(gateway->AlterTable({"fluss", "foreign_one"}, change, false).Wait());
}

TEST_F(ClientGuardTest, PropertiesThatClientsHaveSetStay) {
  EXPECT_RUNS("CREATE TABLE t (k int, v int)");
  TableChange change;
  change.set_properties = {{"table.log.ttl", "7 d"}, {"owner", "them"}};
  EXPECT_OK(gateway->AlterTable({"fluss", "t"}, change, false).Wait());
  EXPECT_RUNS("ALTER TABLE t RENAME TO u; ALTER TABLE u DROP COLUMN v; CREATE UNIQUE INDEX ON u (k)");
  const TableDescriptor descriptor = Table("u").descriptor;
  EXPECT_EQ(descriptor.properties.at("table.log.ttl"), "7 d");
  EXPECT_EQ(descriptor.custom_properties.at("owner"), "them");
  EXPECT_EQ(descriptor.custom_properties.at("weir.indexed"), "true");
}

}  // namespace
}  // namespace weir::sql
