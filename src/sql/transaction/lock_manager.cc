#include "sql/transaction/lock_manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "sql/error.h"

namespace weir::sql {

/// A place in an object's line.
struct LockWaiter {
  LockOwner* owner;
  LockTag tag;
  LockMode mode;
  LockManager::For keeper;
  std::chrono::system_clock::time_point since;
  bool granted = false;
  std::condition_variable wake;
};

namespace {

constexpr size_t kLocksAhead = 8;  // whose memory is fetched while others are taken or given back

/// What waits for what, in PostgreSQL's words. Rows are waited for by their holder's transaction.
std::string WantedLock(const LockTag& tag, LockMode mode, int64_t blocker) {
  switch (tag.kind) {
    case LockTag::Kind::kRelation: return fmt::format("{} on relation {}", LockModeName(mode), tag.object);
    case LockTag::Kind::kRow:
    case LockTag::Kind::kName: return fmt::format("ShareLock on transaction {}", blocker);
    case LockTag::Kind::kAdvisory:
      return fmt::format("{} on advisory lock [{},{},{},{}]", LockModeName(mode), tag.space, tag.object >> 32,
                         tag.object & 0xFFFFFFFFU, tag.keys);
  }
  return {};
}

Status Deadlock(const std::vector<LockWaiter*>& cycle) {
  std::string detail;
  for (size_t i = 0; i < cycle.size(); ++i) {
    const LockWaiter& waiter = *cycle[i];
    const int64_t blocker = cycle[(i + 1) % cycle.size()]->owner->number();
    detail += fmt::format("{}Process {} waits for {}; blocked by process {}.", i == 0 ? "" : "\n",
                          waiter.owner->number(), WantedLock(waiter.tag, waiter.mode, blocker), blocker);
  }
  return Error("40P01", "deadlock detected",
               {.detail = std::move(detail), .hint = "The transaction might succeed if retried."});
}

}  // namespace

// --- owners ---

LockOwner::LockOwner(std::shared_ptr<LockManager> manager, int64_t number)
    : manager_(std::move(manager)), number_(number) {}

LockOwner::~LockOwner() {
  EndTransaction();
  UnlockAllForSession();
}

Result<LockGrant> LockOwner::Lock(const LockTag& tag, LockMode mode, LockPolicy policy) {
  std::span<const LockTag> tags(&tag, 1);
  return LockNext(&tags, mode, policy);
}

Result<LockGrant> LockOwner::Lock(std::span<const LockTag> tags, LockMode mode) {
  LockGrant all = LockGrant::kAtOnce;
  while (!tags.empty()) {
    WEIR_ASSIGN_OR_RETURN(const LockGrant grant, LockNext(&tags, mode));
    all = std::max(all, grant);
  }
  return all;
}

Result<LockGrant> LockOwner::LockNext(std::span<const LockTag>* tags, LockMode mode, LockPolicy policy) {
  LockGrant grant = LockGrant::kAtOnce;
  MutexLock guard(manager_->mutex_);
  manager_->objects_.Reserve(tags->size());
  while (!tags->empty() && grant == LockGrant::kAtOnce) {
    if (kLocksAhead < tags->size()) manager_->objects_.Prefetch((*tags)[kLocksAhead]);
    WEIR_ASSIGN_OR_RETURN(grant, manager_->Acquire(guard, *this, tags->front(), mode, LockManager::For::kTransaction,
                                                   policy));
    if (grant != LockGrant::kNotAvailable) *tags = tags->subspan(1);
  }
  return grant;
}

size_t LockOwner::mark() const {
  MutexLock guard(manager_->mutex_);
  return taken_.size();
}

void LockOwner::ReleaseTo(size_t mark) {
  MutexLock guard(manager_->mutex_);
  while (taken_.size() > mark) {
    if (taken_.size() > mark + kLocksAhead) manager_->objects_.Prefetch(taken_[taken_.size() - 1 - kLocksAhead].tag);
    manager_->Release(*this, taken_.back().tag, taken_.back().mode, LockManager::For::kTransaction);
    taken_.pop_back();
  }
}

void LockOwner::ReleaseSince(size_t mark, std::span<const LockTag> tags) {
  MutexLock guard(manager_->mutex_);
  size_t kept = mark;
  for (size_t i = mark; i < taken_.size(); ++i) {
    if (std::ranges::binary_search(tags, taken_[i].tag)) {
      manager_->Release(*this, taken_[i].tag, taken_[i].mode, LockManager::For::kTransaction);
    } else {
      taken_[kept++] = taken_[i];
    }
  }
  taken_.erase(taken_.begin() + static_cast<ptrdiff_t>(kept), taken_.end());
}

Result<LockGrant> LockOwner::LockForSession(const LockTag& tag, LockMode mode, LockPolicy policy) {
  MutexLock guard(manager_->mutex_);
  WEIR_ASSIGN_OR_RETURN(const LockGrant grant,
                        manager_->Acquire(guard, *this, tag, mode, LockManager::For::kSession, policy));
  if (grant != LockGrant::kNotAvailable) ++kept_[{tag, mode}];
  return grant;
}

bool LockOwner::UnlockForSession(const LockTag& tag, LockMode mode) {
  MutexLock guard(manager_->mutex_);
  const auto found = kept_.find({tag, mode});
  if (found == kept_.end()) return false;
  if (--found->second > 0) return true;
  kept_.erase(found);
  manager_->Release(*this, tag, mode, LockManager::For::kSession);
  return true;
}

void LockOwner::UnlockAllForSession() {
  MutexLock guard(manager_->mutex_);
  for (const auto& [lock, count] : kept_) {
    manager_->Release(*this, lock.first, lock.second, LockManager::For::kSession);
  }
  kept_.clear();
}

LockOwner::Kept LockOwner::kept() const {
  MutexLock guard(manager_->mutex_);
  return kept_;
}

void LockOwner::UnlockSince(const Kept& before) {
  MutexLock guard(manager_->mutex_);
  for (auto lock = kept_.begin(); lock != kept_.end();) {
    const auto had = before.find(lock->first);
    lock->second = std::min(lock->second, had == before.end() ? 0 : had->second);
    if (lock->second > 0) {
      ++lock;
      continue;
    }
    manager_->Release(*this, lock->first.first, lock->first.second, LockManager::For::kSession);
    lock = kept_.erase(lock);
  }
}

void LockOwner::Interrupt() {
  MutexLock guard(manager_->mutex_);
  interrupted_ = true;
  for (LockWaiter* waiter : waiting_) waiter->wake.notify_one();
}

void LockOwner::ClearInterrupt() {
  MutexLock guard(manager_->mutex_);
  interrupted_ = false;
}

// --- the manager ---

std::shared_ptr<LockOwner> LockManager::NewOwner(int64_t number) {
  return std::make_shared<LockOwner>(shared_from_this(), number);
}

std::vector<LockManager::Entry> LockManager::List() const {
  std::vector<Entry> entries;
  MutexLock guard(mutex_);
  const auto add = [&](const LockTag& tag, const Holder& holder) {
    for (int i = 0; i < kLockModes && holder.owner != nullptr; ++i) {
      const auto mode = static_cast<LockMode>(i);
      if ((holder.modes() & BitOf(mode)) != 0) entries.push_back({tag, mode, holder.owner->number_, true, {}});
    }
  };
  objects_.ForEach([&](const LockTag& tag, const Object& object) {
    const bool awaited = object.crowd != nullptr && !object.crowd->line.empty();
    if (tag.kind == LockTag::Kind::kRow && !awaited) return;
    add(tag, object.first);
    if (object.crowd == nullptr) return;
    for (const Holder& holder : object.crowd->holders) add(tag, holder);
    for (const LockWaiter* waiter : object.crowd->line) {
      entries.push_back({tag, waiter->mode, waiter->owner->number_, false, waiter->since});
    }
  });
  return entries;
}

std::vector<int64_t> LockManager::BlockersOf(int64_t owner) const {
  std::vector<int64_t> numbers;
  MutexLock guard(mutex_);
  objects_.ForEach([&](const LockTag&, const Object& object) {
    if (object.crowd == nullptr) return;
    for (const LockWaiter* waiter : object.crowd->line) {
      if (waiter->owner->number_ != owner) continue;
      for (const LockOwner* blocker : Blockers(object, *waiter->owner, waiter->mode, waiter)) {
        numbers.push_back(blocker->number_);
      }
    }
  });
  std::ranges::sort(numbers);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

const LockManager::Holder* LockManager::Find(const Object& object, const LockOwner& owner) {
  if (object.first.owner == &owner) return &object.first;
  if (object.crowd == nullptr) return nullptr;
  const auto found = std::ranges::find(object.crowd->holders, &owner, &Holder::owner);
  return found == object.crowd->holders.end() ? nullptr : &*found;
}

LockManager::Holder* LockManager::Find(Object& object, const LockOwner& owner) {
  return const_cast<Holder*>(Find(std::as_const(object), owner));
}

/// Whom a request has to wait for: `place` is where it stands in line, null at its end.
std::vector<LockOwner*> LockManager::Blockers(const Object& object, const LockOwner& owner, LockMode mode,
                                              const LockWaiter* place) {
  std::vector<LockOwner*> blockers;
  const LockModes conflicts = ConflictsOf(mode);
  const auto add = [&](const Holder& holder) {
    if (holder.owner != nullptr && holder.owner != &owner && (holder.modes() & conflicts) != 0) {
      blockers.push_back(holder.owner);
    }
  };
  add(object.first);
  if (object.crowd == nullptr) return blockers;
  for (const Holder& holder : object.crowd->holders) add(holder);
  if (Find(object, owner) != nullptr) return blockers;
  for (LockWaiter* waiter : object.crowd->line) {
    if (waiter == place) break;
    if (waiter->owner != &owner && (BitOf(waiter->mode) & conflicts) != 0) blockers.push_back(waiter->owner);
  }
  return blockers;
}

void LockManager::Grant(Object& object, LockOwner& owner, const LockTag& tag, LockMode mode, For keeper) {
  Holder* holder = Find(object, owner);
  if (holder == nullptr && object.first.owner == nullptr) holder = &object.first;
  if (holder == nullptr) {
    if (object.crowd == nullptr) object.crowd = std::make_unique<Crowd>();
    holder = &object.crowd->holders.emplace_back();
  }
  holder->owner = &owner;
  holder->kept(keeper) |= BitOf(mode);
  if (keeper == For::kTransaction) owner.taken_.push_back({tag, mode});
}

Result<LockGrant> LockManager::Acquire(MutexLock& guard, LockOwner& owner, const LockTag& tag, LockMode mode,
                                       For keeper, LockPolicy policy) {
  Object& object = objects_.FindOrAdd(tag);
  Holder* const own = Find(object, owner);
  if (own != nullptr && (own->kept(keeper) & BitOf(mode)) != 0) return LockGrant::kAtOnce;
  const bool held_otherwise = own != nullptr && (own->modes() & BitOf(mode)) != 0;
  if (held_otherwise || Blockers(object, owner, mode, nullptr).empty()) {
    Grant(object, owner, tag, mode, keeper);
    return LockGrant::kAtOnce;
  }
  if (policy == LockPolicy::kNoWait) return LockGrant::kNotAvailable;
  LockWaiter waiter{.owner = &owner, .tag = tag, .mode = mode, .keeper = keeper,
                    .since = std::chrono::system_clock::now(), .granted = false, .wake = {}};
  if (object.crowd == nullptr) object.crowd = std::make_unique<Crowd>();
  object.crowd->line.push_back(&waiter);
  owner.waiting_.push_back(&waiter);
  auto grant = Wait(guard, waiter);
  std::erase(owner.waiting_, &waiter);
  if (!grant.ok()) Leave(waiter);
  return grant;
}

Result<LockGrant> LockManager::Wait(MutexLock& guard, LockWaiter& waiter) {
  if (const auto cycle = FindCycle(waiter); !cycle.empty()) return Deadlock(cycle);
  const LockOwner& owner = *waiter.owner;
  const auto over = [&] { return waiter.granted || owner.interrupted_; };
  if (owner.timeout_.count() == 0) {
    waiter.wake.wait(guard.native(), over);
  } else if (!waiter.wake.wait_for(guard.native(), owner.timeout_, over)) {
    return Error("55P03", "canceling statement due to lock timeout");
  }
  if (waiter.granted) return LockGrant::kAfterWait;
  return Error("57014", "canceling statement due to user request");
}

/// Gives a place in line up.
void LockManager::Leave(LockWaiter& waiter) {
  Object* const object = objects_.Find(waiter.tag);
  if (object == nullptr) return;
  std::erase(object->crowd->line, &waiter);
  Settle(waiter.tag, *object);
}

void LockManager::Release(LockOwner& owner, const LockTag& tag, LockMode mode, For keeper) {
  Object* const object = objects_.Find(tag);
  if (object == nullptr) return;
  Holder* const holder = Find(*object, owner);
  if (holder == nullptr) return;
  holder->kept(keeper) &= static_cast<LockModes>(~BitOf(mode));
  if (holder->modes() == 0) {
    *holder = Holder();
    if (object->crowd != nullptr) {
      std::erase_if(object->crowd->holders, [](const Holder& h) { return h.owner == nullptr; });
    }
  }
  Settle(tag, *object);
}

void LockManager::Settle(LockTag tag, Object& object) {
  if (object.crowd != nullptr) {
    const std::vector<LockWaiter*> line = object.crowd->line;
    for (LockWaiter* waiter : line) {
      if (!Blockers(object, *waiter->owner, waiter->mode, waiter).empty()) continue;
      Grant(object, *waiter->owner, waiter->tag, waiter->mode, waiter->keeper);
      std::erase(object.crowd->line, waiter);
      waiter->granted = true;
      waiter->wake.notify_one();
    }
    if (object.crowd->line.empty() && object.crowd->holders.empty()) object.crowd.reset();
  }
  if (object.unused()) objects_.Erase(tag);
}

/// The waits, from `start`, each for the owner of the next one, that come back to where they began; empty
/// when there are none. Depth first, each wait once.
std::vector<LockWaiter*> LockManager::FindCycle(LockWaiter& start) {
  struct Step {
    LockWaiter* waiter;
    std::vector<LockWaiter*> onward;  // what those who block it wait for themselves
    bool closes = false;              // the owner of `start` is one of them
  };
  const auto step = [&](LockWaiter& waiter) WEIR_REQUIRES(mutex_) {
    Step made{.waiter = &waiter, .onward = {}};
    for (const LockOwner* blocker : Blockers(*objects_.Find(waiter.tag), *waiter.owner, waiter.mode, &waiter)) {
      made.closes |= blocker == start.owner;
      std::ranges::copy_if(blocker->waiting_, std::back_inserter(made.onward),
                           [](const LockWaiter* next) { return !next->granted; });
    }
    return made;
  };
  std::unordered_set<const LockWaiter*> seen{&start};
  std::vector<Step> path{step(start)};
  while (!path.empty() && !path.back().closes) {
    if (path.back().onward.empty()) {
      path.pop_back();
      continue;
    }
    LockWaiter* const next = path.back().onward.back();
    path.back().onward.pop_back();
    if (seen.insert(next).second) path.push_back(step(*next));
  }
  std::vector<LockWaiter*> cycle;
  for (const Step& on_path : path) cycle.push_back(on_path.waiter);
  return cycle;
}

}  // namespace weir::sql
