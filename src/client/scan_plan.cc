#include "client/scan_plan.h"

#include <arrow/array/concatenate.h>
#include <arrow/array/util.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "client/arrow_split.h"
#include "client/batch_ranges.h"
#include "format/small_batches.h"
#include "types/arrow_mapping.h"
#include "types/arrow_rows.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

Status CheckProjection(const Table::Impl& table, const std::vector<int>& projection) {
  const int count = table.info.schema().num_columns();
  if (projection.empty()) {
    return Status::Invalid(
        fmt::format("the projection of table '{}' is empty; name at least one column", table.name()));
  }
  for (const int position : projection) {
    if (position >= 0 && position < count) continue;
    return Status::Invalid(fmt::format("projected column {} is out of range: table '{}' has {} columns, from 0",
                                       position, table.name(), count));
  }
  return Status::OK();
}

std::shared_ptr<arrow::Schema> SelectFields(const arrow::Schema& schema, const std::vector<int>& columns) {
  arrow::FieldVector fields;
  for (const int column : columns) fields.push_back(schema.field(column));
  return arrow::schema(std::move(fields), schema.metadata());
}

Result<std::shared_ptr<const Schema>> SchemaOf(const Table::Impl& table, int32_t schema_id, std::string_view what) {
  std::shared_ptr<const Schema> schema = table.schemas->Find(schema_id);
  if (schema != nullptr) return schema;
  return Status(ErrorCode::kSchemaNotExist, fmt::format("a {} of table '{}' has schema id {}, which is not known", what,
                                                        table.name(), schema_id));
}

/// Where the table's columns lie in another of its schemas, -1 for those it lacks.
std::vector<int> PositionsIn(const Schema& written, const Table::Impl& table) {
  return MapColumns(written, table.info.schema());
}

/// By the plan's own filter.
Result<bool> MayMatchPlan(const ScanPlan& plan, const StoredBatch& stored) {
  return plan.filter ? MayMatch(plan, *plan.filter, stored) : true;
}

struct DecodedColumns {
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  std::vector<ChangeType> change_types;
};

/// Columns of a batch by their positions in its schema; the change types of all rows, too.
Result<DecodedLogBatch> Decode(const ScanPlan& plan, const StoredBatch& stored, const Schema& written,
                               std::vector<int> positions) {
  DecodeLogBatchOptions options;
  options.format = plan.table->log_format();
  options.verify_crc = plan.connection().config().scanner_log_check_crc;
  options.projection = std::move(positions);
  if (stored.projected && plan.pushed_columns) {
    options.server_projection.emplace();
    for (const int column : *plan.pushed_columns) {
      if (column < written.num_columns()) options.server_projection->push_back(column);
    }
  }
  return DecodeLogBatch(stored.bytes, written, options);
}

/// Whether reading columns of a batch takes more than finding them: they are compressed, or no more than the batch's
/// own description.
bool IsWorthKeeping(const ScanPlan& plan, const StoredBatch& stored) {
  const bool few = stored.header.record_count < kFewRows;
  return stored.header.append_only && !stored.projected && plan.table->log_format() == PayloadFormat::kArrow &&
         (few || plan.table->options.compression != Compression::kNone);
}

/// Whether it has memory of its own, not the log file's.
bool IsOwn(const arrow::Array& array, const arrow::Buffer& bytes) {
  return std::ranges::none_of(array.data()->buffers, [&](const auto& buffer) {
    return buffer != nullptr && buffer->data() >= bytes.data() && buffer->data() < bytes.data() + bytes.size();
  });
}

/// The table's columns `wanted` of a batch; those that its schema lacks have their initial defaults.
Result<DecodedColumns> DecodeColumns(const ScanPlan& plan, const TableBucket& bucket, const StoredBatch& stored,
                                     const Schema& written, const std::vector<int>& wanted, ColumnCache* cache) {
  const Table::Impl& table = *plan.table;
  const std::vector<int> positions = PositionsIn(written, table);
  if (cache != nullptr && !IsWorthKeeping(plan, stored)) cache = nullptr;
  DecodedColumns columns;
  columns.arrays.resize(wanted.size());
  std::vector<size_t> missing;
  std::vector<int> missing_positions;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const int position = positions[wanted[i]];
    if (position < 0) {
      WEIR_ASSIGN_OR_RETURN(columns.arrays[i], InitialValues(table, wanted[i], stored.header.record_count));
    } else if (cache != nullptr) {
      columns.arrays[i] = cache->Find(bucket, stored.header, position);
    }
    if (columns.arrays[i] != nullptr) continue;
    missing.push_back(i);
    missing_positions.push_back(position);
  }
  if (missing.empty() && stored.header.append_only) return columns;
  WEIR_ASSIGN_OR_RETURN(DecodedLogBatch decoded, Decode(plan, stored, written, missing_positions));
  columns.change_types = std::move(decoded.change_types);
  for (size_t i = 0; i < missing.size(); ++i) {
    auto& array = columns.arrays[missing[i]] = decoded.rows->column(static_cast<int>(i));
    if (cache == nullptr) continue;
    if (stored.header.record_count < kFewRows && !IsOwn(*array, *stored.bytes)) {
      WEIR_ASSIGN_OR_RETURN(array, FromArrow(arrow::Concatenate({array})));  // it would keep the file mapped
    }
    if (!IsOwn(*array, *stored.bytes)) continue;
    cache->Add(bucket, stored.header, missing_positions[i], array);
  }
  return columns;
}

std::vector<DataType> TypesOf(const Table::Impl& table, const std::vector<int>& columns) {
  std::vector<DataType> types;
  for (const int column : columns) types.push_back(table.types[column]);
  return types;
}

/// The rows from `begin` to `end` that satisfy the plan's filter. `batch` holds the filter's columns.
Result<std::vector<int32_t>> MatchingRows(const ScanPlan& plan, const std::shared_ptr<arrow::RecordBatch>& batch,
                                          int64_t begin, int64_t end) {
  WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader,
                        ArrowRowReader::Make(batch, TypesOf(*plan.table, plan.filter_columns)));
  std::vector<int32_t> matching;
  std::vector<Datum> row(plan.table->types.size());
  Arena arena;
  for (int64_t i = begin; i < end; ++i) {
    for (size_t k = 0; k < plan.filter_columns.size(); ++k) {
      row[plan.filter_columns[k]] = reader.ReadCell(i, static_cast<int>(k), &arena);
    }
    if (plan.filter->Matches(row)) matching.push_back(static_cast<int32_t>(i));
  }
  return matching;
}

/// The rows of a batch at `indices`, ascending and not empty.
Result<ScannedBatch> TakeScanned(const ScannedBatch& batch, const std::vector<int32_t>& indices) {
  const auto count = static_cast<int64_t>(indices.size());
  if (indices.back() - indices.front() + 1 == count) return SliceScanned(batch, indices.front(), count);
  ScannedBatch taken;
  taken.bucket = batch.bucket;
  taken.timestamp = batch.timestamp;
  WEIR_ASSIGN_OR_RETURN(taken.rows, TakeRows(batch.rows, indices));
  for (const int32_t i : indices) {
    taken.offsets.push_back(batch.offset_of(i));
    if (!batch.change_types.empty()) taken.change_types.push_back(batch.change_types[i]);
  }
  taken.base_offset = taken.offsets.front();
  taken.last_offset = taken.offsets.back();
  return taken;
}

}  // namespace

Result<std::shared_ptr<arrow::Array>> InitialValues(const Table::Impl& table, int column, int64_t rows) {
  const Datum& value = table.initial_defaults[column];
  const std::shared_ptr<arrow::Field>& field = table.arrow_schema->field(column);
  if (value.is_null()) return FromArrow(arrow::MakeArrayOfNull(field->type(), rows));
  WEIR_ASSIGN_OR_RETURN(ArrowRowBuilder builder,
                        ArrowRowBuilder::Make(arrow::schema({field}), {table.types[column]}));
  WEIR_RETURN_NOT_OK(builder.Append({&value, 1}));
  WEIR_ASSIGN_OR_RETURN(const auto one, builder.Finish());
  WEIR_ASSIGN_OR_RETURN(const auto scalar, FromArrow(one->column(0)->GetScalar(0)));
  return FromArrow(arrow::MakeArrayFromScalar(*scalar, rows));
}

Result<std::shared_ptr<const ScanPlan>> ScanPlan::Make(std::shared_ptr<const Table::Impl> table,
                                                       const Table::ScanOptions& options) {
  auto plan = std::make_shared<ScanPlan>();
  const Schema& schema = table->info.schema();
  if (options.projection) {
    WEIR_RETURN_NOT_OK(CheckProjection(*table, *options.projection));
    plan->columns = *options.projection;
    plan->arrow_schema = SelectFields(*table->arrow_schema, plan->columns);
  } else {
    plan->columns.resize(schema.num_columns());
    std::iota(plan->columns.begin(), plan->columns.end(), 0);
    plan->arrow_schema = table->arrow_schema;
  }
  if (options.filter) {
    WEIR_ASSIGN_OR_RETURN(plan->filter, BoundPredicate::Bind(*options.filter, schema));
    plan->exact = options.exact_filter;
    plan->fetch_filter =
        std::make_shared<const FetchFilter>(FetchFilter{*options.filter, schema, table->info.schema_id});
    if (plan->exact) plan->filter_columns = plan->filter->columns();
  }
  std::vector<int> needed = plan->columns;
  needed.insert(needed.end(), plan->filter_columns.begin(), plan->filter_columns.end());
  std::sort(needed.begin(), needed.end());
  needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
  const bool all = static_cast<int>(needed.size()) == schema.num_columns();
  if (!all && table->log_format() == PayloadFormat::kArrow) plan->pushed_columns = std::move(needed);
  plan->table = std::move(table);
  return std::shared_ptr<const ScanPlan>(std::move(plan));
}

Result<std::vector<StoredBatch>> SplitBatches(const std::shared_ptr<arrow::Buffer>& records, bool projected) {
  std::vector<StoredBatch> batches;
  const int64_t size = records == nullptr ? 0 : records->size();
  for (int64_t at = 0; at < size;) {
    WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header, ParseLogBatchHeader(std::string_view(*records).substr(at)));
    batches.push_back({arrow::SliceBuffer(records, at, header.total_size()), header, projected});
    at += header.total_size();
  }
  return batches;
}

Result<std::vector<BoundPredicate::Range>> RangesOfStored(const ScanPlan& plan, const StoredBatch& stored,
                                                          Arena* arena) {
  const Table::Impl& table = *plan.table;
  WEIR_ASSIGN_OR_RETURN(const auto written, SchemaOf(table, stored.header.schema_id, "batch"));
  const std::vector<int> positions = PositionsIn(*written, table);
  WEIR_ASSIGN_OR_RETURN(auto ranges, RangesOfBatch(stored.header, std::string_view(*stored.bytes), *written, positions,
                                                   arena));
  for (size_t i = 0; i < positions.size(); ++i) {
    if (positions[i] >= 0) continue;
    const Datum& value = table.initial_defaults[i];
    ranges[i] = {true, value.is_null() ? stored.header.record_count : 0, value, value};
  }
  return ranges;
}

Result<bool> MayMatch(const ScanPlan& plan, const BoundPredicate& filter, const StoredBatch& stored) {
  Arena arena;
  WEIR_ASSIGN_OR_RETURN(const auto ranges, RangesOfStored(plan, stored, &arena));
  return filter.MayMatch(ranges, stored.header.record_count);
}

ScannedBatch SliceScanned(const ScannedBatch& batch, int64_t begin, int64_t count) {
  if (begin == 0 && count == batch.rows->num_rows()) return batch;
  ScannedBatch slice;
  slice.bucket = batch.bucket;
  slice.timestamp = batch.timestamp;
  slice.base_offset = batch.offset_of(begin);
  slice.last_offset = batch.offset_of(begin + count - 1);
  slice.rows = batch.rows->Slice(begin, count);
  const auto cut = [&](auto& to, const auto& from) {
    if (!from.empty()) to.assign(from.begin() + begin, from.begin() + begin + count);
  };
  cut(slice.change_types, batch.change_types);
  cut(slice.offsets, batch.offsets);
  return slice;
}

Result<std::optional<ScannedBatch>> ReadStoredBatch(const ScanPlan& plan, const TableBucket& bucket,
                                                    const StoredBatch& stored, const OffsetRange& range,
                                                    ColumnCache* cache) {
  const std::optional<ScannedBatch> nothing;
  const LogBatchHeader& header = stored.header;
  const int64_t begin = std::max<int64_t>(range.begin - header.base_offset, 0);
  const int64_t end = std::min<int64_t>(range.end - header.base_offset, header.record_count);
  if (begin >= end) return nothing;
  WEIR_ASSIGN_OR_RETURN(const auto written, SchemaOf(*plan.table, header.schema_id, "batch"));
  WEIR_ASSIGN_OR_RETURN(const bool may_match, MayMatchPlan(plan, stored));
  if (!may_match) return nothing;

  std::vector<int> wanted = plan.columns;
  wanted.insert(wanted.end(), plan.filter_columns.begin(), plan.filter_columns.end());
  WEIR_ASSIGN_OR_RETURN(DecodedColumns decoded, DecodeColumns(plan, bucket, stored, *written, wanted, cache));
  const auto columns_end = decoded.arrays.begin() + static_cast<ptrdiff_t>(plan.columns.size());
  ScannedBatch whole;
  whole.bucket = bucket;
  whole.base_offset = header.base_offset;
  whole.last_offset = header.base_offset + header.record_count - 1;
  whole.timestamp = header.commit_timestamp;
  whole.rows = arrow::RecordBatch::Make(plan.arrow_schema, header.record_count,
                                        arrow::ArrayVector(decoded.arrays.begin(), columns_end));
  whole.change_types = std::move(decoded.change_types);
  if (!plan.exact) return std::make_optional(SliceScanned(whole, begin, end - begin));

  const auto filtered = arrow::RecordBatch::Make(SelectFields(*plan.table->arrow_schema, plan.filter_columns),
                                                 header.record_count,
                                                 arrow::ArrayVector(columns_end, decoded.arrays.end()));
  WEIR_ASSIGN_OR_RETURN(const std::vector<int32_t> matching, MatchingRows(plan, filtered, begin, end));
  if (matching.empty()) return nothing;
  WEIR_ASSIGN_OR_RETURN(ScannedBatch taken, TakeScanned(whole, matching));
  return std::make_optional(std::move(taken));
}

namespace {

/// What tells a run from all others, as a batch's header tells the batch.
LogBatchHeader HeaderOfRun(std::span<const StoredBatch> run) {
  LogBatchHeader whole = run.front().header;
  for (const StoredBatch& stored : run.subspan(1)) {
    whole.record_count += stored.header.record_count;
    whole.crc = whole.crc * 0x01000193u ^ stored.header.crc;
  }
  return whole;
}

Result<bool> AnyMayMatch(const ScanPlan& plan, std::span<const StoredBatch> run) {
  for (const StoredBatch& stored : run) {
    WEIR_ASSIGN_OR_RETURN(const bool may_match, MayMatchPlan(plan, stored));
    if (may_match) return true;
  }
  return false;
}

/// Columns by their positions in the run's schema, put together from its batches.
Result<arrow::ArrayVector> JoinColumns(const ScanPlan& plan, std::span<const StoredBatch> run, const Schema& written,
                                       const std::vector<int>& positions) {
  std::vector<arrow::ArrayVector> parts(positions.size());
  for (const StoredBatch& stored : run) {
    WEIR_ASSIGN_OR_RETURN(const DecodedLogBatch decoded, Decode(plan, stored, written, positions));
    for (size_t i = 0; i < parts.size(); ++i) parts[i].push_back(decoded.rows->column(static_cast<int>(i)));
  }
  arrow::ArrayVector joined;
  for (const arrow::ArrayVector& part : parts) {
    WEIR_ASSIGN_OR_RETURN(joined.emplace_back(), FromArrow(arrow::Concatenate(part)));
  }
  return joined;
}

}  // namespace

Result<std::optional<ScannedBatch>> ReadStoredRun(const ScanPlan& plan, const TableBucket& bucket,
                                                  std::span<const StoredBatch> run, ColumnCache* cache) {
  const LogBatchHeader whole = HeaderOfRun(run);
  WEIR_ASSIGN_OR_RETURN(const auto written, SchemaOf(*plan.table, whole.schema_id, "batch"));
  WEIR_ASSIGN_OR_RETURN(const bool may_match, AnyMayMatch(plan, run));
  if (!may_match) return std::optional<ScannedBatch>();
  const std::vector<int> positions = PositionsIn(*written, *plan.table);
  arrow::ArrayVector arrays(plan.columns.size());
  std::vector<size_t> missing;
  std::vector<int> missing_positions;
  for (size_t i = 0; i < arrays.size(); ++i) {
    const int position = positions[plan.columns[i]];
    if (position < 0) {
      WEIR_ASSIGN_OR_RETURN(arrays[i], InitialValues(*plan.table, plan.columns[i], whole.record_count));
    } else if (cache != nullptr) {
      arrays[i] = cache->Find(bucket, whole, position);
    }
    if (arrays[i] != nullptr) continue;
    missing.push_back(i);
    missing_positions.push_back(position);
  }
  if (!missing.empty()) {
    WEIR_ASSIGN_OR_RETURN(const arrow::ArrayVector joined, JoinColumns(plan, run, *written, missing_positions));
    for (size_t i = 0; i < missing.size(); ++i) {
      arrays[missing[i]] = joined[i];
      if (cache != nullptr) cache->Add(bucket, whole, missing_positions[i], joined[i]);
    }
  }
  ScannedBatch rows;
  rows.bucket = bucket;
  rows.base_offset = whole.base_offset;
  rows.last_offset = run.back().header.next_offset() - 1;
  rows.timestamp = whole.commit_timestamp;
  rows.rows = arrow::RecordBatch::Make(plan.arrow_schema, whole.record_count, std::move(arrays));
  return std::make_optional(std::move(rows));
}

std::vector<int32_t> UnknownSchemas(const Table::Impl& table, std::span<const std::string_view> values) {
  std::vector<int32_t> unknown;
  int32_t last = table.info.schema_id;
  for (const std::string_view value : values) {
    const Result<StoredValue> stored = ParseStoredValue(value);
    if (!stored.ok() || stored->schema_id == last) continue;
    last = stored->schema_id;
    if (table.schemas->Find(last) == nullptr) unknown.push_back(last);
  }
  return unknown;
}

namespace {

/// How values of one schema become rows of the table.
struct ValueLayout {
  std::vector<DataType> types;
  std::vector<int> positions;  // of the table's columns; empty: as they are
  std::vector<Datum> row;
};

Result<ValueLayout> MakeLayout(const Table::Impl& table, int32_t schema_id) {
  ValueLayout layout;
  if (schema_id == table.info.schema_id) {
    layout.types = table.types;
  } else {
    WEIR_ASSIGN_OR_RETURN(const auto written, SchemaOf(table, schema_id, "row"));
    layout.types = written->types();
    layout.positions = PositionsIn(*written, table);
  }
  layout.row.resize(layout.types.size());
  return layout;
}

/// Decodes a value to a row in the table's schema, in memory of `layout`, `mapped` and `arena`.
Result<RowView> ReadValue(const Table::Impl& table, std::string_view bytes, ValueLayout* layout,
                          std::vector<Datum>* mapped, Arena* arena) {
  WEIR_RETURN_NOT_OK(DecodeRow(table.row_format(), layout->types, bytes, arena, layout->row));
  if (layout->positions.empty()) return RowView(layout->row);
  for (size_t i = 0; i < mapped->size(); ++i) {
    (*mapped)[i] = layout->positions[i] >= 0 ? layout->row[layout->positions[i]] : table.initial_defaults[i];
  }
  return RowView(*mapped);
}

}  // namespace

Result<std::shared_ptr<arrow::RecordBatch>> ReadValues(const ScanPlan& plan, std::span<const std::string_view> values) {
  const Table::Impl& table = *plan.table;
  WEIR_ASSIGN_OR_RETURN(ArrowRowBuilder builder,
                        ArrowRowBuilder::Make(plan.arrow_schema, TypesOf(table, plan.columns)));
  std::map<int32_t, ValueLayout> layouts;
  ValueLayout* layout = nullptr;
  int32_t layout_id = -1;
  std::vector<Datum> mapped(table.types.size());
  std::vector<Datum> projected(plan.columns.size());
  Arena arena;
  for (size_t i = 0; i < values.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(const StoredValue stored, ParseStoredValue(values[i]));
    if (layout == nullptr || stored.schema_id != layout_id) {
      layout_id = stored.schema_id;
      auto found = layouts.find(layout_id);
      if (found == layouts.end()) {
        WEIR_ASSIGN_OR_RETURN(ValueLayout made, MakeLayout(table, layout_id));
        found = layouts.emplace(layout_id, std::move(made)).first;
      }
      layout = &found->second;
    }
    WEIR_ASSIGN_OR_RETURN(const RowView row, ReadValue(table, stored.row, layout, &mapped, &arena));
    if (plan.exact && !plan.filter->Matches(row)) continue;
    for (size_t k = 0; k < projected.size(); ++k) projected[k] = row[plan.columns[k]];
    WEIR_RETURN_NOT_OK(builder.Append(projected));
    if (i % 1024 == 1023) arena.Clear();
  }
  return builder.Finish();
}

}  // namespace weir
