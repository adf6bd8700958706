#include "sql/access/role_ddl.h"

#include <fmt/format.h>

#include <algorithm>

#include "access/scram.h"
#include "postgres/value/date_time.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/foreign_files.h"

namespace weir::sql {
namespace {

using access::IsAdmin;
using access::Role;
using access::RoleId;
using access::State;

Status Denied(std::string message = "permission denied") { return Error("42501", std::move(message)); }

Status Required(const char* verb, const Role& role) {
  return Error("2BP01",
               fmt::format("cannot {} role {} because it is required by the database system", verb, role.name));
}

void Report(AccessNotices* notices, const char* severity, const char* sqlstate, std::string message,
            std::string hint = {}) {
  notices->push_back({.severity = severity, .sqlstate = sqlstate, .message = std::move(message),
                      .hint = std::move(hint)});
}

bool MayCreateRoles(const State& state, const AccessContext& context) {
  const Role* role = state.Find(context.current_role);
  return IsAdmin(state, context.current_role) || (role != nullptr && role->create_role);
}

Status CheckNotReserved(const Role& role) {
  if (!role.name.starts_with("pg_")) return Status::OK();
  return Error("42939", fmt::format("role name \"{}\" is reserved", role.name),
               {.detail = "Cannot alter reserved roles."});
}

Status CheckName(const std::string& name) {
  const std::string message = fmt::format("role name \"{}\" is reserved", name);
  if (name == "public" || name == "none") return Error("42939", message);
  if (!name.starts_with("pg_")) return Status::OK();
  return Error("42939", message, {.detail = "Role names starting with \"pg_\" are reserved."});
}

/// What is kept of a password as a statement says it: a verifier that was made elsewhere is kept as it is.
Result<std::string> VerifierOf(const std::optional<std::string>& password, AccessNotices* notices) {
  if (!password) return std::string();
  if (password->empty()) {
    Report(notices, "NOTICE", "00000", "empty string is not a valid password, clearing password");
    return std::string();
  }
  if (access::ParseVerifier(*password)) return *password;
  if (password->starts_with("md5") && password->size() == 35) {
    return Error("0A000", "MD5 passwords are not supported",
                 {.hint = "Give the password itself, or its SCRAM-SHA-256 verifier."});
  }
  return access::ToText(access::MakeVerifier(*password));
}

Status SetOptions(const RoleOptions& options, Role* role, AccessNotices* notices) {
  const std::pair<const std::optional<bool>&, bool*> switches[] = {
      {options.superuser, &role->superuser},     {options.inherit, &role->inherit},
      {options.create_role, &role->create_role}, {options.create_db, &role->create_db},
      {options.login, &role->login},             {options.replication, &role->replication},
      {options.bypass_rls, &role->bypass_rls},
  };
  for (const auto& [option, target] : switches) *target = option.value_or(*target);
  if (options.says_sysid) Report(notices, "NOTICE", "00000", "SYSID can no longer be specified");
  if (options.connection_limit) {
    if (*options.connection_limit < -1) {
      return Error("22023", fmt::format("invalid connection limit: {}", *options.connection_limit));
    }
    role->connection_limit = *options.connection_limit;
  }
  if (options.valid_until) {
    WEIR_ASSIGN_OR_RETURN(const postgres::Timestamp until, postgres::ReadTimestampTz(*options.valid_until, {}));
    role->valid_until = until.microseconds;
  }
  if (options.sets_password) {
    WEIR_ASSIGN_OR_RETURN(role->verifier, VerifierOf(options.password, notices));
  }
  return Status::OK();
}

/// Whoever gives the first password away turns everybody else's logins without one off.
void WarnOfLockOut(const State& before, const State& state, AccessNotices* notices) {
  if (before.has_passwords() || !state.has_passwords()) return;
  const bool able = std::ranges::any_of(state.roles, [&](const auto& entry) {
    return entry.second.login && !entry.second.verifier.empty() && IsAdmin(state, entry.first);
  });
  if (able) return;
  Report(notices, "WARNING", "01000", "from now on a password is asked for, and no superuser has one",
         "ALTER USER root PASSWORD '...';");
}

// --- memberships

/// `member` becomes one of `role`, or PostgreSQL's reason against it.
Status AddMember(RoleId role, RoleId member, const access::Membership& membership, State* state,
                 AccessNotices* notices) {
  if (role == access::kDatabaseOwner) return Error("XX000", "role \"pg_database_owner\" cannot have explicit members");
  if (member == access::kDatabaseOwner) {
    return Error("XX000", "role \"pg_database_owner\" cannot be a member of any role");
  }
  if (access::RolesOf(*state, role, false).contains(member)) {
    const std::string name = state->NameOf(role);
    return Error("0LP01", fmt::format("role \"{}\" is a member of role \"{}\"", name, state->NameOf(member)));
  }
  const auto known = state->memberships.find({role, member});
  if (known != state->memberships.end() && (known->second.admin || !membership.admin)) {
    Report(notices, "NOTICE", "00000",
           fmt::format("role \"{}\" is already a member of role \"{}\"", state->NameOf(member), state->NameOf(role)));
    return Status::OK();
  }
  state->memberships[{role, member}] = membership;
  return Status::OK();
}

void RemoveMember(RoleId role, RoleId member, bool option_only, State* state, AccessNotices* notices) {
  const auto known = state->memberships.find({role, member});
  if (known == state->memberships.end()) {
    const std::string name = state->NameOf(member);
    return Report(notices, "WARNING", "01000",
                  fmt::format("role \"{}\" is not a member of role \"{}\"", name, state->NameOf(role)));
  }
  if (option_only) known->second.admin = false;
  else state->memberships.erase(known);
}

bool HasAdminOption(const State& state, RoleId member, RoleId role) {
  for (const RoleId own : access::RolesOf(state, member, false)) {
    const auto known = state.memberships.find({role, own});
    if (known != state.memberships.end() && known->second.admin) return true;
  }
  return false;
}

Status CheckMayGrant(const State& state, RoleId role, const AccessContext& context) {
  const Role& granted = *state.Find(role);
  if (granted.superuser && !IsAdmin(state, context.current_role)) {
    return Denied("must be superuser to alter superusers");
  }
  if (MayCreateRoles(state, context) || HasAdminOption(state, context.current_role, role)) return Status::OK();
  return Denied(fmt::format("must have admin option on role \"{}\"", granted.name));
}

// --- CREATE and ALTER

Status CheckMayCreate(const State& state, const AccessContext& context, const RoleOptions& options) {
  if (!IsAdmin(state, context.current_role)) {
    if (options.superuser.value_or(false)) return Denied("must be superuser to create superusers");
    if (options.replication.value_or(false)) return Denied("must be superuser to create replication users");
    if (options.bypass_rls.value_or(false)) return Denied("must be superuser to create bypassrls users");
  }
  return MayCreateRoles(state, context) ? Status::OK() : Denied("permission denied to create role");
}

Status CheckMayAlter(const State& state, const AccessContext& context, const Role& role, const RoleOptions& options) {
  if (!IsAdmin(state, context.current_role)) {
    if (options.superuser || role.superuser) {
      return Denied("must be superuser to alter superuser roles or change superuser attribute");
    }
    if (options.replication || role.replication) {
      return Denied("must be superuser to alter replication roles or change replication attribute");
    }
    if (options.bypass_rls) return Denied("must be superuser to change bypassrls attribute");
  }
  if (MayCreateRoles(state, context)) return Status::OK();
  const bool more = options.inherit || options.create_role || options.create_db || options.login ||
                    options.valid_until || options.connection_limit || !options.sets_password;
  return !more && role.id == context.current_role ? Status::OK() : Denied();
}

Status AddToRoles(const CreateRole& statement, RoleId id, const AccessContext& context, State* state,
                  AccessNotices* notices) {
  for (const RoleName& name : statement.options.in_roles) {
    WEIR_ASSIGN_OR_RETURN(const RoleId role, FindRole(*state, name, context));
    WEIR_RETURN_NOT_OK(CheckMayGrant(*state, role, context));
    WEIR_RETURN_NOT_OK(AddMember(role, id, {context.current_role, false}, state, notices));
  }
  for (const RoleName& name : statement.options.members) {
    WEIR_ASSIGN_OR_RETURN(const RoleId member, FindRole(*state, name, context));
    WEIR_RETURN_NOT_OK(AddMember(id, member, {context.current_role, false}, state, notices));
  }
  for (const RoleName& name : statement.options.admin_members) {
    WEIR_ASSIGN_OR_RETURN(const RoleId member, FindRole(*state, name, context));
    WEIR_RETURN_NOT_OK(AddMember(id, member, {context.current_role, true}, state, notices));
  }
  return Status::OK();
}

// --- DROP

/// Of a function by its OID: with its schema where that is not the session's own.
std::string SignatureOf(const AccessContext& context, int64_t function) {
  const auto databases = context.catalog->ListDatabases();
  for (const std::string& database : databases.ok() ? *databases : std::vector<std::string>()) {
    const auto relations = context.catalog->ListRelations(database);
    if (!relations.ok()) continue;
    for (const RelationPtr& relation : *relations) {
      for (const SqlFunctionPtr& one : relation->functions) {
        if (one->id != function) continue;
        return (database == context.database ? "" : database + ".") + FunctionSignature(*one, false);
      }
    }
  }
  return {};
}

/// "table s.t": with its schema where that is not the session's own. Empty: it is gone.
std::string DescribedObject(const access::ObjectKey& key, const AccessContext& context) {
  const auto in_schema = [&](const std::string& schema, const std::string& name) {
    return schema == context.database ? name : schema + "." + name;
  };
  if (key.kind == access::ObjectKind::kFunction) {
    const std::string signature = SignatureOf(context, key.table);
    return signature.empty() ? signature : "function " + signature;
  }
  if (key.kind == access::ObjectKind::kType) {
    const postgres::MadeType* type = postgres::FindMadeType(static_cast<postgres::Oid>(key.table));
    return type == nullptr ? "" : "type " + in_schema(type->schema, type->name);
  }
  if (key.kind == access::ObjectKind::kServer) {
    const auto server = FindServer(*context.catalog, key.name);
    return server.ok() && *server ? "server " + key.name : std::string();
  }
  if (key.kind != access::ObjectKind::kTable) {
    const bool own = key.name == context.database && key.kind == access::ObjectKind::kSchema;
    return fmt::format("{} {}", access::NameOf(key.kind), own ? "public" : key.name);
  }
  const auto found = context.catalog->FindById(key.table);
  if (!found.ok() || *found == nullptr) return {};
  const TablePath& path = (*found)->path;
  return fmt::format("{} {}", NameOfKind(**found), in_schema(path.database, path.table));
}

/// "default privileges on new relations belonging to role r in schema s"
std::string DescribedDefaults(const State& state, const access::DefaultKey& key, const AccessContext& context) {
  const std::string schema = key.schema == context.database ? "public" : key.schema;
  return fmt::format("default privileges on new {} belonging to role {}{}",
                     key.kind == access::ObjectKind::kTable ? "relations" : std::string(access::NameOf(key.kind)) + "s",
                     state.NameOf(key.role), schema.empty() ? "" : " in schema " + schema);
}

/// What belongs to a role or was granted to it, as PostgreSQL's DETAIL lists it.
std::vector<std::string> DependentsOf(const State& state, RoleId role, const AccessContext& context) {
  std::vector<std::string> dependents;
  const auto add = [&](const char* what, const std::string& described) {
    if (!described.empty()) dependents.push_back(fmt::format("{} {}", what, described));
  };
  const auto in = [&](const access::Acl& acl) {
    return std::ranges::any_of(acl, [&](const auto& item) { return item.grantee == role || item.grantor == role; });
  };
  for (const auto& [key, object] : state.objects) {
    if (object.owner == role) {
      add("owner of", DescribedObject(key, context));
      continue;
    }
    if (object.acl && in(*object.acl)) add("privileges for", DescribedObject(key, context));
    for (const auto& [column, acl] : object.columns) {
      if (in(acl)) add("privileges for column", column + " of " + DescribedObject(key, context));
    }
  }
  const auto types = context.catalog->Types();
  for (const auto& [oid, type] : types.ok() ? **types : TypeMap()) {
    if (type->owner == role) add("owner of", DescribedObject(access::ObjectKey::Type(oid), context));
  }
  for (const auto& [key, acl] : state.defaults) {
    if (key.role == role || in(acl)) {
      add(key.role == role ? "owner of" : "privileges for", DescribedDefaults(state, key, context));
    }
  }
  return dependents;
}

Status CheckMayDrop(const State& state, RoleId id, const AccessContext& context) {
  const Role& role = *state.Find(id);
  if (id == context.current_role) return Error("55006", "current user cannot be dropped");
  if (id == context.session_role) return Error("55006", "session user cannot be dropped");
  if (role.superuser && !IsAdmin(state, context.current_role)) return Denied("must be superuser to drop superusers");
  if (role.is_built_in()) return Required("drop", role);
  const std::vector<std::string> dependents = DependentsOf(state, id, context);
  if (dependents.empty()) return Status::OK();
  return Error("2BP01", fmt::format("role \"{}\" cannot be dropped because some objects depend on it", role.name),
               {.detail = fmt::format("{}", fmt::join(dependents, "\n"))});
}

}  // namespace

Status Execute(const CreateRole& statement, const AccessContext& context, State* state, AccessNotices* notices) {
  WEIR_RETURN_NOT_OK(CheckMayCreate(*state, context, statement.options));
  WEIR_RETURN_NOT_OK(CheckName(statement.name));
  if (state->Find(statement.name) != nullptr) {
    const std::string message = fmt::format("role \"{}\" already exists", statement.name);
    if (!statement.if_not_exists) return Error("42710", message);
    Report(notices, "NOTICE", "42710", message + ", skipping");
    return Status::OK();
  }
  State changed = *state;
  Role role{.id = changed.next_role++, .name = statement.name};
  WEIR_RETURN_NOT_OK(SetOptions(statement.options, &role, notices));
  changed.roles[role.id] = role;
  WEIR_RETURN_NOT_OK(AddToRoles(statement, role.id, context, &changed, notices));
  WarnOfLockOut(*state, changed, notices);
  *state = std::move(changed);
  return Status::OK();
}

Status Execute(const AlterRole& statement, const AccessContext& context, State* state, AccessNotices* notices) {
  WEIR_ASSIGN_OR_RETURN(const RoleId id, FindRole(*state, statement.role, context));
  Role role = *state->Find(id);
  WEIR_RETURN_NOT_OK(CheckMayAlter(*state, context, role, statement.options));
  WEIR_RETURN_NOT_OK(CheckNotReserved(role));
  if (id == access::kWeir && statement.options.superuser == false) {
    return Error("42501", "permission denied", {.detail = "The role weir has to be a superuser."});
  }
  WEIR_RETURN_NOT_OK(SetOptions(statement.options, &role, notices));
  State changed = *state;
  changed.roles[id] = std::move(role);
  WarnOfLockOut(*state, changed, notices);
  *state = std::move(changed);
  return Status::OK();
}

namespace {

Status CheckMayChangeSettings(const AlterSettings& statement, const AccessContext& context, const State& state) {
  const bool admin = IsAdmin(state, context.current_role);
  const bool of_one = statement.role && statement.role->kind != RoleName::Kind::kEverybody;
  if (of_one) {
    WEIR_ASSIGN_OR_RETURN(const RoleId id, FindRole(state, *statement.role, context));
    const Role& role = *state.Find(id);
    WEIR_RETURN_NOT_OK(CheckNotReserved(role));
    if (role.superuser && !admin) return Denied("must be superuser to alter superusers");
    if (!MayCreateRoles(state, context) && id != context.current_role) return Denied();
  }
  if (!statement.database) {
    return of_one || admin ? Status::OK() : Denied("must be superuser to alter settings globally");
  }
  WEIR_ASSIGN_OR_RETURN(const access::Target database, FindDatabase(state, *statement.database, context));
  return of_one ? Status::OK() : access::CheckOwner(state, context.current_role, database);
}

}  // namespace

Status Execute(const AlterSettings& statement, const AccessContext& context, State* state, AccessNotices*) {
  WEIR_RETURN_NOT_OK(CheckMayChangeSettings(statement, context, *state));
  access::SettingsKey key{.database = statement.database.value_or("")};
  if (statement.role) {
    WEIR_ASSIGN_OR_RETURN(key.role, FindRole(*state, *statement.role, context, true));
  }
  access::SessionSettings& settings = state->settings[key];
  const auto of_name = [&](const auto& setting) { return setting.first == statement.name; };
  if (statement.name.empty()) {
    settings.clear();
  } else if (!statement.value) {
    std::erase_if(settings, of_name);
  } else if (const auto known = std::ranges::find_if(settings, of_name); known != settings.end()) {
    known->second = *statement.value;
  } else {
    settings.emplace_back(statement.name, *statement.value);
  }
  if (settings.empty()) state->settings.erase(key);
  return Status::OK();
}

Status Execute(const RenameRole& statement, const AccessContext& context, State* state, AccessNotices*) {
  const Role* role = state->Find(statement.name);
  if (role == nullptr) return Error("42704", fmt::format("role \"{}\" does not exist", statement.name));
  if (role->id == context.session_role) return Error("0A000", "session user cannot be renamed");
  if (role->id == context.current_role) return Error("0A000", "current user cannot be renamed");
  WEIR_RETURN_NOT_OK(CheckName(role->name));
  WEIR_RETURN_NOT_OK(CheckName(statement.new_name));
  if (state->Find(statement.new_name) != nullptr) {
    return Error("42710", fmt::format("role \"{}\" already exists", statement.new_name));
  }
  if (role->superuser && !IsAdmin(*state, context.current_role)) {
    return Denied("must be superuser to rename superusers");
  }
  if (!MayCreateRoles(*state, context)) return Denied("permission denied to rename role");
  if (role->is_built_in()) return Required("rename", *role);
  state->roles[role->id].name = statement.new_name;
  return Status::OK();
}

Status Execute(const DropRoles& statement, const AccessContext& context, State* state, AccessNotices* notices) {
  if (!MayCreateRoles(*state, context)) return Denied("permission denied to drop role");
  State changed = *state;
  for (const RoleName& name : statement.roles) {
    if (name.kind != RoleName::Kind::kName) return Error("22023", "cannot use special role specifier in DROP ROLE");
    const auto id = FindRole(changed, name, context);
    if (!id.ok() && statement.if_exists) {
      Report(notices, "NOTICE", "00000", FieldsOf(id.status()).message + ", skipping");
      continue;
    }
    if (!id.ok()) return id.status();
    WEIR_RETURN_NOT_OK(CheckMayDrop(changed, *id, context));
    changed.roles.erase(*id);
    std::erase_if(changed.memberships,
                  [&](const auto& entry) { return entry.first.first == *id || entry.first.second == *id; });
    std::erase_if(changed.settings, [&](const auto& entry) { return entry.first.role == *id; });
  }
  *state = std::move(changed);
  return Status::OK();
}

Status Execute(const GrantRoles& statement, const AccessContext& context, State* state, AccessNotices* notices) {
  State changed = *state;
  RoleId grantor = context.current_role;
  if (statement.granted_by) {
    WEIR_ASSIGN_OR_RETURN(grantor, FindRole(changed, *statement.granted_by, context));
    if (grantor != context.current_role && !IsAdmin(changed, context.current_role)) {
      return Denied("must be superuser to set grantor");
    }
  }
  std::vector<RoleId> members;
  for (const RoleName& name : statement.members) {
    WEIR_ASSIGN_OR_RETURN(members.emplace_back(), FindRole(changed, name, context));
  }
  for (const std::string& name : statement.roles) {
    WEIR_ASSIGN_OR_RETURN(const RoleId role, FindRole(changed, {.name = name}, context));
    WEIR_RETURN_NOT_OK(CheckMayGrant(changed, role, context));
    for (const RoleId member : members) {
      if (!statement.grant) {
        RemoveMember(role, member, statement.admin_option, &changed, notices);
        continue;
      }
      WEIR_RETURN_NOT_OK(AddMember(role, member, {grantor, statement.admin_option}, &changed, notices));
    }
  }
  *state = std::move(changed);
  return Status::OK();
}

}  // namespace weir::sql
