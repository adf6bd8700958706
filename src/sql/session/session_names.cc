#include "sql/session/session_names.h"

#include <concepts>

#include "sql/catalog/function.h"
#include "sql/catalog/made_types.h"
#include "sql/catalog/pending_key.h"
#include "sql/engine/errors.h"
#include "sql/one_of.h"
#include "sql/overloaded.h"
#include "sql/session/engine_session.h"
#include "sql/system/catalog_names.h"
#include "sql/system/system_schema.h"

namespace weir::sql {
namespace {

/// What a statement names.
enum class Named { kRelation, kIndex, kFunction, kType };  // kIndex: perhaps an index, also a primary key's

template <typename T, typename Statement>
concept Is = std::same_as<std::remove_const_t<T>, Statement>;
template <typename T, typename... Statements>
concept IsOneOf = (Is<T, Statements> || ...);

/// Shows the names of a statement that have a place in the search path: those of what it makes, and of what is there.
template <typename Made, typename Found>
struct NameWalk {
  const Made& made;
  const Found& found;

  void operator()(Is<CreateTable> auto& create) const {
    made(create.name);
    if (create.parent) found(Named::kRelation, *create.parent);
    for (auto& like : create.likes) found(Named::kRelation, like.source);
    for (auto& parent : create.inherits) found(Named::kRelation, parent);
    for (auto& constraint : create.constraints) Reference(constraint);
  }
  void operator()(Is<CreateSequence> auto& create) const {
    made(create.name);
    Owner(create.options);
  }
  void operator()(Is<CreateFunction> auto& create) const {
    made(create.name);
    if (create.result) found(Named::kRelation, *create.result);
  }
  void operator()(IsOneOf<CreateView, CreateEnum, CreateRange, CreateComposite, CreateDomain> auto& create) const {
    made(create.name);
  }

  void operator()(Is<AlterTable> auto& alter) const {
    found(Named::kRelation, alter.name);
    for (auto& action : alter.actions) std::visit(*this, action);
  }
  void operator()(Is<alter::AddColumn> auto& add) const {
    for (auto& constraint : add.constraints) Reference(constraint);
  }
  void operator()(Is<alter::Inherit> auto& inherit) const { found(Named::kRelation, inherit.parent); }
  void operator()(Is<alter::AddConstraint> auto& add) const { Reference(add.constraint); }
  void operator()(Is<AlterSequence> auto& alter) const {
    found(Named::kRelation, alter.name);
    Owner(alter.options);
  }
  void operator()(Is<AlterClassicPartition> auto& alter) const {
    found(Named::kRelation, alter.name);
    AlterClassicPartition::ForEachExchanged(alter, [&](auto& table) { found(Named::kRelation, table); });
  }
  void operator()(IsOneOf<AttachPartition, DetachPartition> auto& change) const {
    found(Named::kRelation, change.parent);
    found(Named::kRelation, change.partition);
  }
  void operator()(Is<AttachIndex> auto& attach) const {
    found(Named::kIndex, attach.name);
    found(Named::kIndex, attach.partition);
  }
  void operator()(IsOneOf<AlterPartitioning, RefreshMaterializedView, ArchivePartition> auto& change) const {
    found(Named::kRelation, change.name);
  }
  void operator()(IsOneOf<CreateIndex, Copy> auto& of_table) const {
    if (!of_table.table.name.empty()) found(Named::kRelation, of_table.table);
  }
  void operator()(Is<CommentOn> auto& comment) const {
    using Kind = CommentOn::Kind;
    const bool type = comment.kind == Kind::kType || comment.kind == Kind::kDomain ||
                      comment.kind == Kind::kDomainConstraint;
    if (comment.is_of_relation()) found(Named::kIndex, comment.table);
    if (type) found(Named::kType, comment.table);
    if (comment.kind == Kind::kRoutine) found(Named::kFunction, comment.function.name);
  }
  void operator()(Is<RenameIndex> auto& rename) const { found(Named::kIndex, rename.name); }
  void operator()(Is<DropIndexes> auto& drop) const {
    for (auto& name : drop.names) found(Named::kIndex, name);
  }
  void operator()(IsOneOf<DropTable, DropView, DropSequences, Truncate> auto& of_many) const {
    for (auto& name : of_many.names) found(Named::kRelation, name);
  }
  void operator()(Is<LockTable> auto& lock) const {
    for (auto& item : lock.items) found(Named::kRelation, item.name);
  }
  void operator()(Is<NoEffect> auto& nothing) const {
    const Named kind = nothing.reindexed == "index" ? Named::kIndex : Named::kRelation;
    for (auto& target : nothing.targets) found(kind, target.name);
  }
  void operator()(Is<DropAbsent> auto& drop) const {
    if (drop.relation) found(Named::kRelation, *drop.relation);
  }
  void operator()(Is<ConfigureZone> auto& configure) const {
    if (!configure.target.table.name.empty()) found(Named::kIndex, configure.target.table);
  }
  void operator()(Is<ShowCatalog> auto& show) const {
    if (!show.zone.table.name.empty()) found(Named::kIndex, show.zone.table);
    const Named kind = show.bare_index ? Named::kIndex : Named::kRelation;
    if (show.of == ShowCatalog::Of::kTable && !show.target.name.empty()) found(kind, show.target);
  }
  void operator()(Is<AccessStatement> auto& access) const { std::visit(*this, access); }
  void operator()(Is<GrantPrivileges> auto& grant) const {
    const bool types = grant.on == GrantPrivileges::On::kTypes;
    for (auto& name : grant.tables) found(types ? Named::kType : Named::kRelation, name);
    for (auto& routine : grant.routines) found(Named::kFunction, routine.name);
  }
  void operator()(Is<ChangeOwner> auto& change) const {
    for (auto& name : change.table) found(Named::kRelation, name);
  }

  void operator()(Is<DropFunctions> auto& drop) const {
    for (auto& function : drop.functions) found(Named::kFunction, function.name);
  }
  void operator()(Is<AlterFunction> auto& alter) const { found(Named::kFunction, alter.function.name); }
  void operator()(Is<AlterType> auto& alter) const { found(Named::kType, alter.name); }
  void operator()(Is<DropTypes> auto& drop) const {
    for (auto& name : drop.names) found(Named::kType, name);
  }
  void operator()(auto&) const {}  // names nothing that is looked for here

  void Reference(auto& constraint) const {
    if (constraint.references) found(Named::kRelation, *constraint.references);
  }
  void Owner(auto& options) const {
    if (options.owner && !options.owner->table.name.empty()) found(Named::kRelation, options.owner->table);
  }
};

bool IsUnqualified(const QualifiedName& name) { return name.schema.empty() && name.database.empty(); }

/// Functions are temporary where their names say so only: they are never found otherwise.
bool IsTemporaryFunction(Named kind, const QualifiedName& name) {
  return kind == Named::kFunction && name.schema == kTemporarySchema;
}

bool HasUnqualified(const Action& action) {
  bool has = false;
  const Named kind = std::holds_alternative<CreateFunction>(action) ? Named::kFunction : Named::kRelation;
  const auto of = [&](Named what, const QualifiedName& name) {
    has = has || IsUnqualified(name) || IsTemporaryFunction(what, name);
  };
  const auto made = [&](const QualifiedName& name) { of(kind, name); };
  const auto found = [&](Named what, const QualifiedName& name) { of(what, name); };
  std::visit(NameWalk<decltype(made), decltype(found)>{made, found}, action);
  return has;
}

/// Where in the search path something is that a statement names; where it is nowhere, a place without it.
Result<std::string> DatabaseOf(const std::vector<std::string>& path, const QualifiedName& name,
                               const std::function<Result<bool>(const TablePath&)>& is_there) {
  for (const std::string& database : path) {
    WEIR_ASSIGN_OR_RETURN(const bool there, is_there({database, name.name}));
    if (there) return database;
  }
  return path.empty() ? std::string(kCatalogSchemaName) : path.front();
}

}  // namespace

Status CheckSchemasWritten(const Action& action, RelationNames* names) {
  const Overloaded is_kwdbs{
      [](const OneOf<AlterPartitioning, ConfigureZone, ShowCatalog> auto&) { return true; },
      [](const auto&) { return false; },
  };
  if (std::visit(is_kwdbs, action)) return Status::OK();
  Status status;
  const auto made = [](const QualifiedName&) {};
  const auto found = [&](Named, const QualifiedName& name) {
    if (status.ok() && !name.schema.empty()) status = names->HasSchema(name.schema).status();
  };
  std::visit(NameWalk<decltype(made), decltype(found)>{made, found}, action);
  return status;
}

/// The databases that the schemas of the search path are, as far as they are there.
Result<std::vector<std::string>> EngineSession::DatabasesOfPath() {
  std::vector<std::string> databases;
  for (const std::string& schema : SearchPath(SourcesHere())) {
    if (IsSystemSchema(schema) || schema == kTemporarySchema) continue;
    const std::string database = PathOf({.schema = schema, .name = {}}).database;
    WEIR_ASSIGN_OR_RETURN(const bool there, catalog().DatabaseExists(database));
    if (there || database == database_) databases.push_back(database);
  }
  return databases;
}

/// Names without a schema get the database that they mean by the search path: what is made is made in the first schema
/// that is there (3F000 without one), what is named otherwise is looked for in all of them. Temporary tables come
/// before.
Result<std::optional<Action>> EngineSession::PlacedByPath(const Action& written) {
  if (!HasUnqualified(written)) return std::optional<Action>();
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> path, DatabasesOfPath());
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, catalog().Types());
  Action action = written;
  Status status;
  const QualifiedName* first = nullptr;  // that the statement makes
  TemporaryTables& temporary = state_->temporary;
  const auto made = [&](QualifiedName& name) {
    first = &name;
    if (std::holds_alternative<CreateFunction>(action) && name.schema == kTemporarySchema) {
      if (temporary.database.empty()) temporary.database = NewTemporaryDatabase();
      name.schema = temporary.database;
    }
    if (!IsUnqualified(name) || !status.ok()) return;
    if (!path.empty()) name.database = path.front();
    if (path.empty()) {
      status = Error("3F000", "no schema has been selected to create in", {.position = name.position});
    }
  };
  const auto found = [&](Named kind, QualifiedName& name) {
    if (IsTemporaryFunction(kind, name) && !temporary.database.empty()) name.schema = temporary.database;
    if (!IsUnqualified(name) || !status.ok()) return;
    const bool is_relation = kind == Named::kRelation || kind == Named::kIndex;
    if (is_relation && temporary.names.contains(name.name)) return;
    if (path.size() == 1 && path.front() == database_) return;  // as names mean anyhow
    const auto is_there = [&](const TablePath& at) -> Result<bool> {
      if (kind == Named::kType) return FindTypeNamed(*types, at.database, at.table).type != nullptr;
      if (is_relation && first != nullptr && PathOf(*first) == at) return true;
      const std::string table = kind == Named::kFunction ? FunctionSetName(at.table) : at.table;
      WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, catalog().Find({at.database, table}));
      if (relation || kind != Named::kIndex) return relation != nullptr;
      WEIR_ASSIGN_OR_RETURN(const RelationPtr of_key, TableOfKey(catalog(), at));
      return of_key != nullptr;
    };
    auto database = DatabaseOf(path, name, is_there);
    if (!database.ok()) status = database.status();
    if (database.ok()) name.database = database.MoveValue();
  };
  std::visit(NameWalk<decltype(made), decltype(found)>{made, found}, action);
  WEIR_RETURN_NOT_OK(status);
  return std::optional(std::move(action));
}

}  // namespace weir::sql
