#pragma once

#include <condition_variable>
#include <deque>
#include <thread>
#include <vector>

#include "storage/file.h"
#include "storage/log.h"
#include "types/mutex.h"

namespace weir {

class LogSyncer {
 public:
  /// What a log does on one of the syncer's threads. A task is queued at most once at a time and
  /// stays alive until it has run.
  class Task {
   public:
    virtual ~Task() = default;
    virtual void RunSync() = 0;
  };

  explicit LogSyncer(int threads);
  ~LogSyncer();

  void Enqueue(Task* task);
  /// Active segments' files of all logs: those idle the longest are closed first.
  OpenFiles& files() { return files_; }

 private:
  void Work();

  OpenFiles files_;
  Mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task*> queue_ WEIR_GUARDED_BY(mutex_);
  bool stopping_ WEIR_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace weir
