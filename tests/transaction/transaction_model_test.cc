#include <map>
#include <random>
#include <set>

#include "sql/transaction/key_index.h"
#include "sql/transaction/offset_set.h"
#include "sql/transaction/value_text.h"
#include "tests/sql/sql_testing.h"

namespace weir::sql {
namespace {

using Random = std::mt19937;

int64_t Below(Random& random, int64_t end) { return std::uniform_int_distribution<int64_t>(0, end - 1)(random); }

// --- sets of offsets ---

std::vector<int64_t> MembersOf(const OffsetSet& set, int64_t begin, int64_t end) {
  std::vector<int32_t> members;
  set.AppendMembers(begin, end, &members);
  std::vector<int64_t> offsets;
  for (const int32_t member : members) offsets.push_back(begin + member);
  return offsets;
}

class OffsetSetTest : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Seeds, OffsetSetTest, testing::Range(0, 10));

TEST_P(OffsetSetTest, DoesWhatASetDoes) {
  Random random(static_cast<uint32_t>(GetParam()));
  constexpr int64_t kEnd = 400'000;
  OffsetSet set;
  std::set<int64_t> model;
  for (int step = 0; step < 60; ++step) {
    OffsetSet other;
    std::set<int64_t> other_model;
    if (Below(random, 2) == 0) {
      const int64_t begin = Below(random, kEnd);
      const int64_t end = std::min(kEnd, begin + Below(random, 150'000));
      other.AddRange(begin, end);
      for (int64_t offset = begin; offset < end; ++offset) other_model.insert(offset);
    } else {
      std::vector<int64_t> offsets(static_cast<size_t>(Below(random, 2000)));
      for (int64_t& offset : offsets) offset = Below(random, kEnd);
      other.Add(offsets);
      other_model.insert(offsets.begin(), offsets.end());
    }
    const OffsetSet before = set;
    const auto before_size = static_cast<int64_t>(model.size());
    EXPECT_EQ(set.Intersects(other), std::ranges::any_of(other_model, [&](int64_t o) { return model.contains(o); }));
    if (Below(random, 3) == 0) {
      set.Remove(other);
      for (const int64_t offset : other_model) model.erase(offset);
    } else {
      set.Add(other);
      model.insert(other_model.begin(), other_model.end());
    }
    EXPECT_EQ(before.size(), before_size) << "a copy has changed";
    EXPECT_EQ(set.size(), static_cast<int64_t>(model.size()));
    EXPECT_EQ(set.empty(), model.empty());
    const int64_t begin = Below(random, kEnd);
    const int64_t end = begin + Below(random, 100'000);
    EXPECT_EQ(MembersOf(set, begin, end),
              std::vector<int64_t>(model.lower_bound(begin), model.lower_bound(end)));
    EXPECT_EQ(set.Contains(begin), model.contains(begin));
  }
  OffsetSet read;
  for (const int64_t chunk : set.Chunks()) EXPECT_OK(read.PutSerialized(chunk, set.Serialize(chunk)));
  EXPECT_EQ(MembersOf(read, 0, kEnd), std::vector<int64_t>(model.begin(), model.end()));
}

TEST(OffsetSetTest, BytesThatAreNoBitmapAreRefused) {
  OffsetSet set;
  set.AddRange(5, 10);
  const std::string bytes = set.Serialize(0);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(OffsetSet().PutSerialized(0, bytes.substr(0, size)).ok());
  }
  EXPECT_EQ(OffsetSet().PutSerialized(0, bytes + "x").code(), ErrorCode::kCorruptRecord);
  EXPECT_EQ(OffsetSet().PutSerialized(0, "no bitmap at all").code(), ErrorCode::kCorruptRecord);
}

// --- keys ---

TEST(KeyIndexTest, NumbersKeysAsTheyCome) {
  KeyIndex index;
  EXPECT_EQ(index.Find("0"), -1);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 10'000; ++i) {
      const auto [number, added] = index.Insert(std::to_string(i));
      EXPECT_EQ(number, i);
      EXPECT_EQ(added, round == 0);
    }
  }
  EXPECT_EQ(index.size(), 10'000);
  EXPECT_EQ(index.key(1234), "1234");
  EXPECT_EQ(index.Find("9999"), 9999);
  EXPECT_EQ(index.Find("10000"), -1);
}

// --- values in messages ---

TEST(ValueTextTest, ShowsValuesAsPostgresDoes) {
  const auto decimal = DataType::Decimal(10, 2);
  EXPECT_EQ(ValueText(DataType::Int(), Datum::Null()), "null");
  EXPECT_EQ(ValueText(DataType::Boolean(), Datum::Bool(true)), "t");
  EXPECT_EQ(ValueText(DataType::BigInt(), Datum::Int(-5)), "-5");
  EXPECT_EQ(ValueText(DataType::Double(), Datum::Double(1.5)), "1.5");
  EXPECT_EQ(ValueText(DataType::Double(), Datum::Double(1)), "1");
  EXPECT_EQ(ValueText(DataType::Float(), Datum::Double(static_cast<double>(0.1f))), "0.1");
  EXPECT_EQ(ValueText(DataType::Bytes(), Datum::Bytes("\x01\xff")), "\\x01ff");
  EXPECT_EQ(ValueText(DataType::Date(), Datum::Int(19723)), "2024-01-01");
  EXPECT_EQ(ValueText(DataType::Date(), Datum::Int(-719528)), "0001-01-01 BC");
  EXPECT_EQ(ValueText(DataType::Time(3), Datum::Int(45'296'070)), "12:34:56.07");
  EXPECT_EQ(ValueText(DataType::Timestamp(), Datum::Timestamp(1'704'067'200'000, 0)), "2024-01-01 00:00:00");
  EXPECT_EQ(ValueText(DataType::TimestampLtz(), Datum::Timestamp(-1, 500'000)), "1969-12-31 23:59:59.9995+00");
  EXPECT_EQ(ValueText(decimal, Datum::Decimal(12345)), "123.45");
  EXPECT_EQ(ValueText(decimal, Datum::Decimal(-5)), "-0.05");
  const std::vector<Datum> items{Datum::Int(1), Datum::Null()};
  EXPECT_EQ(ValueText(DataType::Array(DataType::Int()), Datum::List(items)), "{1,null}");
}

TEST(ValueTextTest, CutsLongValuesOfARow) {
  const std::string text = std::string(63, 'x') + "\xc3\xa4" + "y";
  const std::vector<Datum> row{Datum::Int(1), Datum::Bytes(text), Datum::Null()};
  EXPECT_EQ(RowText({DataType::Int(), DataType::String(), DataType::Int()}, row),
            "(1, " + std::string(63, 'x') + "..., null)");
}

// --- random transactions against a model ---


class RandomTransactionTest : public testing::TestWithParam<std::tuple<bool, int, int>> {};
INSTANTIATE_TEST_SUITE_P(Seeds, RandomTransactionTest,
                         testing::Combine(testing::Bool(), testing::Values(1, 3), testing::Range(0, 6)));

/// Two leaves and, of each, the ids that are committed and those that the open transaction sees.
class Player {
 public:
  Player(bool keyed, int buckets, uint32_t seed) : random_(seed), gateway_(OpenGateway(directory_.path())) {
    for (const char* name : {"a", "b"}) {
      leaves_.push_back(keyed ? MakePk(*gateway_, name, buckets) : MakeLog(*gateway_, name, buckets));
    }
    manager_ = Get(TransactionManager::Open(gateway_));
    Begin();
  }

  void Step() {
    const size_t leaf = static_cast<size_t>(Below(random_, 2));
    const int64_t action = Below(random_, 100);
    if (action < 30) {
      Insert(leaf);
    } else if (action < 60) {
      Delete(leaf);
    } else if (action < 63) {
      EXPECT_OK(transaction_->BeginStatement());
      EXPECT_OK(transaction_->DeleteAll(leaves_[leaf]));
      seen_[leaf].clear();
    } else if (action < 70) {
      savepoints_.emplace_back(transaction_->Savepoint(), seen_);
    } else if (action < 76 && !savepoints_.empty()) {
      const auto place = savepoints_.begin() + Below(random_, static_cast<int64_t>(savepoints_.size()));
      transaction_->RollbackTo(place->first);
      seen_ = place->second;
      savepoints_.erase(place, savepoints_.end());
    } else if (action < 86) {
      EXPECT_OK(transaction_->Commit());
      committed_ = seen_;
      Begin();
    } else if (action < 90) {
      transaction_->Rollback();
      Begin();
    } else if (action < 93) {
      Reopen();
    } else {
      Check();
    }
  }

  void Check() {
    for (size_t leaf = 0; leaf < 2; ++leaf) {
      EXPECT_EQ(Ids(*transaction_, leaves_[leaf]), std::vector<int>(seen_[leaf].begin(), seen_[leaf].end()));
      EXPECT_EQ(Ids(*manager_, leaves_[leaf]), std::vector<int>(committed_[leaf].begin(), committed_[leaf].end()));
    }
  }

 private:
  using State = std::vector<std::set<int>>;

  void Begin() {
    transaction_ = manager_->Begin();
    seen_ = committed_;
    savepoints_.clear();
  }

  void Insert(size_t leaf) {
    std::vector<int> ids;
    for (int64_t i = Below(random_, 200); i >= 0; --i) {
      const int id = static_cast<int>(Below(random_, 2000));
      if (seen_[leaf].insert(id).second) ids.push_back(id);
    }
    EXPECT_OK(transaction_->BeginStatement());
    EXPECT_OK(transaction_->Insert(leaves_[leaf], Rows(ids)));
  }

  void Delete(size_t leaf) {
    std::vector<int> ids;
    int64_t there = 0;
    for (int64_t i = Below(random_, 300); i >= 0; --i) {
      const int id = static_cast<int>(Below(random_, 2000));
      ids.push_back(id);
      there += static_cast<int64_t>(seen_[leaf].erase(id));
    }
    EXPECT_EQ(Get(DeleteIds(*transaction_, leaves_[leaf], ids)), there);
  }

  void Reopen() {
    transaction_ = nullptr;
    manager_ = nullptr;
    EXPECT_OK(gateway_->Close());
    gateway_ = OpenGateway(directory_.path());
    manager_ = Get(TransactionManager::Open(gateway_));
    for (RelationPtr& leaf : leaves_) leaf = FindRelation(*gateway_, leaf->path.table);
    Begin();
  }

  Random random_;
  TempDirectory directory_;
  std::shared_ptr<Gateway> gateway_;
  std::shared_ptr<TransactionManager> manager_;
  std::vector<RelationPtr> leaves_;
  std::unique_ptr<Transaction> transaction_;
  State committed_{2};
  State seen_{2};
  std::vector<std::pair<size_t, State>> savepoints_;
};

TEST_P(RandomTransactionTest, SeesWhatTheModelSays) {
  const auto [keyed, buckets, seed] = GetParam();
  Player player(keyed, buckets, static_cast<uint32_t>(seed));
  for (int step = 0; step < 120; ++step) {
    player.Step();
    if (testing::Test::HasFailure()) FAIL() << "at step " << step;
  }
  player.Check();
}

}  // namespace
}  // namespace weir::sql
