#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "commitlog/item.h"
#include "sql/transaction/commit_decider.h"
#include "sql/transaction/lock_mode.h"

namespace weir::sql {

/// Items that a transaction has read, by the position in the log of commits at which it has.
using ReadItems = std::map<commitlog::Position, std::vector<commitlog::Item>>;

/// What a change of a row reads and writes in the log of commits. `taken`: the row goes, or its key changes.
void NoteChange(commitlog::Item row, bool taken, std::vector<commitlog::Item>* reads,
                std::vector<commitlog::Item>* writes);

/// The rows that a transaction has locked without changing them, as other servers hear of it: the transactions of two
/// servers whose locks a row would not take together are not both made, unless the later one began behind the other.
class RowHolds {
 public:
  void Hold(commitlog::Item row, LockMode mode, const commitlog::Position& at);
  void AddTo(ReadItems* reads, std::vector<commitlog::Item>* writes) const;

 private:
  ReadItems reads_;
  std::vector<commitlog::Item> writes_;
};

/// At which position each key of a PK leaf was looked up, before the transaction has changed it; and which of them it
/// has taken away.
class KeyLookups {
 public:
  void Note(std::span<const int64_t> keys, const commitlog::Position& at);
  void Take(std::span<const int64_t> keys);
  commitlog::Position At(int64_t key) const;
  bool has_taken(int64_t key) const { return static_cast<size_t>(key) < taken_.size() && taken_[key]; }

 private:
  std::vector<commitlog::Position> positions_;
  std::vector<int32_t> position_of_;  // by the key's number
  std::vector<bool> taken_;
};

}  // namespace weir::sql
