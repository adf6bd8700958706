#include "gateway/embedded/memory_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "gateway/embedded/files.h"

namespace weir {
namespace {

constexpr char kSharedMemory[] = "/dev/shm";
constexpr char kPrefix[] = "weir-memory-";

std::filesystem::path Root() {
  if (::access(kSharedMemory, W_OK | X_OK) == 0) return kSharedMemory;
  std::error_code error;
  const std::filesystem::path temporary = std::filesystem::temp_directory_path(error);
  return error ? std::filesystem::path("/tmp") : temporary;
}

// A directory whose LOCK nobody holds belongs to a process that is gone. One without a LOCK may be
// on its way to being opened, so it stays.
void RemoveIfAbandoned(const std::filesystem::path& directory) {
  const FileDescriptor lock(::open((directory / "LOCK").c_str(), O_RDWR | O_CLOEXEC));
  if (lock.valid() && ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) (void)RemoveTree(directory);
}

void RemoveAbandoned(const std::filesystem::path& root) {
  std::error_code error;
  const std::string prefix = kPrefix + std::to_string(::getuid()) + "-";
  for (std::filesystem::directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with(prefix)) RemoveIfAbandoned(it->path());
  }
}

}  // namespace

Result<std::filesystem::path> MakeMemoryDirectory() {
  const std::filesystem::path root = Root();
  RemoveAbandoned(root);
  std::string path = (root / (kPrefix + std::to_string(::getuid()) + "-XXXXXX")).string();
  if (::mkdtemp(path.data()) == nullptr) {
    return Status::Invalid(fmt::format("cannot create a directory for a database in memory below '{}': {}",
                                       root.string(), ErrnoText(errno)));
  }
  return std::filesystem::path(path);
}

}  // namespace weir
