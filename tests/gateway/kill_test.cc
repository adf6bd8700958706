#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "tests/gateway/gateway_testing.h"
#include "tests/gateway/killed_writer.h"

namespace weir {
namespace {

constexpr int kRounds = 200;
constexpr int kWriters = 5;
constexpr int kRowsAtOnce = 3;
constexpr int kIdsOfWriter = 10'000'000;
constexpr const char* kDays[] = {"mon", "tue", "wed"};

/// How many rows each writer had acknowledged.
using Counts = std::array<int, kWriters>;

/// A log table that writers 0 to 2 share and a partitioned primary-key table that writers 2 to 4 share: the third
/// commits to both at once. A writer's rows have the ids from its number times kIdsOfWriter on, without a gap.
class Load {
 public:
  explicit Load(Gateway* gateway) : gateway_(*gateway) {
    if (!Get(gateway_.TableExists({"fluss", "log"}))) Make();
    log_ = Get(gateway_.GetTableInfo({"fluss", "log"}));
    pk_ = Get(gateway_.GetTableInfo({"fluss", "pk"}));
    for (size_t i = 0; i < partitions_.size(); ++i) {
      partitions_[i] = {pk_.table_id, Get(gateway_.GetPartition({"fluss", "pk"}, kDays[i])).partition_id, 0};
    }
  }

  /// What is wrong with the tables, given what was acknowledged; empty: nothing. `next` hears how many rows there are.
  std::string Check(const Counts& acknowledged, Counts* next) {
    std::vector<int> in_log;
    for (int bucket = 0; bucket < 2; ++bucket) {
      Append(AllIds(gateway_, {log_.table_id, {}, bucket}, log_.schema()), &in_log);
    }
    std::vector<int> in_pk;
    for (size_t i = 0; i < partitions_.size(); ++i) {
      const std::vector<int> ids = AllIds(gateway_, partitions_[i], pk_.schema());
      if (std::string wrong = CheckRows(i, ids); !wrong.empty()) return wrong;
      Append(ids, &in_pk);
    }
    const Counts log = Count(&in_log);
    const Counts pk = Count(&in_pk);
    for (int writer = 0; writer < kWriters; ++writer) {
      const bool to_log = writer <= 2;
      const bool to_pk = writer >= 2;
      const int count = to_log ? log[writer] : pk[writer];
      if (to_log != (log[writer] > 0) && log[writer] != 0) return fmt::format("writer {} is in the log", writer);
      if (to_log && to_pk && log[writer] != pk[writer]) {
        return fmt::format("half a commit: {} rows in the log, {} in the other table", log[writer], pk[writer]);
      }
      if (count < acknowledged[writer] || count > acknowledged[writer] + kRowsAtOnce || count % kRowsAtOnce != 0) {
        return fmt::format("writer {} has {} rows where {} were acknowledged", writer, count, acknowledged[writer]);
      }
      (*next)[writer] = count;
    }
    return "";
  }

  /// Writes the next rows of a writer; whether that was acknowledged.
  bool Write(int writer, int row) {
    const int id = writer * kIdsOfWriter + row;
    CommitRequest request;
    if (writer <= 2) {
      request.log.push_back({.table_id = log_.table_id});
      request.log[0].buckets.push_back(
          {{log_.table_id, {}, row / kRowsAtOnce % 2}, LogBatch(log_.schema(), id, kRowsAtOnce)});
    }
    if (writer >= 2) {
      const size_t day = static_cast<size_t>(row / kRowsAtOnce) % partitions_.size();
      request.kv.push_back(Put(partitions_[day], id, kRowsAtOnce, kDays[day]));
    }
    if (writer == 2) return gateway_.Commit(std::move(request)).Wait().ok();
    if (writer < 2) {
      const auto produced = gateway_.ProduceLog(std::move(request.log[0]));
      return produced.Wait().ok() && produced.Wait()->front().status.ok();
    }
    const auto put = gateway_.PutKv(std::move(request.kv[0]));
    return put.Wait().ok() && put.Wait()->front().status.ok();
  }

 private:
  void Make() {
    MakeTable(gateway_, "log", LogTable(2));
    TableDescriptor pk;
    pk.schema = *Schema::Make({{"id", DataType::Int()}, {"day", DataType::String()}}, {"id", "day"});
    pk.partition_keys = {"day"};
    pk.bucket_count = 1;
    MakeTable(gateway_, "pk", pk);
    EXPECT_OK(
        gateway_.CreatePartitions({"fluss", "pk"}, {{{"day", "mon"}}, {{"day", "tue"}}, {{"day", "wed"}}}, false));
  }

  static void Append(const std::vector<int>& ids, std::vector<int>* all) {
    all->insert(all->end(), ids.begin(), ids.end());
  }

  /// The rows of a partition are those of its changelog, in which every key is once.
  std::string CheckRows(size_t partition, const std::vector<int>& ids) {
    const TableBucket& bucket = partitions_[partition];
    const int64_t rows = Get(gateway_.GetTableStats(pk_.table_id, {bucket})).at(0).row_count;
    if (rows != static_cast<int64_t>(ids.size())) {
      return fmt::format("partition {} has {} rows, and {} in its changelog", kDays[partition], rows, ids.size());
    }
    std::vector<std::string> keys;
    for (const int id : ids) keys.push_back(KeyOf(id));
    const auto found = Get(gateway_.Lookup({.table_id = pk_.table_id, .buckets = {{bucket, keys}}}));
    for (size_t i = 0; i < ids.size(); ++i) {
      if (found.at(0).values.at(i) != ValueOf(ids[i], kDays[partition])) return fmt::format("row {} differs", ids[i]);
    }
    return "";
  }

  /// How many rows of each writer there are; −1 where one is missing or there twice.
  static Counts Count(std::vector<int>* ids) {
    std::sort(ids->begin(), ids->end());
    Counts counts{};
    for (const int id : *ids) {
      int& count = counts.at(static_cast<size_t>(id / kIdsOfWriter));
      count = count >= 0 && id % kIdsOfWriter == count ? count + 1 : -1;
    }
    return counts;
  }

  Gateway& gateway_;
  TableInfo log_;
  TableInfo pk_;
  std::array<TableBucket, 3> partitions_;
};

std::string ChecksPath(const std::string& database) { return database + ".acknowledged"; }

/// Checks what the killed processes before left, then writes until it is killed, too.
[[noreturn]] void LoadUntilKilled(const std::string& database, int pipe) {
  const auto gateway = OpenOrDie(database, TestOptions(SyncMode::kGroup));
  Load load(gateway.get());
  Counts acknowledged{};
  std::ifstream in(ChecksPath(database));
  for (int& count : acknowledged) in >> count;
  Counts next{};
  if (const std::string wrong = load.Check(acknowledged, &next); !wrong.empty()) {
    fmt::print(stderr, "{}\n", wrong);
    ::_exit(2);
  }
  const auto tell = [pipe](int writer, int rows) {
    const std::array<int, 2> told{writer, rows};
    (void)!::write(pipe, told.data(), sizeof told);
  };
  // What was seen once stays, acknowledged or not.
  for (int writer = 0; writer < kWriters; ++writer) tell(writer, next[writer]);
  for (int writer = 0; writer < kWriters; ++writer) {
    std::thread([&load, tell, writer, row = next[writer]]() mutable {
      while (true) {
        if (!load.Write(writer, row)) ::_exit(3);
        row += kRowsAtOnce;
        tell(writer, row);
      }
    }).detach();
  }
  while (true) ::pause();
}

TEST(KilledUnderLoad, TwoHundredTimesLosesAndRepeatsNothing) {
  if (const char* database = ::getenv(kDatabaseOfChild)) LoadUntilKilled(database, std::atoi(::getenv(kPipeOfChild)));
  TempDirectory directory;
  const std::string database = directory / "db";
  std::mt19937 random(20);
  Counts acknowledged{};
  int answers = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::ofstream out(ChecksPath(database), std::ios::trunc);
    for (const int count : acknowledged) out << count << ' ';
    out.close();
    int fds[2];
    ASSERT_EQ(::pipe(fds), 0);
    const pid_t pid = RunAgain(database, fds[1]);
    ::close(fds[1]);
    std::array<int, 2> told{};
    const auto hear = [&] {
      if (::read(fds[0], told.data(), sizeof told) != sizeof told) return false;
      acknowledged.at(static_cast<size_t>(told[0])) = told[1];
      ++answers;
      return true;
    };
    for (int wanted = static_cast<int>(random() % (kWriters + 15)); wanted >= 0 && hear(); --wanted) {
    }
    ::usleep(random() % 3000);
    ::kill(pid, SIGKILL);
    while (hear()) {
    }
    ::close(fds[0]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "round " << round << ": the process ended with " << WEXITSTATUS(status);
  }
  EXPECT_GE(answers, kRounds * kWriters);
  const auto gateway = OpenOrDie(database, TestOptions(SyncMode::kGroup));
  Counts next{};
  EXPECT_EQ(Load(gateway.get()).Check(acknowledged, &next), "");
}

}  // namespace
}  // namespace weir
