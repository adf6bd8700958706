#include "server/pgwire/channel.h"

#include <asio/buffer.hpp>
#include <asio/write.hpp>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "format/big_endian.h"
#include "sql/out_of_memory.h"

namespace weir::pgwire {
namespace {

constexpr size_t kReadBytes = 64 << 10;
constexpr size_t kWriteBytes = 64 << 10;
constexpr int32_t kMaxStartupBytes = 10'000;
constexpr size_t kKeptBytes = 1 << 20;  // a buffer that grew larger is given back

Status BadLength(int32_t length, int32_t limit) {
  return postgres::Error("08P01", fmt::format("invalid message length {}: at most {} bytes are taken", length, limit));
}

}  // namespace

Channel::Channel(asio::ip::tcp::socket socket, int32_t max_message_bytes)
    : socket_(std::move(socket)), max_message_bytes_(max_message_bytes) {}

Result<std::optional<std::string_view>> Channel::ReadStartup(std::chrono::steady_clock::time_point deadline) {
  Flush();
  if (!Fill(4, deadline)) return std::optional<std::string_view>();
  const auto length = LoadBigEndian<int32_t>(Available());
  if (length < 8 || length > kMaxStartupBytes) return postgres::Error("08P01", "invalid length of startup packet");
  if (!Fill(static_cast<size_t>(length), deadline)) return std::optional<std::string_view>();
  const std::string_view body = Available().substr(4, static_cast<size_t>(length) - 4);
  begin_ += static_cast<size_t>(length);
  return std::optional(body);
}

Result<std::optional<Channel::Frame>> Channel::Read(int32_t max_bytes) {
  constexpr size_t kHeaderBytes = 5;
  if (!Fill(kHeaderBytes, std::nullopt)) return std::optional<Frame>();
  const auto length = LoadBigEndian<int32_t>(Available().substr(1));
  if (length < 4 || length > max_bytes) return BadLength(length, max_bytes);
  const size_t size = static_cast<size_t>(length) + 1;
  if (!memory_.Resize(size > kKeptBytes ? length : 0)) {
    return sql::OutOfMemory(fmt::format("There is not enough for a message of {} bytes.", length));
  }
  if (!Fill(size, std::nullopt)) return std::optional<Frame>();
  const Frame frame{.type = Available()[0], .body = Available().substr(kHeaderBytes, size - kHeaderBytes)};
  begin_ += size;
  return std::optional(frame);
}

bool Channel::Await(std::chrono::steady_clock::time_point deadline) {
  Flush();
  return begin_ < end_ || gone_ || WaitReadable(deadline);
}

std::optional<char> Channel::PeekType() const {
  return begin_ < end_ ? std::optional(in_[begin_]) : std::nullopt;
}

/// Reads until `bytes` are there that were not taken.
bool Channel::Fill(size_t bytes, Deadline deadline) {
  if (end_ - begin_ >= bytes) return true;
  std::copy(in_.data() + begin_, in_.data() + end_, in_.data());
  end_ -= begin_;
  begin_ = 0;
  if (in_.size() > kKeptBytes && std::max(end_, bytes) < kKeptBytes) {
    in_.resize(end_);
    in_.shrink_to_fit();
  }
  Flush();
  while (end_ < bytes) {
    if (gone_ || !WaitReadable(deadline)) return false;
    in_.resize(std::max(in_.size(), end_ + kReadBytes));
    const size_t got = ReadSome(in_.data() + end_, in_.size() - end_);
    if (got == 0) return false;
    end_ += got;
  }
  return true;
}

size_t Channel::ReadSome(char* bytes, size_t size) {
  if (tls_) return tls_->Read(bytes, size);
  asio::error_code error;
  const size_t got = socket_.read_some(asio::buffer(bytes, size), error);
  return error ? 0 : got;
}

bool Channel::StartTls(std::shared_ptr<SSL_CTX> context) {
  Flush();
  // What came in plain text may be anybody's.
  if (begin_ < end_ || gone_) return false;
  tls_.emplace(std::move(context), socket_.native_handle());
  return tls_->Accept();
}

bool Channel::WaitReadable(Deadline deadline) {
  if (!deadline || (tls_ && tls_->has_pending())) return true;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now()).count();
  pollfd waits{.fd = socket_.native_handle(), .events = POLLIN, .revents = 0};
  return left > 0 && ::poll(&waits, 1, static_cast<int>(std::min<int64_t>(left, 1 << 30))) > 0;
}

void Channel::Flush() {
  std::string& bytes = out_.bytes();
  if (!bytes.empty() && !gone_) {
    asio::error_code error;
    if (tls_) gone_ = !tls_->Write(bytes.data(), bytes.size());
    else asio::write(socket_, asio::buffer(bytes), error);
    gone_ = gone_ || error;
  }
  bytes.clear();
  if (bytes.capacity() > kKeptBytes) bytes.shrink_to_fit();
}

void Channel::FlushIfLarge() {
  if (out_.bytes().size() >= kWriteBytes) Flush();
}

void Channel::StopReading() {
  stopped_ = true;
  ::shutdown(socket_.native_handle(), SHUT_RD);
}

bool Channel::HasLost() {
  constexpr short kEnds = POLLRDHUP | POLLHUP | POLLERR;
  pollfd looks{.fd = socket_.native_handle(), .events = POLLRDHUP, .revents = 0};
  return ::poll(&looks, 1, 0) > 0 && (looks.revents & kEnds) != 0;
}

void Channel::Shutdown() { ::shutdown(socket_.native_handle(), SHUT_RDWR); }

}  // namespace weir::pgwire
