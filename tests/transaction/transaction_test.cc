#include <fmt/format.h>

#include <atomic>
#include <future>
#include <thread>

#include "client/connection_impl.h"
#include "format/key_codec.h"
#include "tests/sql/sql_testing.h"

namespace weir::sql {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class TransactionTest : public testing::Test {
 protected:
  void Reopen() {
    manager = nullptr;
    EXPECT_OK(gateway->Close());
    gateway = OpenGateway(directory.path());
    manager = Get(TransactionManager::Open(gateway));
  }
  std::unique_ptr<Transaction> Begin() { return manager->Begin(); }

  /// Runs it on a thread of its own and comes back when it waits for a lock.
  template <typename Work>
  auto RunUntilItWaits(Work work) {
    auto running = std::async(std::launch::async, std::move(work));
    const auto waits = [&] {
      return std::ranges::any_of(manager->locks().List(), [](const auto& entry) { return !entry.granted; });
    };
    while (!waits()) std::this_thread::yield();
    return running;
  }

  TempDirectory directory;
  std::shared_ptr<Gateway> gateway = OpenGateway(directory.path());
  std::shared_ptr<TransactionManager> manager = Get(TransactionManager::Open(gateway));
};

/// What a Fluss client writes: it takes no locks.
void PutAsClient(const std::shared_ptr<Gateway>& gateway, const RelationPtr& leaf,
                 const std::shared_ptr<arrow::RecordBatch>& rows) {
  const Connection connection = MakeConnection(Config(), gateway);
  const auto written = Get(Get(Get(connection.GetTable(leaf->path)).NewUpsertWriter()).UpsertBatch(rows));
  Get(connection.Flush());
}

/// Tests of what log and PK leaves share.
class LeafTest : public TransactionTest, public testing::WithParamInterface<std::tuple<bool, int>> {
 protected:
  RelationPtr Make(const std::string& name) {
    const auto [keyed, buckets] = GetParam();
    return keyed ? MakePk(*gateway, name, buckets) : MakeLog(*gateway, name, buckets);
  }
  /// What is told of a row that another has deleted.
  const char* gone() const {
    return std::get<0>(GetParam()) ? "could not serialize access due to concurrent delete"
                                   : "could not serialize access due to concurrent update";
  }
};
INSTANTIATE_TEST_SUITE_P(Leaves, LeafTest, testing::Combine(testing::Bool(), testing::Values(1, 3)),
                         [](const auto& leaf) {
                           return fmt::format("{}{}", std::get<0>(leaf.param) ? "Pk" : "Log", std::get<1>(leaf.param));
                         });

TEST_P(LeafTest, RowsAreThereOnceCommitted) {
  const RelationPtr leaf = Make("t");
  const auto writer = Begin();
  EXPECT_FALSE(writer->has_changes());
  EXPECT_OK(writer->Insert(leaf, Rows({1, 2, 3})));
  EXPECT_OK(writer->Insert(leaf, Rows({4})));
  EXPECT_TRUE(writer->has_changes());
  EXPECT_THAT(Ids(*manager, leaf), IsEmpty());
  EXPECT_THAT(TextRows(*writer, leaf), ElementsAre("1:n1", "2:n2", "3:n3", "4:n4"));
  EXPECT_OK(writer->Commit());
  EXPECT_THAT(Ids(*manager, leaf), ElementsAre(1, 2, 3, 4));
  EXPECT_SQL_ERROR(writer->Insert(leaf, Rows({5})), "25P01", "over");
  EXPECT_SQL_ERROR(writer->Commit(), "25P01", "over");
}

TEST_P(LeafTest, RollbackDropsEverything) {
  const RelationPtr leaf = Make("t");
  InsertAll(*manager, leaf, Rows({1}));
  auto transaction = Begin();
  EXPECT_OK(transaction->Insert(leaf, Rows({2})));
  EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {1})), 1);
  transaction->Rollback();
  EXPECT_FALSE(transaction->has_changes());
  EXPECT_THAT(Ids(*manager, leaf), ElementsAre(1));
  transaction = Begin();
  EXPECT_OK(transaction->Insert(leaf, Rows({2})));
  transaction = nullptr;
  EXPECT_THAT(Ids(*manager, leaf), ElementsAre(1));
}

TEST_P(LeafTest, AStatementDoesNotSeeItsOwnChanges) {
  const RelationPtr leaf = Make("t");
  InsertAll(*manager, leaf, Rows({1, 2}));
  const auto transaction = Begin();
  EXPECT_OK(transaction->BeginStatement());
  EXPECT_OK(transaction->Insert(leaf, Rows({3})));
  EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {1}, false)), 1);
  EXPECT_THAT(Ids(*transaction, leaf, false), ElementsAre(1, 2));
  EXPECT_THAT(Ids(*transaction, leaf, true), ElementsAre(2, 3));
}

TEST_P(LeafTest, DeletedRowsStayAwayAfterReopening) {
  RelationPtr leaf = Make("t");
  InsertAll(*manager, leaf, Rows(Range(0, 10)));
  InsertAll(*manager, leaf, Rows(Range(10, 10)));
  const auto transaction = Begin();
  EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {0, 9, 10, 15})), 4);
  const std::vector<int> left{1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 16, 17, 18, 19};
  EXPECT_EQ(Ids(*transaction, leaf), left);
  EXPECT_EQ(Ids(*manager, leaf).size(), 20);
  EXPECT_OK(transaction->Commit());
  EXPECT_EQ(Ids(*manager, leaf), left);
  Reopen();
  leaf = FindRelation(*gateway, "t");
  EXPECT_EQ(Ids(*manager, leaf), left);
  InsertAll(*manager, leaf, Rows({0}));
  EXPECT_EQ(Ids(*manager, leaf).size(), left.size() + 1);
}

TEST_P(LeafTest, OwnRowsCanBeDeleted) {
  const RelationPtr leaf = Make("t");
  InsertAll(*manager, leaf, Rows({1}));
  const auto transaction = Begin();
  EXPECT_OK(transaction->Insert(leaf, Rows({2, 3, 4})));
  EXPECT_OK(transaction->Insert(leaf, Rows({5})));
  EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {1, 3, 5})), 3);
  EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {1, 3, 5})), 0);
  EXPECT_THAT(Ids(*transaction, leaf), ElementsAre(2, 4));
  EXPECT_OK(transaction->Commit());
  EXPECT_THAT(Ids(*manager, leaf), ElementsAre(2, 4));
}

TEST_P(LeafTest, DeletingARowTwiceCountsOnce) {
  const RelationPtr leaf = Make("t");
  InsertAll(*manager, leaf, Rows({1, 2}));
  const auto transaction = Begin();
  EXPECT_OK(transaction->BeginStatement());
  EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {1}, false)), 1);
  EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {1, 2}, false)), 1);
}

TEST_P(LeafTest, DeleteAllLeavesNothing) {
  const RelationPtr leaf = Make("t");
  InsertAll(*manager, leaf, Rows(Range(0, 100)));
  const auto first = Begin();
  EXPECT_EQ(Get(DeleteIds(*first, leaf, {5, 50})), 2);
  EXPECT_OK(first->Commit());
  const auto transaction = Begin();
  EXPECT_OK(transaction->Insert(leaf, Rows({200, 201})));
  EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {7, 200})), 2);
  EXPECT_OK(transaction->BeginStatement());
  EXPECT_OK(transaction->DeleteAll(leaf));
  EXPECT_THAT(Ids(*transaction, leaf), IsEmpty());
  EXPECT_OK(transaction->Insert(leaf, Rows({300})));
  EXPECT_THAT(Ids(*transaction, leaf), ElementsAre(300));
  EXPECT_EQ(Ids(*manager, leaf).size(), 98);
  EXPECT_OK(transaction->Commit());
  EXPECT_THAT(Ids(*manager, leaf), ElementsAre(300));
}

TEST_P(LeafTest, SavepointsTakeBackWhatCameLater) {
  const RelationPtr leaf = Make("t");
  InsertAll(*manager, leaf, Rows({1, 2, 3}));
  const auto transaction = Begin();
  EXPECT_OK(transaction->Insert(leaf, Rows({4})));
  EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {1})), 1);
  const size_t first = transaction->Savepoint();
  EXPECT_OK(transaction->Insert(leaf, Rows({5, 6})));
  EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {2, 4, 5})), 3);
  const size_t second = transaction->Savepoint();
  EXPECT_OK(transaction->DeleteAll(leaf));
  EXPECT_OK(transaction->Insert(leaf, Rows({7})));
  EXPECT_THAT(Ids(*transaction, leaf), ElementsAre(7));
  transaction->RollbackTo(second);
  EXPECT_THAT(Ids(*transaction, leaf), ElementsAre(3, 6));
  transaction->RollbackTo(first);
  EXPECT_THAT(Ids(*transaction, leaf), ElementsAre(2, 3, 4));
  EXPECT_OK(transaction->Insert(leaf, Rows({5})));
  EXPECT_OK(transaction->Commit());
  EXPECT_THAT(Ids(*manager, leaf), ElementsAre(2, 3, 4, 5));
}

TEST_P(LeafTest, TakingBackEverythingLeavesNoChanges) {
  const RelationPtr leaf = Make("t");
  InsertAll(*manager, leaf, Rows({1}));
  const auto transaction = Begin();
  const size_t start = transaction->Savepoint();
  EXPECT_OK(transaction->Insert(leaf, Rows({2})));
  EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {1, 2})), 2);
  transaction->RollbackTo(start);
  EXPECT_FALSE(transaction->has_changes());
  EXPECT_OK(transaction->Commit());
  EXPECT_THAT(Ids(*manager, leaf), ElementsAre(1));
}

TEST_P(LeafTest, AStatementSeesOnlyWhatWasCommittedBeforeIt) {
  const RelationPtr leaf = Make("t");
  InsertAll(*manager, leaf, Rows({1, 2, 3}));
  const auto reader = Begin();
  EXPECT_OK(reader->BeginStatement());
  EXPECT_OK(reader->TakeSnapshot());
  InsertAll(*manager, leaf, Rows({4}));
  const auto deleter = Begin();
  EXPECT_EQ(Get(DeleteIds(*deleter, leaf, {1})), 1);
  EXPECT_OK(deleter->Commit());
  // Although it comes to the leaf only now.
  EXPECT_THAT(Ids(*reader, leaf, false), ElementsAre(1, 2, 3));
  EXPECT_THAT(Ids(*reader, leaf, false), ElementsAre(1, 2, 3));
  EXPECT_THAT(Ids(*reader, leaf, true), ElementsAre(2, 3, 4));
}

TEST_P(LeafTest, AKeptSnapshotSeesOwnChangesOnly) {
  const RelationPtr leaf = Make("t");
  InsertAll(*manager, leaf, Rows({1, 2}));
  const auto reader = Begin();
  reader->SetIsolation(IsolationLevel::kRepeatableRead);
  EXPECT_OK(reader->Insert(leaf, Rows({10})));
  InsertAll(*manager, leaf, Rows({3}));
  const auto deleter = Begin();
  EXPECT_EQ(Get(DeleteIds(*deleter, leaf, {1})), 1);
  EXPECT_OK(deleter->Commit());
  EXPECT_THAT(Ids(*reader, leaf, true), ElementsAre(1, 2, 10));
  EXPECT_SQL_ERROR(DeleteIds(*reader, leaf, {1}, false), "40001", gone());
  EXPECT_FALSE(reader->must_run_again());
}

TEST_P(LeafTest, ACommitIsSeenInAllLeavesOrNone) {
  const RelationPtr from = Make("a");
  const RelationPtr to = Make("b");
  InsertAll(*manager, from, Rows({1, 2}));
  const auto reader = Begin();
  EXPECT_THAT(Ids(*reader, from), ElementsAre(1, 2));
  const auto mover = Begin();
  EXPECT_EQ(Get(DeleteIds(*mover, from, {1})), 1);
  EXPECT_OK(mover->Insert(to, Rows({1})));
  EXPECT_OK(mover->Commit());
  EXPECT_THAT(Ids(*reader, to, false), IsEmpty());
  EXPECT_THAT(Ids(*reader, from, true), ElementsAre(2));
  EXPECT_THAT(Ids(*reader, to, false), ElementsAre(1));
}

TEST_P(LeafTest, TheSecondToDeleteARowWaitsAndRunsAgain) {
  const RelationPtr leaf = Make("t");
  InsertAll(*manager, leaf, Rows({1, 2, 3}));
  const auto first = Begin();
  const auto second = Begin();
  EXPECT_EQ(Get(DeleteIds(*first, leaf, {1, 2})), 2);
  auto waiting = RunUntilItWaits([&] { return DeleteIds(*second, leaf, {2, 3}); });
  EXPECT_OK(first->Commit());
  EXPECT_SQL_ERROR(waiting.get(), "40001", gone());
  EXPECT_TRUE(second->must_run_again());
  EXPECT_EQ(Get(DeleteIds(*second, leaf, {2, 3})), 1);
  EXPECT_FALSE(second->must_run_again());
  EXPECT_OK(second->Commit());
  EXPECT_THAT(Ids(*manager, leaf), IsEmpty());
}

TEST_P(LeafTest, TheSecondToDeleteARowGoesOnWhenTheFirstGivesUp) {
  const RelationPtr leaf = Make("t");
  InsertAll(*manager, leaf, Rows({1, 2}));
  const auto first = Begin();
  const auto second = Begin();
  second->SetIsolation(IsolationLevel::kRepeatableRead);
  EXPECT_EQ(Get(DeleteIds(*first, leaf, {1})), 1);
  auto waiting = RunUntilItWaits([&] { return DeleteIds(*second, leaf, {1}); });
  first->Rollback();
  EXPECT_EQ(Get(waiting.get()), 1);
  EXPECT_OK(second->Commit());
  EXPECT_THAT(Ids(*manager, leaf), ElementsAre(2));
}

TEST_P(LeafTest, RepeatableReadLosesToTheFirstUpdater) {
  const RelationPtr leaf = Make("t");
  const RelationPtr other = Make("u");
  InsertAll(*manager, leaf, Rows({1, 2, 3}));
  const auto first = Begin();
  const auto second = Begin();
  second->SetIsolation(IsolationLevel::kRepeatableRead);
  EXPECT_OK(second->Insert(other, Rows({9})));
  EXPECT_EQ(Get(DeleteIds(*first, leaf, {1, 2})), 2);
  auto waiting = RunUntilItWaits([&] { return DeleteIds(*second, leaf, {2, 3}); });
  EXPECT_OK(first->Commit());
  EXPECT_SQL_ERROR(waiting.get(), "40001", gone());
  EXPECT_FALSE(second->must_run_again());
  second->Rollback();
  EXPECT_THAT(Ids(*manager, leaf), ElementsAre(3));
  EXPECT_THAT(Ids(*manager, other), IsEmpty());
}

TEST_P(LeafTest, SerializableHoldsWhatWasReadAgainstLaterCommits) {
  const RelationPtr read = Make("t");
  const RelationPtr written = Make("u");
  InsertAll(*manager, read, Rows({1}));
  for (const IsolationLevel level : {IsolationLevel::kRepeatableRead, IsolationLevel::kSerializable}) {
    const auto late = Begin();
    const auto reader = Begin();
    for (const auto& transaction : {late.get(), reader.get()}) {
      transaction->SetIsolation(level);
      EXPECT_EQ(Ids(*transaction, read).size(), Ids(*manager, read).size());
    }
    InsertAll(*manager, read, Rows({level == IsolationLevel::kSerializable ? 3 : 2}));
    const Status inserted = late->Insert(written, Rows({static_cast<int>(level)}));
    if (level == IsolationLevel::kSerializable) {
      EXPECT_SQL_ERROR(inserted, "40001", "read/write dependencies among transactions");
      late->Rollback();
    } else {
      EXPECT_OK(inserted);
      EXPECT_OK(late->Commit());
    }
    EXPECT_OK(reader->Commit());  // its snapshot is a moment between two commits
  }
}

TEST_P(LeafTest, LockedRowsStayAsTheyAre) {
  const RelationPtr leaf = Make("t");
  InsertAll(*manager, leaf, Rows({1}));
  const auto holder = Begin();
  const auto lock = [&](Transaction& transaction, LockPolicy policy) -> Result<LockGrant> {
    const auto batches = ScanAll(transaction, leaf, {.columns = {}, .row_ids = true});
    const LeafBatch& batch = batches.at(0);
    if (batch.keys) return transaction.LockRow(leaf, batch.keys->GetView(0), kForUpdate, policy);
    return transaction.LockRow(leaf, batch.positions->Value(0), kForUpdate, policy);
  };
  EXPECT_EQ(Get(lock(*holder, LockPolicy::kWait)), LockGrant::kAtOnce);
  const auto other = Begin();
  EXPECT_EQ(Get(lock(*other, LockPolicy::kNoWait)), LockGrant::kNotAvailable);
  EXPECT_EQ(Get(DeleteIds(*holder, leaf, {1})), 1);
  EXPECT_OK(holder->Commit());
  // The statement has read the row; it is gone.
  EXPECT_OK(other->BeginStatement());
  InsertAll(*manager, leaf, Rows({5}));
  EXPECT_EQ(Get(lock(*other, LockPolicy::kWait)), LockGrant::kAtOnce);
}

TEST_P(LeafTest, DeletionsOfDifferentRowsDoNotConflict) {
  const RelationPtr leaf = Make("t");
  InsertAll(*manager, leaf, Rows(Range(0, 6)));
  const auto first = Begin();
  const auto second = Begin();
  EXPECT_EQ(Get(DeleteIds(*first, leaf, {1, 2})), 2);
  EXPECT_EQ(Get(DeleteIds(*second, leaf, {3, 4})), 2);
  EXPECT_OK(first->Commit());
  EXPECT_OK(second->Commit());
  EXPECT_THAT(Ids(*manager, leaf), ElementsAre(0, 5));
}

TEST_P(LeafTest, ARowThatIsGoneMeanwhileMakesTheStatementRunAgain) {
  const RelationPtr leaf = Make("t");
  InsertAll(*manager, leaf, Rows({1, 2}));
  const auto late = Begin();
  EXPECT_OK(late->BeginStatement());
  EXPECT_THAT(Ids(*late, leaf, false), ElementsAre(1, 2));
  const auto early = Begin();
  EXPECT_EQ(Get(DeleteIds(*early, leaf, {1})), 1);
  EXPECT_OK(early->Commit());
  EXPECT_SQL_ERROR(DeleteIds(*late, leaf, {1, 2}, false), "40001", gone());
  EXPECT_TRUE(late->must_run_again());
  EXPECT_EQ(Get(DeleteIds(*late, leaf, {1, 2}, true)), 1);
  EXPECT_OK(late->Commit());
  EXPECT_THAT(Ids(*manager, leaf), IsEmpty());
}

TEST_P(LeafTest, NotNullColumnsTakeNoNull) {
  const auto [keyed, buckets] = GetParam();
  const RelationPtr leaf =
      MakeTable(*gateway, "t",
                {.columns = {{"id", DataType::Int()}, {"name", DataType::String().NotNull()}},
                 .primary_key = keyed ? std::vector<std::string>{"id"} : std::vector<std::string>{},
                 .buckets = buckets});
  arrow::StringBuilder names;
  ASSERT_TRUE(names.Append("x").ok() && names.AppendNull().ok());
  const auto transaction = Begin();
  const ErrorFields error =
      EXPECT_SQL_ERROR(transaction->Insert(leaf, Batch({"id", "name"}, {Ints({1, 2}), *names.Finish()})), "23502",
                       "null value in column \"name\" of relation \"t\" violates not-null constraint");
  EXPECT_EQ(error.detail, "Failing row contains (2, null).");
  EXPECT_EQ(error.column, "name");
  EXPECT_EQ(error.table, "t");
  EXPECT_FALSE(transaction->has_changes());
}

TEST_P(LeafTest, RowsOfAnotherShapeAreRefused) {
  const RelationPtr leaf = Make("t");
  const auto transaction = Begin();
  EXPECT_SQL_ERROR(transaction->Insert(leaf, Batch({"id"}, {Ints({1})})), "42804", "has 2 columns, the rows have 1");
  EXPECT_SQL_ERROR(transaction->Insert(leaf, Batch({"id", "name"}, {Ints({1}), Ints({1})})), "42804",
                   "column \"name\" of relation \"t\" is of type string but the rows have int32");
  EXPECT_OK(transaction->Insert(leaf, Rows({})));
  EXPECT_FALSE(transaction->has_changes());
}

TEST_P(LeafTest, ScansGiveTheColumnsAskedFor) {
  const RelationPtr leaf = Make("t");
  InsertAll(*manager, leaf, Rows(Range(0, 5)));
  const auto transaction = Begin();
  EXPECT_OK(transaction->Insert(leaf, Rows({7})));
  EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {2})), 1);
  EXPECT_OK(transaction->BeginStatement());
  int64_t rows = 0;
  for (const LeafBatch& batch : ScanAll(*transaction, leaf, {.columns = {1, 0, 1}})) {
    ASSERT_EQ(batch.rows->num_columns(), 3);
    EXPECT_EQ(batch.rows->schema()->field(0)->name(), "name");
    EXPECT_TRUE(batch.rows->column(0)->Equals(batch.rows->column(2)));
    EXPECT_EQ(batch.rows->column(1)->type_id(), arrow::Type::INT32);
    EXPECT_EQ(batch.positions, nullptr);
    EXPECT_EQ(batch.keys, nullptr);
    rows += batch.rows->num_rows();
  }
  EXPECT_EQ(rows, 5);
  for (const bool row_ids : {false, true}) {
    int64_t count = 0;
    for (const LeafBatch& batch : ScanAll(*transaction, leaf, {.columns = {}, .row_ids = row_ids})) {
      EXPECT_EQ(batch.rows->num_columns(), 0);
      count += batch.rows->num_rows();
      if (!row_ids) continue;
      const auto [keyed, buckets] = GetParam();
      EXPECT_EQ(keyed ? batch.keys->length() : batch.positions->length(), batch.rows->num_rows());
    }
    EXPECT_EQ(count, 5);
  }
  EXPECT_SQL_ERROR(transaction->Scan(leaf, {.columns = {2}}), "42703", "column 2");
}

TEST_P(LeafTest, CountsRowsOfAnUntouchedLeaf) {
  const RelationPtr leaf = Make("t");
  EXPECT_THAT(ScanAll(*Begin(), leaf, {}), IsEmpty());
  InsertAll(*manager, leaf, Rows(Range(0, 50)));
  int64_t count = 0;
  for (const LeafBatch& batch : ScanAll(*Begin(), leaf, {})) count += batch.rows->num_rows();
  EXPECT_EQ(count, 50);
}

TEST_P(LeafTest, FlussPartitionsAreLeaves) {
  const auto [keyed, buckets] = GetParam();
  const std::vector<std::string> key{"id", "day"};
  const RelationPtr table =
      MakeTable(*gateway, "days",
                {.columns = {{"id", DataType::Int()}, {"day", DataType::String()}},
                 .primary_key = keyed ? key : std::vector<std::string>{},
                 .buckets = buckets,
                 .partition_keys = {"day"}});
  const RelationPtr monday = MakePartition(*gateway, table, {{"day", "mon"}}, "mon");
  const RelationPtr tuesday = MakePartition(*gateway, table, {{"day", "tue"}}, "tue");
  const auto row = [](int id, const char* day) { return Batch({"id", "day"}, {Ints({id}), Texts({day})}); };
  InsertAll(*manager, monday, row(1, "mon"));
  InsertAll(*manager, tuesday, row(1, "tue"));
  const auto transaction = Begin();
  EXPECT_OK(transaction->Insert(monday, row(2, "mon")));
  EXPECT_EQ(Get(DeleteIds(*transaction, tuesday, {1})), 1);
  EXPECT_OK(transaction->Insert(tuesday, row(3, "tue")));
  EXPECT_THAT(TextRows(*transaction, monday), ElementsAre("1:mon", "2:mon"));
  EXPECT_THAT(TextRows(*transaction, tuesday), ElementsAre("3:tue"));
  EXPECT_OK(transaction->Commit());
  EXPECT_THAT(TextRows(*Begin(), monday), ElementsAre("1:mon", "2:mon"));
  EXPECT_THAT(TextRows(*Begin(), tuesday), ElementsAre("3:tue"));
  EXPECT_SQL_ERROR(Begin()->Scan(table, {}), "XX000", "names no partition");
  if (!keyed) return;
  const ErrorFields error = EXPECT_SQL_ERROR(Begin()->Insert(monday, row(2, "mon")), "23505", "\"days_pkey\"");
  EXPECT_EQ(error.detail, "Key (id, day)=(2, mon) already exists.");
}

TEST_P(LeafTest, OneTransactionAtATimeChangesARow) {
  const RelationPtr leaf = Make("t");
  constexpr int kThreads = 4;
  InsertAll(*manager, leaf, Rows(Range(0, 40)));
  std::atomic<int> deleted{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int id = 0; id < 40; ++id) {
        const auto transaction = manager->Begin();
        const Result<int64_t> count = DeleteIds(*transaction, leaf, {id});
        if (count.ok() && transaction->Commit().ok()) deleted += static_cast<int>(*count);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(deleted, 40);
  EXPECT_THAT(Ids(*manager, leaf), IsEmpty());
}

TEST_P(LeafTest, ReadersNeverSeeHalfAMove) {
  const RelationPtr a = Make("a");
  const RelationPtr b = Make("b");
  InsertAll(*manager, a, Rows(Range(0, 20)));
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int t = 0; t < 2; ++t) {
    readers.emplace_back([&] {
      while (!done) {
        const auto reader = manager->Begin();
        std::vector<int> seen = Ids(*reader, a);
        std::ranges::copy(Ids(*reader, b, false), std::back_inserter(seen));
        std::ranges::sort(seen);
        EXPECT_EQ(seen, Range(0, 20));
      }
    });
  }
  for (int id = 0; id < 20; ++id) {
    const auto mover = manager->Begin();
    EXPECT_EQ(Get(DeleteIds(*mover, a, {id})), 1);
    EXPECT_OK(mover->Insert(b, Rows({id})));
    EXPECT_OK(mover->Commit());
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(Ids(*manager, b), Range(0, 20));
}

// --- log leaves ---

TEST_F(TransactionTest, PositionsNameRows) {
  const RelationPtr leaf = MakeLog(*gateway, "t", 2);
  InsertAll(*manager, leaf, Rows({1, 2}));  // one bucket each
  InsertAll(*manager, leaf, Rows({3}));
  const auto transaction = Begin();
  EXPECT_OK(transaction->Insert(leaf, Rows({4, 5})));
  EXPECT_OK(transaction->BeginStatement());
  std::vector<RowPosition> positions;
  for (const LeafBatch& batch : ScanAll(*transaction, leaf, {.columns = {0}, .row_ids = true})) {
    for (int64_t i = 0; i < batch.rows->num_rows(); ++i) positions.push_back(batch.positions->Value(i));
  }
  constexpr RowPosition kAdded = -(RowPosition{1} << 62);
  const bool first_in_0 = std::ranges::count(positions, 1) == 1;
  constexpr RowPosition kBucket1 = RowPosition{1} << 40;
  if (first_in_0) {
    EXPECT_THAT(positions, UnorderedElementsAre(0, 1, kBucket1, kAdded, kAdded + 1));
  } else {
    EXPECT_THAT(positions, UnorderedElementsAre(0, kBucket1, kBucket1 + 1, kAdded, kAdded + 1));
  }
  const std::vector<RowPosition> no_bucket{RowPosition{2} << 40};
  EXPECT_SQL_ERROR(transaction->Delete(leaf, no_bucket), "XX000", "is no position in \"t\"");
  EXPECT_SQL_ERROR(transaction->Delete(leaf, std::vector<RowPosition>{-3}), "XX000", "-3 is no position");
  EXPECT_SQL_ERROR(transaction->Delete(leaf, std::vector<RowPosition>{kAdded + 2}), "XX000", "is no position");
  EXPECT_SQL_ERROR(transaction->Delete(leaf, std::vector<RowPosition>{INT64_MIN}), "XX000", "is no position");
  EXPECT_SQL_ERROR(transaction->Upsert(leaf, Rows({1})), "42P10", "no primary key");
  const auto keys = *arrow::MakeArrayOfNull(arrow::binary(), 0);
  EXPECT_SQL_ERROR(transaction->Delete(leaf, static_cast<const arrow::BinaryArray&>(*keys)), "XX000", "by positions");
}

TEST_F(TransactionTest, BucketKeysDecideOnBuckets) {
  const RelationPtr leaf = MakeTable(*gateway, "t", {.buckets = 4, .bucket_keys = {"id"}});
  arrow::Int32Builder ids;
  ASSERT_TRUE(ids.AppendValues(Range(0, 200)).ok() && ids.AppendNull().ok());
  std::vector<std::string> names(201, "x");
  InsertAll(*manager, leaf, Batch({"id", "name"}, {*ids.Finish(), Texts(names)}));
  const auto transaction = Begin();
  int64_t rows = 0;
  for (const LeafBatch& batch : ScanAll(*transaction, leaf, {.columns = {0}, .row_ids = true})) {
    const auto& column = static_cast<const arrow::Int32Array&>(*batch.rows->column(0));
    for (int64_t i = 0; i < column.length(); ++i, ++rows) {
      std::string key;
      const std::vector<Datum> row{Datum::Int(column.Value(i))};
      int32_t bucket = 0;
      if (!column.IsNull(i)) {
        ASSERT_TRUE(EncodeKey(KeyEncoding::kCompacted, {DataType::Int()}, {0}, row, &key).ok());
        bucket = Get(BucketOf(BucketHash::kFluss, key, 4));
      }
      EXPECT_EQ(batch.positions->Value(i) >> 40, bucket);
    }
  }
  EXPECT_EQ(rows, 201);
}

TEST_F(TransactionTest, StatisticsLeaveOutBatches) {
  const RelationPtr leaf = MakeTable(*gateway, "t", {.properties = {{"table.statistics.columns", "*"}}});
  constexpr int kInBatch = 300;  // fewer are read together with others
  InsertAll(*manager, leaf, Rows(Range(0, kInBatch)));
  InsertAll(*manager, leaf, Rows(Range(1000, kInBatch)));
  LeafScanOptions options;
  options.columns = {0};
  options.filter = Predicate{.op = Predicate::Op::kGreater, .column = "id", .literals = {int64_t{500}}, .children = {}};
  int64_t rows = 0;
  for (const LeafBatch& batch : ScanAll(*Begin(), leaf, options)) rows += batch.rows->num_rows();
  EXPECT_EQ(rows, kInBatch);
  options.filter->literals = {std::string("text")};  // fits no INT: saves nothing
  rows = 0;
  for (const LeafBatch& batch : ScanAll(*Begin(), leaf, options)) rows += batch.rows->num_rows();
  EXPECT_EQ(rows, 2 * kInBatch);
}

TEST_F(TransactionTest, ManyChunksOfDeletions) {
  const RelationPtr leaf = MakeLog(*gateway, "t");
  constexpr int kManyRows = 200'000;
  InsertAll(*manager, leaf, Rows(Range(0, kManyRows)));
  const auto transaction = Begin();
  std::vector<RowPosition> positions;
  for (int i = 0; i < kManyRows; i += 1000) positions.push_back(i);
  for (int i = 70'000; i < 140'000; ++i) positions.push_back(i);
  EXPECT_EQ(Get(transaction->Delete(leaf, positions)), 200 + 70'000 - 70);
  EXPECT_OK(transaction->Commit());
  Reopen();
  const RelationPtr again = FindRelation(*gateway, "t");
  std::vector<int> expected;
  for (int i = 0; i < kManyRows; ++i) {
    if (i % 1000 != 0 && (i < 70'000 || i >= 140'000)) expected.push_back(i);
  }
  EXPECT_EQ(Ids(*manager, again), expected);
}

TEST_F(TransactionTest, AppendsOfOthersAreSeen) {
  const RelationPtr leaf = MakeLog(*gateway, "t");
  const auto reader = Begin();
  EXPECT_THAT(Ids(*reader, leaf), IsEmpty());
  const auto other = OpenGateway(directory.path());
  InsertAll(*Get(TransactionManager::Open(other)), leaf, Rows({1, 2}));
  EXPECT_THAT(Ids(*reader, leaf, false), IsEmpty());
  EXPECT_THAT(Ids(*reader, leaf, true), ElementsAre(1, 2));
}

TEST_F(TransactionTest, DeletionsThroughAnotherGatewayAreSeen) {
  const RelationPtr leaf = MakeLog(*gateway, "t");
  InsertAll(*manager, leaf, Rows({1, 2, 3}));
  const auto other_gateway = OpenGateway(directory.path());
  const auto other = Get(TransactionManager::Open(other_gateway));
  for (const int id : {1, 2}) {
    EXPECT_EQ(Ids(*manager, leaf).size(), 4u - id);
    const auto transaction = other->Begin();
    EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {id})), 1);
    EXPECT_OK(transaction->Commit());
  }
  EXPECT_THAT(Ids(*manager, leaf), ElementsAre(3));
}

// --- PK leaves ---

TEST_F(TransactionTest, DuplicateKeysAreRefused) {
  const RelationPtr leaf = MakePk(*gateway, "t");
  InsertAll(*manager, leaf, Rows({1, 2}));
  const auto transaction = Begin();
  const ErrorFields stored = EXPECT_SQL_ERROR(transaction->Insert(leaf, Rows({3, 2})), "23505",
                                              "duplicate key value violates unique constraint \"t_pkey\"");
  EXPECT_EQ(stored.detail, "Key (id)=(2) already exists.");
  EXPECT_EQ(stored.constraint, "t_pkey");
  EXPECT_EQ(stored.table, "t");
  EXPECT_FALSE(transaction->has_changes());
  EXPECT_SQL_ERROR(transaction->Insert(leaf, Rows({4, 5, 4})), "23505", "t_pkey");
  EXPECT_OK(transaction->Insert(leaf, Rows({3})));
  EXPECT_SQL_ERROR(transaction->Insert(leaf, Rows({3})), "23505", "t_pkey");
  EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {1})), 1);
  EXPECT_OK(transaction->Insert(leaf, Rows({1}, "new")));
  EXPECT_THAT(TextRows(*transaction, leaf), ElementsAre("1:new1", "2:n2", "3:n3"));
  EXPECT_OK(transaction->Commit());
  EXPECT_THAT(TextRows(*Begin(), leaf), ElementsAre("1:new1", "2:n2", "3:n3"));
}

TEST_F(TransactionTest, DuplicatesShowEveryKeyColumn) {
  const RelationPtr leaf =
      MakeTable(*gateway, "t",
                {.columns = {{"a", DataType::Int()}, {"b", DataType::String()}, {"c", DataType::Int()}},
                 .primary_key = {"a", "b"}});
  const auto rows = Batch({"a", "b", "c"}, {Ints({1}), Texts({"x"}), Ints({5})});
  InsertAll(*manager, leaf, rows);
  const ErrorFields error = EXPECT_SQL_ERROR(Begin()->Insert(leaf, rows), "23505", "t_pkey");
  EXPECT_EQ(error.detail, "Key (a, b)=(1, x) already exists.");
}

TEST_F(TransactionTest, UpsertReplacesRows) {
  const RelationPtr leaf = MakePk(*gateway, "t", 2);
  InsertAll(*manager, leaf, Rows(Range(0, 4)));
  const auto transaction = Begin();
  EXPECT_OK(transaction->Upsert(leaf, Rows({1, 2, 9}, "a")));
  EXPECT_OK(transaction->Upsert(leaf, Rows({2, 2}, "b")));
  EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {1})), 1);
  EXPECT_THAT(TextRows(*transaction, leaf), ElementsAre("0:n0", "2:b2", "3:n3", "9:a9"));
  EXPECT_OK(transaction->Commit());
  EXPECT_THAT(TextRows(*Begin(), leaf), ElementsAre("0:n0", "2:b2", "3:n3", "9:a9"));
  const std::vector<RowPosition> positions{0};
  EXPECT_SQL_ERROR(Begin()->Delete(leaf, positions), "XX000", "known by their keys");
}

TEST_F(TransactionTest, ConcurrentUpdatesWait) {
  const RelationPtr leaf = MakePk(*gateway, "t");
  InsertAll(*manager, leaf, Rows({1, 2, 3}));
  const auto first = Begin();
  const auto second = Begin();
  EXPECT_OK(first->Upsert(leaf, Rows({1}, "first")));
  EXPECT_OK(second->Upsert(leaf, Rows({2}, "second")));
  auto waiting = RunUntilItWaits([&] { return second->Upsert(leaf, Rows({1}, "second")); });
  EXPECT_OK(first->Commit());
  EXPECT_SQL_ERROR(waiting.get(), "40001", "could not serialize access due to concurrent update");
  EXPECT_TRUE(second->must_run_again());
  EXPECT_OK(second->BeginStatement());
  EXPECT_OK(second->Upsert(leaf, Rows({1}, "second")));
  EXPECT_OK(second->Commit());
  EXPECT_THAT(TextRows(*Begin(), leaf), ElementsAre("1:second1", "2:second2", "3:n3"));
}

TEST_F(TransactionTest, AChangeWithoutALockFailsTheCommit) {
  const RelationPtr leaf = MakePk(*gateway, "t");
  InsertAll(*manager, leaf, Rows({1, 2}));
  const auto transaction = Begin();
  EXPECT_OK(transaction->Upsert(leaf, Rows({1}, "sql")));
  PutAsClient(gateway, leaf, Rows({1}, "client"));
  EXPECT_SQL_ERROR(transaction->Commit(), "40001", "could not serialize access due to concurrent update");
  EXPECT_THAT(TextRows(*Begin(), leaf), ElementsAre("1:client1", "2:n2"));
}

TEST_F(TransactionTest, OfRowsThatAScanHasSeenOnlyThoseThatAClientWritesFailTheCommit) {
  const RelationPtr leaf = MakePk(*gateway, "t", 2);
  InsertAll(*manager, leaf, Rows(Range(0, 8)));
  const auto deletes = Begin();
  EXPECT_EQ(Get(DeleteIds(*deletes, leaf, {1, 3})), 2);
  PutAsClient(gateway, leaf, Rows({0, 2, 9}, "client"));
  EXPECT_OK(deletes->Commit());
  EXPECT_THAT(TextRows(*Begin(), leaf),
              ElementsAre("0:client0", "2:client2", "4:n4", "5:n5", "6:n6", "7:n7", "9:client9"));
  const auto late = Begin();
  EXPECT_EQ(Get(DeleteIds(*late, leaf, {4, 5, 6})), 3);
  PutAsClient(gateway, leaf, Rows({5}, "client"));
  EXPECT_SQL_ERROR(late->Commit(), "40001", "could not serialize access due to concurrent update");
  const auto updates = Begin();
  EXPECT_EQ(Get(DeleteIds(*updates, leaf, {})), 0);
  EXPECT_OK(updates->Upsert(leaf, Rows({4, 7, 11}, "sql")));
  InsertAll(*manager, leaf, Rows({10}));
  PutAsClient(gateway, leaf, Rows({0}, "again"));
  EXPECT_OK(updates->Commit());
  EXPECT_THAT(TextRows(*Begin(), leaf), ElementsAre("0:again0", "10:n10", "11:sql11", "2:client2", "4:sql4",
                                                    "5:client5", "6:n6", "7:sql7", "9:client9"));
}

TEST_F(TransactionTest, AScanBehindOneBeforeAClientsWriteSeesWhatItWrote) {
  const RelationPtr leaf = MakePk(*gateway, "t");
  InsertAll(*manager, leaf, Rows(Range(0, 4)));
  const auto transaction = Begin();
  EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {0})), 1);
  PutAsClient(gateway, leaf, Rows({1}, "client"));
  EXPECT_EQ(Get(DeleteIds(*transaction, leaf, {1, 2})), 2);
  EXPECT_OK(transaction->Commit());
  EXPECT_THAT(TextRows(*Begin(), leaf), ElementsAre("3:n3"));
}

TEST_F(TransactionTest, AnOldSnapshotSeesRowsThatAnotherHasScannedAndDeleted) {
  const RelationPtr leaf = MakePk(*gateway, "t", 2);
  InsertAll(*manager, leaf, Rows(Range(0, 4)));
  const auto reader = Begin();
  EXPECT_OK(reader->TakeSnapshot());
  const auto writer = Begin();
  EXPECT_EQ(Get(DeleteIds(*writer, leaf, {1, 2})), 2);
  EXPECT_OK(writer->Commit());
  EXPECT_THAT(TextRows(*reader, leaf, false), ElementsAre("0:n0", "1:n1", "2:n2", "3:n3"));
  EXPECT_THAT(TextRows(*Begin(), leaf), ElementsAre("0:n0", "3:n3"));
}

TEST_F(TransactionTest, AnUpdateOfWhatHasChangedSinceTheStatementConflicts) {
  const RelationPtr leaf = MakePk(*gateway, "t");
  InsertAll(*manager, leaf, Rows({1, 2}));
  const auto late = Begin();
  EXPECT_THAT(Ids(*late, leaf), ElementsAre(1, 2));
  const auto early = Begin();
  EXPECT_OK(early->Upsert(leaf, Rows({1}, "early")));
  EXPECT_OK(early->Commit());
  EXPECT_SQL_ERROR(late->Upsert(leaf, Rows({1}, "late")), "40001", "concurrent update");
  EXPECT_SQL_ERROR(DeleteIds(*late, leaf, {1}, false), "40001", "concurrent update");
  EXPECT_EQ(Get(DeleteIds(*late, leaf, {1}, true)), 1);
  EXPECT_OK(late->Commit());
  EXPECT_THAT(Ids(*manager, leaf), ElementsAre(2));
}

TEST_F(TransactionTest, TheSameKeyInsertedTwiceAtOnceIsADuplicate) {
  const RelationPtr leaf = MakePk(*gateway, "t");
  const auto first = Begin();
  const auto second = Begin();
  EXPECT_OK(first->Insert(leaf, Rows({1, 2})));
  auto waiting = RunUntilItWaits([&] { return second->Insert(leaf, Rows({5, 4, 2}, "second")); });
  EXPECT_OK(first->Commit());
  const ErrorFields error = EXPECT_SQL_ERROR(waiting.get(), "23505", "unique constraint \"t_pkey\"");
  EXPECT_EQ(error.detail, "Key (id)=(2) already exists.");
  EXPECT_THAT(TextRows(*Begin(), leaf), ElementsAre("1:n1", "2:n2"));
}

TEST_F(TransactionTest, AnOldSnapshotSeesReplacedRows) {
  const RelationPtr leaf = MakePk(*gateway, "t", 2);
  InsertAll(*manager, leaf, Rows(Range(0, 6)));
  const auto reader = Begin();
  EXPECT_OK(reader->Upsert(leaf, Rows({5}, "own")));
  EXPECT_OK(reader->BeginStatement());
  EXPECT_OK(reader->TakeSnapshot());
  for (const char* name : {"a", "b"}) {
    const auto writer = Begin();
    EXPECT_OK(writer->Upsert(leaf, Rows({1, 7}, name)));
    if (name[0] == 'b') {
      EXPECT_EQ(Get(DeleteIds(*writer, leaf, {0})), 1);
    }
    EXPECT_OK(writer->Commit());
  }
  EXPECT_THAT(TextRows(*reader, leaf, false), ElementsAre("0:n0", "1:n1", "2:n2", "3:n3", "4:n4", "5:own5"));
  EXPECT_THAT(TextRows(*reader, leaf, true), ElementsAre("1:b1", "2:n2", "3:n3", "4:n4", "5:own5", "7:b7"));
  EXPECT_OK(reader->Commit());
}

// --- the rest ---

TEST_F(TransactionTest, RelationsWithoutRowsAreRefused) {
  auto root = std::make_shared<Relation>();
  root->path = {"fluss", "root"};
  root->partition_key.emplace();
  EXPECT_SQL_ERROR(Begin()->Scan(root, {}), "42809", "\"root\" holds no rows");
  EXPECT_SQL_ERROR(Begin()->Insert(root, Rows({1})), "42809", "\"root\" holds no rows");
  EXPECT_SQL_ERROR(TransactionManager::Open(nullptr), "XX000", "no target");
  EXPECT_EQ(Get(TransactionManager::Open(gateway)), manager);
}

TEST_F(TransactionTest, ADroppedTableFailsTheCommit) {
  const RelationPtr leaf = MakeLog(*gateway, "t");
  const RelationPtr other = MakeLog(*gateway, "u");
  const auto transaction = Begin();
  EXPECT_OK(transaction->Insert(leaf, Rows({1})));
  EXPECT_OK(transaction->Insert(other, Rows({1})));
  Get(gateway->DropTable(leaf->path, false));
  EXPECT_FALSE(transaction->Commit().ok());
  EXPECT_THAT(Ids(*manager, other), IsEmpty());
  InsertAll(*manager, other, Rows({2}));
  EXPECT_THAT(Ids(*manager, other), ElementsAre(2));
}

}  // namespace
}  // namespace weir::sql
