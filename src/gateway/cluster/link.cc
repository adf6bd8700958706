#include "gateway/cluster/link.h"

#include <asio/buffer.hpp>
#include <asio/connect.hpp>
#include <asio/write.hpp>
#include <fmt/format.h>

#include <utility>

namespace weir {
namespace {

constexpr size_t kFramesAtOnce = 64;
// Far above what is ever asked for, and below what text announces when it is taken for a frame.
constexpr int32_t kMaxFrameBytes = 1 << 30;

}  // namespace

Link::Link(asio::io_context& io, Endpoint to, Events events)
    : to_(std::move(to)),
      events_(std::move(events)),
      resolver_(io),
      socket_(io),
      reader_(kMaxFrameBytes) {}

void Link::Open() {
  resolver_.async_resolve(
      to_.host, std::to_string(to_.port),
      [self = shared_from_this()](const asio::error_code& error, const tcp::resolver::results_type& addresses) {
        if (self->closed_) return;
        if (!error) return self->Connect(addresses);
        const bool no_such_host = error == asio::error::host_not_found;
        self->Fail({no_such_host ? ErrorCode::kClientError : ErrorCode::kNetworkException,
                    fmt::format("cannot find host '{}': {}", self->to_.host, error.message())});
      });
}

void Link::Connect(const tcp::resolver::results_type& addresses) {
  asio::async_connect(socket_, addresses, [self = shared_from_this()](const asio::error_code& error, const auto&) {
    if (self->closed_) return;
    if (error) {
      return self->Fail({ErrorCode::kNetworkException,
                         fmt::format("cannot connect to {}: {}", self->to_.ToString(), error.message())});
    }
    asio::error_code ignored;
    self->socket_.set_option(tcp::no_delay(true), ignored);
    self->socket_.set_option(asio::socket_base::keep_alive(true), ignored);
    self->Read();
    self->events_.opened();
  });
}

void Link::Read() {
  const std::span<uint8_t> space = reader_.Space();
  socket_.async_read_some(asio::buffer(space.data(), space.size()),
                          [self = shared_from_this()](const asio::error_code& error, size_t bytes) {
                            if (self->closed_) return;
                            if (error) return self->Ended(error);
                            self->reader_.Commit(bytes);
                            self->TakeFrames();
                          });
}

void Link::Ended(const asio::error_code& error) {
  const std::string why = error == asio::error::eof ? "the server closed it" : error.message();
  Fail({ErrorCode::kNetworkException, fmt::format("the connection to {} ended: {}", to_.ToString(), why)});
}

void Link::TakeFrames() {
  while (!closed_) {
    const Result<std::shared_ptr<arrow::Buffer>> frame = reader_.Next();
    if (!frame.ok()) {
      return Fail({ErrorCode::kNetworkException,
                   fmt::format("{} does not speak the Fluss protocol: {}", to_.ToString(), frame.status().message())});
    }
    if (*frame == nullptr) return Read();
    events_.received(*frame);
  }
}

void Link::Send(wire::Frame frame) {
  if (closed_) return;
  to_write_.push_back(std::move(frame));
  if (writing_.empty()) Write();
}

void Link::Write() {
  std::vector<asio::const_buffer> pieces;
  while (!to_write_.empty() && writing_.size() < kFramesAtOnce) {
    for (const auto& piece : to_write_.front().pieces) {
      pieces.emplace_back(piece->data(), static_cast<size_t>(piece->size()));
    }
    writing_.push_back(std::move(to_write_.front()));
    to_write_.pop_front();
  }
  asio::async_write(socket_, pieces, [self = shared_from_this()](const asio::error_code& error, size_t) {
    if (self->closed_) return;
    if (error) {
      return self->Fail({ErrorCode::kNetworkException,
                         fmt::format("cannot send to {}: {}", self->to_.ToString(), error.message())});
    }
    self->writing_.clear();
    if (!self->to_write_.empty()) self->Write();
  });
}

void Link::Fail(const Status& status) {
  const auto failed = events_.failed;
  Close();
  failed(status);
}

void Link::Close() {
  if (closed_) return;
  closed_ = true;
  resolver_.cancel();
  asio::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  to_write_.clear();
}

}  // namespace weir
