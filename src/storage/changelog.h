#pragma once

#include <arrow/type_fwd.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "format/log_batch.h"
#include "storage/key_layout.h"
#include "storage/kv_change.h"
#include "storage/row_schemas.h"
#include "types/arrow_rows.h"

namespace weir {

PayloadFormat PayloadFormatOf(const TableOptions& options);
PayloadCompression PayloadCompressionOf(const TableOptions& options);

/// Gathers the changelog records of one KV batch.
class Changelog {
 public:
  static Result<Changelog> Make(const Schema& schema, const std::shared_ptr<arrow::Schema>& arrow_schema,
                                const std::vector<DataType>& types);

  /// What a row was before may have NULLs where the schema has none any more: it was written under an older one.
  Status Add(ChangeType type, RowView row);
  /// The log batch; one without records when nothing was added.
  Result<std::shared_ptr<arrow::Buffer>> Finish(const TableContext& table, int64_t writer_id, int32_t sequence);

 private:
  Changelog(const Schema& schema, ArrowRowBuilder rows) : schema_(&schema), rows_(std::move(rows)) {}

  const Schema* schema_;
  ArrowRowBuilder rows_;
  std::vector<ChangeType> types_;
};

/// Tells batch by batch what the changelog has changed from `begin` up to but not including `end`, both batches' ends:
/// for each batch the changes of rows, one key perhaps several times, and where it ends.
using ChangeVisitor = std::function<Status(const std::vector<KvChange>& changes, int64_t end)>;
Status ReadChangelog(const TableBucket& bucket, const KeyLayout& layout, RowSchemas* schemas,
                     const TableOptions& options, Log* log, int64_t begin, int64_t end, const ChangeVisitor& visit);

/// Brings the rows of a bucket to where its log ends by applying the changelog from the applied
/// offset on: what recovery does. Applying a part again changes nothing. Gives the applied offset.
/// Code 11 when the log has lost what the rows stand on, or no longer has what they need.
Result<int64_t> ReplayChangelog(const TableBucket& bucket, const KeyLayout& layout, RowSchemas* schemas,
                                const TableOptions& options, Log* log, KvStore* kv);

}  // namespace weir
