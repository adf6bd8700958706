#include "gateway/cluster/server_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "format/wire/fluss.pb.h"

namespace weir {
namespace {

using wire::ApiKey;

constexpr std::chrono::milliseconds kFirstBackoff(50);
constexpr std::chrono::milliseconds kLastBackoff(1000);
constexpr int kMaxChallenges = 8;

/// The newest version of a call that Weir sends. Version 1 of those with keys promises the encoding of
/// kv format version 2, version 2 of PUT_KV that code 72 is understood (docs/fluss-formats.md, "Frames").
int32_t NewestVersion(ApiKey key) {
  switch (key) {
    case ApiKey::kPutKv: return 2;
    case ApiKey::kLookup:
    case ApiKey::kPrefixLookup: return 1;
    default: return 0;
  }
}

}  // namespace

ServerConnection::ServerConnection(asio::io_context& io, Endpoint to, std::shared_ptr<const ClusterOptions> options,
                                   std::function<void()> on_weir_server)
    : io_(io),
      to_(std::move(to)),
      options_(std::move(options)),
      on_weir_server_(std::move(on_weir_server)),
      connect_timer_(io),
      timer_(io),
      reconnect_timer_(io),
      backoff_(kFirstBackoff) {}

Status ServerConnection::Error(ErrorCode code, const std::string& message) const {
  return {code, fmt::format("{}: {}", options_->target(), message)};
}

// --- requests ---

void ServerConnection::Send(ApiKey key, wire::GatheredMessage body, Milliseconds timeout, Replied replied) {
  if (!closed_.ok()) return replied({closed_, nullptr, false});
  if (body.size() > wire::GatheredMessage::MaxRequestBytes()) {
    return replied({Error(ErrorCode::kRecordTooLarge,
                          fmt::format("a request of {} bytes fits no frame of the protocol", body.size())),
                    nullptr, false});
  }
  const int32_t id = Add(key, std::move(body), timeout, std::move(replied));
  if (ready_) return Transmit(id);
  waiting_.push_back(id);
  Connect();
}

int32_t ServerConnection::Add(ApiKey key, wire::GatheredMessage body, Milliseconds timeout, Replied replied) {
  int32_t id = 0;
  do {
    id = static_cast<int32_t>(issued_++ & std::numeric_limits<int32_t>::max());
  } while (calls_.contains(id));
  const auto deadline = deadlines_.emplace(Clock::now() + timeout, id);
  calls_.emplace(id, Call{key, std::move(body), timeout, std::move(replied), deadline, {}, false});
  Schedule();
  return id;
}

void ServerConnection::Finish(int32_t id, Reply reply) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;  // it ran out of time
  const Replied replied = std::move(found->second.replied);
  reply.sent = found->second.sent;
  deadlines_.erase(found->second.deadline);
  calls_.erase(found);
  replied(std::move(reply));
}

void ServerConnection::Transmit(int32_t id) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;
  Call& call = found->second;
  const Result<int16_t> version = VersionOf(call.key);
  if (!version.ok()) return Finish(id, {version.status(), nullptr, false});
  call.sent = true;
  call.sent_at = Clock::now();
  link_->Send(std::move(call.body).ToRequest({static_cast<int16_t>(call.key), *version, id}));
}

Result<int16_t> ServerConnection::VersionOf(ApiKey key) const {
  if (key == ApiKey::kApiVersions) return int16_t{0};
  const auto offered = versions_.find(static_cast<int16_t>(key));
  if (offered == versions_.end()) {
    return Error(ErrorCode::kUnsupportedVersion, fmt::format("{} does not offer {}", to_.ToString(), ApiName(key)));
  }
  const auto [min, max] = offered->second;
  const int32_t version = std::min(max, NewestVersion(key));
  if (version < min || version < 0) {
    return Error(ErrorCode::kUnsupportedVersion,
                 fmt::format("{} offers {} in versions {} to {}, and Weir knows 0 to {}", to_.ToString(), ApiName(key),
                             min, max, NewestVersion(key)));
  }
  return static_cast<int16_t>(version);
}

Status ServerConnection::CheckOffers(std::span<const ApiKey> calls) const {
  for (const ApiKey call : calls) WEIR_RETURN_NOT_OK(VersionOf(call).status());
  return Status::OK();
}

// --- connecting ---

void ServerConnection::Connect() {
  if (link_ != nullptr || reconnecting_) return;
  if (Clock::now() < reconnect_at_) {
    reconnecting_ = true;
    reconnect_timer_.expires_at(reconnect_at_);
    reconnect_timer_.async_wait([self = shared_from_this()](const asio::error_code&) {
      self->reconnecting_ = false;
      if (!self->waiting_.empty()) self->Connect();
    });
    return;
  }
  const std::weak_ptr<ServerConnection> weak = weak_from_this();
  Link::Events events;
  events.opened = [weak] {
    if (const auto self = weak.lock()) self->AskForVersions();
  };
  events.received = [weak](const std::shared_ptr<arrow::Buffer>& frame) {
    if (const auto self = weak.lock()) self->Received(frame);
  };
  events.failed = [weak](const Status& status) {
    if (const auto self = weak.lock()) self->Drop(self->Error(status.code(), status.message()));
  };
  link_ = std::make_shared<Link>(io_, to_, std::move(events));
  link_->Open();
  connect_timer_.expires_after(HandshakeTimeout());
  connect_timer_.async_wait([weak](const asio::error_code& error) {
    const auto self = weak.lock();
    if (error || self == nullptr || self->ready_) return;
    self->Drop(self->Error(ErrorCode::kNetworkException,
                           fmt::format("{} did not let us in within {} ms", self->to_.ToString(),
                                       self->HandshakeTimeout().count())));
  });
}

void ServerConnection::Handshake(ApiKey key, const google::protobuf::MessageLite& message,
                                 std::function<void(const Reply&)> next) {
  const auto replied = [self = shared_from_this(), link = link_, next = std::move(next)](const Reply& reply) {
    if (self->link_ != link) return;
    if (!reply.status.ok()) return self->Drop(reply.status);
    next(reply);
  };
  Transmit(Add(key, wire::GatheredMessage(message), HandshakeTimeout(), replied));
}

ServerConnection::Milliseconds ServerConnection::HandshakeTimeout() const {
  return options_->connect_timeout.count() > 0 ? options_->connect_timeout : options_->request_timeout;
}

void ServerConnection::AskForVersions() {
  wire::ApiVersionsRequest request;
  request.set_client_software_name("weir");
  request.set_client_software_version("0.1.0");
  Handshake(ApiKey::kApiVersions, request, [this](const Reply& reply) { TakeVersions(reply); });
}

void ServerConnection::TakeVersions(const Reply& reply) {
  wire::ApiVersionsResponse response;
  const Status parsed = wire::ParseMessage(*reply.message, &response);
  if (!parsed.ok()) {
    return Drop(Error(ErrorCode::kNetworkException,
                      fmt::format("{} does not speak the Fluss protocol: {}", to_.ToString(), parsed.message())));
  }
  if (response.weir_server()) on_weir_server_();
  versions_.clear();
  for (const wire::ApiVersion& api : response.api_versions()) {
    if (api.api_key() != static_cast<int16_t>(api.api_key())) continue;
    versions_[static_cast<int16_t>(api.api_key())] = {api.min_version(), api.max_version()};
  }
  if (!options_->sasl) return Ready();
  using std::string_literals::operator""s;
  Authenticate("\0"s + options_->sasl->username + "\0"s + options_->sasl->password, 0);
}

void ServerConnection::Authenticate(const std::string& token, int rounds) {
  wire::AuthenticateRequest request;
  request.set_protocol("PLAIN");
  request.set_token(token);
  Handshake(ApiKey::kAuthenticate, request, [this, rounds](const Reply& reply) {
    wire::AuthenticateResponse response;
    const Status parsed = wire::ParseMessage(*reply.message, &response);
    if (!parsed.ok()) return Drop(Error(parsed.code(), parsed.message()));
    if (response.challenge().empty()) return Ready();
    if (rounds < kMaxChallenges) return Authenticate("", rounds + 1);
    Drop(Error(ErrorCode::kAuthenticate, fmt::format("{} does not come to an end of asking", to_.ToString())));
  });
}

void ServerConnection::Ready() {
  ready_ = true;
  connect_timer_.cancel();
  backoff_ = kFirstBackoff;
  const std::deque<int32_t> waiting = std::exchange(waiting_, {});
  for (const int32_t id : waiting) {
    if (ready_) Transmit(id);
  }
}

// --- answers ---

void ServerConnection::Received(const std::shared_ptr<arrow::Buffer>& frame) {
  last_received_ = Clock::now();
  const Result<wire::Response> response = wire::ParseResponse(frame);
  const bool known = response.ok() && response->request_id >= 0 && response->request_id < issued_;
  if (!known) {
    const std::string why =
        response.ok() ? fmt::format("an answer to request {}, of which there is none", response->request_id)
                      : response.status().message();
    return Drop(
        Error(ErrorCode::kNetworkException, fmt::format("{} sent what makes no sense: {}", to_.ToString(), why)));
  }
  // Before a request has been sent, what is said is of the connection.
  const Status said = ready_ ? response->status : response->status.WithContext(options_->target());
  Finish(response->request_id, {said, response->message, true});
}

void ServerConnection::Drop(const Status& why) {
  if (const std::shared_ptr<Link> link = std::exchange(link_, nullptr)) link->Close();
  const bool was_ready = std::exchange(ready_, false);
  reconnect_at_ = Clock::now() + (was_ready ? Milliseconds(0) : backoff_);
  if (!was_ready) backoff_ = std::min(2 * backoff_, kLastBackoff);
  connect_timer_.cancel();
  waiting_.clear();
  deadlines_.clear();
  for (auto& [id, call] : std::exchange(calls_, {})) call.replied({why, nullptr, call.sent});
}

void ServerConnection::Close(const Status& reason) {
  closed_ = reason;
  Drop(reason);
  timer_.cancel();
  reconnect_timer_.cancel();
}

// --- time ---

/// Deadlines mostly come in their order, so the timer is seldom set anew.
void ServerConnection::Schedule() {
  if (deadlines_.empty()) return;
  const Clock::time_point first = deadlines_.begin()->first;
  if (timer_at_ && *timer_at_ <= first) return;
  timer_at_ = first;
  timer_.expires_at(first);
  timer_.async_wait([weak = weak_from_this()](const asio::error_code& error) {
    const auto self = weak.lock();
    if (error || self == nullptr) return;
    self->timer_at_.reset();
    self->Expire();
    self->Schedule();
  });
}

void ServerConnection::Expire() {
  const Clock::time_point now = Clock::now();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) Expired(deadlines_.begin()->second);
}

void ServerConnection::Expired(int32_t id) {
  const Call& call = calls_.at(id);
  const bool silent = call.sent && last_received_ <= call.sent_at;
  const Status late = Error(ErrorCode::kRequestTimeOut, fmt::format("{} did not answer {} within {} ms", to_.ToString(),
                                                                    ApiName(call.key), call.timeout.count()));
  const std::shared_ptr<Link> link = link_;
  Finish(id, {late, nullptr, false});
  if (silent && link == link_) Drop(Error(ErrorCode::kNetworkException, late.message()));
}

}  // namespace weir
