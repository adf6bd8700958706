#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "weir/error_code.h"

namespace weir {

/// What one door knows of an error besides code and message.
class StatusDetail {
 public:
  virtual ~StatusDetail() = default;
};

/// Success, or an error code with a message that names the thing, the value and what would be right.
/// A success costs one null pointer.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(ErrorCode code, std::string message)
      : Status(code, std::move(message), nullptr) {}
  Status(ErrorCode code, std::string message, std::shared_ptr<const StatusDetail> detail)
      : state_(code == ErrorCode::kNone
                   ? nullptr
                   : std::make_shared<const State>(State{code, std::move(message), std::move(detail)})) {}

  static Status OK() { return {}; }
  /// A caller's mistake that no engine saw (code -2).
  static Status Invalid(std::string message) { return {ErrorCode::kClientError, std::move(message)}; }

  bool ok() const { return state_ == nullptr; }
  ErrorCode code() const { return ok() ? ErrorCode::kNone : state_->code; }
  const std::string& message() const;
  /// Null for a success and where there is none.
  const StatusDetail* detail() const { return ok() ? nullptr : state_->detail.get(); }
  /// "TABLE_NOT_EXIST (7): table 'fluss.t' does not exist"; "OK" for a success.
  std::string ToString() const;
  /// The same code and detail with `context` + ": " before the message; OK stays OK.
  Status WithContext(std::string_view context) const;

 private:
  struct State {
    ErrorCode code;
    std::string message;
    std::shared_ptr<const StatusDetail> detail;
  };
  std::shared_ptr<const State> state_;
};

/// A value or the error that stands in its place.
template <typename T>
class [[nodiscard]] Result {
 public:
  using ValueType = T;
  Result(Status status) : state_(std::move(status)) {}  // NOLINT: errors return as they are
  Result(T value) : state_(std::move(value)) {}         // NOLINT: so do values
  template <typename U>
    requires(std::is_convertible_v<U &&, T> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
             !std::is_same_v<std::remove_cvref_t<U>, Status> && !std::is_same_v<std::remove_cvref_t<U>, T>)
  Result(U&& value) : state_(T(std::forward<U>(value))) {}  // NOLINT

  bool ok() const { return std::holds_alternative<T>(state_); }
  Status status() const { return ok() ? Status::OK() : std::get<Status>(state_); }
  const T& operator*() const& { return std::get<T>(state_); }
  T& operator*() & { return std::get<T>(state_); }
  T&& operator*() && { return std::get<T>(std::move(state_)); }
  const T* operator->() const { return &std::get<T>(state_); }
  T* operator->() { return &std::get<T>(state_); }
  /// The value; the caller has checked ok().
  T MoveValue() { return std::get<T>(std::move(state_)); }

 private:
  std::variant<Status, T> state_;
};

/// Stands for "no value" where a template needs a type.
struct Unit {};

}  // namespace weir

#define WEIR_CONCAT_INNER(a, b) a##b
#define WEIR_CONCAT(a, b) WEIR_CONCAT_INNER(a, b)

#define WEIR_RETURN_NOT_OK(expr)                  \
  do {                                            \
    ::weir::Status _weir_status = (expr);         \
    if (!_weir_status.ok()) return _weir_status;  \
  } while (false)

#define WEIR_ASSIGN_OR_RETURN_IMPL(result, lhs, expr) \
  auto result = (expr);                               \
  if (!result.ok()) return result.status();           \
  lhs = std::move(result).operator*()

/// WEIR_ASSIGN_OR_RETURN(auto x, F()): x is F's value, or the enclosing function returns F's error.
#define WEIR_ASSIGN_OR_RETURN(lhs, expr) \
  WEIR_ASSIGN_OR_RETURN_IMPL(WEIR_CONCAT(_weir_result_, __COUNTER__), lhs, expr)
