#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sql/remote/call.pb.h"
#include "sql/session.h"

namespace weir::sql::remote {

/// Between the messages of call.proto and what they stand for.

void Put(const ErrorFields& fields, call::Error* message);
ErrorFields ErrorOf(const call::Error& message);
/// A Status with these fields.
Status StatusOf(const ErrorFields& fields);

void Put(const std::vector<ResultColumn>& columns, call::Response* message);
std::vector<ResultColumn> ColumnsOf(const call::Response& message);

/// The parameters that say how values are written, and which dialect is spoken.
inline constexpr const char* kReported[] = {"DateStyle",    "IntervalStyle",      "TimeZone",
                                            "bytea_output", "extra_float_digits", "weir.dialect"};

/// Rows in Arrow's IPC format.
Result<std::string> Encode(const std::shared_ptr<arrow::Schema>& schema,
                           const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches);
struct Rows {
  std::shared_ptr<arrow::Schema> schema;
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
};
Result<Rows> Decode(std::string bytes);

}  // namespace weir::sql::remote
