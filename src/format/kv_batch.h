#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/status.h"

namespace weir {

/// KV record batches, magic 0 (docs/fluss-formats.md, "KV batches").
struct KvRecordView {
  std::string_view key;
  std::optional<std::string_view> row;  // absent: delete
};

/// A batch must stay below 2 GiB; callers bound it by bytes().
class KvBatchBuilder {
 public:
  /// Bytes that a record takes besides its key and row, at most.
  static constexpr size_t kMaxRecordOverhead = 16;

  KvBatchBuilder();
  /// Neither is empty: a record without row bytes is a deletion.
  void Upsert(std::string_view key, std::string_view row);
  void Delete(std::string_view key);
  int32_t num_records() const { return num_records_; }
  size_t bytes() const { return buffer_.size(); }
  /// Stamps the header and hands the batch out; the builder is empty afterwards.
  /// writer_id and sequence are −1 for a writer without idempotence.
  std::string Finish(int16_t schema_id, int64_t writer_id, int32_t sequence);

 private:
  std::string buffer_;
  int32_t num_records_ = 0;
};

struct KvBatchView {
  int16_t schema_id = 0;
  int64_t writer_id = -1;
  int32_t sequence = -1;
  std::vector<KvRecordView> records;  // point into the batch
  /// Not in the batch: none of the keys has a row as long as the bucket's changelog ends here.
  std::optional<int64_t> new_at = {};
};

/// Checks length, magic and CRC (code 3), then every record (code 14). `bytes` is one whole batch.
Result<KvBatchView> ParseKvBatch(std::string_view bytes);

/// Makes a whole batch one of an idempotent writer. Code 3 where its header is none.
Status SetKvBatchWriter(std::string* batch, int64_t writer_id, int32_t sequence);

/// Value batches (docs/fluss-formats.md): what limit scans of primary-key tables answer.
class ValueBatchBuilder {
 public:
  ValueBatchBuilder();
  /// `value`: schema id and row.
  void Add(std::string_view value);
  size_t bytes() const { return buffer_.size(); }
  int32_t num_records() const { return num_records_; }
  std::string Finish();

 private:
  std::string buffer_;
  int32_t num_records_ = 0;
};
/// The values, pointing into the batch. Code 3 for its header, 14 for its records.
Result<std::vector<std::string_view>> ParseValueBatch(std::string_view bytes);

}  // namespace weir
