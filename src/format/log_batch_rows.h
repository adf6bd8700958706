#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/row_codec.h"
#include "weir/schema.h"
#include "weir/table.h"

namespace weir {

/// Appends the records of an INDEXED or COMPACTED batch. `change_types`: one a row, or empty.
Status EncodeLogRows(RowFormat format, const arrow::RecordBatch& rows, std::span<const ChangeType> change_types,
                     const Schema& schema, std::string* out);

/// Whether all of `count` records are appends. Malformed bytes are code 14.
Result<bool> AreAppends(std::string_view payload, int32_t count);

struct DecodedLogRows {
  std::shared_ptr<arrow::RecordBatch> rows;
  std::vector<ChangeType> change_types;
};
/// Decodes `count` records into the columns at `projection` (absent: all). Malformed bytes are code 14.
Result<DecodedLogRows> DecodeLogRows(RowFormat format, std::string_view payload, int32_t count, const Schema& schema,
                                     const std::optional<std::vector<int>>& projection);

}  // namespace weir
