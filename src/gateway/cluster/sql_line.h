#pragma once

#include <arrow/buffer.h>

#include <memory>
#include <string>

#include "gateway/gateway.h"

namespace weir {

/// A connection of its own to a `weir server`, for the calls of one session of its SQL (sql/remote). Thread-safe.
class SqlLine {
 public:
  struct Answer {
    Status status;  // code 1 when the connection cannot be made or has broken, 2 where the server has no such call
    std::shared_ptr<arrow::Buffer> message;  // when the status is OK
    bool sent = false;                       // whether the server may have seen the call
  };

  /// Hangs up, which ends the session.
  virtual ~SqlLine() = default;
  /// Calls go out in the order they are made. However long it takes: an answer comes, or the connection breaks.
  virtual Future<Answer> Call(const std::string& message) = 0;
};

/// Code 2 for a gateway to anything but a server. It keeps the gateway.
Result<std::unique_ptr<SqlLine>> OpenSqlLine(const std::shared_ptr<Gateway>& gateway);

}  // namespace weir
