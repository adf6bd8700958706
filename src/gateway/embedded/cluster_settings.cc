#include "gateway/embedded/cluster_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "gateway/embedded/catalog_keys.h"

namespace weir {
namespace {

struct SettingKind {
  const char* key;
  int32_t TableLimits::*limit;
};

constexpr SettingKind kSettings[] = {
    {"default.bucket.number", &TableLimits::default_bucket_count},
    {"max.bucket.num", &TableLimits::max_buckets},
    {"max.partition.num", &TableLimits::max_partitions},
};

Result<const SettingKind*> FindSetting(const std::string& key) {
  const auto* found = std::ranges::find_if(kSettings, [&](const SettingKind& kind) { return kind.key == key; });
  if (found != std::end(kSettings)) return found;
  std::vector<std::string_view> known;
  for (const SettingKind& kind : kSettings) known.emplace_back(kind.key);
  return Status(ErrorCode::kInvalidConfig, fmt::format("'{}' is no setting that can be changed here; there are {}", key,
                                                       fmt::join(known, ", ")));
}

Result<int32_t> ParseSetting(const std::string& key, const std::string& text) {
  int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value > 0) return value;
  return Status(ErrorCode::kInvalidConfig, fmt::format("'{}' is '{}', it must be a number from 1 to {}", key, text,
                                                       std::numeric_limits<int32_t>::max()));
}

}  // namespace

Result<std::unique_ptr<ClusterSettings>> ClusterSettings::Open(KvStore* store, const TableLimits& initial) {
  std::unique_ptr<ClusterSettings> settings(new ClusterSettings(store, initial));
  MutexLock lock(settings->mutex_);
  for (const SettingKind& kind : kSettings) {
    WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> text, store->GetCatalog(SettingKey(kind.key)));
    if (!text) continue;
    WEIR_ASSIGN_OR_RETURN(settings->changed_[kind.key], ParseNumber<int32_t>(SettingKey(kind.key), *text, 10));
  }
  return settings;
}

TableLimits ClusterSettings::limits() const {
  TableLimits limits = initial_;
  MutexLock lock(mutex_);
  for (const SettingKind& kind : kSettings) {
    if (const auto found = changed_.find(kind.key); found != changed_.end()) limits.*kind.limit = found->second;
  }
  return limits;
}

std::vector<Setting> ClusterSettings::List() const {
  const TableLimits now = limits();
  MutexLock lock(mutex_);
  std::vector<Setting> settings;
  for (const SettingKind& kind : kSettings) {
    settings.push_back({kind.key, std::to_string(now.*kind.limit), changed_.contains(kind.key)});
  }
  return settings;
}

Status ClusterSettings::Change(const std::vector<SettingChange>& changes) {
  MutexLock lock(mutex_);
  std::map<std::string, int32_t> changed = changed_;
  std::vector<KvStore::Change> records;
  for (const SettingChange& change : changes) {
    WEIR_ASSIGN_OR_RETURN(const SettingKind* const kind, FindSetting(change.key));
    changed.erase(kind->key);
    if (change.value) {
      WEIR_ASSIGN_OR_RETURN(changed[kind->key], ParseSetting(change.key, *change.value));
    }
    records.push_back({SettingKey(kind->key), change.value});
  }
  if (records.empty()) return Status::OK();
  WEIR_RETURN_NOT_OK(store_->WriteCatalog(records));
  changed_ = std::move(changed);
  return Status::OK();
}

}  // namespace weir
