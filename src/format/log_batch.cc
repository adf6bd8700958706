#include "format/log_batch.h"

#include <arrow/array/data.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "format/arrow_ipc.h"
#include "format/crc32c.h"
#include "format/log_batch_rows.h"
#include "format/log_statistics.h"
#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

constexpr size_t kLogMagicAt = 12, kTimestampAt = 13;

/// Where the fields after the commit timestamp are: V2 has a leader epoch before them.
struct HeaderLayout {
  size_t crc_at;
  int32_t size;
  bool statistics;
  size_t covered_at() const { return crc_at + 4; }  // the CRC covers everything from here
};

constexpr HeaderLayout kLayouts[] = {{21, 48, false}, {21, 52, true}, {25, 56, true}};

template <typename T>
T Load(std::string_view bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <typename T>
void Store(char* bytes, size_t at, T value) {
  std::memcpy(bytes + at, &value, sizeof value);
}

Status CorruptBatch(const std::string& what) { return {ErrorCode::kCorruptMessage, "log batch: " + what}; }
Status CorruptRecords(const std::string& what) { return {ErrorCode::kCorruptRecord, "log batch: " + what}; }

Status CheckHeader(const LogBatchHeader& h, int64_t available) {
  if (h.length < h.header_size - kLogBatchPrefixSize || h.total_size() > available) {
    return CorruptBatch("length " + std::to_string(h.length) + ", " + std::to_string(available) + " bytes are there");
  }
  constexpr int64_t kMaxOffset = std::numeric_limits<int64_t>::max() - std::numeric_limits<int32_t>::max() - 1;
  if (h.base_offset < 0 || h.base_offset > kMaxOffset) {
    return CorruptBatch("base offset " + std::to_string(h.base_offset));
  }
  // A batch without records may stand for any number of offsets whose records are lost.
  const bool gap = h.record_count == 0 && h.last_offset_delta >= 0;
  if (h.record_count < 0 || (!gap && h.last_offset_delta != h.record_count - 1)) {
    return CorruptBatch("record count " + std::to_string(h.record_count) + " with last offset delta " +
                        std::to_string(h.last_offset_delta));
  }
  if (h.statistics_length < 0 || h.header_size + int64_t{h.statistics_length} > h.total_size()) {
    return CorruptBatch("statistics length " + std::to_string(h.statistics_length) + " in a batch of " +
                        std::to_string(h.total_size()) + " bytes");
  }
  return Status::OK();
}

/// Fills in the header of a batch whose records are in place: V0, or V1 with statistics. `offsets`: how many it takes
/// where that is more than there are records.
Status FinishBatch(char* batch, int64_t size, bool append_only, int32_t count, const LogBatchOptions& options,
                   std::string_view statistics = {}, int32_t offsets = 1) {
  const HeaderLayout& layout = kLayouts[statistics.empty() ? 0 : 1];
  if (size - kLogBatchPrefixSize > std::numeric_limits<int32_t>::max()) {
    return {ErrorCode::kRecordTooLarge, "a log batch of " + std::to_string(size) + " bytes is larger than 2 GiB"};
  }
  std::memset(batch, 0, layout.size);
  Store(batch, 8, static_cast<int32_t>(size - kLogBatchPrefixSize));
  Store(batch, kLogMagicAt, static_cast<int8_t>(statistics.empty() ? 0 : 1));
  Store(batch, 25, options.schema_id);
  Store(batch, 27, static_cast<uint8_t>(append_only ? 1 : 0));
  Store(batch, 28, std::max(count, offsets) - 1);
  Store(batch, 32, options.writer_id);
  Store(batch, 40, options.sequence);
  Store(batch, 44, count);
  if (!statistics.empty()) {
    Store(batch, 48, static_cast<int32_t>(statistics.size()));
    std::memcpy(batch + layout.size, statistics.data(), statistics.size());
  }
  Store(batch, layout.crc_at, Crc32c(std::string_view(batch, size).substr(layout.covered_at())));
  return Status::OK();
}

/// Whether two types have the same physical form; names of list items and nullability do not matter.
bool SameLayout(const arrow::DataType& wanted, const arrow::DataType& given) {
  if (wanted.id() != given.id()) return false;
  if (wanted.id() == arrow::Type::TIMESTAMP) {
    const auto& a = static_cast<const arrow::TimestampType&>(wanted);
    const auto& b = static_cast<const arrow::TimestampType&>(given);
    return a.unit() == b.unit() && (b.timezone().empty() || b.timezone() == a.timezone());
  }
  if (wanted.num_fields() == 0) return wanted.num_fields() == given.num_fields() && wanted.Equals(given);
  if (wanted.num_fields() != given.num_fields()) return false;
  for (int i = 0; i < wanted.num_fields(); ++i) {
    if (!SameLayout(*wanted.field(i)->type(), *given.field(i)->type())) return false;
  }
  return true;
}

/// How many rows have NULL in a column from then on.
int64_t NewNulls(const arrow::ArrayData& column, std::span<const ChangeType> change_types) {
  if (change_types.empty() || column.GetNullCount() == 0) return column.GetNullCount();
  int64_t nulls = 0;
  for (size_t i = 0; i < change_types.size(); ++i) {
    if (IsNewImage(change_types[i]) && column.IsNull(static_cast<int64_t>(i))) ++nulls;
  }
  return nulls;
}

Status CheckRows(const arrow::RecordBatch& rows, std::span<const ChangeType> change_types, const Schema& schema) {
  if (rows.num_columns() != schema.num_columns()) {
    return Status::Invalid("the batch has " + std::to_string(rows.num_columns()) + " columns, the table has " +
                           std::to_string(schema.num_columns()));
  }
  if (rows.num_rows() > std::numeric_limits<int32_t>::max()) {
    return {ErrorCode::kRecordTooLarge, "a log batch holds at most 2147483647 rows, got " +
                                            std::to_string(rows.num_rows())};
  }
  if (!change_types.empty() && static_cast<int64_t>(change_types.size()) != rows.num_rows()) {
    return Status::Invalid(std::to_string(change_types.size()) + " change types for " +
                           std::to_string(rows.num_rows()) + " rows");
  }
  for (int i = 0; i < schema.num_columns(); ++i) {
    const Column& column = schema.column(i);
    const auto& given = rows.column_data(i);
    const auto wanted = ToArrowType(column.type, LtzZone::kUtc);
    if (!SameLayout(*wanted, *given->type)) {
      return Status::Invalid("Column '" + column.name + "' is " + given->type->ToString() + ", expected " +
                             wanted->ToString());
    }
    const int64_t nulls = column.type.nullable() ? 0 : NewNulls(*given, change_types);
    if (nulls > 0) {
      return Status::Invalid("Column '" + column.name + "' is NOT NULL and has " + std::to_string(nulls) + " nulls");
    }
  }
  return Status::OK();
}

Result<std::shared_ptr<arrow::util::Codec>> MakeCodec(const LogBatchOptions& options) {
  if (options.compression == PayloadCompression::kNone) return std::shared_ptr<arrow::util::Codec>();
  const bool zstd = options.compression == PayloadCompression::kZstd;
  WEIR_ASSIGN_OR_RETURN(std::shared_ptr<arrow::util::Codec> codec,
                        FromArrow(zstd ? arrow::util::Codec::Create(arrow::Compression::ZSTD, options.zstd_level)
                                       : arrow::util::Codec::Create(arrow::Compression::LZ4_FRAME)));
  return codec;
}

Result<std::shared_ptr<arrow::Buffer>> EncodeArrowBatch(const arrow::RecordBatch& rows,
                                                        std::span<const ChangeType> change_types,
                                                        const Schema& schema, const LogBatchOptions& options) {
  WEIR_ASSIGN_OR_RETURN(auto codec, MakeCodec(options));
  WEIR_ASSIGN_OR_RETURN(const std::string statistics, EncodeStatistics(rows, schema, options.statistics_columns));
  const size_t change_types_at = kLayouts[statistics.empty() ? 0 : 1].size + statistics.size();
  const auto prefix_size = static_cast<int64_t>(change_types_at + change_types.size());
  WEIR_ASSIGN_OR_RETURN(auto buffer, EncodeArrowMessage(rows, std::move(codec), prefix_size));
  char* batch = reinterpret_cast<char*>(buffer->mutable_data());
  if (!change_types.empty()) std::memcpy(batch + change_types_at, change_types.data(), change_types.size());
  WEIR_RETURN_NOT_OK(FinishBatch(batch, buffer->size(), change_types.empty(), static_cast<int32_t>(rows.num_rows()),
                                 options, statistics));
  return buffer;
}

RowFormat RowFormatOf(PayloadFormat format) {
  return format == PayloadFormat::kIndexed ? RowFormat::kIndexed : RowFormat::kCompacted;
}

Status CheckPositions(const std::vector<int>& positions, const Schema& schema, bool ascending) {
  for (size_t i = 0; i < positions.size(); ++i) {
    if (positions[i] < 0 || positions[i] >= schema.num_columns()) {
      return {ErrorCode::kInvalidColumnProjection, "projected column " + std::to_string(positions[i]) +
                                                       " is not one of the schema's " +
                                                       std::to_string(schema.num_columns()) + " columns"};
    }
    if (ascending && i > 0 && positions[i] <= positions[i - 1]) {
      return {ErrorCode::kInvalidColumnProjection,
              "projected columns must ascend, got " + std::to_string(positions[i]) + " after " +
                  std::to_string(positions[i - 1])};
    }
  }
  if (ascending && positions.empty()) return {ErrorCode::kInvalidColumnProjection, "the projection is empty"};
  return Status::OK();
}

Status CheckOptions(const DecodeLogBatchOptions& options, const Schema& schema) {
  if (options.projection) WEIR_RETURN_NOT_OK(CheckPositions(*options.projection, schema, false));
  if (!options.server_projection) return Status::OK();
  if (options.format != PayloadFormat::kArrow) {
    return {ErrorCode::kInvalidColumnProjection, "only ARROW batches can be projected by the server"};
  }
  return CheckPositions(*options.server_projection, schema, true);
}

Result<std::vector<ChangeType>> ReadChangeTypes(std::string_view bytes) {
  const auto* first = reinterpret_cast<const uint8_t*>(bytes.data());
  const auto* bad = std::find_if(first, first + bytes.size(),
                                 [](uint8_t type) { return type > static_cast<uint8_t>(ChangeType::kDelete); });
  if (bad != first + bytes.size()) {
    return CorruptRecords("unknown change type " + std::to_string(*bad) + " of record " + std::to_string(bad - first));
  }
  std::vector<ChangeType> types(bytes.size());
  if (!bytes.empty()) std::memcpy(types.data(), bytes.data(), bytes.size());
  return types;
}

/// The columns that an ARROW payload holds, those to read of them, and the order they are asked for in.
struct ColumnSelection {
  std::shared_ptr<arrow::Schema> present;
  std::vector<int> read;   // positions in `present`, ascending
  std::vector<int> order;  // positions in what was read
};

Result<ColumnSelection> SelectColumns(const Schema& schema, const DecodeLogBatchOptions& options) {
  ColumnSelection selection;
  selection.present = ToArrowSchema(schema, LtzZone::kUtc);
  if (options.server_projection) {
    arrow::FieldVector fields;
    for (const int position : *options.server_projection) fields.push_back(selection.present->field(position));
    selection.present = arrow::schema(std::move(fields));
  }
  if (!options.projection) return selection;
  for (const int position : *options.projection) {
    int at = position;
    if (options.server_projection) {
      const auto found = std::ranges::lower_bound(*options.server_projection, position);
      if (found == options.server_projection->end() || *found != position) {
        return Status(ErrorCode::kInvalidColumnProjection,
                      "column '" + schema.column(position).name + "' is not among those that the server projected");
      }
      at = static_cast<int>(found - options.server_projection->begin());
    }
    selection.order.push_back(at);
  }
  selection.read = selection.order;
  std::ranges::sort(selection.read);
  selection.read.erase(std::unique(selection.read.begin(), selection.read.end()), selection.read.end());
  for (int& at : selection.order) {
    at = static_cast<int>(std::ranges::lower_bound(selection.read, at) - selection.read.begin());
  }
  return selection;
}

Result<std::shared_ptr<arrow::RecordBatch>> ReadArrowRows(const std::shared_ptr<arrow::Buffer>& buffer, int64_t offset,
                                                          const Schema& schema, const DecodeLogBatchOptions& options) {
  WEIR_ASSIGN_OR_RETURN(const ColumnSelection selection, SelectColumns(schema, options));
  // No columns asked for: one is read for the row count, as an empty list would mean all of them.
  const bool none = options.projection && options.projection->empty();
  WEIR_ASSIGN_OR_RETURN(auto rows, DecodeArrowMessage(buffer, offset, selection.present,
                                                      none ? std::vector<int>{0} : selection.read));
  if (!options.projection) return rows;
  return FromArrow(rows->SelectColumns(selection.order), ErrorCode::kCorruptRecord);
}

Status DecodeArrowBatch(const std::shared_ptr<arrow::Buffer>& batch, const Schema& schema,
                        const DecodeLogBatchOptions& options, DecodedLogBatch* out) {
  const LogBatchHeader& header = out->header;
  int64_t at = header.header_size + int64_t{header.statistics_length};
  if (!header.append_only) {
    if (header.record_count > batch->size() - at) {
      return CorruptRecords(std::to_string(header.record_count) + " change types in " +
                            std::to_string(batch->size() - at) + " bytes");
    }
    WEIR_ASSIGN_OR_RETURN(out->change_types, ReadChangeTypes(std::string_view(*batch).substr(at, header.record_count)));
    at += header.record_count;
  }
  WEIR_ASSIGN_OR_RETURN(out->rows, ReadArrowRows(batch, at, schema, options));
  if (out->rows->num_rows() != header.record_count) {
    return CorruptRecords("the header counts " + std::to_string(header.record_count) + " records, the payload has " +
                          std::to_string(out->rows->num_rows()));
  }
  return Status::OK();
}

Status DecodeRowBatch(std::string_view batch, const Schema& schema, const DecodeLogBatchOptions& options,
                      DecodedLogBatch* out) {
  const LogBatchHeader& header = out->header;
  WEIR_ASSIGN_OR_RETURN(DecodedLogRows decoded,
                        DecodeLogRows(RowFormatOf(options.format),
                                      batch.substr(header.header_size + header.statistics_length), header.record_count,
                                      schema, options.projection));
  out->rows = std::move(decoded.rows);
  if (!header.append_only) out->change_types = std::move(decoded.change_types);
  return Status::OK();
}

}  // namespace

Result<LogBatchHeader> ParseLogBatchHeader(std::string_view bytes) {
  if (bytes.size() < static_cast<size_t>(kLogBatchV0HeaderSize)) {
    return CorruptBatch(std::to_string(bytes.size()) + " bytes are less than a header");
  }
  const auto magic = Load<int8_t>(bytes, kLogMagicAt);
  if (magic < 0 || magic > 2) return CorruptBatch("unknown magic " + std::to_string(magic) + ", 0 to 2 are known");
  const HeaderLayout& layout = kLayouts[magic];
  if (bytes.size() < static_cast<size_t>(layout.size)) {
    return CorruptBatch(std::to_string(bytes.size()) + " bytes are less than a header");
  }
  const size_t at = layout.covered_at();
  LogBatchHeader header;
  header.base_offset = Load<int64_t>(bytes, 0);
  header.length = Load<int32_t>(bytes, 8);
  header.magic = magic;
  header.commit_timestamp = Load<int64_t>(bytes, kTimestampAt);
  header.crc = Load<uint32_t>(bytes, layout.crc_at);
  header.schema_id = Load<int16_t>(bytes, at);
  header.append_only = (Load<uint8_t>(bytes, at + 2) & 1) != 0;
  header.last_offset_delta = Load<int32_t>(bytes, at + 3);
  header.writer_id = Load<int64_t>(bytes, at + 7);
  header.sequence = Load<int32_t>(bytes, at + 15);
  header.record_count = Load<int32_t>(bytes, at + 19);
  header.statistics_length = layout.statistics ? Load<int32_t>(bytes, at + 23) : 0;
  header.header_size = layout.size;
  WEIR_RETURN_NOT_OK(CheckHeader(header, static_cast<int64_t>(bytes.size())));
  return header;
}

Status VerifyLogBatchCrc(const LogBatchHeader& header, std::string_view batch) {
  const size_t at = kLayouts[header.magic].covered_at();
  const uint32_t computed = Crc32c(batch.substr(at, header.total_size() - at));
  if (computed == header.crc) return Status::OK();
  return CorruptBatch("CRC is " + std::to_string(computed) + ", stored is " + std::to_string(header.crc) +
                      " (base offset " + std::to_string(header.base_offset) + ")");
}

void StampLogBatch(char* batch, int64_t base_offset, int64_t commit_timestamp) {
  Store(batch, 0, base_offset);
  Store(batch, kTimestampAt, commit_timestamp);
}

Status SetLogBatchWriter(std::string* batch, int64_t writer_id, int32_t sequence) {
  WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header, ParseLogBatchHeader(*batch));
  const HeaderLayout& layout = kLayouts[header.magic];
  Store(batch->data(), layout.crc_at + 11, writer_id);
  Store(batch->data(), layout.crc_at + 19, sequence);
  Store(batch->data(), layout.crc_at, Crc32c(std::string_view(*batch).substr(layout.covered_at())));
  return Status::OK();
}

Result<std::shared_ptr<arrow::Buffer>> EncodeLogBatch(const arrow::RecordBatch& rows,
                                                      std::span<const ChangeType> change_types, const Schema& schema,
                                                      const LogBatchOptions& options) {
  WEIR_RETURN_NOT_OK(CheckRows(rows, change_types, schema));
  if (rows.num_rows() == 0) return EncodeEmptyLogBatch(options.schema_id, options.writer_id, options.sequence);
  if (options.format == PayloadFormat::kArrow) return EncodeArrowBatch(rows, change_types, schema, options);
  std::string batch(kLogBatchV0HeaderSize, '\0');
  WEIR_RETURN_NOT_OK(EncodeLogRows(RowFormatOf(options.format), rows, change_types, schema, &batch));
  WEIR_RETURN_NOT_OK(FinishBatch(batch.data(), static_cast<int64_t>(batch.size()), change_types.empty(),
                                 static_cast<int32_t>(rows.num_rows()), options));
  return arrow::Buffer::FromString(std::move(batch));
}

std::shared_ptr<arrow::Buffer> EncodeEmptyLogBatch(int16_t schema_id, int64_t writer_id, int32_t sequence) {
  std::string batch(kLogBatchV0HeaderSize, '\0');
  LogBatchOptions options;
  options.schema_id = schema_id;
  options.writer_id = writer_id;
  options.sequence = sequence;
  // A header always fits.
  [[maybe_unused]] const Status status = FinishBatch(batch.data(), kLogBatchV0HeaderSize, false, 0, options);
  return arrow::Buffer::FromString(std::move(batch));
}

std::string EncodeGap(int64_t base_offset, int32_t offsets, int64_t commit_timestamp, bool append_only) {
  std::string batch(kLogBatchV0HeaderSize, '\0');
  // A header always fits.
  [[maybe_unused]] const Status status =
      FinishBatch(batch.data(), kLogBatchV0HeaderSize, append_only, 0, {}, {}, offsets);
  StampLogBatch(batch.data(), base_offset, commit_timestamp);
  return batch;
}

Result<bool> HoldsOnlyAppends(const LogBatchHeader& header, std::string_view batch, bool is_arrow) {
  if (header.append_only) return true;
  const std::string_view records =
      batch.substr(0, header.total_size()).substr(header.header_size + header.statistics_length);
  if (!is_arrow) return AreAppends(records, header.record_count);
  if (static_cast<size_t>(header.record_count) > records.size()) {
    return CorruptRecords(std::to_string(header.record_count) + " change types in " + std::to_string(records.size()) +
                          " bytes");
  }
  WEIR_ASSIGN_OR_RETURN(const std::vector<ChangeType> types, ReadChangeTypes(records.substr(0, header.record_count)));
  return std::all_of(types.begin(), types.end(), [](ChangeType type) { return type == ChangeType::kAppendOnly; });
}

Result<DecodedLogBatch> DecodeLogBatch(const std::shared_ptr<arrow::Buffer>& buffer, const Schema& schema,
                                       const DecodeLogBatchOptions& options) {
  WEIR_RETURN_NOT_OK(CheckOptions(options, schema));
  DecodedLogBatch decoded;
  WEIR_ASSIGN_OR_RETURN(decoded.header, ParseLogBatchHeader(std::string_view(*buffer)));
  const auto batch = arrow::SliceBuffer(buffer, 0, decoded.header.total_size());
  if (options.verify_crc && !options.server_projection) {
    WEIR_RETURN_NOT_OK(VerifyLogBatchCrc(decoded.header, std::string_view(*batch)));
  }
  if (decoded.header.record_count == 0) return decoded;
  if (options.format == PayloadFormat::kArrow) {
    WEIR_RETURN_NOT_OK(DecodeArrowBatch(batch, schema, options, &decoded));
  } else {
    WEIR_RETURN_NOT_OK(DecodeRowBatch(std::string_view(*batch), schema, options, &decoded));
  }
  return decoded;
}

Result<std::string> ProjectLogBatch(std::string_view batch, const Schema& schema, std::span<const int> positions) {
  WEIR_RETURN_NOT_OK(CheckPositions({positions.begin(), positions.end()}, schema, true));
  WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header, ParseLogBatchHeader(batch));
  const std::string_view bytes = batch.substr(0, header.total_size());
  std::string projected(bytes.substr(0, header.header_size));
  if (header.record_count > 0) {
    size_t at = header.header_size + static_cast<size_t>(header.statistics_length);
    if (!header.append_only) {
      if (static_cast<size_t>(header.record_count) > bytes.size() - at) {
        return CorruptRecords(std::to_string(header.record_count) + " change types in " +
                              std::to_string(bytes.size() - at) + " bytes");
      }
      projected.append(bytes.substr(at, header.record_count));
      at += header.record_count;
    }
    WEIR_RETURN_NOT_OK(ProjectArrowMessage(bytes.substr(at), schema.types(), positions, &projected));
  }
  if (projected.size() - kLogBatchPrefixSize > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    return CorruptRecords("its projection is larger than 2 GiB");
  }
  Store(projected.data(), 8, static_cast<int32_t>(projected.size() - kLogBatchPrefixSize));
  if (kLayouts[header.magic].statistics) Store(projected.data(), header.header_size - 4, int32_t{0});
  return projected;
}

Result<std::shared_ptr<arrow::Buffer>> AddStatistics(const std::shared_ptr<arrow::Buffer>& batch, const Schema& schema,
                                                     std::span<const int> columns) {
  const std::string_view bytes(*batch);
  WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header, ParseLogBatchHeader(bytes));
  if (header.magic != 0 || header.record_count == 0 || columns.empty()) return batch;
  DecodeLogBatchOptions options;
  options.projection.emplace(columns.begin(), columns.end());
  WEIR_ASSIGN_OR_RETURN(const DecodedLogBatch decoded, DecodeLogBatch(batch, schema, options));
  WEIR_ASSIGN_OR_RETURN(const std::string statistics, EncodeStatisticsOf(*decoded.rows, schema, columns));
  if (statistics.empty()) return batch;
  const HeaderLayout& layout = kLayouts[1];
  std::string described(bytes.substr(0, kLogBatchV0HeaderSize));
  described.append(layout.size - kLogBatchV0HeaderSize, '\0');
  described += statistics;
  described += bytes.substr(kLogBatchV0HeaderSize);
  if (described.size() - kLogBatchPrefixSize > std::numeric_limits<int32_t>::max()) return batch;
  Store(described.data(), 8, static_cast<int32_t>(described.size() - kLogBatchPrefixSize));
  Store(described.data(), kLogMagicAt, int8_t{1});
  Store(described.data(), kLogBatchV0HeaderSize, static_cast<int32_t>(statistics.size()));
  Store(described.data(), layout.crc_at, Crc32c(std::string_view(described).substr(layout.covered_at())));
  return arrow::Buffer::FromString(std::move(described));
}

Result<std::shared_ptr<arrow::Buffer>> ToV0Batches(const std::shared_ptr<arrow::Buffer>& batches) {
  std::string_view rest(*batches);
  std::string converted;
  size_t kept = 0;  // bytes before `rest` that `converted` holds already
  while (!rest.empty()) {
    WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header, ParseLogBatchHeader(rest));
    const size_t at = batches->size() - rest.size();
    const std::string_view batch = rest.substr(0, header.total_size());
    rest.remove_prefix(batch.size());
    if (header.magic == 0) continue;
    converted += std::string_view(*batches).substr(kept, at - kept);
    kept = at + batch.size();
    const size_t start = converted.size();
    const HeaderLayout& layout = kLayouts[header.magic];
    converted += batch.substr(0, kLayouts[0].crc_at);
    converted.append(4, '\0');  // CRC
    converted += batch.substr(layout.covered_at(), kLogBatchV0HeaderSize - kLayouts[0].covered_at());
    converted += batch.substr(header.header_size + header.statistics_length);
    char* v0 = converted.data() + start;
    const std::string_view bytes(v0, converted.size() - start);
    Store(v0, 8, static_cast<int32_t>(bytes.size() - kLogBatchPrefixSize));
    Store(v0, kLogMagicAt, int8_t{0});
    Store(v0, kLayouts[0].crc_at, Crc32c(bytes.substr(kLayouts[0].covered_at())));
  }
  if (kept == 0) return batches;
  converted += std::string_view(*batches).substr(kept);
  return arrow::Buffer::FromString(std::move(converted));
}

}  // namespace weir
