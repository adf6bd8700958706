#include "client/log_reader.h"

#include <arrow/record_batch.h>

#include <algorithm>

#include "format/small_batches.h"

namespace weir {
namespace {

constexpr std::ptrdiff_t kFewBatches = 32;  // are handed out as they were written

/// Batches of few rows that follow one another as one: each takes some kilobytes for itself.
arrow::Status AppendJoined(const arrow::RecordBatchVector& batches,
                           std::deque<std::shared_ptr<arrow::RecordBatch>>* out) {
  const auto is_small = [](const auto& batch) { return batch->num_rows() < kFewRows; };
  for (auto at = batches.begin(); at != batches.end();) {
    const auto end = std::find_if_not(at, batches.end(), is_small);
    if (end - at < kFewBatches) {
      const auto next = end == batches.end() ? end : end + 1;
      out->insert(out->end(), at, next);
      at = next;
      continue;
    }
    ARROW_ASSIGN_OR_RAISE(auto joined, arrow::ConcatenateRecordBatches({at, end}));
    out->push_back(std::move(joined));
    at = end;
  }
  return arrow::Status::OK();
}

}  // namespace

arrow::Status ToArrow(const Status& status) {
  return status.ok() ? arrow::Status::OK() : arrow::Status::IOError(status.ToString());
}

LogReader::LogReader(std::shared_ptr<const ScanPlan> plan, std::shared_ptr<LogFeed> feed)
    : plan_(std::move(plan)), feed_(std::move(feed)), next_(NextPoll()) {}

LogReader::~LogReader() { (void)Close(); }

std::shared_ptr<arrow::Schema> LogReader::schema() const { return plan_->arrow_schema; }

Future<LogFeed::Batches> LogReader::NextPoll() {
  LogScanner::PollLimits limits;
  limits.cut_batches = false;
  limits.max_batches = 8192;
  limits.max_bytes = 8 << 20;
  return feed_->PollBounded(limits);
}

arrow::Status LogReader::ReadNext(std::shared_ptr<arrow::RecordBatch>* out) {
  out->reset();
  if (batches_.empty() && !closed_) {
    const Result<LogFeed::Batches>& polled = next_.Wait();
    if (!polled.ok()) {
      const Status failed = polled.status();
      (void)Close();
      return ToArrow(failed);
    }
    if (polled->empty()) return Close();
    arrow::RecordBatchVector rows;
    for (const ScannedBatch& batch : *polled) rows.push_back(batch.rows);
    ARROW_RETURN_NOT_OK(AppendJoined(rows, &batches_));
    next_ = NextPoll();
  }
  if (batches_.empty()) return arrow::Status::OK();
  *out = std::move(batches_.front());
  batches_.pop_front();
  return arrow::Status::OK();
}

arrow::Status LogReader::Close() {
  if (closed_) return arrow::Status::OK();
  closed_ = true;
  batches_.clear();
  feed_->EndBounded(true);
  return arrow::Status::OK();
}

}  // namespace weir
