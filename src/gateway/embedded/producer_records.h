#pragma once

#include <optional>
#include <string>

#include "gateway/gateway.h"
#include "storage/kv_store.h"
#include "types/mutex.h"

namespace weir {

/// What producers have put down (Gateway::RegisterProducerOffsets), as records of the catalog
/// (docs/storage-format-catalog.md). Times are epoch milliseconds; what has expired is not there. Thread-safe.
class ProducerRecords {
 public:
  explicit ProducerRecords(KvStore* store) : store_(store) {}

  /// Whether it is put down now. Code 63 for a bad id, as for the others.
  Result<bool> Register(const std::string& producer_id, const ProducerOffsets& offsets, int64_t now_ms);
  Result<std::optional<ProducerOffsets>> Find(const std::string& producer_id, int64_t now_ms) const;
  Status Delete(const std::string& producer_id);
  Status RemoveExpired(int64_t now_ms);

 private:
  KvStore* const store_;
  Mutex mutex_;  // one change at a time
};

}  // namespace weir
