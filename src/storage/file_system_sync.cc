#include "storage/file_system_sync.h"

#include <unistd.h>

#include <utility>
#include <vector>

namespace weir {

FileSystemSync::FileSystemSync(const std::string& directory, size_t worth_it) : worth_it_(worth_it) {
  Result<std::shared_ptr<File>> opened = File::Open(directory, File::Mode::kRead);
  MutexLock lock(mutex_);
  if (opened.ok()) directory_ = *std::move(opened);
}

void FileSystemSync::Start(std::span<Log* const> logs) {
  std::vector<std::pair<Log*, Log::End>> unsynced;
  for (Log* const log : logs) {
    if (const auto end = log->UnsyncedEnd()) unsynced.emplace_back(log, *end);
  }
  if (unsynced.size() >= worth_it_ && SyncAll()) {
    for (const auto& [log, end] : unsynced) log->SyncedWithAll(end);
  }
  for (const auto& [log, end] : unsynced) log->StartSync();
}

bool FileSystemSync::SyncAll() {
  MutexLock lock(mutex_);
  if (directory_ != nullptr && ::syncfs(directory_->fd()) != 0) directory_ = nullptr;
  return directory_ != nullptr;
}

}  // namespace weir
