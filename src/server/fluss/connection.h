#pragma once

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "format/wire/frame.h"
#include "gateway/memory_budget.h"
#include "server/fluss/fluss_server.h"
#include "server/fluss/service.h"

namespace weir {

/// One client. Everything happens on the strand of its socket: requests start in the order they
/// came, answers go out as they are there.
class FlussConnection final : public CallContext, public std::enable_shared_from_this<FlussConnection> {
 public:
  using Strand = asio::strand<asio::io_context::executor_type>;
  using Socket = asio::basic_stream_socket<asio::ip::tcp, Strand>;

  struct Owner {
    /// Once for each request, before it is handled, and once when it is answered. Any thread.
    std::function<void(int change)> on_requests;
    /// The connection is closed; on its strand.
    std::function<void(const std::shared_ptr<FlussConnection>&)> on_closed;
  };

  FlussConnection(Socket socket, HostPort address, std::shared_ptr<FlussService> service,
                  const FlussServerOptions& options,
             Owner owner);

  void Start();
  /// Reads no more, and closes when all that was read is answered. Any thread.
  void Drain();
  /// Any thread.
  void Close();

  const HostPort& address() const override { return address_; }
  void Post(std::function<void()> task) override;
  void PostAfter(std::chrono::milliseconds delay, std::function<void()> task) override;

 private:
  void Pump();
  bool MeetFluss();
  void Tell(std::string bytes, bool last);
  bool IsFull() const;
  bool CountMemory();
  void Read();
  bool Dispatch(const std::shared_ptr<arrow::Buffer>& frame);
  void Reply(wire::Frame frame, int64_t request_bytes);
  void Write();
  void OnWritten(int64_t bytes);
  void WatchIdle();
  void CloseIfDrained();
  void CloseNow();
  void Touch() { last_activity_ = std::chrono::steady_clock::now(); }

  Socket socket_;
  const HostPort address_;
  const std::shared_ptr<FlussService> service_;
  const FlussServerOptions& options_;
  const Owner owner_;

  wire::FrameReader reader_;
  bool met_fluss_ = false;  // what comes are frames
  bool reading_ = false;
  bool pumping_ = false;
  bool draining_ = false;
  bool closed_ = false;
  int requests_in_flight_ = 0;
  int64_t bytes_in_flight_ = 0;
  int64_t request_bytes_ = 0;  // of the requests that are not answered yet
  MemoryReservation memory_;   // for them, and the one that is coming in

  std::deque<wire::Frame> to_write_;
  std::vector<wire::Frame> writing_;

  asio::steady_timer idle_timer_;
  std::chrono::steady_clock::time_point last_activity_;
};

}  // namespace weir
