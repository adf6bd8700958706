#include "sql/transaction/lock_mode.h"

namespace weir::sql {
namespace {

template <typename... Modes>
constexpr LockModes Set(Modes... modes) {
  return static_cast<LockModes>((0U | ... | BitOf(modes)));
}

}  // namespace

LockModes ConflictsOf(LockMode mode) {
  using enum LockMode;
  switch (mode) {
    case kAccessShare: return Set(kAccessExclusive);
    case kRowShare: return Set(kExclusive, kAccessExclusive);
    case kRowExclusive: return Set(kShare, kShareRowExclusive, kExclusive, kAccessExclusive);
    case kShareUpdateExclusive:
      return Set(kShareUpdateExclusive, kShare, kShareRowExclusive, kExclusive, kAccessExclusive);
    case kShare: return Set(kRowExclusive, kShareUpdateExclusive, kShareRowExclusive, kExclusive, kAccessExclusive);
    case kShareRowExclusive:
      return Set(kRowExclusive, kShareUpdateExclusive, kShare, kShareRowExclusive, kExclusive, kAccessExclusive);
    case kExclusive: return static_cast<LockModes>(~Set(kAccessShare));
    case kAccessExclusive: return static_cast<LockModes>(~LockModes{0});
  }
  return 0;
}

std::string_view LockModeName(LockMode mode) {
  switch (mode) {
    case LockMode::kAccessShare: return "AccessShareLock";
    case LockMode::kRowShare: return "RowShareLock";
    case LockMode::kRowExclusive: return "RowExclusiveLock";
    case LockMode::kShareUpdateExclusive: return "ShareUpdateExclusiveLock";
    case LockMode::kShare: return "ShareLock";
    case LockMode::kShareRowExclusive: return "ShareRowExclusiveLock";
    case LockMode::kExclusive: return "ExclusiveLock";
    case LockMode::kAccessExclusive: return "AccessExclusiveLock";
  }
  return "";
}

}  // namespace weir::sql
