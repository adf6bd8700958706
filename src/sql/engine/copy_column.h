#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "postgres/copy/options.h"
#include "postgres/value/settings.h"
#include "sql/catalog/relation.h"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Reads the fields that COPY has for one column, each straight to its place in the vector.
class CopyColumn {
 public:
  virtual ~CopyColumn() = default;
  /// Sets the vector's value at `row` to what a field says: its text as PostgreSQL's input function reads it, or the
  /// bytes of its binary form. Errors: PostgreSQL's for values that are none of the type. Throws what DuckDB says of
  /// one that does not fit the column.
  virtual Status Read(std::string_view field, duckdb::Vector& vector, duckdb::idx_t row) const = 0;
};

/// How many bytes of a line or field CONTEXT shows.
inline constexpr size_t kShownInCopy = 100;
std::string ShownInCopy(std::string_view text);

/// `settings` must stay as long as the column does.
Result<std::unique_ptr<CopyColumn>> MakeCopyColumn(const SqlColumn& column, postgres::CopyOptions::Format format,
                                                   const postgres::Settings& settings);

}  // namespace weir::sql
