#pragma once

#include <map>
#include <memory>

#include "gateway/gateway.h"
#include "types/mutex.h"

namespace weir {

/// What is kept once a database however many gateways of this process lead to it: made for the first who
/// asks, shared by all, gone with the last. Thread-safe.
template <typename T>
class PerDatabase {
 public:
  /// `make` takes a gateway of its own (Gateway::Share), so that what it makes works on when the
  /// caller's is closed, and gives a Result<std::shared_ptr<T>>.
  template <typename Make>
  Result<std::shared_ptr<T>> Get(const std::shared_ptr<Gateway>& gateway, Make make) {
    MutexLock lock(mutex_);
    std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
    if (std::shared_ptr<T> found = known_[gateway->database()].lock()) return found;
    WEIR_ASSIGN_OR_RETURN(std::shared_ptr<Gateway> own, gateway->Share());
    WEIR_ASSIGN_OR_RETURN(std::shared_ptr<T> made, make(std::move(own)));
    known_[gateway->database()] = made;
    return made;
  }

 private:
  Mutex mutex_;
  std::map<const void*, std::weak_ptr<T>> known_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
