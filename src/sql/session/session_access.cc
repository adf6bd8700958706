// Who a session is, what it may do, and the statements that change that.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "sql/access/access_ddl.h"
#include "sql/catalog/heirs.h"
#include "sql/catalog/pending_key.h"
#include "sql/engine/errors.h"
#include "sql/session/engine_session.h"

namespace weir::sql {
namespace {

using access::ObjectKey;
using access::Role;
using access::RoleId;

constexpr const char* kRole = "role";
constexpr const char* kSessionAuthorization = "session_authorization";
constexpr const char* kNoRole = "none";

Status NoRole(const std::string& name) { return Error("22023", "role \"" + name + "\" does not exist"); }

/// CURRENT_USER and its like are words in PostgreSQL's grammar.
RoleName NamedRole(const std::string& name) {
  if (name == "current_user" || name == "current_role") return {.kind = RoleName::Kind::kCurrentUser};
  if (name == "session_user") return {.kind = RoleName::Kind::kSessionUser};
  return {.name = name};
}

/// KWDB's texts.
Status Lacks(const std::string& user, const char* what, const char* kind, const std::string& object) {
  return Error("42501", "user " + user + " does not have " + what + " privilege on " + kind + " " + object);
}

access::Target NewSequence(int64_t id) {
  access::Target target{ObjectKey::Table(id)};
  target.sequence = true;
  return target;
}

/// 53300 where as many sessions of the role are there already as it may have.
Status CheckConnectionLimit(const ActiveSessions& sessions, const Role& role) {
  if (role.connection_limit < 0 || role.superuser) return Status::OK();
  const std::vector<SessionActivity> all = sessions.List();
  const auto own = std::ranges::count(all, role.id, &SessionActivity::role);
  if (own < role.connection_limit) return Status::OK();
  return Error("53300", "too many connections for role \"" + role.name + "\"");
}

/// The relation of the functions of a name.
QualifiedName SetOf(QualifiedName name) {
  name.name = FunctionSetName(name.name);
  return name;
}

}  // namespace

access::StatePtr EngineSession::Access() const {
  return access_draft_ ? access_draft_->now() : engine_->access->current();
}

AccessContext EngineSession::AccessNow() const { return {session_role_, current_role_, database_, &catalog()}; }

// --- who the session is

/// As long as there are no users, everybody is the one that the directory belongs to, under any name.
Status EngineSession::LogIn() {
  const access::StatePtr state = Access();
  const Role* role = state->Find(user_);
  const bool anybody = !state->has_users() && !state->has_passwords();
  if (role == nullptr && !anybody) return Error("28000", "role \"" + user_ + "\" does not exist");
  if (role != nullptr && !role->login && !anybody) {
    return Error("28000", "role \"" + user_ + "\" is not permitted to log in");
  }
  is_nobody_ = role == nullptr;
  login_role_ = is_nobody_ ? access::kWeir : role->id;
  if (!(access::PrivilegesOn(*state, login_role_, DatabaseTarget(*state, database_)) & access::kConnect)) {
    return Error("42501", "permission denied for database \"" + database_ + "\"",
                 {.detail = "User does not have CONNECT privilege."});
  }
  if (role != nullptr) WEIR_RETURN_NOT_OK(CheckConnectionLimit(*engine_->sessions, *role));
  WEIR_RETURN_NOT_OK(parameters_.Set(kSessionAuthorization, user_));
  ApplyRole();
  return Status::OK();
}

RoleId EngineSession::RoleNamed(const std::string& name, RoleId otherwise) const {
  if (name == user_) return login_role_;
  const access::StatePtr state = Access();
  const Role* role = state->Find(name);
  return role == nullptr ? otherwise : role->id;
}

/// The parameters say who the session is; one whose role is gone stays what it was.
void EngineSession::ApplyRole() {
  session_role_ = RoleNamed(*parameters_.Get(kSessionAuthorization), session_role_);
  const std::string role = *parameters_.Get(kRole);
  current_role_ = role == kNoRole ? session_role_ : RoleNamed(role, current_role_);
  parameters_.Report("is_superuser", access::IsAdmin(*Access(), current_role_) ? "on" : "off");
  state_->session_role = session_role_;
  state_->role = current_role_;
  state_->user = NameOfUser(current_role_);
  state_->access = Access();
}

std::string EngineSession::NameOfUser(RoleId role) const {
  return is_nobody_ && role == login_role_ ? user_ : Access()->NameOf(role);
}

/// SET ROLE and SET SESSION AUTHORIZATION: whether this session may be that role.
Status EngineSession::CheckMayBe(const std::string& parameter, const std::string& name) const {
  const access::StatePtr state = Access();
  const Role* role = state->Find(name);
  if (parameter == kRole) {
    if (name == kNoRole) return Status::OK();
    if (role == nullptr) return NoRole(name);
    const bool member = access::RolesOf(*state, session_role_, false).contains(role->id);
    if (member || access::IsAdmin(*state, session_role_)) return Status::OK();
    return Error("42501", "permission denied to set role \"" + name + "\"");
  }
  if (name == user_) return Status::OK();
  if (role == nullptr) return NoRole(name);
  if (role->id == login_role_ || access::IsAdmin(*state, login_role_)) return Status::OK();
  return Error("42501", "permission denied to set session authorization");
}

// --- statements on who may do what

EngineSession::Outcome EngineSession::RunAccess(const AccessStatement& written) {
  WEIR_ASSIGN_OR_RETURN(const AccessStatement statement, WithParametersNamed(written));
  constexpr int kAttempts = 10;
  for (int attempt = 1;; ++attempt) {
    WEIR_RETURN_NOT_OK(BeginStatement());
    AccessNotices notices;
    if (const auto* drop = std::get_if<DropOwned>(&statement)) WEIR_RETURN_NOT_OK(DropOwnedBy(*drop, &notices));
    if (const auto* give = std::get_if<ReassignOwned>(&statement)) WEIR_RETURN_NOT_OK(ReassignTypes(*give));
    access::State state = *Access();
    WEIR_RETURN_NOT_OK(sql::Execute(statement, AccessNow(), &state, &notices));
    ChangeAccess(std::move(state));
    const Status status = FinishStatement();
    if (status.ok()) {
      MutexLock lock(notices_mutex_);
      std::ranges::move(notices, std::back_inserter(notices_));
      return NoRows(CommandTag(statement));
    }
    if (in_block() || attempt == kAttempts || FieldsOf(status).sqlstate != "40001") return status;
    AbandonStatement();
  }
}

void EngineSession::ChangeAccess(access::State state) {
  if (!access_draft_) access_draft_ = std::make_unique<access::Draft>(engine_->access->current());
  access_draft_->Put(std::move(state));
  state_->access = Access();
}

/// What is made belongs to who makes it. A partition belongs to the owner of its parent.
Status EngineSession::OwnNew(const CreateTable& create) {
  return create.parent ? Status::OK() : OwnNew(create.name);
}

Status EngineSession::OwnNew(const CreateView& create) { return OwnNew(create.name); }

Status EngineSession::OwnNew(const QualifiedName& name) {
  const TablePath path = PathOf(name);
  WEIR_ASSIGN_OR_RETURN(const RelationPtr made, catalog().Find(path));
  if (!made) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr before, engine_->catalog->FindById(made->id));
  if (before || Access()->objects.contains(ObjectKey::Table(made->id))) return Status::OK();  // IF NOT EXISTS
  OwnNew(access::Target{ObjectKey::Table(made->id)}, path.database, current_role_);
  return OwnSequencesOf(path);
}

Status EngineSession::OwnNew(const CreateSequence& create) {
  const TablePath path = PathOf(create.name);
  WEIR_ASSIGN_OR_RETURN(const RelationPtr made, catalog().Find(path));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr before, engine_->catalog->FindById(made->id));
  if (before || Access()->objects.contains(ObjectKey::Table(made->id))) return Status::OK();  // IF NOT EXISTS
  OwnNew(NewSequence(made->id), path.database, current_role_);
  return Status::OK();
}

/// Those that are new in the set have what ALTER DEFAULT PRIVILEGES has said.
Status EngineSession::OwnNew(const CreateFunction& create) {
  const TablePath path = PathOf(SetOf(create.name));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr set, catalog().Find(path));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr before, engine_->catalog->FindById(set->id));
  WEIR_RETURN_NOT_OK(OwnNew(SetOf(create.name)));
  const auto acl = access::AclOfNew(*Access(), access::ObjectKind::kFunction, path.database, current_role_);
  if (!acl) return Status::OK();
  access::State state = *Access();
  for (const SqlFunctionPtr& function : set->functions) {
    const bool known = before && std::ranges::any_of(before->functions, [&](const SqlFunctionPtr& one) {
      return one->id == function->id;
    });
    if (!known) state.objects.try_emplace(ObjectKey::Function(function->id), access::Object{.acl = acl});
  }
  ChangeAccess(std::move(state));
  return Status::OK();
}

Status EngineSession::OwnNewType(const QualifiedName& name) {
  const TablePath path = PathOf(name);
  const auto acl = access::AclOfNew(*Access(), access::ObjectKind::kType, path.database, current_role_);
  if (!acl) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, catalog().Types());
  const NamedType made = FindTypeNamed(*types, path.database, path.table);
  if (!made.type) return Status::OK();
  access::State state = *Access();
  state.objects.try_emplace(ObjectKey::Type(made.type->oid), access::Object{.acl = acl});
  ChangeAccess(std::move(state));
  return Status::OK();
}

Status EngineSession::OwnNew(const CreateEnum& create) { return OwnNewType(create.name); }
Status EngineSession::OwnNew(const CreateRange& create) { return OwnNewType(create.name); }

Status EngineSession::OwnNew(const CreateComposite& create) { return OwnNewType(create.name); }

Status EngineSession::OwnNew(const CreateDomain& create) { return OwnNewType(create.name); }

Status EngineSession::OwnNew(const CreateServer& create) {
  const ObjectKey key = ObjectKey::Named(access::ObjectKind::kServer, create.name);
  if (current_role_ == access::kWeir || Access()->objects.contains(key)) return Status::OK();  // IF NOT EXISTS
  WEIR_ASSIGN_OR_RETURN(const ForeignServersPtr before, engine_->catalog->Servers());
  if (!before->contains(create.name)) OwnNew(access::Target{key}, {}, current_role_);
  return Status::OK();
}

Status EngineSession::OwnNew(const AlterTable& alter) { return OwnSequencesOf(PathOf(alter.name)); }

Status EngineSession::OwnNew(const DetachPartition& detach) {
  return KeepOwner(PathOf(detach.partition), PathOf(detach.parent));
}

Status EngineSession::OwnNew(const AlterClassicPartition& alter) {
  Status kept;
  AlterClassicPartition::ForEachExchanged(alter, [&](const QualifiedName& table) {
    if (kept.ok()) kept = KeepOwner(PathOf(table), PathOf(alter.name));
  });
  return kept;
}

Status EngineSession::KeepOwner(const TablePath& detached, const TablePath& parent) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, catalog().Find(detached));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr above, catalog().Find(parent));
  if (!table || !above || Access()->OwnerOf(ObjectKey::Table(table->id))) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const access::Target target, TargetOf(*Access(), catalog(), *above));
  if (target.owner == access::kWeir) return Status::OK();  // to whom everything belongs that has no owner
  access::State state = *Access();
  state.objects[ObjectKey::Table(table->id)].owner = target.owner;
  ChangeAccess(std::move(state));
  return Status::OK();
}

Status EngineSession::OwnSequencesOf(const TablePath& path) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, catalog().Find(path));
  if (!table || table->owned_sequences.empty()) return Status::OK();
  const RoleId owner = Access()->OwnerOf(ObjectKey::Table(table->id)).value_or(access::kWeir);
  for (const OwnedSequence& owned : table->owned_sequences) {
    const ObjectKey key = ObjectKey::Table(owned.sequence);
    WEIR_ASSIGN_OR_RETURN(const RelationPtr before, engine_->catalog->FindById(owned.sequence));
    const bool is_new = !before && !Access()->objects.contains(key);
    if (is_new) OwnNew(NewSequence(owned.sequence), path.database, owner);
    if (is_new || Access()->OwnerOf(key).value_or(access::kWeir) == owner) continue;
    access::State state = *Access();
    state.objects[key].owner = owner;
    ChangeAccess(std::move(state));
  }
  return Status::OK();
}

Status EngineSession::OwnNew(const CreateDatabase& create) {
  WEIR_ASSIGN_OR_RETURN(const bool before, engine_->catalog->DatabaseExists(create.name));
  if (before) return Status::OK();
  RoleId owner = current_role_;
  if (!create.owner.empty()) {
    WEIR_ASSIGN_OR_RETURN(owner, FindRole(*Access(), NamedRole(create.owner), AccessNow()));
    const bool member = access::RolesOf(*Access(), current_role_, false).contains(owner);
    if (!member && !access::IsAdmin(*Access(), current_role_)) {
      return Error("42501", "must be member of role \"" + create.owner + "\"");
    }
  }
  const ObjectKey key = create.is_schema ? ObjectKey::Schema(create.name) : ObjectKey::Database(create.name);
  OwnNew(access::Target{key}, create.name, owner);
  if (!create.is_schema) return Status::OK();
  access::State state = *Access();
  access::Object& schema = state.objects[key];
  if (!schema.acl) schema.acl = access::AclAsMade(access::ObjectKind::kSchema, owner);
  ChangeAccess(std::move(state));
  return Status::OK();
}

namespace {

/// The object has what was said of it under its old name.
template <typename Map, typename Key>
void Rekey(const Key& from, const Key& to, Map* map) {
  auto node = map->extract(from);
  if (node.empty()) return;
  node.key() = to;
  map->erase(to);
  map->insert(std::move(node));
}

/// What is said by keys that name the object goes with it.
template <typename Map>
void RekeyAll(std::string Map::key_type::*name, const RenameDatabase& rename, Map* map) {
  Map renamed;
  for (const auto& [key, value] : *map) {
    auto now = key;
    if (now.*name == rename.name) now.*name = rename.new_name;
    renamed.emplace(std::move(now), value);
  }
  *map = std::move(renamed);
}

/// Rules of the Fluss protocol name a database, or "database.table".
std::set<access::FlussAcl> RulesRenamed(const std::set<access::FlussAcl>& rules, const RenameDatabase& rename) {
  constexpr int32_t kDatabaseRule = 3;
  constexpr int32_t kTableRule = 4;
  std::set<access::FlussAcl> renamed;
  for (access::FlussAcl rule : rules) {
    const bool of_table = rule.resource_type == kTableRule && rule.resource_name.starts_with(rename.name + ".");
    if (of_table || (rule.resource_type == kDatabaseRule && rule.resource_name == rename.name)) {
      rule.resource_name.replace(0, rename.name.size(), rename.new_name);
    }
    renamed.insert(std::move(rule));
  }
  return renamed;
}

}  // namespace

/// What is said of a schema, and of a database, goes by its name.
Status EngineSession::OwnNew(const RenameDatabase& rename) {
  access::State state = *Access();
  Rekey(ObjectKey::Schema(rename.name), ObjectKey::Schema(rename.new_name), &state.objects);
  Rekey(ObjectKey::Database(rename.name), ObjectKey::Database(rename.new_name), &state.objects);
  RekeyAll(&access::DefaultKey::schema, rename, &state.defaults);
  RekeyAll(&access::SettingsKey::database, rename, &state.settings);
  state.fluss_acls = RulesRenamed(state.fluss_acls, rename);
  if (state != *Access()) ChangeAccess(std::move(state));
  return Status::OK();
}

void EngineSession::OwnNew(const access::Target& made, const std::string& schema, RoleId owner) {
  access::State state = *Access();
  access::OwnNewObject(made, schema, owner, &state);
  if (state.objects.size() != Access()->objects.size()) ChangeAccess(std::move(state));
}

namespace {

/// Whether the function is in the set of its name still, or in another one.
bool IsKept(const CatalogDraft& draft, const SqlFunction& function) {
  return std::ranges::any_of(draft.entries(), [&](const auto& entry) {
    return entry.second.now && std::ranges::any_of(entry.second.now->functions, [&](const SqlFunctionPtr& one) {
      return one->id == function.id;
    });
  });
}

}  // namespace

Result<std::vector<RelationPtr>> EngineSession::WithGrantedColumns() {
  std::vector<RelationPtr> relations;
  for (const auto& [key, object] : Access()->objects) {
    if (object.columns.empty() || key.kind != access::ObjectKind::kTable) continue;
    WEIR_ASSIGN_OR_RETURN(RelationPtr relation, catalog().FindById(key.table));
    if (relation) relations.push_back(std::move(relation));
  }
  return relations;
}

Status EngineSession::KeepColumnPrivileges(const std::vector<RelationPtr>& before) {
  access::State state = *Access();
  bool changed = false;
  for (const RelationPtr& relation : before) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr now, catalog().FindById(relation->id));
    if (!now || now == relation) continue;
    auto& granted = state.objects[ObjectKey::Table(relation->id)].columns;
    std::map<std::string, access::Acl> kept;
    for (const auto& [name, acl] : granted) {
      int place = relation->ColumnIndex(name);
      if (place >= 0 && !now->is_view()) place = now->ColumnNumbered(relation->NumberOf(static_cast<size_t>(place)));
      if (place >= 0) kept.emplace(now->columns[static_cast<size_t>(place)].name, acl);
    }
    changed = changed || kept != granted;
    granted = std::move(kept);
  }
  if (changed) ChangeAccess(std::move(state));
  return Status::OK();
}

/// What was dropped has no owner and no privileges any more.
void EngineSession::ForgetDropped(const CatalogDraft& draft) {
  const access::StatePtr before = Access();
  if (before->objects.empty() && before->settings.empty()) return;
  access::State state = *before;
  for (const auto& [id, entry] : draft.entries()) {
    if (!entry.now) state.objects.erase(ObjectKey::Table(id));
    if (!entry.base) continue;
    for (const SqlFunctionPtr& function : entry.base->functions) {
      if (!IsKept(draft, *function)) state.objects.erase(ObjectKey::Function(function->id));
    }
  }
  for (const auto& [oid, type] : draft.type_changes()) {
    if (!type) state.objects.erase(ObjectKey::Type(oid));
  }
  for (const auto& [name, database] : draft.databases()) {
    if (database.there) continue;
    state.objects.erase(ObjectKey::Database(name));
    state.objects.erase(ObjectKey::Schema(name));
    std::erase_if(state.settings, [&gone = name](const auto& entry) { return entry.first.database == gone; });
  }
  for (const auto& [name, server] : draft.server_changes()) {
    if (!server) state.objects.erase(ObjectKey::Named(access::ObjectKind::kServer, name));
  }
  const bool same = state.objects.size() == before->objects.size() && state.settings.size() == before->settings.size();
  if (!same) ChangeAccess(std::move(state));
}

/// 0A000 where the functions of that name are another's.
Result<std::optional<EngineSession::MovedFunction>> EngineSession::MoveOf(const AlterFunction& alter) {
  using Change = AlterFunction::Change;
  std::optional<MovedFunction> none;
  WEIR_ASSIGN_OR_RETURN(const RelationPtr from, catalog().Find(PathOf(SetOf(alter.function.name))));
  if (alter.change == Change::kOptions || !from) return none;
  QualifiedName name = alter.function.name;
  (alter.change == Change::kRename ? name.name : name.schema) = alter.value;
  MovedFunction moved{.to = PathOf(SetOf(name))};
  WEIR_ASSIGN_OR_RETURN(const access::Target target, TargetOf(*Access(), catalog(), *from));
  moved.owner = target.owner;
  WEIR_ASSIGN_OR_RETURN(const RelationPtr there, catalog().Find(moved.to));
  moved.first_of_name = !there;
  if (!there || there->id == from->id) return std::optional(std::move(moved));
  WEIR_ASSIGN_OR_RETURN(const access::Target of_name, TargetOf(*Access(), catalog(), *there));
  if (of_name.owner == moved.owner) return std::optional(std::move(moved));
  return Error("0A000", "functions of one name and different owners are not supported",
               {.detail = "The functions \"" + name.name + "\" belong to role \"" + Access()->NameOf(of_name.owner) +
                          "\"."});
}

Status EngineSession::OwnMoved(const MovedFunction& moved) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr set, catalog().Find(moved.to));
  if (!set || !moved.first_of_name || moved.owner == access::kWeir) return Status::OK();
  access::State state = *Access();
  state.objects[ObjectKey::Table(set->id)].owner = moved.owner;
  ChangeAccess(std::move(state));
  return Status::OK();
}

// --- what the session may do; queries are checked when DuckDB has bound them (plan_access.h)

Status EngineSession::CheckOwnsAll(const std::vector<QualifiedName>& names) {
  for (const QualifiedName& name : names) WEIR_RETURN_NOT_OK(CheckOwns(name));
  return Status::OK();
}

/// 42501. Of types that are not there the statement itself has more to say.
Status EngineSession::CheckOwnsTypes(const std::vector<QualifiedName>& names) {
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, catalog().Types());
  for (const QualifiedName& name : names) {
    const TablePath path = PathOf(name);
    const NamedType found = FindTypeNamed(*types, path.database, path.table);
    if (!found.type || access::HasPrivilegesOf(*Access(), current_role_, found.type->owner)) continue;
    const std::string schema = path.database == database_ ? "" : path.database + ".";
    return Error("42501", "must be owner of type " + schema + found.type->name);
  }
  return Status::OK();
}

/// The index of a primary key is its table's owner's.
Status EngineSession::CheckOwnsIndex(const QualifiedName& name) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr of_key, TableOfKey(catalog(), PathOf(name)));
  return CheckOwns(of_key ? QualifiedName{.schema = of_key->path.database, .name = of_key->path.table} : name, "index",
                   name.name);
}

/// Functions of a name belong to one role.
Status EngineSession::CheckOwnsRoutine(const QualifiedName& name, RoutineKind kind) {
  return CheckOwns(SetOf(name), kind == RoutineKind::kProcedure ? "procedure" : "function",
                   name.schema.empty() ? name.name : name.schema + "." + name.name);
}

/// Of what is not there the statement itself has more to say.
Status EngineSession::CheckMayUse(access::ObjectKind kind, const std::string& name) {
  const auto target = FindNamed(*Access(), kind, name, AccessNow());
  if (!target.ok()) return Status::OK();
  return access::CheckPrivilege(*Access(), current_role_, *target, access::kUsage);
}

Status EngineSession::CheckOwnsServer(const std::string& name) {
  const auto server = FindNamed(*Access(), access::ObjectKind::kServer, name, AccessNow());
  return server.ok() ? access::CheckOwner(*Access(), current_role_, *server) : Status::OK();
}

Status EngineSession::CheckMayComment(const CommentOn& comment) {
  using Kind = CommentOn::Kind;
  const access::StatePtr state = Access();
  switch (comment.kind) {
    case Kind::kType:
    case Kind::kDomain:
    case Kind::kDomainConstraint: return CheckOwnsTypes({comment.table});
    case Kind::kRoutine: return CheckOwnsRoutine(comment.function.name, comment.routine);
    case Kind::kIndex: return CheckOwnsIndex(comment.table);
    case Kind::kSchema: {
      WEIR_ASSIGN_OR_RETURN(const access::Target schema, FindSchema(*state, comment.name, AccessNow()));
      return access::CheckOwner(*state, current_role_, schema);
    }
    case Kind::kDatabase: {
      WEIR_ASSIGN_OR_RETURN(const access::Target database, FindDatabase(*state, comment.name, AccessNow()));
      return access::CheckOwner(*state, current_role_, database);
    }
    case Kind::kRole: {
      const Role* role = state->Find(current_role_);
      if (role != nullptr && role->create_role) return Status::OK();
      return Error("42501", "must have CREATEROLE privilege");
    }
    case Kind::kServer: return CheckOwnsServer(comment.name);
    case Kind::kTable:
    case Kind::kForeignTable:
    case Kind::kView:
    case Kind::kMaterializedView:
    case Kind::kSequence: return CheckOwns(comment.table);
    case Kind::kColumn:
    case Kind::kConstraint: break;
  }
  return CheckOwns(comment.table, "relation");
}

/// 42501 for a table, or columns of it, that foreign keys of others may not refer to. One that is not there is told of
/// later.
Status EngineSession::CheckMayReferTo(const std::vector<TableConstraint>& constraints) {
  for (const TableConstraint& constraint : constraints) {
    if (!constraint.references) continue;
    const TablePath path = PathOf(*constraint.references);
    WEIR_ASSIGN_OR_RETURN(const RelationPtr table, catalog().Find(path));
    std::vector<std::string> columns = constraint.referenced_columns;
    for (const int column : columns.empty() && table ? table->PrimaryKey() : std::vector<int>()) {
      columns.push_back(table->columns[static_cast<size_t>(column)].name);
    }
    WEIR_RETURN_NOT_OK(CheckMayUseColumns(path, access::kReferences, columns));
  }
  return Status::OK();
}

/// 42501 unless the privilege is held on the table or on each of the columns; none: on one at least.
Status EngineSession::CheckMayUseColumns(const TablePath& path, access::Privilege privilege,
                                         const std::vector<std::string>& columns) {
  WEIR_ASSIGN_OR_RETURN(const auto target, TargetNamed(path));
  if (!target) return Status::OK();
  return access::CheckUse(*Access(), current_role_, *target, 0, {{privilege, columns}});
}

Status EngineSession::CheckMayCreate(const CreateTable& create) {
  if (create.parent) {
    WEIR_RETURN_NOT_OK(CheckOwns(*create.parent));
  } else if (!create.temporary) {  // what every session may do
    WEIR_RETURN_NOT_OK(CheckMayCreateIn(create.name, create.inline_partitions.has_value()));
  }
  WEIR_RETURN_NOT_OK(CheckOwnsAll(create.inherits));
  return CheckMayReferTo(create.constraints);
}

/// `kwdb`: as KWDB says it.
Status EngineSession::CheckMayCreateIn(const QualifiedName& name, bool kwdb) {
  const std::string database = PathOf(name).database;
  WEIR_ASSIGN_OR_RETURN(const bool exists, catalog().DatabaseExists(database));
  if (!exists) return Status::OK();  // it is said later
  const access::StatePtr state = Access();
  const access::Target schema = SchemaTarget(*state, database, AccessNow());
  const access::Target whole = DatabaseTarget(*state, database);
  const auto held =
      access::PrivilegesOn(*state, current_role_, schema) | access::PrivilegesOn(*state, current_role_, whole);
  const bool owns = access::HasPrivilegesOf(*state, current_role_, whole.owner);
  if (owns || (held & access::kCreate)) return Status::OK();
  if (kwdb) return Lacks(NameOfUser(current_role_), "CREATE", "database", database);
  return Error("42501", "permission denied for schema " + schema.name, {.position = name.position});
}

Status EngineSession::CheckMayCreate(const CreateView& create) {
  WEIR_RETURN_NOT_OK(CheckMayCreateIn(create.name, false));
  return create.replace ? CheckOwns(create.name) : Status::OK();
}

/// KWDB's ALTER TABLE … PARTITION BY.
Status EngineSession::CheckMayPartition(const QualifiedName& name) {
  WEIR_ASSIGN_OR_RETURN(const auto target, TargetNamed(PathOf(name)));
  if (!target) return Status::OK();
  const access::StatePtr state = Access();
  const auto held = access::PrivilegesOn(*state, current_role_, *target);
  const auto all = access::AllOf(access::ObjectKind::kTable);
  if ((held & access::kCreate) || (held & all) == all) return Status::OK();
  return Lacks(NameOfUser(current_role_), "CREATE", "relation", target->name);
}

Status EngineSession::CheckMayShow(const ShowCatalog& show) {
  const QualifiedName& name = show.kind == ShowCatalog::Kind::kZone ? show.zone.table : show.target;
  if (name.name.empty() || show.of == ShowCatalog::Of::kDatabase) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const auto target, TargetNamed(PathOf(name)));
  if (!target || access::HasAnyPrivilege(*Access(), current_role_, *target)) return Status::OK();
  return Error("42501", "user " + NameOfUser(current_role_) + " has no privileges on relation " + target->name);
}

/// Nothing for a table that is not there, of which the statement itself has more to say.
Result<std::optional<access::Target>> EngineSession::TargetNamed(const TablePath& path) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, catalog().Find(path));
  if (relation && relation->is_index()) {  // its table's owner has it
    WEIR_ASSIGN_OR_RETURN(relation, catalog().FindById(relation->index->table));
  }
  if (!relation) return std::optional<access::Target>();
  WEIR_ASSIGN_OR_RETURN(access::Target target, TargetOf(*Access(), catalog(), *relation));
  return std::optional(std::move(target));
}

/// `kind`, `called`: what the error says that it is, where that is not what it is.
Status EngineSession::CheckOwns(const QualifiedName& name, const char* kind, const std::string& called) {
  WEIR_ASSIGN_OR_RETURN(auto target, TargetNamed(PathOf(name)));
  if (!target) return Status::OK();
  if (kind != nullptr) target->kind_name = kind;
  if (!called.empty()) target->name = called;
  return access::CheckOwner(*Access(), current_role_, *target);
}

/// What is done to a table is done to those that inherit from it, whoever has made them.
Status EngineSession::CheckOwnsHeirs(const QualifiedName& name) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, catalog().Find(PathOf(name)));
  if (!table || table->inherited_by.empty()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const std::vector<RelationPtr> all, WithHeirs(catalog(), table, state_->temporary));
  for (const RelationPtr& one : all) {
    WEIR_RETURN_NOT_OK(CheckOwns({.schema = one->path.database, .name = one->path.table}));
  }
  return Status::OK();
}

Status EngineSession::CheckHasOneOf(const TablePath& path, access::Privileges privileges) {
  WEIR_ASSIGN_OR_RETURN(const auto target, TargetNamed(path));
  if (!target || (access::PrivilegesOn(*Access(), current_role_, *target) & privileges)) return Status::OK();
  return Error("42501", "permission denied for table " + target->name);
}

}  // namespace weir::sql
