// What sinks of Flink put down of the logs they write to, to undo from there.
#include <chrono>
#include <limits>

#include "server/fluss/handlers.h"

namespace weir {
namespace {

constexpr int64_t kDefaultProducerTtlMs = 24LL * 60 * 60 * 1000;

// The protocol's numbers.
constexpr int32_t kCreated = 0;
constexpr int32_t kAlreadyExists = 1;

int64_t ExpiryOf(const wire::RegisterProducerOffsetsRequest& request) {
  using std::chrono::system_clock;
  const int64_t now_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
  const int64_t ttl_ms = request.has_ttl_ms() ? request.ttl_ms() : kDefaultProducerTtlMs;
  return ttl_ms > std::numeric_limits<int64_t>::max() - now_ms ? std::numeric_limits<int64_t>::max() : now_ms + ttl_ms;
}

}  // namespace

void RegisterProducerOffsets(const State& state, const wire::RegisterProducerOffsetsRequest& request,
                             const Answer<wire::RegisterProducerOffsetsResponse>& answer) {
  ProducerOffsets offsets;
  offsets.expires_ms = ExpiryOf(request);
  for (const wire::ProducerTableOffsets& table : request.table_offsets()) {
    for (const wire::BucketOffset& bucket : table.bucket_offsets()) {
      TableBucket id{table.table_id(), {}, bucket.bucket_id()};
      if (bucket.has_partition_id()) id.partition_id = bucket.partition_id();
      if (!bucket.has_log_end_offset()) {
        return answer(Status(ErrorCode::kCorruptMessage, "the request names no offset for " + id.ToString()));
      }
      offsets.log_ends[id] = bucket.log_end_offset();
    }
  }
  AnswerWith(answer, state->gateway->RegisterProducerOffsets(request.producer_id(), offsets), [](bool registered) {
    wire::RegisterProducerOffsetsResponse response;
    response.set_result(registered ? kCreated : kAlreadyExists);
    return response;
  });
}

void GetProducerOffsets(const State& state, const wire::GetProducerOffsetsRequest& request,
                        const Answer<wire::GetProducerOffsetsResponse>& answer) {
  AnswerWith(answer, state->gateway->GetProducerOffsets(request.producer_id()),
             [id = request.producer_id()](const std::optional<ProducerOffsets>& offsets) {
               wire::GetProducerOffsetsResponse response;
               if (!offsets) return response;
               response.set_producer_id(id);
               response.set_expiration_time(offsets->expires_ms);
               wire::ProducerTableOffsets* table = nullptr;
               for (const auto& [bucket, end] : offsets->log_ends) {
                 if (table == nullptr || table->table_id() != bucket.table_id) {
                   table = response.add_table_offsets();
                   table->set_table_id(bucket.table_id);
                 }
                 wire::BucketOffset* of_bucket = table->add_bucket_offsets();
                 if (bucket.partition_id) of_bucket->set_partition_id(*bucket.partition_id);
                 of_bucket->set_bucket_id(bucket.bucket_id);
                 of_bucket->set_log_end_offset(end);
               }
               return response;
             });
}

void DeleteProducerOffsets(const State& state, const wire::DeleteProducerOffsetsRequest& request,
                           const Answer<wire::DeleteProducerOffsetsResponse>& answer) {
  AnswerEmpty(answer, state->gateway->DeleteProducerOffsets(request.producer_id()));
}

}  // namespace weir
