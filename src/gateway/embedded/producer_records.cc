#include "gateway/embedded/producer_records.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "gateway/embedded/bucket_numbers.h"
#include "gateway/embedded/catalog_keys.h"
#include "model/table_rules.h"

namespace weir {
namespace {

using ProducerJson = nlohmann::json;

std::string ProducerText(const ProducerOffsets& offsets) {
  return ProducerJson{{"expires", offsets.expires_ms}, {"log_ends", BucketNumbersToJson(offsets.log_ends, "end")}}
      .dump();
}

Result<ProducerOffsets> ParseProducer(std::string_view key, std::string_view text) {
  try {
    const ProducerJson record = ProducerJson::parse(text);
    ProducerOffsets offsets;
    offsets.expires_ms = record.at("expires").get<int64_t>();
    offsets.log_ends = BucketNumbersFromJson(record.at("log_ends"), "end");
    return offsets;
  } catch (const ProducerJson::exception& error) {
    return Damaged(key, error.what());
  }
}

}  // namespace

Result<bool> ProducerRecords::Register(const std::string& producer_id, const ProducerOffsets& offsets, int64_t now_ms) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(const auto kept, Find(producer_id, now_ms));
  if (kept) return false;
  WEIR_RETURN_NOT_OK(store_->WriteCatalog({{ProducerKey(producer_id), ProducerText(offsets)}}));
  return true;
}

Result<std::optional<ProducerOffsets>> ProducerRecords::Find(const std::string& producer_id, int64_t now_ms) const {
  WEIR_RETURN_NOT_OK(ValidateProducerId(producer_id));
  const std::string key = ProducerKey(producer_id);
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> text, store_->GetCatalog(key));
  if (!text) return std::optional<ProducerOffsets>();
  WEIR_ASSIGN_OR_RETURN(ProducerOffsets offsets, ParseProducer(key, *text));
  if (offsets.expires_ms <= now_ms) return std::optional<ProducerOffsets>();
  return std::optional(std::move(offsets));
}

Status ProducerRecords::Delete(const std::string& producer_id) {
  WEIR_RETURN_NOT_OK(ValidateProducerId(producer_id));
  MutexLock lock(mutex_);
  const std::string key = ProducerKey(producer_id);
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> text, store_->GetCatalog(key));
  return text ? store_->WriteCatalog({{key, std::nullopt}}) : Status::OK();
}

Status ProducerRecords::RemoveExpired(int64_t now_ms) {
  MutexLock lock(mutex_);
  std::vector<KvStore::Change> changes;
  Status damaged;
  WEIR_RETURN_NOT_OK(store_->ScanCatalog(ProducerKey(""), [&](std::string_view key, std::string_view text) {
    const Result<ProducerOffsets> offsets = ParseProducer(key, text);
    if (!offsets.ok()) damaged = offsets.status();
    if (offsets.ok() && offsets->expires_ms <= now_ms) changes.push_back({std::string(key), std::nullopt});
    return true;
  }));
  if (!changes.empty()) WEIR_RETURN_NOT_OK(store_->WriteCatalog(changes));
  return damaged;
}

}  // namespace weir
