#include "gateway/embedded/task_thread.h"

#include "gateway/embedded/engine_thread.h"

namespace weir {

TaskThread::TaskThread() : thread_([this] { Run(); }) {}

TaskThread::~TaskThread() { Close(); }

void TaskThread::Post(std::function<void()> task) {
  {
    MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void TaskThread::Run() {
  const EngineThreadScope scope;
  MutexLock lock(mutex_);
  while (true) {
    wake_.wait(lock.native(), [&]() WEIR_REQUIRES(mutex_) { return closed_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

void TaskThread::Close() {
  {
    MutexLock lock(mutex_);
    closed_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

}  // namespace weir
