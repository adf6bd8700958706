#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "weir/status.h"
#include "weir/table.h"

namespace weir::commitlog {

/// The entries of the commit log that SQL servers of one Apache Fluss cluster share (docs/commit-log.md): how they are
/// written down. Pure.

/// An entry's place: the number of its epoch's table, and its offset there.
struct Position {
  int64_t epoch = 0;
  int64_t offset = -1;
  std::string ToString() const;
  auto operator<=>(const Position&) const = default;
};

/// Names what commits can collide on (item.h). Two things that share a number collide needlessly, and that is all.
using Item = uint64_t;

/// Drawn at random by the server that runs the transaction.
using TransactionId = std::array<uint8_t, 16>;

/// What a transaction has read and seen unchanged up to one place in the log.
struct Reads {
  Position at;
  std::vector<Item> items;
  bool operator==(const Reads&) const = default;
};

/// How much of a commit goes to one bucket: so many batches, each of which takes a sequence there.
struct Target {
  TableBucket bucket;
  uint32_t num_batches = 0;
  bool operator==(const Target&) const = default;
};

/// What a commit does to one bucket.
struct LeafWrite {
  enum class Kind : uint8_t {
    kRows = 1,       // log batches of a log table
    kKeys = 2,       // KV batches of a PK table
    kDeletions = 3,  // rows of `weir.deleted_rows`, which get more offsets: one batch, made when it is applied
  };
  /// Offsets of rows of a log table that are deleted, as OffsetSet serializes a chunk of them.
  struct Chunk {
    TableBucket bucket;
    int64_t number = 0;
    std::string offsets;
    bool operator==(const Chunk&) const = default;
  };
  Kind kind = Kind::kRows;
  TableBucket bucket;
  std::vector<std::string> batches;  // as their formats have them, with no writer yet
  /// kKeys: what the keys of all batches held before, in their order; nothing where there was no row.
  std::vector<std::optional<std::string>> replaced;
  std::vector<Chunk> chunks;  // kDeletions
  bool operator==(const LeafWrite&) const = default;
};

/// The first entry of an epoch.
struct Header {
  int64_t epoch = 0;
  int64_t writer_id = -1;  // that all servers write to leaves with
  /// The commits of the epoch before that were not made, ascending.
  std::vector<int64_t> refused;
  bool operator==(const Header&) const = default;
};

/// A piece of the body of a commit that is too long for one entry.
struct Part {
  TransactionId transaction{};
  uint32_t number = 0;  // from 0
  std::string bytes;
  bool operator==(const Part&) const = default;
};

struct Commit {
  TransactionId transaction{};
  Position applied;  // all commits up to here are in the leaves
  std::vector<Reads> reads;
  std::vector<Item> writes;
  std::vector<Target> targets;  // a bucket once
  uint32_t num_parts = 0;       // that come before `body`
  std::string body;             // EncodeBody, or its end
  bool operator==(const Commit&) const = default;
};

/// No entry behind it counts: the log goes on in the next epoch's table.
struct Seal {
  bool operator==(const Seal&) const = default;
};

using Entry = std::variant<Header, Part, Commit, Seal>;

std::string EncodeEntry(const Entry& entry);
/// Code 14 for bytes that are no entry, which all servers pass over alike; code 2 for one of a later version, behind
/// which a server must not go on.
Result<Entry> DecodeEntry(std::string_view bytes);

std::string EncodeBody(const std::vector<LeafWrite>& writes);
/// Code 14 for other bytes.
Result<std::vector<LeafWrite>> DecodeBody(std::string_view bytes);

/// What a body comes to, a bucket once: `targets` of its commit.
std::vector<Target> TargetsOf(const std::vector<LeafWrite>& writes);

/// A commit as the entries that carry it, none of which has a body longer than `piece` (at least 1) bytes; the commit
/// is the last.
std::vector<Entry> CutIntoEntries(Commit commit, size_t piece);

}  // namespace weir::commitlog
