#include "gateway/cluster/cluster_calls.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace weir {
namespace {

void RunThread(ClusterSession& session) {
  while (true) {
    try {
      return session.Run();
    } catch (const std::exception& error) {
      spdlog::error("{}: an answer could not be handled: {}", session.target(), error.what());
    }
  }
}

}  // namespace

ClusterCalls::ClusterCalls(std::shared_ptr<ClusterSession> session)
    : state_(std::make_shared<State>()),
      thread_(new std::thread([session] { RunThread(*session); })) {
  state_->session = std::move(session);
}

ClusterCalls::~ClusterCalls() { (void)Close(); }

Status ClusterCalls::Enter(Kind kind) {
  if (pid_ != ::getpid()) {
    return Status::Invalid(fmt::format(
        "this process ({}) was forked from one that is connected to {} ({}), whose thread it lacks: connect anew",
        ::getpid(), session().target(), pid_));
  }
  MutexLock lock(state_->mutex);
  if (!state_->open) return Status::Invalid(fmt::format("the connection to {} is closed", session().target()));
  ++(kind == Kind::kCall ? state_->calls : state_->polls);
  return Status::OK();
}

void ClusterCalls::Leave(State& state, Kind kind) {
  MutexLock lock(state.mutex);
  --(kind == Kind::kCall ? state.calls : state.polls);
  if (state.ending && state.calls + state.polls == 0) state.session->LetGo();
  state.left.notify_all();
}

Status ClusterCalls::Close() {
  if (thread_ == nullptr) return Status::OK();
  if (pid_ != ::getpid()) {
    // Sockets are shared with the parent: closing them would end its connections.
    (void)thread_.release();
    (void)new std::shared_ptr<State>(state_);
    return Status::OK();
  }
  const bool on_own_thread = thread_->get_id() == std::this_thread::get_id();
  {
    MutexLock lock(state_->mutex);
    if (!state_->open) return Status::OK();  // another thread is at it
    state_->open = false;
    const auto timeout = session().options().close_timeout;
    if (!on_own_thread) {
      const auto all_left = [this]() WEIR_REQUIRES(state_->mutex) { return state_->calls == 0; };
      state_->left.wait_for(lock.native(), timeout, all_left);
    }
    const Status closed = Status::Invalid(fmt::format("the connection to {} is closed", session().target()));
    asio::post(state_->session->io(), [session = state_->session, closed] { session->Abort(closed); });
    state_->ending = true;
    if (state_->calls + state_->polls == 0) state_->session->LetGo();
  }
  if (on_own_thread) {
    thread_->detach();
  } else {
    thread_->join();
  }
  return Status::OK();
}

}  // namespace weir
