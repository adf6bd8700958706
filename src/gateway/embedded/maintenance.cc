#include "gateway/embedded/maintenance.h"

#include <chrono>

#include "gateway/embedded/engine_thread.h"

namespace weir {

MaintenanceThread::MaintenanceThread(int64_t interval_ms, std::function<void()> round, std::function<void()> sweep)
    : interval_ms_(interval_ms), round_(std::move(round)), sweep_(std::move(sweep)) {}

MaintenanceThread::~MaintenanceThread() { Close(); }

void MaintenanceThread::Start() {
  thread_ = std::thread([this] { Run(); });
}

void MaintenanceThread::RequestSweep() {
  MutexLock lock(mutex_);
  sweep_requested_ = true;
  wake_.notify_one();
}

bool MaintenanceThread::closing() const {
  MutexLock lock(mutex_);
  return closed_;
}

void MaintenanceThread::Run() {
  using Clock = std::chrono::steady_clock;
  const EngineThreadScope scope;
  const auto interval = std::chrono::milliseconds(interval_ms_);
  Clock::time_point next_round = Clock::now() + interval;
  const auto has_work = [&]() WEIR_REQUIRES(mutex_) { return closed_ || sweep_requested_; };
  MutexLock lock(mutex_);
  while (true) {
    if (interval_ms_ > 0) {
      wake_.wait_until(lock.native(), next_round, has_work);
    } else {
      wake_.wait(lock.native(), has_work);
    }
    if (closed_) return;
    const bool sweep_now = sweep_requested_;
    sweep_requested_ = false;
    lock.unlock();
    if (sweep_now) sweep_();
    if (interval_ms_ > 0 && Clock::now() >= next_round) {
      round_();
      next_round = Clock::now() + interval;
    }
    lock.lock();
  }
}

void MaintenanceThread::Close() {
  {
    MutexLock lock(mutex_);
    closed_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace weir
