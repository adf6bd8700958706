#include "gateway/embedded/quiet_logs.h"

#include <arrow/buffer.h>
#include <sys/stat.h>

#include <utility>

#include "format/crc32c.h"
#include "format/log_batch.h"
#include "storage/file_bytes.h"

namespace weir {
namespace {

constexpr int64_t kMostQuietBytes = 4 << 10;  // of one log
constexpr int64_t kBytesBeside = 256;
constexpr std::string_view kMagic = "WEIRQL01";
constexpr int64_t kNoPartition = -1;

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

void AppendBucket(std::string* bytes, const TableBucket& bucket) {
  AppendLittleEndian<int64_t>(bytes, bucket.table_id);
  AppendLittleEndian<int64_t>(bytes, bucket.partition_id.value_or(kNoPartition));
  AppendLittleEndian<int32_t>(bytes, bucket.bucket_id);
}

/// Reads one value after the other; what lies behind the end is 0, and the reader is not `whole` any more.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T Read() {
    whole_ = whole_ && bytes_.size() - at_ >= sizeof(T);
    if (!whole_) return {};
    at_ += sizeof(T);
    return LoadLittleEndian<T>(bytes_.data() + at_ - sizeof(T));
  }
  TableBucket ReadBucket() {
    TableBucket bucket;
    bucket.table_id = Read<int64_t>();
    const auto partition = Read<int64_t>();
    if (partition != kNoPartition) bucket.partition_id = partition;
    bucket.bucket_id = Read<int32_t>();
    return bucket;
  }
  /// Where so many bytes begin.
  int64_t Skip(uint64_t size) {
    const size_t begin = at_;
    whole_ = whole_ && bytes_.size() - at_ >= size;
    if (whole_) at_ += size;
    return static_cast<int64_t>(begin);
  }
  bool whole() const { return whole_; }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  const std::string_view bytes_;
  size_t at_ = 0;
  bool whole_ = true;
};

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
  std::string bytes(kMagic);
  AppendLittleEndian<uint64_t>(&bytes, logs.size());
  for (const auto& [bucket, log] : logs) {
    AppendBucket(&bytes, bucket);
    VisitFields(*log, [&](const auto& field) { AppendLittleEndian(&bytes, field); });
    AppendLittleEndian<uint32_t>(&bytes, static_cast<uint32_t>(log->records->size()));
    bytes.append(std::string_view(*log->records));
  }
  for (const TableBucket& bucket : unwritten) AppendBucket(&bytes, bucket);
  AppendLittleEndian(&bytes, Crc32c(bytes));
  return bytes;
}

std::optional<QuietLogs> QuietLogs::Decode(const std::shared_ptr<arrow::Buffer>& bytes) {
  const std::string_view whole(*bytes);
  if (!whole.starts_with(kMagic) || whole.size() < kMagic.size() + sizeof(uint32_t)) return std::nullopt;
  const std::string_view body = whole.substr(0, whole.size() - sizeof(uint32_t));
  if (LoadLittleEndian<uint32_t>(whole.data() + body.size()) != Crc32c(body)) return std::nullopt;
  Reader reader(body);
  reader.Skip(kMagic.size());
  QuietLogs all;
  for (auto left = reader.Read<uint64_t>(); left > 0 && reader.whole(); --left) {
    const TableBucket bucket = reader.ReadBucket();
    auto log = std::make_shared<QuietLog>();
    VisitFields(*log, [&](auto& field) { field = reader.Read<std::remove_reference_t<decltype(field)>>(); });
    const auto size = reader.Read<uint32_t>();
    const int64_t begin = reader.Skip(size);
    if (!reader.whole()) return std::nullopt;
    log->records = arrow::SliceBuffer(bytes, begin, size);
    all.logs.emplace_hint(all.logs.end(), bucket, std::move(log));
  }
  while (reader.whole() && !reader.at_end()) all.unwritten.insert(all.unwritten.end(), reader.ReadBucket());
  return reader.whole() ? std::optional(std::move(all)) : std::nullopt;
}

}  // namespace weir
