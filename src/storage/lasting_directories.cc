#include "storage/lasting_directories.h"

#include <filesystem>
#include <vector>

#include "storage/file.h"

namespace weir {
namespace {

constexpr size_t kMaxRemembered = 100000;

}  // namespace

Status LastingDirectories::MakeLast(const std::string& directory) {
  std::vector<std::string> made;
  const std::filesystem::path root = root_;
  for (std::filesystem::path path = directory; path != root && path.has_relative_path(); path = path.parent_path()) {
    {
      MutexLock lock(mutex_);
      if (lasting_.contains(path.string())) break;
    }
    WEIR_RETURN_NOT_OK(SyncShared(path.parent_path().string()));
    made.push_back(path.string());
  }
  MutexLock lock(mutex_);
  if (lasting_.size() > kMaxRemembered) lasting_.clear();
  lasting_.insert(made.begin(), made.end());
  return Status::OK();
}

Status LastingDirectories::SyncShared(const std::string& directory) {
  MutexLock lock(mutex_);
  std::shared_ptr<Queue>& slot = queues_[directory];
  if (slot == nullptr) slot = std::make_shared<Queue>();
  const std::shared_ptr<Queue> queue = slot;
  ++queue->users;
  const int64_t wanted = queue->started + 1;  // one that starts from now on
  Status status;
  queue->changed.wait(lock.native(), [&] { return queue->finished >= wanted || !queue->running; });
  if (queue->finished >= wanted) {
    status = queue->failure;
  } else {
    queue->running = true;
    const int64_t turn = ++queue->started;
    lock.unlock();
    status = SyncDirectory(directory);
    lock.lock();
    queue->failure = status;
    queue->finished = turn;
    queue->running = false;
    queue->changed.notify_all();
  }
  if (--queue->users == 0) queues_.erase(directory);
  return status;
}

}  // namespace weir
