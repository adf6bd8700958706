// What is read and written by key, when a client takes the key for one of another bucket: some compute buckets
// otherwise than the table's rule has it.
#include <map>
#include <utility>

#include "gateway/embedded/durable_answers.h"
#include "gateway/embedded/engine.h"

namespace weir {
namespace {

/// Keys of a lookup that are in one bucket, and their places in the lookup.
struct KeysOfBucket {
  std::vector<std::string> keys;
  std::vector<size_t> places;
};

using BucketOfBytes = Result<int32_t> (KeyPlacement::*)(std::string_view);

/// Nothing where all keys are in the bucket that was asked. Bytes that are no key are in none, which that one says.
std::map<int32_t, KeysOfBucket> SplitKeys(const LookupBucketRequest& wanted, KeyPlacement* placement,
                                          BucketOfBytes bucket_of) {
  const int32_t asked = wanted.bucket.bucket_id;
  std::vector<int32_t> buckets;
  buckets.reserve(wanted.keys.size());
  bool elsewhere = false;
  for (const std::string& key : wanted.keys) {
    const Result<int32_t> bucket = (placement->*bucket_of)(key);
    buckets.push_back(bucket.ok() ? *bucket : asked);
    elsewhere = elsewhere || buckets.back() != asked;
  }
  std::map<int32_t, KeysOfBucket> parts;
  for (size_t i = 0; elsewhere && i < buckets.size(); ++i) {
    KeysOfBucket& part = parts[buckets[i]];
    part.keys.push_back(wanted.keys[i]);
    part.places.push_back(i);
  }
  return parts;
}

/// `look_up(bucket, keys)` gives a value a key: asks the buckets that the keys are in.
template <typename Value, typename LookUp>
Result<std::vector<Value>> LookUpPlaced(const LookupBucketRequest& wanted, KeyPlacement* placement,
                                        BucketOfBytes bucket_of, const LookUp& look_up) {
  std::map<int32_t, KeysOfBucket> parts;
  if (placement != nullptr) parts = SplitKeys(wanted, placement, bucket_of);
  if (parts.empty()) return look_up(wanted.bucket, wanted.keys);
  // Whether the bucket that was asked exists shows in its answer to no key.
  WEIR_RETURN_NOT_OK(look_up(wanted.bucket, {}).status());
  std::vector<Value> values(wanted.keys.size());
  for (const auto& [bucket, part] : parts) {
    WEIR_ASSIGN_OR_RETURN(std::vector<Value> found,
                          look_up({wanted.bucket.table_id, wanted.bucket.partition_id, bucket}, part.keys));
    for (size_t i = 0; i < found.size(); ++i) values[part.places[i]] = std::move(found[i]);
  }
  return values;
}

}  // namespace

Status Engine::FindPlacement(int64_t table_id, Placement* placement) {
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, catalog_->FindTable(table_id));
  if (table == nullptr) return Status::OK();  // each bucket says so
  if (table->key_layout == nullptr) return Status::OK();
  placement->emplace(table->key_layout, std::shared_ptr<const TableDescriptor>(table, &table->info.descriptor));
  return Status::OK();
}

Result<Engine::Written> Engine::PutParts(const PutKvRequest& request, const BucketRecords& records,
                                         const std::map<int32_t, KvBatchView>& parts) {
  const TableBucket& home = records.bucket;
  std::vector<TableBucket> buckets;
  for (const auto& [bucket, part] : parts) buckets.push_back({home.table_id, home.partition_id, bucket});
  WEIR_ASSIGN_OR_RETURN(const std::vector<BucketRegistry::Lease> leases, registry_->AcquireAll(buckets));
  LogAppendResult place;
  std::vector<Committer::Write> writes;
  for (const auto& [bucket, part] : parts) {
    const size_t i = writes.size();
    WEIR_ASSIGN_OR_RETURN(auto write, leases[i]->PreparePut(part, records.records, request.target_columns,
                                                            request.agg_mode));
    if (buckets[i] == home) {
      place = write->result();
      if (place.duplicate) return Acknowledge(&*leases[i], place, request.acks);
    }
    writes.push_back({buckets[i], leases[i].bucket(), std::move(write)});
  }
  WEIR_RETURN_NOT_OK(Committer::WriteLogs(writes));
  Promise<Unit> done;
  committer_->Submit(std::move(writes), nullptr, /*waits=*/false, [done](const Status& status) {
    done.Complete(status.ok() ? Result<Unit>(Unit{}) : Result<Unit>(status));
  });
  return Written{place, done.future()};
}

Future<std::vector<LookedUpBucket>> Engine::Lookup(const LookupRequest& request) {
  using Values = std::vector<std::optional<std::string>>;
  Placement placement;
  if (Status found = FindPlacement(request.table_id, &placement); !found.ok()) {
    return Future<std::vector<LookedUpBucket>>::Ready(found);
  }
  auto answers = std::make_shared<DurableAnswers<LookedUpBucket>>(request.buckets.size(), &completion_thread_);
  for (size_t i = 0; i < request.buckets.size(); ++i) {
    const LookupBucketRequest& wanted = request.buckets[i];
    const auto look_up = [&](const TableBucket& id, const std::vector<std::string>& keys) -> Result<Values> {
      WEIR_ASSIGN_OR_RETURN(const BucketRegistry::Lease bucket, Acquire(request.table_id, id));
      if (!request.insert_if_not_exists) return bucket->Lookup(keys);
      WEIR_ASSIGN_OR_RETURN(Values values, bucket->LookupOrInsert(keys));
      answers->WaitFor(i, bucket->log().WhenDurable(bucket->log().end_offset()));
      return values;
    };
    auto values = LookUpPlaced<std::optional<std::string>>(wanted, placement ? &*placement : nullptr,
                                                           &KeyPlacement::BucketOfKey, look_up);
    LookedUpBucket& answer = answers->at(i);
    answer.bucket = wanted.bucket;
    answer.status = values.status();
    if (values.ok()) answer.values = values.MoveValue();
  }
  return answers->Finish();
}

Result<std::vector<PrefixLookedUpBucket>> Engine::PrefixLookup(const PrefixLookupRequest& request) {
  using Rows = std::vector<std::string>;
  Placement placement;
  WEIR_RETURN_NOT_OK(FindPlacement(request.table_id, &placement));
  const auto look_up = [&](const TableBucket& id, const std::vector<std::string>& keys) -> Result<std::vector<Rows>> {
    WEIR_ASSIGN_OR_RETURN(const BucketRegistry::Lease bucket, Acquire(request.table_id, id));
    std::vector<Rows> values;
    for (const std::string& prefix : keys) {
      WEIR_ASSIGN_OR_RETURN(Rows rows, bucket->PrefixLookup(prefix));
      values.push_back(std::move(rows));
    }
    return values;
  };
  std::vector<PrefixLookedUpBucket> answers(request.buckets.size());
  for (size_t i = 0; i < request.buckets.size(); ++i) {
    const LookupBucketRequest& wanted = request.buckets[i];
    auto values =
        LookUpPlaced<Rows>(wanted, placement ? &*placement : nullptr, &KeyPlacement::BucketOfPrefix, look_up);
    answers[i].bucket = wanted.bucket;
    answers[i].status = values.status();
    if (values.ok()) answers[i].values = values.MoveValue();
  }
  return answers;
}

}  // namespace weir
