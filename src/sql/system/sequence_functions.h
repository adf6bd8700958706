#pragma once

#include <map>
#include <memory>
#include <optional>

#include "sql/engine/duckdb_headers.h"
#include "sql/transaction/sequence_counters.h"
#include "types/mutex.h"

namespace weir::sql {

/// What a session has taken from sequences. Thread-safe: a statement's threads may take values at once.
class SessionSequences {
 public:
  explicit SessionSequences(std::shared_ptr<SequenceCounters> counters) : counters_(std::move(counters)) {}

  SequenceCounters& counters() const { return *counters_; }
  /// currval of the sequence is `value` from now on. `is_last`: lastval, too.
  void Took(int64_t sequence, int64_t value, bool is_last);
  std::optional<int64_t> Current(int64_t sequence) const;
  /// The sequence from which nextval took a value last.
  std::optional<int64_t> Last() const;
  /// DISCARD SEQUENCES.
  void Clear();

 private:
  const std::shared_ptr<SequenceCounters> counters_;
  mutable Mutex mutex_;
  std::map<int64_t, int64_t> values_ WEIR_GUARDED_BY(mutex_);
  std::optional<int64_t> last_ WEIR_GUARDED_BY(mutex_);
};

/// nextval, currval, lastval, setval, and what shows a sequence.
void RegisterSequenceFunctions(duckdb::DuckDB& database);

}  // namespace weir::sql
