#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "sql/analyze/names.h"
#include "sql/catalog/catalog.h"
#include "sql/catalog/temporary.h"
#include "sql/engine/parameters.h"

namespace weir::sql {

/// The columns of the tables and views of pg_catalog, information_schema and kwdb_internal, found out once for all
/// sessions. Thread-safe.
class SystemColumns {
 public:
  using Columns = std::vector<analyze::OutputColumn>;
  /// Names and types of the rows that a system view gives.
  using Describe = std::function<Result<Columns>(std::string_view schema, std::string_view view)>;

  /// Nothing where there is no such table or view.
  Result<std::optional<Columns>> Find(std::string_view schema, std::string_view name, const Describe& describe);

 private:
  std::mutex mutex_;
  std::map<std::string, Columns> views_;
};

/// What the names of one statement mean in its session. Remembers the tables that it was asked for.
class RelationNames : public analyze::Names {
 public:
  RelationNames(CatalogView& catalog, const Parameters& parameters, std::string database,
                const TemporaryTables& temporary, std::string user,
                SystemColumns& system, SystemColumns::Describe describe);

  const postgres::Resolver& resolver() const override { return resolver_; }
  std::string_view database() const override { return database_; }
  Result<std::optional<analyze::NamedRelation>> FindRelation(std::string_view schema, std::string_view name) override;
  Result<bool> HasSchema(std::string_view schema) override;
  Result<std::optional<postgres::TypeRef>> FindMadeType(std::string_view schema, std::string_view name) override;

  const std::vector<RelationPtr>& found() const { return found_; }
  /// A relation that is known, and counts as found from now on.
  analyze::NamedRelation Named(RelationPtr relation, std::string_view schema);
  CatalogView& catalog() const { return catalog_; }
  /// `schema` is not empty.
  Result<std::optional<analyze::NamedRelation>> FindIn(std::string_view schema, std::string_view name);

 private:
  Result<std::optional<analyze::NamedRelation>> FindTable(std::string_view schema, std::string_view name);

  CatalogView& catalog_;
  const std::string database_;
  const TemporaryTables& temporary_;
  std::vector<std::string> search_path_;  // with pg_catalog
  SystemColumns& system_;
  const SystemColumns::Describe describe_;
  const postgres::Resolver resolver_;
  std::vector<RelationPtr> found_;
};

/// The schemas of a search_path's text, in order: "\"$user\", public" → {user, "public"}.
std::vector<std::string> SchemasOf(std::string_view search_path, const std::string& user);

}  // namespace weir::sql
