#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/role.h"
#include "weir/status.h"

namespace weir::access {

/// What PostgreSQL's GRANT knows, and KWDB's ZONECONFIG.
enum Privilege : uint32_t {
  kInsert = 1 << 0,
  kSelect = 1 << 1,
  kUpdate = 1 << 2,
  kDelete = 1 << 3,
  kTruncate = 1 << 4,
  kReferences = 1 << 5,
  kTrigger = 1 << 6,
  kUsage = 1 << 7,
  kCreate = 1 << 8,
  kTemporary = 1 << 9,
  kConnect = 1 << 10,
  kZoneConfig = 1 << 11,
  kExecute = 1 << 12,
  kSet = 1 << 13,
  kAlterSystem = 1 << 14,
};
using Privileges = uint32_t;  // a set of them

/// Sequences and other relations are kept as tables are, by their ids.
enum class ObjectKind {
  kTable,
  kDatabase,
  kSchema,
  kSequence,
  kFunction,
  kType,
  kLanguage,
  kParameter,
  kServer,   // a foreign one
  kWrapper,  // of foreign data
  kTablespace,
};

/// "table", "foreign-data wrapper".
const char* NameOf(ObjectKind kind);
/// What can be granted on an object of the kind.
Privileges AllOf(ObjectKind kind);
/// What can be granted on single columns.
inline constexpr Privileges kColumnPrivileges = kInsert | kSelect | kUpdate | kReferences;
/// "select", in any case; "temp" is "temporary". Nothing for other words.
std::optional<Privilege> PrivilegeNamed(std::string_view word);
/// "SELECT".
const char* NameOf(Privilege privilege);

/// What one role has granted to another.
struct AclItem {
  RoleId grantee = kEverybody;
  RoleId grantor = kWeir;
  Privileges privileges = 0;
  Privileges grantable = 0;  // of those: WITH GRANT OPTION

  bool operator==(const AclItem&) const = default;
};
using Acl = std::vector<AclItem>;

/// Of an object that nobody has granted or revoked anything on: its owner may do everything, everybody what
/// PostgreSQL 15 lets everybody do (connect to databases, use the schema public, functions and types).
Acl DefaultAcl(ObjectKind kind, RoleId owner);
/// Of an object that CREATE has just made: nobody else uses a new schema, other than the public one of a database.
Acl AclAsMade(ObjectKind kind, RoleId owner);

/// "alice=arwdDxt/weir", as PostgreSQL's aclitem.
std::string AclItemText(const AclItem& item, const std::function<std::string(RoleId)>& name_of);
/// And back; `role_named` gives a role's id. 22P02 for what is no aclitem, 42704 for a role that there is not.
Result<AclItem> ReadAclItem(std::string_view text,
                            const std::function<std::optional<RoleId>(const std::string&)>& role_named);
/// The privileges of a set one by one, in the order of aclitem's letters.
std::vector<Privilege> EachOf(Privileges privileges);

/// acldefault: what PostgreSQL 15 lets roles do on a new object of the kind that `letter` says ('r' a table, 's' a
/// sequence, 'f' a function, …), whether Weir has such objects or not. Nothing for other letters.
std::optional<Acl> PostgresDefaultAcl(char letter, RoleId owner);

/// Adds `privileges` to what `grantor` has granted to `grantee`.
void Grant(Acl* acl, RoleId grantee, RoleId grantor, Privileges privileges, bool grantable);
/// Takes them away, or only the right to grant them on; and, with `cascade`, what has been granted on by it. False when
/// something was granted on and `cascade` is not set: nothing is changed then.
bool Revoke(Acl* acl, RoleId owner, RoleId grantee, RoleId grantor, Privileges privileges, bool option_only,
            bool cascade);

}  // namespace weir::access
