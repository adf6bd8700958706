#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <numeric>

#include "tests/gateway/gateway_testing.h"
#include "tests/gateway/killed_writer.h"

namespace weir {
namespace {

using testing::HasSubstr;

std::vector<int> UpTo(size_t count) {
  std::vector<int> ids(count);
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

TEST(Reopen, LogRowsAreThereAfterClosing) {
  TempDirectory directory;
  TableBucket bucket;
  Schema schema;
  {
    const auto gateway = OpenOrDie(directory / "db", TestOptions(SyncMode::kGroup));
    const TableInfo table = MakeTable(*gateway, "t", LogTable());
    bucket.table_id = table.table_id;
    schema = table.schema();
    EXPECT_OK(gateway->ProduceLog(Produce(bucket, LogBatch(schema, 0, 50))));
  }
  const auto gateway = OpenOrDie(directory / "db", TestOptions(SyncMode::kGroup));
  EXPECT_EQ(AllIds(*gateway, bucket, schema), UpTo(50));
  EXPECT_EQ(Get(gateway->ProduceLog(Produce(bucket, LogBatch(schema, 50, 1))))[0].base_offset, 50);
}

TEST(Reopen, PkRowsAreThereAfterClosing) {
  TempDirectory directory;
  TableBucket bucket;
  {
    const auto gateway = OpenOrDie(directory / "db");
    bucket.table_id = MakeTable(*gateway, "k", PkTable()).table_id;
    ASSERT_TRUE(Get(gateway->PutKv(Put(bucket, 0, 50, "x")))[0].status.ok());
  }
  const auto gateway = OpenOrDie(directory / "db");
  const auto found = Get(gateway->Lookup({.table_id = bucket.table_id, .buckets = {{bucket, {KeyOf(49), KeyOf(50)}}}}));
  EXPECT_EQ(found[0].values, (std::vector<std::optional<std::string>>{ValueOf(49, "x"), std::nullopt}));
  EXPECT_EQ(Get(gateway->GetTableStats(bucket.table_id, {bucket}))[0].row_count, 50);
  EXPECT_EQ(Get(gateway->PutKv(Put(bucket, 50, 1, "x")))[0].log_end_offset, 51);
}

class KillTest : public testing::TestWithParam<SyncMode> {};
INSTANTIATE_TEST_SUITE_P(Sync, KillTest, testing::Values(SyncMode::kGroup, SyncMode::kNone),
                         [](const auto& mode) { return mode.param == SyncMode::kGroup ? "Group" : "None"; });

TEST_P(KillTest, AcknowledgedLogRowsAreThereExactlyOnce) {
  KilledWriter writer([&](const std::string& database, const std::function<void()>& acknowledged) {
    const auto gateway = OpenOrDie(database, TestOptions(GetParam()));
    const TableInfo table = MakeTable(*gateway, "t", LogTable());
    for (int id = 0;; id += 10) {
      const auto produced = gateway->ProduceLog(Produce({table.table_id, {}, 0}, LogBatch(table.schema(), id, 10)));
      if (produced.Wait().ok() && (*produced.Wait())[0].status.ok()) acknowledged();
    }
  });
  const int batches = writer.KillAfter(30);
  const auto gateway = OpenOrDie(writer.database(), TestOptions(GetParam()));
  const TableInfo table = Get(gateway->GetTableInfo({"fluss", "t"}));
  const std::vector<int> ids = AllIds(*gateway, {table.table_id, {}, 0}, table.schema());
  EXPECT_GE(ids.size(), static_cast<size_t>(10 * batches));
  EXPECT_EQ(ids, UpTo(ids.size()));
}

TEST_P(KillTest, AcknowledgedPkRowsAreThereExactlyOnce) {
  KilledWriter writer([&](const std::string& database, const std::function<void()>& acknowledged) {
    const auto gateway = OpenOrDie(database, TestOptions(GetParam()));
    const TableInfo table = MakeTable(*gateway, "k", PkTable());
    for (int id = 0;; id += 10) {
      const auto put = gateway->PutKv(Put({table.table_id, {}, 0}, id, 10, "v" + std::to_string(id)));
      if (put.Wait().ok() && (*put.Wait())[0].status.ok()) acknowledged();
    }
  });
  const int batches = writer.KillAfter(30);
  const auto gateway = OpenOrDie(writer.database(), TestOptions(GetParam()));
  const TableInfo table = Get(gateway->GetTableInfo({"fluss", "k"}));
  const TableBucket bucket{table.table_id, {}, 0};
  const int64_t end = Get(Get(gateway->ListOffsets(table.table_id, {}, {0}, OffsetSpec::Latest())).at(0));
  EXPECT_GE(end, 10 * batches);
  EXPECT_EQ(end % 10, 0);
  // Every key was written once, so the rows are as many as the changelog's records.
  EXPECT_EQ(Get(gateway->GetTableStats(table.table_id, {bucket}))[0].row_count, end);
  std::vector<std::string> keys;
  std::vector<std::optional<std::string>> expected;
  for (int id = 0; id < end; ++id) {
    keys.push_back(KeyOf(id));
    expected.push_back(ValueOf(id, "v" + std::to_string(id / 10 * 10)));
  }
  const auto found = Get(gateway->Lookup({.table_id = table.table_id, .buckets = {{bucket, keys}}}));
  EXPECT_EQ(found[0].values, expected);
  EXPECT_EQ(AllIds(*gateway, bucket, table.schema()), UpTo(static_cast<size_t>(end)));
}

TEST(Kill, AnInterruptedDropIsFinishedByTheNextProcess) {
  KilledWriter writer([&](const std::string& database, const std::function<void()>& acknowledged) {
    const auto gateway = OpenOrDie(database);
    for (int i = 0;; ++i) {
      const std::string name = "t" + std::to_string(i);
      const TableInfo table = MakeTable(*gateway, name, LogTable());
      (void)gateway->ProduceLog(Produce({table.table_id, {}, 0}, LogBatch(table.schema(), 0, 1))).Wait();
      (void)gateway->DropTable({"fluss", name}, false).Wait();
      acknowledged();
    }
  });
  const int dropped = writer.KillAfter(10);
  const auto gateway = OpenOrDie(writer.database());
  ASSERT_TRUE(RunMaintenance(*gateway, TestNowMs()).ok());
  for (int id = 0; id < dropped; ++id) {
    EXPECT_FALSE(std::filesystem::exists(writer.database() + ("/log/0/" + std::to_string(id))));
  }
  EXPECT_LE(Get(gateway->ListTables("fluss")).size(), 1u);
}

/// Runs `body` in a child process; whether it says yes.
bool InChild(const std::function<bool()>& body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body() ? 0 : 1);
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Lock, ASecondProcessIsRefusedAndToldWhoOwnsTheDirectory) {
  if (const char* database = ::getenv(kDatabaseOfChild)) {
    const auto second = OpenEmbedded(database, TestOptions());
    EXPECT_EQ(second.status().code(), ErrorCode::kClientError);
    EXPECT_THAT(second.status().message(), HasSubstr("is in use by process " + std::to_string(::getppid())));
    return;
  }
  TempDirectory directory;
  const auto gateway = OpenOrDie(directory / "db");
  int status = 0;
  ASSERT_GT(::waitpid(RunAgain(directory / "db", -1), &status, 0), 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_TRUE(Get(gateway->DatabaseExists("fluss")));
}

TEST(Lock, AForkedProcessCannotUseItsParentsGateway) {
  TempDirectory directory;
  auto gateway = OpenOrDie(directory / "db");
  EXPECT_TRUE(InChild([&] {
    const auto listed = gateway->ListDatabases();
    const bool refused = listed.done() && listed.Wait().status().code() == ErrorCode::kClientError &&
                         listed.Wait().status().message().find("forked") != std::string::npos;
    const bool not_closed = gateway->Close().code() == ErrorCode::kClientError;
    gateway.reset();  // leaves the parent's files and threads alone
    return refused && not_closed;
  }));
  MakeTable(*gateway, "t", LogTable());
}

TEST(Lock, AForkedProcessIsToldToStartAfresh) {
  TempDirectory directory;
  const auto gateway = OpenOrDie(directory / "db");
  EXPECT_TRUE(InChild([&] {
    const auto on_disk = OpenEmbedded(directory / "own", TestOptions());
    const auto in_memory = OpenInMemory("", TestOptions());
    return on_disk.status().code() == ErrorCode::kClientError && in_memory.status().code() == ErrorCode::kClientError &&
           on_disk.status().message().find("was forked from one") != std::string::npos;
  }));
}

TEST(ExitDeathTest, AProcessMayExitWithOpenDatabases) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  TempDirectory directory;
  const auto exit_with_open_databases = [&] {
    static const auto* const on_disk = new auto(OpenOrDie(directory / "db"));
    static const auto* const in_memory = new auto(Get(OpenInMemory("", TestOptions())));
    for (const auto* gateway : {on_disk, in_memory}) {
      const TableInfo table = MakeTable(**gateway, "k", PkTable());
      ASSERT_TRUE(Get((*gateway)->PutKv(Put({table.table_id, {}, 0}, 0, 50, "x")))[0].status.ok());
    }
    std::exit(0);
  };
  EXPECT_EXIT(exit_with_open_databases(), testing::ExitedWithCode(0), "");
}

TEST(Open, GatewaysOfOneDirectoryShareTheEngine) {
  TempDirectory directory;
  const auto first = OpenOrDie(directory / "db");
  const auto second = OpenOrDie(directory / "x/../db/");
  MakeTable(*first, "t", LogTable());
  EXPECT_TRUE(Get(second->TableExists({"fluss", "t"})));
  EXPECT_TRUE(first->Close().ok());
  EXPECT_TRUE(Get(second->TableExists({"fluss", "t"})));
  EXPECT_CODE(first->ListDatabases(), kClientError);
  EmbeddedOptions stricter = TestOptions(SyncMode::kGroup);
  EXPECT_EQ(OpenEmbedded(directory / "db", stricter).status().code(), ErrorCode::kClientError);
  EXPECT_TRUE(second->Close().ok());
  EXPECT_TRUE(OpenEmbedded(directory / "db", stricter).ok());
}

TEST(Open, BadDirectoriesAreNamedAndLeftAsTheyAre) {
  TempDirectory directory;
  const auto error_of = [](const std::string& path) {
    const auto opened = OpenEmbedded(path, TestOptions());
    EXPECT_EQ(opened.status().code(), ErrorCode::kClientError);
    return opened.status().message();
  };
  std::ofstream(directory / "file") << "x";
  EXPECT_THAT(error_of(directory / "file"), HasSubstr("not a directory"));
  EXPECT_THAT(error_of(directory / "no/such"), HasSubstr("parent directory"));
  EXPECT_FALSE(std::filesystem::exists(directory / "no"));
  EXPECT_THAT(error_of(directory.path()), HasSubstr("not a Weir database"));
  EXPECT_FALSE(std::filesystem::exists(directory / "LOCK"));
  EXPECT_THAT(error_of(""), HasSubstr("empty"));
  if (::getuid() != 0) {
    std::filesystem::create_directory(directory / "locked");
    ::chmod((directory / "locked").c_str(), 0555);
    EXPECT_FALSE(error_of(directory / "locked").empty());
    EXPECT_FALSE(error_of(directory / "locked/db").empty());
  }
}

TEST(Open, ANewerStorageFormatIsRefused) {
  TempDirectory directory;
  ASSERT_TRUE(OpenOrDie(directory / "db")->Close().ok());
  std::ofstream(directory / "db/FORMAT") << "2\n";
  const auto opened = OpenEmbedded(directory / "db", TestOptions());
  EXPECT_EQ(opened.status().code(), ErrorCode::kClientError);
  EXPECT_THAT(opened.status().message(), HasSubstr("storage format 2"));
  std::ofstream(directory / "db/FORMAT") << "1\n";
  EXPECT_TRUE(OpenEmbedded(directory / "db", TestOptions()).ok());
}

TEST(Open, TenThousandPartitionsOpenLazily) {
  TempDirectory directory;
  const TablePath path{"fluss", "p"};
  const auto since = [](auto start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  };
  auto gateway = OpenOrDie(directory / "db");
  MakeTable(*gateway, "p", PartitionedTable());
  auto start = std::chrono::steady_clock::now();
  std::vector<Future<Unit>> created;
  for (int i = 0; i < 10000; ++i) {
    created.push_back(gateway->CreatePartition(path, {{"day", "d" + std::to_string(i)}}, false));
  }
  for (const auto& future : created) EXPECT_OK(future);
  std::printf("10,000 partitions: created in %.0f ms\n", since(start));
  ASSERT_TRUE(gateway->Close().ok());
  start = std::chrono::steady_clock::now();
  gateway = OpenOrDie(directory / "db");
  std::printf("10,000 partitions: opened in %.1f ms\n", since(start));
  start = std::chrono::steady_clock::now();
  EXPECT_EQ(Get(gateway->GetPartition(path, "d7777")).partition_id, 7777);
  std::printf("10,000 partitions: one found in %.3f ms\n", since(start));
  EXPECT_EQ(Get(gateway->ListPartitionInfos(path, {})).size(), 10000u);
  EXPECT_OK(gateway->DropTable(path, false));
  ASSERT_TRUE(RunMaintenance(*gateway, TestNowMs()).ok());
  EXPECT_CODE(gateway->GetPartitionById(path, 7777), kTableNotExist);
}

TEST(Memory, OneNameIsOneDatabaseUntilItsLastUserCloses) {
  auto first = Get(OpenInMemory("shared", TestOptions()));
  auto second = Get(OpenInMemory("shared", TestOptions()));
  auto separate = Get(OpenInMemory("", TestOptions()));
  auto also_separate = Get(OpenInMemory("", TestOptions()));
  MakeTable(*first, "t", LogTable());
  EXPECT_TRUE(Get(second->TableExists({"fluss", "t"})));
  EXPECT_FALSE(Get(separate->TableExists({"fluss", "t"})));
  MakeTable(*separate, "s", LogTable());
  EXPECT_FALSE(Get(also_separate->TableExists({"fluss", "s"})));
  first.reset();
  EXPECT_TRUE(Get(second->TableExists({"fluss", "t"})));
  second.reset();
  EXPECT_FALSE(Get(Get(OpenInMemory("shared", TestOptions()))->TableExists({"fluss", "t"})));
}

}  // namespace
}  // namespace weir
