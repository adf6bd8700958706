#include "sql/engine/rejected_rows.h"

#include <fmt/format.h>

#include <chrono>

#include "postgres/error.h"
#include "postgres/value/character.h"

namespace weir::sql {
namespace {

/// A share of rows says something of so many, as in Cloudberry.
constexpr int64_t kRowsBeforePercent = 300;
/// What is kept of one table.
constexpr size_t kMostRows = 10'000;
constexpr size_t kMostText = 1024;

/// "invalid input syntax for type integer: \"x\", column a"
std::string MessageOf(const postgres::ErrorFields& fields) {
  constexpr std::string_view kColumn = ", column ";
  const size_t at = fields.context.find(kColumn);
  if (at == std::string::npos) return fields.message;
  const size_t end = fields.context.find_first_of(":\n", at);
  return fields.message + fields.context.substr(at, end == std::string::npos ? end : end - at);
}

int64_t MicrosecondsNow() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

}  // namespace

void RejectionLog::Add(int64_t table, RejectedRow row) {
  MutexLock lock(mutex_);
  std::deque<RejectedRow>& rows = rows_[table];
  rows.push_back(std::move(row));
  if (rows.size() > kMostRows) rows.pop_front();
}

std::vector<RejectionLog::Entry> RejectionLog::List() const {
  MutexLock lock(mutex_);
  std::vector<Entry> entries;
  for (const auto& [table, rows] : rows_) {
    for (const RejectedRow& row : rows) entries.push_back({table, row});
  }
  return entries;
}

Status RowRejection::Reject(const Status& failure, int64_t line, std::string_view text) {
  const postgres::ErrorFields fields = postgres::FieldsOf(failure);
  const bool of_format = fields.sqlstate.starts_with("22");
  // The reader is behind a line that it has failed at, but for one that does not end.
  if (limit_.rows == 0 || line == last_line_ || !of_format) return failure;
  last_line_ = line;
  ++rejected_;
  if (limit_.logs && log_ != nullptr) {
    log_->Add(source_.table, {.time = MicrosecondsNow(),
                              .relation = source_.relation,
                              .file = source_.file,
                              .line = line,
                              .message = MessageOf(fields),
                              .text = std::string(postgres::Clipped(text, kMostText))});
  }
  const bool reached = limit_.percent ? met_ >= kRowsBeforePercent && rejected_ * 100 > limit_.rows * met_
                                      : rejected_ >= limit_.rows;
  if (!reached) return Status::OK();
  return postgres::InContext(postgres::Error("22P04", "segment reject limit reached, aborting operation",
                                             {.detail = fmt::format("Last error was: {}", fields.message)}),
                             fields.context);
}

void RowRejection::Tell(const std::function<void(const std::string&)>& notice) const {
  if (rejected_ == 0 || !notice) return;
  notice(fmt::format("found {} data formatting errors ({} or more input rows), rejected related input data", rejected_,
                     rejected_));
}

}  // namespace weir::sql
