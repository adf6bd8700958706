#pragma once

#include <string>
#include <vector>

#include "sql/catalog/catalog.h"
#include "sql/catalog/relation.h"

namespace weir::sql {

/// A foreign key as it is looked at from the table that it refers to.
struct ForeignKey {
  RelationPtr table;  // whose it is
  SqlConstraint constraint;
  RelationPtr referenced;

  const SqlForeignKey& key() const { return *constraint.foreign; }
  const ForeignKeyRules& rules() const { return constraint.foreign->rules; }
};

/// The columns of a key that a foreign key refers to, along its own; a column that is gone is left out.
std::vector<std::string> ReferencedColumns(const SqlForeignKey& key, const Relation& referenced);

/// The unique keys of a table that a foreign key can refer to: the primary key, and valid unique indexes, each with the
/// name of its index and its columns' places.
struct ReferableKey {
  std::string index;
  std::vector<int> columns;
  bool primary = false;
};
std::vector<ReferableKey> ReferableKeys(const Relation& table);

/// A table with those that it is a partition of, the root last.
Result<std::vector<RelationPtr>> WithAncestors(CatalogView& catalog, const RelationPtr& table);

/// The foreign keys of other tables, and its own, that refer to rows of `table`, or of what it is a partition of.
Result<std::vector<ForeignKey>> KeysReferringTo(CatalogView& catalog, const RelationPtr& table);

/// Whether a change of the table's rows must say what its old rows were: it has foreign keys, or is referred to.
Result<bool> HasReferences(CatalogView& catalog, const RelationPtr& table);

/// The places of the columns by which rows of `table` refer to others and are referred to, ascending.
std::vector<int> ReferenceColumns(const Relation& table, bool referenced);

/// "FOREIGN KEY (a) REFERENCES s.t(b) ON DELETE CASCADE", as pg_get_constraintdef shows it. `referenced`: the table's
/// name, with its schema where that is not in the search path.
std::string ForeignKeyText(const SqlConstraint& constraint, const Relation& referenced, const std::string& name);

}  // namespace weir::sql
