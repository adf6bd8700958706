#include "gateway/embedded/files.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "storage/file.h"

namespace weir {
namespace {

Status IoError(std::string_view what, const std::filesystem::path& path, int error) {
  return {ErrorCode::kStorageException, fmt::format("cannot {} '{}': {}", what, path.string(), ErrnoText(error))};
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::string ErrnoText(int error) { return std::generic_category().message(error); }

Status MakeDirectories(const std::filesystem::path& root, const std::filesystem::path& relative, bool sync) {
  struct stat existing {};
  if (::stat((root / relative).c_str(), &existing) == 0) return Status::OK();
  std::filesystem::path path = root;
  for (const std::filesystem::path& part : relative) {
    const std::filesystem::path parent = path;
    path /= part;
    if (::mkdir(path.c_str(), 0755) != 0) {
      if (errno == EEXIST) continue;
      return IoError("create directory", path, errno);
    }
    if (sync) WEIR_RETURN_NOT_OK(SyncDirectory(parent.string()));
  }
  return Status::OK();
}

Status RemoveTree(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error)
    return {ErrorCode::kStorageException, fmt::format("cannot remove '{}': {}", path.string(), error.message())};
  return Status::OK();
}

}  // namespace weir
