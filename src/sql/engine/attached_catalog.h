#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "access/state.h"
#include "gateway/memory_budget.h"
#include "sql/catalog/catalog.h"
#include "sql/catalog/temporary.h"
#include "sql/engine/duckdb_headers.h"
#include "sql/engine/file_folder.h"
#include "sql/engine/routed_leaves.h"
#include "sql/engine/session_view.h"
#include "sql/transaction/transaction.h"
#include "types/mutex.h"

namespace weir::sql {

/// The name under which DuckDB knows Weir's tables.
inline constexpr const char* kAttachedName = "weir";
/// Behind the name of a table that a view's query names (AttachedTable::of_view). No table's own name has it.
inline constexpr char kOfView = '\x01';
/// Behind all of that where the rows of the tables that inherit from it are meant, too.
inline constexpr char kWithHeirs = '\x02';
/// `checking`: the view whose CHECK OPTION rows that come in are held to; 0: none.
inline std::string AttachedNameOf(const Relation& table, bool of_view, int64_t checking = 0, bool heirs = false) {
  std::string name = table.path.table;
  if (of_view) name += kOfView + (checking == 0 ? "" : std::to_string(checking) + kOfView);
  if (heirs) name += kWithHeirs;
  return name;
}

class Parameters;
class SessionSequences;
struct ChangedKeys;
struct TableChange;

/// What one session gives to the statements that DuckDB runs for it.
class SessionState : public duckdb::ClientContextState {
 public:
  static constexpr const char* kKey = "weir_session";
  static SessionState& Of(duckdb::ClientContext& context);
  /// The catalog as the session's statements see it.
  static CatalogView& ViewOf(duckdb::ClientContext& context);

  std::string database;                // that "public" and unqualified names mean
  TemporaryTables temporary;           // which unqualified names mean before
  CatalogView* tables = nullptr;            // what is committed, or the transaction's draft of it
  const Parameters* parameters = nullptr;
  sql::Transaction* transaction = nullptr;  // of the statement that runs
  LockOwner* locks = nullptr;               // the session's
  std::shared_ptr<MemoryBudget> memory;     // that its statements share with others; null: nobody counts
  std::function<void(const std::string&)> warn;  // tells the client beside the result
  std::function<void(const std::string&)> notice;  // likewise, from any thread
  /// Rows of a foreign table that takes some go to a new file of it.
  std::function<Status(const RelationPtr& table, const arrow::RecordBatch& rows)> write_foreign;
  std::string locality;  // SessionOptions::locality
  FileFolderPtr files;  // that foreign tables may be in; null: none may be reached
  std::function<Status(const std::string& name, const std::string& value, bool local)> set_parameter;
  std::function<Status(const std::string& what)> check_may_change;  // 25006 in a read-only transaction
  SessionSequences* sequences = nullptr;
  SessionView sessions;                          // what is to be seen of the target's sessions
  duckdb::timestamp_tz_t transaction_time;       // when the block began, or the statement that is none of a block
  duckdb::timestamp_tz_t statement_time;
  RoutedLeaves* routed = nullptr;           // of the transaction
  const TableChange* change = nullptr;      // what the statement that is planned does (change.h)
  std::string changing;  // of the statement that runs: "update", as errors about foreign tables say it
  bool ignores_foreign = false;             // the statement leaves out leaves that are foreign tables
  /// Of the statement, for the foreign keys; null: it is held to none.
  std::vector<ChangedKeys>* changed_keys = nullptr;
  bool holds_foreign_keys = true;  // false: session_replication_role is replica
  access::StatePtr access;                  // who may do what, as the statement's transaction sees it
  access::RoleId role = access::kWeir;          // who runs the statement
  access::RoleId session_role = access::kWeir;  // who SET ROLE NONE goes back to
  std::string user;                             // what the one who runs the statement is called
  bool in_duckdb_dialect = false;  // the statement is text for DuckDB: names and calls that views alone use are none
};

/// Locks a relation for the statement's transaction, once; throws. A statement that runs outside of one locks nothing.
LockGrant LockRelation(duckdb::ClientContext& context, int64_t relation, LockMode mode);

class AttachedTable;

/// A Fluss database as a DuckDB schema.
class AttachedSchema : public duckdb::SchemaCatalogEntry {
 public:
  AttachedSchema(duckdb::Catalog& catalog, duckdb::CreateSchemaInfo& info);

  void Scan(duckdb::ClientContext& context, duckdb::CatalogType type,
            const std::function<void(duckdb::CatalogEntry&)>& callback) override;
  void Scan(duckdb::CatalogType type, const std::function<void(duckdb::CatalogEntry&)>& callback) override;
  duckdb::optional_ptr<duckdb::CatalogEntry> LookupEntry(duckdb::CatalogTransaction transaction,
                                                         const duckdb::EntryLookupInfo& lookup) override;
  /// The entry of a relation, made once for each version of it.
  std::shared_ptr<AttachedTable> Entry(const RelationPtr& relation, bool of_view = false,
                                       const RelationPtr& checking = nullptr, bool heirs = false);
  /// Null when there is none. It is locked, so that it stays as it is.
  RelationPtr FindToRead(duckdb::CatalogTransaction transaction, const std::string& table);
  duckdb::optional_ptr<duckdb::CatalogEntry> SystemEntry(duckdb::CatalogTransaction transaction,
                                                         const duckdb::EntryLookupInfo& lookup);

  // DDL goes through Weir's own catalog, never through DuckDB's.
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateIndex(duckdb::CatalogTransaction, duckdb::CreateIndexInfo&,
                                                         duckdb::TableCatalogEntry&) override;
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateFunction(duckdb::CatalogTransaction,
                                                            duckdb::CreateFunctionInfo&) override;
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateTable(duckdb::CatalogTransaction,
                                                         duckdb::BoundCreateTableInfo&) override;
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateView(duckdb::CatalogTransaction, duckdb::CreateViewInfo&) override;
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateSequence(duckdb::CatalogTransaction,
                                                            duckdb::CreateSequenceInfo&) override;
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateTableFunction(duckdb::CatalogTransaction,
                                                                 duckdb::CreateTableFunctionInfo&) override;
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateCopyFunction(duckdb::CatalogTransaction,
                                                                duckdb::CreateCopyFunctionInfo&) override;
  duckdb::optional_ptr<duckdb::CatalogEntry> CreatePragmaFunction(duckdb::CatalogTransaction,
                                                                  duckdb::CreatePragmaFunctionInfo&) override;
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateCollation(duckdb::CatalogTransaction,
                                                             duckdb::CreateCollationInfo&) override;
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateType(duckdb::CatalogTransaction, duckdb::CreateTypeInfo&) override;
  void DropEntry(duckdb::ClientContext& context, duckdb::DropInfo& info) override;
  void Alter(duckdb::CatalogTransaction transaction, duckdb::AlterInfo& info) override;

 private:
  Mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<AttachedTable>> entries_ WEIR_GUARDED_BY(mutex_);
};

/// DuckDB's transaction of one statement; what it changes belongs to the session's. Keeps the entries that the
/// statement's plan refers to.
class AttachedTransaction : public duckdb::Transaction {
 public:
  using duckdb::Transaction::Transaction;
  void Keep(std::shared_ptr<AttachedTable> entry);

 private:
  Mutex mutex_;
  std::vector<std::shared_ptr<AttachedTable>> entries_ WEIR_GUARDED_BY(mutex_);
};

/// Weir's catalog as DuckDB sees it.
class AttachedCatalog : public duckdb::Catalog {
 public:
  /// Makes a schema whose tables are made of the catalog (see IsSystemSchema).
  using MakeSystem = std::unique_ptr<AttachedSchema> (*)(duckdb::Catalog& catalog, duckdb::CreateSchemaInfo& info);

  AttachedCatalog(duckdb::AttachedDatabase& database, std::shared_ptr<sql::Catalog> tables, MakeSystem make_system);

  void Initialize(bool load_builtin) override;
  std::string GetCatalogType() override { return kAttachedName; }
  bool InMemory() override { return false; }
  std::string GetDBPath() override { return {}; }
  duckdb::DatabaseSize GetDatabaseSize(duckdb::ClientContext& context) override;
  std::string GetDefaultSchema() const override { return "public"; }

  duckdb::optional_ptr<duckdb::SchemaCatalogEntry> LookupSchema(duckdb::CatalogTransaction transaction,
                                                                const duckdb::EntryLookupInfo& lookup,
                                                                duckdb::OnEntryNotFound if_not_found) override;
  void ScanSchemas(duckdb::ClientContext& context,
                   std::function<void(duckdb::SchemaCatalogEntry&)> callback) override;
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateSchema(duckdb::CatalogTransaction transaction,
                                                          duckdb::CreateSchemaInfo& info) override;

  duckdb::PhysicalOperator& PlanCreateTableAs(duckdb::ClientContext& context, duckdb::PhysicalPlanGenerator& planner,
                                              duckdb::LogicalCreateTable& op, duckdb::PhysicalOperator& plan) override;
  duckdb::PhysicalOperator& PlanInsert(duckdb::ClientContext& context, duckdb::PhysicalPlanGenerator& planner,
                                       duckdb::LogicalInsert& op,
                                       duckdb::optional_ptr<duckdb::PhysicalOperator> plan) override;
  duckdb::PhysicalOperator& PlanDelete(duckdb::ClientContext& context, duckdb::PhysicalPlanGenerator& planner,
                                       duckdb::LogicalDelete& op, duckdb::PhysicalOperator& plan) override;
  duckdb::PhysicalOperator& PlanUpdate(duckdb::ClientContext& context, duckdb::PhysicalPlanGenerator& planner,
                                       duckdb::LogicalUpdate& op, duckdb::PhysicalOperator& plan) override;

 private:
  void DropSchema(duckdb::ClientContext& context, duckdb::DropInfo& info) override;
  AttachedSchema& Schema(const std::string& name);

  std::shared_ptr<sql::Catalog> tables_;
  const MakeSystem make_system_;
  Mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<AttachedSchema>> schemas_ WEIR_GUARDED_BY(mutex_);
};

/// A new in-memory DuckDB in which `catalog` is attached and default.
std::shared_ptr<duckdb::DuckDB> OpenDuckDb(std::shared_ptr<Catalog> catalog, AttachedCatalog::MakeSystem make_system,
                                           const MemoryBudget* memory);

}  // namespace weir::sql
