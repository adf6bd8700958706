#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "weir/datum.h"
#include "weir/schema.h"
#include "weir/status.h"

namespace weir {

/// Builds the Arrow array of a column whose type is not nested. For a few values it costs a fraction of what Arrow's
/// builders do, and no more for many.
class FlatColumn {
 public:
  /// `type` is not nested, `arrow_type` its Arrow type.
  FlatColumn(const DataType& type, std::shared_ptr<arrow::DataType> arrow_type);

  /// Appends a value that the type can hold, or NULL; `*bytes` grows by what it takes. An error for more text than an
  /// array holds; it adds nothing then.
  Status Append(const Datum& value, int64_t* bytes);
  /// The values so far; the column is empty afterwards.
  std::shared_ptr<arrow::Array> Finish();

 private:
  void AppendFixed(const Datum& value);
  void AppendBit(bool set, std::vector<uint8_t>* bits) const;
  void AppendNull();
  template <typename Number>
  void Write(Number number);

  TypeId id_;
  int precision_ = 0;
  int width_ = 0;  // of a value, in bytes; 0: bits, or texts
  std::shared_ptr<arrow::DataType> arrow_type_;
  int64_t count_ = 0;
  int64_t nulls_ = 0;
  std::vector<uint8_t> values_;
  std::vector<int32_t> ends_;      // of texts
  std::vector<uint8_t> validity_;  // once there is a NULL
};

/// Bytes that a value of the type takes in Arrow form, what it points to aside.
int64_t BytesInArrow(const DataType& type);

}  // namespace weir
