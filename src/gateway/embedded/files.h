#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "weir/status.h"

namespace weir {

/// An open file descriptor, closed with its owner.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor();

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// "No such file or directory", from errno.
std::string ErrnoText(int error);

/// Makes the directories of `path` below `root` that are missing; with `sync` they survive a crash.
Status MakeDirectories(const std::filesystem::path& root, const std::filesystem::path& relative, bool sync);
/// Removes a directory tree; one that is missing is fine.
Status RemoveTree(const std::filesystem::path& path);

}  // namespace weir
