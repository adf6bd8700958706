#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <unordered_map>

#include "format/wire/api.h"
#include "format/wire/frame.h"
#include "gateway/cluster/cluster_options.h"
#include "gateway/cluster/link.h"

namespace weir {

/// How a request to one server ended.
struct Reply {
  Status status;
  std::shared_ptr<arrow::Buffer> message;  // when the status is OK
  bool sent = false;                       // whether the server may have seen the request
};

/// The requests to one server, pipelined over one connection. It connects when there is something to
/// send, and again after it broke, in growing intervals. Used on the thread that runs the io_context.
class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
 public:
  using Replied = std::function<void(Reply)>;
  using Milliseconds = std::chrono::milliseconds;

  /// `on_weir_server` is called when the server turns out to be a `weir server`.
  ServerConnection(asio::io_context& io, Endpoint to, std::shared_ptr<const ClusterOptions> options,
                   std::function<void()> on_weir_server);

  /// `replied` is called once: with the answer, the server's error, code 1 when the connection cannot be
  /// made or breaks, 2 when the server does not offer this API, 25 after `timeout`, 46 when it does not
  /// let us in. It may be called before this returns.
  void Send(wire::ApiKey key, wire::GatheredMessage body, Milliseconds timeout, Replied replied);
  /// Code 2 naming the first of these calls that the server, which has answered, does not offer.
  Status CheckOffers(std::span<const wire::ApiKey> calls) const;
  /// Fails everything under way, and all that comes, with `reason`.
  void Close(const Status& reason);

 private:
  using Clock = std::chrono::steady_clock;
  using Deadlines = std::multimap<Clock::time_point, int32_t>;
  struct Call {
    wire::ApiKey key;
    wire::GatheredMessage body;
    Milliseconds timeout;
    Replied replied;
    Deadlines::iterator deadline;
    Clock::time_point sent_at;
    bool sent = false;
  };
  struct Versions {
    int32_t min = 0;
    int32_t max = 0;
  };

  int32_t Add(wire::ApiKey key, wire::GatheredMessage body, Milliseconds timeout, Replied replied);
  void Finish(int32_t id, Reply reply);
  void Transmit(int32_t id);
  Result<int16_t> VersionOf(wire::ApiKey key) const;

  void Connect();
  void AskForVersions();
  void TakeVersions(const Reply& reply);
  void Authenticate(const std::string& token, int rounds);
  void Ready();
  /// A request before the connection is ready. `next` is not called once the connection was dropped.
  void Handshake(wire::ApiKey key, const google::protobuf::MessageLite& message,
                 std::function<void(const Reply&)> next);
  Milliseconds HandshakeTimeout() const;

  void Received(const std::shared_ptr<arrow::Buffer>& frame);
  /// Gives the connection up and fails what is under way.
  void Drop(const Status& why);
  void Schedule();
  void Expire();
  void Expired(int32_t id);
  Status Error(ErrorCode code, const std::string& message) const;

  asio::io_context& io_;
  const Endpoint to_;
  const std::shared_ptr<const ClusterOptions> options_;
  const std::function<void()> on_weir_server_;

  std::shared_ptr<Link> link_;  // null: not connected, and not trying to
  bool ready_ = false;
  std::unordered_map<int16_t, Versions> versions_;
  Status closed_;
  asio::steady_timer connect_timer_;

  int64_t issued_ = 0;  // request ids so far
  std::unordered_map<int32_t, Call> calls_;
  std::deque<int32_t> waiting_;  // for the connection
  Clock::time_point last_received_;

  Deadlines deadlines_;
  asio::steady_timer timer_;  // of the first deadline
  std::optional<Clock::time_point> timer_at_;

  asio::steady_timer reconnect_timer_;
  bool reconnecting_ = false;
  Clock::time_point reconnect_at_;
  Milliseconds backoff_;
};

}  // namespace weir
