#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "types/mutex.h"

namespace weir {

/// What the users of one database may take. Sizes are in bytes.
struct MemoryLimits {
  int64_t memory = 0;                 // 0: four fifths of what the machine, or the process' control group, has
  std::string spill_directory;        // where queries put what does not fit; empty: nowhere
  std::optional<int64_t> spill;       // the most of it there; nothing: nine tenths of what is free on its disk
};

/// Somebody who keeps count of the same memory and can make room, as DuckDB's buffer pool does. Thread-safe.
class MemoryPool {
 public:
  virtual ~MemoryPool() = default;
  /// False when there is not so much left.
  virtual bool Take(int64_t bytes) = 0;
  virtual void Give(int64_t bytes) = 0;
};

/// The memory that queries, transactions' rows and answers on their way share. Thread-safe.
class MemoryBudget {
 public:
  explicit MemoryBudget(MemoryLimits limits);

  /// With the memory that there is, where none was said.
  const MemoryLimits& limits() const { return limits_; }
  /// What MemoryReservations hold.
  int64_t reserved() const;

  /// From now on reservations, those that are there among them, are taken from `pool`, which has the same limit.
  void TakeFrom(std::shared_ptr<MemoryPool> pool);

 private:
  friend class MemoryReservation;
  bool Take(int64_t bytes);
  void Give(int64_t bytes);

  const MemoryLimits limits_;
  mutable Mutex mutex_;
  std::shared_ptr<MemoryPool> pool_ WEIR_GUARDED_BY(mutex_);  // null: nobody else takes any
  int64_t reserved_ WEIR_GUARDED_BY(mutex_) = 0;
};

/// What one user has taken of a budget; given back at its end. Not thread-safe.
class MemoryReservation {
 public:
  MemoryReservation() = default;
  /// Null: nothing is counted.
  explicit MemoryReservation(std::shared_ptr<MemoryBudget> budget) : budget_(std::move(budget)) {}
  ~MemoryReservation() { (void)Resize(0); }
  MemoryReservation(MemoryReservation&& other) noexcept
      : budget_(std::move(other.budget_)), bytes_(std::exchange(other.bytes_, 0)) {}
  MemoryReservation& operator=(MemoryReservation&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  int64_t bytes() const { return bytes_; }
  /// To `bytes` altogether. False, and nothing changes, when the budget has not so much left.
  [[nodiscard]] bool Resize(int64_t bytes);
  /// By `more`; the same.
  [[nodiscard]] bool Grow(int64_t more) { return Resize(bytes_ + more); }

 private:
  std::shared_ptr<MemoryBudget> budget_;
  int64_t bytes_ = 0;
};

}  // namespace weir
