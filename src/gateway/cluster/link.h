#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "format/wire/frame.h"
#include "gateway/cluster/cluster_options.h"

namespace weir {

/// One TCP connection: frames out, frames in. Used on the thread that runs the io_context.
class Link : public std::enable_shared_from_this<Link> {
 public:
  struct Events {
    std::function<void()> opened;
    std::function<void(const std::shared_ptr<arrow::Buffer>&)> received;
    /// The last event. Code -2 when there is no such host, else 1.
    std::function<void(const Status&)> failed;
  };
  Link(asio::io_context& io, Endpoint to, Events events);

  void Open();
  /// Frames go out in the order of the calls.
  void Send(wire::Frame frame);
  /// No event follows.
  void Close();

 private:
  using tcp = asio::ip::tcp;

  void Connect(const tcp::resolver::results_type& addresses);
  void Read();
  void Ended(const asio::error_code& error);
  void TakeFrames();
  void Write();
  void Fail(const Status& status);

  const Endpoint to_;
  Events events_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  wire::FrameReader reader_;
  std::deque<wire::Frame> to_write_;
  std::vector<wire::Frame> writing_;
  bool closed_ = false;
};

}  // namespace weir
