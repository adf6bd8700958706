#pragma once

#include <map>
#include <optional>

#include "access/state.h"
#include "sql/access/targets.h"
#include "sql/catalog/catalog.h"
#include "sql/catalog/temporary.h"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

class Parameters;
struct SessionView;

/// What the rows of pg_catalog are made of.
struct SystemSources {
  CatalogView& catalog;
  std::string database;  // that "public" is
  const TemporaryTables& temporary;
  const Parameters& parameters;
  access::StatePtr access;  // who may do what
  access::RoleId role = access::kWeir;
  access::RoleId session_role = access::kWeir;
  std::string user = {};  // the name of `role`, or of nobody
  const SessionView* sessions = nullptr;
  std::string_view locality = {};  // of the node
};

inline AccessContext ContextOf(const SystemSources& sources) {
  return {sources.session_role, sources.role, sources.database, &sources.catalog};
}

/// An aclitem[].
duckdb::Value AclValue(const access::State& state, const access::Acl& acl);
/// What was granted or revoked on an object; NULL: nothing was, so that it has the default of its kind.
duckdb::Value SaidAcl(const access::State& state, const access::ObjectKey& key);

struct SystemColumn {
  std::string name;
  std::string type;  // PostgreSQL's: "oid", "name", "int2vector"
};
std::vector<SystemColumn> ReadColumns(std::string_view definition);
duckdb::LogicalType SystemType(const std::string& type);

/// Numbers that columns must equal, and the name that pg_class' relname must: a table may leave out other rows.
struct SystemKeys : std::map<std::string, int64_t, std::less<>> {
  std::optional<std::string> relname;
  bool operator==(const SystemKeys&) const = default;
};

/// A table's rows as of one statement.
class SystemRows {
 public:
  virtual ~SystemRows() = default;
  virtual size_t size() const = 0;
  /// `column`: in the table's definition.
  virtual duckdb::Value Get(size_t row, size_t column) const = 0;
};

/// Throws. Null for a table that has none.
std::unique_ptr<SystemRows> RowsOfSystemTable(const SystemSources& sources, std::string_view table,
                                              const std::vector<SystemColumn>& columns, const SystemKeys& keys);

/// All that there are, those of Fluss's tables too.
std::vector<RelationPtr> AllRelations(const SystemSources& sources);

// The texts of pg_catalog's functions; nothing where there is no such thing.

/// The schemas of the session's search_path, whether they are there or not.
std::vector<std::string> SearchPath(const SystemSources& sources);
/// Whether what is in a database is looked for without its schema's name.
bool IsInSearchPath(const SystemSources& sources, const std::string& database);
/// Whether the relation's name alone means it.
bool IsVisible(const SystemSources& sources, const Relation& relation);
/// The relation of a table's or an index's OID; null when there is none.
RelationPtr RelationOfOid(const SystemSources& sources, int64_t oid);
std::optional<std::string> IndexDefinition(const SystemSources& sources, int64_t index, int64_t column,
                                           bool pretty);
std::optional<std::string> ConstraintDefinition(const SystemSources& sources, int64_t constraint, bool pretty);

}  // namespace weir::sql
