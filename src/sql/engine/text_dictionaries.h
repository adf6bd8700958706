#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "sql/engine/duckdb_headers.h"
#include "weir/data_type.h"

namespace weir::sql {

/// A column of texts of which few differ: each of them once, and for each row which one it is. DuckDB then hashes,
/// compares and converts the few.
class TextDictionary {
 public:
  /// Null where more texts differ than a byte can count.
  static std::shared_ptr<const TextDictionary> Make(const DataType& type, const arrow::Array& array);

  /// Makes `vector`, of the column's type, one of rows [offset, offset + count).
  void Fill(int64_t offset, duckdb::idx_t count, duckdb::Vector& vector) const;
  int64_t bytes() const { return static_cast<int64_t>(codes_.size()) + bytes_of_texts_; }

 private:
  duckdb::buffer_ptr<duckdb::VectorChildBuffer> texts_;
  std::vector<uint8_t> codes_;
  int64_t bytes_of_texts_ = 0;
};
using TextDictionaryPtr = std::shared_ptr<const TextDictionary>;

/// That of a column that comes again, as columns do that are kept in memory (client/column_cache.h); null where there
/// is none yet, or none to be. Thread-safe.
TextDictionaryPtr FindTextDictionary(const DataType& type, const std::shared_ptr<arrow::Array>& array);

}  // namespace weir::sql
