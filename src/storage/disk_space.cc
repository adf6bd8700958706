#include "storage/disk_space.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <filesystem>

#include "storage/file.h"

namespace weir {
namespace {

constexpr int64_t kMinSpace = 1 << 20;

int64_t BytesOfLogs(const std::filesystem::path& directory) {
  int64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    std::error_code gone;
    const uintmax_t size = it->path().extension() == ".log" ? it->file_size(gone) : 0;
    if (!gone) bytes += static_cast<int64_t>(size);
  }
  return bytes;
}

// Sets the space aside for a moment: what a file system calls free may be kept for others. Not every one can do this.
Status TryReserve(const std::string& path, int64_t bytes) {
  WEIR_RETURN_NOT_OK(RemoveFile(path).status());
  WEIR_ASSIGN_OR_RETURN(const auto file, File::Open(path, File::Mode::kCreate));
  const int error = ::fallocate(file->fd(), FALLOC_FL_KEEP_SIZE, 0, bytes) == 0 ? 0 : errno;
  WEIR_RETURN_NOT_OK(RemoveFile(path).status());
  return error == ENOSPC || error == EDQUOT ? ErrnoStatus("reserve space for", path, error) : Status::OK();
}

}  // namespace

Status RequireSpace(const std::string& directory) {
  const std::filesystem::path path(directory);
  const int64_t bytes = kMinSpace + 2 * BytesOfLogs(path);
  std::error_code error;
  const std::filesystem::path place = std::filesystem::is_directory(path, error) ? path : path.parent_path();
  const Status status = TryReserve((place / "space.tmp").string(), bytes);
  if (status.ok()) return status;
  return {status.code(), fmt::format("the key-value store {} needs {} bytes of disk space: {}", directory, bytes,
                                     status.message())};
}

}  // namespace weir
