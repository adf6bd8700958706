#include "client/log_reader.h"

namespace weir {

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
    for (const ScannedBatch& batch : *polled) batches_.push_back(batch.rows);
    if (polled->empty()) return Close();
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
