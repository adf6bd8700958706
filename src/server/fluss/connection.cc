#include "server/fluss/connection.h"

#include <asio/buffer.hpp>
#include <asio/post.hpp>
#include <asio/write.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "postgres/error.h"
#include "server/fluss/sql_client.h"
#include "server/fluss/sql_sessions.h"

namespace weir {
namespace {

constexpr size_t kPiecesAtOnce = 64;
constexpr int64_t kUncountedBytes = 1 << 20;

Peer MakePeer(const FlussConnection::Socket& socket) {
  asio::error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return {.address = "?", .local = false};
  return {.address = peer.address().to_string(), .local = peer.address().is_loopback(), .port = peer.port()};
}

std::string PeerOf(const FlussConnection::Socket& socket) {
  asio::error_code error;
  const auto peer = socket.remote_endpoint(error);
  return error ? "?" : peer.address().to_string() + ":" + std::to_string(peer.port());
}

}  // namespace

FlussConnection::FlussConnection(Socket socket, HostPort address, std::shared_ptr<FlussService> service,
                       const FlussServerOptions& options, Owner owner)
    : socket_(std::move(socket)),
      address_(std::move(address)),
      service_(std::move(service)),
      options_(options),
      owner_(std::move(owner)),
      reader_(options.max_frame_bytes),
      memory_(service_->memory()),
      idle_timer_(socket_.get_executor()),
      last_activity_(std::chrono::steady_clock::now()) {
  peer = MakePeer(socket_);
}

void FlussConnection::Start() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->WatchIdle();
    self->Pump();
  });
}

void FlussConnection::Drain() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->draining_ = true;
    self->CloseIfDrained();
  });
}

void FlussConnection::Close() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->CloseNow(); });
}

void FlussConnection::Post(std::function<void()> task) { asio::post(socket_.get_executor(), std::move(task)); }

void FlussConnection::PostAfter(std::chrono::milliseconds delay, std::function<void()> task) {
  auto timer = std::make_shared<asio::steady_timer>(socket_.get_executor(), delay);
  timer->async_wait([timer, task = std::move(task)](const asio::error_code&) { task(); });
}

// --- reading ---

bool FlussConnection::IsFull() const {
  return requests_in_flight_ >= options_.max_requests_in_flight || bytes_in_flight_ >= options_.max_bytes_in_flight;
}

/// Takes what requests need beyond what every connection may have out of the memory that all share. False when there is
/// not so much left.
bool FlussConnection::CountMemory() {
  return memory_.Resize(std::max<int64_t>(request_bytes_ + reader_.frame_bytes() - kUncountedBytes, 0));
}

void FlussConnection::Pump() {
  if (pumping_ || reading_ || closed_) return;
  pumping_ = true;
  while (!closed_ && !draining_ && !IsFull()) {
    if (!MeetFluss()) break;
    Result<std::shared_ptr<arrow::Buffer>> frame = reader_.Next();
    if (!frame.ok()) {
      spdlog::warn("closing the connection from {}: {}", PeerOf(socket_), frame.status().message());
      CloseNow();
    } else if (*frame == nullptr && CountMemory()) {
      Read();
      break;
    } else if (*frame == nullptr) {
      if (requests_in_flight_ > 0) break;  // their answers make room
      spdlog::warn("closing the connection from {}: its request needs more memory than is left of the limit",
                   PeerOf(socket_));
      CloseNow();
    } else if (!Dispatch(*frame)) {
      CloseNow();
    }
  }
  pumping_ = false;
  CloseIfDrained();
}

/// False while it is not known, or not so: clients of PostgreSQL, which otherwise wait for an answer for ever, are told
/// where they are.
bool FlussConnection::MeetFluss() {
  if (met_fluss_) return true;
  switch (GreetingOf(reader_.staged())) {
    case Greeting::kUnknown: Read(); break;
    case Greeting::kFluss: met_fluss_ = true; break;
    case Greeting::kEncryption:
      reader_.Skip(kEncryptionBytes);
      Tell("N", /*last=*/false);  // it goes on without
      break;
    case Greeting::kStartup: Tell(RefusalOfSqlClient(), /*last=*/true); break;
  }
  return met_fluss_;
}

void FlussConnection::Tell(std::string bytes, bool last) {
  const auto told = std::make_shared<std::string>(std::move(bytes));
  asio::async_write(socket_, asio::buffer(*told),
                    [self = shared_from_this(), told, last](const asio::error_code& error, size_t) {
                      if (error || last) return self->CloseNow();
                      self->Pump();
                    });
}

void FlussConnection::Read() {
  reading_ = true;
  const std::span<uint8_t> space = reader_.Space();
  socket_.async_read_some(asio::buffer(space.data(), space.size()),
                          [self = shared_from_this()](const asio::error_code& error, size_t bytes) {
                            self->reading_ = false;
                            if (error) return self->CloseNow();
                            self->Touch();
                            self->reader_.Commit(bytes);
                            self->Pump();
                          });
}

bool FlussConnection::Dispatch(const std::shared_ptr<arrow::Buffer>& frame) {
  const int64_t bytes = frame->size();
  ++requests_in_flight_;
  bytes_in_flight_ += bytes;
  request_bytes_ += bytes;
  owner_.on_requests(1);
  const auto self = shared_from_this();
  const Status handled =
      service_->Handle(frame, self, [self, bytes](wire::Frame answer) { self->Reply(std::move(answer), bytes); });
  if (handled.ok()) return true;
  spdlog::warn("closing the connection from {}: {}", PeerOf(socket_), handled.message());
  owner_.on_requests(-1);
  return false;
}

// --- writing ---

void FlussConnection::Reply(wire::Frame frame, int64_t request_bytes) {
  owner_.on_requests(-1);
  --requests_in_flight_;
  bytes_in_flight_ -= request_bytes;
  request_bytes_ -= request_bytes;
  (void)CountMemory();  // less than before
  if (closed_) return;
  bytes_in_flight_ += frame.size();
  to_write_.push_back(std::move(frame));
  if (writing_.empty()) Write();
  Pump();
}

void FlussConnection::Write() {
  std::vector<asio::const_buffer> pieces;
  int64_t bytes = 0;
  while (!to_write_.empty() && pieces.size() < kPiecesAtOnce) {
    for (const auto& piece : to_write_.front().pieces) {
      pieces.emplace_back(piece->data(), static_cast<size_t>(piece->size()));
      bytes += piece->size();
    }
    writing_.push_back(std::move(to_write_.front()));
    to_write_.pop_front();
  }
  asio::async_write(socket_, pieces, [self = shared_from_this(), bytes](const asio::error_code& error, size_t) {
    if (error) return self->CloseNow();
    self->OnWritten(bytes);
  });
}

void FlussConnection::OnWritten(int64_t bytes) {
  Touch();
  bytes_in_flight_ -= bytes;
  writing_.clear();
  if (!to_write_.empty()) Write();
  Pump();
  CloseIfDrained();
}

// --- ending ---

void FlussConnection::WatchIdle() {
  if (closed_) return;
  idle_timer_.expires_at(last_activity_ + options_.idle_timeout);
  idle_timer_.async_wait([self = shared_from_this()](const asio::error_code& error) {
    if (error || self->closed_) return;
    const bool idle = std::chrono::steady_clock::now() >= self->last_activity_ + self->options_.idle_timeout;
    const bool keeps_session = self->sql != nullptr && !self->sql->over();
    if (idle && self->requests_in_flight_ == 0 && !keeps_session) return self->CloseNow();
    if (idle) self->Touch();
    self->WatchIdle();
  });
}

void FlussConnection::CloseIfDrained() {
  if (draining_ && requests_in_flight_ == 0 && writing_.empty()) CloseNow();
}

void FlussConnection::CloseNow() {
  if (closed_) return;
  closed_ = true;
  if (sql != nullptr) sql->End(postgres::Error("08006", "the client is gone"));
  asio::error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  idle_timer_.cancel();
  to_write_.clear();
  owner_.on_closed(shared_from_this());
}

}  // namespace weir
