#pragma once

#include <arrow/record_batch.h>

#include <deque>
#include <functional>
#include <memory>

#include "client/log_feed.h"

namespace weir {

/// An error as Arrow's readers report it: the code is in its text.
arrow::Status ToArrow(const Status& status);

/// A stream of what a feed's bounded read has left. It reads one poll ahead of its user.
class LogReader final : public arrow::RecordBatchReader {
 public:
  LogReader(std::shared_ptr<const ScanPlan> plan, std::shared_ptr<LogFeed> feed);
  ~LogReader() override;

  std::shared_ptr<arrow::Schema> schema() const override;
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* out) override;
  arrow::Status Close() override;

 private:
  Future<LogFeed::Batches> NextPoll();

  const std::shared_ptr<const ScanPlan> plan_;
  const std::shared_ptr<LogFeed> feed_;
  std::deque<std::shared_ptr<arrow::RecordBatch>> batches_;
  Future<LogFeed::Batches> next_;
  bool closed_ = false;
};

}  // namespace weir
