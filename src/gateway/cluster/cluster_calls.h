#pragma once

#include <asio/post.hpp>
#include <unistd.h>

#include <condition_variable>
#include <exception>
#include <memory>
#include <thread>
#include <utility>

#include "gateway/cluster/cluster_session.h"
#include "types/mutex.h"
#include "weir/future.h"

namespace weir {

/// The calls of a gateway's users: from their threads to the session's, and its end. Thread-safe.
class ClusterCalls {
 public:
  /// Close waits for calls for a while, and not for polls, which wait for data.
  enum class Kind { kCall, kPoll };

  explicit ClusterCalls(std::shared_ptr<ClusterSession> session);
  ~ClusterCalls();

  /// Runs `begin(session, promise)` on the session's thread. `begin` sees to it that the promise is kept.
  template <typename T, typename Begin>
  Future<T> Start(Kind kind, Begin begin) {
    if (const Status entered = Enter(kind); !entered.ok()) return Future<T>::Ready(entered);
    Promise<T> promise;
    promise.future().Then([state = state_, kind](const Result<T>&) { Leave(*state, kind); });
    asio::post(state_->session->io(), [session = state_->session, promise, begin = std::move(begin)]() mutable {
      try {
        begin(session, promise);
      } catch (const std::exception& error) {
        promise.Complete(session->Error(ErrorCode::kUnknownServerError, error.what()));
      }
    });
    return promise.future();
  }

  const ClusterSession& session() const { return *state_->session; }
  Status Close();

 private:
  struct State {
    std::shared_ptr<ClusterSession> session;
    Mutex mutex;
    std::condition_variable left;
    bool open WEIR_GUARDED_BY(mutex) = true;
    bool ending WEIR_GUARDED_BY(mutex) = false;  // the session's thread ends with the last call
    int calls WEIR_GUARDED_BY(mutex) = 0;
    int polls WEIR_GUARDED_BY(mutex) = 0;
  };

  Status Enter(Kind kind);
  static void Leave(State& state, Kind kind);

  const std::shared_ptr<State> state_;
  const pid_t pid_ = ::getpid();
  std::unique_ptr<std::thread> thread_;
};

}  // namespace weir
