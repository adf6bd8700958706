#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "commitlog/entry.h"

namespace weir::commitlog {

/// What a server makes of one entry.
struct Judgement {
  enum class Verdict {
    kNoCommit,    // it is no commit, or has been made already
    kMade,
    kConflict,    // what it has read was written since
    kTooOld,      // what it has read is older than what is remembered
    kIncomplete,  // parts of it are not there
    kVoid,        // it stands behind the epoch's seal or before its header, or is no entry
  };
  Verdict verdict = Verdict::kNoCommit;
  Item item = 0;  // kConflict: what was written since
  /// kMade: the first sequence of each of the commit's targets, in their order.
  std::vector<int32_t> sequences;

  bool made() const { return verdict == Verdict::kMade; }
};

/// The state machine of one epoch of the commit log. It is given the epoch's entries in the order of their offsets,
/// every one once, and says of each commit whether it is made; since it knows nothing else, all servers say the same.
/// Copies are independent. Not thread-safe.
class Judge {
 public:
  /// Before the first entry of the first epoch.
  explicit Judge(int64_t epoch = 1) : epoch_(epoch) {}
  /// Of the epoch after one that was judged to its seal.
  static Judge After(const Judge& sealed);

  /// An entry of the epoch before, for a server that starts with this one: `header` is this epoch's. To be called for
  /// all of them in their order, before Take.
  void Remember(const Header& header, int64_t offset, std::string_view entry);

  /// The next entry: code 2 for one that only a newer Weir can judge, and nothing was taken then.
  Result<Judgement> Take(int64_t offset, std::string_view entry);

  int64_t epoch() const { return epoch_; }
  bool has_header() const { return header_.has_value(); }
  const std::optional<Header>& header() const { return header_; }
  bool sealed() const { return sealed_; }
  /// The offset behind the last entry that was taken.
  int64_t next_offset() const { return next_offset_; }
  Position position() const { return {epoch_, next_offset_ - 1}; }
  /// Up to where somebody has said that all commits are in the leaves. An epoch begins when all of the one before are.
  const Position& applied() const { return applied_; }
  /// What the next epoch's header says of this one.
  const std::vector<int64_t>& refused() const { return refused_; }
  /// Whether what was read up to a place and names these items is still so: what Take would say of it now.
  Judgement Check(const std::vector<Reads>& reads) const;
  /// The sequence that the next batch for a bucket gets; all below it belong to commits that were made.
  int32_t NextSequence(const TableBucket& bucket) const;

  /// Everything that decides later verdicts, to compare servers by in tests.
  std::string StateText() const;

 private:
  Judgement TakeEntry(const Header& header, int64_t offset);
  Judgement TakeEntry(const Part& part, int64_t offset);
  Judgement TakeEntry(const Commit& commit, int64_t offset);
  Judgement Decide(const Commit& commit, int64_t offset);
  Judgement TakeEntry(const Seal& seal, int64_t offset);
  void Write(const std::vector<Item>& items, Position at);

  int64_t epoch_;
  std::optional<Header> header_;
  bool sealed_ = false;
  bool remembers_header_ = false;  // of the epoch before
  bool remembers_seal_ = false;
  int64_t next_offset_ = 0;
  Position applied_;
  std::unordered_map<Item, Position> written_;      // when last, in this epoch and the one before
  std::set<TransactionId> decided_;                 // in this epoch, repetitions as well
  std::set<TransactionId> decided_before_;          // in the one before
  std::map<TransactionId, uint32_t> parts_;         // how many there are of what is not decided
  std::map<TableBucket, int32_t> next_sequences_;
  std::vector<int64_t> refused_;
};

}  // namespace weir::commitlog
