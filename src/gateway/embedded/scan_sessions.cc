#include "gateway/embedded/scan_sessions.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "format/kv_batch.h"

namespace weir {
namespace {

constexpr size_t kRememberedExpired = 1000;

std::string RandomId() {
  std::random_device random;
  std::string id;
  for (int i = 0; i < 4; ++i) id += fmt::format("{:08x}", random());
  return id;
}

Status CheckBatchSize(int32_t bytes) {
  if (bytes > 0) return Status::OK();
  return {ErrorCode::kInvalidScanRequest, fmt::format("batch_size_bytes is {}, it must be positive", bytes)};
}

// Rows up to the size, but at least one.
Result<std::shared_ptr<arrow::Buffer>> TakeBatch(KvRows& rows, int32_t batch_size_bytes) {
  ValueBatchBuilder builder;
  for (; rows.Valid(); rows.Next()) {
    builder.Add(rows.value());
    if (builder.bytes() >= static_cast<size_t>(batch_size_bytes)) {
      rows.Next();
      break;
    }
  }
  WEIR_RETURN_NOT_OK(rows.status());
  if (builder.num_records() == 0) return std::shared_ptr<arrow::Buffer>();
  return arrow::Buffer::FromString(builder.Finish());
}

}  // namespace

Result<ScanKvResult> ScanSessions::Open(const TableBucket& bucket, Bucket::Snapshot snapshot, int32_t batch_size_bytes,
                                        int64_t now_ms) {
  WEIR_RETURN_NOT_OK(CheckBatchSize(batch_size_bytes));
  ScanKvResult result;
  result.log_offset = snapshot.log_offset;
  WEIR_ASSIGN_OR_RETURN(result.records, TakeBatch(*snapshot.rows, batch_size_bytes));
  if (!snapshot.rows->Valid()) return result;

  MutexLock lock(mutex_);
  ExpireLocked(now_ms);
  WEIR_RETURN_NOT_OK(CheckLimits(bucket));
  result.scanner_id = RandomId();
  result.has_more = true;
  sessions_[result.scanner_id] = Session{bucket, std::move(snapshot.rows), now_ms};
  return result;
}

Status ScanSessions::CheckLimits(const TableBucket& bucket) {
  const auto of_bucket =
      static_cast<size_t>(std::count_if(sessions_.begin(), sessions_.end(), [&](const auto& session) {
        return session.second && session.second->bucket == bucket;
      }));
  if (of_bucket >= kMaxPerBucket || sessions_.size() >= kMaxInAll) {
    return {ErrorCode::kTooManyScanners,
            fmt::format("{} has {} open scanners (at most {}), all buckets together {} (at most {}); close one first",
                        bucket.ToString(), of_bucket, kMaxPerBucket, sessions_.size(), kMaxInAll)};
  }
  return Status::OK();
}

Result<ScanKvResult> ScanSessions::Next(const std::string& scanner_id, int32_t batch_size_bytes, int64_t now_ms) {
  Session session;
  {
    MutexLock lock(mutex_);
    ExpireLocked(now_ms);
    const auto found = sessions_.find(scanner_id);
    if (found == sessions_.end()) {
      if (std::find(expired_.begin(), expired_.end(), scanner_id) != expired_.end()) {
        return Status(ErrorCode::kScannerExpired,
                      fmt::format("scanner '{}' was idle for more than {} minutes", scanner_id, kIdleLimitMs / 60000));
      }
      return Status(ErrorCode::kUnknownScannerId, fmt::format("there is no scanner '{}'", scanner_id));
    }
    if (!found->second) {
      sessions_.erase(found);
      return Status(ErrorCode::kInvalidScanRequest,
                    fmt::format("scanner '{}' is used by two requests at once; it is closed", scanner_id));
    }
    if (Status size = CheckBatchSize(batch_size_bytes); !size.ok()) {
      sessions_.erase(found);
      return size;
    }
    session = std::move(*found->second);
    found->second.reset();
  }
  Result<std::shared_ptr<arrow::Buffer>> records = TakeBatch(*session.rows, batch_size_bytes);
  const bool has_more = records.ok() && session.rows->Valid();
  session.last_used_ms = now_ms;

  MutexLock lock(mutex_);
  const auto found = sessions_.find(scanner_id);
  if (found != sessions_.end()) {
    if (has_more) {
      found->second = std::move(session);
    } else {
      sessions_.erase(found);
    }
  }
  if (!records.ok()) return records.status();
  return ScanKvResult{.scanner_id = scanner_id, .has_more = has_more, .records = *records, .log_offset = -1};
}

void ScanSessions::Close(const std::string& scanner_id) {
  MutexLock lock(mutex_);
  sessions_.erase(scanner_id);
}

void ScanSessions::Expire(int64_t now_ms) {
  MutexLock lock(mutex_);
  ExpireLocked(now_ms);
}

void ScanSessions::ExpireLocked(int64_t now_ms) {
  std::erase_if(sessions_, [&](const auto& entry) WEIR_REQUIRES(mutex_) {
    const auto& [id, session] = entry;
    if (!session || now_ms - session->last_used_ms <= kIdleLimitMs) return false;
    expired_.push_back(id);
    return true;
  });
  while (expired_.size() > kRememberedExpired) expired_.pop_front();
}

void ScanSessions::Drop(int64_t table_id, std::optional<int64_t> partition_id) {
  MutexLock lock(mutex_);
  std::erase_if(sessions_, [&](const auto& entry) {
    const std::optional<Session>& session = entry.second;
    return session && session->bucket.table_id == table_id &&
           (!partition_id || session->bucket.partition_id == partition_id);
  });
}

void ScanSessions::CloseAll() {
  MutexLock lock(mutex_);
  sessions_.clear();
}

}  // namespace weir
