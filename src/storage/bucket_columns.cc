#include "storage/bucket_columns.h"

#include <arrow/array/array_binary.h>
#include <arrow/array/builder_binary.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "format/kv_batch.h"
#include "storage/changelog.h"
#include "types/arrow_mapping.h"
#include "types/arrow_rows.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

constexpr int64_t kRowsOfBatch = 16384;
constexpr int kAskedBefore = 1;             // the next time the file is made
constexpr size_t kMostChanged = 32 << 20;   // bytes of rows that are not as in the file
constexpr int64_t kRowsPerChange = 4;       // of the file, for each that has changed
constexpr int32_t kRowsToStep = 4;          // which are cheaper than a search

/// Rows of a bucket as record batches, in the order of their keys.
class ColumnWriter {
 public:
  ColumnWriter(KvRows* rows, RowSchemas* schemas, std::shared_ptr<arrow::Schema> schema,
               ArrowRowBuilder builder)
      : rows_(rows), schemas_(schemas), schema_(std::move(schema)), builder_(std::move(builder)),
        row_(schemas->latest().types.size()) {}

  int64_t num_rows() const { return num_rows_; }

  /// Null at the end.
  Result<std::shared_ptr<arrow::RecordBatch>> Next() {
    arrow::BinaryBuilder keys;
    arena_.Clear();
    for (; rows_->Valid() && builder_.num_rows() < kRowsOfBatch; rows_->Next()) {
      WEIR_ASSIGN_OR_RETURN(const StoredValue stored, ParseStoredValue(rows_->value()));
      WEIR_RETURN_NOT_OK(schemas_->Decode(stored.schema_id, stored.row, &arena_, row_));
      WEIR_RETURN_NOT_OK(builder_.Append(row_));
      WEIR_RETURN_NOT_OK(FromArrow(keys.Append(rows_->key())));
    }
    WEIR_RETURN_NOT_OK(rows_->status());
    const int64_t count = builder_.num_rows();
    if (count == 0) return std::shared_ptr<arrow::RecordBatch>();
    num_rows_ += count;
    WEIR_ASSIGN_OR_RETURN(const auto columns, builder_.Finish());
    arrow::ArrayVector arrays = columns->columns();
    WEIR_ASSIGN_OR_RETURN(arrays.emplace_back(), FromArrow(keys.Finish()));
    return arrow::RecordBatch::Make(schema_, count, std::move(arrays));
  }

 private:
  KvRows* const rows_;
  RowSchemas* const schemas_;
  const std::shared_ptr<arrow::Schema> schema_;  // with the keys
  ArrowRowBuilder builder_;
  std::vector<Datum> row_;
  Arena arena_;
  int64_t num_rows_ = 0;
};

const arrow::BinaryArray& KeysOf(const arrow::RecordBatch& batch) {
  return static_cast<const arrow::BinaryArray&>(*batch.column(batch.num_columns() - 1));
}

void SetBit(std::vector<uint64_t>* bits, int64_t at) { (*bits)[at / 64] |= uint64_t{1} << (at % 64); }

}  // namespace

Result<std::optional<KvColumns>> BucketColumns::Read(const Source& source) {
  if (files_ == nullptr) return std::optional<KvColumns>();
  MutexLock lock(mutex_);
  WEIR_RETURN_NOT_OK(SetTable(source.table));
  if (file_ != nullptr && !CatchUp(source).ok()) Forget();
  if (file_ == nullptr && IsWanted(source.log_offset)) {
    const Status built = Build(source);
    if (!built.ok()) {
      // Rows can be read without: it is tried again when there are more of them.
      spdlog::warn("the rows of {} are not kept as columns: {}", id_.ToString(), built.message());
      Forget();
      too_few_at_ = source.log_offset;
    }
  }
  if (file_ == nullptr) return std::optional<KvColumns>();
  KvColumns columns;
  columns.schema_id = table_->schema_id;
  columns.batches = file_->batches();
  columns.gone = gone_;
  columns.others = changed_values_;
  columns.log_offset = log_offset_;
  return std::optional(std::move(columns));
}

std::optional<ColumnPlaces> BucketColumns::Find(const Source& source, std::span<const std::string_view> keys) {
  if (files_ == nullptr || !mutex_.try_lock()) return std::nullopt;
  auto found = FindLocked(source, keys);
  mutex_.unlock();
  return found;
}

std::optional<ColumnPlaces> BucketColumns::FindLocked(const Source& source, std::span<const std::string_view> keys) {
  if (file_ == nullptr || !SetTable(source.table).ok() || file_ == nullptr) return std::nullopt;
  if (!CatchUp(source).ok()) Forget();
  if (file_ == nullptr || log_offset_ != source.log_offset) return std::nullopt;
  ColumnPlaces found;
  for (const auto& batch : file_->batches()) {
    const auto columns = batch->RemoveColumn(batch->num_columns() - 1);
    if (!columns.ok()) return std::nullopt;
    found.batches.push_back(*columns);
  }
  ColumnPlaces::Place last;
  found.places.reserve(keys.size());
  for (const std::string_view key : keys) {
    ColumnPlaces::Place place = PlaceBehind(last, key);
    if (place.batch >= 0) last = place;
    const int64_t row = place.batch < 0 ? 0 : first_rows_[static_cast<size_t>(place.batch)] + place.row;
    const bool gone = place.batch >= 0 && gone_ != nullptr && ((*gone_)[row / 64] >> (row % 64) & 1) != 0;
    found.places.push_back(gone ? ColumnPlaces::Place() : place);
  }
  return found;
}

/// Of a key, which is most likely a little behind the one before.
ColumnPlaces::Place BucketColumns::PlaceBehind(const ColumnPlaces::Place& before, std::string_view key) const {
  if (before.batch >= 0) {
    const arrow::BinaryArray& keys = KeysOf(*file_->batches()[static_cast<size_t>(before.batch)]);
    for (int32_t row = before.row + 1; row <= before.row + kRowsToStep && row < keys.length(); ++row) {
      if (keys.GetView(row) == key) return {before.batch, row};
    }
  }
  const int64_t place = PlaceOf(key);
  if (place < 0) return {};
  const auto batch = std::ranges::upper_bound(first_rows_, place) - first_rows_.begin() - 1;
  return {static_cast<int32_t>(batch), static_cast<int32_t>(place - first_rows_[static_cast<size_t>(batch)])};
}

/// What was kept under another schema goes.
Status BucketColumns::SetTable(const std::shared_ptr<const TableContext>& table) {
  if (table_ == table) return Status::OK();
  const bool same = table_ != nullptr && table_->schema_id == table->schema_id &&
                    table_->descriptor.schema == table->descriptor.schema;
  if (!same) Forget();
  WEIR_ASSIGN_OR_RETURN(schemas_, RowSchemas::Make(table));
  WEIR_ASSIGN_OR_RETURN(layout_, MakeKeyLayout(table->descriptor, table->options));
  table_ = table;
  return Status::OK();
}

void BucketColumns::Forget() {
  file_ = nullptr;
  first_rows_.clear();
  num_rows_ = 0;
  gone_ = nullptr;
  changed_ = RowBuffer();
  changed_values_ = nullptr;
  asked_ = 0;
}

bool BucketColumns::IsWanted(int64_t log_offset) {
  if (log_offset < files_->least_rows()) return false;  // each row has a record
  if (too_few_at_ && log_offset - *too_few_at_ < files_->least_rows()) return false;
  return asked_++ >= kAskedBefore;
}

Status BucketColumns::Build(const Source& source) {
  const std::vector<DataType>& types = schemas_->latest().types;
  WEIR_ASSIGN_OR_RETURN(const Bucket::Snapshot snapshot, source.open_rows());
  const auto schema = ToArrowSchema(schemas_->latest().schema, LtzZone::kUtc);
  WEIR_ASSIGN_OR_RETURN(ArrowRowBuilder builder, ArrowRowBuilder::Make(schema, types));
  WEIR_ASSIGN_OR_RETURN(const auto with_keys,
                        FromArrow(schema->AddField(schema->num_fields(), arrow::field("", arrow::binary()))));
  ColumnWriter writer(snapshot.rows.get(), schemas_.get(), with_keys, std::move(builder));
  WEIR_ASSIGN_OR_RETURN(file_, files_->Make(with_keys, [&] { return writer.Next(); }));
  if (file_ == nullptr || writer.num_rows() < files_->least_rows()) {
    Forget();
    too_few_at_ = snapshot.log_offset;
    return Status::OK();
  }
  too_few_at_.reset();
  num_rows_ = 0;
  for (const auto& batch : file_->batches()) {
    first_rows_.push_back(num_rows_);
    num_rows_ += batch->num_rows();
  }
  log_offset_ = snapshot.log_offset;
  return Status::OK();
}

/// An error: what has changed is too much, or not to be had.
Status BucketColumns::CatchUp(const Source& source) {
  if (source.log_offset <= log_offset_) return Status::OK();
  if (source.log_offset - log_offset_ > 2 * num_rows_ / kRowsPerChange) return Status::Invalid("too much has changed");
  auto gone = gone_ == nullptr ? std::make_shared<std::vector<uint64_t>>((num_rows_ + 63) / 64)
                               : std::make_shared<std::vector<uint64_t>>(*gone_);
  const auto change = [&](const std::vector<KvChange>& changes, int64_t end) WEIR_REQUIRES(mutex_) {
    for (const KvChange& one : changes) Change(one, gone.get());
    log_offset_ = end;
    return changed_.bytes() <= kMostChanged ? Status::OK() : Status::Invalid("too much has changed");
  };
  WEIR_RETURN_NOT_OK(ReadChangelog(id_, layout_, schemas_.get(), table_->options, source.log, log_offset_,
                                   source.log_offset, change));
  if (static_cast<int64_t>(changed_.size()) > num_rows_ / kRowsPerChange)
    return Status::Invalid("too much has changed");
  gone_ = std::move(gone);
  ValueBatchBuilder values;
  for (const RowBuffer::Row& row : changed_.SortedByKey()) {
    if (row.value) values.Add(*row.value);
  }
  changed_values_ = values.num_records() == 0 ? nullptr : arrow::Buffer::FromString(values.Finish());
  return Status::OK();
}

void BucketColumns::Change(const KvChange& change, std::vector<uint64_t>* gone) {
  const uint64_t hash = RowBuffer::Hash(change.key);
  const int64_t place = PlaceOf(change.key);
  if (place >= 0) SetBit(gone, place);
  if (change.value) {
    changed_.Put(change.key, hash, *change.value, {});
  } else {
    changed_.Erase(change.key, hash);
  }
}

/// Of the row with this key in the file; −1: there is none.
int64_t BucketColumns::PlaceOf(std::string_view key) const {
  const arrow::RecordBatchVector& batches = file_->batches();
  const auto after = std::upper_bound(batches.begin(), batches.end(), key, [](std::string_view k, const auto& batch) {
    return k < KeysOf(*batch).GetView(0);
  });
  if (after == batches.begin()) return -1;
  const auto batch = static_cast<size_t>(after - batches.begin()) - 1;
  const arrow::BinaryArray& keys = KeysOf(*batches[batch]);
  int64_t begin = 0;
  for (int64_t end = keys.length(); begin < end;) {
    const int64_t middle = begin + (end - begin) / 2;
    if (keys.GetView(middle) < key) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  const bool found = begin < keys.length() && keys.GetView(begin) == key;
  return found ? first_rows_[batch] + begin : -1;
}

}  // namespace weir
