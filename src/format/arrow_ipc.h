#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/data_type.h"
#include "weir/status.h"

namespace weir {

/// Encapsulated Arrow IPC RecordBatch messages without a schema: the payload of ARROW log batches.

/// Encodes `rows` behind `prefix_size` bytes left for the caller to fill. `codec` null: uncompressed.
Result<std::shared_ptr<arrow::Buffer>> EncodeArrowMessage(const arrow::RecordBatch& rows,
                                                          std::shared_ptr<arrow::util::Codec> codec,
                                                          int64_t prefix_size);

/// Decodes the message that starts at `offset` of `buffer` (bytes after it are ignored), whose columns
/// are those of `schema`. `columns`, ascending, are the ones to read; empty: all. Columns refer to
/// `buffer` when they are not compressed and the message is 8-byte aligned. What comes back is safe to
/// read: lengths, offsets, null counts and UTF-8 are checked; malformed bytes are code 14.
Result<std::shared_ptr<arrow::RecordBatch>> DecodeArrowMessage(const std::shared_ptr<arrow::Buffer>& buffer,
                                                               int64_t offset,
                                                               const std::shared_ptr<arrow::Schema>& schema,
                                                               const std::vector<int>& columns);

/// Appends to `out` the message with only the columns at `positions` (ascending, in range). Buffers are
/// copied as they are, compressed or not. Malformed bytes are code 14.
Status ProjectArrowMessage(std::string_view message, std::span<const DataType> types, std::span<const int> positions,
                           std::string* out);

}  // namespace weir
