#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "postgres/value/row_shape.h"
#include "postgres/value/settings.h"
#include "weir/status.h"

namespace weir::postgres {

enum class Format : int16_t { kText = 0, kBinary = 1 };

/// Writes the values of one column of a batch.
class ColumnWriter {
 public:
  virtual ~ColumnWriter() = default;
  virtual bool IsNull(int64_t row) const = 0;
  /// Appends the value of a row that is not null, without its length.
  virtual void Write(int64_t row, std::string* out) const = 0;
};

/// The OID that a name stands for as a value of `type`, which is regclass or its like: such values come as names, and
/// their binary form is the OID.
using NameReader = std::function<Result<uint32_t>(uint32_t type, const std::string& name)>;

/// A writer of `array`'s values as the PostgreSQL type `oid`. SQLSTATE 0A000 where the array's type has no
/// such form. The writer keeps the array. `row`: the fields of rows that come as their texts.
Result<std::unique_ptr<ColumnWriter>> MakeColumnWriter(const std::shared_ptr<arrow::Array>& array, uint32_t oid,
                                                       Format format, const Settings& settings,
                                                       const NameReader& read_name = {},
                                                       const std::shared_ptr<const RowShape>& row = nullptr);

}  // namespace weir::postgres
