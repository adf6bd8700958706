#include "gateway/cluster/remote_log.h"

#include <arrow/filesystem/api.h>
#include <arrow/io/interfaces.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "format/log_batch.h"
#include "types/arrow_status.h"
#include "types/mutex.h"

namespace weir {
namespace {

constexpr int64_t kSmallestRead = 64 << 10;
constexpr std::string_view kS3Scheme = "s3://";

struct RemoteDirectory {
  std::shared_ptr<arrow::fs::FileSystem> files;
  std::string path;
};

/// Arrow's client of S3 is a library of its own, beside Arrow's, and loaded when it is needed. It wants to be ended
/// before the process is.
Status LoadS3() {
  static const Status loaded = [] {
    Dl_info arrow;
    if (dladdr(reinterpret_cast<const void*>(&arrow::fs::EnsureFinalized), &arrow) == 0) {
      return Status(ErrorCode::kUnsupportedVersion, "Arrow's library is not known by a file");
    }
    std::string file = arrow.dli_fname;
    const size_t name = file.rfind("libarrow.so");
    if (name == std::string::npos) return Status(ErrorCode::kUnsupportedVersion, file + " is not libarrow.so");
    file.replace(name, std::strlen("libarrow"), "libarrow_s3");
    WEIR_RETURN_NOT_OK(FromArrow(arrow::fs::LoadFileSystemFactories(file.c_str()), ErrorCode::kUnsupportedVersion));
    // What the first of them makes for the process has to be there still when they are ended.
    WEIR_RETURN_NOT_OK(FromArrow(arrow::fs::FileSystemFromUri("s3://bucket?region=us-east-1"),
                                 ErrorCode::kUnsupportedVersion).status());
    std::atexit(arrow::fs::EnsureFinalized);
    return Status::OK();
  }();
  return loaded.WithContext("remote storage in S3");
}

/// The client of a bucket of S3, which keeps its connections from read to read.
Result<std::shared_ptr<arrow::fs::FileSystem>> S3FilesOf(const std::string& bucket) {
  static auto* const mutex = new Mutex();
  static auto* const clients = new std::map<std::string, std::shared_ptr<arrow::fs::FileSystem>>();
  WEIR_RETURN_NOT_OK(LoadS3());
  MutexLock lock(*mutex);
  std::shared_ptr<arrow::fs::FileSystem>& client = (*clients)[bucket];
  if (client == nullptr) {
    WEIR_ASSIGN_OR_RETURN(client, FromArrow(arrow::fs::FileSystemFromUri(std::string(kS3Scheme) + bucket),
                                            ErrorCode::kLogStorageException));
  }
  return client;
}

Result<RemoteDirectory> OpenRemote(const std::string& uri) {
  std::string text = uri;
  if (text.starts_with("s3a://")) text = "s3://" + text.substr(6);
  const bool is_s3 = text.starts_with(kS3Scheme);
  if (!is_s3 && !text.starts_with("file:") && !text.starts_with("/")) {
    return Status(ErrorCode::kUnsupportedVersion,
                  fmt::format("records lie in remote storage at '{}': Weir reads directories and S3", uri));
  }
  RemoteDirectory directory;
  if (is_s3) {
    directory.path = text.substr(kS3Scheme.size());
    WEIR_ASSIGN_OR_RETURN(directory.files, S3FilesOf(directory.path.substr(0, directory.path.find('/'))));
    return directory;
  }
  WEIR_ASSIGN_OR_RETURN(directory.files, FromArrow(arrow::fs::FileSystemFromUriOrPath(text, &directory.path),
                                                   ErrorCode::kLogStorageException));
  return directory;
}

/// The end of the last of some whole batches.
Result<int64_t> NextOffset(std::string_view batches) {
  int64_t next = -1;
  while (!batches.empty()) {
    WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header, ParseLogBatchHeader(batches));
    next = header.next_offset();
    batches.remove_prefix(static_cast<size_t>(header.total_size()));
  }
  return next;
}

/// The length that stands at the end of a batch's prefix: of what follows it.
int32_t LengthIn(const char* prefix) {
  int32_t length = 0;  // little-endian, as this machine is
  std::memcpy(&length, prefix + kLogBatchPrefixSize - sizeof(length), sizeof(length));
  return length;
}

/// Whole batches from a position on; null at the end of the file.
Result<std::shared_ptr<arrow::Buffer>> ReadBatches(arrow::io::RandomAccessFile* file, int64_t position,
                                                   int64_t max_bytes) {
  constexpr auto kFailed = ErrorCode::kLogStorageException;
  for (int64_t wanted = std::max(max_bytes, kSmallestRead);;) {
    WEIR_ASSIGN_OR_RETURN(const auto read, FromArrow(file->ReadAt(position, wanted), kFailed));
    if (read->size() < kLogBatchPrefixSize) return std::shared_ptr<arrow::Buffer>();
    const int64_t whole = WholeBatchBytes(read);
    if (whole > 0) return arrow::SliceBuffer(read, 0, whole);
    if (read->size() < wanted) return Status(ErrorCode::kCorruptMessage, "a remote segment ends within a batch");
    wanted = kLogBatchPrefixSize + int64_t{LengthIn(read->data_as<char>())};
  }
}

}  // namespace

int64_t WholeBatchBytes(const std::shared_ptr<arrow::Buffer>& records) {
  if (records == nullptr) return 0;
  const std::string_view bytes(*records);
  size_t end = 0;
  while (bytes.size() - end >= kLogBatchPrefixSize) {
    const int32_t length = LengthIn(bytes.data() + end);
    if (length < 0) return records->size();
    if (static_cast<size_t>(length) > bytes.size() - end - kLogBatchPrefixSize) break;
    end += kLogBatchPrefixSize + static_cast<size_t>(length);
  }
  return static_cast<int64_t>(end);
}

Result<std::shared_ptr<arrow::Buffer>> ReadRemoteLog(const wire::RemoteLogFetchInfo& info, int64_t offset,
                                                     int64_t max_bytes) {
  WEIR_ASSIGN_OR_RETURN(const RemoteDirectory directory, OpenRemote(info.remote_log_tablet_dir()));
  for (int i = 0; i < info.remote_log_segments_size(); ++i) {
    const wire::RemoteLogSegment& segment = info.remote_log_segments(i);
    if (segment.remote_log_end_offset() <= offset) continue;
    const std::string path = fmt::format("{}/{}/{:020}.log", directory.path, segment.remote_log_segment_id(),
                                         segment.remote_log_start_offset());
    WEIR_ASSIGN_OR_RETURN(const auto file,
                          FromArrow(directory.files->OpenInputFile(path), ErrorCode::kLogStorageException));
    for (int64_t position = i == 0 ? std::max(info.first_start_pos(), 0) : 0;;) {
      WEIR_ASSIGN_OR_RETURN(auto batches, ReadBatches(file.get(), position, max_bytes));
      if (batches == nullptr) break;
      WEIR_ASSIGN_OR_RETURN(const int64_t next, NextOffset(std::string_view(*batches)));
      if (next > offset) return batches;
      position += batches->size();
    }
  }
  return Status(ErrorCode::kCorruptMessage,
                fmt::format("the segments in remote storage at '{}' do not hold offset {}",
                            info.remote_log_tablet_dir(), offset));
}

Status RemoteFailures::Told(const TableBucket& bucket, const Status& read, std::chrono::milliseconds most) {
  if (read.ok()) since_.erase(bucket);
  if (read.ok() || !IsRetriable(read.code())) return read;
  if (read.code() == ErrorCode::kLogStorageException) {
    const auto now = std::chrono::steady_clock::now();
    const auto [failing, first] = since_.emplace(bucket, now);
    if (first) spdlog::warn("{}; trying again for {} s", read.message(), most.count() / 1000);
    if (now - failing->second < most) return read;
    since_.erase(failing);
  }
  return {ErrorCode::kClientError, read.message()};  // a code after which nobody asks again
}

}  // namespace weir
