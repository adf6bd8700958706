#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <mutex>
#include <regex>
#include <string>
#include <thread>
#include <vector>

namespace weir {

/// Stands for S3 on loopback: gives the files of a directory (BUCKET/KEY) to whoever signs with the user's name.
class S3Double {
 public:
  S3Double(std::string directory, std::string user)
      : directory_(std::move(directory)), user_(std::move(user)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    endpoint_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    server_ = std::thread([this] { Serve(); });
  }
  ~S3Double() {
    ::shutdown(listener_, SHUT_RDWR);
    server_.join();
    ::close(listener_);
  }

  const std::string& endpoint() const { return endpoint_; }
  /// Of the requests so far: "GET /bucket/key bytes=0-99".
  std::vector<std::string> requests() {
    std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void Serve() {
    while (true) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      std::string request;
      char piece[4096];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = ::recv(socket, piece, sizeof(piece), 0);
        if (got <= 0) break;
        request.append(piece, static_cast<size_t>(got));
      }
      const std::string answer = Answer(request);
      for (size_t at = 0; at < answer.size();) {
        const ssize_t sent = ::send(socket, answer.data() + at, answer.size() - at, MSG_NOSIGNAL);
        if (sent <= 0) break;
        at += static_cast<size_t>(sent);
      }
      ::close(socket);
    }
  }

  std::string Answer(const std::string& request) {
    std::smatch asked;
    if (!std::regex_search(request, asked, std::regex("^(GET|HEAD) (\\S+) "))) return Say("400 Bad Request", "");
    std::smatch range;
    const bool part = std::regex_search(request, range, std::regex("\r\n[Rr]ange: (bytes=(\\d+)-(\\d+))\r\n"));
    {
      std::lock_guard lock(mutex_);
      requests_.push_back(asked[1].str() + " " + asked[2].str() + (part ? " " + range[1].str() : ""));
    }
    if (request.find("Credential=" + user_ + "/") == std::string::npos) return Say("403 Forbidden", "");
    std::ifstream file(directory_ + asked[2].str(), std::ios::binary);
    if (!file) return Say("404 Not Found", "");
    std::string bytes(std::istreambuf_iterator<char>(file), {});
    const size_t size = bytes.size();
    std::string head;
    if (part) {
      const size_t first = std::min<size_t>(std::stoull(range[2]), size);
      const size_t last = std::min<size_t>(std::stoull(range[3]), size - 1);
      bytes = bytes.substr(first, last + 1 - first);
      head = "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" + std::to_string(size) +
             "\r\n";
    }
    return Say(part ? "206 Partial Content" : "200 OK", bytes, head, asked[1] == "GET");
  }

  static std::string Say(const std::string& status, const std::string& bytes, const std::string& head = "",
                         bool whole = false) {
    return "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: " + std::to_string(bytes.size()) + "\r\n" +
           head + "\r\n" + (whole ? bytes : "");
  }

  const std::string directory_;
  const std::string user_;
  const int listener_;
  std::string endpoint_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread server_;
};

}  // namespace weir
