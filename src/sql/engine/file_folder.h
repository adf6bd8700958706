#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/status.h"

namespace weir::sql {

/// An open file, which closes with it.
class OpenFile {
 public:
  explicit OpenFile(int descriptor = -1) : descriptor_(descriptor) {}
  OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  OpenFile& operator=(OpenFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~OpenFile();

  int get() const { return descriptor_; }
  /// Somebody else closes it.
  int Release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

/// The folder that the server's operator lets SQL read files of, and write to. What is not below it cannot be reached:
/// names are walked folder by folder, each of which must be one, and no symbolic link is followed. Thread-safe.
class FileFolder {
 public:
  /// Code -2 where there is no such folder.
  static Result<std::shared_ptr<const FileFolder>> Open(const std::string& path);
  /// 42501 for sessions without a folder (null), with the option's name as a hint.
  static Result<const FileFolder*> Of(const std::shared_ptr<const FileFolder>& folder);

  const std::string& path() const { return path_; }
  /// 42501 for a name that leads out of the folder, 22023 for one that no file can have.
  Status Check(const std::string& name) const;
  /// The files that a name stands for, by name: itself, or all that its * and ? match. Names are below the folder.
  Result<std::vector<std::string>> Find(const std::string& name) const;
  /// 58P01 where there is no such file, 42501 where it cannot be reached.
  Result<OpenFile> OpenToRead(const std::string& name) const;
  /// Makes a file that is not there yet, with the folders that it is in.
  Result<OpenFile> Create(const std::string& name) const;
  /// Once it is closed and synced the file gets its name, for good.
  Status Rename(const std::string& from, const std::string& to) const;
  Status Remove(const std::string& name) const;

 private:
  FileFolder(std::string path, OpenFile root) : path_(std::move(path)), root_(std::move(root)) {}
  Result<std::vector<std::string>> PartsOf(const std::string& name) const;
  Result<OpenFile> FolderOf(const std::vector<std::string>& parts, const std::string& name, bool make) const;
  Status Match(int folder, const std::vector<std::string>& parts, size_t at, const std::string& before,
               std::vector<std::string>* found) const;

  const std::string path_;  // absolute
  const OpenFile root_;
};
using FileFolderPtr = std::shared_ptr<const FileFolder>;

}  // namespace weir::sql
