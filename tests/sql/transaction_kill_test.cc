#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <numeric>
#include <random>

#include "sql/session.h"
#include "tests/sql/sql_testing.h"

namespace weir::sql {
namespace {

constexpr const char* kDatabaseOfChild = "WEIR_TEST_DATABASE";
constexpr const char* kPipeOfChild = "WEIR_TEST_PIPE";
constexpr const char* kFirstOfChild = "WEIR_TEST_FIRST";
constexpr int kRows = 500;

struct Leaves {
  RelationPtr a, b, moves;
};

Leaves FindLeaves(Gateway& gateway) {
  return {FindRelation(gateway, "a"), FindRelation(gateway, "b"), FindRelation(gateway, "moves")};
}

/// Moves some rows from one leaf to the other, and notes that it has.
void Move(TransactionManager& manager, const Leaves& leaves, int number, std::minstd_rand* random) {
  const auto transaction = manager.Begin();
  std::vector<int> in_a = Ids(*transaction, leaves.a);
  std::vector<int> in_b = Ids(*transaction, leaves.b, false);
  const bool forth = in_a.size() >= in_b.size();
  std::vector<int>& from = forth ? in_a : in_b;
  std::ranges::shuffle(from, *random);
  from.resize(1 + (*random)() % 40);
  Get(DeleteIds(*transaction, forth ? leaves.a : leaves.b, from, false));
  EXPECT_OK(transaction->Insert(forth ? leaves.b : leaves.a, Rows(from)));
  EXPECT_OK(transaction->Insert(leaves.moves, Rows({number})));
  EXPECT_OK(transaction->Commit());
}

/// Runs the current test once more in a process of its own (a forked one could not open a database);
/// it finds its database and the pipe to write a byte to after each move in its environment.
pid_t RunAgain(const std::string& database, int write_fd) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::string filter = fmt::format("--gtest_filter={}.{}", test->test_suite_name(), test->name());
  const std::string fd = std::to_string(write_fd);
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::setenv(kDatabaseOfChild, database.c_str(), 1);
  ::setenv(kPipeOfChild, fd.c_str(), 1);
  ::execl("/proc/self/exe", "sql_test", filter.c_str(), static_cast<char*>(nullptr));
  ::_exit(127);
}

[[noreturn]] void MoveUntilKilled(const std::string& database, int fd, SyncMode sync) {
  const auto gateway = OpenGateway(database, sync);
  const auto manager = Get(TransactionManager::Open(gateway));
  const Leaves leaves = FindLeaves(*gateway);
  std::minstd_rand random(static_cast<uint32_t>(::getpid()));
  int number = static_cast<int>(Ids(*manager, leaves.moves).size());
  while (!testing::Test::HasFailure()) {
    Move(*manager, leaves, number++, &random);
    if (::write(fd, "m", 1) != 1) break;
  }
  ::_exit(1);
}

/// Lets a process move rows and kills it some time after `moves` of them; gives how many it has told of.
int KillAfter(const std::string& database, int moves, int delay_us) {
  int fds[2];
  EXPECT_EQ(::pipe(fds), 0);
  const pid_t pid = RunAgain(database, fds[1]);
  ::close(fds[1]);
  int told = 0;
  char byte;
  while (told < moves && ::read(fds[0], &byte, 1) == 1) ++told;
  EXPECT_EQ(told, moves) << "the process ended early";
  ::usleep(static_cast<useconds_t>(delay_us));
  ::kill(pid, SIGKILL);
  while (::read(fds[0], &byte, 1) == 1) ++told;
  ::close(fds[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  return told;
}

using Kinds = std::tuple<bool, bool, SyncMode>;

std::string NameOf(const testing::TestParamInfo<Kinds>& kinds) {
  const auto [a, b, sync] = kinds.param;
  return fmt::format("{}To{}{}", a ? "Pk" : "Log", b ? "Pk" : "Log", sync == SyncMode::kGroup ? "Synced" : "Unsynced");
}

class TransactionKillTest : public testing::TestWithParam<Kinds> {};
INSTANTIATE_TEST_SUITE_P(Leaves, TransactionKillTest,
                         testing::Combine(testing::Bool(), testing::Bool(),
                                          testing::Values(SyncMode::kGroup, SyncMode::kNone)),
                         NameOf);

TEST_P(TransactionKillTest, MovedRowsAreInOneLeafOrTheOther) {
  const auto [a_keyed, b_keyed, sync] = GetParam();
  if (const char* database = ::getenv(kDatabaseOfChild)) {
    MoveUntilKilled(database, std::atoi(::getenv(kPipeOfChild)), sync);
  }
  TempDirectory directory;
  const std::string database = directory.path() + "/db";
  {
    const auto gateway = OpenGateway(database, sync);
    const auto make = [&](const char* name, bool keyed) {
      return keyed ? MakePk(*gateway, name, 3) : MakeLog(*gateway, name, 3);
    };
    make("b", b_keyed);
    MakeLog(*gateway, "moves");
    InsertAll(*Get(TransactionManager::Open(gateway)), make("a", a_keyed), Rows(Range(0, kRows)));
    EXPECT_OK(gateway->Close());
  }
  std::minstd_rand random(17);
  int told = 0;
  for (int round = 0; round < 4; ++round) {
    told += KillAfter(database, 1 + static_cast<int>(random() % 20), static_cast<int>(random() % 5000));
    const auto gateway = OpenGateway(database, sync);
    const auto manager = Get(TransactionManager::Open(gateway));
    const Leaves leaves = FindLeaves(*gateway);
    std::vector<int> rows = Ids(*manager, leaves.a);
    std::ranges::copy(Ids(*manager, leaves.b), std::back_inserter(rows));
    std::ranges::sort(rows);
    EXPECT_EQ(rows, Range(0, kRows));
    const std::vector<int> moves = Ids(*manager, leaves.moves);
    EXPECT_EQ(moves, Range(0, static_cast<int>(moves.size())));
    EXPECT_GE(static_cast<int>(moves.size()), told);
    told = static_cast<int>(moves.size());
    EXPECT_OK(gateway->Close());
  }
}

// --- definitions and rows ---

/// Transactions that each replace a table, exchange a leaf and note their number, until killed.
[[noreturn]] void ExchangeUntilKilled(const std::string& directory, int fd, SyncMode sync) {
  const auto database = Get(Database::Open(OpenGateway(directory, sync)));
  const auto session = Get(database->Connect({}));
  const auto run = [&](const std::string& text) {
    for (const Statement& statement : Get(session->Parse(text))) {
      const auto result = Get(session->Run(statement));
      while (Get(result->Next())) continue;
    }
  };
  for (int number = std::atoi(::getenv(kFirstOfChild)); !testing::Test::HasFailure(); ++number) {
    run(fmt::format(
        "BEGIN; DROP TABLE r; CREATE TABLE r AS SELECT {0} AS n; ALTER TABLE t DETACH PARTITION t{1};"
        "CREATE TABLE t{0} PARTITION OF t FOR VALUES IN (1); INSERT INTO t VALUES (1, {0}); DROP TABLE t{1};"
        "UPDATE noted SET n = {0}; COMMIT",
        number, number - 1));
    if (::write(fd, "m", 1) != 1) break;
  }
  ::_exit(1);
}

class DdlKillTest : public testing::TestWithParam<SyncMode> {};
INSTANTIATE_TEST_SUITE_P(Sync, DdlKillTest, testing::Values(SyncMode::kGroup, SyncMode::kNone),
                         [](const auto& sync) { return sync.param == SyncMode::kGroup ? "Synced" : "Unsynced"; });

class DdlKillSession {
 public:
  explicit DdlKillSession(const std::string& directory, SyncMode sync)
      : gateway_(OpenGateway(directory, sync)), session_(Get(Get(Database::Open(gateway_))->Connect({}))) {}
  ~DdlKillSession() {
    session_.reset();
    EXPECT_OK(gateway_->Close());
  }

  Gateway& gateway() { return *gateway_; }
  /// The only value of the text's last statement.
  int Value(const std::string& text) {
    int value = -1;
    for (const Statement& statement : Get(session_->Parse(text))) {
      const auto result = Get(session_->Run(statement));
      while (const auto batch = Get(result->Next())) value = std::stoi((*batch->column(0)->GetScalar(0))->ToString());
    }
    return value;
  }

 private:
  std::shared_ptr<Gateway> gateway_;
  std::unique_ptr<Session> session_;
};

TEST_P(DdlKillTest, DefinitionsAndRowsAreThereTogetherOrNot) {
  if (const char* directory = ::getenv(kDatabaseOfChild)) {
    ExchangeUntilKilled(directory, std::atoi(::getenv(kPipeOfChild)), GetParam());
  }
  TempDirectory directory;
  const std::string database = directory.path() + "/db";
  DdlKillSession(database, GetParam())
      .Value("CREATE TABLE noted (n int PRIMARY KEY); INSERT INTO noted VALUES (0); CREATE TABLE r AS SELECT 0 AS n;"
             "CREATE TABLE t (k int, n int) PARTITION BY LIST (k); CREATE TABLE t0 PARTITION OF t FOR VALUES IN (1);"
             "INSERT INTO t VALUES (1, 0)");
  std::minstd_rand random(11);
  int told = 0;
  for (int round = 0; round < 8; ++round) {
    ::setenv(kFirstOfChild, std::to_string(told + 1).c_str(), 1);
    told += KillAfter(database, 1 + static_cast<int>(random() % 6), static_cast<int>(random() % 20000));
    DdlKillSession session(database, GetParam());
    const int noted = session.Value("SELECT n FROM noted");
    EXPECT_GE(noted, told);
    EXPECT_EQ(session.Value("SELECT n FROM r"), noted);
    EXPECT_EQ(session.Value("SELECT n FROM t"), noted);
    EXPECT_EQ(session.Value("SELECT count(*) FROM t"), 1);
    const std::string leaf = fmt::format("t{}", noted);
    EXPECT_EQ(session.Value("SELECT n FROM " + leaf), noted);
    EXPECT_THAT(Get(session.gateway().ListTables("fluss")), testing::UnorderedElementsAre("noted", "r", leaf));
    told = noted;
  }
}

}  // namespace
}  // namespace weir::sql
