#include "sql/access/privilege_ddl.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "sql/catalog/function_ddl.h"
#include "sql/catalog/sql_types.h"

namespace weir::sql {
namespace {

using access::Acl;
using access::ObjectKey;
using access::ObjectKind;
using access::Privilege;
using access::Privileges;
using access::RoleId;
using access::State;
using access::Target;

void Warn(AccessNotices* notices, const char* sqlstate, std::string message) {
  notices->push_back({.severity = "WARNING", .sqlstate = sqlstate, .message = std::move(message)});
}

/// KWDB knows CREATE and ZONECONFIG on tables, too.
Privileges GrantableOnKind(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kTable: return access::AllOf(kind) | access::kCreate | access::kZoneConfig;
    case ObjectKind::kDatabase: return access::AllOf(kind) | access::kZoneConfig;
    case ObjectKind::kSchema:
    case ObjectKind::kSequence:
    case ObjectKind::kFunction:
    case ObjectKind::kType:
    case ObjectKind::kLanguage:
    case ObjectKind::kParameter:
    case ObjectKind::kServer:
    case ObjectKind::kWrapper:
    case ObjectKind::kTablespace: return access::AllOf(kind);
  }
  return 0;
}

/// The privileges of a statement: on the whole, and on columns.
struct Wanted {
  Privileges whole = 0;
  std::map<std::string, Privileges> columns;
  bool all = false;
};

Status InvalidPrivilege(const char* privilege, const char* kind) {
  return Error("0LP01", fmt::format("invalid privilege type {} for {}", privilege, kind));
}

Result<Privileges> PrivilegeOf(const std::string& word, ObjectKind kind, bool on_column) {
  const auto privilege = access::PrivilegeNamed(word);
  if (!privilege) return Error("42601", fmt::format("unrecognized privilege type \"{}\"", word));
  const char* name = access::NameOf(*privilege);
  if (on_column && !(*privilege & access::kColumnPrivileges)) {
    return Error("0LP01", fmt::format("invalid privilege type {} for column", name));
  }
  // ON TABLE may name sequences, too.
  const Privileges of_sequences = kind == ObjectKind::kTable ? access::AllOf(ObjectKind::kSequence) : 0;
  if (!(*privilege & (GrantableOnKind(kind) | of_sequences))) {
    return InvalidPrivilege(name, kind == ObjectKind::kTable ? "relation" : access::NameOf(kind));
  }
  return Privileges{*privilege};
}

Result<Wanted> WantedOf(const GrantPrivileges& statement, ObjectKind kind) {
  Wanted wanted;
  wanted.all = statement.privileges.empty();
  if (wanted.all) wanted.whole = access::AllOf(kind);
  for (const PrivilegeClause& clause : statement.privileges) {
    const bool on_column = !clause.columns.empty();
    if (on_column && kind != ObjectKind::kTable) {
      return Error("0LP01", "column privileges are only valid for relations");
    }
    Privileges privileges = on_column ? access::kColumnPrivileges : access::AllOf(kind);
    if (clause.word.empty()) {
      wanted.all = true;
    } else {
      WEIR_ASSIGN_OR_RETURN(privileges, PrivilegeOf(clause.word, kind, on_column));
    }
    if (!on_column) wanted.whole |= privileges;
    for (const std::string& column : clause.columns) wanted.columns[column] |= privileges;
  }
  return wanted;
}

/// What a statement grants on one of its relations: one on tables may name sequences, which have no other privileges
/// than theirs.
Result<Privileges> WantedOn(const Target& target, const Wanted& wanted, ObjectKind asked, AccessNotices* notices) {
  if (asked != ObjectKind::kTable) return wanted.whole;
  const Privileges known = target.sequence ? access::AllOf(ObjectKind::kSequence) : GrantableOnKind(asked);
  if (wanted.all) return target.sequence ? known : wanted.whole;
  const std::vector<Privilege> others = access::EachOf(wanted.whole & ~known);
  if (others.empty()) return wanted.whole;
  if (!target.sequence) return InvalidPrivilege(access::NameOf(others.front()), access::NameOf(asked));
  Warn(notices, "0LP01",
       fmt::format("sequence \"{}\" only supports USAGE, SELECT, and UPDATE privileges", target.name));
  return wanted.whole & known;
}

ObjectKind KindOf(GrantPrivileges::On on) {
  switch (on) {
    case GrantPrivileges::On::kTables: return ObjectKind::kTable;
    case GrantPrivileges::On::kSequences: return ObjectKind::kSequence;
    case GrantPrivileges::On::kRoutines: return ObjectKind::kFunction;
    case GrantPrivileges::On::kTypes: return ObjectKind::kType;
    case GrantPrivileges::On::kDatabases: return ObjectKind::kDatabase;
    case GrantPrivileges::On::kSchemas: return ObjectKind::kSchema;
    case GrantPrivileges::On::kLanguages: return ObjectKind::kLanguage;
    case GrantPrivileges::On::kParameters: return ObjectKind::kParameter;
    case GrantPrivileges::On::kServers: return ObjectKind::kServer;
    case GrantPrivileges::On::kWrappers: return ObjectKind::kWrapper;
    case GrantPrivileges::On::kTablespaces: return ObjectKind::kTablespace;
  }
  return ObjectKind::kTable;
}

/// Privileges that somebody may grant, and whose grant it is: the owner's where one acts for the owner, else that of
/// the role which may grant most of them.
struct Grantor {
  RoleId role = access::kWeir;
  Privileges may = 0;
};

Grantor GrantorOf(const State& state, const Acl& acl, RoleId owner, RoleId role, Privileges wanted) {
  if (access::HasPrivilegesOf(state, role, owner)) return {owner, wanted};
  Grantor best{role, 0};
  for (const RoleId own : access::RolesOf(state, role, true)) {
    Privileges may = 0;
    for (const access::AclItem& item : acl) {
      if (item.grantee == own) may |= item.grantable & wanted;
    }
    const int more = std::popcount(may) - std::popcount(best.may);
    if (more > 0 || (more == 0 && own == role)) best = {own, may};
  }
  return best;
}

const char* WordFor(const Target& target) {
  return target.kind_name != nullptr ? target.kind_name : access::NameOf(target.kind());
}

/// One GRANT or REVOKE on one ACL.
class AclChange {
 public:
  AclChange(const GrantPrivileges& statement, std::vector<RoleId> grantees, RoleId by, const State& state,
            AccessNotices* notices)
      : statement_(statement), grantees_(std::move(grantees)), by_(by), state_(state), notices_(notices) {}

  /// Whether `by` may do anything with the column.
  bool HoldsOnColumn(const Target& table, const std::string& column) const {
    return access::PrivilegesOnColumn(state_, by_, table, column) != 0;
  }

  /// `holds`: whether `by` may do anything with the object. `grantable`: the ACL that says who may grant.
  Status Run(const std::string& name, const Target& target, bool holds, Privileges wanted, bool all,
             const Acl& grantable, Acl* acl) const {
    const Grantor grantor = GrantorOf(state_, grantable, target.owner, by_, wanted);
    if (grantor.may == 0 && !holds) {
      return Error("42501", fmt::format("permission denied for {} {}", WordFor(target), target.name));
    }
    if (grantor.may == 0 || (!all && grantor.may != wanted)) WarnOfRest(grantor.may == 0, name);
    for (const RoleId grantee : grantees_) {
      if (statement_.grant) {
        access::Grant(acl, grantee, grantor.role, grantor.may, statement_.grant_option);
      } else if (!access::Revoke(acl, target.owner, grantee, grantor.role, grantor.may, statement_.grant_option,
                                 statement_.cascade)) {
        return Error("2BP01", "dependent privileges exist", {.hint = "Use CASCADE to revoke them too."});
      }
    }
    std::erase_if(*acl, [](const access::AclItem& item) { return item.privileges == 0; });
    return Status::OK();
  }

 private:
  void WarnOfRest(bool none, const std::string& name) const {
    const char* what = none ? "no" : "not all";
    if (statement_.grant) return Warn(notices_, "01007", fmt::format("{} privileges were granted for {}", what, name));
    Warn(notices_, "01006", fmt::format("{} privileges could be revoked for {}", what, name));
  }

  const GrantPrivileges& statement_;
  const std::vector<RoleId> grantees_;
  const RoleId by_;
  const State& state_;
  AccessNotices* notices_;
};

Result<std::vector<RoleId>> GranteesOf(const GrantPrivileges& statement, const AccessContext& context,
                                       const State& state) {
  std::vector<RoleId> grantees;
  for (const RoleName& name : statement.grantees) {
    WEIR_ASSIGN_OR_RETURN(const RoleId grantee, FindRole(state, name, context, true));
    if (grantee == access::kEverybody && statement.grant && statement.grant_option) {
      return Error("0LP01", "grant options can only be granted to roles");
    }
    grantees.push_back(grantee);
  }
  if (!statement.granted_by) return grantees;
  WEIR_ASSIGN_OR_RETURN(const RoleId grantor, FindRole(state, *statement.granted_by, context));
  if (grantor != context.current_role) return Error("0A000", "grantor must be current user");
  return grantees;
}

struct GrantTarget {
  Target target;
  RelationPtr relation = nullptr;  // of a table or sequence
};

/// Finds what a GRANT or REVOKE is on.
class GrantTargets {
 public:
  GrantTargets(const GrantPrivileges& statement, const AccessContext& context, const State& state)
      : statement_(statement), context_(context), state_(state) {}

  Result<std::vector<GrantTarget>> Find() {
    if (statement_.which == GrantPrivileges::Which::kAllInSchemas) {
      for (const std::string& name : statement_.names) WEIR_RETURN_NOT_OK(AddAllIn(name));
      return std::move(targets_);
    }
    for (const QualifiedName& name : statement_.tables) {
      WEIR_RETURN_NOT_OK(statement_.on == GrantPrivileges::On::kTypes ? AddType(name) : AddRelation(name));
    }
    for (const FunctionName& name : statement_.routines) WEIR_RETURN_NOT_OK(AddRoutine(name));
    for (const std::string& name : statement_.names) {
      WEIR_ASSIGN_OR_RETURN(Target target, FindNamedObject(name));
      targets_.push_back({std::move(target)});
    }
    return std::move(targets_);
  }

 private:
  Result<Target> FindNamedObject(const std::string& name) {
    const ObjectKind kind = KindOf(statement_.on);
    if (kind == ObjectKind::kDatabase) return FindDatabase(state_, name, context_);
    if (kind == ObjectKind::kSchema) return FindSchema(state_, name, context_);
    if (kind == ObjectKind::kLanguage && name != kSqlLanguageName) {
      WEIR_RETURN_NOT_OK(FindNamed(state_, kind, name, context_).status());
      return Error("42809", fmt::format("language \"{}\" is not trusted", name),
                   {.detail = "GRANT and REVOKE are not allowed on untrusted languages, because only superusers can "
                              "use untrusted languages."});
    }
    return FindNamed(state_, kind, name, context_);
  }

  Status AddRelation(const QualifiedName& name) {
    WEIR_ASSIGN_OR_RETURN(RelationPtr relation, FindTable(name, context_));
    if (statement_.on == GrantPrivileges::On::kSequences && !relation->is_sequence()) {
      return Error("42809", fmt::format("\"{}\" is not a sequence", relation->path.table));
    }
    if (relation->is_index()) return Error("42809", fmt::format("\"{}\" is an index", relation->path.table));
    return Add(std::move(relation));
  }

  Status Add(RelationPtr relation) {
    WEIR_ASSIGN_OR_RETURN(Target target, TargetOf(state_, *context_.catalog, *relation));
    targets_.push_back({std::move(target), std::move(relation)});
    return Status::OK();
  }

  Status AddRoutine(const FunctionName& name) {
    WEIR_ASSIGN_OR_RETURN(const NamedFunction named,
                          FindFunctionNamed(name, statement_.routine, context_.database, *context_.catalog));
    if (!named.function) return NoFunction(name, statement_.routine, context_.database, *context_.catalog);
    return Add(*named.function, *named.set);
  }

  Status Add(const SqlFunction& function, const Relation& set) {
    WEIR_ASSIGN_OR_RETURN(Target target, TargetOfFunction(state_, *context_.catalog, function, set));
    targets_.push_back({std::move(target)});
    return Status::OK();
  }

  Status AddType(const QualifiedName& name) {
    WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, context_.catalog->Types());
    const TablePath path = PathOf(name, context_.database);
    const NamedType found = FindTypeNamed(*types, path.database, path.table);
    if (!found.type) return NoMadeType(name);
    if (found.is_array) {
      return Error("0LP01", "cannot set privileges of array types",
                   {.hint = "Set the privileges of the element type instead."});
    }
    if (statement_.domains && found.type->kind != postgres::TypeKind::kDomain) {
      return Error("42809", fmt::format("\"{}\" is not a domain", name.name));
    }
    targets_.push_back({TargetOfType(*found.type)});
    return Status::OK();
  }

  static Status NoMadeType(const QualifiedName& name) {
    const bool own = (name.schema.empty() || name.schema == "pg_catalog") && ResolveType(name.name).ok();
    if (own) return Error("0A000", fmt::format("privileges on PostgreSQL's own type {} are not supported", name.name));
    return Error("42704", fmt::format("type \"{}\" does not exist", name.name));
  }

  Status AddAllIn(const std::string& name) {
    WEIR_ASSIGN_OR_RETURN(const Target schema, FindSchema(state_, name, context_));
    WEIR_ASSIGN_OR_RETURN(const auto relations, context_.catalog->ListRelations(schema.key.name));
    for (const RelationPtr& relation : relations) {
      if (relation->is_functions() && statement_.on == GrantPrivileges::On::kRoutines) {
        for (const SqlFunctionPtr& function : relation->functions) {
          if (IsMeant(*function)) WEIR_RETURN_NOT_OK(Add(*function, *relation));
        }
      }
      const bool sequences = statement_.on == GrantPrivileges::On::kSequences;
      const bool wanted = sequences ? relation->is_sequence()
                                    : statement_.on == GrantPrivileges::On::kTables && !relation->is_sequence();
      if (wanted && !relation->is_functions() && !relation->is_index()) WEIR_RETURN_NOT_OK(Add(relation));
    }
    return Status::OK();
  }

  bool IsMeant(const SqlFunction& function) const {
    return statement_.routine == RoutineKind::kRoutine ||
           function.procedure == (statement_.routine == RoutineKind::kProcedure);
  }

  const GrantPrivileges& statement_;
  const AccessContext& context_;
  const State& state_;
  std::vector<GrantTarget> targets_;
};

/// REVOKE on a table takes what its columns have, too.
Status ChangeColumns(const AclChange& change, const GrantPrivileges& statement, const GrantTarget& of,
                     const Wanted& wanted, const Acl& grantable, access::Object* object) {
  for (const auto& [column, privileges] : wanted.columns) {
    if (of.relation->ColumnIndex(column) < 0) {
      return Error("42703", fmt::format("column \"{}\" of relation \"{}\" does not exist", column, of.target.name));
    }
    const std::string name = fmt::format("column \"{}\" of relation \"{}\"", column, of.target.name);
    Acl& acl = object->columns[column];
    Acl either = grantable;  // what was granted on the table or on the column may be granted on
    either.insert(either.end(), acl.begin(), acl.end());
    const bool holds = change.HoldsOnColumn(of.target, column);
    WEIR_RETURN_NOT_OK(change.Run(name, of.target, holds, privileges, wanted.all, either, &acl));
  }
  const Privileges revoked = statement.grant ? 0 : wanted.whole & access::kColumnPrivileges;
  for (auto& [column, acl] : object->columns) {
    const std::string name = fmt::format("column \"{}\" of relation \"{}\"", column, of.target.name);
    if (revoked != 0) WEIR_RETURN_NOT_OK(change.Run(name, of.target, true, revoked, true, grantable, &acl));
  }
  std::erase_if(object->columns, [](const auto& entry) { return entry.second.empty(); });
  return Status::OK();
}

/// As PostgreSQL keeps default privileges: by who has them.
Acl InOrder(Acl acl) {
  const auto of = [](const access::AclItem& item) { return std::pair(item.grantee, item.grantor); };
  std::ranges::sort(acl, std::ranges::less(), of);
  return acl;
}

Status ChangeDefaults(const GrantPrivileges& statement, const AccessContext& context, State* state,
                      AccessNotices* notices) {
  const ObjectKind kind = KindOf(statement.on);
  WEIR_ASSIGN_OR_RETURN(const Wanted wanted, WantedOf(statement, kind));
  if (!wanted.columns.empty()) return Error("0LP01", "default privileges cannot be set for columns");
  WEIR_ASSIGN_OR_RETURN(const Privileges privileges, WantedOn({}, wanted, kind, notices));
  WEIR_ASSIGN_OR_RETURN(const std::vector<RoleId> grantees, GranteesOf(statement, context, *state));
  std::vector<RoleName> roles = statement.for_roles;
  if (roles.empty()) roles.push_back({.kind = RoleName::Kind::kCurrentUser});
  std::vector<std::string> schemas;
  for (const std::string& name : statement.names) {
    WEIR_ASSIGN_OR_RETURN(const Target schema, FindSchema(*state, name, context));
    schemas.push_back(schema.key.name);
  }
  if (schemas.empty()) schemas.emplace_back();
  for (const RoleName& name : roles) {
    WEIR_ASSIGN_OR_RETURN(const RoleId role, FindRole(*state, name, context));
    const bool member = access::RolesOf(*state, context.current_role, false).contains(role);
    if (!member && !access::IsAdmin(*state, context.current_role)) {
      return Error("42501", fmt::format("must be member of role \"{}\"", state->NameOf(role)));
    }
    for (const std::string& schema : schemas) {
      const access::DefaultKey key{role, schema, kind};
      const Acl initial = schema.empty() ? access::AclAsMade(key.kind, role) : Acl();
      Acl acl = state->defaults.contains(key) ? state->defaults[key] : initial;
      const AclChange change(statement, grantees, role, *state, notices);
      const Target target{{kind, 0, {}}, role, "new objects"};
      WEIR_RETURN_NOT_OK(change.Run(target.name, target, true, privileges, wanted.all, acl, &acl));
      acl = InOrder(std::move(acl));
      if (acl == InOrder(initial)) state->defaults.erase(key);
      else state->defaults[key] = std::move(acl);
    }
  }
  return Status::OK();
}

// --- owners

void Replace(RoleId before, RoleId after, Acl* acl) {
  Acl merged;
  for (access::AclItem item : *acl) {
    if (item.grantee == before) item.grantee = after;
    if (item.grantor == before) item.grantor = after;
    access::Grant(&merged, item.grantee, item.grantor, item.privileges, false);
    access::Grant(&merged, item.grantee, item.grantor, item.grantable, true);
  }
  *acl = std::move(merged);
}

void GiveTo(const Target& target, RoleId owner, State* state) {
  access::Object& object = state->objects[target.key];
  object.owner = owner;
  if (object.acl) Replace(target.owner, owner, &*object.acl);
  for (auto& [column, acl] : object.columns) Replace(target.owner, owner, &acl);
}

/// Functions and types are said to belong to somebody elsewhere; what was granted on them is now granted by another.
void RegrantBy(const ObjectKey& key, RoleId before, RoleId owner, State* state) {
  const auto object = state->objects.find(key);
  if (object != state->objects.end() && object->second.acl) Replace(before, owner, &*object->second.acl);
}

Status CheckMayGive(const State& state, const Target& target, RoleId owner, const Target* holder,
                    const AccessContext& context) {
  if (access::IsAdmin(state, context.current_role)) return Status::OK();
  WEIR_RETURN_NOT_OK(access::CheckOwner(state, context.current_role, target));
  if (!access::RolesOf(state, context.current_role, false).contains(owner)) {
    return Error("42501", fmt::format("must be member of role \"{}\"", state.NameOf(owner)));
  }
  return holder == nullptr ? Status::OK() : access::CheckPrivilege(state, owner, *holder, access::kCreate);
}

/// A sequence of a column goes with its table.
Status CheckMayChangeOwner(const ChangeOwner& statement, const Relation& relation, const AccessContext& context) {
  const std::string& name = relation.path.table;
  if (!relation.is_sequence()) {
    return statement.of_sequence ? Error("42809", fmt::format("\"{}\" is not a sequence", name)) : Status::OK();
  }
  if (relation.sequence->owner < 0) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, context.catalog->FindById(relation.sequence->owner));
  return Error("0A000", fmt::format("cannot change owner of sequence \"{}\"", name),
               {.detail = fmt::format("Sequence \"{}\" is linked to table \"{}\".", name,
                                      table ? table->path.table : std::string())});
}

}  // namespace

Status Execute(const GrantPrivileges& statement, const AccessContext& context, State* state, AccessNotices* notices) {
  if (statement.which == GrantPrivileges::Which::kNew) {
    State with_defaults = *state;
    WEIR_RETURN_NOT_OK(ChangeDefaults(statement, context, &with_defaults, notices));
    *state = std::move(with_defaults);
    return Status::OK();
  }
  WEIR_ASSIGN_OR_RETURN(const Wanted wanted, WantedOf(statement, KindOf(statement.on)));
  WEIR_ASSIGN_OR_RETURN(const std::vector<RoleId> grantees, GranteesOf(statement, context, *state));
  WEIR_ASSIGN_OR_RETURN(const std::vector<GrantTarget> targets, GrantTargets(statement, context, *state).Find());
  State changed = *state;
  const AclChange change(statement, grantees, context.current_role, *state, notices);
  for (const GrantTarget& of : targets) {
    access::Object object = changed.objects.contains(of.target.key) ? changed.objects[of.target.key] : access::Object();
    const bool holds = access::PrivilegesOn(*state, context.current_role, of.target) != 0 ||
                       access::HasPrivilegesOf(*state, context.current_role, of.target.owner);
    const Acl grantable = changed.AclOf(of.target);
    WEIR_ASSIGN_OR_RETURN(const Privileges privileges, WantedOn(of.target, wanted, KindOf(statement.on), notices));
    if (privileges != 0) {
      Acl acl = grantable;
      const std::string name = fmt::format("\"{}\"", of.target.name);
      WEIR_RETURN_NOT_OK(change.Run(name, of.target, holds, privileges, wanted.all, grantable, &acl));
      object.acl = std::move(acl);
      // Parameters are there for PostgreSQL as long as something is said of them.
      const bool parameter = of.target.kind() == ObjectKind::kParameter;
      if (parameter && *object.acl == access::DefaultAcl(ObjectKind::kParameter, of.target.owner)) object.acl.reset();
    }
    if (of.relation != nullptr) {
      WEIR_RETURN_NOT_OK(ChangeColumns(change, statement, of, wanted, grantable, &object));
    }
    changed.objects[of.target.key] = std::move(object);
  }
  *state = std::move(changed);
  return Status::OK();
}

Status Execute(const ChangeOwner& statement, const AccessContext& context, State* state, AccessNotices* notices) {
  Target target;
  std::optional<Target> holder;  // what the new owner must be allowed to make things in
  std::vector<Target> sequences;  // that go with the table
  std::vector<SqlFunctionPtr> functions;
  switch (statement.of) {
    case ChangeOwner::Of::kTable: {
      const auto relation = FindTable(statement.table.front(), context);
      if (!relation.ok() && statement.if_exists) {
        notices->push_back({.severity = "NOTICE", .sqlstate = "00000",
                            .message = FieldsOf(relation.status()).message + ", skipping"});
        return Status::OK();
      }
      if (!relation.ok()) return relation.status();
      WEIR_RETURN_NOT_OK(CheckMayChangeOwner(statement, **relation, context));
      WEIR_ASSIGN_OR_RETURN(target, TargetOf(*state, *context.catalog, **relation));
      holder = SchemaTarget(*state, (*relation)->path.database, context);
      for (const OwnedSequence& owned : (*relation)->owned_sequences) {
        const auto key = access::ObjectKey::Table(owned.sequence);
        sequences.push_back({key, state->OwnerOf(key).value_or(access::kWeir), {}});
      }
      functions = (*relation)->functions;
      break;
    }
    case ChangeOwner::Of::kDatabase: {
      WEIR_ASSIGN_OR_RETURN(target, FindDatabase(*state, statement.name, context));
      break;
    }
    case ChangeOwner::Of::kSchema: {
      WEIR_ASSIGN_OR_RETURN(target, FindSchema(*state, statement.name, context));
      holder = DatabaseTarget(*state, context.database);
      break;
    }
  }
  WEIR_ASSIGN_OR_RETURN(const RoleId owner, FindRole(*state, statement.owner, context));
  WEIR_RETURN_NOT_OK(CheckMayGive(*state, target, owner, holder ? &*holder : nullptr, context));
  GiveTo(target, owner, state);
  for (const Target& sequence : sequences) GiveTo(sequence, owner, state);
  for (const SqlFunctionPtr& function : functions) {
    RegrantBy(ObjectKey::Function(function->id), target.owner, owner, state);
  }
  return Status::OK();
}

namespace {

Result<std::set<RoleId>> RolesActedFor(const std::vector<RoleName>& names, const char* act,
                                       const AccessContext& context, const State& state) {
  std::set<RoleId> roles;
  for (const RoleName& name : names) {
    WEIR_ASSIGN_OR_RETURN(const RoleId role, FindRole(state, name, context));
    roles.insert(role);
  }
  for (const RoleId role : roles) {
    if (!access::HasPrivilegesOf(state, context.current_role, role)) {
      return Error("42501", fmt::format("permission denied to {} objects", act));
    }
  }
  return roles;
}

/// Takes away what some roles were granted, and what they have granted others. `owner`: whose own privileges stay.
void Forget(const std::set<RoleId>& roles, RoleId owner, Acl* acl) {
  std::erase_if(*acl, [&](const access::AclItem& item) {
    const bool by_them = item.grantor != owner && roles.contains(item.grantor);
    return item.grantee != owner && (by_them || roles.contains(item.grantee));
  });
}

}  // namespace

Result<std::set<RoleId>> OwnersIn(const ReassignOwned& statement, const AccessContext& context, const State& state) {
  std::vector<RoleName> names = statement.roles;
  names.push_back(statement.owner);
  WEIR_RETURN_NOT_OK(RolesActedFor(names, "reassign", context, state).status());
  return RolesActedFor(statement.roles, "reassign", context, state);
}

Result<std::set<RoleId>> OwnersIn(const DropOwned& statement, const AccessContext& context, const State& state) {
  WEIR_ASSIGN_OR_RETURN(std::set<RoleId> roles, RolesActedFor(statement.roles, "drop", context, state));
  for (const RoleId role : roles) {
    if (!state.Find(role)->is_built_in()) continue;
    return Error("2BP01", fmt::format("cannot drop objects owned by role {} because they are required by the database "
                                      "system",
                                      state.NameOf(role)));
  }
  return roles;
}

Status Execute(const DropOwned& statement, const AccessContext& context, State* state, AccessNotices*) {
  WEIR_ASSIGN_OR_RETURN(const std::set<RoleId> roles, OwnersIn(statement, context, *state));
  for (auto& [key, object] : state->objects) {
    const RoleId owner = object.owner.value_or(access::kWeir);
    if (object.acl) Forget(roles, owner, &*object.acl);
    for (auto& [column, acl] : object.columns) Forget(roles, owner, &acl);
    std::erase_if(object.columns, [](const auto& entry) { return entry.second.empty(); });
  }
  for (auto& [key, acl] : state->defaults) Forget(roles, key.role, &acl);
  std::erase_if(state->defaults, [&](const auto& entry) {
    return roles.contains(entry.first.role) || (entry.second.empty() && !entry.first.schema.empty());
  });
  return Status::OK();
}

Status Execute(const ReassignOwned& statement, const AccessContext& context, State* state, AccessNotices*) {
  WEIR_ASSIGN_OR_RETURN(const RoleId owner, FindRole(*state, statement.owner, context));
  WEIR_ASSIGN_OR_RETURN(const std::set<RoleId> roles, OwnersIn(statement, context, *state));
  std::vector<Target> targets;
  for (const auto& [key, object] : state->objects) {
    if (object.owner && roles.contains(*object.owner)) targets.push_back({key, *object.owner, {}});
  }
  for (const Target& target : targets) GiveTo(target, owner, state);
  return Status::OK();
}

}  // namespace weir::sql
