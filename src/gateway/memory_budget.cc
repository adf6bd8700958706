#include "gateway/memory_budget.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace weir {
namespace {

/// Where Linux says what a control group may use; "max", or a number beyond all memory, where that is not limited.
constexpr const char* kControlGroupFiles[] = {"/sys/fs/cgroup/memory.max",
                                              "/sys/fs/cgroup/memory/memory.limit_in_bytes"};

int64_t MemoryOfMachine() {
  int64_t bytes = static_cast<int64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<int64_t>(::sysconf(_SC_PAGE_SIZE));
  for (const char* file : kControlGroupFiles) {
    int64_t limit = 0;
    if (std::ifstream(file) >> limit && limit > 0) bytes = std::min(bytes, limit);
  }
  return bytes;
}

MemoryLimits WithMemory(MemoryLimits limits) {
  if (limits.memory <= 0) limits.memory = MemoryOfMachine() / 5 * 4;
  return limits;
}

}  // namespace

MemoryBudget::MemoryBudget(MemoryLimits limits) : limits_(WithMemory(std::move(limits))) {}

int64_t MemoryBudget::reserved() const {
  MutexLock lock(mutex_);
  return reserved_;
}

void MemoryBudget::TakeFrom(std::shared_ptr<MemoryPool> pool) {
  MutexLock lock(mutex_);
  // What has been granted stays so: a pool that has just begun has room.
  if (pool != nullptr && reserved_ > 0) (void)pool->Take(reserved_);
  pool_ = std::move(pool);
}

bool MemoryBudget::Take(int64_t bytes) {
  std::shared_ptr<MemoryPool> pool;
  {
    MutexLock lock(mutex_);
    if (bytes > limits_.memory - reserved_) return false;
    reserved_ += bytes;
    pool = pool_;
  }
  // Without the lock: it may write to disk to make room.
  if (pool == nullptr || pool->Take(bytes)) return true;
  MutexLock lock(mutex_);
  reserved_ -= bytes;
  return false;
}

void MemoryBudget::Give(int64_t bytes) {
  std::shared_ptr<MemoryPool> pool;
  {
    MutexLock lock(mutex_);
    reserved_ -= bytes;
    pool = pool_;
  }
  if (pool != nullptr) pool->Give(bytes);
}

bool MemoryReservation::Resize(int64_t bytes) {
  if (budget_ != nullptr && bytes > bytes_ && !budget_->Take(bytes - bytes_)) return false;
  if (budget_ != nullptr && bytes < bytes_) budget_->Give(bytes_ - bytes);
  bytes_ = bytes;
  return true;
}

}  // namespace weir
