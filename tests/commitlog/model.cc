#include "tests/commitlog/model.h"

#include <algorithm>

#include "commitlog/item.h"

namespace weir::commitlog {
namespace {

using Phase = ModelServer::Phase;
using Outcome = World::Outcome;

TableBucket BucketOf(int leaf) { return {leaf, {}, 0}; }
bool IsKey(int leaf) { return leaf != kRows; }
TransactionId IdOf(int transaction) { return {static_cast<uint8_t>(transaction + 1)}; }

Position EndOf(const World& world) {
  const auto epoch = static_cast<int64_t>(world.tables.size());
  return {epoch, static_cast<int64_t>(world.tables.back().size()) - 1};
}

LeafWrite WriteTo(int leaf, int value, std::optional<int> before) {
  LeafWrite write;
  write.kind = IsKey(leaf) ? LeafWrite::Kind::kKeys : LeafWrite::Kind::kRows;
  write.bucket = BucketOf(leaf);
  write.batches = {std::to_string(value)};
  if (before) write.replaced.emplace_back(std::to_string(*before));
  return write;
}

/// The body of a commit whose parts are all in one entry.
std::vector<LeafWrite> BodyOf(const std::string& entry) {
  return *DecodeBody(std::get<Commit>(*DecodeEntry(entry)).body);
}

/// The whole log judged from its start: what every server must come to.
struct Oracle {
  Judge judge;
  std::map<Position, std::string> states;  // after each entry
  std::vector<MadeCommit> made;

  explicit Oracle(const World& world) {
    for (size_t table = 0; table < world.tables.size(); ++table) {
      if (table > 0) judge = Judge::After(judge);
      for (size_t i = 0; i < world.tables[table].size(); ++i) {
        const std::string& entry = world.tables[table][i];
        const Judgement judgement = *judge.Take(static_cast<int64_t>(i), entry);
        states[judge.position()] = judge.StateText();
        if (!judgement.made()) continue;
        made.push_back({judge.position(), BodyOf(entry), {}, judgement.sequences});
      }
    }
  }

  /// What a leaf holds behind so many commits.
  int ValueAt(int leaf, size_t commits) const {
    int value = 0;
    for (size_t i = 0; i < commits; ++i) {
      for (const LeafWrite& write : made[i].writes) {
        if (write.bucket == BucketOf(leaf)) value = std::stoi(write.batches.front());
      }
    }
    return value;
  }
  std::vector<int> Rows() const {
    std::vector<int> rows;
    for (const MadeCommit& commit : made) {
      for (const LeafWrite& write : commit.writes) {
        if (write.bucket == BucketOf(kRows)) rows.push_back(std::stoi(write.batches.front()));
      }
    }
    return rows;
  }
  size_t CommitsUpTo(const Position& position) const {
    return static_cast<size_t>(std::ranges::count_if(made, [&](const MadeCommit& c) { return c.at <= position; }));
  }
};

/// Many worlds have the same log.
const Oracle& OracleOf(const World& world) {
  static auto* const known = new std::map<std::string, Oracle>;
  std::string log;
  for (const auto& table : world.tables) {
    for (const std::string& entry : table) log += std::to_string(entry.size()) + ":" + entry;
    log += "/";
  }
  const auto found = known->find(log);
  return found != known->end() ? found->second : known->emplace(std::move(log), Oracle(world)).first->second;
}

// --- a server's steps; each gives false where it cannot be taken ---

bool CanFollow(const World& world, const ModelServer& server) {
  const auto& table = world.tables[static_cast<size_t>(server.table)];
  return server.judge.next_offset() < static_cast<int64_t>(table.size()) && !server.judge.sealed();
}

bool Follow(World* world, ModelServer* server) {
  if (!CanFollow(*world, *server)) return false;
  const int64_t offset = server->judge.next_offset();
  const std::string& entry = world->tables[static_cast<size_t>(server->table)][static_cast<size_t>(offset)];
  const Judgement judgement = *server->judge.Take(offset, entry);
  const Position at = server->judge.position();
  server->verdicts[at] = judgement;
  if (judgement.made()) {
    const Commit commit = std::get<Commit>(*DecodeEntry(entry));
    server->made.push_back({at, *DecodeBody(commit.body), commit.targets, judgement.sequences});
  }
  // What somebody else has applied need not be done again.
  while (server->next_commit < server->made.size() && !server->sent && server->next_target == 0 &&
         server->made[server->next_commit].at <= server->judge.applied()) {
    ++server->next_commit;
  }
  return true;
}

bool HasApplied(const ModelServer& server) { return server.next_commit == server.made.size(); }

/// To the next epoch, whose header says that all of this one is in the leaves.
bool MoveOn(World* world, ModelServer* server) {
  const auto next = static_cast<size_t>(server->table) + 1;
  if (!server->judge.sealed() || next >= world->tables.size()) return false;
  server->judge = Judge::After(server->judge);
  server->table = static_cast<int64_t>(next);
  server->next_commit = server->made.size();
  server->next_target = 0;
  server->sent.reset();
  return true;
}

bool BeginEpoch(World* world, size_t index) {
  ModelServer& server = world->servers[index];
  const bool is_next = static_cast<size_t>(server.table) + 1 == world->tables.size();
  if (!server.judge.sealed() || !HasApplied(server) || !is_next) return false;
  const int64_t epoch = server.judge.epoch() + 1;
  const int64_t writer = epoch * 10 + static_cast<int64_t>(index);
  world->tables.push_back({EncodeEntry(Header{epoch, writer, server.judge.refused()})});
  return true;
}

bool Send(ModelServer* server) {
  if (server->sent || HasApplied(*server)) return false;
  const MadeCommit& commit = server->made[server->next_commit];
  const Target& target = commit.targets[server->next_target];
  const auto write = std::ranges::find(commit.writes, target.bucket, &LeafWrite::bucket);
  server->sent = Message{server->judge.header()->writer_id, commit.sequences[server->next_target],
                         static_cast<int>(target.bucket.table_id), std::stoi(write->batches.front())};
  return true;
}

ModelBucket::Answer Arrive(World* world, const Message& message) {
  ModelBucket& bucket = world->buckets[static_cast<size_t>(message.leaf)];
  if (world->left.applies_without_sequences) {
    message.leaf == kRows ? bucket.rows.push_back(message.value) : void(bucket.value = message.value);
    return ModelBucket::Answer::kWritten;
  }
  return bucket.Write(message.writer, message.sequence, message.value, IsKey(message.leaf));
}

bool ArriveAndAnswer(World* world, ModelServer* server) {
  if (!server->sent) return false;
  // Out of order: others are further. The server goes on to what comes next, which tells.
  (void)Arrive(world, *server->sent);
  server->sent.reset();
  if (++server->next_target == server->made[server->next_commit].targets.size()) {
    ++server->next_commit;
    server->next_target = 0;
  }
  return true;
}

bool BeginTransaction(World* world, ModelServer* server) {
  const auto next = std::ranges::find(world->outcomes, Outcome::kNotBegun);
  if (server->phase != Phase::kIdle || next == world->outcomes.end()) return false;
  server->transaction = static_cast<int>(next - world->outcomes.begin());
  *next = Outcome::kRunning;
  Position last;
  for (const Position& position : world->acknowledged) last = std::max(last, position);
  world->before_begin[static_cast<size_t>(server->transaction)] = last;
  server->end = EndOf(*world);
  server->phase = Phase::kCatchUp;
  return true;
}

/// The value that a key had at the server's snapshot, whatever was there when it was read.
int PutBack(const ModelServer& server, int leaf, int read) {
  for (const MadeCommit& commit : server.made) {
    if (commit.at <= server.snapshot) continue;
    for (const LeafWrite& write : commit.writes) {
      if (write.bucket == BucketOf(leaf)) return std::stoi(*write.replaced.front());
    }
  }
  return read;
}

std::string EntryOf(const ModelServer& server) {
  Commit commit;
  commit.transaction = IdOf(server.transaction);
  if (server.next_commit > 0) commit.applied = server.made[server.next_commit - 1].at;
  const std::vector<Item> keys{KeyItem(kX, {}, "k"), KeyItem(kY, {}, "k")};
  commit.reads = {{server.snapshot, keys}};
  commit.writes = keys;
  const std::vector<LeafWrite> writes{WriteTo(kX, server.read[0] + 1, server.read[0]),
                                      WriteTo(kY, server.read[1] + 1, server.read[1]),
                                      WriteTo(kRows, server.transaction, {})};
  commit.targets = TargetsOf(writes);
  commit.body = EncodeBody(writes);
  return EncodeEntry(Entry(std::move(commit)));
}

void Append(World* world, ModelServer* server) {
  // A server appends to the table that it follows; what it does not know is that there may be a seal.
  auto& table = world->tables[static_cast<size_t>(server->table)];
  table.push_back(server->entry);
  server->appended = {server->table + 1, static_cast<int64_t>(table.size()) - 1};
}

bool Decide(World* world, ModelServer* server) {
  const auto verdict = server->verdicts.find(server->appended);
  if (verdict == server->verdicts.end() && !(server->judge.sealed() && server->judge.position() < server->appended)) {
    return false;
  }
  const auto transaction = static_cast<size_t>(server->transaction);
  if (verdict != server->verdicts.end() && verdict->second.verdict == Judgement::Verdict::kNoCommit) {
    // The same entry stands before: that one has decided.
    for (const auto& [at, judgement] : server->verdicts) {
      if (!judgement.made()) continue;
      if (std::get<Commit>(*DecodeEntry(world->tables[static_cast<size_t>(at.epoch) - 1]
                                                     [static_cast<size_t>(at.offset)]))
              .transaction != IdOf(server->transaction)) {
        continue;
      }
      server->appended = at;
    }
  }
  const auto found = server->verdicts.find(server->appended);
  const bool made = found != server->verdicts.end() && found->second.made();
  world->outcomes[transaction] = made ? Outcome::kAcknowledged : Outcome::kRefused;
  if (made) world->acknowledged[transaction] = server->appended;
  server->phase = Phase::kIdle;
  server->transaction = -1;
  server->entry.clear();
  return true;
}

bool Advance(World* world, ModelServer* server) {
  switch (server->phase) {
    case Phase::kIdle: return BeginTransaction(world, server);
    case Phase::kCatchUp:
      if (server->judge.position() < server->end || !HasApplied(*server) || server->judge.sealed()) return false;
      server->snapshot = server->judge.position();
      server->phase = Phase::kReadX;
      return true;
    case Phase::kReadX:
    case Phase::kReadY: {
      const bool x = server->phase == Phase::kReadX;
      server->read[x ? 0 : 1] = world->buckets[x ? kX : kY].value;
      server->end = EndOf(*world);
      server->phase = x ? Phase::kReadY : Phase::kPutBack;
      return true;
    }
    case Phase::kPutBack:
      if (server->judge.position() < server->end) return false;
      if (!world->left.reads_without_putting_back) {
        server->read = {PutBack(*server, kX, server->read[0]), PutBack(*server, kY, server->read[1])};
      }
      server->phase = Phase::kAppend;
      return true;
    case Phase::kAppend:
      server->entry = EntryOf(*server);
      Append(world, server);
      server->phase = Phase::kDecide;
      return true;
    case Phase::kDecide: return Decide(world, server);
  }
  return false;
}

/// The append is sent again, as it was not answered, and no writer's sequence stops it.
bool AppendAgain(World* world, ModelServer* server) {
  if (server->phase != Phase::kDecide || world->left.repeated_appends == 0) return false;
  --world->left.repeated_appends;
  Append(world, server);
  return true;
}

bool SealEpoch(World* world, ModelServer* server) {
  const bool last = static_cast<size_t>(server->table) + 1 == world->tables.size();
  if (world->left.seals == 0 || !last || server->judge.sealed()) return false;
  --world->left.seals;
  world->tables.back().push_back(EncodeEntry(Entry(Seal{})));
  return true;
}

/// Begins with the last table, as a server does that knows nothing.
ModelServer Started(const World& world) {
  ModelServer server;
  server.table = static_cast<int64_t>(world.tables.size()) - 1;
  server.judge = Judge(server.table + 1);
  if (server.table == 0) return server;
  const Header header = std::get<Header>(*DecodeEntry(world.tables.back().front()));
  const auto& before = world.tables[static_cast<size_t>(server.table) - 1];
  for (size_t i = 0; i < before.size(); ++i) server.judge.Remember(header, static_cast<int64_t>(i), before[i]);
  return server;
}

bool Crash(World* world, size_t index) {
  if (world->left.crashes == 0) return false;
  --world->left.crashes;
  ModelServer& server = world->servers[index];
  if (server.sent) world->astray.push_back(*server.sent);
  if (server.transaction >= 0) {
    const bool sent = server.phase == Phase::kDecide;
    world->outcomes[static_cast<size_t>(server.transaction)] = sent ? Outcome::kUnknown : Outcome::kRefused;
  }
  server = Started(*world);
  return true;
}

std::string BrokenRead(const World& world, const Oracle& oracle, const ModelServer& server) {
  if (server.phase != Phase::kAppend) return "";
  const size_t commits = oracle.CommitsUpTo(server.snapshot);
  if (server.read[0] != oracle.ValueAt(kX, commits) || server.read[1] != oracle.ValueAt(kY, commits)) {
    return "a transaction read what was never there at once";
  }
  if (server.snapshot < world.before_begin[static_cast<size_t>(server.transaction)]) {
    return "a transaction does not see what was acknowledged before it";
  }
  return "";
}

/// Follows and applies until there is nothing left, as any server does when it is asked.
void Finish(World* world, ModelServer* server) {
  while (Follow(world, server) || Send(server) || ArriveAndAnswer(world, server)) {
  }
}

std::string TextOf(const Message& message) {
  return "!" + std::to_string(message.writer) + "." + std::to_string(message.sequence) + "." +
         std::to_string(message.leaf);
}

std::string StateOf(const ModelServer& server) {
  std::string text = server.judge.StateText() + "|" + std::to_string(server.judge.applied().offset) + "|" +
                     std::to_string(server.next_commit) + "," + std::to_string(server.next_target) + "|" +
                     std::to_string(static_cast<int>(server.phase)) + "," + std::to_string(server.transaction) + "|" +
                     server.end.ToString() + "," + server.snapshot.ToString() + "," + server.appended.ToString() + "|" +
                     std::to_string(server.read[0]) + "," + std::to_string(server.read[1]) + "|";
  text += std::to_string(server.made.size());
  return server.sent ? text + TextOf(*server.sent) : text;
}

}  // namespace

ModelBucket::Answer ModelBucket::Write(int64_t writer, int32_t sequence, int written, bool is_key) {
  const auto known = last.find(writer);
  const int32_t before = known == last.end() ? -1 : known->second;
  if (sequence <= before && sequence > before - kRemembered) return Answer::kRepeated;
  if (sequence != before + 1) return Answer::kOutOfOrder;
  last[writer] = sequence;
  if (is_key) {
    value = written;
  } else {
    rows.push_back(written);
  }
  return Answer::kWritten;
}

World World::Begin(const Limits& limits) {
  World world;
  world.left = limits;
  world.tables = {{EncodeEntry(Header{1, 10, {}})}};
  world.servers.assign(static_cast<size_t>(limits.servers), ModelServer());
  const auto count = static_cast<size_t>(limits.transactions);
  world.outcomes.assign(count, Outcome::kNotBegun);
  world.acknowledged.assign(count, {});
  world.before_begin.assign(count, {});
  return world;
}

std::string World::Text() const {
  std::string text;
  for (const auto& table : tables) {
    for (const std::string& entry : table) text += std::to_string(entry.size()) + ":" + entry;
    text += "/";
  }
  for (const ModelBucket& bucket : buckets) {
    for (const auto& [writer, sequence] : bucket.last) text += std::to_string(writer) + "." + std::to_string(sequence);
    text += "=" + std::to_string(bucket.value);
    for (const int row : bucket.rows) text += "," + std::to_string(row);
    text += ";";
  }
  std::vector<std::string> states;
  for (const ModelServer& server : servers) states.push_back(StateOf(server));
  std::ranges::sort(states);  // servers are alike
  for (const std::string& state : states) text += state + "\n";
  for (const Message& message : astray) text += TextOf(message);
  for (const Outcome outcome : outcomes) text += std::to_string(static_cast<int>(outcome));
  for (const Position& position : before_begin) text += position.ToString();
  return text + "-" + std::to_string(left.crashes) + std::to_string(left.repeated_appends) + std::to_string(left.seals);
}

std::string BrokenInvariant(const World& world) {
  const Oracle& oracle = OracleOf(world);
  for (const ModelServer& server : world.servers) {
    if (server.judge.next_offset() > 0 && server.judge.StateText() != oracle.states.at(server.judge.position())) {
      return "servers do not agree";
    }
    if (std::string broken = BrokenRead(world, oracle, server); !broken.empty()) return broken;
  }
  const std::vector<int> rows = oracle.Rows();
  const std::vector<int>& there = world.buckets[kRows].rows;
  if (there.size() > rows.size() || !std::equal(there.begin(), there.end(), rows.begin())) {
    return "rows are lost, doubled or in another order than the log's";
  }
  for (size_t i = 0; i < world.outcomes.size(); ++i) {
    const bool made = std::ranges::find(rows, static_cast<int>(i)) != rows.end();
    if (world.outcomes[i] == Outcome::kAcknowledged && !made) return "what was acknowledged is not made";
    if (world.outcomes[i] == Outcome::kRefused && made) return "what was refused is made";
  }
  if (oracle.ValueAt(kX, oracle.made.size()) != static_cast<int>(oracle.made.size())) return "an update is lost";
  return "";
}

std::string BrokenAtTheEnd(const World& world) {
  World end = world;
  end.servers.push_back(Started(end));
  Finish(&end, &end.servers.back());
  for (const Message& message : world.astray) (void)Arrive(&end, message);
  const Oracle& oracle = OracleOf(end);
  if (end.buckets[kRows].rows != oracle.Rows()) return "rows of the log table are not those of the commits";
  for (const int leaf : {kX, kY}) {
    if (end.buckets[static_cast<size_t>(leaf)].value != oracle.ValueAt(leaf, oracle.made.size())) {
      return "a key does not hold what the last commit wrote";
    }
  }
  return BrokenInvariant(end);
}

std::vector<World> StepsFrom(const World& world) {
  std::vector<World> worlds;
  const auto try_step = [&](auto step) {
    World next = world;
    if (step(&next)) worlds.push_back(std::move(next));
  };
  for (size_t i = 0; i < world.servers.size(); ++i) {
    const auto of = [i](auto step) { return [=](World* next) { return step(next, &next->servers[i]); }; };
    try_step(of(Follow));
    try_step(of(MoveOn));
    try_step(of(ArriveAndAnswer));
    try_step(of(Advance));
    try_step(of(AppendAgain));
    try_step(of(SealEpoch));
    try_step([i](World* next) { return Send(&next->servers[i]); });
    try_step([i](World* next) { return BeginEpoch(next, i); });
    try_step([i](World* next) { return Crash(next, i); });
  }
  for (size_t i = 0; i < world.astray.size(); ++i) {
    try_step([i](World* next) {
      (void)Arrive(next, next->astray[i]);
      next->astray.erase(next->astray.begin() + static_cast<std::ptrdiff_t>(i));
      return true;
    });
  }
  return worlds;
}

}  // namespace weir::commitlog
