#include "sql/engine/errors.h"
#include "sql/session/engine_session.h"

namespace weir::sql {
namespace {

/// Whether a schema that a statement names is that of the session's temporary tables.
bool IsOwnSchema(const std::string& schema, const TemporaryTables& temporary) {
  return schema == kTemporarySchema || (!schema.empty() && schema == temporary.database);
}

}  // namespace

/// What unqualified names mean first: the temporary tables that this session's transaction sees.
Status EngineSession::FindTemporary() {
  TemporaryTables& temporary = state_->temporary;
  temporary.names.clear();
  if (temporary.database.empty()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const bool there, catalog().DatabaseExists(temporary.database));
  if (!there) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const auto relations, catalog().ListRelations(temporary.database));
  for (const RelationPtr& relation : relations) temporary.names.insert(relation->path.table);
  return Status::OK();
}

/// Says in the name of a temporary table that it is made in the session's own database, whatever is there under it.
Result<CreateTable> EngineSession::Placed(CreateTable create) {
  TemporaryTables& temporary = state_->temporary;
  QualifiedName& name = create.name;
  const bool own = IsOwnSchema(name.schema, temporary);
  if (own && create.unlogged) {
    return Error("42P16", "only temporary relations may be created in temporary schemas", {.position = name.position});
  }
  create.temporary = create.temporary || own;
  if (!create.temporary) {
    if (create.on_commit != CreateTable::OnCommit::kPreserveRows) {
      return Error("42P16", "ON COMMIT can only be used on temporary tables");
    }
    return create;
  }
  WEIR_RETURN_NOT_OK(PlaceTemporary(true, &name).status());
  for (TableConstraint& constraint : create.constraints) {  // of itself: it is not among the temporary tables yet
    const bool itself = constraint.references && constraint.references->name == name.name;
    if (itself && constraint.references->schema.empty()) constraint.references->schema = name.schema;
  }
  return create;
}

/// The same of the name of anything else; false: it is to be a permanent one.
Result<bool> EngineSession::PlaceTemporary(bool said, QualifiedName* name) {
  TemporaryTables& temporary = state_->temporary;
  const bool own = IsOwnSchema(name->schema, temporary);
  if (!said && !own) return false;
  if (!own && !name->schema.empty()) {
    return Error("42P16", "cannot create temporary relation in non-temporary schema", {.position = name->position});
  }
  if (temporary.database.empty()) temporary.database = NewTemporaryDatabase();
  name->schema = temporary.database;
  return true;
}

Result<CreateSequence> EngineSession::Placed(CreateSequence create) {
  WEIR_ASSIGN_OR_RETURN(create.temporary, PlaceTemporary(create.temporary, &create.name));
  return create;
}

/// A view of temporary tables is a temporary one, too.
Result<CreateView> EngineSession::Placed(CreateView create) {
  if (create.materialized) {
    if (!IsOwnSchema(create.name.schema, state_->temporary)) return create;
    return Error("0A000", "materialized views may not be defined in temporary schemas");
  }
  create.name.position = 0;
  if (!create.temporary && !state_->temporary.names.empty()) {
    WEIR_ASSIGN_OR_RETURN(create.temporary, ReadsTemporary(create));
    if (create.temporary) Notice("view \"" + create.name.name + "\" will be a temporary view");
  }
  WEIR_ASSIGN_OR_RETURN(create.temporary, PlaceTemporary(create.temporary, &create.name));
  return create;
}

/// The session's own database, made with the first table in it.
Status EngineSession::MakeTemporaryDatabase() {
  const std::string& database = state_->temporary.database;
  WEIR_ASSIGN_OR_RETURN(const bool there, catalog().DatabaseExists(database));
  if (there) return Status::OK();
  Draft()->PutDatabase(database);
  OwnNew(access::Target{access::ObjectKey::Schema(database)}, database, current_role_);
  return Status::OK();
}

/// What ON COMMIT says of the tables that are still there.
Status EngineSession::RunOnCommit() {
  if (draft_) WEIR_RETURN_NOT_OK(draft_->MakeTables());
  for (const auto& [name, action] : on_commit_) {
    const TablePath path{state_->temporary.database, name};
    WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, catalog().Find(path));
    if (!relation) continue;
    if (action == CreateTable::OnCommit::kDeleteRows) {
      WEIR_RETURN_NOT_OK(CheckEmptiedTogether(relation));
      WEIR_RETURN_NOT_OK(Empty(relation, false));
    } else {
      const DropTable drop{.names = {{.schema = path.database, .name = path.table}}};
      WEIR_RETURN_NOT_OK(sql::Execute(drop, Context(), Draft()).status());
    }
  }
  if (draft_) {
    routed_.Forget([this](int64_t leaf) {
      const auto entry = draft_->entries().find(leaf);
      return entry != draft_->entries().end() && !entry->second.now;
    });
  }
  // Made and dropped in one transaction: whether it commits or not, they do not come back.
  std::erase_if(on_commit_, [](const auto& table) { return table.second == CreateTable::OnCommit::kDrop; });
  return Status::OK();
}

/// 0A000 for a table whose rows go at COMMIT while those that refer to them stay.
Status EngineSession::CheckEmptiedTogether(const RelationPtr& table) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<ForeignKey> keys, KeysReferringTo(catalog(), table));
  for (const ForeignKey& key : keys) {
    const std::string& referring = key.table->path.table;
    const auto other = on_commit_.find(referring);
    if (other != on_commit_.end() && other->second == CreateTable::OnCommit::kDeleteRows) continue;
    return Error("0A000", "unsupported ON COMMIT and foreign key combination",
                 {.detail = "Table \"" + referring + "\" references \"" + table->path.table +
                            "\", but they do not have the same ON COMMIT setting."});
  }
  return Status::OK();
}

/// The session's temporary tables go, and the database that they were in.
Status EngineSession::DropTemporary() {
  on_commit_.clear();
  const std::string database = state_->temporary.database;
  return database.empty() ? Status::OK() : DropTemporary(database);
}

Status EngineSession::DropTemporary(const std::string& database) {
  WEIR_ASSIGN_OR_RETURN(const bool there, catalog().DatabaseExists(database));
  if (!there) return Status::OK();
  DropDatabase drop;
  drop.name = database;
  drop.is_schema = true;
  drop.cascade = true;
  const auto dropped = ChangeCatalog(drop);
  const Status status = dropped.ok() ? FinishStatement() : dropped.status();
  if (!status.ok()) AbandonStatement();
  return status;
}

Status EngineSession::DropAbandoned(std::shared_ptr<SharedEngine> engine) {
  WEIR_ASSIGN_OR_RETURN(std::vector<std::string> databases, engine->catalog->ListDatabases());
  std::erase_if(databases, [](const std::string& database) { return !IsTemporary(database); });
  if (databases.empty()) return Status::OK();
  SessionOptions options;
  options.database = databases.front();
  WEIR_ASSIGN_OR_RETURN(const auto session, Connect(std::move(engine), options));
  for (const std::string& database : databases) {
    WEIR_RETURN_NOT_OK(static_cast<EngineSession&>(*session).DropTemporary(database));
  }
  return Status::OK();
}

}  // namespace weir::sql
