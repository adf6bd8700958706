#include "commitlog/judge.h"

#include <gtest/gtest.h>

namespace weir::commitlog {
namespace {

using Verdict = Judgement::Verdict;

TransactionId Numbered(uint8_t first) { return {first}; }

/// An epoch's table, and who judges it.
class Log {
 public:
  explicit Log(Judge judge = Judge()) : judge_(std::move(judge)) {}

  Judgement Add(const Entry& entry) {
    entries_.push_back(EncodeEntry(entry));
    const auto judgement = judge_.Take(static_cast<int64_t>(entries_.size()) - 1, entries_.back());
    EXPECT_TRUE(judgement.ok()) << judgement.status().ToString();
    return *judgement;
  }
  Judgement AddCommit(uint8_t id, std::vector<Reads> reads, std::vector<Item> writes,
                      std::vector<Target> targets = {}) {
    return Add(Commit{.transaction = Numbered(id), .reads = std::move(reads), .writes = std::move(writes),
                      .targets = std::move(targets)});
  }
  Judge& judge() { return judge_; }
  const std::vector<std::string>& entries() const { return entries_; }

 private:
  Judge judge_;
  std::vector<std::string> entries_;
};

Log Begun() {
  Log log;
  log.Add(Header{1, 5, {}});
  return log;
}

TEST(CommitLogJudge, RefusesWhatReadIsWrittenSince) {
  Log log = Begun();
  EXPECT_EQ(log.AddCommit(1, {{{1, 0}, {10}}}, {10}).verdict, Verdict::kMade);
  const Judgement late = log.AddCommit(2, {{{1, 0}, {11, 10}}}, {10});
  EXPECT_EQ(late.verdict, Verdict::kConflict);
  EXPECT_EQ(late.item, 10U);
  EXPECT_EQ(log.AddCommit(3, {{{1, 1}, {10}}}, {10}).verdict, Verdict::kMade);
  // What was refused has written nothing, and who only writes collides with nobody.
  EXPECT_EQ(log.AddCommit(4, {{{1, 0}, {11}}}, {}).verdict, Verdict::kMade);
  EXPECT_EQ(log.AddCommit(5, {}, {10}).verdict, Verdict::kMade);
  EXPECT_EQ(log.judge().refused(), std::vector<int64_t>{2});
}

TEST(CommitLogJudge, GivesEachBatchASequence) {
  Log log = Begun();
  const TableBucket a{1, {}, 0}, b{2, 3, 0};
  EXPECT_EQ(log.AddCommit(1, {}, {}, {{a, 2}, {b, 1}}).sequences, (std::vector<int32_t>{0, 0}));
  EXPECT_EQ(log.AddCommit(2, {{{1, 9}, {1}}}, {}, {{a, 7}}).verdict, Verdict::kVoid);
  EXPECT_EQ(log.AddCommit(3, {}, {}, {{b, 1}, {a, 1}}).sequences, (std::vector<int32_t>{1, 2}));
  EXPECT_EQ(log.judge().NextSequence(a), 3);
}

TEST(CommitLogJudge, CountsAnEntryOnce) {
  Log log = Begun();
  EXPECT_TRUE(log.AddCommit(1, {}, {10}).made());
  EXPECT_EQ(log.AddCommit(1, {}, {10}).verdict, Verdict::kNoCommit);
  EXPECT_EQ(log.Add(Header{1, 6, {}}).verdict, Verdict::kNoCommit);
  EXPECT_EQ(log.judge().header()->writer_id, 5);
}

TEST(CommitLogJudge, WantsAllParts) {
  Log log = Begun();
  const auto commit = [&](uint8_t id, uint32_t parts) {
    return Commit{.transaction = Numbered(id), .num_parts = parts};
  };
  log.Add(Part{Numbered(1), 0, "a"});
  log.Add(Part{Numbered(2), 0, "a"});
  log.Add(Part{Numbered(1), 0, "a"});
  log.Add(Part{Numbered(1), 1, "b"});
  EXPECT_EQ(log.Add(commit(1, 2)).verdict, Verdict::kMade);
  EXPECT_EQ(log.Add(commit(2, 2)).verdict, Verdict::kIncomplete);
  EXPECT_EQ(log.Add(commit(3, 1)).verdict, Verdict::kIncomplete);
}

TEST(CommitLogJudge, PassesOverWhatIsNoEntry) {
  Log log;
  EXPECT_EQ(log.AddCommit(1, {}, {10}).verdict, Verdict::kVoid);  // before the header
  EXPECT_EQ(log.Add(Header{2, 5, {}}).verdict, Verdict::kNoCommit);
  EXPECT_FALSE(log.judge().has_header());
  log.Add(Header{1, 5, {}});
  const auto taken = log.judge().Take(3, std::string("\1\0garbage", 9));
  EXPECT_EQ(taken->verdict, Verdict::kVoid);
  const auto later = log.judge().Take(4, std::string(1, '\x7F'));
  EXPECT_EQ(later.status().code(), ErrorCode::kUnsupportedVersion);
  EXPECT_EQ(log.judge().next_offset(), 4);
}

TEST(CommitLogJudge, EndsWithItsSeal) {
  Log log = Begun();
  log.AddCommit(1, {}, {10});
  log.AddCommit(2, {{{1, 0}, {10}}}, {12});  // refused
  log.AddCommit(3, {}, {11});
  log.Add(Seal{});
  EXPECT_EQ(log.AddCommit(4, {}, {13}).verdict, Verdict::kVoid);
  EXPECT_EQ(log.judge().refused(), std::vector<int64_t>{2});

  const Header header{2, 8, log.judge().refused()};
  Judge restarted(2);
  for (size_t i = 0; i < log.entries().size(); ++i) {
    restarted.Remember(header, static_cast<int64_t>(i), log.entries()[i]);
  }
  for (const Judge& judge : {Judge::After(log.judge()), restarted}) {
    Log next(judge);
    next.Add(header);
    EXPECT_EQ(next.judge().applied(), (Position{2, 0}));
    EXPECT_EQ(next.AddCommit(10, {{{1, 1}, {10}}}, {}).verdict, Verdict::kMade);
    EXPECT_EQ(next.AddCommit(11, {{{1, 1}, {11}}}, {}).verdict, Verdict::kConflict);
    EXPECT_EQ(next.AddCommit(12, {{{1, 0}, {12, 13}}}, {}).verdict, Verdict::kMade);
    EXPECT_EQ(next.AddCommit(13, {{{0, 3}, {99}}}, {}).verdict, Verdict::kTooOld);
    EXPECT_EQ(next.AddCommit(3, {}, {}).verdict, Verdict::kNoCommit);
    EXPECT_EQ(next.AddCommit(4, {}, {}).verdict, Verdict::kMade);  // behind the seal it was nothing
  }
  EXPECT_EQ(Judge::After(log.judge()).StateText(), restarted.StateText());
}

}  // namespace
}  // namespace weir::commitlog
