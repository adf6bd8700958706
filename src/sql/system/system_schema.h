#pragma once

#include <map>
#include <memory>

#include "sql/catalog/system_schemas.h"
#include "sql/engine/attached_catalog.h"
#include "sql/system/system_definitions.h"
#include "sql/system/system_rows.h"
#include "types/mutex.h"

namespace weir::sql {

/// The tables and views of a system schema.
std::span<const SystemDefinition> TablesOfSchema(std::string_view schema);
std::span<const SystemDefinition> ViewsOfSchema(std::string_view schema);

/// What pg_catalog is made of in a session.
SystemSources SourcesOf(duckdb::ClientContext& context);

/// A system schema: PostgreSQL's, Cloudberry's and KWDB's own tables and views, with rows made of Weir's catalog.
class SystemSchema : public AttachedSchema {
 public:
  SystemSchema(duckdb::Catalog& catalog, duckdb::CreateSchemaInfo& info);

  void Scan(duckdb::ClientContext& context, duckdb::CatalogType type,
            const std::function<void(duckdb::CatalogEntry&)>& callback) override;
  duckdb::optional_ptr<duckdb::CatalogEntry> LookupEntry(duckdb::CatalogTransaction transaction,
                                                         const duckdb::EntryLookupInfo& lookup) override;

 private:
  duckdb::unique_ptr<duckdb::CatalogEntry> MakeEntry(const std::string& name);

  Mutex mutex_;
  std::map<std::string, duckdb::unique_ptr<duckdb::CatalogEntry>> entries_ WEIR_GUARDED_BY(mutex_);
};

/// What the attached catalog makes such a schema by.
std::unique_ptr<AttachedSchema> MakeSystemSchema(duckdb::Catalog& catalog, duckdb::CreateSchemaInfo& info);

}  // namespace weir::sql
