#pragma once

#include <string>
#include <vector>

#include "sql/catalog/altered_tree.h"
#include "sql/catalog/catalog_ddl.h"

namespace weir::sql {

/// Columns that are GENERATED ALWAYS AS (expression) STORED.

/// Gives a column of the relation its expression: PostgreSQL's errors. `written`: its text in the statement.
Status KeepGenerated(const Relation& relation, const Expression& written, const DdlContext& context,
                     SqlColumn* column);

/// The generated columns whose values come from the column, by their places.
Result<std::vector<size_t>> GeneratedFrom(const Relation& relation, const std::string& column);

/// 42804 for a partition-to-be whose generated columns are not those of its parent.
Status CheckSameGenerated(const SqlColumn& parent, const SqlColumn& child);

/// 42601 for a foreign key that would write into a generated column.
Status CheckActionsOnGenerated(const TableConstraint& key, const Relation& table);

/// The actions of an ALTER TABLE with those that drop generated columns along with what they come from. 2BP01 where
/// that is not said.
Result<std::vector<AlterAction>> WithGeneratedDropped(const std::vector<AlterAction>& actions, const Relation& table,
                                                      Notices* notices);

/// 0A000 for a new generated column whose value in rows that are there depends on what else the statement does.
Status CheckSourcesStay(const std::string& expression, const AlteredRelation& member);

Status Alter(const alter::DropExpression& action, const DdlContext& context, AlteredTree* tree);

}  // namespace weir::sql
