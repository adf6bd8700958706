#include "sql/remote/calls.h"

#include <charconv>

#include "format/wire/frame.h"

namespace weir::sql::remote {
namespace {

constexpr std::chrono::seconds kWaitForEnd(5);

}  // namespace

Calls::Calls(std::unique_ptr<SqlLine> line, std::string target, const SessionOptions& options)
    : line_(std::move(line)), target_(std::move(target)) {
  call::Open* open = opening_.mutable_open();
  open->set_database(options.database);
  for (const auto& [name, value] : options.parameters) {
    call::Setting* setting = open->add_settings();
    setting->set_name(name);
    setting->set_value(value);
  }
}

Calls::~Calls() {
  if (!open_) return;
  call::Request request;
  request.mutable_end();
  (void)Send(std::move(request)).WaitFor(kWaitForEnd);  // its locks are free then
}

Status Calls::Open() {
  if (open_) return Status::OK();
  newest_ = 0;
  WEIR_RETURN_NOT_OK(Take(Send(opening_)).status());
  open_ = true;
  ++session_;
  return Status::OK();
}

Result<call::Response> Calls::Call(call::Request request) {
  WEIR_RETURN_NOT_OK(Open());
  return Take(Send(std::move(request)));
}

Future<SqlLine::Answer> Calls::Send(call::Request request) {
  for (const int64_t prepared : std::exchange(forgotten_, {})) request.add_forget(prepared);
  return line_->Call(request.SerializeAsString());
}

Result<call::Response> Calls::Take(const Future<SqlLine::Answer>& pending) {
  const Result<SqlLine::Answer>& answered = pending.Wait();
  if (!answered.ok()) return answered.status();
  const SqlLine::Answer& answer = *answered;
  if (!answer.status.ok()) return Lost(answer);
  call::Response response;
  WEIR_RETURN_NOT_OK(wire::ParseMessage(*answer.message, &response));
  for (const call::Error& notice : response.notices()) notices_.push_back(ErrorOf(notice));
  if (response.answer() > newest_) {
    newest_ = response.answer();
    status_ = static_cast<TransactionStatus>(response.status());
    WEIR_RETURN_NOT_OK(TakeSettings(response));
  }
  if (response.ended()) Ended();
  if (response.has_error()) return StatusOf(ErrorOf(response.error()));
  return response;
}

Status Calls::Lost(const SqlLine::Answer& answer) {
  const bool was_open = open_;
  if (answer.status.code() != ErrorCode::kNetworkException || !was_open) return answer.status;
  Ended();
  const char* done = answer.sent ? "It is not known what has become of the statement." : "The statement was not run.";
  return Error("08006", "the SQL session on " + target_ + " was lost: " + answer.status.message(), {.detail = done});
}

void Calls::Ended() {
  open_ = false;
  status_ = TransactionStatus::kIdle;
  forgotten_.clear();
}

void Calls::Cancel() {
  call::Request request;
  request.mutable_cancel();
  (void)line_->Call(request.SerializeAsString());
}

Status Calls::TakeSettings(const call::Response& response) {
  if (response.settings().empty()) return Status::OK();
  ++settings_version_;
  for (const call::Setting& setting : response.settings()) reported_[setting.name()] = setting.value();
  WEIR_RETURN_NOT_OK(postgres::SetDateStyle(reported_["DateStyle"], &settings_));
  WEIR_RETURN_NOT_OK(postgres::SetIntervalStyle(reported_["IntervalStyle"], &settings_));
  WEIR_RETURN_NOT_OK(postgres::SetTimeZone(reported_["TimeZone"], &settings_));
  WEIR_RETURN_NOT_OK(postgres::SetByteaOutput(reported_["bytea_output"], &settings_));
  const std::string& digits = reported_["extra_float_digits"];
  std::from_chars(digits.data(), digits.data() + digits.size(), settings_.extra_float_digits);
  return Status::OK();
}

}  // namespace weir::sql::remote
