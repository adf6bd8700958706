#pragma once

#include <arrow/buffer.h>
#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "storage/kept_recent.h"
#include "weir/status.h"

namespace weir {

/// Code 10: "cannot <what> '<path>': <text of errno>".
Status ErrnoStatus(std::string_view what, const std::string& path, int error);

/// An open file; closed with the object. All errors are code 10 and name the file.
class File {
 public:
  enum class Mode { kRead, kReadWrite, kCreate };  // kCreate: read and write, must not exist yet

  static Result<std::shared_ptr<File>> Open(const std::string& path, Mode mode);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& path() const { return path_; }
  int fd() const { return fd_; }
  Result<int64_t> Size() const;
  /// Writes all parts one after another from `position`; `parts` is used up.
  Status WriteAt(std::span<iovec> parts, int64_t position);
  Status WriteAt(std::string_view bytes, int64_t position);
  /// Also gives up what was reserved beyond `size`.
  Status Truncate(int64_t size);
  /// Sets disk space aside for `size` bytes from `position`; the file's own size stays. Not every file system can.
  Status Reserve(int64_t position, int64_t size);
  Status SyncData();

 private:
  File(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::string path_;
  int fd_;
};

/// Bytes of a whole file; none when it does not exist.
Result<std::optional<std::string>> ReadFileIfExists(const std::string& path);
/// Replaces a file by way of a temporary one, so that readers see the old or the new bytes.
Status ReplaceFile(const std::string& path, std::string_view bytes);
Status SyncDirectory(const std::string& directory);
/// True when the file was there.
Result<bool> RemoveFile(const std::string& path);

/// The first `length` bytes of a file for reading: mapped, in which case the file may still be shorter, and bytes past
/// its end must not be touched; or a copy of them. Outlives the descriptor and the file's name.
class FileMapping {
 public:
  static Result<std::shared_ptr<FileMapping>> Map(const File& file, int64_t length);
  /// The copy; the file is at least as long.
  static Result<std::shared_ptr<FileMapping>> Read(const File& file, int64_t length);
  /// How many files this process has mapped now: the system allows it a number (vm.max_map_count).
  static size_t num_mapped();
  ~FileMapping();
  FileMapping(const FileMapping&) = delete;
  FileMapping& operator=(const FileMapping&) = delete;

  const char* data() const { return data_; }
  int64_t length() const { return length_; }
  bool is_mapped() const { return copy_ == nullptr; }
  std::string_view View(int64_t position, int64_t size) const {
    return {data_ + position, static_cast<size_t>(size)};
  }

 private:
  FileMapping(const char* data, int64_t length, std::unique_ptr<char[]> copy)
      : data_(data), length_(length), copy_(std::move(copy)) {}

  const char* data_;
  int64_t length_;
  std::unique_ptr<char[]> copy_;  // null: `data_` is mapped
};

/// A range of a mapping, which it keeps alive.
std::shared_ptr<arrow::Buffer> SliceMapping(std::shared_ptr<FileMapping> mapping, int64_t position, int64_t size);

/// Mappings of files, one an owner.
using KeptMappings = KeptRecent<FileMapping>;

/// Open files, one an owner. What is not kept any more is closed when the last one who uses it lets go. Thread-safe.
class OpenFiles {
 public:
  explicit OpenFiles(size_t capacity) : files_(capacity) {}

  /// The owner's file, opened for reading and writing when it is not at hand.
  Result<std::shared_ptr<File>> Get(const void* owner, const std::string& path);
  void Put(const void* owner, std::shared_ptr<File> file) { files_.Put(owner, std::move(file)); }
  void Release(const void* owner) { files_.Release(owner); }
  size_t size() const { return files_.size(); }

 private:
  KeptRecent<File> files_;
};

}  // namespace weir
