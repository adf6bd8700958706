#include "storage/log_syncer.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace weir {
namespace {

// A quarter of the descriptors that the process may have: the rest is for sockets and RocksDB.
size_t OpenFileCapacity() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 256;
  return std::clamp<size_t>(limit.rlim_cur / 4, 16, 8192);
}

}  // namespace

LogSyncer::LogSyncer(int threads, size_t max_mappings) : files_(OpenFileCapacity()), mappings_(max_mappings) {
  for (int i = 0; i < std::max(threads, 1); ++i) threads_.emplace_back([this] { Work(); });
}

LogSyncer::~LogSyncer() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void LogSyncer::Enqueue(Task* task) {
  {
    MutexLock lock(mutex_);
    queue_.push_back(task);
  }
  wake_.notify_one();
}

void LogSyncer::Work() {
  MutexLock lock(mutex_);
  while (true) {
    wake_.wait(lock.native(), [this]() WEIR_REQUIRES(mutex_) { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Task* task = queue_.front();
    queue_.pop_front();
    lock.unlock();
    task->RunSync();
    lock.lock();
  }
}

namespace {

thread_local SyncByAppender* appender = nullptr;

}  // namespace

SyncByAppender::SyncByAppender() { appender = this; }
SyncByAppender::~SyncByAppender() { appender = nullptr; }

bool SyncByAppender::Takes(Log* log) {
  if (appender == nullptr || (appender->log_ != nullptr && appender->log_ != log)) return false;
  appender->log_ = log;
  return true;
}

void SyncByAppender::Run() {
  if (appender == nullptr || appender->log_ == nullptr) return;
  (void)std::exchange(appender->log_, nullptr)->Sync();
}

std::shared_ptr<LogSyncer> MakeLogSyncer(int threads, size_t max_mappings) {
  return std::make_shared<LogSyncer>(threads, max_mappings);
}

}  // namespace weir
