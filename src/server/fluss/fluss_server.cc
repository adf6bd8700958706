#include "server/fluss/fluss_server.h"

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <thread>
#include <unordered_set>

#include "server/fluss/connection.h"
#include "server/listen.h"
#include "types/mutex.h"

namespace weir {
namespace {

using asio::ip::tcp;

constexpr std::chrono::milliseconds kAcceptRetry(100);
constexpr size_t kSpareNewcomers = 64;  // that are gone, before their list is gone through

std::shared_ptr<LoginPolicy> PolicyOf(const FlussServerOptions& options) {
  if (options.access == nullptr) return nullptr;
  return std::make_shared<LoginPolicy>(options.access, options.trust_remote);
}

std::string TextOf(const HostPort& address) { return fmt::format("{}:{}", address.host, address.port); }

}  // namespace

class FlussServer::Impl {
 public:
  Impl(std::shared_ptr<Gateway> gateway, const FlussServerOptions& options)
      : options_(options),
        gateway_(std::move(gateway)),
        sql_(std::make_shared<FlussSqlSessions>(options.sql, options.max_sql_sessions)),
        service_(std::make_shared<FlussService>(gateway_, PolicyOf(options), sql_)),
        acceptor_(asio::make_strand(io_)),
        accept_timer_(acceptor_.get_executor()),
        work_(asio::make_work_guard(io_)) {}

  Status Start() {
    WEIR_ASSIGN_OR_RETURN(address_, Listen(options_.listen, acceptor_));
    Accept();
    const int threads =
        options_.threads > 0 ? options_.threads : std::max(2, static_cast<int>(std::thread::hardware_concurrency()));
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { RunThread(); });
    return Status::OK();
  }

  HostPort address() const { return address_; }

  Status Stop() {
    if (threads_.empty()) return Status::OK();
    asio::post(acceptor_.get_executor(), [this] { StopAccepting(); });
    sql_->Stop();  // what it cancels is answered
    const auto deadline = std::chrono::steady_clock::now() + options_.drain_timeout;
    ForEachConnection([](FlussConnection& connection) { connection.Drain(); });
    {
      MutexLock lock(mutex_);
      changed_.wait_until(lock.native(), deadline,
                          [this]() WEIR_REQUIRES(mutex_) { return acceptor_closed_ && connections_.empty(); });
    }
    if (options_.access != nullptr) (void)options_.access->Close();  // the gateway is the last, and says how it went
    // Ends long polls as well; their answers come before this returns.
    const Status closed = gateway_->Close();
    ForEachConnection([](FlussConnection& connection) { connection.Close(); });
    {
      MutexLock lock(mutex_);
      changed_.wait(lock.native(), [this]() WEIR_REQUIRES(mutex_) {
        return acceptor_closed_ && connections_.empty() && requests_ == 0;
      });
    }
    work_.reset();
    io_.stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    return closed;
  }

 private:
  void Accept() {
    using Socket = FlussConnection::Socket;
    acceptor_.async_accept(asio::make_strand(io_), [this](const asio::error_code& error, Socket socket) {
      if (stopping_) return;
      if (!error) {
        Serve(std::move(socket));
        return Accept();
      }
      // Too many open files, mostly: a connection may close in the meantime.
      spdlog::warn("cannot accept a connection on {}: {}", TextOf(address_), error.message());
      accept_timer_.expires_after(kAcceptRetry);
      accept_timer_.async_wait([this](const asio::error_code& cancelled) {
        if (!cancelled && !stopping_) Accept();
      });
    });
  }

  void Serve(FlussConnection::Socket socket) {
    asio::error_code error;
    socket.set_option(tcp::no_delay(true), error);
    socket.set_option(asio::socket_base::keep_alive(true), error);
    const tcp::endpoint local = socket.local_endpoint(error);
    if (error) return;  // gone already
    HostPort advertised = options_.advertised.host.empty() ? ToHostPort(local) : options_.advertised;
    auto connection = std::make_shared<FlussConnection>(
        std::move(socket), std::move(advertised), service_, options_,
        FlussConnection::Owner{[this](int change) { CountRequests(change); },
                          [this](const std::shared_ptr<FlussConnection>& closed) { Remove(closed); }});
    {
      MutexLock lock(mutex_);
      const bool full = static_cast<int>(connections_.size()) >= options_.max_connections;
      if (full && !CloseNewcomer()) {
        spdlog::warn("refused a connection: {} are open, which is the maximum", connections_.size());
        return;
      }
      connections_.insert(connection);
      newcomers_.push_back(connection);
    }
    connection->Start();
  }

  /// Closes the oldest connection of which no call was let through yet, so that silent ones keep nobody out.
  bool CloseNewcomer() WEIR_REQUIRES(mutex_) {
    while (!newcomers_.empty()) {
      const auto oldest = newcomers_.front().lock();
      newcomers_.pop_front();
      if (oldest == nullptr || oldest->established) continue;
      oldest->Close();
      return true;
    }
    return false;
  }

  /// On the acceptor's strand, as Accept is: no connection comes in after it.
  void StopAccepting() {
    stopping_ = true;
    asio::error_code ignored;
    acceptor_.close(ignored);
    accept_timer_.cancel();
    // One that was accepted while Stop went through the list.
    ForEachConnection([](FlussConnection& connection) { connection.Drain(); });
    MutexLock lock(mutex_);
    acceptor_closed_ = true;
    changed_.notify_all();
  }

  template <typename Visit>
  void ForEachConnection(Visit visit) {
    std::vector<std::shared_ptr<FlussConnection>> all;
    {
      MutexLock lock(mutex_);
      all.assign(connections_.begin(), connections_.end());
    }
    for (const auto& connection : all) visit(*connection);
  }

  void Remove(const std::shared_ptr<FlussConnection>& connection) {
    MutexLock lock(mutex_);
    connections_.erase(connection);
    if (newcomers_.size() > 2 * connections_.size() + kSpareNewcomers) ForgetNewcomers();
    changed_.notify_all();
  }

  void ForgetNewcomers() WEIR_REQUIRES(mutex_) {
    std::erase_if(newcomers_, [](const std::weak_ptr<FlussConnection>& newcomer) {
      const auto connection = newcomer.lock();
      return connection == nullptr || connection->established;
    });
  }

  void CountRequests(int change) {
    if (requests_.fetch_add(change) + change > 0) return;
    MutexLock lock(mutex_);
    changed_.notify_all();
  }

  void RunThread() {
    while (true) {
      try {
        io_.run();
        return;
      } catch (const std::exception& error) {
        spdlog::error("a request handler failed: {}", error.what());
      }
    }
  }

  const FlussServerOptions options_;
  const std::shared_ptr<Gateway> gateway_;
  const std::shared_ptr<FlussSqlSessions> sql_;
  const std::shared_ptr<FlussService> service_;
  asio::io_context io_;
  asio::basic_socket_acceptor<tcp, FlussConnection::Strand> acceptor_;
  asio::steady_timer accept_timer_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  HostPort address_;
  bool stopping_ = false;  // on the acceptor's strand

  Mutex mutex_;
  std::condition_variable changed_;
  bool acceptor_closed_ WEIR_GUARDED_BY(mutex_) = false;
  std::unordered_set<std::shared_ptr<FlussConnection>> connections_ WEIR_GUARDED_BY(mutex_);
  std::deque<std::weak_ptr<FlussConnection>> newcomers_
      WEIR_GUARDED_BY(mutex_);        // as they came; some have been let through since
  std::atomic<int64_t> requests_{0};  // under way
  std::vector<std::thread> threads_;
};

FlussServer::FlussServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FlussServer::~FlussServer() { (void)Stop(); }

Result<std::unique_ptr<FlussServer>> FlussServer::Start(std::shared_ptr<Gateway> gateway,
                                                        const FlussServerOptions& options) {
  auto impl = std::make_unique<Impl>(std::move(gateway), options);
  WEIR_RETURN_NOT_OK(impl->Start());
  return std::unique_ptr<FlussServer>(new FlussServer(std::move(impl)));
}

HostPort FlussServer::address() const { return impl_->address(); }
Status FlussServer::Stop() { return impl_->Stop(); }

}  // namespace weir
