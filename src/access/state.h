#pragma once

#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/privilege.h"
#include "access/role.h"
#include "weir/status.h"

namespace weir::access {

/// A table or another relation by its id, a function or type by its OID, anything else by its name.
struct ObjectKey {
  ObjectKind kind = ObjectKind::kTable;
  int64_t table = 0;
  std::string name = {};

  static ObjectKey Table(int64_t id) { return {ObjectKind::kTable, id, {}}; }
  static ObjectKey Database(std::string name) { return {ObjectKind::kDatabase, 0, std::move(name)}; }
  static ObjectKey Schema(std::string name) { return {ObjectKind::kSchema, 0, std::move(name)}; }
  static ObjectKey Function(int64_t id) { return {ObjectKind::kFunction, id, {}}; }
  static ObjectKey Type(int64_t oid) { return {ObjectKind::kType, oid, {}}; }
  /// A language, a parameter, a foreign server or a foreign-data wrapper.
  static ObjectKey Named(ObjectKind kind, std::string name) { return {kind, 0, std::move(name)}; }
  auto operator<=>(const ObjectKey&) const = default;
};

/// What is known of an object beyond the defaults: it belongs to kWeir (a partition: to whom its parent belongs) and
/// has the ACL of its kind. Whom functions and types belong to is known elsewhere.
struct Object {
  std::optional<RoleId> owner = {};
  std::optional<Acl> acl = {};
  std::map<std::string, Acl> columns = {};  // by name

  bool operator==(const Object&) const = default;
};

/// An object and whom it belongs to.
struct Target {
  ObjectKey key;
  RoleId owner = kWeir;
  std::string name = {};            // in errors
  const char* kind_name = nullptr;  // likewise; null: NameOf(kind())
  bool sequence = false;            // the relation is one

  ObjectKind kind() const { return sequence ? ObjectKind::kSequence : key.kind; }
};

/// What ALTER DEFAULT PRIVILEGES is said for.
struct DefaultKey {
  RoleId role = kWeir;      // whose new objects
  std::string schema = {};  // empty: any
  ObjectKind kind = ObjectKind::kTable;
  auto operator<=>(const DefaultKey&) const = default;
};

/// Whose new sessions ALTER ROLE … SET and ALTER DATABASE … SET are said for.
struct SettingsKey {
  std::string database = {};  // empty: any
  RoleId role = kEverybody;
  auto operator<=>(const SettingsKey&) const = default;
};
/// Parameters and their values, in the order in which they were first set.
using SessionSettings = std::vector<std::pair<std::string, std::string>>;

/// A rule of the Fluss protocol's ACLs, with its numbers (docs/security.md). They hold at the Fluss door.
struct FlussAcl {
  int32_t resource_type = 0;  // 2 cluster, 3 database, 4 table
  std::string resource_name = {};
  std::string principal_type = {};
  std::string principal_name = {};
  std::string host = {};
  int32_t operation = 0;
  int32_t permission = 0;
  auto operator<=>(const FlussAcl&) const = default;
};

/// Who there is and what they may do, at one moment: a value that changes are made to in copies.
struct State {
  std::map<RoleId, Role> roles;
  std::map<std::pair<RoleId, RoleId>, Membership> memberships;  // of the second in the first
  std::map<ObjectKey, Object> objects;
  std::map<DefaultKey, Acl> defaults;
  std::map<SettingsKey, SessionSettings> settings;
  std::set<FlussAcl> fluss_acls;
  RoleId next_role = kFirstRole;

  /// The roles of a new directory: weir, root and admin, and PostgreSQL's own that mean something here.
  static State BuiltIn();

  const Role* Find(RoleId id) const;
  const Role* Find(std::string_view name) const;
  /// Its name; "unknown (OID=7)" when it is gone.
  std::string NameOf(RoleId id) const;
  /// Whether there are roles to log in as, beyond those of a new directory.
  bool has_users() const;
  bool has_passwords() const;

  /// The object's owner where it says so itself.
  std::optional<RoleId> OwnerOf(const ObjectKey& key) const;
  Acl AclOf(const Target& target) const;
  bool operator==(const State&) const = default;
};
using StatePtr = std::shared_ptr<const State>;

/// The role and all that it is a member of, directly or not: those whose privileges it has without SET ROLE
/// (`inherited`), or all.
std::set<RoleId> RolesOf(const State& state, RoleId role, bool inherited);
/// A superuser, or one that inherits from admin.
bool IsAdmin(const State& state, RoleId role);
/// Whether `member` may do what belongs to `role`: admins may everything.
bool HasPrivilegesOf(const State& state, RoleId member, RoleId role);

/// An object that a role has just made: it is the role's, with the privileges that ALTER DEFAULT PRIVILEGES has said.
/// `schema`: the database that the object is in. `made`: the owner it has is of no account.
void OwnNewObject(const Target& made, const std::string& schema, RoleId role, State* state);
/// Those privileges alone, of an object of the kind; nothing: the kind's default.
std::optional<Acl> AclOfNew(const State& state, ObjectKind kind, const std::string& schema, RoleId role);

/// What a role may do to an object as a whole.
Privileges PrivilegesOn(const State& state, RoleId role, const Target& target);
/// Of those, what it may grant on.
Privileges GrantableOn(const State& state, RoleId role, const Target& target);
/// What a role may do to one column, by grants on the table or on the column.
Privileges PrivilegesOnColumn(const State& state, RoleId role, const Target& table, const std::string& column);
/// Of those, what it may grant on.
Privileges GrantableOnColumn(const State& state, RoleId role, const Target& table, const std::string& column);
/// Whether it may do anything at all, on any column.
bool HasAnyPrivilege(const State& state, RoleId role, const Target& target);

/// What a statement does to some columns of a table. None: what can be done without one, as count(*) reads a table;
/// SELECT on any column is enough for that.
struct ColumnUse {
  Privilege privilege = kSelect;
  std::vector<std::string> columns;
};

/// Whether a role may do all of that. 42501 as PostgreSQL says it.
Status CheckUse(const State& state, RoleId role, const Target& table, Privileges whole,
                const std::vector<ColumnUse>& columns);
/// 42501 "permission denied for schema s".
Status CheckPrivilege(const State& state, RoleId role, const Target& target, Privilege privilege);
/// 42501 "must be owner of table t".
Status CheckOwner(const State& state, RoleId role, const Target& target);

}  // namespace weir::access
