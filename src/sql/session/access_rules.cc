// What each kind of statement needs of who runs it.
#include <fmt/format.h>

#include <algorithm>

#include "sql/catalog/inheritance.h"
#include "sql/error.h"
#include "sql/one_of.h"
#include "sql/overloaded.h"
#include "sql/session/engine_session.h"
#include "sql/session/session_names.h"

namespace weir::sql {
namespace {

/// What LOCK TABLE asks for, as PostgreSQL 15 does: one of them is enough.
access::Privileges NeededToLock(const std::string& mode) {
  const access::Privileges to_write = access::kUpdate | access::kDelete | access::kTruncate;
  if (mode == "access share") return access::kSelect;
  return mode == "row exclusive" ? to_write | access::kInsert : to_write;
}

/// Whether roles are looked at before there is a snapshot to follow the others' changes with.
bool LooksAtRolesFirst(const Action& action) {
  const Overloaded looks{
      [](const SetParameter& set) { return set.name == "role" || set.name == "session_authorization"; },
      [](const OneOf<Query, Copy, Explain, PrepareQuery, ExecutePrepared, DeclareCursor, FetchCursor, CloseCursor,
                     TransactionControl, ShowParameter> auto&) { return false; },
      [](const auto&) { return true; },
  };
  return std::visit(looks, action);
}

}  // namespace

/// A kind of statement without a rule does not compile: one that needs nothing, or whose privileges are asked for
/// elsewhere, stands in the list at the end.
struct EngineSession::AccessRules {
  EngineSession& session;

  Status operator()(const CreateTable& create) const {
    WEIR_RETURN_NOT_OK(session.CheckMayCreate(create));
    for (const auto& like : create.likes) {
      WEIR_RETURN_NOT_OK(session.CheckHasOneOf(session.PathOf(like.source), access::kSelect));
    }
    return create.foreign ? session.CheckMayUse(access::ObjectKind::kServer, create.foreign->server) : Status::OK();
  }
  Status operator()(const AlterTable& alter) const {
    for (const AlterAction& one : alter.actions) WEIR_RETURN_NOT_OK(CheckAction(one));
    WEIR_RETURN_NOT_OK(session.CheckOwns(alter.name));
    const bool alone = alter.only || std::ranges::none_of(alter.actions, GoesToHeirs);
    return alone ? Status::OK() : session.CheckOwnsHeirs(alter.name);
  }
  Status operator()(const DropTable& drop) const { return session.CheckOwnsAll(drop.names); }
  Status operator()(const AttachPartition& attach) const {
    WEIR_RETURN_NOT_OK(session.CheckOwns(attach.parent));
    return session.CheckOwns(attach.partition);
  }
  Status operator()(const DetachPartition& detach) const { return session.CheckOwns(detach.parent); }
  Status operator()(const AlterPartitioning& alter) const { return session.CheckMayPartition(alter.name); }
  Status operator()(const AlterClassicPartition& alter) const {
    Status owns = session.CheckOwns(alter.name);
    AlterClassicPartition::ForEachExchanged(alter, [&](const QualifiedName& table) {
      if (owns.ok()) owns = session.CheckOwns(table);
    });
    return owns;
  }
  Status operator()(const ArchivePartition& archive) const { return session.CheckOwns(archive.name); }
  Status operator()(const ConfigureZone& configure) const { return session.CheckMayConfigure(configure.target); }

  Status operator()(const CreateView& create) const { return session.CheckMayCreate(create); }
  Status operator()(const DropView& drop) const { return session.CheckOwnsAll(drop.names); }
  Status operator()(const RefreshMaterializedView& refresh) const { return session.CheckOwns(refresh.name); }

  Status operator()(const CreateIndex& create) const { return session.CheckOwns(create.table); }
  Status operator()(const RenameIndex& rename) const { return session.CheckOwnsIndex(rename.name); }
  Status operator()(const AttachIndex& attach) const { return session.CheckOwnsIndex(attach.name); }
  Status operator()(const DropIndexes& drop) const {
    for (const QualifiedName& name : drop.names) WEIR_RETURN_NOT_OK(session.CheckOwnsIndex(name));
    return Status::OK();
  }

  Status operator()(const CreateSequence& create) const {
    QualifiedName name = create.name;
    name.position = 0;  // PostgreSQL's error has none
    return session.CheckMayCreateIn(name, false);
  }
  Status operator()(const AlterSequence& alter) const { return session.CheckOwns(alter.name); }
  Status operator()(const DropSequences& drop) const { return session.CheckOwnsAll(drop.names); }

  Status operator()(const CreateFunction& create) const {
    WEIR_RETURN_NOT_OK(session.CheckMayCreateIn(create.name, false));
    WEIR_RETURN_NOT_OK(session.CheckMayUse(access::ObjectKind::kLanguage, kSqlLanguageName));
    return session.CheckOwnsRoutine(create.name, RoutineKind::kFunction);
  }
  Status operator()(const AlterFunction& alter) const {
    return session.CheckOwnsRoutine(alter.function.name, alter.kind);
  }
  Status operator()(const DropFunctions& drop) const {
    for (const FunctionName& one : drop.functions) WEIR_RETURN_NOT_OK(session.CheckOwnsRoutine(one.name, drop.kind));
    return Status::OK();
  }

  Status operator()(const CreateEnum& create) const { return session.CheckMayCreateIn(create.name, false); }
  Status operator()(const CreateRange& create) const { return session.CheckMayCreateIn(create.name, false); }
  Status operator()(const CreateComposite& create) const { return session.CheckMayCreateIn(create.name, false); }
  Status operator()(const CreateDomain& create) const { return session.CheckMayCreateIn(create.name, false); }
  Status operator()(const AlterType& alter) const { return session.CheckOwnsTypes({alter.name}); }
  Status operator()(const DropTypes& drop) const { return session.CheckOwnsTypes(drop.names); }

  Status operator()(const CreateServer& create) const {
    return session.CheckMayUse(access::ObjectKind::kWrapper, create.wrapper);
  }
  Status operator()(const AlterServer& alter) const { return session.CheckOwnsServer(alter.name); }
  Status operator()(const DropServers& drop) const {
    for (const std::string& name : drop.names) WEIR_RETURN_NOT_OK(session.CheckOwnsServer(name));
    return Status::OK();
  }

  Status operator()(const CreateDatabase& create) const {
    const access::StatePtr state = session.Access();
    if (create.is_schema) {
      const access::Target database = DatabaseTarget(*state, session.database_);
      return access::CheckPrivilege(*state, session.current_role_, database, access::kCreate);
    }
    return CheckMakesDatabases("create");
  }
  Status operator()(const RenameDatabase& rename) const {
    WEIR_RETURN_NOT_OK(CheckOwnsDatabase(rename.name, rename.is_schema));
    WEIR_ASSIGN_OR_RETURN(const bool exists, session.catalog().DatabaseExists(rename.name));
    if (!exists) return Status::OK();
    if (!rename.is_schema) return CheckMakesDatabases("rename");
    const access::StatePtr state = session.Access();
    const access::Target database = DatabaseTarget(*state, session.database_);
    return access::CheckPrivilege(*state, session.current_role_, database, access::kCreate);
  }
  Status operator()(const DropDatabase& drop) const {
    WEIR_RETURN_NOT_OK(CheckOwnsDatabase(drop.name, drop.is_schema));
    for (const std::string& name : drop.others) WEIR_RETURN_NOT_OK(CheckOwnsDatabase(name, drop.is_schema));
    return Status::OK();
  }
  Status operator()(const CommentOn& comment) const { return session.CheckMayComment(comment); }
  Status operator()(const ShowCatalog& show) const { return session.CheckMayShow(show); }

  Status operator()(const Copy& copy) const {  // COPY TO runs a query
    if (!copy.from) return Status::OK();
    const TablePath table = session.PathOf(copy.table);
    if (copy.columns.empty()) return session.CheckHasOneOf(table, access::kInsert);
    return session.CheckMayUseColumns(table, access::kInsert, copy.columns);
  }
  Status operator()(const Truncate& truncate) const {
    for (const QualifiedName& name : truncate.names) {
      WEIR_RETURN_NOT_OK(session.CheckHasOneOf(session.PathOf(name), access::kTruncate));
    }
    return Status::OK();
  }
  Status operator()(const LockTable& lock) const {
    if (!session.in_block()) return Status::OK();  // there is something else to say
    const access::Privileges needed = NeededToLock(lock.mode);
    for (const auto& item : lock.items) WEIR_RETURN_NOT_OK(session.CheckHasOneOf(session.PathOf(item.name), needed));
    return Status::OK();
  }
  Status operator()(const NoEffect& nothing) const {  // VACUUM and ANALYZE leave out what is not one's own
    for (const NoEffect::Target& target : nothing.targets) {
      if (nothing.reindexed == "table") WEIR_RETURN_NOT_OK(session.CheckOwns(target.name));
      if (nothing.reindexed == "index") WEIR_RETURN_NOT_OK(session.CheckOwnsIndex(target.name));
    }
    return Status::OK();
  }

  /// Queries are checked when they are planned, roles and privileges where they are changed (access/access_ddl.h),
  /// settings where they are set.
  Status operator()(const OneOf<Query, Explain, PrepareQuery, ExecutePrepared, DeclareCursor, CallProcedure,
                                AccessStatement, SetParameter, ClusterSetting> auto&) const { return Status::OK(); }
  /// The session's own.
  Status operator()(const OneOf<ShowParameter, TransactionControl, SetConstraints, Deallocate, FetchCursor, CloseCursor,
                                Discard> auto&) const { return Status::OK(); }
  /// Refused to everybody, or of what nobody can have made.
  Status operator()(const OneOf<ImportSchema, CreateExtension, DropAbsent, Unsupported> auto&) const {
    return Status::OK();
  }

  Status CheckAction(const AlterAction& action) const {
    if (std::holds_alternative<alter::SetForeignOptions>(action)) {
      return Error("42501", "only superusers may change the options of foreign tables");
    }
    if (const auto* inherit = std::get_if<alter::Inherit>(&action)) return session.CheckOwns(inherit->parent);
    if (const auto* column = std::get_if<alter::AddColumn>(&action)) {
      return session.CheckMayReferTo(column->constraints);
    }
    const auto* added = std::get_if<alter::AddConstraint>(&action);
    return added == nullptr ? Status::OK() : session.CheckMayReferTo({added->constraint});
  }

  Status CheckMakesDatabases(const char* what) const {
    const access::Role* role = session.Access()->Find(session.current_role_);
    if (role != nullptr && role->create_db) return Status::OK();
    return Error("42501", fmt::format("permission denied to {} database", what));
  }

  Status CheckOwnsDatabase(const std::string& name, bool is_schema) const {
    WEIR_ASSIGN_OR_RETURN(const bool exists, session.catalog().DatabaseExists(name));
    if (!exists) return Status::OK();
    const access::StatePtr state = session.Access();
    const access::Target target =
        is_schema ? SchemaTarget(*state, name, session.AccessNow()) : DatabaseTarget(*state, name);
    return access::CheckOwner(*state, session.current_role_, target);
  }
};

Status EngineSession::CheckAccess(const Action& action) {
  if (LooksAtRolesFirst(action)) WEIR_RETURN_NOT_OK(engine_->access->Refresh());
  if (access::IsAdmin(*Access(), current_role_)) return Status::OK();
  RelationNames names = NamesHere();
  WEIR_RETURN_NOT_OK(CheckSchemasWritten(action, &names));
  return std::visit(AccessRules{*this}, action);
}

}  // namespace weir::sql
