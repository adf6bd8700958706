#include "sql/engine/file_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr const char* kHowToAllow =
    "Start the server with --files DIR: SQL then reaches the files of that folder, and no others.";

bool IsPattern(const std::string& part) { return part.find_first_of("*?") != std::string::npos; }

/// PostgreSQL's words for a file that cannot be opened or made.
Status FileFailure(const std::string& name, const char* what, int error) {
  const bool missing = error == ENOENT || error == ENOTDIR;
  const bool refused = error == EACCES || error == EPERM || error == ELOOP;
  if (error == ELOOP) {
    return Error("42501",
                 fmt::format("could not open file \"{}\" for {}: it is, or is behind, a symbolic link", name, what));
  }
  return Error(missing ? "58P01" : refused ? "42501" : "58030",
               fmt::format("could not open file \"{}\" for {}: {}", name, what, std::strerror(error)));
}

/// O_NOFOLLOW says ENOTDIR of a symbolic link where a folder is wanted.
int ReasonOf(int folder, const std::string& part, int error) {
  struct stat info = {};
  const bool looked = ::fstatat(folder, part.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
  return looked && S_ISLNK(info.st_mode) ? ELOOP : error;
}

}  // namespace

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::shared_ptr<const FileFolder>> FileFolder::Open(const std::string& path) {
  char resolved[PATH_MAX];
  if (::realpath(path.c_str(), resolved) == nullptr) {
    return Status::Invalid(fmt::format("--files is '{}': {}", path, std::strerror(errno)));
  }
  OpenFile root(::open(resolved, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (root.get() < 0) return Status::Invalid(fmt::format("--files is '{}': {}", path, std::strerror(errno)));
  return std::shared_ptr<const FileFolder>(new FileFolder(resolved, std::move(root)));
}

Result<const FileFolder*> FileFolder::Of(const std::shared_ptr<const FileFolder>& folder) {
  if (folder) return folder.get();
  return Error("42501", "permission denied: SQL may not reach any files", {.hint = kHowToAllow});
}

/// The names of folders, and at last the file, below the root.
Result<std::vector<std::string>> FileFolder::PartsOf(const std::string& name) const {
  std::string_view rest = name;
  const auto outside = [&] {
    return Error("42501", fmt::format("file \"{}\" is outside of the folder that SQL may reach", name),
                 {.hint = fmt::format("Files are named below that folder, which is \"{}\".", path_)});
  };
  if (rest.starts_with('/')) {
    const std::string root = path_ == "/" ? path_ : path_ + "/";
    if (!rest.starts_with(root)) return outside();
    rest.remove_prefix(root.size());
  }
  std::vector<std::string> parts;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, end);
    if (part == "..") return outside();
    if (!part.empty() && part != ".") parts.emplace_back(part);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const bool valid = !parts.empty() && name.find('\0') == std::string::npos && name.size() < PATH_MAX;
  if (!valid) return Error("22023", fmt::format("\"{}\" is no name of a file", name));
  return parts;
}

Status FileFolder::Check(const std::string& name) const { return PartsOf(name).status(); }

/// The folder that the last part is in.
Result<OpenFile> FileFolder::FolderOf(const std::vector<std::string>& parts, const std::string& name, bool make) const {
  OpenFile folder(::dup(root_.get()));
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    const char* const part = parts[i].c_str();
    if (make && ::mkdirat(folder.get(), part, 0777) == 0) ::fsync(folder.get());
    OpenFile next(::openat(folder.get(), part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (next.get() < 0) return FileFailure(name, make ? "writing" : "reading", ReasonOf(folder.get(), parts[i], errno));
    folder = std::move(next);
  }
  if (folder.get() < 0) return FileFailure(name, "reading", errno);
  return folder;
}

Status FileFolder::Match(int folder, const std::vector<std::string>& parts, size_t at, const std::string& before,
                         std::vector<std::string>* found) const {
  const bool last = at + 1 == parts.size();
  std::vector<std::string> names = {parts[at]};
  if (IsPattern(parts[at])) {
    names.clear();
    // fdopendir takes the descriptor; one of its own begins at the first entry.
    DIR* const listed = ::fdopendir(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (listed == nullptr) return FileFailure(before, "reading", errno);
    while (const dirent* entry = ::readdir(listed)) {
      if (::fnmatch(parts[at].c_str(), entry->d_name, FNM_PERIOD) == 0) names.emplace_back(entry->d_name);
    }
    ::closedir(listed);
    std::ranges::sort(names);
  }
  for (const std::string& name : names) {
    struct stat info = {};
    if (::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (last && S_ISREG(info.st_mode)) found->push_back(before + name);
    if (last || !S_ISDIR(info.st_mode)) continue;
    const OpenFile below(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (below.get() < 0) continue;
    WEIR_RETURN_NOT_OK(Match(below.get(), parts, at + 1, before + name + "/", found));
  }
  return Status::OK();
}

Result<std::vector<std::string>> FileFolder::Find(const std::string& name) const {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> parts, PartsOf(name));
  if (std::ranges::none_of(parts, IsPattern)) return std::vector<std::string>{name};
  std::vector<std::string> found;
  WEIR_RETURN_NOT_OK(Match(root_.get(), parts, 0, "", &found));
  return found;
}

Result<OpenFile> FileFolder::OpenToRead(const std::string& name) const {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> parts, PartsOf(name));
  WEIR_ASSIGN_OR_RETURN(const OpenFile folder, FolderOf(parts, name, false));
  // Without O_NONBLOCK a pipe without a writer would hold the session for ever.
  OpenFile file(::openat(folder.get(), parts.back().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file.get() < 0) return FileFailure(name, "reading", errno);
  struct stat info = {};
  if (::fstat(file.get(), &info) != 0) return FileFailure(name, "reading", errno);
  if (S_ISDIR(info.st_mode)) return Error("42809", fmt::format("\"{}\" is a directory", name));
  if (!S_ISREG(info.st_mode)) return Error("42809", fmt::format("\"{}\" is not a regular file", name));
  return file;
}

Result<OpenFile> FileFolder::Create(const std::string& name) const {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> parts, PartsOf(name));
  WEIR_ASSIGN_OR_RETURN(const OpenFile folder, FolderOf(parts, name, true));
  OpenFile file(
      ::openat(folder.get(), parts.back().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (file.get() < 0) return FileFailure(name, "writing", errno);
  return file;
}

Status FileFolder::Rename(const std::string& from, const std::string& to) const {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> from_parts, PartsOf(from));
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> to_parts, PartsOf(to));
  WEIR_ASSIGN_OR_RETURN(const OpenFile from_folder, FolderOf(from_parts, from, false));
  WEIR_ASSIGN_OR_RETURN(const OpenFile to_folder, FolderOf(to_parts, to, true));
  const bool renamed =
      ::renameat(from_folder.get(), from_parts.back().c_str(), to_folder.get(), to_parts.back().c_str()) == 0;
  if (!renamed || ::fsync(to_folder.get()) != 0) return FileFailure(to, "writing", errno);
  return Status::OK();
}

Status FileFolder::Remove(const std::string& name) const {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> parts, PartsOf(name));
  WEIR_ASSIGN_OR_RETURN(const OpenFile folder, FolderOf(parts, name, false));
  if (::unlinkat(folder.get(), parts.back().c_str(), 0) != 0) return FileFailure(name, "writing", errno);
  return Status::OK();
}

}  // namespace weir::sql
