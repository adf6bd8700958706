#include "gateway/embedded/directory_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "storage/file.h"

namespace weir {
namespace {

std::string OwnerOf(const std::filesystem::path& lock_file) {
  const Result<std::optional<std::string>> text = ReadFileIfExists(lock_file.string());
  if (!text.ok() || !*text) return "unknown";
  const std::string owner = (*text)->substr(0, (*text)->find('\n'));
  return owner.empty() ? "unknown" : owner;
}

// Whether `path` still names the open file: its directory may have been swept away meanwhile.
bool IsSameFile(int fd, const std::filesystem::path& path) {
  struct stat open_file {}, named_file {};
  return ::fstat(fd, &open_file) == 0 && ::stat(path.c_str(), &named_file) == 0 &&
         open_file.st_ino == named_file.st_ino && open_file.st_dev == named_file.st_dev;
}

Status Lock(int fd, int kind, const std::filesystem::path& directory, const std::filesystem::path& path) {
  if (::flock(fd, kind | LOCK_NB) == 0) return Status::OK();
  if (errno == EWOULDBLOCK) {
    return Status::Invalid(fmt::format("database '{}' is in use by process {}", directory.string(), OwnerOf(path)));
  }
  return Status::Invalid(fmt::format("cannot lock '{}': {}", path.string(), ErrnoText(errno)));
}

}  // namespace

Result<DirectoryLock> DirectoryLock::Acquire(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "LOCK";
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!file.valid()) {
    const int reason = errno;
    const bool can_be_read = (reason == EROFS || reason == EACCES) && ::access(directory.c_str(), R_OK | X_OK) == 0;
    const char* const hint = can_be_read ? "; it opens for reading only (--read-only, local.read-only)" : "";
    return Status::Invalid(fmt::format("cannot open database '{}': '{}' cannot be written: {}{}", directory.string(),
                                       path.string(), ErrnoText(reason), hint));
  }
  WEIR_RETURN_NOT_OK(Lock(file.get(), LOCK_EX, directory, path));
  if (!IsSameFile(file.get(), path)) {
    return Status::Invalid(fmt::format("database '{}' was removed while it was being opened", directory.string()));
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file.get(), 0) != 0 || ::pwrite(file.get(), pid.data(), pid.size(), 0) < 0) {
    return Status::Invalid(fmt::format("cannot write '{}': {}", path.string(), ErrnoText(errno)));
  }
  return DirectoryLock(std::move(file));
}

Result<DirectoryLock> DirectoryLock::AcquireShared(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "LOCK";
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() && errno == ENOENT) return DirectoryLock(FileDescriptor());
  if (!file.valid()) {
    return Status::Invalid(fmt::format("cannot open database '{}': '{}' cannot be read: {}", directory.string(),
                                       path.string(), ErrnoText(errno)));
  }
  WEIR_RETURN_NOT_OK(Lock(file.get(), LOCK_SH, directory, path));
  return DirectoryLock(std::move(file));
}

}  // namespace weir
