#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/cluster/sql_line.h"
#include "sql/remote/messages.h"

namespace weir::sql::remote {

/// The calls of one session, and what their answers say of it. The session is opened by the first call, and anew by the
/// first after it was lost, which is an error (08006, 08003) of the call that finds it lost. One thread at a time.
class Calls {
 public:
  Calls(std::unique_ptr<SqlLine> line, std::string target, const SessionOptions& options);
  ~Calls();

  Status Open();
  Result<call::Response> Call(call::Request request);
  /// A call whose answer is taken later.
  Future<SqlLine::Answer> Send(call::Request request);
  /// Waits for the answer, and takes what it says of the session.
  Result<call::Response> Take(const Future<SqlLine::Answer>& pending);
  /// The running statement ends with 57014. Any thread.
  void Cancel();

  /// Which of the sessions that were opened it is: what was prepared in another is not there. 0: none.
  int64_t session() const { return open_ ? session_ : 0; }
  TransactionStatus status() const { return status_; }
  std::vector<ErrorFields> TakeNotices() { return std::exchange(notices_, {}); }
  const std::string& Setting(const std::string& name) { return reported_[name]; }
  const postgres::Settings& settings() const { return settings_; }
  uint64_t settings_version() const { return settings_version_; }
  /// With the next call.
  void Forget(int64_t prepared) { forgotten_.push_back(prepared); }

 private:
  Status Lost(const SqlLine::Answer& answer);
  void Ended();
  Status TakeSettings(const call::Response& response);

  const std::unique_ptr<SqlLine> line_;
  const std::string target_;
  call::Request opening_;
  bool open_ = false;
  int64_t session_ = 0;
  TransactionStatus status_ = TransactionStatus::kIdle;
  int64_t newest_ = 0;  // of the answers: one that was waited for late says how things were
  std::vector<ErrorFields> notices_;
  std::vector<int64_t> forgotten_;
  std::map<std::string, std::string> reported_;
  postgres::Settings settings_;
  uint64_t settings_version_ = 0;
};

}  // namespace weir::sql::remote
