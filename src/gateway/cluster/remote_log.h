#pragma once

#include <arrow/buffer.h>

#include <chrono>
#include <map>
#include <memory>

#include "format/wire/fluss.pb.h"
#include "weir/table.h"
#include "weir/status.h"

namespace weir {

/// Reads records that a cluster has moved to remote storage: a directory (file:), or what Arrow reaches as S3 (s3:,
/// s3a:), with the credentials and the endpoint that the environment names. Gives whole batches of about `max_bytes`,
/// at least the one that holds `offset`; batches before it may come first. Blocks. Code 2 for another kind of storage,
/// 3 where the segments are not what `info` says, 10 where they cannot be read.
Result<std::shared_ptr<arrow::Buffer>> ReadRemoteLog(const wire::RemoteLogFetchInfo& info, int64_t offset,
                                                     int64_t max_bytes);

/// How many bytes at the front of `records`, which may be null, are whole batches. What cannot be a batch at all
/// counts, for the reader to report.
int64_t WholeBatchBytes(const std::shared_ptr<arrow::Buffer>& records);

/// Reads of remote storage that fail, and for how long they have. Of the session's thread.
class RemoteFailures {
 public:
  /// What the reader of a bucket is told. It asks again while the storage cannot be reached, until `most` is over;
  /// that it does is said once. What is damaged there stays so.
  Status Told(const TableBucket& bucket, const Status& read, std::chrono::milliseconds most);

 private:
  std::map<TableBucket, std::chrono::steady_clock::time_point> since_;
};

}  // namespace weir
