#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/catalog/altered_tree.h"
#include "sql/catalog/table_definition.h"

namespace weir::sql {

// CREATE TABLE … INHERITS: a table that has the columns and the CHECKs of others, its parents, and whose rows are read
// with theirs (heirs.h).

/// The tables that CREATE TABLE `path` … INHERITS names. 42809 for what has no children, 42P07 for one named twice.
Result<std::vector<RelationPtr>> FindInherited(const std::vector<QualifiedName>& names, const TablePath& path,
                                               const DdlContext& context, CatalogDraft& draft);
/// Gives a new table the columns of its parents, its own merged with them or behind them, and their CHECKs. 42804 and
/// 42P21 for columns that do not go together, 42611 for their defaults, 42710 for CHECKs.
Status InheritColumns(const std::vector<RelationPtr>& parents, std::vector<SqlColumn> own, TableDefinition* table);
/// A CHECK that a table has of its parents already becomes its own, too: gives the NOTICE. Nothing for another one.
Result<std::optional<std::string>> MergeCheck(const TableConstraint& written, Relation* table);

/// Whether the tables that inherit from a table do with it what ALTER TABLE says.
bool GoesToHeirs(const AlterAction& action);

/// ALTER TABLE … INHERIT and NO INHERIT.
Status Alter(const alter::Inherit& action, const DdlContext& context, AlteredTree* tree);

}  // namespace weir::sql
