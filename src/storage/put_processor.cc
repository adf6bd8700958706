#include "storage/put_processor.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "types/arrow_mapping.h"
#include "types/arrow_rows.h"

namespace weir {
namespace {

constexpr size_t kLeastInColumns = 1024;  // old rows: fewer are looked up in the store

/// The state of one key while a batch is processed: what later records of the batch see.
struct Slot {
  std::string_view key;
  std::string_view schema_id;  // with `row` the value, while the key is there
  std::string_view row;
  ColumnPlaces::Place place;  // or else the row is there, as it was
  bool existed = false;
  bool exists = false;
  bool changed = false;
};

/// One pass over a KV batch.
class PutRun {
 public:
  PutRun(const KvBatchView& batch, const MergeRules& rules, const TableContext& table, RowSchemas* schemas,
         Changelog* changelog, AutoIncrement* auto_increment, PutPlan* plan)
      : batch_(batch),
        rules_(rules),
        table_(table),
        schemas_(schemas),
        changelog_(changelog),
        auto_increment_(auto_increment),
        plan_(plan) {
    const size_t columns = schemas->latest().types.size();
    old_row_.resize(columns);
    new_row_.resize(columns);
    merged_.resize(columns);
    batch_schema_id_ = SchemaIdBytes(batch.schema_id);
    latest_schema_id_ = SchemaIdBytes(static_cast<int16_t>(schemas->latest().id));
    writes_blindly_ = table.options.changelog_image == ChangelogImage::kWal && rules.engine == MergeEngine::kNone &&
                      !rules.partial && rules.auto_increment < 0;
  }

  Status Execute(const TableBucket& bucket, const PutProcessor::OldRows& old_rows) {
    WEIR_RETURN_NOT_OK(MakeSlots());
    if (old_rows.kv != nullptr) WEIR_RETURN_NOT_OK(LoadOldValues(bucket, old_rows));
    for (size_t i = 0; i < batch_.records.size(); ++i) {
      const KvRecordView& record = batch_.records[i];
      Slot* slot = &slots_[slot_of_record_[i]];
      WEIR_RETURN_NOT_OK(record.row ? Upsert(*record.row, slot) : Delete(slot));
    }
    CollectChanges();
    return Status::OK();
  }

 private:
  // A slot a key, in the order of their first records; found again in a hash table.
  Status MakeSlots() {
    const auto& records = batch_.records;
    slots_.reserve(records.size());
    slot_of_record_.resize(records.size());
    const size_t mask = std::bit_ceil(2 * records.size() + 1) - 1;
    std::vector<uint32_t> places(mask + 1);  // slot + 1, or 0
    for (size_t i = 0; i < records.size(); ++i) {
      const std::string_view key = records[i].key;
      if (key.empty()) return {ErrorCode::kCorruptRecord, fmt::format("record {} of the KV batch has an empty key", i)};
      size_t at = std::hash<std::string_view>()(key) & mask;
      while (places[at] != 0 && slots_[places[at] - 1].key != key) at = (at + 1) & mask;
      if (places[at] == 0) {
        slots_.emplace_back().key = key;
        places[at] = static_cast<uint32_t>(slots_.size());
      }
      slot_of_record_[i] = places[at] - 1;
    }
    return Status::OK();
  }

  Status LoadOldValues(const TableBucket& bucket, const PutProcessor::OldRows& old_rows) {
    std::vector<bool> wanted(slots_.size(), !writes_blindly_);
    for (size_t i = 0; writes_blindly_ && i < batch_.records.size(); ++i) {
      if (!batch_.records[i].row) wanted[slot_of_record_[i]] = true;
    }
    std::vector<std::string_view> keys;
    std::vector<Slot*> readers;
    keys.reserve(slots_.size());
    readers.reserve(slots_.size());
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (!wanted[i]) continue;
      keys.push_back(slots_[i].key);
      readers.push_back(&slots_[i]);
    }
    if (old_rows.find_columns && keys.size() >= kLeastInColumns) {
      WEIR_RETURN_NOT_OK(FindInColumns(old_rows, &keys, &readers));
    }
    if (keys.empty()) return Status::OK();
    std::vector<std::optional<std::string_view>> values(keys.size());
    WEIR_RETURN_NOT_OK(old_rows.kv->GetRows(bucket, keys, plan_->arena.get(), values));
    for (size_t i = 0; i < readers.size(); ++i) {
      if (!values[i]) continue;
      WEIR_ASSIGN_OR_RETURN(const StoredValue stored, ParseStoredValue(*values[i]));
      readers[i]->existed = readers[i]->exists = true;
      readers[i]->schema_id = values[i]->substr(0, values[i]->size() - stored.row.size());
      readers[i]->row = stored.row;
    }
    return Status::OK();
  }

  /// Those of `keys` that it finds are gone from there, and from `readers`.
  Status FindInColumns(const PutProcessor::OldRows& old_rows, std::vector<std::string_view>* keys,
                       std::vector<Slot*>* readers) {
    const std::optional<ColumnPlaces> found = old_rows.find_columns(*keys);
    if (!found) return Status::OK();
    for (const auto& batch : found->batches) {
      WEIR_ASSIGN_OR_RETURN(ArrowRowReader reader, ArrowRowReader::Make(batch, schemas_->latest().types));
      columns_.push_back(std::move(reader));
    }
    size_t missing = 0;
    for (size_t i = 0; i < keys->size(); ++i) {
      Slot* const slot = (*readers)[i];
      slot->place = found->places[i];
      slot->existed = slot->exists = slot->place.batch >= 0;
      if (slot->exists) continue;
      (*keys)[missing] = (*keys)[i];
      (*readers)[missing++] = slot;
    }
    keys->resize(missing);
    readers->resize(missing);
    return Status::OK();
  }

  Status Upsert(std::string_view row, Slot* slot) {
    WEIR_RETURN_NOT_OK(schemas_->Decode(batch_.schema_id, row, plan_->arena.get(), new_row_));
    if (writes_blindly_) return Replace(row, new_row_, slot);
    if (!slot->exists) return Insert(row, slot);
    WEIR_RETURN_NOT_OK(DecodeOld(*slot));
    WEIR_ASSIGN_OR_RETURN(const MergeOutcome outcome,
                          MergeUpsert(rules_, old_row_, new_row_, plan_->arena.get(), merged_));
    if (outcome == MergeOutcome::kKeep) return Status::OK();
    return Replace(row, merged_, slot);
  }

  Status Insert(std::string_view row, Slot* slot) {
    MergeInsert(rules_, new_row_, merged_);
    if (rules_.auto_increment >= 0) {
      const Column& column = schemas_->latest().schema.column(rules_.auto_increment);
      WEIR_ASSIGN_OR_RETURN(const int64_t next, auto_increment_->Next(column));
      merged_[rules_.auto_increment] = Datum::Int(next);
    }
    WEIR_RETURN_NOT_OK(changelog_->Add(ChangeType::kInsert, merged_));
    return Store(row, merged_, slot);
  }

  Status Replace(std::string_view row, RowView merged, Slot* slot) {
    if (table_.options.changelog_image == ChangelogImage::kFull) {
      WEIR_RETURN_NOT_OK(changelog_->Add(ChangeType::kUpdateBefore, old_row_));
    }
    WEIR_RETURN_NOT_OK(changelog_->Add(ChangeType::kUpdateAfter, merged));
    return Store(row, merged, slot);
  }

  Status Delete(Slot* slot) {
    if (rules_.deletes == DeleteBehavior::kIgnore) return Status::OK();
    if (rules_.deletes == DeleteBehavior::kDisable) {
      return {ErrorCode::kDeletionDisabled,
              fmt::format("table '{}' takes no deletes: its table.delete.behavior is 'disable'",
                          table_.path.ToString())};
    }
    if (!slot->exists) return Status::OK();
    WEIR_RETURN_NOT_OK(DecodeOld(*slot));
    WEIR_ASSIGN_OR_RETURN(const MergeOutcome outcome, MergeDelete(rules_, old_row_, merged_));
    if (outcome == MergeOutcome::kReplace) return Replace({}, merged_, slot);
    WEIR_RETURN_NOT_OK(changelog_->Add(ChangeType::kDelete, old_row_));
    slot->exists = false;
    slot->changed = true;
    return Status::OK();
  }

  Status DecodeOld(const Slot& slot) {
    if (slot.place.batch >= 0) {
      columns_[static_cast<size_t>(slot.place.batch)].Read(slot.place.row, plan_->arena.get(), old_row_);
      return Status::OK();
    }
    WEIR_ASSIGN_OR_RETURN(const StoredValue id, ParseStoredValue(slot.schema_id));
    return schemas_->Decode(id.schema_id, slot.row, plan_->arena.get(), old_row_);
  }

  /// `row`: the record's own bytes; empty for a delete.
  Status Store(std::string_view row, RowView merged, Slot* slot) {
    slot->exists = slot->changed = true;
    slot->place = {};
    if (!row.empty() && rules_.keeps_incoming_bytes()) {
      slot->schema_id = batch_schema_id_;
      slot->row = row;
      return Status::OK();
    }
    encoded_.clear();
    WEIR_RETURN_NOT_OK(EncodeRow(schemas_->format(), schemas_->latest().types, merged, &encoded_));
    slot->schema_id = latest_schema_id_;
    slot->row = plan_->arena->CopyBytes(encoded_);
    return Status::OK();
  }

  void CollectChanges() {
    plan_->changes.reserve(slots_.size());
    int64_t new_rows = 0;
    for (const Slot& slot : slots_) {
      if (!slot.changed) continue;
      new_rows += static_cast<int>(slot.exists) - static_cast<int>(slot.existed);
      plan_->changes.push_back({slot.key, !slot.exists, slot.schema_id, slot.row});
    }
    plan_->new_rows = writes_blindly_ && !plan_->changes.empty() ? std::nullopt : std::optional(new_rows);
  }

  std::string_view SchemaIdBytes(int16_t id) {
    std::string bytes;
    AppendSchemaId(id, &bytes);
    return plan_->arena->CopyBytes(bytes);
  }

  const KvBatchView& batch_;
  const MergeRules& rules_;
  const TableContext& table_;
  RowSchemas* schemas_;
  Changelog* changelog_;
  AutoIncrement* auto_increment_;
  PutPlan* plan_;
  bool writes_blindly_ = false;  // upserts do not need the old row
  std::string_view batch_schema_id_;
  std::string_view latest_schema_id_;
  std::vector<Slot> slots_;
  std::vector<uint32_t> slot_of_record_;
  std::vector<ArrowRowReader> columns_;  // of old rows
  std::vector<Datum> old_row_;
  std::vector<Datum> new_row_;
  std::vector<Datum> merged_;
  std::string encoded_;
};

}  // namespace

Result<std::unique_ptr<PutProcessor>> PutProcessor::Make(const TableBucket& bucket,
                                                         std::shared_ptr<const TableContext> table) {
  auto processor = std::unique_ptr<PutProcessor>(new PutProcessor(bucket, table));
  WEIR_ASSIGN_OR_RETURN(processor->layout_, MakeKeyLayout(table->descriptor, table->options));
  WEIR_ASSIGN_OR_RETURN(processor->schemas_, RowSchemas::Make(table));
  processor->arrow_schema_ = ToArrowSchema(table->descriptor.schema, LtzZone::kNone);
  return processor;
}

Result<std::optional<std::vector<int>>> PutProcessor::LatestTargets(const RowSchema& schema,
                                                                    const std::vector<int>& targets) const {
  if (targets.empty()) return std::optional<std::vector<int>>();
  std::vector<int> latest;
  for (const int target : targets) {
    if (target < 0 || target >= schema.schema.num_columns()) {
      return Status(ErrorCode::kInvalidTargetColumn,
                    fmt::format("target column {} is out of range: schema {} of table '{}' has columns 0 to {}", target,
                                schema.id, table_->path.ToString(), schema.schema.num_columns() - 1));
    }
    if (schema.source.empty()) {
      latest.push_back(target);
      continue;
    }
    const auto it = std::find(schema.source.begin(), schema.source.end(), target);
    if (it != schema.source.end()) latest.push_back(static_cast<int>(it - schema.source.begin()));
  }
  return std::optional(std::move(latest));
}

Result<PutPlan> PutProcessor::Process(const KvBatchView& batch, const std::vector<int>& target_columns, int agg_mode,
                                      const OldRows& old_rows, AutoIncrement* auto_increment) {
  if (agg_mode != 0 && agg_mode != 1) {
    return Status(ErrorCode::kUnsupportedVersion,
                  fmt::format("agg_mode {} is not supported: 0 merges, 1 overwrites", agg_mode));
  }
  WEIR_ASSIGN_OR_RETURN(const RowSchema* schema, schemas_->Get(batch.schema_id));
  WEIR_ASSIGN_OR_RETURN(const auto targets, LatestTargets(*schema, target_columns));
  WEIR_ASSIGN_OR_RETURN(const MergeRules rules,
                        MakeMergeRules(table_->descriptor, table_->options, targets, agg_mode == 1));
  return Run(batch, rules, old_rows, auto_increment);
}

Result<PutPlan> PutProcessor::InsertKeys(const std::vector<KvRecordView>& records, KvStore* kv,
                                         AutoIncrement* auto_increment) {
  const Schema& schema = table_->descriptor.schema;
  WEIR_ASSIGN_OR_RETURN(const std::vector<int> keys, schema.IndexesOf(schema.primary_key()));
  WEIR_ASSIGN_OR_RETURN(const MergeRules rules,
                        MakeMergeRules(table_->descriptor, table_->options, keys, /*overwrite=*/true));
  KvBatchView batch;
  batch.schema_id = static_cast<int16_t>(table_->schema_id);
  batch.records = records;
  return Run(batch, rules, {.kv = kv}, auto_increment);
}

Result<PutPlan> PutProcessor::Run(const KvBatchView& batch, const MergeRules& rules, const OldRows& old_rows,
                                  AutoIncrement* auto_increment) {
  WEIR_ASSIGN_OR_RETURN(Changelog changelog,
                        Changelog::Make(table_->descriptor.schema, arrow_schema_, schemas_->latest().types));
  PutPlan plan;
  PutRun run(batch, rules, *table_, schemas_.get(), &changelog, auto_increment, &plan);
  WEIR_RETURN_NOT_OK(run.Execute(bucket_, old_rows));
  WEIR_ASSIGN_OR_RETURN(plan.changelog, changelog.Finish(*table_, batch.writer_id, batch.sequence));
  return plan;
}

}  // namespace weir
