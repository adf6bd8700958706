#pragma once

#include <cstdint>
#include <string_view>

namespace weir::sql {

/// What a lock keeps others from, weakest first: PostgreSQL's modes of table locks. Rows and advisory
/// locks use those of them that conflict alike.
enum class LockMode : uint8_t {
  kAccessShare,           // reads
  kRowShare,              // SELECT … FOR …
  kRowExclusive,          // INSERT, UPDATE, DELETE, COPY FROM
  kShareUpdateExclusive,  // ATTACH PARTITION
  kShare,
  kShareRowExclusive,
  kExclusive,
  kAccessExclusive,       // DDL that changes where rows go, or takes them away
};
inline constexpr int kLockModes = 8;

/// The strengths of SELECT … FOR …, as modes: only FOR UPDATE conflicts with FOR KEY SHARE.
inline constexpr LockMode kForKeyShare = LockMode::kAccessShare;
inline constexpr LockMode kForShare = LockMode::kRowShare;
inline constexpr LockMode kForNoKeyUpdate = LockMode::kExclusive;  // UPDATE that leaves the key
inline constexpr LockMode kForUpdate = LockMode::kAccessExclusive;  // DELETE, UPDATE of the key

/// A set of modes, one bit each.
using LockModes = uint8_t;
inline constexpr LockModes BitOf(LockMode mode) { return static_cast<LockModes>(1U << static_cast<unsigned>(mode)); }

/// The modes that others may not hold beside this one (PostgreSQL 15, table 13.2).
LockModes ConflictsOf(LockMode mode);

/// "AccessExclusiveLock", as PostgreSQL's messages and pg_locks have it.
std::string_view LockModeName(LockMode mode);

}  // namespace weir::sql
