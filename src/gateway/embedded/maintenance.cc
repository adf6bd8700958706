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
  std::lock_guard lock(mutex_);
  sweep_requested_ = true;
  wake_.notify_one();
}

bool MaintenanceThread::closing() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

void MaintenanceThread::Run() {
  using Clock = std::chrono::steady_clock;
  const EngineThreadScope scope;
  const auto interval = std::chrono::milliseconds(interval_ms_);
  Clock::time_point next_round = Clock::now() + interval;
  const auto has_work = [&] { return closed_ || sweep_requested_; };
  std::unique_lock lock(mutex_);
  while (true) {
    if (interval_ms_ > 0) {
      wake_.wait_until(lock, next_round, has_work);
    } else {
      wake_.wait(lock, has_work);
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
    std::lock_guard lock(mutex_);
    closed_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace weir
