#include "client/list_offsets.h"

#include "client/connection_impl.h"
#include "types/mutex.h"

namespace weir {
namespace {

constexpr int kMaxRetries = 100;

/// Requests under way for one call.
struct Listing {
  Connection connection;
  OffsetSpec spec;
  int retries = 0;
  Promise<BucketOffsets> promise;

  Mutex mutex;
  size_t left WEIR_GUARDED_BY(mutex) = 0;
  BucketOffsets offsets WEIR_GUARDED_BY(mutex);
};

using ListingPtr = std::shared_ptr<Listing>;
void Ask(const ListingPtr& listing, const std::vector<TableBucket>& buckets);

void Finish(const ListingPtr& listing) {
  const Connection::Impl& connection = *listing->connection.impl();
  std::vector<TableBucket> again;
  BucketOffsets offsets;
  {
    MutexLock lock(listing->mutex);
    offsets = listing->offsets;
  }
  for (const auto& [bucket, offset] : offsets) {
    if (!offset.ok() && IsRetriable(offset.status().code())) again.push_back(bucket);
  }
  // An embedded engine is as ready as it will ever be.
  if (again.empty() || connection.gateway->is_embedded() || listing->retries++ == kMaxRetries) {
    return listing->promise.Complete(std::move(offsets));
  }
  connection.threads->After(kRetryBackoff, [listing, again] { Ask(listing, again); });
}

void Ask(const ListingPtr& listing, const std::vector<TableBucket>& buckets) {
  std::map<std::pair<int64_t, std::optional<int64_t>>, std::vector<int32_t>> requests;
  for (const TableBucket& bucket : buckets)
    requests[{bucket.table_id, bucket.partition_id}].push_back(bucket.bucket_id);
  if (requests.empty()) return Finish(listing);
  {
    MutexLock lock(listing->mutex);
    listing->left = requests.size();
  }
  for (const auto& [partition, ids] : requests) {
    const auto answered = [listing, partition = partition,
                           ids = ids](const Result<std::map<int32_t, Result<int64_t>>>& answer) {
      {
        MutexLock lock(listing->mutex);
        for (const int32_t id : ids) {
          Result<int64_t> offset = answer.status();
          if (answer.ok()) {
            const auto found = answer->find(id);
            offset = found != answer->end() ? found->second : Status(ErrorCode::kUnknownTableOrBucket, "no answer");
          }
          listing->offsets.insert_or_assign(TableBucket{partition.first, partition.second, id}, std::move(offset));
        }
        if (--listing->left > 0) return;
      }
      Finish(listing);
    };
    listing->connection.gateway().ListOffsets(partition.first, partition.second, ids, listing->spec).Then(answered);
  }
}

}  // namespace

Future<BucketOffsets> ListBucketOffsets(const Connection& connection, const std::vector<TableBucket>& buckets,
                                        OffsetSpec spec) {
  auto listing = std::make_shared<Listing>();
  listing->connection = connection;
  listing->spec = spec;
  Ask(listing, buckets);
  return listing->promise.future();
}

Result<std::map<TableBucket, int64_t>> AllOffsets(const BucketOffsets& offsets) {
  std::map<TableBucket, int64_t> all;
  for (const auto& [bucket, offset] : offsets) {
    if (!offset.ok()) return offset.status().WithContext(bucket.ToString());
    all[bucket] = *offset;
  }
  return all;
}

}  // namespace weir
