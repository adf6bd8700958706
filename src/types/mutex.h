#pragma once

#include <mutex>
#include <shared_mutex>

/// Mutexes whose use clang checks: a field says which mutex guards it, a function which ones its callers hold, and
/// `scripts/check-threads` finds what is used without. Other compilers read past the marks.
#if defined(__clang__)
#define WEIR_THREADS(mark) __attribute__((mark))
#else
#define WEIR_THREADS(mark)
#endif

/// Of a field: used under this mutex only; read under a shared lock, too.
#define WEIR_GUARDED_BY(mutex) WEIR_THREADS(guarded_by(mutex))
/// Of what a pointer points to.
#define WEIR_POINTEE_GUARDED_BY(mutex) WEIR_THREADS(pt_guarded_by(mutex))
/// Of a function or a lambda: called under these mutexes.
#define WEIR_REQUIRES(...) WEIR_THREADS(requires_capability(__VA_ARGS__))
#define WEIR_REQUIRES_SHARED(...) WEIR_THREADS(requires_shared_capability(__VA_ARGS__))
/// Of a function that takes these mutexes itself.
#define WEIR_EXCLUDES(...) WEIR_THREADS(locks_excluded(__VA_ARGS__))
/// Of a function that the check cannot follow; a comment says why it is right.
#define WEIR_THREADS_UNCHECKED WEIR_THREADS(no_thread_safety_analysis)

namespace weir {

class WEIR_THREADS(capability("mutex")) Mutex {
 public:
  void lock() WEIR_THREADS(acquire_capability()) { mutex_.lock(); }
  bool try_lock() WEIR_THREADS(try_acquire_capability(true)) { return mutex_.try_lock(); }
  void unlock() WEIR_THREADS(release_capability()) { mutex_.unlock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

class WEIR_THREADS(capability("mutex")) SharedMutex {
 public:
  void lock() WEIR_THREADS(acquire_capability()) { mutex_.lock(); }
  void unlock() WEIR_THREADS(release_capability()) { mutex_.unlock(); }
  void lock_shared() WEIR_THREADS(acquire_shared_capability()) { mutex_.lock_shared(); }
  void unlock_shared() WEIR_THREADS(release_shared_capability()) { mutex_.unlock_shared(); }

 private:
  std::shared_mutex mutex_;
};

/// Holds a mutex to the end of its block, or from lock() to unlock() within it.
class WEIR_THREADS(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) WEIR_THREADS(acquire_capability(mutex)) : lock_(mutex.mutex_) {}
  ~MutexLock() WEIR_THREADS(release_capability()) {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void lock() WEIR_THREADS(acquire_capability()) { lock_.lock(); }
  void unlock() WEIR_THREADS(release_capability()) { lock_.unlock(); }
  /// For condition variables, whose conditions are lambdas with WEIR_REQUIRES.
  std::unique_lock<std::mutex>& native() { return lock_; }

 private:
  std::unique_lock<std::mutex> lock_;
};

/// Holds a SharedMutex alone.
class WEIR_THREADS(scoped_lockable) WriterLock {
 public:
  explicit WriterLock(SharedMutex& mutex) WEIR_THREADS(acquire_capability(mutex)) : mutex_(mutex) { mutex_.lock(); }
  ~WriterLock() WEIR_THREADS(release_capability()) { mutex_.unlock(); }
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  SharedMutex& mutex_;
};

/// Shares a SharedMutex with other readers.
class WEIR_THREADS(scoped_lockable) ReaderLock {
 public:
  explicit ReaderLock(SharedMutex& mutex) WEIR_THREADS(acquire_shared_capability(mutex)) : mutex_(mutex) {
    mutex_.lock_shared();
  }
  ~ReaderLock() WEIR_THREADS(release_generic_capability()) { mutex_.unlock_shared(); }
  ReaderLock(const ReaderLock&) = delete;
  ReaderLock& operator=(const ReaderLock&) = delete;

 private:
  SharedMutex& mutex_;
};

}  // namespace weir
