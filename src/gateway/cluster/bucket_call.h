#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <unordered_map>
#include <vector>

#include "gateway/cluster/cluster_session.h"

namespace weir {

/// A request about buckets of one table: split by the servers that lead them, its answers put together,
/// and sent again where a leader moved. Used on the session's thread.
struct BucketCall {
  wire::ApiKey key{};
  std::vector<TableBucket> buckets;  // each once
  /// The request for some of the buckets, by index.
  std::function<wire::GatheredMessage(const std::vector<size_t>&)> encode;
  /// Takes the answer of the server at an address apart: calls Settle for its buckets. An error is that
  /// of the whole answer.
  std::function<Status(BucketCall*, const Endpoint&, const std::shared_ptr<arrow::Buffer>&)> decode;
  /// All buckets have their status.
  std::function<void(BucketCall*)> done;
  std::chrono::milliseconds timeout{};
  /// Whether a server may carry it out a second time when it is unknown whether it did.
  bool repeatable = true;
  /// Whether it is sent again at all; otherwise the caller does, after an error that passes.
  bool retry = true;
  int retries = std::numeric_limits<int>::max();  // how often at most
  /// The codes for a bucket of a dropped partition, and of a dropped table in whose place there is another one.
  ErrorCode partition_gone = ErrorCode::kUnknownTableOrBucket;
  ErrorCode table_gone = ErrorCode::kUnknownTableOrBucket;

  std::vector<Status> statuses;

  /// One bucket's part of an answer. Code and text are the server's; those not asked for are passed over.
  void Settle(const TableBucket& bucket, const Status& status);
  /// Its place in `buckets`; −1 when it is not one of them.
  ptrdiff_t IndexOf(const TableBucket& bucket) const;

  // Of those who run it.
  enum class Progress : uint8_t { kOpen, kSettled, kPasses };
  std::vector<Progress> progress;  // kPasses: an error that may pass
  std::unordered_map<TableBucket, size_t> index;
};

void RunBucketCall(const std::shared_ptr<ClusterSession>& session, std::shared_ptr<BucketCall> call);

}  // namespace weir
