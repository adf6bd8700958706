#include "sql/engine/attached_catalog.h"

#include <algorithm>

#include "duckdb/main/extension_helper.hpp"
#include "sql/catalog/system_schemas.h"
#include "sql/engine/attached_table.h"
#include "sql/engine/change.h"
#include "sql/engine/deep_expressions.h"
#include "sql/engine/duckdb_memory.h"
#include "sql/engine/errors.h"
#include "sql/engine/extremes.h"
#include "sql/engine/join_shape.h"
#include "sql/engine/numeric_places.h"
#include "sql/engine/plan_access.h"
#include "sql/engine/result_pieces.h"
#include "sql/engine/top_rows.h"
#include "types/mutex.h"

namespace weir::sql {
namespace {

using duckdb::CatalogEntry;
using duckdb::CatalogTransaction;
using duckdb::optional_ptr;

[[noreturn]] void NotHere(const char* what) { Throw(Error("0A000", std::string(what) + " is not supported")); }

void Keep(CatalogTransaction transaction, std::shared_ptr<AttachedTable> entry) {
  if (transaction.transaction) transaction.transaction->Cast<AttachedTransaction>().Keep(std::move(entry));
}

/// Starts and ends DuckDB's side of a statement; commit and rollback are the session's.
class AttachedTransactions : public duckdb::TransactionManager {
 public:
  using duckdb::TransactionManager::TransactionManager;

  duckdb::Transaction& StartTransaction(duckdb::ClientContext& context) override {
    auto transaction = std::make_unique<AttachedTransaction>(*this, context);
    MutexLock lock(mutex_);
    return *open_.emplace_back(std::move(transaction));
  }
  duckdb::ErrorData CommitTransaction(duckdb::ClientContext&, duckdb::Transaction& transaction) override {
    End(transaction);
    return {};
  }
  void RollbackTransaction(duckdb::Transaction& transaction) override { End(transaction); }
  void Checkpoint(duckdb::ClientContext&, bool) override {}

 private:
  void End(duckdb::Transaction& transaction) {
    std::unique_ptr<AttachedTransaction> ended;  // dies after the lock
    MutexLock lock(mutex_);
    auto found = std::find_if(open_.begin(), open_.end(), [&](const auto& open) { return open.get() == &transaction; });
    if (found == open_.end()) return;
    ended = std::move(*found);
    open_.erase(found);
  }

  Mutex mutex_;
  std::vector<std::unique_ptr<AttachedTransaction>> open_ WEIR_GUARDED_BY(mutex_);
};

struct AttachedInfo : public duckdb::StorageExtensionInfo {
  AttachedInfo(std::shared_ptr<sql::Catalog> catalog, AttachedCatalog::MakeSystem make)
      : tables(std::move(catalog)), make_system(make) {}
  std::shared_ptr<sql::Catalog> tables;
  AttachedCatalog::MakeSystem make_system;
};

duckdb::unique_ptr<duckdb::Catalog> Attach(optional_ptr<duckdb::StorageExtensionInfo> info, duckdb::ClientContext&,
                                           duckdb::AttachedDatabase& database, const std::string&, duckdb::AttachInfo&,
                                           duckdb::AttachOptions&) {
  const auto& attached = static_cast<AttachedInfo&>(*info);
  return duckdb::make_uniq<AttachedCatalog>(database, attached.tables, attached.make_system);
}

duckdb::unique_ptr<duckdb::TransactionManager> StartManager(optional_ptr<duckdb::StorageExtensionInfo>,
                                                            duckdb::AttachedDatabase& database, duckdb::Catalog&) {
  return duckdb::make_uniq<AttachedTransactions>(database);
}

}  // namespace

SessionState& SessionState::Of(duckdb::ClientContext& context) {
  auto state = context.registered_state->Get<SessionState>(kKey);
  if (!state || !state->transaction) Throw(Error("25P01", "no transaction is open for this statement"));
  return *state;
}

LockGrant LockRelation(duckdb::ClientContext& context, int64_t relation, LockMode mode) {
  auto state = context.registered_state->Get<SessionState>(SessionState::kKey);
  if (!state || !state->transaction) return LockGrant::kAtOnce;
  return ValueOrThrow(state->locks->Lock(LockTag::Relation(relation), mode));
}

CatalogView& SessionState::ViewOf(duckdb::ClientContext& context) {
  auto state = context.registered_state->Get<SessionState>(kKey);
  if (!state || !state->tables) Throw(Error("25P01", "there is no session whose catalog could be read"));
  return *state->tables;
}

void AttachedTransaction::Keep(std::shared_ptr<AttachedTable> entry) {
  MutexLock lock(mutex_);
  entries_.push_back(std::move(entry));
}

AttachedSchema::AttachedSchema(duckdb::Catalog& duck_catalog, duckdb::CreateSchemaInfo& info)
    : SchemaCatalogEntry(duck_catalog, info) {}

void AttachedSchema::Scan(duckdb::ClientContext& context, duckdb::CatalogType entry_type,
                          const std::function<void(CatalogEntry&)>& callback) {
  if (entry_type != duckdb::CatalogType::TABLE_ENTRY) return;
  CatalogTransaction transaction(catalog, context);
  for (const RelationPtr& relation : ValueOrThrow(SessionState::ViewOf(context).ListRelations(name))) {
    if (!relation->is_leaf() && !relation->is_partitioned()) continue;  // no rows of their own
    std::shared_ptr<AttachedTable> entry;
    // A table that cannot be used is an error where it is named, not for all others.
    const Status usable = Guarded({}, [&] {
      entry = Entry(relation);
      return Status::OK();
    });
    if (!usable.ok()) continue;
    callback(*entry);
    sql::Keep(transaction, std::move(entry));
  }
}

void AttachedSchema::Scan(duckdb::CatalogType, const std::function<void(CatalogEntry&)>&) {}

optional_ptr<CatalogEntry> AttachedSchema::LookupEntry(CatalogTransaction transaction,
                                                       const duckdb::EntryLookupInfo& lookup) {
  if (lookup.GetCatalogType() != duckdb::CatalogType::TABLE_ENTRY) return nullptr;
  std::string table = lookup.GetEntryName();
  const bool by_user = SessionState::Of(transaction.GetContext()).in_duckdb_dialect;
  const bool heirs = by_user || table.ends_with(kWithHeirs);
  if (heirs && !by_user) table.pop_back();
  const bool of_view = table.ends_with(kOfView) && !by_user;
  if (of_view) table.pop_back();
  RelationPtr checking;
  if (const size_t mark = of_view ? table.rfind(kOfView) : std::string::npos; mark != std::string::npos) {
    CatalogView& view = SessionState::ViewOf(transaction.GetContext());
    checking = ValueOrThrow(view.FindById(std::stoll(table.substr(mark + 1))));
    table.resize(mark);
    if (!checking) Throw(Error("40001", "a view that rows are held to has changed"));
  }
  RelationPtr relation = FindToRead(transaction, table);
  if (!relation) {
    {
      MutexLock lock(mutex_);
      entries_.erase(lookup.GetEntryName());
    }
    return lookup.GetEntryName().starts_with("pg_") ? SystemEntry(transaction, lookup) : nullptr;
  }
  if (relation->is_view()) {
    Throw(Error("0A000", "view \"" + table + "\" is not read in the dialect of DuckDB",
                {.hint = "RESET weir.dialect;"}));
  }
  auto entry = Entry(relation, of_view, checking, heirs && !relation->inherited_by.empty());
  optional_ptr<CatalogEntry> found = entry.get();
  sql::Keep(transaction, std::move(entry));
  return found;
}

RelationPtr AttachedSchema::FindToRead(CatalogTransaction transaction, const std::string& table) {
  CatalogView& view = SessionState::ViewOf(transaction.GetContext());
  RelationPtr relation = ValueOrThrow(view.Find({name, table}));
  if (relation && (relation->is_sequence() || relation->is_index() || relation->is_functions())) return nullptr;
  while (relation) {
    LockRelation(transaction.GetContext(), relation->id, LockMode::kAccessShare);
    // It may have been changed, or dropped, before the lock was there.
    RelationPtr locked = ValueOrThrow(view.Find({name, table}));
    if (locked == relation) break;
    relation = std::move(locked);
  }
  return relation;
}

/// pg_class without its schema.
optional_ptr<CatalogEntry> AttachedSchema::SystemEntry(CatalogTransaction transaction,
                                                       const duckdb::EntryLookupInfo& lookup) {
  duckdb::EntryLookupInfo schema(duckdb::CatalogType::SCHEMA_ENTRY, kCatalogSchemaName);
  return catalog.LookupSchema(transaction, schema, duckdb::OnEntryNotFound::THROW_EXCEPTION)
      ->LookupEntry(transaction, lookup);
}

std::shared_ptr<AttachedTable> AttachedSchema::Entry(const RelationPtr& relation, bool of_view,
                                                     const RelationPtr& checking, bool heirs) {
  MutexLock lock(mutex_);
  auto& entry = entries_[AttachedNameOf(*relation, of_view, checking ? checking->id : 0, heirs)];
  if (!entry || entry->relation() != relation || entry->checking() != checking) {
    entry = AttachedTable::Make(catalog, *this, relation, of_view, checking, heirs);
  }
  return entry;
}

optional_ptr<CatalogEntry> AttachedSchema::CreateIndex(CatalogTransaction, duckdb::CreateIndexInfo&,
                                                       duckdb::TableCatalogEntry&) {
  NotHere("CREATE INDEX");
}
optional_ptr<CatalogEntry> AttachedSchema::CreateFunction(CatalogTransaction, duckdb::CreateFunctionInfo&) {
  NotHere("CREATE FUNCTION");
}
optional_ptr<CatalogEntry> AttachedSchema::CreateTable(CatalogTransaction, duckdb::BoundCreateTableInfo&) {
  NotHere("this form of CREATE TABLE");
}
optional_ptr<CatalogEntry> AttachedSchema::CreateView(CatalogTransaction, duckdb::CreateViewInfo&) {
  NotHere("CREATE VIEW");
}
optional_ptr<CatalogEntry> AttachedSchema::CreateSequence(CatalogTransaction, duckdb::CreateSequenceInfo&) {
  NotHere("CREATE SEQUENCE");
}
optional_ptr<CatalogEntry> AttachedSchema::CreateTableFunction(CatalogTransaction, duckdb::CreateTableFunctionInfo&) {
  NotHere("CREATE FUNCTION");
}
optional_ptr<CatalogEntry> AttachedSchema::CreateCopyFunction(CatalogTransaction, duckdb::CreateCopyFunctionInfo&) {
  NotHere("CREATE FUNCTION");
}
optional_ptr<CatalogEntry> AttachedSchema::CreatePragmaFunction(CatalogTransaction, duckdb::CreatePragmaFunctionInfo&) {
  NotHere("CREATE FUNCTION");
}
optional_ptr<CatalogEntry> AttachedSchema::CreateCollation(CatalogTransaction, duckdb::CreateCollationInfo&) {
  NotHere("CREATE COLLATION");
}
optional_ptr<CatalogEntry> AttachedSchema::CreateType(CatalogTransaction, duckdb::CreateTypeInfo&) {
  NotHere("CREATE TYPE");
}
void AttachedSchema::DropEntry(duckdb::ClientContext&, duckdb::DropInfo&) { NotHere("this form of DROP"); }
void AttachedSchema::Alter(CatalogTransaction, duckdb::AlterInfo&) { NotHere("this form of ALTER TABLE"); }

AttachedCatalog::AttachedCatalog(duckdb::AttachedDatabase& database, std::shared_ptr<sql::Catalog> tables,
                                 MakeSystem make_system)
    : duckdb::Catalog(database), tables_(std::move(tables)), make_system_(make_system) {}

void AttachedCatalog::Initialize(bool) {}

duckdb::DatabaseSize AttachedCatalog::GetDatabaseSize(duckdb::ClientContext&) { return {}; }

AttachedSchema& AttachedCatalog::Schema(const std::string& name) {
  MutexLock lock(mutex_);
  auto& schema = schemas_[name];
  if (!schema) {
    duckdb::CreateSchemaInfo info;
    info.schema = name;
    schema = IsSystemSchema(name) ? make_system_(*this, info) : std::make_unique<AttachedSchema>(*this, info);
  }
  return *schema;
}

optional_ptr<duckdb::SchemaCatalogEntry> AttachedCatalog::LookupSchema(CatalogTransaction transaction,
                                                                       const duckdb::EntryLookupInfo& lookup,
                                                                       duckdb::OnEntryNotFound if_not_found) {
  std::string name = lookup.GetEntryName();
  duckdb::shared_ptr<SessionState> state;
  if (transaction.context) state = transaction.context->registered_state->Get<SessionState>(SessionState::kKey);
  if (name == "public" && state) name = state->database;
  CatalogView& view = state && state->tables ? *state->tables : static_cast<CatalogView&>(*tables_);
  const bool own = state && name == state->database;  // which may be there only once it has a relation
  if (own || IsSystemSchema(name) || ValueOrThrow(view.DatabaseExists(name))) return &Schema(name);
  if (if_not_found == duckdb::OnEntryNotFound::RETURN_NULL) return nullptr;
  Throw(Error("3F000", "schema \"" + name + "\" does not exist"));
}

void AttachedCatalog::ScanSchemas(duckdb::ClientContext& context,
                                  std::function<void(duckdb::SchemaCatalogEntry&)> callback) {
  for (const std::string& name : ValueOrThrow(SessionState::ViewOf(context).ListDatabases())) callback(Schema(name));
}

optional_ptr<CatalogEntry> AttachedCatalog::CreateSchema(CatalogTransaction, duckdb::CreateSchemaInfo&) {
  NotHere("this form of CREATE SCHEMA");
}

void AttachedCatalog::DropSchema(duckdb::ClientContext&, duckdb::DropInfo&) { NotHere("this form of DROP SCHEMA"); }

duckdb::PhysicalOperator& AttachedCatalog::PlanCreateTableAs(duckdb::ClientContext&, duckdb::PhysicalPlanGenerator&,
                                                             duckdb::LogicalCreateTable&, duckdb::PhysicalOperator&) {
  NotHere("this form of CREATE TABLE");
}

duckdb::PhysicalOperator& AttachedCatalog::PlanDelete(duckdb::ClientContext&, duckdb::PhysicalPlanGenerator&,
                                                      duckdb::LogicalDelete&, duckdb::PhysicalOperator&) {
  NotHere("this form of DELETE");
}

duckdb::PhysicalOperator& AttachedCatalog::PlanUpdate(duckdb::ClientContext&, duckdb::PhysicalPlanGenerator&,
                                                      duckdb::LogicalUpdate&, duckdb::PhysicalOperator&) {
  NotHere("this form of UPDATE");
}

std::shared_ptr<duckdb::DuckDB> OpenDuckDb(std::shared_ptr<Catalog> catalog, AttachedCatalog::MakeSystem make_system,
                                           const MemoryBudget* memory) {
  duckdb::DBConfig config;
  SetMemoryLimits(memory, &config);  // while the directory to spill to can be said
  config.SetOptionByName("autoinstall_known_extensions", duckdb::Value::BOOLEAN(false));
  config.SetOptionByName("autoload_known_extensions", duckdb::Value::BOOLEAN(false));
  config.SetOptionByName("enable_external_access", duckdb::Value::BOOLEAN(false));
  config.SetOptionByName("allocator_background_threads", duckdb::Value::BOOLEAN(true));  // else it keeps all for ever
  config.SetOptionByName("errors_as_json", duckdb::Value::BOOLEAN(true));
  config.SetOptionByName("preserve_identifier_case", duckdb::Value::BOOLEAN(false));
  config.SetOptionByName("default_null_order", duckdb::Value("postgres"));
  // It computes the rows below a window twice, and nextval() in them.
  config.SetOptionByName("disabled_optimizers", duckdb::Value("window_self_join"));
  auto extension = duckdb::make_shared_ptr<duckdb::StorageExtension>();
  extension->attach = Attach;
  extension->create_transaction_manager = StartManager;
  extension->storage_info = duckdb::make_shared_ptr<AttachedInfo>(std::move(catalog), make_system);
  duckdb::StorageExtension::Register(config, kAttachedName, std::move(extension));
  RegisterChanges(&config);  // before the plan is held against privileges
  RegisterPlanAccess(&config);
  RegisterDeepExpressions(&config);
  RegisterJoinShape(&config);
  RegisterTopRows(&config);
  RegisterExtremes(&config);
  RegisterNumericPlaces(&config);
  RegisterResultPieces(&config);

  std::shared_ptr<duckdb::DuckDB> database = OpenCounted(&config);
  duckdb::Connection connection(*database);
  auto attached = connection.Query("ATTACH '' AS weir (TYPE weir)");
  if (attached->HasError()) attached->ThrowError();
  return database;
}

}  // namespace weir::sql
