#pragma once

#include <google/protobuf/message_lite.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "format/wire/frame.h"
#include "server/host_port.h"
#include "weir/future.h"

namespace weir {

class FlussSqlSession;
struct FlussLogin;
struct ServiceState;

/// Who is at the other end of a connection. Used where the connection's requests are handled.
struct Peer {
  std::string address;  // without the port
  bool local = true;    // of this host
  std::shared_ptr<FlussLogin> login = {};    // null: it has not begun
  std::shared_ptr<ServiceState> state = {};  // what the calls of one who is logged in work on; null: not yet
  int32_t port = 0;
};

/// The connection that a request came in on, as far as answering it takes. Outlives the call.
class CallContext {
 public:
  Peer peer;
  std::shared_ptr<FlussSqlSession> sql;  // null: there is none. Used where the connection's requests are handled
  std::atomic<bool> established = false;  // whether a call of it was let through. Any thread

  virtual ~CallContext() = default;
  /// Where the peer reaches this server.
  virtual const HostPort& address() const = 0;
  /// Runs `task` where the connection's requests are handled, one after another.
  virtual void Post(std::function<void()> task) = 0;
  virtual void PostAfter(std::chrono::milliseconds delay, std::function<void()> task) = 0;
};

/// A request under way. It is answered exactly once: clients wait for as long as it takes.
class Call {
 public:
  Call(wire::Request request, std::shared_ptr<CallContext> context, std::function<void(wire::Frame)> reply)
      : request_(std::move(request)), context_(std::move(context)), reply_(std::move(reply)) {}

  const wire::RequestHeader& header() const { return request_.header; }
  const std::shared_ptr<arrow::Buffer>& message() const { return request_.message; }
  const std::shared_ptr<CallContext>& context() const { return context_; }

  /// Only the first answer counts.
  void Reply(wire::Frame frame) const {
    if (!replied_.exchange(true)) reply_(std::move(frame));
  }
  void Fail(const Status& error) const { Reply(wire::EncodeError(header().request_id, error)); }

  /// Runs a part of the call. What it throws (memory that the request needs and that is not there,
  /// say) is the failure of this call alone.
  template <typename Task>
  void Run(Task&& task) const {
    try {
      task();
    } catch (const std::exception& error) {
      Fail({ErrorCode::kUnknownServerError, std::string("the request could not be handled: ") + error.what()});
    }
  }

 private:
  const wire::Request request_;
  const std::shared_ptr<CallContext> context_;
  const std::function<void(wire::Frame)> reply_;
  mutable std::atomic<bool> replied_{false};
};
using CallPtr = std::shared_ptr<const Call>;

/// Runs `next` with the result of `future`: at once when it is there, else where the connection's
/// requests are handled, and not on the thread that completes it, which has other work.
template <typename T, typename Next>
void WhenDone(const CallPtr& call, const Future<T>& future, Next next) {
  if (future.done()) {
    next(future.Wait());
    return;
  }
  future.Then([call, future, next = std::move(next)](const Result<T>&) {
    call->context()->Post([call, future, next] { call->Run([&] { next(future.Wait()); }); });
  });
}

/// Takes a handler's response or error to the peer.
template <typename Response>
class Answer {
 public:
  explicit Answer(CallPtr call) : call_(std::move(call)) {}
  const CallPtr& call() const { return call_; }

  void operator()(const Result<Response>& response) const {
    if (!response.ok()) return call_->Fail(response.status());
    call_->Reply(wire::EncodeResponse(call_->header().request_id, *response));
  }

 private:
  CallPtr call_;
};

/// Answers with what `convert` makes of the future's value: a response, or the error instead of one.
template <typename Response, typename T, typename Convert>
void AnswerWith(const Answer<Response>& answer, const Future<T>& future, Convert convert) {
  WhenDone(answer.call(), future, [answer, convert = std::move(convert)](const Result<T>& result) {
    answer(result.ok() ? Result<Response>(convert(*result)) : Result<Response>(result.status()));
  });
}

/// Answers with an empty response when the future succeeds.
template <typename Response>
void AnswerEmpty(const Answer<Response>& answer, const Future<Unit>& future) {
  AnswerWith(answer, future, [](const Unit&) { return Response(); });
}

/// Puts the error of one bucket into its part of a response.
template <typename Message>
void SetError(const Status& status, Message* message) {
  if (status.ok()) return;
  message->set_error_code(wire::WireErrorCode(status));
  message->set_error_message(status.message());
}

}  // namespace weir
