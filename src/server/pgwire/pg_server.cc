#include "server/pgwire/pg_server.h"

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <fmt/format.h>
#include <signal.h>
#include <spdlog/spdlog.h>

#include <condition_variable>
#include <deque>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "server/listen.h"
#include "server/pgwire/connection.h"
#include "types/mutex.h"

namespace weir {
namespace {

using asio::ip::tcp;

constexpr std::chrono::milliseconds kAcceptRetry(100);
constexpr std::chrono::milliseconds kStopAgain(50);
constexpr std::chrono::milliseconds kLookForClients(500);
/// Connections that have not logged in; one more, and the first of them has to go. So silent ones keep nobody out.
constexpr size_t kNewcomers = 64;

}  // namespace

/// One thread accepts; each connection is served by its own, which the next one to come or Stop joins.
class PgServer::Impl final : public pgwire::ConnectionHost {
 public:
  Impl(std::shared_ptr<sql::Database> database, const PgServerOptions& options)
      : options_(options), database_(std::move(database)), acceptor_(io_), accept_timer_(io_), look_timer_(io_) {}

  Status Start() {
    WEIR_ASSIGN_OR_RETURN(address_, Listen(options_.listen, acceptor_));
    Accept();
    LookForClients();
    acceptor_thread_ = std::thread([this] { io_.run(); });
    return Status::OK();
  }

  HostPort address() const { return address_; }

  void Stop() {
    if (!acceptor_thread_.joinable()) return;
    asio::post(io_, [this] {
      stopping_ = true;
      asio::error_code ignored;
      acceptor_.close(ignored);
      accept_timer_.cancel();
      io_.stop();
    });
    acceptor_thread_.join();
    MutexLock lock(mutex_);
    const auto deadline = std::chrono::steady_clock::now() + options_.drain_timeout;
    // Again and again: what is between two steps of a statement does not hear of it.
    do {
      const bool late = std::chrono::steady_clock::now() >= deadline;
      for (auto& [connection, thread] : running_) {
        connection->Stop();
        if (late) connection->Cut();
      }
    } while (!changed_.wait_for(lock.native(), kStopAgain,
                                [this]() WEIR_REQUIRES(mutex_) { return running_.empty(); }));
    JoinFinished();
  }

  // --- ConnectionHost ---

  sql::Database& database() override { return *database_; }
  const PgServerOptions& options() const override { return options_; }

  access::LoginDelays& delays() override { return delays_; }

  Status Admit(pgwire::Connection& connection, bool superuser) override {
    MutexLock lock(mutex_);
    const int left = options_.max_sessions - static_cast<int>(sessions_.size());
    if (left <= 0) return postgres::Error("53300", "sorry, too many clients already");
    if (!superuser && left <= options_.reserved_sessions) {
      return postgres::Error("53300", "remaining connection slots are reserved for superuser connections");
    }
    sessions_[connection.process_id()] = &connection;
    return Status::OK();
  }

  void Cancel(int32_t process_id, int32_t secret) override {
    MutexLock lock(mutex_);
    const auto found = sessions_.find(process_id);
    if (found != sessions_.end() && found->second->secret() == secret) found->second->CancelStatement();
  }

 private:
  void Accept() {
    acceptor_.async_accept(client_sockets_, [this](const asio::error_code& error, tcp::socket socket) {
      if (stopping_) return;
      if (!error) {
        Serve(std::move(socket));
        return Accept();
      }
      // Too many open files, mostly: a connection may close in the meantime.
      spdlog::warn("cannot accept an SQL connection: {}", error.message());
      accept_timer_.expires_after(kAcceptRetry);
      accept_timer_.async_wait([this](const asio::error_code& cancelled) {
        if (!cancelled && !stopping_) Accept();
      });
    });
  }

  void Serve(tcp::socket socket) {
    asio::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    MutexLock lock(mutex_);
    JoinFinished();
    MakeRoom();
    auto connection = std::make_shared<pgwire::Connection>(std::move(socket), *this, database_->NewProcessId());
    try {
      running_[connection] = std::thread([this, connection] { RunThread(connection); });
      newcomers_.push_back(connection);
      LimitLogin(connection);
    } catch (const std::system_error& error) {
      running_.erase(connection);
      spdlog::warn("cannot serve an SQL connection: {}", error.what());
    }
  }

  /// Cuts the oldest of those who have not logged in while there are too many of them.
  void MakeRoom() WEIR_REQUIRES(mutex_) {
    std::erase_if(newcomers_, [](const std::weak_ptr<pgwire::Connection>& newcomer) {
      const auto connection = newcomer.lock();
      return connection == nullptr || connection->logged_in();
    });
    while (newcomers_.size() >= kNewcomers) {
      if (const auto oldest = newcomers_.front().lock()) oldest->Cut();
      newcomers_.pop_front();
    }
  }

  /// Whose statements run, and who wants to be looked for: client_connection_check_interval.
  void LookForClients() {
    look_timer_.expires_after(kLookForClients);
    look_timer_.async_wait([this](const asio::error_code& cancelled) {
      if (cancelled || stopping_) return;
      const auto now = std::chrono::steady_clock::now();
      {
        MutexLock lock(mutex_);
        for (const auto& [connection, thread] : running_) connection->CheckClient(now);
      }
      LookForClients();
    });
  }

  void LimitLogin(const std::shared_ptr<pgwire::Connection>& connection) {
    auto timer = std::make_shared<asio::steady_timer>(io_, options_.startup_timeout);
    timer->async_wait([timer, weak = std::weak_ptr(connection)](const asio::error_code& cancelled) {
      const auto late = weak.lock();
      if (!cancelled && late != nullptr && !late->logged_in()) late->Cut();
    });
  }

  void RunThread(const std::shared_ptr<pgwire::Connection>& connection) {
    // A client that is gone is an error of the write, not a signal: OpenSSL writes without asking for none.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    try {
      connection->Run();
    } catch (const std::exception& error) {
      spdlog::error("an SQL connection failed: {}", error.what());
    }
    MutexLock lock(mutex_);
    sessions_.erase(connection->process_id());
    finished_.push_back(std::move(running_.extract(connection).mapped()));
    changed_.notify_all();
  }

  /// Lets go of the mutex meanwhile: they need it to end.
  void JoinFinished() WEIR_REQUIRES(mutex_) {
    std::vector<std::thread> finished = std::exchange(finished_, {});
    mutex_.unlock();
    for (std::thread& thread : finished) thread.join();
    mutex_.lock();
  }

  const PgServerOptions options_;
  const std::shared_ptr<sql::Database> database_;
  access::LoginDelays delays_;
  asio::io_context client_sockets_;  // nobody runs it: each is read and written by a thread of its own
  asio::io_context io_;
  tcp::acceptor acceptor_;
  asio::steady_timer accept_timer_;
  asio::steady_timer look_timer_;
  std::thread acceptor_thread_;
  HostPort address_;
  bool stopping_ = false;  // on the acceptor's thread

  Mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<std::shared_ptr<pgwire::Connection>, std::thread> running_ WEIR_GUARDED_BY(mutex_);
  std::unordered_map<int32_t, pgwire::Connection*> sessions_ WEIR_GUARDED_BY(mutex_);
  std::deque<std::weak_ptr<pgwire::Connection>> newcomers_ WEIR_GUARDED_BY(mutex_);  // the first the oldest
  std::vector<std::thread> finished_ WEIR_GUARDED_BY(mutex_);
};

PgServer::PgServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PgServer::~PgServer() { Stop(); }

Result<std::unique_ptr<PgServer>> PgServer::Start(std::shared_ptr<sql::Database> database,
                                                  const PgServerOptions& options) {
  auto impl = std::make_unique<Impl>(std::move(database), options);
  WEIR_RETURN_NOT_OK(impl->Start());
  return std::unique_ptr<PgServer>(new PgServer(std::move(impl)));
}

HostPort PgServer::address() const { return impl_->address(); }
void PgServer::Stop() { impl_->Stop(); }

}  // namespace weir
