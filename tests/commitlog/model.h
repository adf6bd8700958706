#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "commitlog/entry.h"
#include "commitlog/judge.h"

namespace weir::commitlog {

/// The protocol of docs/commit-log.md among few servers and transactions, small enough to try every order of what can
/// happen. Verdicts are the real Judge's; the cluster (tables with idempotent writers), the servers' steps and what may
/// go wrong are modelled.

/// Leaves: two keys of PK tables, and a log table.
enum Leaf { kX, kY, kRows, kNumLeaves };

/// A bucket of the cluster: takes a batch whose sequence is the writer's next, knows the last few of each writer again.
struct ModelBucket {
  static constexpr int32_t kRemembered = 2;  // Fluss's five, so that few steps go past it
  enum class Answer { kWritten, kRepeated, kOutOfOrder };

  std::map<int64_t, int32_t> last;  // sequence, by writer
  int value = 0;                    // of a key
  std::vector<int> rows;            // of a log table

  Answer Write(int64_t writer, int32_t sequence, int written, bool is_key);
};

/// A batch on its way to a bucket. It may arrive when its sender is long gone.
struct Message {
  int64_t writer = -1;
  int32_t sequence = 0;
  int leaf = 0;
  int value = 0;
};

/// A commit that was made, as a server keeps it.
struct MadeCommit {
  Position at;
  std::vector<LeafWrite> writes;
  std::vector<Target> targets;
  std::vector<int32_t> sequences;
};

/// Reads both keys, adds one to each, and appends its number to the log table.
struct ModelServer {
  enum class Phase { kIdle, kCatchUp, kReadX, kReadY, kPutBack, kAppend, kDecide };

  Judge judge;
  int64_t table = 0;  // the epoch's index in the world's tables
  std::vector<MadeCommit> made;
  std::map<Position, Judgement> verdicts;
  size_t next_commit = 0;  // the first of `made` that is not known to be in the leaves
  size_t next_target = 0;  // of that
  std::optional<Message> sent;  // waits for its answer

  Phase phase = Phase::kIdle;
  int transaction = -1;
  Position end;       // of the log, when it was asked for
  Position snapshot;
  std::array<int, 2> read{};
  std::string entry;
  Position appended;
};

struct Limits {
  int servers = 2;
  int transactions = 2;
  int crashes = 0;
  int repeated_appends = 0;
  int seals = 0;
  /// What a protocol without it would do, to see that the model finds what goes wrong then.
  bool applies_without_sequences = false;
  bool reads_without_putting_back = false;
};

struct World {
  std::vector<std::vector<std::string>> tables;  // of the log's epochs
  std::array<ModelBucket, kNumLeaves> buckets;
  std::vector<Message> astray;  // of servers that died
  std::vector<ModelServer> servers;
  enum class Outcome { kNotBegun, kRunning, kAcknowledged, kRefused, kUnknown };
  std::vector<Outcome> outcomes;
  std::vector<Position> acknowledged;   // where
  std::vector<Position> before_begin;   // the last that was acknowledged when a transaction began
  Limits left;

  static World Begin(const Limits& limits);
  std::string Text() const;  // equal for equal worlds
};

/// Every world that is one step further.
std::vector<World> StepsFrom(const World& world);
/// What must hold at every moment and does not; "" when all does.
std::string BrokenInvariant(const World& world);
/// The same of what a fresh server makes of it that follows the log to its end: all that was made is there, once.
std::string BrokenAtTheEnd(const World& world);

}  // namespace weir::commitlog
