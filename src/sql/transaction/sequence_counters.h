#pragma once

#include <map>
#include <memory>

#include "client/system_table.h"
#include "gateway/gateway.h"
#include "sql/catalog/sequence.h"
#include "types/mutex.h"

namespace weir::sql {

/// Where the sequences of a target stand, for all its sessions; outside of transactions, as PostgreSQL's do. Kept in
/// the PK table `weir.sequences` (docs/storage-format-sql.md), a row a counter, which is always ahead of what has been
/// handed out: 32 values, or as many as the sequence's CACHE or the statement wants, go on one durable write, and so no
/// value comes twice, also after a kill. On a cluster, where other servers count, too, the write is a transaction that
/// goes on from where the row is then. Thread-safe.
class SequenceCounters {
 public:
  explicit SequenceCounters(Connection connection) : connection_(std::move(connection)) {}
  /// Writes down where the counters stand exactly.
  ~SequenceCounters();
  SequenceCounters(const SequenceCounters&) = delete;
  SequenceCounters& operator=(const SequenceCounters&) = delete;

  /// Before values that are wanted together: notices what another server has set.
  Status Meet(const Sequence& sequence);
  /// nextval. 2200H at the end of a sequence that does not cycle; `name` is for that error. `wanted`: so many values
  /// are going to be asked for, this one included.
  Result<int64_t> Next(const Sequence& sequence, const std::string& name, int64_t wanted = 1);
  /// setval. 22003 for a value that the sequence does not have.
  Status Set(const Sequence& sequence, const std::string& name, int64_t value, bool is_called);
  Result<SequenceState> Read(const Sequence& sequence);
  /// The counter of a sequence that is gone.
  Status Forget(int64_t counter);

 private:
  struct Counter {
    Mutex mutex;
    bool loaded WEIR_GUARDED_BY(mutex) = false;
    SequenceState state WEIR_GUARDED_BY(mutex);
    // On a cluster: of the row when the state was made of it.
    int64_t times_set WEIR_GUARDED_BY(mutex) = 0;
    int64_t written WEIR_GUARDED_BY(mutex) = 0;  // last_value
  };
  bool is_shared() const;

  std::shared_ptr<Counter> CounterOf(int64_t number);
  Status Load(const Sequence& sequence, Counter* counter) WEIR_REQUIRES(counter->mutex);
  Status Reserve(const Sequence& sequence, const std::string& name, int64_t wanted, Counter* counter)
      WEIR_REQUIRES(counter->mutex);
  Status SetShared(const Sequence& sequence, int64_t value, bool is_called, Counter* counter)
      WEIR_REQUIRES(counter->mutex);
  Result<SequenceState> ReadShared(const Sequence& sequence, Counter* counter) WEIR_REQUIRES(counter->mutex);
  void GiveBack(int64_t number, Counter* counter) WEIR_REQUIRES(counter->mutex);
  Status Write(int64_t number, int64_t last_value, bool is_called);
  Result<SystemTablePtr> Find();
  Result<SystemTablePtr> FindOrCreate();

  const Connection connection_;
  Mutex mutex_;
  SystemTablePtr table_ WEIR_GUARDED_BY(mutex_);  // null: not met yet
  std::map<int64_t, std::shared_ptr<Counter>> counters_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir::sql
