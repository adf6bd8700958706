#pragma once

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

#include "gateway/cluster/cluster_metadata.h"
#include "gateway/cluster/cluster_options.h"
#include "gateway/cluster/remote_log.h"
#include "gateway/cluster/server_connection.h"

namespace weir {

/// The steps of waiting before something is tried again.
class Backoff {
 public:
  explicit Backoff(std::chrono::milliseconds first) : next_(first) {}
  std::chrono::milliseconds Next() {
    const auto now = next_;
    next_ = std::min(2 * next_, kLongest);
    return now;
  }

 private:
  static constexpr std::chrono::milliseconds kLongest{1000};
  std::chrono::milliseconds next_;
};

/// A cluster at work: connections to its servers, what is known of it, and requests that find their
/// way. Everything but Run() and Stop() happens on the one thread that runs `io`.
class ClusterSession : public std::enable_shared_from_this<ClusterSession> {
 public:
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::milliseconds;
  using Replied = ServerConnection::Replied;
  using Done = std::function<void(const Status&)>;
  enum class Role { kCoordinator, kTablet, kAny };

  explicit ClusterSession(ClusterOptions options);

  asio::io_context& io() { return io_; }
  /// Runs until the work is let go and nothing is left to do.
  void Run() { io_.run(); }
  void LetGo() { work_.reset(); }

  const ClusterOptions& options() const { return *options_; }
  const std::string& target() const { return target_; }
  /// Whether a server has said that it is a `weir server`. From any thread.
  bool is_weir_server() const { return is_weir_server_; }
  ClusterMetadata& metadata() { return metadata_; }
  RemoteFailures& remote_failures() { return remote_failures_; }
  /// An error of this cluster.
  Status Error(ErrorCode code, const std::string& message) const;

  /// Asks the first of the bootstrap servers that answers for the cluster's nodes.
  void Open(Done done);
  /// Whether the servers that answer soon offer these calls; code 2 naming the first that one of them does not.
  void CheckCalls(const std::vector<wire::ApiKey>& of_coordinator, const std::vector<wire::ApiKey>& of_tablets,
                  const Done& done);
  /// Fails everything under way, and all that comes, with `reason`.
  void Abort(const Status& reason);
  bool aborted() const { return !aborted_.ok(); }

  /// A request that any server of the role can answer. One that is not reached is passed over for the
  /// next; a coordinator is only asked again when it cannot have seen the request.
  void Ask(Role role, wire::ApiKey key, const google::protobuf::MessageLite& request, Replied replied);
  /// To one server, once.
  void SendTo(const Endpoint& server, wire::ApiKey key, wire::GatheredMessage body, Milliseconds timeout,
              Replied replied);

  /// A connection that is none of those that requests go over. It is kept until HangUp.
  std::shared_ptr<ServerConnection> NewLine();
  void HangUp(const std::shared_ptr<ServerConnection>& line);

  /// Finds out who leads the buckets of these groups, all of one table; metadata() has it then. An error
  /// when the cluster could not be asked.
  void Locate(const std::set<BucketGroup>& groups, const Done& done);

  /// Runs `task` later, or soon when the session is aborted.
  void After(Milliseconds delay, std::function<void()> task);

 private:
  struct Asking;
  using AskingPtr = std::shared_ptr<Asking>;

  std::shared_ptr<ServerConnection> MakeConnection(const Endpoint& server);
  ServerConnection& ConnectionTo(const Endpoint& server);
  std::vector<Endpoint> Candidates(Role role) const;
  void AskAnyOf(const AskingPtr& asking);
  void AskAgain(const AskingPtr& asking, Reply failed);
  void AskCoordinator(const AskingPtr& asking);
  void RefreshNodes(const Done& done);

  void AskWhere(const std::vector<BucketGroup>& groups);
  void TakeWhere(const std::vector<BucketGroup>& groups, const Reply& reply);
  /// The cluster did not want to say where the table is: does it exist?
  void CheckTable(const std::vector<BucketGroup>& groups, const Status& reason);
  void Located(const std::vector<BucketGroup>& groups, const Status& status);

  const std::shared_ptr<const ClusterOptions> options_;
  const std::string target_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  Status aborted_;
  std::atomic<bool> is_weir_server_ = false;
  ClusterMetadata metadata_;
  RemoteFailures remote_failures_;
  size_t next_tablet_ = 0;
  std::map<Endpoint, std::shared_ptr<ServerConnection>> connections_;
  std::set<std::shared_ptr<ServerConnection>> lines_;
  std::map<BucketGroup, std::vector<Done>> locating_;
  std::set<std::shared_ptr<asio::steady_timer>> timers_;
};

}  // namespace weir
