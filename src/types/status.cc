#include "weir/status.h"

#include <algorithm>
#include <array>

namespace weir {
namespace {

// Indexed by code, from 0 ( upstream's misspelt server tag names are put right).
constexpr auto kNames = std::to_array<std::string_view>({
    "NONE",
    "NETWORK_EXCEPTION",
    "UNSUPPORTED_VERSION",
    "CORRUPT_MESSAGE",
    "DATABASE_NOT_EXIST",
    "DATABASE_NOT_EMPTY",
    "DATABASE_ALREADY_EXIST",
    "TABLE_NOT_EXIST",
    "TABLE_ALREADY_EXIST",
    "SCHEMA_NOT_EXIST",
    "LOG_STORAGE_EXCEPTION",
    "KV_STORAGE_EXCEPTION",
    "NOT_LEADER_OR_FOLLOWER",
    "RECORD_TOO_LARGE_EXCEPTION",
    "CORRUPT_RECORD_EXCEPTION",
    "INVALID_TABLE_EXCEPTION",
    "INVALID_DATABASE_EXCEPTION",
    "INVALID_REPLICATION_FACTOR",
    "INVALID_REQUIRED_ACKS",
    "LOG_OFFSET_OUT_OF_RANGE_EXCEPTION",
    "NON_PRIMARY_KEY_TABLE_EXCEPTION",
    "UNKNOWN_TABLE_OR_BUCKET_EXCEPTION",
    "INVALID_UPDATE_VERSION_EXCEPTION",
    "INVALID_COORDINATOR_EXCEPTION",
    "FENCED_LEADER_EPOCH_EXCEPTION",
    "REQUEST_TIME_OUT",
    "STORAGE_EXCEPTION",
    "OPERATION_NOT_ATTEMPTED_EXCEPTION",
    "NOT_ENOUGH_REPLICAS_AFTER_APPEND_EXCEPTION",
    "NOT_ENOUGH_REPLICAS_EXCEPTION",
    "SECURITY_TOKEN_EXCEPTION",
    "OUT_OF_ORDER_SEQUENCE_EXCEPTION",
    "DUPLICATE_SEQUENCE_EXCEPTION",
    "UNKNOWN_WRITER_ID_EXCEPTION",
    "INVALID_COLUMN_PROJECTION",
    "INVALID_TARGET_COLUMN",
    "PARTITION_NOT_EXISTS",
    "TABLE_NOT_PARTITIONED_EXCEPTION",
    "INVALID_TIMESTAMP_EXCEPTION",
    "INVALID_CONFIG_EXCEPTION",
    "LAKE_STORAGE_NOT_CONFIGURED_EXCEPTION",
    "KV_SNAPSHOT_NOT_EXIST",
    "PARTITION_ALREADY_EXISTS",
    "PARTITION_SPEC_INVALID_EXCEPTION",
    "LEADER_NOT_AVAILABLE_EXCEPTION",
    "PARTITION_MAX_NUM_EXCEPTION",
    "AUTHENTICATE_EXCEPTION",
    "SECURITY_DISABLED_EXCEPTION",
    "AUTHORIZATION_EXCEPTION",
    "BUCKET_MAX_NUM_EXCEPTION",
    "FENCED_TIERING_EPOCH_EXCEPTION",
    "RETRIABLE_AUTHENTICATE_EXCEPTION",
    "INVALID_SERVER_RACK_INFO_EXCEPTION",
    "LAKE_SNAPSHOT_NOT_EXIST",
    "LAKE_TABLE_ALREADY_EXIST",
    "INELIGIBLE_REPLICA_EXCEPTION",
    "INVALID_ALTER_TABLE_EXCEPTION",
    "DELETION_DISABLED_EXCEPTION",
    "SERVER_NOT_EXIST_EXCEPTION",
    "SERVER_TAG_ALREADY_EXIST_EXCEPTION",
    "SERVER_TAG_NOT_EXIST_EXCEPTION",
    "REBALANCE_FAILURE_EXCEPTION",
    "NO_REBALANCE_IN_PROGRESS_EXCEPTION",
    "INVALID_PRODUCER_ID_EXCEPTION",
    "CONFIG_EXCEPTION",
    "NOT_COORDINATOR_LEADER_EXCEPTION",
    "SCANNER_EXPIRED",
    "UNKNOWN_SCANNER_ID",
    "INVALID_SCAN_REQUEST",
    "TOO_MANY_SCANNERS",
    "DISK_WRITE_LOCKED",
    "INSUFFICIENT_KV_LEADER_REPLICA_CAPACITY",
    "STORAGE_BACKPRESSURE_EXCEPTION",
    "HISTORICAL_PARTITION_THROTTLED",
});

constexpr auto kRetriable = std::to_array<int>({1, 3, 9, 10, 11, 12, 14, 21, 25, 26, 28, 29, 44, 72});

const std::string& kNoMessage = *new std::string;  // never destroyed: threads may outlive main

}  // namespace

std::string_view ErrorCodeName(ErrorCode code) {
  const auto number = static_cast<int32_t>(code);
  if (code == ErrorCode::kClientError) return "CLIENT_ERROR";
  if (code == ErrorCode::kUnknownServerError) return "UNKNOWN_SERVER_ERROR";
  if (number < 0 || number >= static_cast<int32_t>(kNames.size())) return "UNKNOWN";
  return kNames[number];
}

bool IsRetriable(ErrorCode code) {
  return std::binary_search(kRetriable.begin(), kRetriable.end(), static_cast<int>(code));
}

const std::string& Status::message() const { return ok() ? kNoMessage : state_->message; }

std::string Status::ToString() const {
  if (ok()) return "OK";
  return std::string(ErrorCodeName(code())) + " (" + std::to_string(static_cast<int32_t>(code())) + "): " + message();
}

Status Status::WithContext(std::string_view context) const {
  if (ok()) return *this;
  return {code(), std::string(context) + ": " + message(), state_->detail};
}

}  // namespace weir
