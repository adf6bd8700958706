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

  LogSyncer(int threads, size_t max_mappings);
  ~LogSyncer();

  void Enqueue(Task* task);
  /// Active segments' files of all logs: those idle the longest are closed first.
  OpenFiles& files() { return files_; }
  /// Mappings of segments of all logs.
  KeptMappings& mappings() { return mappings_; }

 private:
  void Work();

  OpenFiles files_;
  KeptMappings mappings_;
  Mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task*> queue_ WEIR_GUARDED_BY(mutex_);
  bool stopping_ WEIR_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

/// In its lifetime this thread, which waits for what it appends, brings it to disk itself: no other thread is woken for
/// that. At most one log is appended to, which outlives the call of Run. A thread has one at a time.
class SyncByAppender {
 public:
  SyncByAppender();
  ~SyncByAppender();
  SyncByAppender(const SyncByAppender&) = delete;
  SyncByAppender& operator=(const SyncByAppender&) = delete;

  /// Whether this thread takes the sync of `log`; else the syncer has to.
  static bool Takes(Log* log);
  /// What this thread has taken is synced, without locks of the log's users. The log tells those who wait of errors.
  static void Run();

 private:
  Log* log_ = nullptr;
};

}  // namespace weir
