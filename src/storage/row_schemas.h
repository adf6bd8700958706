#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "format/row_codec.h"
#include "storage/bucket.h"

namespace weir {

/// One schema of a table and how its rows look in the table's latest schema.
struct RowSchema {
  int32_t id = 0;
  Schema schema;
  std::vector<DataType> types;
  /// Latest position → position here, -1 where this schema has no such column. Empty: the same columns.
  std::vector<int> source;
};

/// The schemas that a table's values were written with, each made when first met. Not thread-safe.
class RowSchemas {
 public:
  static Result<std::unique_ptr<RowSchemas>> Make(std::shared_ptr<const TableContext> table);

  const RowSchema& latest() const { return *latest_; }
  RowFormat format() const { return format_; }
  /// Code 9 for an id the table never had.
  Result<const RowSchema*> Get(int32_t id);
  /// Decodes a row of schema `id` into the latest schema: columns by id, missing ones their initial default. What
  /// `row` refers to lives in `bytes` and `arena`.
  Status Decode(int32_t id, std::string_view bytes, Arena* arena, std::span<Datum> row);
 private:
  /// Maps a row of `schema` into the latest one.
  void Upgrade(const RowSchema& schema, RowView from, std::span<Datum> to) const;

  RowSchemas(std::shared_ptr<const TableContext> table, RowFormat format) : table_(std::move(table)), format_(format) {}

  std::shared_ptr<const TableContext> table_;
  RowFormat format_;
  std::map<int32_t, std::unique_ptr<RowSchema>> schemas_;
  const RowSchema* latest_ = nullptr;
  std::vector<Datum> initial_defaults_;  // of the latest schema's columns
  Arena initial_default_values_;         // what these refer to
  std::vector<Datum> scratch_;
};

}  // namespace weir
