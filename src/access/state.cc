#include "access/state.h"

#include <algorithm>

#include "postgres/error.h"

namespace weir::access {
namespace {

/// "table t"
std::string Described(const Target& target) {
  return std::string(target.kind_name != nullptr ? target.kind_name : NameOf(target.kind())) + " " + target.name;
}

Status Denied(const Target& target) { return postgres::Error("42501", "permission denied for " + Described(target)); }

Privileges Held(const Acl& acl, const std::set<RoleId>& roles) {
  Privileges held = 0;
  for (const AclItem& item : acl) {
    if (item.grantee == kEverybody || roles.contains(item.grantee)) held |= item.privileges;
  }
  return held;
}

const Object* FindObject(const State& state, const ObjectKey& key) {
  const auto found = state.objects.find(key);
  return found == state.objects.end() ? nullptr : &found->second;
}

/// What PostgreSQL's own roles give on every table.
Privileges OfPredefined(const Target& target, const std::set<RoleId>& roles) {
  Privileges held = 0;
  const bool table = target.key.kind == ObjectKind::kTable;
  const bool schema = target.key.kind == ObjectKind::kSchema;
  if (roles.contains(kReadAllData)) held |= table ? kSelect : schema ? kUsage : Privileges{0};
  if (roles.contains(kWriteAllData)) held |= table ? kInsert | kUpdate | kDelete : schema ? kUsage : Privileges{0};
  return held;
}

Privileges AnyColumn(const State& state, const std::set<RoleId>& roles, const ObjectKey& table) {
  const Object* object = FindObject(state, table);
  Privileges held = 0;
  if (object == nullptr) return held;
  for (const auto& [name, acl] : object->columns) held |= Held(acl, roles);
  return held;
}

Role BuiltInRole(RoleId id, const char* name) { return {.id = id, .name = name}; }

Role Superuser(RoleId id, const char* name, bool login) {
  return {.id = id, .name = name, .superuser = true, .create_role = true, .create_db = true, .login = login,
          .replication = true, .bypass_rls = true};
}

}  // namespace

State State::BuiltIn() {
  State state;
  state.roles[kWeir] = Superuser(kWeir, "weir", true);
  state.roles[kRoot] = Superuser(kRoot, "root", true);
  state.roles[kAdmin] = Superuser(kAdmin, "admin", false);
  state.roles[kDatabaseOwner] = BuiltInRole(kDatabaseOwner, "pg_database_owner");
  state.roles[kReadAllData] = BuiltInRole(kReadAllData, "pg_read_all_data");
  state.roles[kWriteAllData] = BuiltInRole(kWriteAllData, "pg_write_all_data");
  state.roles[kMonitor] = BuiltInRole(kMonitor, "pg_monitor");
  state.roles[kReadAllStats] = BuiltInRole(kReadAllStats, "pg_read_all_stats");
  state.roles[kSignalBackend] = BuiltInRole(kSignalBackend, "pg_signal_backend");
  state.memberships[{kReadAllStats, kMonitor}] = {.grantor = kWeir, .admin = false};
  state.memberships[{kAdmin, kRoot}] = {.grantor = kWeir, .admin = true};
  return state;
}

const Role* State::Find(RoleId id) const {
  const auto found = roles.find(id);
  return found == roles.end() ? nullptr : &found->second;
}

const Role* State::Find(std::string_view name) const {
  const auto found = std::ranges::find_if(roles, [&](const auto& entry) { return entry.second.name == name; });
  return found == roles.end() ? nullptr : &found->second;
}

std::string State::NameOf(RoleId id) const {
  const Role* role = Find(id);
  return role != nullptr ? role->name : "unknown (OID=" + std::to_string(id) + ")";
}

bool State::has_users() const {
  const auto is_user = [](const auto& entry) { return entry.second.login && !entry.second.is_built_in(); };
  return std::ranges::any_of(roles, is_user);
}

bool State::has_passwords() const {
  return std::ranges::any_of(roles, [](const auto& entry) { return !entry.second.verifier.empty(); });
}

std::optional<RoleId> State::OwnerOf(const ObjectKey& key) const {
  const Object* object = FindObject(*this, key);
  return object == nullptr ? std::nullopt : object->owner;
}

Acl State::AclOf(const Target& target) const {
  const Object* object = FindObject(*this, target.key);
  return object != nullptr && object->acl ? *object->acl : DefaultAcl(target.kind(), target.owner);
}

std::set<RoleId> RolesOf(const State& state, RoleId role, bool inherited) {
  std::set<RoleId> roles = {role};
  std::vector<RoleId> to_visit = {role};
  while (!to_visit.empty()) {
    const RoleId member = to_visit.back();
    to_visit.pop_back();
    const Role* known = state.Find(member);
    if (known == nullptr || (inherited && !known->inherit)) continue;
    for (const auto& [pair, membership] : state.memberships) {
      if (pair.second == member && roles.insert(pair.first).second) to_visit.push_back(pair.first);
    }
  }
  return roles;
}

bool IsAdmin(const State& state, RoleId role) {
  const Role* known = state.Find(role);
  return known != nullptr && (known->superuser || RolesOf(state, role, true).contains(kAdmin));
}

bool HasPrivilegesOf(const State& state, RoleId member, RoleId role) {
  return IsAdmin(state, member) || RolesOf(state, member, true).contains(role);
}

std::optional<Acl> AclOfNew(const State& state, ObjectKind kind, const std::string& schema, RoleId role) {
  std::optional<Acl> acl;
  const auto of_all = state.defaults.find({role, "", kind});
  const auto of_schema = state.defaults.find({role, schema, kind});
  if (of_all != state.defaults.end()) acl = of_all->second;
  if (of_schema == state.defaults.end()) return acl;
  if (!acl) acl = AclAsMade(kind, role);
  for (const AclItem& item : of_schema->second) {
    Grant(&*acl, item.grantee, item.grantor, item.privileges, false);
    Grant(&*acl, item.grantee, item.grantor, item.grantable, true);
  }
  return acl;
}

void OwnNewObject(const Target& made, const std::string& schema, RoleId role, State* state) {
  Object object;
  if (role != kWeir) object.owner = role;
  object.acl = AclOfNew(*state, made.kind(), schema, role);
  if (object != Object()) state->objects[made.key] = std::move(object);
}

Privileges PrivilegesOn(const State& state, RoleId role, const Target& target) {
  if (IsAdmin(state, role)) return ~Privileges{0};
  const std::set<RoleId> roles = RolesOf(state, role, true);
  return Held(state.AclOf(target), roles) | OfPredefined(target, roles);
}

Privileges GrantableOn(const State& state, RoleId role, const Target& target) {
  if (HasPrivilegesOf(state, role, target.owner)) return ~Privileges{0};
  const std::set<RoleId> roles = RolesOf(state, role, true);
  Privileges grantable = 0;
  for (const AclItem& item : state.AclOf(target)) {
    if (roles.contains(item.grantee)) grantable |= item.grantable;
  }
  return grantable;
}

Privileges PrivilegesOnColumn(const State& state, RoleId role, const Target& table, const std::string& column) {
  Privileges held = PrivilegesOn(state, role, table);
  const Object* object = FindObject(state, table.key);
  if (object == nullptr) return held;
  const auto acl = object->columns.find(column);
  if (acl != object->columns.end()) held |= Held(acl->second, RolesOf(state, role, true));
  return held;
}

Privileges GrantableOnColumn(const State& state, RoleId role, const Target& table, const std::string& column) {
  Privileges grantable = GrantableOn(state, role, table);
  const Object* object = FindObject(state, table.key);
  if (object == nullptr || !object->columns.contains(column)) return grantable;
  const std::set<RoleId> roles = RolesOf(state, role, true);
  for (const AclItem& item : object->columns.at(column)) {
    if (roles.contains(item.grantee)) grantable |= item.grantable;
  }
  return grantable;
}

bool HasAnyPrivilege(const State& state, RoleId role, const Target& target) {
  if (HasPrivilegesOf(state, role, target.owner)) return true;
  return (PrivilegesOn(state, role, target) | AnyColumn(state, RolesOf(state, role, true), target.key)) != 0;
}

Status CheckUse(const State& state, RoleId role, const Target& table, Privileges whole,
                const std::vector<ColumnUse>& columns) {
  const Privileges held = PrivilegesOn(state, role, table);
  if ((held & whole) != whole) return Denied(table);
  for (const ColumnUse& use : columns) {
    if (held & use.privilege) continue;
    if (use.columns.empty()) {
      if (AnyColumn(state, RolesOf(state, role, true), table.key) & use.privilege) continue;
      return Denied(table);
    }
    for (const std::string& column : use.columns) {
      if (!(PrivilegesOnColumn(state, role, table, column) & use.privilege)) return Denied(table);
    }
  }
  return Status::OK();
}

Status CheckPrivilege(const State& state, RoleId role, const Target& target, Privilege privilege) {
  return PrivilegesOn(state, role, target) & privilege ? Status::OK() : Denied(target);
}

Status CheckOwner(const State& state, RoleId role, const Target& target) {
  if (HasPrivilegesOf(state, role, target.owner)) return Status::OK();
  return postgres::Error("42501", "must be owner of " + Described(target));
}

}  // namespace weir::access
