#pragma once

#include <arrow/buffer.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "format/wire/fluss.pb.h"
#include "format/wire/frame.h"

namespace weir::wire {

/// The messages that carry record batches. Protocol buffers would copy the batches in and out of
/// strings; here they stay slices of the received frame, or are sent from where they lie.

struct BucketRecords {
  std::optional<int64_t> partition_id;
  int32_t bucket_id = 0;
  std::shared_ptr<arrow::Buffer> records;  // a slice of the message
};

struct ProduceLogView {
  int32_t acks = 0;
  int64_t table_id = 0;
  int32_t timeout_ms = 0;
  std::vector<BucketRecords> buckets;
};
struct PutKvView {
  int32_t acks = 0;
  int64_t table_id = 0;
  int32_t timeout_ms = 0;
  std::vector<int32_t> target_columns;
  int32_t agg_mode = 0;
  std::vector<BucketRecords> buckets;
};
GatheredMessage EncodeProduceLogRequest(const ProduceLogView& request);
GatheredMessage EncodePutKvRequest(const PutKvView& request);
/// Code 3 when the message is malformed or lacks a required field.
Result<ProduceLogView> ParseProduceLogRequest(const std::shared_ptr<arrow::Buffer>& message);
Result<PutKvView> ParsePutKvRequest(const std::shared_ptr<arrow::Buffer>& message);

struct FetchedBucketRecords {
  FetchLogRespForBucket bucket;            // without records
  std::shared_ptr<arrow::Buffer> records;  // null: none; when parsed, a slice of the message
};
struct FetchedTable {
  int64_t table_id = 0;
  std::vector<FetchedBucketRecords> buckets;
};
Frame EncodeFetchLogResponse(int32_t request_id, const std::vector<FetchedTable>& tables);
/// Code 3 when the message is malformed or lacks a required field.
Result<std::vector<FetchedTable>> ParseFetchLogResponse(const std::shared_ptr<arrow::Buffer>& message);

}  // namespace weir::wire
