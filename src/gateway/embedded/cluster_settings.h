#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/gateway.h"
#include "model/table_rules.h"
#include "storage/kv_store.h"
#include "types/mutex.h"

namespace weir {

/// What clients may set for a whole database while it is open (Gateway::AlterSettings), as records of the catalog
/// (docs/storage-format-catalog.md). Thread-safe.
class ClusterSettings {
 public:
  /// `initial`: what holds where nothing was set.
  static Result<std::unique_ptr<ClusterSettings>> Open(KvStore* store, const TableLimits& initial);

  TableLimits limits() const;
  std::vector<Setting> List() const;
  /// All of them or none; durable on return. Code 39 for one that there is not, and for a value that it cannot have.
  Status Change(const std::vector<SettingChange>& changes);

 private:
  ClusterSettings(KvStore* store, const TableLimits& initial) : store_(store), initial_(initial) {}

  KvStore* const store_;
  const TableLimits initial_;
  mutable Mutex mutex_;
  std::map<std::string, int32_t> changed_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
