#pragma once

#include <arrow/buffer.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "storage/file.h"
#include "storage/file_damage.h"
#include "storage/log.h"
#include "storage/size_ahead.h"
#include "types/mutex.h"
#include "weir/table.h"

namespace weir {

/// What a commit appends to the log of one bucket.
struct JournaledAppend {
  TableBucket bucket;
  int64_t base_offset = 0;
  int64_t end_offset = 0;
  std::shared_ptr<arrow::Buffer> batches;
};

/// The journal of commits over several buckets (docs/storage-format-commit.md): once a record is in it,
/// its appends happen, also when the process ends before they are in their logs. One thread writes;
/// the calls of recovery are thread-safe.
class CommitJournal {
 public:
  struct Options {
    bool sync = true;
    int64_t file_bytes = 16 << 20;  // a file that has reached this takes no more records
    /// Where the log of a bucket ends, without opening it.
    std::function<Result<int64_t>(const TableBucket&)> log_end;
  };
  /// Not rows of a bucket but a change of metadata, whose text the caller understands.
  static JournaledAppend MetadataRecord(std::string text);

  /// Reads what an earlier process left in `directory`, cuts off a torn record at its end, and finds
  /// the buckets that may lack something. A broken record that was whole once is code 3.
  static Result<std::unique_ptr<CommitJournal>> Open(const std::string& directory, const Options& options);

  /// What an earlier process left, looked at without changing it.
  struct Report {
    std::vector<FileDamage> damage;                     // no torn record among it
    std::vector<std::vector<JournaledAppend>> records;  // all that are whole, in order
  };
  static Result<Report> Inspect(const std::string& directory, const Options& options);
  /// Makes `directory`, where no journal is left, hold these records.
  static Status Restore(const std::string& directory, const std::vector<std::vector<JournaledAppend>>& records);
  static bool IsMetadata(const JournaledAppend& append);

  /// Writes one record and makes it durable: the commit point. After an error nothing is committed,
  /// but for one that leaves `in_doubt()`.
  Status Write(std::span<const JournaledAppend> appends);
  /// Whether the disk may or may not hold the last record. No more are taken then, and the buckets in it
  /// cannot be opened before the journal is.
  bool in_doubt() const;
  /// Nobody may open these buckets any more before the journal is opened again: they are not what the
  /// journal says.
  void Bar(std::span<const JournaledAppend> appends, const Status& why);

  /// The file that takes records is full: ends it, and gives its name for Remove.
  std::optional<std::string> Rotate();
  /// Deletes a file that Rotate has given, once all logs named in it are on disk.
  Status Remove(const std::string& file);
  /// Deletes all files. All logs are on disk.
  Status RemoveAll();

  // What is left of an earlier process.

  /// The changes of metadata, in their order.
  std::vector<std::string> TakeMetadata() { return std::exchange(metadata_, {}); }
  /// Buckets that may lack something.
  std::vector<TableBucket> Pending() const;
  bool IsPending(const TableBucket& bucket) const;
  /// What a log has to know of it when it is opened (LogOptions::journaled).
  Result<std::optional<LogOptions::Journaled>> Journaled(const TableBucket& bucket) const;
  /// Appends what the log lacks and syncs it: called before anybody else sees the log.
  Status Redo(const TableBucket& bucket, Log* log);
  /// The bucket does not exist any more.
  void Forget(const TableBucket& bucket);

 private:
  struct Scan;
  CommitJournal(std::string directory, Options options)
      : directory_(std::move(directory)), options_(std::move(options)) {}
  Status Recover() WEIR_REQUIRES(mutex_);
  void TakeRecords(Scan* scan) WEIR_REQUIRES(mutex_);
  static Status CheckTail(const Scan& scan, const Options& options);
  Status CutTail(const Scan& scan);
  Status OpenFile();
  Status WriteRecord(std::string_view header, std::span<const JournaledAppend> appends);

  const std::string directory_;
  const Options options_;

  // Of the thread that writes.
  std::shared_ptr<File> file_;
  int64_t size_ = 0;
  SizeAhead size_ahead_;
  int64_t sequence_ = 1;  // of the next record

  std::vector<std::string> metadata_;

  mutable Mutex mutex_;
  std::unordered_map<TableBucket, std::vector<JournaledAppend>> pending_
      WEIR_GUARDED_BY(mutex_);                                  // in the order of their offsets
  std::vector<std::string> recovered_ WEIR_GUARDED_BY(mutex_);  // files that `pending_` needs
  std::unordered_map<TableBucket, Status> barred_ WEIR_GUARDED_BY(mutex_);
  Status doubt_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
