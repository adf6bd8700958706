#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weir::access {

/// pg_authid.oid.
using RoleId = int64_t;

inline constexpr RoleId kEverybody = 0;   // as a grantee: PUBLIC
inline constexpr RoleId kWeir = 10;       // who a directory belongs to; all that was made without users
inline constexpr RoleId kRoot = 11;       // KWDB's first user, a member of admin
inline constexpr RoleId kAdmin = 12;      // whose members may do everything
inline constexpr RoleId kDatabaseOwner = 6171;  // pg_database_owner: who owns the database
inline constexpr RoleId kMonitor = 3373;        // pg_monitor, a member of the next
inline constexpr RoleId kReadAllStats = 3375;   // pg_read_all_stats: sees what others' sessions are at
inline constexpr RoleId kSignalBackend = 4200;  // pg_signal_backend: ends what others' sessions do
inline constexpr RoleId kReadAllData = 6181;    // pg_read_all_data
inline constexpr RoleId kWriteAllData = 6182;   // pg_write_all_data
inline constexpr RoleId kFirstRole = 16384;     // that a statement makes

inline constexpr int64_t kForever = INT64_MAX;

struct Role {
  RoleId id = kWeir;
  std::string name;
  bool superuser = false;
  bool inherit = true;  // has what its roles have, without SET ROLE
  bool create_role = false;
  bool create_db = false;
  bool login = false;
  bool replication = false;
  bool bypass_rls = false;
  std::string verifier = {};                       // ScramVerifier's text; empty: no password
  int32_t connection_limit = -1;                   // sessions at a time, but of superusers; -1: any number
  std::optional<int64_t> valid_until = {};  // of the password, in microseconds since 1970 UTC; kForever: 'infinity'

  bool operator==(const Role&) const = default;
  bool is_built_in() const { return id < kFirstRole; }
};

/// Of one role in another.
struct Membership {
  RoleId grantor = kWeir;
  bool admin = false;  // may make others members

  bool operator==(const Membership&) const = default;
};

}  // namespace weir::access
