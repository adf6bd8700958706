#include <fmt/format.h>

#include <future>
#include <thread>

#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

using testing::ElementsAre;

/// Sessions whose statements wait for each other.
class ConcurrentTest : public SessionTest {
 protected:
  using Running = std::future<Result<std::vector<std::string>>>;

  /// Runs it on a thread of its own and comes back when it waits for a lock.
  Running RunUntilItWaits(Session& waiting, const std::string& text) {
    LockManager& locks = Get(TransactionManager::Open(gateway))->locks();
    const auto waiting_now = [&] {
      return std::ranges::count_if(locks.List(), [](const auto& lock) { return !lock.granted; });
    };
    const auto before = waiting_now();
    auto running = std::async(std::launch::async, [&waiting, text] { return Run(waiting, text); });
    while (waiting_now() == before) {
      if (running.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
        ADD_FAILURE() << "did not wait: " << text;
        break;
      }
      std::this_thread::yield();
    }
    return running;
  }

  std::vector<std::string> Rows(Session& reader, const std::string& query) {
    auto lines = Get(Run(reader, query));
    lines.pop_back();  // the tag
    return lines;
  }

  std::unique_ptr<Session> one = Connect();
  std::unique_ptr<Session> two = Connect();
  std::unique_ptr<Session> three = Connect();
};

#define EXPECT_DOES(session, text) EXPECT_OK(Run(*(session), text))
#define EXPECT_ENDS(running) EXPECT_OK((running).get())
#define EXPECT_FAILS(session, text, state, message) EXPECT_SQL_ERROR(Run(*(session), text), state, message)

constexpr const char* kConcurrentUpdate = "could not serialize access due to concurrent update";
constexpr const char* kDependencies = "could not serialize access due to read/write dependencies among transactions";

// --- the published anomalies, on every kind of table, at every level

struct TableShape {
  const char* name;
  const char* ddl;
};
constexpr TableShape kKinds[] = {
    {"Plain", "CREATE TABLE t (id int PRIMARY KEY, v int)"},
    {"Log", "CREATE TABLE t (id int, v int)"},
    {"Hash",
     "CREATE TABLE t (id int PRIMARY KEY, v int) PARTITION BY HASH (id);"
     "CREATE TABLE t0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
     "CREATE TABLE t1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1)"},
    {"Range",
     "CREATE TABLE t (id int, v int) PARTITION BY RANGE (id);"
     "CREATE TABLE t0 PARTITION OF t FOR VALUES FROM (0) TO (2);"
     "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (2) TO (100)"},
    {"TwoLevel",
     "CREATE TABLE t (id int, v int, PRIMARY KEY (id, v)) PARTITION BY RANGE (id);"
     "CREATE TABLE t0 PARTITION OF t FOR VALUES FROM (0) TO (2) PARTITION BY RANGE (v);"
     "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (2) TO (100) PARTITION BY RANGE (v);"
     "CREATE TABLE t00 PARTITION OF t0 FOR VALUES FROM (0) TO (12);"
     "CREATE TABLE t01 PARTITION OF t0 DEFAULT;"
     "CREATE TABLE t10 PARTITION OF t1 FOR VALUES FROM (0) TO (20);"
     "CREATE TABLE t11 PARTITION OF t1 DEFAULT"},
};
constexpr const char* kLevels[] = {"READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"};

class AnomalyTest : public ConcurrentTest, public testing::WithParamInterface<std::tuple<TableShape, const char*>> {
 protected:
  void SetUp() override {
    EXPECT_RUNS(std::get<0>(GetParam()).ddl);
    EXPECT_RUNS("INSERT INTO t VALUES (1, 10), (2, 20)");
    for (Session* player : {one.get(), two.get(), three.get()}) {
      EXPECT_OK(Run(*player, fmt::format("BEGIN ISOLATION LEVEL {}", std::get<1>(GetParam()))));
    }
  }
  bool read_committed() const { return std::get<1>(GetParam()) == kLevels[0]; }
  bool serializable() const { return std::get<1>(GetParam()) == kLevels[2]; }
  /// What the second to change a row is told. Where v is part of the key, the row it was is gone.
  const char* lost() const {
    return std::string_view(std::get<0>(GetParam()).name) == "TwoLevel"
               ? "could not serialize access due to concurrent delete"
               : "could not serialize access due to concurrent update";
  }
  std::vector<std::string> All(Session& reader) { return Rows(reader, "SELECT id, v FROM t ORDER BY id"); }
  std::string Value(Session& reader, int id) {
    return Rows(reader, fmt::format("SELECT v FROM t WHERE id = {}", id)).at(0);
  }
  /// The second of two that depend on each other.
  void CommitOrFailSerializable(Session& late) {
    if (serializable()) {
      EXPECT_SQL_ERROR(Run(late, "COMMIT"), "40001", kDependencies);
    } else {
      EXPECT_OK(Run(late, "COMMIT"));
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Tables, AnomalyTest, testing::Combine(testing::ValuesIn(kKinds), testing::ValuesIn(kLevels)),
                         [](const auto& test) {
                           std::string level = std::get<1>(test.param);
                           std::erase(level, ' ');
                           return std::string(std::get<0>(test.param).name) + level;
                         });

TEST_P(AnomalyTest, G0WritesDoNotInterleave) {
  EXPECT_DOES(one, "UPDATE t SET v = 11 WHERE id = 1");
  auto waiting = RunUntilItWaits(*two, "UPDATE t SET v = 12 WHERE id = 1");
  EXPECT_DOES(one, "UPDATE t SET v = 21 WHERE id = 2");
  EXPECT_DOES(one, "COMMIT");
  if (read_committed()) {
    EXPECT_ENDS(waiting);
    EXPECT_DOES(two, "UPDATE t SET v = 22 WHERE id = 2");
    EXPECT_DOES(two, "COMMIT");
    EXPECT_THAT(All(*session), ElementsAre("1|12", "2|22"));
  } else {
    EXPECT_SQL_ERROR(waiting.get(), "40001", lost());
    EXPECT_DOES(two, "ROLLBACK");
    EXPECT_THAT(All(*session), ElementsAre("1|11", "2|21"));
  }
}

TEST_P(AnomalyTest, G1aAbortedWritesAreNotRead) {
  EXPECT_DOES(one, "UPDATE t SET v = 101 WHERE id = 1");
  EXPECT_EQ(Value(*two, 1), "10");
  EXPECT_DOES(one, "ROLLBACK");
  EXPECT_EQ(Value(*two, 1), "10");
}

TEST_P(AnomalyTest, G1bIntermediateWritesAreNotRead) {
  EXPECT_DOES(one, "UPDATE t SET v = 101 WHERE id = 1");
  EXPECT_EQ(Value(*two, 1), "10");
  EXPECT_DOES(one, "UPDATE t SET v = 11 WHERE id = 1");
  EXPECT_DOES(one, "COMMIT");
  EXPECT_EQ(Value(*two, 1), read_committed() ? "11" : "10");
}

TEST_P(AnomalyTest, G1cInformationDoesNotFlowInCircles) {
  EXPECT_DOES(one, "UPDATE t SET v = 11 WHERE id = 1");
  EXPECT_DOES(two, "UPDATE t SET v = 22 WHERE id = 2");
  EXPECT_EQ(Value(*one, 2), "20");
  EXPECT_EQ(Value(*two, 1), "10");
  EXPECT_DOES(one, "COMMIT");
  CommitOrFailSerializable(*two);
}

TEST_P(AnomalyTest, OtvACommitDoesNotVanishAgain) {
  EXPECT_DOES(one, "UPDATE t SET v = 11 WHERE id = 1; UPDATE t SET v = 19 WHERE id = 2");
  auto waiting = RunUntilItWaits(*two, "UPDATE t SET v = 12 WHERE id = 1");
  EXPECT_DOES(one, "COMMIT");
  EXPECT_EQ(Value(*three, 1), "11");
  EXPECT_EQ(waiting.get().ok(), read_committed());
  if (read_committed()) EXPECT_DOES(two, "UPDATE t SET v = 18 WHERE id = 2");
  EXPECT_EQ(Value(*three, 2), "19");
  EXPECT_DOES(two, "COMMIT");
  EXPECT_EQ(Value(*three, 2), read_committed() ? "18" : "19");
  EXPECT_EQ(Value(*three, 1), read_committed() ? "12" : "11");
}

TEST_P(AnomalyTest, PmpPredicatesReadOneMoment) {
  EXPECT_THAT(Rows(*one, "SELECT * FROM t WHERE v = 30"), testing::IsEmpty());
  EXPECT_DOES(two, "INSERT INTO t VALUES (3, 30)");
  EXPECT_DOES(two, "COMMIT");
  EXPECT_EQ(Rows(*one, "SELECT id FROM t WHERE v % 3 = 0").size(), read_committed() ? 1 : 0);
}

TEST_P(AnomalyTest, PmpWritesByPredicate) {
  EXPECT_DOES(one, "UPDATE t SET v = v + 10");
  auto waiting = RunUntilItWaits(*two, "DELETE FROM t WHERE v = 20");
  EXPECT_DOES(one, "COMMIT");
  if (read_committed()) {
    // Run again, it finds what has 20 now.
    EXPECT_THAT(Get(waiting.get()), ElementsAre("DELETE 1"));
    EXPECT_DOES(two, "COMMIT");
    EXPECT_THAT(All(*session), ElementsAre("2|30"));
  } else {
    EXPECT_SQL_ERROR(waiting.get(), "40001", lost());
  }
}

TEST_P(AnomalyTest, P4UpdatesAreNotLost) {
  EXPECT_EQ(Value(*one, 1), "10");
  EXPECT_EQ(Value(*two, 1), "10");
  EXPECT_DOES(one, "UPDATE t SET v = v + 1 WHERE id = 1");
  auto waiting = RunUntilItWaits(*two, "UPDATE t SET v = v + 1 WHERE id = 1");
  EXPECT_DOES(one, "COMMIT");
  if (read_committed()) {
    EXPECT_ENDS(waiting);
    EXPECT_DOES(two, "COMMIT");
    EXPECT_THAT(All(*session), ElementsAre("1|12", "2|20"));
  } else {
    EXPECT_SQL_ERROR(waiting.get(), "40001", lost());
  }
}

TEST_P(AnomalyTest, GSingleReadsAreNotSkewed) {
  EXPECT_EQ(Value(*one, 1), "10");
  EXPECT_DOES(two, "UPDATE t SET v = 12 WHERE id = 1; UPDATE t SET v = 18 WHERE id = 2");
  EXPECT_DOES(two, "COMMIT");
  EXPECT_EQ(Value(*one, 2), read_committed() ? "18" : "20");
}

TEST_P(AnomalyTest, GSingleWritesAreNotSkewed) {
  EXPECT_EQ(Value(*one, 1), "10");
  EXPECT_DOES(two, "UPDATE t SET v = 12 WHERE id = 1; UPDATE t SET v = 18 WHERE id = 2");
  EXPECT_DOES(two, "COMMIT");
  if (read_committed()) {
    EXPECT_THAT(Get(Run(*one, "DELETE FROM t WHERE v = 20")), ElementsAre("DELETE 0"));
  } else {
    EXPECT_FAILS(one, "DELETE FROM t WHERE v = 20", "40001", lost());
  }
}

TEST_P(AnomalyTest, G2ItemWriteSkew) {
  for (Session* player : {one.get(), two.get()}) EXPECT_EQ(All(*player).size(), 2);
  EXPECT_DOES(one, "UPDATE t SET v = 11 WHERE id = 1");
  EXPECT_DOES(two, "UPDATE t SET v = 21 WHERE id = 2");
  EXPECT_DOES(one, "COMMIT");
  CommitOrFailSerializable(*two);
}

TEST_P(AnomalyTest, G2WriteSkewByPredicate) {
  for (Session* player : {one.get(), two.get()}) {
    EXPECT_THAT(Rows(*player, "SELECT id FROM t WHERE v % 3 = 0"), testing::IsEmpty());
  }
  EXPECT_DOES(one, "INSERT INTO t VALUES (3, 30)");
  EXPECT_DOES(two, "INSERT INTO t VALUES (4, 42)");
  EXPECT_DOES(one, "COMMIT");
  CommitOrFailSerializable(*two);
}

TEST_P(AnomalyTest, G2ByAReader) {
  EXPECT_THAT(All(*one), ElementsAre("1|10", "2|20"));
  EXPECT_DOES(two, "UPDATE t SET v = v + 5 WHERE id = 2");
  EXPECT_DOES(two, "COMMIT");
  EXPECT_THAT(All(*three), ElementsAre("1|10", "2|25"));
  EXPECT_DOES(three, "COMMIT");
  if (serializable()) {
    EXPECT_FAILS(one, "UPDATE t SET v = 0 WHERE id = 1", "40001", kDependencies);  // both others have committed
  } else {
    EXPECT_DOES(one, "UPDATE t SET v = 0 WHERE id = 1");
    EXPECT_DOES(one, "COMMIT");
  }
}

// --- what a level is

TEST_F(ConcurrentTest, ALevelThatIsSetIsGiven) {
  EXPECT_RUNS("CREATE TABLE t (n int); INSERT INTO t VALUES (10)");
  const char* const ways[] = {
      "BEGIN; SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
      "BEGIN; SET transaction_isolation = 'Repeatable Read'",
      "START TRANSACTION ISOLATION LEVEL REPEATABLE READ",
      "SET default_transaction_isolation = 'REPEATABLE READ'; BEGIN",
      "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ; BEGIN",
  };
  int n = 10;
  for (const char* way : ways) {
    const auto reader = Connect();
    EXPECT_DOES(reader, way);
    EXPECT_THAT(Rows(*reader, "SHOW transaction_isolation"), ElementsAre("repeatable read")) << way;
    EXPECT_THAT(Rows(*reader, "SELECT current_setting('transaction_isolation')"), ElementsAre("repeatable read"));
    EXPECT_THAT(Rows(*reader, "SELECT n FROM t"), ElementsAre(std::to_string(n)));
    EXPECT_RUNS("UPDATE t SET n = n + 1");
    EXPECT_THAT(Rows(*reader, "SELECT n FROM t"), ElementsAre(std::to_string(n))) << way;
    EXPECT_DOES(reader, "COMMIT");
    EXPECT_THAT(Rows(*reader, "SELECT n FROM t"), ElementsAre(std::to_string(++n)));
  }
  EXPECT_DOES(one, "BEGIN ISOLATION LEVEL SERIALIZABLE");
  EXPECT_THAT(Rows(*one, "SHOW transaction_isolation"), ElementsAre("serializable"));
  EXPECT_DOES(one, "COMMIT");
  EXPECT_THAT(Rows(*one, "SHOW transaction_isolation"), ElementsAre("read committed"));
}

TEST_F(ConcurrentTest, ASnapshotIsOfTheFirstStatement) {
  EXPECT_RUNS("CREATE TABLE t (n int); INSERT INTO t VALUES (1)");
  EXPECT_DOES(one, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");
  EXPECT_RUNS("INSERT INTO t VALUES (2)");
  EXPECT_THAT(Rows(*one, "SELECT n FROM t"), ElementsAre("1"));
}

TEST_F(ConcurrentTest, ModesAreChecked) {
  EXPECT_FAILS(one, "SET default_transaction_isolation = 'foo'", "22023",
               "invalid value for parameter \"default_transaction_isolation\": \"foo\"");
  EXPECT_FAILS(one, "SET default_transaction_read_only = 'perhaps'", "22023", "requires a Boolean value");
  EXPECT_FAILS(one, "SET lock_timeout = 'soon'", "22023", "invalid value for parameter \"lock_timeout\"");
  EXPECT_DOES(one, "BEGIN; SELECT 1");
  EXPECT_FAILS(one, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "25001",
               "SET TRANSACTION ISOLATION LEVEL must be called before any query");
  EXPECT_DOES(one, "ROLLBACK; BEGIN; SAVEPOINT a");
  EXPECT_FAILS(one, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "25001", "must not be called in a subtransaction");
  EXPECT_DOES(one, "ROLLBACK");
  EXPECT_DOES(one, "SET TRANSACTION READ ONLY");
  const auto notices = one->TakeNotices();
  ASSERT_EQ(notices.size(), 1);
  EXPECT_EQ(notices[0].sqlstate, "25P01");
  EXPECT_THAT(Rows(*one, "SHOW transaction_read_only"), ElementsAre("off"));
}

TEST_F(ConcurrentTest, ReadOnlyRefusesWrites) {
  EXPECT_RUNS("CREATE TABLE t (n int); INSERT INTO t VALUES (1)");
  const std::pair<const char*, const char*> statements[] = {
      {"INSERT INTO t VALUES (2)", "INSERT"},        {"UPDATE t SET n = 2", "UPDATE"},
      {"DELETE FROM t", "DELETE"},                   {"CREATE TABLE u (n int)", "CREATE TABLE"},
      {"CREATE TABLE u AS SELECT 1", "CREATE TABLE AS"}, {"DROP TABLE t", "DROP TABLE"},
      {"MERGE INTO t USING t AS s ON false WHEN MATCHED THEN DELETE", "MERGE"},
      {"TRUNCATE t", "TRUNCATE TABLE"},              {"SELECT n FROM t FOR UPDATE", "SELECT FOR UPDATE"},
  };
  for (const auto& [text, command] : statements) {
    EXPECT_DOES(one, "BEGIN READ ONLY");
    EXPECT_FAILS(one, text, "25006", fmt::format("cannot execute {} in a read-only transaction", command));
    EXPECT_DOES(one, "ROLLBACK");
  }
  EXPECT_DOES(one, "SET default_transaction_read_only = on");
  EXPECT_FAILS(one, "INSERT INTO t VALUES (2)", "25006", "read-only");
  EXPECT_DOES(one, "BEGIN READ WRITE; INSERT INTO t VALUES (2); COMMIT");
  EXPECT_DOES(one, "BEGIN; SELECT n FROM t");
  EXPECT_FAILS(one, "SET TRANSACTION READ WRITE", "25001", "transaction read-write mode must be set before any query");
  EXPECT_ROWS("SELECT count(*) FROM t", "2", "SELECT 1");
}

TEST_F(ConcurrentTest, AndChainBeginsABlockOfTheSameModes) {
  EXPECT_RUNS("CREATE TABLE t (n int)");
  EXPECT_DOES(one, "BEGIN ISOLATION LEVEL SERIALIZABLE; INSERT INTO t VALUES (1); COMMIT AND CHAIN");
  EXPECT_EQ(one->transaction_status(), TransactionStatus::kInTransaction);
  EXPECT_THAT(Rows(*one, "SHOW transaction_isolation"), ElementsAre("serializable"));
  EXPECT_DOES(one, "INSERT INTO t VALUES (2); ROLLBACK AND CHAIN");
  EXPECT_EQ(one->transaction_status(), TransactionStatus::kInTransaction);
  EXPECT_DOES(one, "COMMIT");
  EXPECT_FAILS(one, "COMMIT AND CHAIN", "25P01", "COMMIT AND CHAIN can only be used in transaction blocks");
  EXPECT_ROWS("SELECT n FROM t", "1", "SELECT 1");
}

TEST_F(ConcurrentTest, SetLocalEndsWithTheBlock) {
  EXPECT_DOES(one, "SET lock_timeout = '1s'; BEGIN; SET LOCAL lock_timeout = '2s'; SET statement_timeout = '9s'");
  EXPECT_THAT(Rows(*one, "SHOW lock_timeout"), ElementsAre("2s"));
  EXPECT_DOES(one, "COMMIT");
  EXPECT_THAT(Rows(*one, "SHOW lock_timeout"), ElementsAre("1s"));
  EXPECT_THAT(Rows(*one, "SHOW statement_timeout"), ElementsAre("9s"));
}

TEST_F(ConcurrentTest, NowIsOneMomentATransaction) {
  EXPECT_RUNS("CREATE TABLE t (n int, made timestamptz DEFAULT now())");
  EXPECT_RUNS(
      "BEGIN; INSERT INTO t (n) VALUES (1); INSERT INTO t (n) SELECT 2; INSERT INTO t VALUES (3, current_timestamp)");
  EXPECT_ROWS("SELECT count(DISTINCT made), bool_and(made = transaction_timestamp()) FROM t", "1|true", "SELECT 1");
  EXPECT_ROWS(
      "SELECT clock_timestamp() > now(), statement_timestamp() > now(), statement_timestamp() <= clock_timestamp()",
      "true|true|true", "SELECT 1");
  EXPECT_RUNS("COMMIT; INSERT INTO t (n) VALUES (4)");
  EXPECT_ROWS("SELECT count(DISTINCT made) FROM t", "2", "SELECT 1");
}

// --- table locks

TEST_F(ConcurrentTest, LockTableLocks) {
  EXPECT_RUNS("CREATE TABLE t (n int); INSERT INTO t VALUES (1)");
  EXPECT_FAILS(one, "LOCK TABLE t", "25P01", "LOCK TABLE can only be used in transaction blocks");
  EXPECT_THAT(Get(Run(*one, "BEGIN; LOCK TABLE t IN SHARE MODE")), ElementsAre("LOCK TABLE"));
  EXPECT_DOES(two, "SELECT * FROM t");
  EXPECT_DOES(two, "BEGIN; LOCK t IN SHARE MODE NOWAIT; ROLLBACK; BEGIN");
  EXPECT_FAILS(two, "LOCK TABLE ONLY t IN ROW EXCLUSIVE MODE NOWAIT", "55P03",
               "could not obtain lock on relation \"t\"");
  EXPECT_DOES(two, "ROLLBACK; SET lock_timeout = '5ms'");
  EXPECT_FAILS(two, "INSERT INTO t VALUES (2)", "55P03", "canceling statement due to lock timeout");
  EXPECT_DOES(two, "SET lock_timeout = 0");
  auto waiting = RunUntilItWaits(*two, "INSERT INTO t VALUES (2)");
  EXPECT_DOES(one, "COMMIT");
  EXPECT_ENDS(waiting);
  EXPECT_FAILS(one, "BEGIN; LOCK TABLE nothing", "42P01", "relation \"nothing\" does not exist");
}

TEST_F(ConcurrentTest, RollbackToGivesLocksBack) {
  EXPECT_RUNS("CREATE TABLE t (n int)");
  EXPECT_DOES(one, "BEGIN; SAVEPOINT a; LOCK TABLE t");
  EXPECT_DOES(two, "BEGIN");
  EXPECT_FAILS(two, "LOCK TABLE t IN ACCESS SHARE MODE NOWAIT", "55P03", "could not obtain lock");
  EXPECT_DOES(one, "ROLLBACK TO a");
  EXPECT_DOES(two, "ROLLBACK; SELECT * FROM t");
}

TEST_F(ConcurrentTest, CancelAndTimeoutEndAWait) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1)");
  EXPECT_DOES(one, "BEGIN; UPDATE t SET n = 2");
  auto waiting = RunUntilItWaits(*two, "UPDATE t SET n = 3");
  two->Cancel();
  EXPECT_SQL_ERROR(waiting.get(), "57014", "canceling statement due to user request");
  EXPECT_DOES(two, "SET statement_timeout = '20ms'");
  EXPECT_FAILS(two, "UPDATE t SET n = 3", "57014", "canceling statement due to statement timeout");
}

TEST_F(ConcurrentTest, DeadlocksEnd) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0), (2, 0)");
  EXPECT_DOES(one, "BEGIN; UPDATE t SET n = 1 WHERE id = 1");
  EXPECT_DOES(two, "BEGIN; UPDATE t SET n = 2 WHERE id = 2");
  auto waiting = RunUntilItWaits(*one, "UPDATE t SET n = 1 WHERE id = 2");
  const ErrorFields error = EXPECT_FAILS(two, "UPDATE t SET n = 2 WHERE id = 1", "40P01", "deadlock detected");
  EXPECT_THAT(error.detail, testing::HasSubstr("waits for ShareLock on transaction"));
  EXPECT_DOES(two, "ROLLBACK");
  EXPECT_ENDS(waiting);
  EXPECT_DOES(one, "COMMIT");
  EXPECT_ROWS("SELECT n FROM t ORDER BY id", "1", "1", "SELECT 2");
}

// --- DDL against open writers

class DdlAgainstWritersTest : public ConcurrentTest {
 protected:
  void SetUp() override {
    EXPECT_RUNS(
        "CREATE TABLE sl (y int, region text, v int) PARTITION BY RANGE (y);"
        "CREATE TABLE sl25 PARTITION OF sl FOR VALUES FROM (2025) TO (2026) PARTITION BY LIST (region);"
        "CREATE TABLE sl25_rest PARTITION OF sl25 DEFAULT;"
        "CREATE TABLE sl25_north PARTITION OF sl25 FOR VALUES IN ('north');"
        "CREATE TABLE apart (y int, region text, v int)");
  }
  static constexpr const char* kWrites[] = {
      "INSERT INTO sl VALUES (2025, 'south', 1)",
      "INSERT INTO sl25 VALUES (2025, 'south', 1)",
      "INSERT INTO sl25_rest VALUES (2025, 'south', 1)",
      "INSERT INTO sl VALUES (2025, 'north', 1); UPDATE sl SET region = 'south'",
  };
};

TEST_F(DdlAgainstWritersTest, ANewPartitionWaitsForRowsThatItWouldTake) {
  for (const char* ddl : {"CREATE TABLE sl25_south PARTITION OF sl25 FOR VALUES IN ('south')",
                          "ALTER TABLE sl25 ATTACH PARTITION apart FOR VALUES IN ('south')"}) {
    for (const char* write : kWrites) {
      SCOPED_TRACE(std::string(ddl) + " against " + write);
      EXPECT_DOES(one, "BEGIN; " + std::string(write));
      auto waiting = RunUntilItWaits(*two, ddl);
      EXPECT_DOES(one, "COMMIT");
      EXPECT_SQL_ERROR(waiting.get(), "23514", "would be violated by some row");
      EXPECT_ROWS("SELECT v FROM sl WHERE region = 'south'", "1", "SELECT 1");
      EXPECT_RUNS("DELETE FROM sl");
    }
  }
}

TEST_F(DdlAgainstWritersTest, ANewPartitionTakesWhatComesAfterARollback) {
  EXPECT_DOES(one, "BEGIN; INSERT INTO sl VALUES (2025, 'south', 1)");
  auto waiting = RunUntilItWaits(*two, "CREATE TABLE sl25_south PARTITION OF sl25 FOR VALUES IN ('south')");
  auto behind = RunUntilItWaits(*three, "INSERT INTO sl VALUES (2025, 'south', 2)");
  EXPECT_DOES(one, "ROLLBACK");
  EXPECT_ENDS(waiting);
  EXPECT_ENDS(behind);
  EXPECT_ROWS("SELECT v FROM sl25_south", "2", "SELECT 1");
  EXPECT_ROWS("SELECT v FROM sl WHERE region = 'south'", "2", "SELECT 1");
}

TEST_F(DdlAgainstWritersTest, AttachBesideOpenWritersWaitsForNobodyWithoutADefault) {
  EXPECT_RUNS("CREATE TABLE sl26 (y int, region text, v int)");
  EXPECT_DOES(one, "BEGIN; INSERT INTO sl VALUES (2025, 'south', 1)");
  EXPECT_DOES(two, "SET lock_timeout = '5s'; ALTER TABLE sl ATTACH PARTITION sl26 FOR VALUES FROM (2026) TO (2027)");
  EXPECT_DOES(one, "INSERT INTO sl VALUES (2026, 'south', 2); COMMIT");
  EXPECT_ROWS("SELECT v FROM sl26", "2", "SELECT 1");
}

TEST_F(DdlAgainstWritersTest, WhatTakesATableAwayWaitsForItsWriters) {
  for (const char* ddl : {"TRUNCATE sl", "TRUNCATE sl25_rest", "ALTER TABLE sl25 DETACH PARTITION sl25_rest",
                          "DROP TABLE sl25_rest", "DROP TABLE sl"}) {
    SCOPED_TRACE(ddl);
    EXPECT_DOES(one, "BEGIN; INSERT INTO sl25_rest VALUES (2025, 'south', 1)");
    auto waiting = RunUntilItWaits(*two, ddl);
    EXPECT_DOES(one, "COMMIT");
    EXPECT_ENDS(waiting);
    EXPECT_RUNS(
        "DROP TABLE IF EXISTS sl; DROP TABLE IF EXISTS sl25_rest; DROP TABLE IF EXISTS apart");
    SetUp();
  }
}

TEST_F(DdlAgainstWritersTest, AStatementThatWaitedForADropSaysSo) {
  EXPECT_DOES(one, "BEGIN; LOCK TABLE sl25_rest");
  auto waiting = RunUntilItWaits(*two, "SELECT * FROM sl25_rest");
  EXPECT_DOES(one, "COMMIT");
  EXPECT_ENDS(waiting);
  EXPECT_DOES(one, "BEGIN; INSERT INTO sl25_rest VALUES (2025, 'south', 1)");
  auto dropping = RunUntilItWaits(*two, "DROP TABLE sl25_rest");
  auto reading = std::async(std::launch::async, [&] { return Run(*three, "SELECT count(*) FROM sl25_rest"); });
  EXPECT_DOES(one, "COMMIT");
  EXPECT_ENDS(dropping);
  const auto read = reading.get();
  // It comes before the DROP or after it.
  EXPECT_TRUE(read.ok() || FieldsOf(read.status()).sqlstate == "42P01") << read.status().ToString();
}

// --- SELECT … FOR …

class RowLockTest : public ConcurrentTest, public testing::WithParamInterface<TableShape> {
 protected:
  void SetUp() override {
    EXPECT_RUNS(GetParam().ddl);
    EXPECT_RUNS("INSERT INTO t VALUES (1, 10), (2, 20), (3, 30)");
  }
};
INSTANTIATE_TEST_SUITE_P(Tables, RowLockTest, testing::ValuesIn(kKinds),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(RowLockTest, ForUpdateWaitsAndSeesWhatTheFirstHasDone) {
  EXPECT_DOES(one, "BEGIN");
  EXPECT_THAT(Rows(*one, "SELECT v FROM t WHERE id = 1 FOR UPDATE"), ElementsAre("10"));
  EXPECT_DOES(two, "BEGIN");
  auto waiting = RunUntilItWaits(*two, "SELECT v FROM t WHERE id = 1 FOR UPDATE");
  EXPECT_THAT(Rows(*three, "SELECT v FROM t WHERE id = 1"), ElementsAre("10"));
  EXPECT_DOES(one, "UPDATE t SET v = v + 1 WHERE id = 1; COMMIT");
  EXPECT_THAT(Get(waiting.get()), ElementsAre("11", "SELECT 1"));
  EXPECT_DOES(two, "UPDATE t SET v = v + 1 WHERE id = 1; COMMIT");
  EXPECT_ROWS("SELECT v FROM t WHERE id = 1", "12", "SELECT 1");
}

TEST_P(RowLockTest, NoWaitFailsAndSkipLockedLeavesOut) {
  EXPECT_DOES(one, "BEGIN; SELECT * FROM t WHERE id = 2 FOR UPDATE");
  EXPECT_FAILS(two, "SELECT * FROM t ORDER BY id FOR UPDATE NOWAIT", "55P03",
               "could not obtain lock on row in relation \"t");
  EXPECT_THAT(Rows(*two, "SELECT id FROM t ORDER BY id FOR UPDATE SKIP LOCKED"), ElementsAre("1", "3"));
  EXPECT_THAT(Rows(*two, "SELECT id FROM t ORDER BY id OFFSET 1 LIMIT 1 FOR UPDATE SKIP LOCKED"), ElementsAre("3"));
  EXPECT_FAILS(two, "DELETE FROM t WHERE id = (SELECT id FROM t WHERE id = 2 FOR SHARE NOWAIT)", "55P03", "row");
  EXPECT_DOES(one, "ROLLBACK");
  EXPECT_DOES(two, "SELECT * FROM t FOR UPDATE NOWAIT");
}

TEST_P(RowLockTest, OnlyTheRowsThatComeOutAreLocked) {
  EXPECT_DOES(one, "BEGIN");
  EXPECT_THAT(Rows(*one, "SELECT id FROM t ORDER BY id DESC LIMIT 1 FOR UPDATE"), ElementsAre("3"));
  EXPECT_DOES(two, "BEGIN");
  EXPECT_THAT(Rows(*two, "SELECT id FROM t ORDER BY id DESC LIMIT 1 FOR UPDATE SKIP LOCKED"), ElementsAre("2"));
  EXPECT_THAT(Rows(*three, "SELECT id FROM t FOR UPDATE SKIP LOCKED"), ElementsAre("1"));
}

TEST_P(RowLockTest, SharesMeetAndKeepWritersOut) {
  EXPECT_DOES(one, "BEGIN; SELECT * FROM t WHERE id = 1 FOR SHARE");
  EXPECT_DOES(two, "SELECT * FROM t WHERE id = 1 FOR SHARE NOWAIT");
  EXPECT_DOES(two, "SELECT * FROM t WHERE id = 1 FOR KEY SHARE NOWAIT");
  EXPECT_FAILS(two, "SELECT * FROM t WHERE id = 1 FOR NO KEY UPDATE NOWAIT", "55P03", "row");
  auto waiting = RunUntilItWaits(*two, "DELETE FROM t WHERE id = 1");
  EXPECT_DOES(one, "COMMIT");
  EXPECT_THAT(Get(waiting.get()), ElementsAre("DELETE 1"));
}

TEST_P(RowLockTest, RepeatableReadDoesNotLockWhatHasChanged) {
  EXPECT_DOES(one, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM t");
  EXPECT_RUNS("UPDATE t SET v = 11 WHERE id = 1");
  EXPECT_FAILS(one, "SELECT * FROM t WHERE id = 1 FOR UPDATE", "40001", kConcurrentUpdate);
}

TEST_P(RowLockTest, AQueueHandsNothingOutTwice) {
  EXPECT_RUNS("DELETE FROM t; CREATE TABLE done (id int, worker int)");
  constexpr int kJobs = 40;
  for (int id = 1; id <= kJobs; ++id) EXPECT_RUNS(fmt::format("INSERT INTO t VALUES ({}, 1)", id));
  std::vector<std::thread> workers;
  for (int worker = 0; worker < 3; ++worker) {
    workers.emplace_back([&, worker] {
      const auto mine = Connect();
      while (true) {
        EXPECT_OK(Run(*mine, "BEGIN"));
        const auto job = Get(Run(*mine, "SELECT id FROM t ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"));
        if (job.size() > 1) {
          EXPECT_OK(Run(*mine, fmt::format("INSERT INTO done VALUES ({}, {})", job[0], worker)));
          EXPECT_OK(Run(*mine, fmt::format("DELETE FROM t WHERE id = {}", job[0])));
        }
        EXPECT_OK(Run(*mine, "COMMIT"));
        if (job.size() == 1 && Rows(*mine, "SELECT 1 FROM t LIMIT 1").empty()) return;
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_ROWS("SELECT count(*), count(DISTINCT id) FROM done", "40|40", "SELECT 1");
}

TEST_P(RowLockTest, AQueueInOneStatement) {
  EXPECT_DOES(one, "BEGIN");
  const std::string take =
      "DELETE FROM t WHERE id = (SELECT id FROM t ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id";
  EXPECT_THAT(Rows(*one, take), ElementsAre("1"));
  EXPECT_THAT(Rows(*two, take), ElementsAre("2"));
  EXPECT_DOES(one, "ROLLBACK");
  EXPECT_THAT(Rows(*two, "WITH job AS (SELECT id FROM t ORDER BY id LIMIT 1 FOR UPDATE) SELECT id FROM job"),
              ElementsAre("1"));
}

TEST_F(ConcurrentTest, LockingClausesAreHeldToTheirRules) {
  EXPECT_RUNS(
      "CREATE TABLE a (id int, x int); CREATE TABLE b (id int); INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1)");
  const std::pair<const char*, const char*> refused[] = {
      {"SELECT DISTINCT id FROM a FOR UPDATE", "FOR UPDATE is not allowed with DISTINCT clause"},
      {"SELECT id FROM a GROUP BY id FOR SHARE", "FOR SHARE is not allowed with GROUP BY clause"},
      {"SELECT count(*) FROM a FOR UPDATE", "FOR UPDATE is not allowed with aggregate functions"},
      {"SELECT id FROM a UNION SELECT id FROM b FOR UPDATE", "FOR UPDATE is not allowed with UNION/INTERSECT/EXCEPT"},
      {"SELECT * FROM a LEFT JOIN b ON a.id = b.id FOR UPDATE", "nullable side of an outer join"},
      {"SELECT * FROM (SELECT * FROM a) s FOR UPDATE", "FOR UPDATE of a subquery is not supported"},
      {"SELECT * FROM b WHERE EXISTS (SELECT 1 FROM a WHERE a.id = b.id FOR UPDATE)", "refers to the query around it"},
  };
  for (const auto& [text, message] : refused) EXPECT_FAILS(one, text, "0A000", message);
  EXPECT_FAILS(one, "SELECT * FROM a FOR UPDATE OF c", "42P01",
               "relation \"c\" in FOR UPDATE clause not found in FROM clause");
  EXPECT_DOES(one, "BEGIN");
  EXPECT_THAT(Rows(*one, "SELECT q.x, q.id, b.id FROM a q JOIN b ON q.id = b.id FOR UPDATE OF q"),
              ElementsAre("1|1|1"));
  EXPECT_DOES(two, "SELECT * FROM b FOR UPDATE NOWAIT");
  EXPECT_FAILS(two, "SELECT * FROM a FOR UPDATE NOWAIT", "55P03", "row in relation \"a\"");
}

TEST_F(ConcurrentTest, LockingSelectsTakeParameters) {
  EXPECT_RUNS("CREATE TABLE t (id int, name text); INSERT INTO t VALUES (1, 'a'), (2, 'b')");
  const auto prepared = Get(one->Prepare("SELECT name, id FROM t WHERE id >= $1 ORDER BY id LIMIT $2 FOR UPDATE", {}));
  ASSERT_EQ(prepared->columns().size(), 2);
  EXPECT_EQ(prepared->columns()[0].name, "name");
  std::vector<std::string> lines;
  EXPECT_OK(Collect(*Get(one->Execute(prepared, {"1", "1"})), &lines));
  EXPECT_THAT(lines, ElementsAre("a|1", "SELECT 1"));
}

// --- advisory locks

TEST_F(ConcurrentTest, AdvisoryLocks) {
  EXPECT_DOES(one, "SELECT pg_advisory_lock(7), pg_advisory_lock_shared(1, 2)");
  EXPECT_THAT(
      Rows(*two, "SELECT pg_try_advisory_lock(7), pg_try_advisory_lock_shared(1, 2), pg_try_advisory_lock(1, 2)"),
      ElementsAre("false|true|false"));
  auto waiting = RunUntilItWaits(*two, "SELECT pg_advisory_xact_lock(7)");
  EXPECT_THAT(Rows(*one, "SELECT pg_advisory_unlock(7), pg_advisory_unlock(7)"), ElementsAre("true|false"));
  ASSERT_EQ(one->TakeNotices().size(), 1);
  EXPECT_ENDS(waiting);
  // That was for the one statement's transaction.
  EXPECT_THAT(Rows(*three, "SELECT pg_try_advisory_lock(7)"), ElementsAre("true"));
  three = nullptr;
  EXPECT_THAT(Rows(*two, "SELECT pg_try_advisory_xact_lock(7)"), ElementsAre("true"));
  EXPECT_DOES(one, "SELECT pg_advisory_unlock_all()");
}

// --- one database, many ways in

TEST_F(ConcurrentTest, ConnectionsOfOneProcessShareTransactions) {
  EXPECT_RUNS("CREATE TABLE t (id int, v int); INSERT INTO t VALUES (1, 0), (2, 0)");
  const auto other_gateway = OpenGateway(directory.path());
  const auto other_database = Get(Database::Open(other_gateway));
  EXPECT_EQ(other_database, database);
  const auto other = Get(other_database->Connect({}));
  EXPECT_DOES(one, "BEGIN; UPDATE t SET v = v + 1 WHERE id = 1");
  auto waiting = RunUntilItWaits(*other, "UPDATE t SET v = v + 10 WHERE id = 1");
  EXPECT_DOES(one, "COMMIT");
  EXPECT_ENDS(waiting);
  EXPECT_ROWS("SELECT v FROM t ORDER BY id", "11", "0", "SELECT 2");
  EXPECT_OK(gateway->Close());
  EXPECT_DOES(other, "SELECT * FROM t");
}

class ManyWritersTest : public ConcurrentTest, public testing::WithParamInterface<TableShape> {};
INSTANTIATE_TEST_SUITE_P(Tables, ManyWritersTest, testing::ValuesIn(kKinds),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(ManyWritersTest, NoIncrementIsLostAndNoMoney) {
  EXPECT_RUNS(GetParam().ddl);
  EXPECT_RUNS("INSERT INTO t VALUES (1, 0), (2, 1000), (3, 1000), (4, 1000)");
  const auto other_gateway = OpenGateway(directory.path());
  const auto other_database = Get(Database::Open(other_gateway));
  constexpr int kThreads = 8;
  constexpr int kRounds = 10;
  std::atomic<int> deadlocks = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const auto mine = Get((t % 2 ? other_database : database)->Connect({}));
      for (int round = 0; round < kRounds; ++round) {
        EXPECT_OK(Run(*mine, "UPDATE t SET v = v + 1 WHERE id = 1"));
        const int from = 2 + (t + round) % 3;
        const int to = 2 + (t + round + 1 + round % 2) % 3;
        const auto moved = Run(*mine, fmt::format("BEGIN; UPDATE t SET v = v - 5 WHERE id = {};"
                                                     "UPDATE t SET v = v + 5 WHERE id = {}; COMMIT", from, to));
        if (moved.ok()) continue;
        EXPECT_EQ(FieldsOf(moved.status()).sqlstate, "40P01") << moved.status().ToString();
        EXPECT_OK(Run(*mine, "ROLLBACK"));
        ++deadlocks;
      }
      EXPECT_THAT(Rows(*mine, "SELECT sum(v) FROM t WHERE id > 1"), ElementsAre("3000"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_ROWS("SELECT v FROM t WHERE id = 1", std::to_string(kThreads * kRounds), "SELECT 1");
  EXPECT_ROWS("SELECT count(*), sum(v) FROM t WHERE id > 1", "3|3000", "SELECT 1");
  EXPECT_LT(deadlocks, kThreads * kRounds);
}

TEST_F(ConcurrentTest, AMergeRunsAgainOnWhatIsThereNow) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 10), (2, 20)");
  const char* const merge =
      "MERGE INTO t USING (VALUES (1), (2), (3)) AS s (id) ON t.id = s.id WHEN MATCHED AND v > 100 THEN DELETE"
      " WHEN MATCHED THEN UPDATE SET v = v + 1 WHEN NOT MATCHED THEN INSERT VALUES (s.id, 0)";
  EXPECT_DOES(one, "BEGIN; UPDATE t SET v = v * 10 WHERE id = 2");
  auto waiting = RunUntilItWaits(*two, merge);
  EXPECT_DOES(one, "COMMIT");
  EXPECT_ENDS(waiting);
  EXPECT_ROWS("SELECT * FROM t ORDER BY id", "1|11", "3|0", "SELECT 2");

  EXPECT_DOES(two, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM t");
  EXPECT_DOES(one, "UPDATE t SET v = 5 WHERE id = 1");
  EXPECT_FAILS(two, merge, "40001", kConcurrentUpdate);
  EXPECT_DOES(two, "ROLLBACK");
}

TEST_F(ConcurrentTest, AnUpsertLooksAgainOnlyAtKeysOfOthers) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 10), (2, 20)");
  EXPECT_FAILS(one, "INSERT INTO t VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET id = 2", "23505", "duplicate key");
  EXPECT_DOES(one, "BEGIN; INSERT INTO t VALUES (3, 30)");
  auto waiting =
      RunUntilItWaits(*two, "INSERT INTO t VALUES (3, 1) ON CONFLICT (id) DO UPDATE SET id = 4, v = t.v + 1");
  EXPECT_DOES(one, "COMMIT");
  EXPECT_ENDS(waiting);
  EXPECT_ROWS("SELECT * FROM t ORDER BY id", "1|10", "2|20", "4|31", "SELECT 3");
}

TEST_F(ConcurrentTest, UniqueKeysWait) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, n int)");
  EXPECT_DOES(one, "BEGIN; INSERT INTO t VALUES (1, 1)");
  auto waiting = RunUntilItWaits(*two, "INSERT INTO t VALUES (1, 2)");
  EXPECT_DOES(one, "COMMIT");
  EXPECT_SQL_ERROR(waiting.get(), "23505", "duplicate key value violates unique constraint \"t_pkey\"");
  EXPECT_DOES(one, "BEGIN; DELETE FROM t");
  auto again = RunUntilItWaits(*two, "INSERT INTO t VALUES (1, 3)");
  EXPECT_DOES(one, "COMMIT");
  EXPECT_ENDS(again);
  EXPECT_ROWS("SELECT n FROM t", "3", "SELECT 1");
}

TEST_F(ConcurrentTest, UniqueIndexesWait) {
  EXPECT_RUNS("CREATE TABLE t (n int, v text UNIQUE)");
  EXPECT_DOES(one, "BEGIN; INSERT INTO t VALUES (1, 'x')");
  auto waiting = RunUntilItWaits(*two, "INSERT INTO t VALUES (2, 'x')");
  EXPECT_DOES(one, "COMMIT");
  EXPECT_SQL_ERROR(waiting.get(), "23505", "duplicate key value violates unique constraint \"t_v_key\"");
  EXPECT_DOES(one, "BEGIN; UPDATE t SET v = 'y'");
  auto freed = RunUntilItWaits(*two, "INSERT INTO t VALUES (3, 'x')");
  EXPECT_DOES(one, "COMMIT");
  EXPECT_ENDS(freed);
  EXPECT_DOES(one, "BEGIN; INSERT INTO t VALUES (4, 'z')");
  auto rolled_back = RunUntilItWaits(*two, "INSERT INTO t VALUES (5, 'z')");
  EXPECT_DOES(one, "ROLLBACK");
  EXPECT_ENDS(rolled_back);
  EXPECT_ROWS("SELECT n, v FROM t ORDER BY n", "1|y", "3|x", "5|z", "SELECT 3");
}

TEST_F(ConcurrentTest, ConflictsByUniqueIndexesWait) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, v text UNIQUE, n int)");
  const char* upsert = "INSERT INTO t VALUES (2, 'x', 10) ON CONFLICT (v) DO UPDATE SET n = t.n + excluded.n";
  EXPECT_DOES(one, "BEGIN; INSERT INTO t VALUES (1, 'x', 1)");
  auto counted = RunUntilItWaits(*two, upsert);
  EXPECT_DOES(one, "COMMIT");
  EXPECT_ENDS(counted);
  EXPECT_ROWS("SELECT * FROM t", "1|x|11", "SELECT 1");
  EXPECT_DOES(one, "BEGIN; DELETE FROM t");
  auto inserted = RunUntilItWaits(*two, upsert);
  EXPECT_DOES(one, "COMMIT");
  EXPECT_ENDS(inserted);
  EXPECT_ROWS("SELECT * FROM t", "2|x|10", "SELECT 1");
}

TEST_F(ConcurrentTest, IndexesFindWhatASnapshotShows) {
  EXPECT_RUNS("CREATE TABLE t (o int, l int, v text, PRIMARY KEY (o, l)); CREATE INDEX ON t (v);"
              "INSERT INTO t VALUES (1, 1, 'a'), (1, 2, 'a'), (2, 3, 'b')");
  EXPECT_DOES(one, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM t");
  EXPECT_DOES(two, "UPDATE t SET v = 'b' WHERE l = 1; DELETE FROM t WHERE l = 2; INSERT INTO t VALUES (1, 4, 'a');"
                   "UPDATE t SET v = 'a' WHERE l = 3");
  EXPECT_THAT(Get(Run(*one, "SELECT l FROM t WHERE v = 'a' ORDER BY l")), ElementsAre("1", "2", "SELECT 2"));
  EXPECT_THAT(Get(Run(*one, "SELECT l FROM t WHERE v = 'b'")), ElementsAre("3", "SELECT 1"));
  EXPECT_THAT(Get(Run(*one, "SELECT l, v FROM t WHERE o = 1 ORDER BY l")), ElementsAre("1|a", "2|a", "SELECT 2"));
  EXPECT_DOES(one, "INSERT INTO t VALUES (1, 5, 'a')");
  EXPECT_FAILS(one, "UPDATE t SET v = 'c' WHERE v = 'a'", "40001", "could not serialize access");
  EXPECT_DOES(one, "ROLLBACK");
  EXPECT_ROWS("SELECT l FROM t WHERE v = 'a' ORDER BY l", "3", "4", "SELECT 2");
  EXPECT_ROWS("SELECT l, v FROM t WHERE o = 1 ORDER BY l", "1|b", "4|a", "SELECT 2");
}

TEST_F(ConcurrentTest, AnIndexIsBuiltOnceWritersAreDone) {
  EXPECT_RUNS("CREATE TABLE t (n int)");
  EXPECT_DOES(one, "BEGIN; INSERT INTO t VALUES (1), (1)");
  auto built = RunUntilItWaits(*two, "CREATE UNIQUE INDEX ON t (n)");
  EXPECT_DOES(one, "COMMIT");
  EXPECT_SQL_ERROR(built.get(), "23505", "could not create unique index \"t_n_idx\"");
}

// --- foreign keys

constexpr const char* kStillReferenced =
    "update or delete on table \"p\" violates foreign key constraint \"c_a_fkey\" on table \"c\"";
constexpr const char* kNotPresent = "insert or update on table \"c\" violates foreign key constraint \"c_a_fkey\"";

TEST_F(ConcurrentTest, NobodyTakesAwayWhatARowRefersTo) {
  EXPECT_RUNS("CREATE TABLE p (id int PRIMARY KEY, v int); CREATE TABLE c (a int REFERENCES p);"
              "INSERT INTO p VALUES (1, 0), (2, 0), (3, 0)");
  EXPECT_DOES(one, "BEGIN; INSERT INTO c VALUES (1)");
  EXPECT_DOES(two, "UPDATE p SET v = 1 WHERE id = 1");
  auto deleted = RunUntilItWaits(*two, "DELETE FROM p WHERE id = 1");
  EXPECT_DOES(one, "COMMIT");
  EXPECT_SQL_ERROR(deleted.get(), "23503", kStillReferenced);
  EXPECT_DOES(one, "BEGIN; INSERT INTO c VALUES (2)");
  deleted = RunUntilItWaits(*two, "DELETE FROM p WHERE id = 2");
  EXPECT_DOES(one, "ROLLBACK");
  EXPECT_ENDS(deleted);
  EXPECT_DOES(one, "BEGIN; DELETE FROM p WHERE id = 3");
  auto inserted = RunUntilItWaits(*two, "INSERT INTO c VALUES (3)");
  EXPECT_DOES(one, "COMMIT");
  EXPECT_SQL_ERROR(inserted.get(), "23503", kNotPresent);
  EXPECT_ROWS("SELECT p.id, c.a FROM p FULL JOIN c ON p.id = c.a", "1|1", "SELECT 1");
}

TEST_F(ConcurrentTest, NorFromATableWithoutAPrimaryKey) {
  EXPECT_RUNS("CREATE TABLE p (id int UNIQUE, v int); CREATE TABLE c (a int CONSTRAINT c_a_fkey REFERENCES p (id));"
              "INSERT INTO p VALUES (1, 0)");
  EXPECT_DOES(one, "BEGIN; INSERT INTO c VALUES (1)");
  auto updated = RunUntilItWaits(*two, "UPDATE p SET v = 1");
  EXPECT_DOES(one, "COMMIT");
  EXPECT_ENDS(updated);
  EXPECT_FAILS(two, "DELETE FROM p", "23503", kStillReferenced);
}

TEST_F(ConcurrentTest, ASnapshotHidesNoRowsThatReferToOthers) {
  EXPECT_RUNS("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (a int REFERENCES p); INSERT INTO p VALUES (1)");
  EXPECT_DOES(one, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM p");
  EXPECT_DOES(two, "INSERT INTO c VALUES (1)");
  EXPECT_FAILS(one, "DELETE FROM p", "40001", kConcurrentUpdate);
  EXPECT_DOES(one, "ROLLBACK");
  EXPECT_ROWS("SELECT * FROM p", "1", "SELECT 1");
}

TEST_F(ConcurrentTest, AForeignKeyIsAddedOnceWritersAreDone) {
  EXPECT_RUNS("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (a int); INSERT INTO p VALUES (1);"
              "INSERT INTO c VALUES (1)");
  EXPECT_DOES(one, "BEGIN; DELETE FROM p");
  auto added = RunUntilItWaits(*two, "ALTER TABLE c ADD FOREIGN KEY (a) REFERENCES p");
  EXPECT_DOES(one, "COMMIT");
  EXPECT_SQL_ERROR(added.get(), "23503", kNotPresent);
}

TEST_F(ConcurrentTest, APreparedDeleteIsPlannedAnewForAForeignKey) {
  EXPECT_RUNS("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (a int); INSERT INTO p VALUES (1), (2);"
              "INSERT INTO c VALUES (2)");
  EXPECT_DOES(one, "PREPARE gone AS DELETE FROM p WHERE id = $1; EXECUTE gone(1)");
  EXPECT_DOES(two, "ALTER TABLE c ADD FOREIGN KEY (a) REFERENCES p");
  EXPECT_FAILS(one, "EXECUTE gone(2)", "23503", kStillReferenced);
}

}  // namespace
}  // namespace weir::sql
