#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/schema.h"
#include "weir/table.h"

namespace weir {

/// Log record batches (docs/fluss-formats.md), little endian. V0 is written, and V1 where statistics
/// are asked for; V0, V1 (statistics) and V2 (statistics and leader epoch) are read.
struct LogBatchHeader {
  int64_t base_offset = 0;
  int32_t length = 0;  // bytes after the length field; the batch takes 12 + length
  int8_t magic = 0;
  int64_t commit_timestamp = 0;
  uint32_t crc = 0;
  int16_t schema_id = 0;
  bool append_only = true;
  int32_t last_offset_delta = 0;
  int64_t writer_id = -1;
  int32_t sequence = -1;
  int32_t record_count = 0;
  int32_t statistics_length = 0;
  int32_t header_size = 48;

  int64_t total_size() const { return 12 + static_cast<int64_t>(length); }
  int64_t next_offset() const { return base_offset + last_offset_delta + 1; }
};

inline constexpr int kLogBatchV0HeaderSize = 48;
/// Bytes that tell a batch's size: offset and length.
inline constexpr int kLogBatchPrefixSize = 12;

/// Reads the header at the start of `bytes`; `bytes` may go on after the batch. Code 3 when the
/// magic is unknown, a field is out of its range or the batch does not fit in `bytes`.
Result<LogBatchHeader> ParseLogBatchHeader(std::string_view bytes);
/// Code 3 when the stored and the computed CRC differ (both are named).
Status VerifyLogBatchCrc(const LogBatchHeader& header, std::string_view batch);
/// Whether every record is an append, whatever the header's flag says. The batch has records, in Arrow or in a row
/// format, as `is_arrow` says; malformed ones are code 14.
Result<bool> HoldsOnlyAppends(const LogBatchHeader& header, std::string_view batch, bool is_arrow);
/// Writes offset and commit timestamp; the CRC does not cover them.
void StampLogBatch(char* batch, int64_t base_offset, int64_t commit_timestamp);
/// Makes a whole batch one of an idempotent writer. Code 3 where its header is none.
Status SetLogBatchWriter(std::string* batch, int64_t writer_id, int32_t sequence);

enum class PayloadFormat { kArrow, kIndexed, kCompacted };
enum class PayloadCompression { kNone, kLz4Frame, kZstd };

struct LogBatchOptions {
  int16_t schema_id = 1;
  int64_t writer_id = -1;
  int32_t sequence = -1;
  PayloadFormat format = PayloadFormat::kArrow;
  PayloadCompression compression = PayloadCompression::kNone;
  int zstd_level = 3;
  /// ARROW: columns whose minimum, maximum and null count go into the batch, which
  /// is V1 then. Columns of types that have no statistics are left out.
  std::vector<int> statistics_columns;
};

/// Whether a record tells what a row is from then on, and not what it was.
constexpr bool IsNewImage(ChangeType type) { return type != ChangeType::kUpdateBefore && type != ChangeType::kDelete; }

/// Encodes a batch with base offset and timestamp 0. `change_types`, one a row, is empty for an
/// append-only batch. Column types must be those of the table's wire schema; a user's "UTC" zone
/// on TIMESTAMP_LTZ is accepted. The result's size is a multiple of 8 wherever the format allows.
Result<std::shared_ptr<arrow::Buffer>> EncodeLogBatch(const arrow::RecordBatch& rows,
                                                      std::span<const ChangeType> change_types,
                                                      const Schema& schema, const LogBatchOptions& options);

/// A batch without records that still takes one offset and carries a writer's sequence.
std::shared_ptr<arrow::Buffer> EncodeEmptyLogBatch(int16_t schema_id, int64_t writer_id, int32_t sequence);

/// A batch without records in the place of `offsets` (at least 1) records that are lost, so that those after them keep
/// their offsets. Stamped; `append_only`: of a log table.
std::string EncodeGap(int64_t base_offset, int32_t offsets, int64_t commit_timestamp, bool append_only);

struct DecodedLogBatch {
  LogBatchHeader header;
  /// The rows in the schema given to the decoder, TIMESTAMP_LTZ in "UTC"; null for an empty batch.
  /// Uncompressed, 8-byte aligned columns refer to the input buffer without a copy.
  std::shared_ptr<arrow::RecordBatch> rows;
  /// One a row; empty when the batch is append-only.
  std::vector<ChangeType> change_types;
};

struct DecodeLogBatchOptions {
  PayloadFormat format = PayloadFormat::kArrow;
  bool verify_crc = true;
  /// Column positions wanted, in this order; absent: all. Only these are decompressed.
  std::optional<std::vector<int>> projection;
  /// The batch was projected by the server (ascending positions): it holds only these columns of
  /// `schema`, and its CRC does not match its bytes.
  std::optional<std::vector<int>> server_projection;
};

/// Decodes the batch at the start of `buffer`. `schema` is the one that the header's schema id
/// names. Malformed bytes are code 3 or 14; nothing is read past the end of `buffer`.
Result<DecodedLogBatch> DecodeLogBatch(const std::shared_ptr<arrow::Buffer>& buffer, const Schema& schema,
                                       const DecodeLogBatchOptions& options);

/// The batch with only the columns at `positions` (strictly ascending; code 34 otherwise), its
/// header's length rewritten, statistics removed and CRC left as it is (docs/fluss-formats.md, "Projection"). ARROW
/// only.
Result<std::string> ProjectLogBatch(std::string_view batch, const Schema& schema, std::span<const int> positions);

/// Statistics of a V1 or V2 batch.
struct ColumnStatistics {
  int column = 0;
  int32_t null_count = 0;
};
struct BatchStatistics {
  std::vector<ColumnStatistics> columns;
  std::string_view min_row;  // AlignedRow of the columns, empty: no values
  std::string_view max_row;
};
Result<std::optional<BatchStatistics>> ParseBatchStatistics(const LogBatchHeader& header, std::string_view batch);

/// A whole Arrow batch with statistics of `columns`, V1 then; `batch` itself where it is empty or not V0, or where
/// there is nothing to say. `schema` is the one that its header names. Code 3 where its CRC does not match, and the
/// decoder's.
Result<std::shared_ptr<arrow::Buffer>> AddStatistics(const std::shared_ptr<arrow::Buffer>& batch, const Schema& schema,
                                                     std::span<const int> columns);

/// Whole batches as V0, which every client reads: `batches` itself where all are V0 already.
Result<std::shared_ptr<arrow::Buffer>> ToV0Batches(const std::shared_ptr<arrow::Buffer>& batches);

}  // namespace weir
