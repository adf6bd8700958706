#include "gateway/embedded/quiet_logs.h"

#include <arrow/buffer.h>
#include <sys/stat.h>

#include <utility>

#include "commitlog/entry_bytes.h"
#include "format/crc32c.h"
#include "format/log_batch.h"
#include "storage/file_bytes.h"

namespace weir {
namespace {

constexpr int64_t kMostQuietBytes = 4 << 10;  // of one log
constexpr int64_t kBytesBeside = 256;
constexpr std::string_view kMagic = "WEIRQL02";
constexpr int64_t kNoPartition = -1;
constexpr uint64_t kLeastOfBucket = 3;  // bytes
constexpr uint64_t kLeastOfLog = kLeastOfBucket + 7;

using commitlog::EntryReader;
using commitlog::EntryWriter;

/// Fixed fields of a log: they are written and read in one order.
template <typename Fields, typename Visit>
void VisitFields(Fields& log, const Visit& visit) {
  visit(log.start_offset);
  visit(log.end_offset);
  visit(log.segment.size);
  visit(log.segment.inode);
  visit(log.segment.changed_seconds);
  visit(log.segment.changed_nanoseconds);
}

void WriteBucket(const TableBucket& bucket, EntryWriter* writer) {
  writer->Signed(bucket.table_id);
  writer->Signed(bucket.partition_id.value_or(kNoPartition));
  writer->Signed(bucket.bucket_id);
}

TableBucket ReadBucket(EntryReader* reader) {
  TableBucket bucket;
  bucket.table_id = reader->Signed();
  const int64_t partition = reader->Signed();
  if (partition != kNoPartition) bucket.partition_id = partition;
  bucket.bucket_id = static_cast<int32_t>(reader->Signed());
  return bucket;
}

}  // namespace

std::optional<FileMark> FileMark::Of(const std::filesystem::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return FileMark{info.st_size, info.st_ino, info.st_ctim.tv_sec, info.st_ctim.tv_nsec};
}

int64_t QuietLog::bytes_kept() const { return records->size() + kBytesBeside; }

std::shared_ptr<QuietLog> CopyQuietLog(Log* log) {
  if (log->size_bytes() > kMostQuietBytes || log->end_offset() == 0) return nullptr;
  const Result<LogReadResult> read = log->Read(kEarliestOffset, kMostQuietBytes);
  if (!read.ok()) return nullptr;
  int64_t end = read->log_start_offset;
  for (std::string_view left(*read->records); !left.empty();) {
    const Result<LogBatchHeader> header = ParseLogBatchHeader(left);
    if (!header.ok()) return nullptr;
    end = header->next_offset();
    left.remove_prefix(static_cast<size_t>(header->total_size()));
  }
  if (end != read->high_watermark) return nullptr;
  auto copy = std::make_shared<QuietLog>();
  copy->records = arrow::Buffer::FromString(read->records->ToString());
  copy->start_offset = read->log_start_offset;
  copy->end_offset = end;
  return copy;
}

std::string QuietLogs::Encode() const {
  EntryWriter writer;
  writer.Raw(kMagic);
  writer.Unsigned(logs.size());
  for (const auto& [bucket, log] : logs) {
    WriteBucket(bucket, &writer);
    VisitFields(*log, [&](const auto& field) { writer.Signed(static_cast<int64_t>(field)); });
    writer.Text(std::string_view(*log->records));
  }
  writer.Unsigned(unwritten.size());
  for (const TableBucket& bucket : unwritten) WriteBucket(bucket, &writer);
  std::string bytes = writer.Finish();
  AppendLittleEndian(&bytes, Crc32c(bytes));
  return bytes;
}

std::optional<QuietLogs> QuietLogs::Decode(const std::shared_ptr<arrow::Buffer>& bytes) {
  const std::string_view whole(*bytes);
  if (!whole.starts_with(kMagic) || whole.size() < kMagic.size() + sizeof(uint32_t)) return std::nullopt;
  const std::string_view body = whole.substr(0, whole.size() - sizeof(uint32_t));
  if (LoadLittleEndian<uint32_t>(whole.data() + body.size()) != Crc32c(body)) return std::nullopt;
  EntryReader reader(body.substr(kMagic.size()));
  QuietLogs all;
  for (uint64_t left = reader.Count(kLeastOfLog); left > 0; --left) {
    const TableBucket bucket = ReadBucket(&reader);
    auto log = std::make_shared<QuietLog>();
    VisitFields(*log, [&](auto& field) {
      field = static_cast<std::remove_reference_t<decltype(field)>>(reader.Signed());
    });
    const std::string_view records = reader.Text();
    if (!reader.ok()) return std::nullopt;
    log->records = arrow::SliceBuffer(bytes, records.data() - whole.data(), static_cast<int64_t>(records.size()));
    all.logs.emplace_hint(all.logs.end(), bucket, std::move(log));
  }
  for (uint64_t left = reader.Count(kLeastOfBucket); left > 0; --left) {
    all.unwritten.insert(all.unwritten.end(), ReadBucket(&reader));
  }
  return reader.done() ? std::optional(std::move(all)) : std::nullopt;
}

}  // namespace weir
