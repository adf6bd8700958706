#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "format/row_codec.h"

namespace {

using weir::DataType;

const std::vector<DataType>& ScalarTypes() {
  static const std::vector<DataType> types = {
      DataType::Boolean(),     DataType::TinyInt(),      DataType::SmallInt(),      DataType::Int(),
      DataType::BigInt(),      DataType::Float(),        DataType::Double(),        DataType::String(),
      DataType::Bytes(),       DataType::Date(),         DataType::Time(),          DataType::Timestamp(3),
      DataType::Timestamp(6),  DataType::TimestampLtz(), DataType::Decimal(10, 2),  DataType::Decimal(38, 2),
      DataType::Char(4),       DataType::Binary(4)};
  return types;
}

const std::vector<DataType>& NestedTypes() {
  static const std::vector<DataType> types = [] {
    const DataType row = DataType::Row({{"a", DataType::Int()}, {"b", DataType::Array(DataType::String())}});
    return std::vector<DataType>{DataType::Array(DataType::Int()),
                                 DataType::Array(DataType::Decimal(38, 2)),
                                 DataType::Array(DataType::Array(DataType::TinyInt())),
                                 DataType::Array(row),
                                 DataType::Map(DataType::String(), row),
                                 row};
  }();
  return types;
}

// What decodes must encode and decode to the same values again.
void CheckRow(weir::RowFormat format, const std::vector<DataType>& types, std::string_view bytes) {
  weir::Arena arena;
  std::vector<weir::Datum> row(types.size());
  if (!weir::DecodeRow(format, types, bytes, &arena, row).ok()) return;
  std::string encoded;
  // A decoded CHAR or BINARY may be longer than its type allows to write.
  if (!weir::EncodeRow(format, types, row, &encoded).ok()) return;
  std::vector<weir::Datum> again(types.size());
  if (!weir::DecodeRow(format, types, encoded, &arena, again).ok() || again != row) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::vector<DataType>& types = (data[0] & 1) != 0 ? NestedTypes() : ScalarTypes();
  switch (data[0] >> 1 & 3) {
    case 0: CheckRow(weir::RowFormat::kCompacted, types, bytes); break;
    case 1: CheckRow(weir::RowFormat::kIndexed, types, bytes); break;
    default: {
      weir::Arena arena;
      std::vector<weir::Datum> row(types.size());
      if (!weir::DecodeAlignedRow(types, bytes, &arena, row).ok()) break;
      std::string encoded;
      if (weir::EncodeAlignedRow(types, row, &encoded).ok() &&
          !weir::DecodeAlignedRow(types, encoded, &arena, row).ok()) {
        std::abort();
      }
    }
  }
  return 0;
}
