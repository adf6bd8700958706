#include "gateway/cluster/cluster_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "format/wire/translate.h"
#include "gateway/cluster/table_search.h"

namespace weir {
namespace {

using wire::ApiKey;

constexpr std::chrono::milliseconds kOpenBackoff(100);
constexpr std::chrono::milliseconds kOpenRetries(800);  // for a cluster that is just starting
constexpr std::chrono::milliseconds kAskBackoff(20);
constexpr std::chrono::milliseconds kCheckTimeout(2000);

/// Whether another server, or the same one later, may give an answer.
bool MayAnswerElsewhere(const Status& status) {
  return status.code() == ErrorCode::kNetworkException || status.code() == ErrorCode::kNotCoordinatorLeader;
}

/// Calls `done` when it was called `count` times, with the first error.
ClusterSession::Done Countdown(size_t count, ClusterSession::Done done) {
  struct State {
    size_t left;
    Status failed;
    ClusterSession::Done done;
  };
  auto state = std::make_shared<State>(State{count, Status::OK(), std::move(done)});
  return [state](const Status& status) {
    if (state->failed.ok()) state->failed = status;
    if (--state->left == 0) state->done(state->failed);
  };
}

Endpoint ToEndpoint(const ServerNode& node) { return {node.host, node.port}; }

}  // namespace

/// A request on its way through the servers that can answer it.
struct ClusterSession::Asking {
  Role role;
  ApiKey key;
  wire::GatheredMessage body;
  Replied replied;
  Clock::time_point give_up;
  Backoff backoff;
  std::vector<Endpoint> servers;
  size_t next = 0;
};

ClusterSession::ClusterSession(ClusterOptions options)
    : options_(std::make_shared<const ClusterOptions>(std::move(options))),
      target_(options_->target()),
      work_(asio::make_work_guard(io_)) {}

Status ClusterSession::Error(ErrorCode code, const std::string& message) const {
  return {code, fmt::format("{}: {}", target_, message)};
}

std::shared_ptr<ServerConnection> ClusterSession::MakeConnection(const Endpoint& server) {
  auto connection = std::make_shared<ServerConnection>(io_, server, options_, [this] { is_weir_server_ = true; });
  if (aborted()) connection->Close(aborted_);
  return connection;
}

ServerConnection& ClusterSession::ConnectionTo(const Endpoint& server) {
  std::shared_ptr<ServerConnection>& connection = connections_[server];
  if (connection == nullptr) connection = MakeConnection(server);
  return *connection;
}

std::shared_ptr<ServerConnection> ClusterSession::NewLine() {
  return *lines_.insert(MakeConnection(Candidates(Role::kAny).front())).first;
}

void ClusterSession::HangUp(const std::shared_ptr<ServerConnection>& line) {
  line->Close(Error(ErrorCode::kNetworkException, "the connection was ended"));
  lines_.erase(line);
}

void ClusterSession::SendTo(const Endpoint& server, ApiKey key, wire::GatheredMessage body, Milliseconds timeout,
                            Replied replied) {
  ConnectionTo(server).Send(key, std::move(body), timeout, std::move(replied));
}

void ClusterSession::After(Milliseconds delay, std::function<void()> task) {
  auto timer = std::make_shared<asio::steady_timer>(io_, aborted() ? Milliseconds(0) : delay);
  timers_.insert(timer);
  timer->async_wait([self = shared_from_this(), timer, task = std::move(task)](const asio::error_code&) {
    self->timers_.erase(timer);
    task();
  });
}

void ClusterSession::Abort(const Status& reason) {
  if (aborted()) return;
  aborted_ = reason;
  for (const auto& timer : timers_) timer->cancel();
  for (const auto& [server, connection] : std::map(connections_)) connection->Close(reason);
  for (const auto& line : std::set(lines_)) line->Close(reason);
}

// --- requests that several servers can answer ---

std::vector<Endpoint> ClusterSession::Candidates(Role role) const {
  std::vector<Endpoint> servers;
  const auto add = [&](const Endpoint& server) {
    if (std::find(servers.begin(), servers.end(), server) == servers.end()) servers.push_back(server);
  };
  // The coordinator is the first to know of what was created.
  if (role == Role::kAny && metadata_.coordinator()) add(ToEndpoint(*metadata_.coordinator()));
  const std::map<int32_t, ServerNode>& tablets = metadata_.tablets();
  for (size_t i = 0; i < tablets.size(); ++i) {
    const auto tablet = std::next(tablets.begin(), static_cast<ptrdiff_t>((next_tablet_ + i) % tablets.size()));
    add(ToEndpoint(tablet->second));
  }
  if (role == Role::kAny) std::ranges::for_each(options_->bootstrap, add);
  return servers;
}

void ClusterSession::Ask(Role role, ApiKey key, const google::protobuf::MessageLite& request, Replied replied) {
  auto asking = std::make_shared<Asking>(Asking{role, key, wire::GatheredMessage(request), std::move(replied),
                                                Clock::now() + options_->retry_timeout, Backoff(kAskBackoff), {}});
  if (role == Role::kCoordinator) return AskCoordinator(asking);
  ++next_tablet_;
  asking->servers = Candidates(role);
  AskAnyOf(asking);
}

void ClusterSession::AskAnyOf(const AskingPtr& asking) {
  if (asking->servers.empty()) {
    return AskAgain(asking, {Error(ErrorCode::kNetworkException, "it has no tablet server now"), nullptr, false});
  }
  const Endpoint server = asking->servers[asking->next++];
  SendTo(server, asking->key, asking->body, options_->request_timeout,
         [self = shared_from_this(), asking](Reply reply) {
           const bool elsewhere = MayAnswerElsewhere(reply.status);
           const bool no_such_host = reply.status.code() == ErrorCode::kClientError && !self->aborted();
           if ((elsewhere || no_such_host) && asking->next < asking->servers.size()) return self->AskAnyOf(asking);
           if (elsewhere) return self->AskAgain(asking, std::move(reply));
           asking->replied(std::move(reply));
         });
}

/// All servers were tried: once more, later, while there is time.
void ClusterSession::AskAgain(const AskingPtr& asking, Reply failed) {
  const Milliseconds delay = asking->backoff.Next();
  if (aborted() || Clock::now() + delay > asking->give_up) return asking->replied(std::move(failed));
  After(delay, [self = shared_from_this(), asking] {
    if (asking->role == Role::kCoordinator) return self->AskCoordinator(asking);
    const auto ask = [self, asking](const Status&) {
      asking->servers = self->Candidates(asking->role);
      asking->next = 0;
      self->AskAnyOf(asking);
    };
    if (asking->role == Role::kTablet) return self->RefreshNodes(ask);
    ask(Status::OK());
  });
}

void ClusterSession::AskCoordinator(const AskingPtr& asking) {
  const auto again = [self = shared_from_this(), asking](Reply failed) {
    self->RefreshNodes([self, asking, failed](const Status& status) {
      if (!status.ok()) return asking->replied({status, nullptr, false});
      self->AskAgain(asking, failed);
    });
  };
  if (!metadata_.coordinator()) {
    return again({Error(ErrorCode::kNetworkException, "it has no coordinator now"), nullptr, false});
  }
  SendTo(ToEndpoint(*metadata_.coordinator()), asking->key, asking->body, options_->request_timeout,
         [self = shared_from_this(), asking, again](Reply reply) {
           const bool unseen = reply.status.code() == ErrorCode::kNetworkException && !reply.sent;
           const bool no_leader = reply.status.code() == ErrorCode::kNotCoordinatorLeader;
           if ((unseen || no_leader) && !self->aborted()) return again(std::move(reply));
           asking->replied(std::move(reply));
         });
}

// --- the nodes ---

void ClusterSession::Open(Done done) {
  const auto replied = [self = shared_from_this(), done = std::move(done)](const Reply& reply) {
    if (!reply.status.ok()) return done(reply.status);
    wire::MetadataResponse response;
    const Status parsed = wire::ParseMessage(*reply.message, &response);
    if (!parsed.ok()) return done(self->Error(parsed.code(), parsed.message()));
    self->metadata_.Apply(response);
    done(Status::OK());
  };
  const wire::GatheredMessage body{wire::MetadataRequest()};
  AskAnyOf(std::make_shared<Asking>(Asking{Role::kAny, ApiKey::kGetMetadata, body, replied,
                                           Clock::now() + kOpenRetries, Backoff(kOpenBackoff), options_->bootstrap}));
}

void ClusterSession::CheckCalls(const std::vector<ApiKey>& of_coordinator, const std::vector<ApiKey>& of_tablets,
                                const Done& done) {
  std::vector<std::pair<Endpoint, std::vector<ApiKey>>> servers;
  if (metadata_.coordinator()) servers.emplace_back(ToEndpoint(*metadata_.coordinator()), of_coordinator);
  for (const auto& [id, tablet] : metadata_.tablets()) servers.emplace_back(ToEndpoint(tablet), of_tablets);
  if (servers.empty()) return done(Status::OK());
  const Done one_done = Countdown(servers.size(), done);
  for (const auto& [server, calls] : servers) {
    const Milliseconds timeout = std::min(options_->request_timeout, kCheckTimeout);
    // A server that is away now says what it lacks when it is asked for it.
    SendTo(server, ApiKey::kGetMetadata, wire::GatheredMessage(wire::MetadataRequest()), timeout,
           [self = shared_from_this(), server = server, calls = calls, one_done](const Reply& reply) {
             one_done(reply.status.ok() ? self->ConnectionTo(server).CheckOffers(calls) : Status::OK());
           });
  }
}

void ClusterSession::RefreshNodes(const Done& done) {
  Ask(Role::kAny, ApiKey::kGetMetadata, wire::MetadataRequest(), [self = shared_from_this(), done](const Reply& reply) {
    if (!reply.status.ok()) return done(reply.status);
    wire::MetadataResponse response;
    const Status parsed = wire::ParseMessage(*reply.message, &response);
    if (parsed.ok()) self->metadata_.Apply(response);
    done(parsed.ok() ? parsed : self->Error(parsed.code(), parsed.message()));
  });
}

// --- who leads what ---

void ClusterSession::Locate(const std::set<BucketGroup>& groups, const Done& done) {
  const Done one_done = Countdown(groups.size(), done);
  std::vector<BucketGroup> fresh;  // those that nobody is asking for
  for (const BucketGroup& group : groups) {
    const auto [waiting, added] = locating_.try_emplace(group);
    waiting->second.push_back(one_done);
    if (added) fresh.push_back(group);
  }
  if (!fresh.empty()) AskWhere(fresh);
}

void ClusterSession::AskWhere(const std::vector<BucketGroup>& groups) {
  const int64_t table_id = groups.front().table_id;
  const ClusterMetadata::Table* table = metadata_.FindTable(table_id);
  if (table == nullptr) {
    const auto self = shared_from_this();
    return SearchTable(self, table_id, [self, groups](const Result<TableInfo>& found) {
      if (found.ok()) return self->AskWhere(groups);  // the search made it known
      if (found.status().code() == ErrorCode::kUnknownTableOrBucket) self->metadata_.TableGone(groups.front().table_id);
      self->Located(groups, found.status());
    });
  }
  wire::MetadataRequest request;
  SetPath(table->path, request.add_table_path());
  for (const BucketGroup& group : groups) {
    if (group.partition_id) request.add_partitions_id(*group.partition_id);
  }
  Ask(Role::kAny, ApiKey::kGetMetadata, request,
      [self = shared_from_this(), groups](const Reply& reply) { self->TakeWhere(groups, reply); });
}

void ClusterSession::TakeWhere(const std::vector<BucketGroup>& groups, const Reply& reply) {
  const ErrorCode code = reply.status.code();
  if (code == ErrorCode::kPartitionNotExists && groups.size() > 1) {
    for (const BucketGroup& group : groups) AskWhere({group});  // to see which one it is
    return;
  }
  if (code == ErrorCode::kPartitionNotExists && groups.front().partition_id) {
    metadata_.PartitionGone(*groups.front().partition_id);
    return Located(groups, Status::OK());
  }
  // Servers of 0.9 say -1 for a table that they do not know.
  const bool maybe_gone = code == ErrorCode::kTableNotExist || code == ErrorCode::kDatabaseNotExist ||
                          code == ErrorCode::kUnknownServerError;
  if (maybe_gone) return CheckTable(groups, reply.status);
  if (!reply.status.ok()) return Located(groups, reply.status);
  wire::MetadataResponse response;
  const Status parsed = wire::ParseMessage(*reply.message, &response);
  if (!parsed.ok()) return Located(groups, Error(parsed.code(), parsed.message()));
  metadata_.Apply(response);
  // What is there under the table's name may be another table by now.
  const int64_t table_id = groups.front().table_id;
  const ClusterMetadata::Table* const asked = metadata_.FindTable(table_id);
  for (const wire::TableMetadata& table : response.table_metadata()) {
    const bool replaced = asked != nullptr && ToPath(table.table_path()) == asked->path && table.table_id() != table_id;
    if (replaced) metadata_.TableGone(table_id);
  }
  Located(groups, Status::OK());
}

void ClusterSession::CheckTable(const std::vector<BucketGroup>& groups, const Status& reason) {
  const int64_t table_id = groups.front().table_id;
  wire::GetTableInfoRequest request;
  SetPath(metadata_.FindTable(table_id)->path, request.mutable_table_path());
  Ask(Role::kAny, ApiKey::kGetTableInfo, request,
      [self = shared_from_this(), groups, table_id, reason](const Reply& reply) {
        wire::GetTableInfoResponse response;
        const bool there = reply.status.ok() && wire::ParseMessage(*reply.message, &response).ok();
        const ErrorCode code = reply.status.code();
        const bool gone = there ? response.table_id() != table_id
                                : code == ErrorCode::kTableNotExist || code == ErrorCode::kDatabaseNotExist;
        if (gone) self->metadata_.TableGone(table_id);
        self->Located(groups, gone ? Status::OK() : reason);
      });
}

void ClusterSession::Located(const std::vector<BucketGroup>& groups, const Status& status) {
  for (const BucketGroup& group : groups) {
    auto waiting = locating_.extract(group);
    if (waiting.empty()) continue;
    for (const Done& done : waiting.mapped()) done(status);
  }
}

}  // namespace weir
