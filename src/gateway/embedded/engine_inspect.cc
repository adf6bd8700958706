#include "gateway/embedded/engine.h"

namespace weir {

Result<BucketReport> Engine::InspectBucket(const TableBucket& bucket, const BucketChecks& checks) {
  WEIR_ASSIGN_OR_RETURN(const std::shared_ptr<const TableContext> table, FindBucketTable(bucket));
  // Its files may lack what the commit journal restores when the bucket is opened.
  if (journal_ != nullptr && journal_->IsPending(bucket)) WEIR_RETURN_NOT_OK(registry_->Acquire(bucket).status());
  BucketReport report;
  report.bucket = bucket;
  const std::string directory = (directory_ / "log" / BucketRegistry::BucketDirectory(bucket)).string();
  WEIR_ASSIGN_OR_RETURN(report.log,
                        InspectLog(directory, checks.batches, ends_ != nullptr ? ends_->Find(bucket) : 0));
  if (!table->descriptor.has_primary_key() || report.log.segments == 0) {
    report.rows = report.log.end_offset - report.log.start_offset;
    return report;
  }
  const Result<BucketRegistry::Lease> lease = registry_->Acquire(bucket);
  const Result<int64_t> rows = lease.ok() ? (*lease)->RowCount() : Result<int64_t>(lease.status());
  if (rows.ok()) report.rows = *rows;
  report.status = rows.status();
  if (!checks.keys || !rows.ok()) return report;
  const Result<int64_t> misplaced = CountMisplaced(bucket);
  if (misplaced.ok()) report.misplaced_rows = *misplaced;
  report.status = misplaced.status();
  return report;
}

/// The bucket is open: its rows are as its changelog has them.
Result<int64_t> Engine::CountMisplaced(const TableBucket& bucket) {
  Placement placement;
  WEIR_RETURN_NOT_OK(FindPlacement(bucket.table_id, &placement));
  if (!placement) return 0;
  int64_t misplaced = 0;
  const auto rows = kv_->Scan(bucket, {});
  for (; rows->Valid(); rows->Next()) {
    const Result<int32_t> right = placement->BucketOfKey(rows->key());
    if (!right.ok() || *right != bucket.bucket_id) ++misplaced;
  }
  WEIR_RETURN_NOT_OK(rows->status());
  return misplaced;
}

}  // namespace weir
