#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <thread>

#include "format/initial_default.h"
#include "storage/file.h"
#include "storage/size_ahead.h"
#include "tests/gateway/gateway_testing.h"
#include "tests/gateway/killed_writer.h"

namespace {

std::atomic<bool> disk_fails{false};

}  // namespace

// Stands before the C library's.
extern "C" int fdatasync(int fd) {
  if (disk_fails) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

BucketRecords LogPart(const TableInfo& table, int bucket, int first_id, int count) {
  return {{table.table_id, {}, bucket}, LogBatch(table.schema(), first_id, count)};
}

BucketRecords PutPart(const TableInfo& table, int bucket, int first_id, int count, const std::string& name) {
  return Put({table.table_id, {}, bucket}, first_id, count, name).buckets[0];
}

std::vector<std::string> JournalFiles(const std::string& database) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(database + "/commit")) files.push_back(entry.path());
  return files;
}

/// A log table of three buckets and primary-key tables of two and of one.
struct Tables {
  TableInfo log;
  TableInfo pk;
  TableInfo other_pk;

  static Tables Make(Gateway& gateway) {
    return {MakeTable(gateway, "log", LogTable(3)), MakeTable(gateway, "pk", PkTable(2)),
            MakeTable(gateway, "other_pk", PkTable())};
  }
  static Tables Find(Gateway& gateway) {
    const auto info = [&](const char* name) { return Get(gateway.GetTableInfo({"fluss", name})); };
    return {info("log"), info("pk"), info("other_pk")};
  }

  /// `count` rows from `id` on, in each of five buckets.
  CommitRequest Commit(int id, int count = 1, const std::string& name = "v") const {
    CommitRequest request;
    request.log.push_back({.table_id = log.table_id,
                           .buckets = {LogPart(log, 2, id, count), LogPart(log, 0, id, count)}});
    request.kv.push_back({.table_id = pk.table_id,
                          .buckets = {PutPart(pk, 0, id, count, name), PutPart(pk, 1, id, count, name)}});
    request.kv.push_back({.table_id = other_pk.table_id, .buckets = {PutPart(other_pk, 0, id, count, name)}});
    return request;
  }
  std::vector<TableBucket> Logs() const {
    return {{log.table_id, {}, 0}, {log.table_id, {}, 2}, {pk.table_id, {}, 0}, {pk.table_id, {}, 1},
            {other_pk.table_id, {}, 0}};
  }
  /// The ids in the logs of each bucket, and with an id more where rows and changelog differ.
  std::vector<std::vector<int>> Ids(Gateway& gateway) const {
    std::vector<std::vector<int>> all;
    for (const TableBucket& bucket : Logs()) {
      std::vector<int>& ids = all.emplace_back(AllIds(gateway, bucket, log.schema()));
      if (bucket.table_id == log.table_id) continue;
      const std::set<int> distinct(ids.begin(), ids.end());
      std::vector<std::string> keys;
      for (const int id : distinct) keys.push_back(KeyOf(id));
      const auto found = Get(gateway.Lookup({.table_id = bucket.table_id, .buckets = {{bucket, keys}}}));
      const auto& values = found.at(0).values;
      const bool complete = std::all_of(values.begin(), values.end(), [](const auto& v) { return v.has_value(); });
      const int64_t rows = Get(gateway.GetTableStats(bucket.table_id, {bucket})).at(0).row_count;
      if (!complete || rows != static_cast<int64_t>(distinct.size())) ids.push_back(-1);
    }
    return all;
  }
  /// The ids that are in every bucket, when they are the same everywhere.
  std::optional<std::vector<int>> SameIds(Gateway& gateway) const {
    std::vector<std::vector<int>> all = Ids(gateway);
    for (std::vector<int>& ids : all) {
      std::sort(ids.begin(), ids.end());
      if (ids != all.front()) return {};
    }
    return all.front();
  }
};

class CommitTest : public testing::TestWithParam<SyncMode> {
 protected:
  std::shared_ptr<Gateway> Open() { return OpenOrDie(directory_ / "db", options_); }

  TempDirectory directory_;
  EmbeddedOptions options_ = TestOptions(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Sync, CommitTest, testing::Values(SyncMode::kGroup, SyncMode::kNone),
                         [](const auto& mode) { return mode.param == SyncMode::kGroup ? "Group" : "None"; });

TEST_P(CommitTest, WritesToManyBucketsAnswerInTheOrderOfTheRequest) {
  const auto gateway = Open();
  const Tables tables = Tables::Make(*gateway);
  EXPECT_OK(gateway->ProduceLog(Produce({tables.log.table_id, {}, 0}, LogBatch(tables.log.schema(), 100, 4))));
  const CommitResult result = Get(gateway->Commit(tables.Commit(1, 2)));
  ASSERT_THAT(result.log, SizeIs(2));
  EXPECT_EQ(result.log[0].bucket.bucket_id, 2);
  EXPECT_EQ(result.log[0].base_offset, 0);
  EXPECT_EQ(result.log[1].bucket.bucket_id, 0);
  EXPECT_EQ(result.log[1].base_offset, 4);
  ASSERT_THAT(result.kv, SizeIs(3));
  EXPECT_EQ(result.kv[2].bucket.table_id, tables.other_pk.table_id);
  EXPECT_EQ(result.kv[2].log_end_offset, 2);
  EXPECT_THAT(tables.Ids(*gateway), ElementsAre(ElementsAre(100, 101, 102, 103, 1, 2), ElementsAre(1, 2),
                                                ElementsAre(1, 2), ElementsAre(1, 2), ElementsAre(1, 2)));
}

TEST_P(CommitTest, AnAcknowledgedCommitIsSeenByEveryRead) {
  const auto gateway = Open();
  const Tables tables = Tables::Make(*gateway);
  for (int id = 0; id < 20; ++id) {
    EXPECT_OK(gateway->Commit(tables.Commit(id)));
    for (const TableBucket& bucket : tables.Logs()) {
      const auto end = Get(gateway->ListOffsets(bucket.table_id, {}, {bucket.bucket_id}, OffsetSpec::Latest()));
      EXPECT_EQ(Get(end.at(bucket.bucket_id)), id + 1);
    }
  }
}

TEST_P(CommitTest, OneBucketOrNone) {
  const auto gateway = Open();
  const Tables tables = Tables::Make(*gateway);
  EXPECT_OK(gateway->Commit({}));
  const auto append = [&](int bucket) {
    CommitRequest request;
    request.log.push_back({.table_id = tables.log.table_id, .buckets = {LogPart(tables.log, bucket, 1, 3)}});
    return request;
  };
  const CommitResult log = Get(gateway->Commit(append(0)));
  ASSERT_THAT(log.log, SizeIs(1));
  EXPECT_EQ(log.log[0].base_offset, 0);
  CommitRequest upsert;
  upsert.kv.push_back({.table_id = tables.pk.table_id, .buckets = {PutPart(tables.pk, 0, 1, 3, "x")}});
  const CommitResult put = Get(gateway->Commit(upsert));
  ASSERT_THAT(put.kv, SizeIs(1));
  EXPECT_EQ(put.kv[0].log_end_offset, 3);
  EXPECT_THAT(JournalFiles(directory_ / "db"), IsEmpty());
  EXPECT_CODE(gateway->Commit(append(9)), kUnknownTableOrBucket);
}

TEST_P(CommitTest, WhatIsRefusedWritesNothing) {
  const auto gateway = Open();
  const Tables tables = Tables::Make(*gateway);
  EXPECT_OK(gateway->Commit(tables.Commit(0)));
  const auto refused = [&](const std::function<void(CommitRequest*)>& spoil) {
    CommitRequest request = tables.Commit(1);
    spoil(&request);
    const auto commit = gateway->Commit(std::move(request));
    EXPECT_EQ(tables.SameIds(*gateway), std::vector<int>{0});
    return commit.Wait().status();
  };
  EXPECT_EQ(refused([](auto* r) { r->kv[1].buckets[0].bucket.bucket_id = 2; }).code(),
            ErrorCode::kUnknownTableOrBucket);
  EXPECT_EQ(refused([](auto* r) { r->kv[1].buckets[0].bucket.table_id = 0; }).code(), ErrorCode::kUnknownTableOrBucket);
  EXPECT_EQ(refused([](auto* r) { r->kv[1].buckets[0].records = nullptr; }).code(), ErrorCode::kCorruptMessage);
  EXPECT_EQ(refused([](auto* r) { r->kv[1].target_columns = {7}; }).code(), ErrorCode::kInvalidTargetColumn);
  EXPECT_EQ(refused([](auto* r) { r->kv[1].buckets[0].records = arrow::Buffer::FromString("no batch"); }).code(),
            ErrorCode::kCorruptMessage);
  EXPECT_EQ(refused([&](auto* r) { r->log[0].buckets[0].records = r->kv[0].buckets[0].records; }).code(),
            ErrorCode::kCorruptMessage);
  EXPECT_EQ(refused([&](auto* r) { r->log[0].buckets.push_back(LogPart(tables.log, 2, 5, 1)); }).code(),
            ErrorCode::kClientError);
  EXPECT_EQ(refused([&](auto* r) {
              LogBatchOptions options;
              options.schema_id = 4;
              r->log[0].buckets[1].records = Get(EncodeLogBatch(*Rows(1, 1), {}, tables.log.schema(), options));
            }).code(),
            ErrorCode::kSchemaNotExist);
  EXPECT_EQ(refused([&](auto* r) { r->log[0].table_id = tables.pk.table_id; }).code(),
            ErrorCode::kUnknownTableOrBucket);
  EXPECT_OK(gateway->Commit(tables.Commit(1)));
  EXPECT_EQ(tables.SameIds(*gateway), (std::vector<int>{0, 1}));
}

TEST_P(CommitTest, ARepeatedBatchOfAWriterIsWrittenOnce) {
  const auto gateway = Open();
  const Tables tables = Tables::Make(*gateway);
  const auto request = [&] {
    CommitRequest r = tables.Commit(0, 3);
    LogBatchOptions options;
    options.writer_id = 77;
    options.sequence = 0;
    for (BucketRecords& part : r.log[0].buckets) {
      part.records = Get(EncodeLogBatch(*Rows(0, 3), {}, tables.log.schema(), options));
    }
    for (PutKvRequest& put : r.kv) {
      for (BucketRecords& part : put.buckets) {
        KvBatchBuilder builder;
        for (int id = 0; id < 3; ++id) builder.Upsert(KeyOf(id), RowOf(id, "v"));
        part.records = arrow::Buffer::FromString(builder.Finish(1, 77, 0));
      }
    }
    return r;
  };
  const CommitResult first = Get(gateway->Commit(request()));
  const CommitResult again = Get(gateway->Commit(request()));
  EXPECT_EQ(again.log[1].base_offset, first.log[1].base_offset);
  EXPECT_EQ(again.kv[2].log_end_offset, first.kv[2].log_end_offset);
  EXPECT_EQ(tables.SameIds(*gateway), (std::vector<int>{0, 1, 2}));
}

TEST_P(CommitTest, IsThereAfterReopeningAndLeavesNoJournalBehind) {
  {
    const auto gateway = Open();
    const Tables tables = Tables::Make(*gateway);
    for (int id = 0; id < 10; ++id) EXPECT_OK(gateway->Commit(tables.Commit(id)));
    EXPECT_THAT(JournalFiles(directory_ / "db"), SizeIs(1));
  }
  EXPECT_THAT(JournalFiles(directory_ / "db"), IsEmpty());
  const auto gateway = Open();
  const Tables tables = Tables::Find(*gateway);
  EXPECT_OK(gateway->Commit(tables.Commit(10)));
  EXPECT_THAT(tables.SameIds(*gateway), testing::Optional(SizeIs(11)));
}

TEST_P(CommitTest, FullJournalFilesAreReplaced) {
  options_.journal_bytes = 2000;
  int commits = 0;
  {
    const auto gateway = Open();
    const Tables tables = Tables::Make(*gateway);
    const auto first_is_there = [&] {
      return std::filesystem::exists(directory_ / "db/commit/00000000000000000001.journal");
    };
    for (; commits < 100 || (first_is_there() && commits < 100000); ++commits) {
      EXPECT_OK(gateway->Commit(tables.Commit(commits)));
    }
    EXPECT_FALSE(first_is_there());
  }
  EXPECT_THAT(JournalFiles(directory_ / "db"), IsEmpty());
  const auto gateway = Open();
  EXPECT_THAT(Tables::Find(*gateway).SameIds(*gateway), testing::Optional(SizeIs(commits)));
}

TEST_P(CommitTest, ManyAtOnceWithOtherWritersAndCrossingOrders) {
  const auto gateway = Open();
  const Tables tables = Tables::Make(*gateway);
  constexpr int kThreads = 4;
  constexpr int kCommits = 30;
  const TableInfo alone = MakeTable(*gateway, "alone", PkTable());
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::vector<Future<CommitResult>> pending;
      for (int i = 0; i < kCommits; ++i) {
        CommitRequest request = tables.Commit(t * 1000 + i);
        if (t % 2 == 1) std::reverse(request.log[0].buckets.begin(), request.log[0].buckets.end());
        if (t % 2 == 1) std::reverse(request.kv.begin(), request.kv.end());
        pending.push_back(gateway->Commit(std::move(request)));
      }
      for (const auto& commit : pending) EXPECT_OK(commit);
    });
  }
  threads.emplace_back([&] {
    for (int i = 0; i < kCommits; ++i) {
      const TableBucket bucket{tables.log.table_id, {}, 1};
      EXPECT_OK(gateway->ProduceLog(Produce(bucket, LogBatch(tables.log.schema(), i, 1))));
      EXPECT_OK(gateway->PutKv(Put({alone.table_id, {}, 0}, i, 1, "w")));
      EXPECT_OK(gateway->ProduceLog(Produce({tables.log.table_id, {}, 0}, LogBatch(tables.log.schema(), 9000 + i, 1))));
    }
  });
  for (std::thread& thread : threads) thread.join();
  std::vector<std::vector<int>> all = tables.Ids(*gateway);
  EXPECT_EQ(std::erase_if(all[0], [](int id) { return id >= 9000; }), static_cast<size_t>(kCommits));
  for (std::vector<int>& ids : all) {
    std::sort(ids.begin(), ids.end());
    EXPECT_THAT(ids, SizeIs(kThreads * kCommits));
    EXPECT_EQ(ids, all.front());
  }
}

TEST_P(CommitTest, ToPartitionsAndAfterADrop) {
  const auto gateway = Open();
  const TableInfo table = MakeTable(*gateway, "p", PartitionedTable());
  std::vector<PartitionSpec> specs;
  for (int i = 0; i < 50; ++i) specs.push_back({{"day", "d" + std::to_string(100 + i)}});
  EXPECT_OK(gateway->CreatePartitions({"fluss", "p"}, specs, false));
  const auto commit = [&](int id) {
    CommitRequest request;
    request.log.push_back({.table_id = table.table_id});
    for (const PartitionInfo& partition : Get(gateway->ListPartitionInfos({"fluss", "p"}, {}))) {
      const TableBucket bucket{table.table_id, partition.partition_id, 0};
      request.log[0].buckets.push_back({bucket, LogBatch(LogTable().schema, id, 1)});
    }
    return gateway->Commit(std::move(request));
  };
  EXPECT_THAT(Get(commit(0)).log, SizeIs(50));
  EXPECT_OK(gateway->DropPartition({"fluss", "p"}, specs[7], false));
  EXPECT_THAT(Get(commit(1)).log, SizeIs(49));
  const auto last = Get(gateway->GetPartition({"fluss", "p"}, "d149"));
  EXPECT_EQ(AllIds(*gateway, {table.table_id, last.partition_id, 0}, LogTable().schema), (std::vector<int>{0, 1}));
}

TEST(Commit, InMemory) {
  const auto gateway = Get(OpenInMemory("", TestOptions()));
  const Tables tables = Tables::Make(*gateway);
  for (int id = 0; id < 5; ++id) EXPECT_OK(gateway->Commit(tables.Commit(id)));
  EXPECT_EQ(tables.SameIds(*gateway), (std::vector<int>{0, 1, 2, 3, 4}));
}

/// Files may not grow beyond `bytes` while this lives, as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(uint64_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

// --- metadata ---

/// A commit of one row to `rows` that also changes metadata.
CommitRequest WithRow(const TableInfo& rows, int id, MetadataChange change) {
  CommitRequest request;
  request.log.push_back({.table_id = rows.table_id, .buckets = {LogPart(rows, 0, id, 1)}});
  request.metadata = std::move(change);
  return request;
}

TableInfo MakePending(Gateway& gateway, const TablePath& path) {
  return Get(gateway.CreatePendingTables({{path, LogTable()}})).at(0);
}

std::vector<int> IdsOf(Gateway& gateway, const TableInfo& table) {
  return AllIds(gateway, {table.table_id, {}, 0}, table.schema());
}

TEST(Commit, ALargeOneDoesNotWaitForItself) {
  const TempDirectory directory;
  EmbeddedOptions options = TestOptions(SyncMode::kGroup);
  options.memory_limit = 16 << 20;  // memtables are small: who fills them waits until one is on disk
  const auto gateway = OpenOrDie(directory / "db", options);
  const TableInfo table = MakeTable(*gateway, "pk", PkTable());
  const std::string name(1 << 20, 'x');
  CommitRequest request;
  request.kv.push_back({.table_id = table.table_id, .buckets = {PutPart(table, 0, 0, 28, name)}});
  EXPECT_OK(gateway->Commit(std::move(request)));
  const TableBucket bucket{table.table_id, {}, 0};
  const auto found = Get(gateway->Lookup({.table_id = table.table_id, .buckets = {{bucket, {KeyOf(0), KeyOf(27)}}}}));
  EXPECT_THAT(found.at(0).values, ElementsAre(ValueOf(0, name), ValueOf(27, name)));
}

TEST_P(CommitTest, NamesPendingTablesAndDropsOthersWithItsRows) {
  const auto gateway = Open();
  const TableInfo old = MakeTable(*gateway, "t", LogTable());
  const TableInfo made = MakePending(*gateway, {"fluss", "t"});
  EXPECT_EQ(Get(gateway->GetTableInfo({"fluss", "t"})).table_id, old.table_id);
  EXPECT_CODE(gateway->GetTableInfoById(made.table_id), kUnknownTableOrBucket);
  EXPECT_THAT(Get(gateway->ListTables("fluss")), ElementsAre("t"));
  EXPECT_OK(gateway->Commit(WithRow(made, 7, {.create_tables = {made.table_id}, .drop_tables = {old.table_id}})));
  EXPECT_EQ(Get(gateway->GetTableInfo({"fluss", "t"})).table_id, made.table_id);
  EXPECT_CODE(gateway->GetTableInfoById(old.table_id), kUnknownTableOrBucket);
  EXPECT_THAT(IdsOf(*gateway, made), ElementsAre(7));
}

TEST_P(CommitTest, MakesAndDropsDatabasesWithTheirTables) {
  const auto gateway = Open();
  const TableInfo rows = MakeTable(*gateway, "rows", LogTable());
  const TableInfo made = MakePending(*gateway, {"d", "t"});
  EXPECT_CODE(gateway->Commit(WithRow(rows, 1, {.create_tables = {made.table_id}})), kDatabaseNotExist);
  EXPECT_OK(gateway->Commit(WithRow(rows, 2, {.create_databases = {"d"}, .create_tables = {made.table_id}})));
  EXPECT_CODE(gateway->Commit(WithRow(rows, 3, {.create_databases = {"d"}})), kDatabaseAlreadyExist);
  EXPECT_CODE(gateway->Commit(WithRow(rows, 4, {.drop_databases = {"d"}})), kDatabaseNotEmpty);
  EXPECT_OK(gateway->Commit(WithRow(rows, 5, {.drop_databases = {"d"}, .drop_tables = {made.table_id}})));
  EXPECT_FALSE(Get(gateway->DatabaseExists("d")));
  EXPECT_OK(gateway->Commit(WithRow(rows, 6, {.drop_tables = {made.table_id}})));
  EXPECT_THAT(IdsOf(*gateway, rows), ElementsAre(2, 5, 6));
}

TEST_P(CommitTest, ANameThatIsTakenIsRefused) {
  const auto gateway = Open();
  const TableInfo made = MakePending(*gateway, {"fluss", "t"});
  const TableInfo other = MakeTable(*gateway, "t", LogTable());
  EXPECT_CODE(gateway->Commit(WithRow(other, 1, {.create_tables = {made.table_id}})), kTableAlreadyExist);
  EXPECT_OK(gateway->DropPendingTables({made.table_id, other.table_id}));
  EXPECT_THAT(Get(gateway->ListTables("fluss")), ElementsAre("t"));
  EXPECT_CODE(gateway->Commit(WithRow(other, 1, {.create_tables = {made.table_id}})), kTableNotExist);
  EXPECT_THAT(IdsOf(*gateway, other), IsEmpty());
}

TEST_P(CommitTest, PendingTablesAreGoneAfterReopening) {
  auto gateway = Open();
  const TableInfo made = MakePending(*gateway, {"fluss", "t"});
  EXPECT_OK(gateway->ProduceLog(Produce({made.table_id, {}, 0}, LogBatch(made.schema(), 1, 1))));
  ASSERT_TRUE(gateway->Close().ok());
  gateway = Open();
  const TableInfo rows = MakeTable(*gateway, "rows", LogTable());
  EXPECT_CODE(gateway->Commit(WithRow(rows, 1, {.create_tables = {made.table_id}})), kTableNotExist);
}

/// The table's columns, the first under another name, and one more whose initial default is 7.
NewSchema WithOneMore(const TableInfo& table) {
  std::vector<Column> columns = table.schema().columns();
  columns.front().name = "number";
  const DataType type = DataType::Int();
  columns.push_back({"extra", type, {}, {}, -1, Get(EncodeInitialDefault(type, Datum::Int(7)))});
  return {table.table_id, Get(Schema::Make(columns, {}, {}, table.schema().highest_field_id()))};
}

TableAlteration ToSchema(const TableInfo& table, int32_t schema_id) {
  return {table.table_id, table.path, table.schema_id, schema_id, table.descriptor.properties,
          table.descriptor.custom_properties};
}

TEST_P(CommitTest, GivesATableAPendingSchema) {
  auto gateway = Open();
  const TableInfo table = MakeTable(*gateway, "t", LogTable());
  EXPECT_THAT(Get(gateway->AddPendingSchemas({WithOneMore(table)})), ElementsAre(2));
  EXPECT_EQ(Get(gateway->GetTableInfo({"fluss", "t"})).schema_id, 1);
  EXPECT_OK(gateway->Commit(WithRow(table, 1, {.alter_tables = {ToSchema(table, 2)}})));
  EXPECT_CODE(gateway->Commit(WithRow(table, 2, {.alter_tables = {ToSchema(table, 2)}})), kInvalidAlterTable);
  for (int opened = 0; opened < 2; ++opened) {
    const TableInfo now = Get(gateway->GetTableInfo({"fluss", "t"}));
    EXPECT_EQ(now.schema_id, 2);
    EXPECT_EQ(now.schema().column(0).name, "number");
    EXPECT_EQ(now.schema().column(0).id, table.schema().column(0).id);
    EXPECT_TRUE(now.schema().column(now.schema().num_columns() - 1).initial_default.has_value());
    EXPECT_THAT(IdsOf(*gateway, table), ElementsAre(1));
    ASSERT_TRUE(gateway->Close().ok());
    gateway = Open();
  }
}

TEST_P(CommitTest, ANewSchemaKeepsTheColumnsThatAreThere) {
  const auto gateway = Open();
  const TableInfo table = MakeTable(*gateway, "t", LogTable());
  std::vector<Column> columns = table.schema().columns();
  columns.front().type = DataType::String();
  const Schema retyped = Get(Schema::Make(columns, {}, {}, table.schema().highest_field_id()));
  EXPECT_CODE(gateway->AddPendingSchemas({{table.table_id, retyped}}), kInvalidAlterTable);
  columns.erase(columns.begin());
  const Schema fewer = Get(Schema::Make(columns, {}, {}, table.schema().highest_field_id()));
  EXPECT_CODE(gateway->AddPendingSchemas({{table.table_id, fewer}}), kInvalidAlterTable);
  EXPECT_CODE(gateway->Commit(WithRow(table, 1, {.alter_tables = {ToSchema(table, 2)}})), kSchemaNotExist);
}

TEST_P(CommitTest, TablesChangeTheirNames) {
  auto gateway = Open();
  const TableInfo a = MakeTable(*gateway, "a", LogTable());
  const TableInfo b = MakeTable(*gateway, "b", LogTable());
  TableAlteration to_b = ToSchema(a, 1);
  to_b.path.table = "b";
  EXPECT_CODE(gateway->Commit(WithRow(a, 1, {.alter_tables = {to_b}})), kTableAlreadyExist);
  TableAlteration to_a = ToSchema(b, 1);
  to_a.path.table = "a";
  EXPECT_OK(gateway->Commit(WithRow(a, 2, {.alter_tables = {to_b, to_a}})));
  for (int opened = 0; opened < 2; ++opened) {
    EXPECT_EQ(Get(gateway->GetTableInfo({"fluss", "b"})).table_id, a.table_id);
    EXPECT_EQ(Get(gateway->GetTableInfo({"fluss", "a"})).table_id, b.table_id);
    EXPECT_EQ(Get(gateway->GetTableInfoById(a.table_id)).path.table, "b");
    EXPECT_THAT(IdsOf(*gateway, a), ElementsAre(2));
    ASSERT_TRUE(gateway->Close().ok());
    gateway = Open();
  }
}

TEST(Commit, AChangeThatOnlyTheJournalHasIsMadeAtTheNextStart) {
  TempDirectory directory;
  const std::filesystem::path live = std::filesystem::path(directory.path()) / "live";
  const std::filesystem::path killed = std::filesystem::path(directory.path()) / "killed";
  const auto options = std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing;
  auto gateway = OpenOrDie(live, TestOptions(SyncMode::kGroup));
  const TableInfo old = MakeTable(*gateway, "t", LogTable());
  const TableInfo made = MakePending(*gateway, {"fluss", "t"});
  std::filesystem::copy(live, killed, options);  // what the disk had before the catalog was written
  const MetadataChange change{
      .create_databases = {"d"}, .create_tables = {made.table_id}, .drop_tables = {old.table_id}};
  EXPECT_OK(gateway->Commit(WithRow(made, 7, change)));
  std::filesystem::copy(live / "commit", killed / "commit", options);
  ASSERT_TRUE(gateway->Close().ok());
  for (int start = 0; start < 2; ++start) {
    gateway = OpenOrDie(killed, TestOptions(SyncMode::kGroup));
    EXPECT_EQ(Get(gateway->GetTableInfo({"fluss", "t"})).table_id, made.table_id);
    EXPECT_CODE(gateway->GetTableInfoById(old.table_id), kUnknownTableOrBucket);
    EXPECT_TRUE(Get(gateway->DatabaseExists("d")));
    EXPECT_THAT(IdsOf(*gateway, made), ElementsAre(7));
    ASSERT_TRUE(gateway->Close().ok());
  }
}

TEST_P(CommitTest, AFullDiskIsAClearErrorAndWritesNothing) {
  const auto gateway = Open();
  const Tables tables = Tables::Make(*gateway);
  EXPECT_OK(gateway->Commit(tables.Commit(0)));
  const auto journal = JournalFiles(directory_ / "db").at(0);
  {
    // The journal's end, beyond which the logs of single commits do not reach.
    const FullDisk full(EndOfContent(Get(ReadFileIfExists(journal)).value()) + 10);
    const auto commit = gateway->Commit(tables.Commit(1));
    EXPECT_CODE(commit, kLogStorageException);
    EXPECT_THAT(MessageOf(commit), HasSubstr("commit/"));
    EXPECT_THAT(MessageOf(commit), HasSubstr("File too large"));
  }
  EXPECT_EQ(tables.SameIds(*gateway), std::vector<int>{0});
  {
    const FullDisk full(std::filesystem::file_size(journal) / 5);  // a bucket's log
    EXPECT_CODE(gateway->Commit(tables.Commit(1, 100, std::string(100, 'x'))), kLogStorageException);
  }
  EXPECT_EQ(tables.SameIds(*gateway), std::vector<int>{0});
  EXPECT_OK(gateway->Commit(tables.Commit(1)));
  EXPECT_EQ(tables.SameIds(*gateway), (std::vector<int>{0, 1}));
}

TEST(Commit, ADiskThatFailsLeavesTheCommitInDoubtUntilTheNextStart) {
  TempDirectory directory;
  const EmbeddedOptions options = TestOptions(SyncMode::kGroup);
  {
    const auto gateway = OpenOrDie(directory / "db", options);
    const Tables tables = Tables::Make(*gateway);
    EXPECT_OK(gateway->Commit(tables.Commit(0)));
    disk_fails = true;
    const auto failed = gateway->Commit(tables.Commit(1));
    EXPECT_CODE(failed, kUnknownServerError);
    EXPECT_THAT(MessageOf(failed), HasSubstr("shows when the database is opened again"));
    disk_fails = false;
    // Nothing takes the place that the commit may have, and nobody sees it.
    EXPECT_FALSE(gateway->Commit(tables.Commit(2)).Wait().ok());
    const auto append = gateway->ProduceLog(Produce({tables.log.table_id, {}, 0}, LogBatch(tables.log.schema(), 3, 1)));
    EXPECT_FALSE(Get(append)[0].status.ok());
    EXPECT_EQ(tables.SameIds(*gateway), std::vector<int>{0});
  }
  const auto gateway = OpenOrDie(directory / "db", options);
  const Tables tables = Tables::Find(*gateway);
  const auto ids = tables.SameIds(*gateway);
  ASSERT_TRUE(ids.has_value());
  EXPECT_TRUE(*ids == (std::vector<int>{0}) || *ids == (std::vector<int>{0, 1}));
  EXPECT_OK(gateway->Commit(tables.Commit(5)));
  EXPECT_THAT(tables.SameIds(*gateway), testing::Optional(SizeIs(ids->size() + 1)));
}

// --- killed processes ---

/// Opens the database again and again, looks at it and commits from several threads until it is killed. Writes the id
/// of each acknowledged commit to the pipe.
[[noreturn]] void CommitUntilKilled(const std::string& database, int pipe, SyncMode sync) {
  EmbeddedOptions options = TestOptions(sync);
  options.journal_bytes = 4096;
  const auto gateway = OpenOrDie(database, options);
  const Tables tables = Tables::Find(*gateway);
  const auto ids = tables.SameIds(*gateway);
  if (!ids) ::_exit(2);
  std::atomic<int> next = ids->empty() ? 0 : *std::max_element(ids->begin(), ids->end()) / 4 * 4 + 4;
  const auto work = [&] {
    while (true) {
      const int id = next.fetch_add(1);
      if (!gateway->Commit(tables.Commit(id, 1, std::to_string(id))).Wait().ok()) ::_exit(3);
      (void)!::write(pipe, &id, sizeof id);
    }
  };
  std::thread(work).detach();
  work();
  ::_exit(4);
}

// Without a directory of its own: the killed process would leave it behind.
class CommitKillTest : public testing::TestWithParam<SyncMode> {};
INSTANTIATE_TEST_SUITE_P(Sync, CommitKillTest, testing::Values(SyncMode::kGroup, SyncMode::kNone),
                         [](const auto& mode) { return mode.param == SyncMode::kGroup ? "Group" : "None"; });

TEST_P(CommitKillTest, HalfACommitIsNeverThere) {
  if (const char* database = ::getenv(kDatabaseOfChild)) {
    CommitUntilKilled(database, std::atoi(::getenv(kPipeOfChild)), GetParam());
  }
  const TempDirectory directory;
  const std::string database = directory / "db";
  Tables::Make(*OpenOrDie(database, TestOptions(GetParam())));
  constexpr int kRounds = 40;
  std::mt19937 random(GetParam() == SyncMode::kGroup ? 1 : 2);
  std::set<int> acknowledged;
  for (int round = 0; round < kRounds; ++round) {
    int fds[2];
    ASSERT_EQ(::pipe(fds), 0);
    const pid_t pid = RunAgain(database, fds[1]);
    ::close(fds[1]);
    const size_t wanted = acknowledged.size() + 1 + random() % 12;
    int id = 0;
    while (acknowledged.size() < wanted && ::read(fds[0], &id, sizeof id) == sizeof id) acknowledged.insert(id);
    ::usleep(random() % 2000);
    ::kill(pid, SIGKILL);
    while (::read(fds[0], &id, sizeof id) == sizeof id) acknowledged.insert(id);
    ::close(fds[0]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "round " << round << ": the process ended with " << WEXITSTATUS(status);
  }
  const auto gateway = OpenOrDie(database, TestOptions(GetParam()));
  const auto ids = Tables::Find(*gateway).SameIds(*gateway);
  ASSERT_TRUE(ids.has_value()) << "half a commit";
  EXPECT_TRUE(std::includes(ids->begin(), ids->end(), acknowledged.begin(), acknowledged.end()));
  EXPECT_EQ(std::set<int>(ids->begin(), ids->end()).size(), ids->size()) << "a commit twice";
  EXPECT_GE(acknowledged.size(), static_cast<size_t>(kRounds));
}

}  // namespace
}  // namespace weir
