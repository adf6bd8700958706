#pragma once

#include <asio/ip/tcp.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/memory_budget.h"
#include "server/pgwire/message.h"
#include "server/pgwire/tls.h"

namespace weir::pgwire {

/// A client's socket, read and written by the one thread that serves it. Reading sends first what is
/// still to be sent. After the client is gone, reads give nothing and writes are dropped.
class Channel {
 public:
  struct Frame {
    char type = 0;
    std::string_view body;  // until the next read
  };

  Channel(asio::ip::tcp::socket socket, int32_t max_message_bytes);

  /// What large messages of the client are taken from, from now on.
  void ShareMemory(std::shared_ptr<MemoryBudget> memory) { memory_ = MemoryReservation(std::move(memory)); }

  /// A packet without a type, as they are before the session starts; nothing when the client is gone
  /// or the deadline is over. 08P01 when its length cannot be right.
  Result<std::optional<std::string_view>> ReadStartup(std::chrono::steady_clock::time_point deadline);
  /// The next message; nothing when the client is gone. 08P01 when its length cannot be right, or is larger than
  /// `max_bytes`; 53200 when there is no memory for it.
  Result<std::optional<Frame>> Read(int32_t max_bytes);
  Result<std::optional<Frame>> Read() { return Read(max_message_bytes_); }
  /// Sends, and waits until something has arrived or the client is gone; false when the deadline is over first.
  bool Await(std::chrono::steady_clock::time_point deadline);
  /// The type of the next message, if it has arrived already.
  std::optional<char> PeekType() const;

  MessageWriter& out() { return out_; }
  /// One byte that is no message.
  void PutByte(char byte) { out_.bytes().push_back(byte); }
  void Flush();
  /// Sends, and speaks TLS from here on. False when the client does not, or has sent more than it should before.
  bool StartTls(std::shared_ptr<SSL_CTX> context);
  /// Null: there is no TLS.
  const TlsStream* tls() const { return tls_ ? &*tls_ : nullptr; }
  /// Sends when so much has gathered that it is worth it.
  void FlushIfLarge();
  bool gone() const { return gone_; }

  /// Wakes the thread that reads; it finds the client gone, and can still write. Any thread.
  void StopReading();
  bool stopped() const { return stopped_; }
  /// How often somebody shall look whether the client is there, from now on; 0: never.
  void WatchClient(std::chrono::milliseconds interval) { watch_interval_ = interval; }
  std::chrono::milliseconds watch_interval() const { return watch_interval_; }
  /// Whether the client has closed its side, or its host is gone. Any thread.
  bool HasLost();
  /// Wakes the thread whatever it does. Any thread.
  void Shutdown();

 private:
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;
  bool Fill(size_t bytes, Deadline deadline);
  bool WaitReadable(Deadline deadline);
  /// What has come; 0 at the end of the connection.
  size_t ReadSome(char* bytes, size_t size);
  std::string_view Available() const { return std::string_view(in_).substr(begin_, end_ - begin_); }

  asio::ip::tcp::socket socket_;
  std::optional<TlsStream> tls_;
  const int32_t max_message_bytes_;
  std::string in_;
  size_t begin_ = 0;  // of what is read and not taken
  size_t end_ = 0;
  MemoryReservation memory_;  // for the message under way, where it is large
  MessageWriter out_;
  bool gone_ = false;
  std::atomic<bool> stopped_ = false;
  std::atomic<std::chrono::milliseconds> watch_interval_ = std::chrono::milliseconds(0);
};

}  // namespace weir::pgwire
