#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/resolve.h"
#include "sql/analyze/tree.h"
#include "weir/status.h"

namespace weir::sql::analyze {

/// A primary key, unique constraint or unique index.
struct UniqueKey {
  std::string name;  // of the constraint; empty: it is none
  std::vector<int> columns;  // −1: an expression
  bool primary = false;
  /// Of what is more than columns that hold all rows apart: the index that says it, its expressions and its condition.
  std::string index = {};
  std::vector<std::string> expressions = {};
  std::string condition = {};
};

class Names;

/// What names the row of a table on which a cursor stands.
struct CursorRow {
  struct Value {
    std::string column;
    std::string text;
  };
  std::vector<Value> values;
};

/// Whose rights the body of a function has that is SECURITY DEFINER.
struct Definer {
  RelationPtr functions;  // of its name, which have one owner
  std::string role;       // that owner
};
using DefinerPtr = std::shared_ptr<const Definer>;

/// A relation that a name means.
struct NamedRelation {
  RangeEntry::Source source;  // Table or SystemTable
  /// What the names in the query of a view mean; null: it is none.
  std::shared_ptr<Names> of_view = {};
  std::string schema;
  std::vector<OutputColumn> columns;
  std::vector<UniqueKey> keys;
};

/// What a statement's names mean, as its session sees them.
class Names {
 public:
  virtual ~Names() = default;

  /// PostgreSQL's types and those that the database has made.
  virtual const postgres::Resolver& resolver() const = 0;
  virtual std::string_view database() const = 0;

  /// `schema` empty: by the search path. Nothing where there is none of that name.
  virtual Result<std::optional<NamedRelation>> FindRelation(std::string_view schema, std::string_view name) = 0;
  virtual Result<bool> HasSchema(std::string_view schema) = 0;
  /// A type that the database has made: an enum, a domain. Nothing where there is none of that name.
  virtual Result<std::optional<postgres::TypeRef>> FindMadeType(std::string_view schema, std::string_view name) = 0;
  /// The functions of that name that are written in SQL; `schema` empty: by the search path.
  virtual Result<std::vector<SqlFunctionPtr>> FindFunctions(std::string_view, std::string_view) {
    return std::vector<SqlFunctionPtr>();
  }
  /// The schema of a function that was found here, as TablePath has it.
  virtual std::string SchemaOf(const SqlFunction&) { return {}; }
  /// 42501 where the session's role, or `by` if it is a body of theirs that calls it, may not call the function.
  virtual Status CheckMayCall(const SqlFunction&, const Definer* /*by*/) { return Status::OK(); }
  /// Whose rights a function's body has that was found here.
  virtual Result<DefinerPtr> DefinerOf(const SqlFunction&) { return DefinerPtr(); }
  /// The same names by another search path; null: by this one.
  virtual std::shared_ptr<Names> WithSearchPath(const std::string&) { return nullptr; }
  /// What names mean to the session, where these are a view's.
  virtual Names& OfSession() { return *this; }
  /// The OID that a name means as a value of regclass or its like (postgres::NamesCatalog). Nothing where it is known
  /// when the statement runs only. Errors: PostgreSQL's for the type.
  virtual Result<std::optional<postgres::Oid>> ReadCatalogName(postgres::Oid, std::string_view) {
    return std::optional<postgres::Oid>();
  }
  /// What holds the rows of a table apart.
  virtual std::vector<UniqueKey> KeysOf(const Relation&) { return {}; }
  /// Where a cursor stands, for WHERE CURRENT OF; nothing: on no row of that table. Errors: PostgreSQL's.
  virtual Result<std::optional<CursorRow>> FindCursorRow(std::string_view, const Relation&) {
    return std::optional<CursorRow>();
  }
  /// A literal of type aclitem as it is kept.
  virtual Result<std::string> ReadAclItem(std::string_view text) { return std::string(text); }
};

}  // namespace weir::sql::analyze
