// Decodes arbitrary bytes as a log batch of a schema with every physical layout. The first input byte
// picks payload format and projection; the CRC is not checked, so that mutations get past it.
#include <arrow/api.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "format/log_batch.h"

namespace weir {
namespace {

Schema FuzzSchema() {
  std::vector<Column> columns;
  const auto add = [&](DataType type) { columns.push_back({"c" + std::to_string(columns.size()), type, {}, {}, -1}); };
  add(DataType::Int());
  add(DataType::String());
  add(DataType::TimestampLtz(6));
  add(DataType::Boolean());
  add(DataType::Decimal(20, 2));
  add(DataType::Map(DataType::String(), DataType::Array(DataType::BigInt())));
  add(DataType::Row({{"x", DataType::Bytes(), "", -1}, {"y", DataType::Binary(3), "", -1}}));
  return Schema::Make(std::move(columns)).MoveValue();
}

/// Touches every value; out-of-bounds data would end the run.
void ReadRows(const DecodedLogBatch& decoded) {
  if (decoded.rows == nullptr) return;
  if (decoded.rows->num_rows() != decoded.header.record_count) std::abort();
  if (!decoded.rows->Validate().ok()) std::abort();
  for (const auto& column : decoded.rows->columns()) {
    const int64_t rows = std::min<int64_t>(column->length(), 1000);
    for (int64_t i = 0; i < rows; ++i) {
      if (!column->GetScalar(i).ok()) std::abort();
    }
  }
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const weir::Schema schema = weir::FuzzSchema();
  if (size == 0) return 0;
  // A buffer of its own, so that the sanitizer sees a read past its end.
  const auto input = std::make_unique<char[]>(size - 1);
  std::copy(data + 1, data + size, input.get());
  const std::string_view bytes(input.get(), size - 1);
  const auto buffer = std::make_shared<arrow::Buffer>(bytes);

  weir::DecodeLogBatchOptions options;
  options.verify_crc = false;
  options.format = static_cast<weir::PayloadFormat>(data[0] % 3);
  if (data[0] & 0x80) options.projection = {5, 1, 1};
  if (const auto decoded = weir::DecodeLogBatch(buffer, schema, options); decoded.ok()) weir::ReadRows(*decoded);

  if (const auto header = weir::ParseLogBatchHeader(bytes); header.ok()) {
    (void)weir::ParseBatchStatistics(*header, bytes).ok();
  }
  const std::vector<int> positions = {1, 5};
  if (const auto projected = weir::ProjectLogBatch(bytes, schema, positions); projected.ok()) {
    options = {};
    options.server_projection = positions;
    const auto copy = std::make_shared<arrow::Buffer>(std::string_view(*projected));
    if (const auto decoded = weir::DecodeLogBatch(copy, schema, options); decoded.ok()) weir::ReadRows(*decoded);
  }
  return 0;
}
