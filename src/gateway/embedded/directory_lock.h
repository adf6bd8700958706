#pragma once

#include <filesystem>

#include "gateway/embedded/files.h"

namespace weir {

/// Keeps a data directory to one process: an flock on `<directory>/LOCK`, which holds the owner's
/// pid as text. The kernel lets go of it when the process ends, however it does.
class DirectoryLock {
 public:
  /// Code -2 naming the owner's pid when another process has it.
  static Result<DirectoryLock> Acquire(const std::filesystem::path& directory);
  /// Several may read: nothing is written, and a directory without a LOCK file, which nobody can have, is not locked.
  static Result<DirectoryLock> AcquireShared(const std::filesystem::path& directory);

 private:
  explicit DirectoryLock(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

}  // namespace weir
