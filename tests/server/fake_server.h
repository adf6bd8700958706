#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "format/wire/api.h"
#include "format/wire/fluss.pb.h"
#include "format/wire/frame.h"

namespace weir {

/// A server of the Fluss protocol that says what a test tells it to, whatever that is.
class FakeServer {
 public:
  /// What it does about a request.
  struct Say {
    enum class Kind { kAnswer, kError, kBytes, kNothing, kHangUp };
    Kind kind = Kind::kAnswer;
    std::string bytes;  // of the message, or raw
    Status error;

    static Say Answer(const google::protobuf::MessageLite& message) {
      return {Kind::kAnswer, message.SerializeAsString(), {}};
    }
    static Say Raw(std::string bytes) { return {Kind::kBytes, std::move(bytes), {}}; }
    static Say Message(std::string bytes) { return {Kind::kAnswer, std::move(bytes), {}}; }
    static Say Error(ErrorCode code, const std::string& text) { return {Kind::kError, "", {code, text}}; }
    static Say Nothing() { return {Kind::kNothing, "", {}}; }
    static Say HangUp() { return {Kind::kHangUp, "", {}}; }
  };
  using Handler = std::function<Say(const wire::Request&)>;

  FakeServer() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~FakeServer() { Stop(); }

  int port() const { return port_; }
  int connections() const { return connections_; }
  int Count(wire::ApiKey key) {
    std::lock_guard lock(mutex_);
    return counts_[key];
  }

  /// Sets what it does about one kind of request; before Start, or in its place at any time.
  void On(wire::ApiKey key, Handler handler) {
    std::lock_guard lock(mutex_);
    handlers_[key] = std::move(handler);
  }
  void On(wire::ApiKey key, const google::protobuf::MessageLite& answer) {
    On(key, [say = Say::Answer(answer)](const wire::Request&) { return say; });
  }
  void Start() {
    acceptor_ = std::thread([this] { Accept(); });
  }
  void Stop() {
    if (stopped_.exchange(true)) return;
    ::shutdown(listener_, SHUT_RDWR);
    if (acceptor_.joinable()) acceptor_.join();
    ::close(listener_);
    {
      std::lock_guard lock(mutex_);
      for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    for (const int socket : sockets_) ::close(socket);
  }

 private:
  void Accept() {
    while (true) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      ++connections_;
      std::lock_guard lock(mutex_);
      sockets_.push_back(socket);
      threads_.emplace_back([this, socket] { Serve(socket); });
    }
  }

  void Serve(int socket) {
    wire::FrameReader reader(100 << 20);
    while (true) {
      const auto frame = reader.Next();
      if (!frame.ok()) return;
      if (*frame == nullptr) {
        const std::span<uint8_t> space = reader.Space();
        const ssize_t got = ::recv(socket, space.data(), space.size(), 0);
        if (got <= 0) return;
        reader.Commit(static_cast<size_t>(got));
        continue;
      }
      const auto request = wire::ParseRequest(*frame);
      if (!request.ok() || !Reply(socket, *request)) {
        ::shutdown(socket, SHUT_RDWR);
        return;
      }
    }
  }

  bool Reply(int socket, const wire::Request& request) {
    const auto key = static_cast<wire::ApiKey>(request.header.api_key);
    Handler handler;
    {
      std::lock_guard lock(mutex_);
      ++counts_[key];
      if (const auto found = handlers_.find(key); found != handlers_.end()) handler = found->second;
    }
    const Say say = handler ? handler(request) : Say::Error(ErrorCode::kUnsupportedVersion, "not told what to say");
    switch (say.kind) {
      case Say::Kind::kHangUp: return false;
      case Say::Kind::kNothing: return true;
      case Say::Kind::kBytes: Send(socket, say.bytes); return true;
      case Say::Kind::kError:
        Send(socket, BytesOf(wire::EncodeError(request.header.request_id, say.error)));
        return true;
      case Say::Kind::kAnswer: break;
    }
    wire::GatheredMessage message;
    message.Append(say.bytes);
    Send(socket, BytesOf(std::move(message).ToResponse(request.header.request_id)));
    return true;
  }

  static std::string BytesOf(const wire::Frame& frame) {
    std::string out;
    for (const auto& piece : frame.pieces) out += std::string_view(*piece);
    return out;
  }
  static void Send(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }

  int listener_;
  int port_ = 0;
  std::atomic<bool> stopped_{false};
  std::atomic<int> connections_{0};
  std::thread acceptor_;
  std::mutex mutex_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::map<wire::ApiKey, Handler> handlers_;
  std::map<wire::ApiKey, int> counts_;
};

}  // namespace weir
