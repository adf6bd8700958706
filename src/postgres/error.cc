#include "postgres/error.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include "postgres/sqlstate.h"

namespace weir::postgres {
namespace {

class SqlDetail : public StatusDetail {
 public:
  explicit SqlDetail(ErrorFields fields) : fields_(std::move(fields)) {}
  const ErrorFields& fields() const { return fields_; }

 private:
  ErrorFields fields_;
};

std::string_view SqlStateOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kDatabaseNotExist:
      return "3D000";
    case ErrorCode::kDatabaseNotEmpty:
      return "2BP01";
    case ErrorCode::kDatabaseAlreadyExist:
      return "42P04";
    case ErrorCode::kTableNotExist:
    case ErrorCode::kUnknownTableOrBucket:
      return "42P01";
    case ErrorCode::kTableAlreadyExist:
      return "42P07";
    case ErrorCode::kPartitionNotExists:
      return "42704";
    case ErrorCode::kPartitionAlreadyExists:
      return "42710";
    case ErrorCode::kInvalidTable:
    case ErrorCode::kSchemaNotExist:
    case ErrorCode::kInvalidAlterTable:
      return "42P16";
    case ErrorCode::kInvalidDatabase:
      return "42602";
    case ErrorCode::kNonPrimaryKeyTable:
    case ErrorCode::kTableNotPartitioned:
      return "42809";
    case ErrorCode::kInvalidColumnProjection:
    case ErrorCode::kInvalidTargetColumn:
      return "42703";
    case ErrorCode::kClientError:
    case ErrorCode::kInvalidConfig:
    case ErrorCode::kConfigException:
    case ErrorCode::kInvalidReplicationFactor:
    case ErrorCode::kInvalidRequiredAcks:
    case ErrorCode::kInvalidTimestamp:
    case ErrorCode::kPartitionSpecInvalid:
    case ErrorCode::kInvalidScanRequest:
      return "22023";
    case ErrorCode::kPartitionMaxNum:
    case ErrorCode::kBucketMaxNum:
    case ErrorCode::kRecordTooLarge:
      return "54000";
    case ErrorCode::kUnsupportedVersion:
    case ErrorCode::kDeletionDisabled:
    case ErrorCode::kSecurityDisabled:
      return "0A000";
    case ErrorCode::kAuthenticate:
    case ErrorCode::kRetriableAuthenticate:
      return "28000";
    case ErrorCode::kAuthorization:
    case ErrorCode::kSecurityToken:
      return "42501";
    case ErrorCode::kNetworkException:
    case ErrorCode::kLeaderNotAvailable:
    case ErrorCode::kNotLeaderOrFollower:
    case ErrorCode::kNotCoordinatorLeader:
      return "08006";
    case ErrorCode::kRequestTimeOut:
      return "57014";
    case ErrorCode::kTooManyScanners:
    case ErrorCode::kStorageBackpressure:
    case ErrorCode::kNotEnoughReplicas:
    case ErrorCode::kNotEnoughReplicasAfterAppend:
    case ErrorCode::kInsufficientKvLeaderReplicaCapacity:
      return "53000";
    case ErrorCode::kDiskWriteLocked:
      return "53100";
    case ErrorCode::kStorageException:
    case ErrorCode::kLogStorageException:
    case ErrorCode::kKvStorageException:
      return "58030";
    case ErrorCode::kCorruptMessage:
    case ErrorCode::kCorruptRecord:
      return "XX001";
    default:
      return "XX000";
  }
}

}  // namespace

Status Error(std::string_view sqlstate, std::string message, ErrorExtras extras) {
  ErrorFields fields;
  fields.sqlstate = sqlstate;
  fields.message = std::move(message);
  fields.detail = std::move(extras.detail);
  fields.hint = std::move(extras.hint);
  fields.position = extras.position;
  fields.schema = std::move(extras.schema);
  fields.table = std::move(extras.table);
  fields.column = std::move(extras.column);
  fields.constraint = std::move(extras.constraint);
  fields.row = extras.row;
  return Error(std::move(fields));
}

Status Error(ErrorFields fields) {
  std::string message = fields.message;
  return Status(ErrorCode::kClientError, std::move(message), std::make_shared<SqlDetail>(std::move(fields)));
}

Status AtPosition(const Status& status, int position) {
  ErrorFields fields = FieldsOf(status);
  fields.position = position;
  return Error(std::move(fields));
}

Status InContext(const Status& status, std::string context) {
  ErrorFields fields = FieldsOf(status);
  const auto kind = [](std::string_view text) { return text.substr(0, text.find(' ')); };
  const std::string_view known = std::string_view(fields.context).substr(fields.context.rfind('\n') + 1);
  if (!known.empty() && kind(known) == kind(context)) return status;
  fields.context += (known.empty() ? "" : "\n") + context;
  std::string message = fields.message;
  return Status(status.code(), std::move(message), std::make_shared<SqlDetail>(std::move(fields)));
}

namespace {

/// What storage says ends with the system's word.
bool SaysDiskFull(const Status& status) {
  if (status.code() != ErrorCode::kLogStorageException) return false;
  return status.message().ends_with(std::generic_category().message(ENOSPC));
}

}  // namespace

ErrorFields FieldsOf(const Status& status) {
  ErrorFields fields;
  if (const auto* detail = dynamic_cast<const SqlDetail*>(status.detail())) {
    fields = detail->fields();
  } else {
    fields.sqlstate = SaysDiskFull(status) ? sqlstate::kDiskFull : SqlStateOf(status.code());
  }
  fields.message = status.message();  // with the context that was put before it
  return fields;
}

}  // namespace weir::postgres
