#include "storage/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <system_error>
#include <vector>

namespace weir {
namespace {

class MappedBuffer : public arrow::Buffer {
 public:
  MappedBuffer(std::shared_ptr<FileMapping> mapping, int64_t position, int64_t size)
      : arrow::Buffer(reinterpret_cast<const uint8_t*>(mapping->data()) + position, size),
        mapping_(std::move(mapping)) {}

 private:
  std::shared_ptr<FileMapping> mapping_;
};

std::atomic<size_t> mapped_now{0};

// Takes `written` bytes off the front of `parts`.
std::span<iovec> Consume(std::span<iovec> parts, size_t written) {
  while (!parts.empty() && written >= parts.front().iov_len) {
    written -= parts.front().iov_len;
    parts = parts.subspan(1);
  }
  if (!parts.empty() && written > 0) {
    parts.front().iov_base = static_cast<char*>(parts.front().iov_base) + written;
    parts.front().iov_len -= written;
  }
  return parts;
}

}  // namespace

Status ErrnoStatus(std::string_view what, const std::string& path, int error) {
  std::string message = "cannot ";
  message.append(what).append(" '").append(path).append("': ");
  message += std::generic_category().message(error);
  return {ErrorCode::kLogStorageException, std::move(message)};
}

Result<std::shared_ptr<File>> File::Open(const std::string& path, Mode mode) {
  int flags = O_CLOEXEC;
  flags |= mode == Mode::kRead ? O_RDONLY : O_RDWR;
  if (mode == Mode::kCreate) flags |= O_CREAT | O_EXCL;
  int fd;
  do {
    fd = ::open(path.c_str(), flags, 0644);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return ErrnoStatus(mode == Mode::kCreate ? "create" : "open", path, errno);
  return std::shared_ptr<File>(new File(path, fd));
}

File::~File() { ::close(fd_); }

Result<int64_t> File::Size() const {
  struct stat info {};
  if (::fstat(fd_, &info) != 0) return ErrnoStatus("stat", path_, errno);
  return static_cast<int64_t>(info.st_size);
}

Status File::WriteAt(std::span<iovec> parts, int64_t position) {
  parts = Consume(parts, 0);
  while (!parts.empty()) {
    const int count = static_cast<int>(std::min<size_t>(parts.size(), IOV_MAX));
    const ssize_t written = ::pwritev(fd_, parts.data(), count, position);
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus("write to", path_, errno);
    }
    if (written == 0) return ErrnoStatus("write to", path_, ENOSPC);
    position += written;
    parts = Consume(parts, static_cast<size_t>(written));
  }
  return Status::OK();
}

Status File::WriteAt(std::string_view bytes, int64_t position) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  return WriteAt(std::span<iovec>(&part, 1), position);
}

Status File::Truncate(int64_t size) {
  while (::ftruncate(fd_, size) != 0) {
    if (errno != EINTR) return ErrnoStatus("truncate", path_, errno);
  }
  return Status::OK();
}

Status File::Reserve(int64_t position, int64_t size) {
  while (::fallocate(fd_, FALLOC_FL_KEEP_SIZE, position, size) != 0) {
    if (errno != EINTR) return ErrnoStatus("reserve space for", path_, errno);
  }
  return Status::OK();
}

Status File::SyncData() {
  // No retry, not even of EINTR: a second call may report success for pages that were lost.
  return ::fdatasync(fd_) == 0 ? Status::OK() : ErrnoStatus("sync", path_, errno);
}

Result<std::optional<std::string>> ReadFileIfExists(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return std::optional<std::string>();
    return ErrnoStatus("open", path, errno);
  }
  struct stat info {};
  std::string bytes;
  int error = ::fstat(fd, &info) == 0 ? 0 : errno;
  if (error == 0) bytes.resize(static_cast<size_t>(info.st_size));
  size_t filled = 0;
  while (error == 0 && filled < bytes.size()) {
    const ssize_t count = ::pread(fd, bytes.data() + filled, bytes.size() - filled, static_cast<off_t>(filled));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) error = errno;
    if (count <= 0) break;
    filled += static_cast<size_t>(count);
  }
  ::close(fd);
  if (error != 0) return ErrnoStatus("read", path, error);
  bytes.resize(filled);
  return std::optional<std::string>(std::move(bytes));
}

Status ReplaceFile(const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp";
  WEIR_RETURN_NOT_OK(RemoveFile(temporary).status());
  WEIR_ASSIGN_OR_RETURN(auto file, File::Open(temporary, File::Mode::kCreate));
  WEIR_RETURN_NOT_OK(file->WriteAt(bytes, 0));
  if (::rename(temporary.c_str(), path.c_str()) != 0) return ErrnoStatus("replace", path, errno);
  return Status::OK();
}

Status SyncDirectory(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus("open directory", directory, errno);
  const int error = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  return error == 0 ? Status::OK() : ErrnoStatus("sync directory", directory, error);
}

Result<bool> RemoveFile(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  return ErrnoStatus("remove", path, errno);
}

Result<std::shared_ptr<FileMapping>> FileMapping::Map(const File& file, int64_t length) {
  void* address = ::mmap(nullptr, static_cast<size_t>(length), PROT_READ, MAP_SHARED, file.fd(), 0);
  if (address == MAP_FAILED) {
    return ErrnoStatus(errno == ENOMEM ? "map (see vm.max_map_count)" : "map", file.path(), errno);
  }
  mapped_now.fetch_add(1, std::memory_order_relaxed);
  return std::shared_ptr<FileMapping>(new FileMapping(static_cast<const char*>(address), length, nullptr));
}

Result<std::shared_ptr<FileMapping>> FileMapping::Read(const File& file, int64_t length) {
  auto copy = std::make_unique_for_overwrite<char[]>(static_cast<size_t>(length));
  for (int64_t filled = 0; filled < length;) {
    const ssize_t count = ::pread(file.fd(), copy.get() + filled, static_cast<size_t>(length - filled), filled);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return ErrnoStatus("read", file.path(), count < 0 ? errno : EIO);
    filled += count;
  }
  const char* const data = copy.get();
  return std::shared_ptr<FileMapping>(new FileMapping(data, length, std::move(copy)));
}

size_t FileMapping::num_mapped() { return mapped_now.load(std::memory_order_relaxed); }

FileMapping::~FileMapping() {
  if (!is_mapped()) return;
  ::munmap(const_cast<char*>(data_), static_cast<size_t>(length_));
  mapped_now.fetch_sub(1, std::memory_order_relaxed);
}

std::shared_ptr<arrow::Buffer> SliceMapping(std::shared_ptr<FileMapping> mapping, int64_t position, int64_t size) {
  return std::make_shared<MappedBuffer>(std::move(mapping), position, size);
}

Result<std::shared_ptr<File>> OpenFiles::Get(const void* owner, const std::string& path) {
  if (auto file = files_.Find(owner); file != nullptr && file->path() == path) return file;
  WEIR_ASSIGN_OR_RETURN(auto file, File::Open(path, File::Mode::kReadWrite));
  Put(owner, file);
  return file;
}

}  // namespace weir
