#pragma once

#include "sql/catalog/altered_tree.h"

namespace weir::sql {

// ALTER TABLE's actions on constraints: what a table promises its partitions promise, and only the table takes it back.
Status Alter(const alter::AddConstraint& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::DropConstraint& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::ValidateConstraint& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::AlterConstraint& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::RenameConstraint& action, const DdlContext& context, AlteredTree* tree);

/// A check that all rows meet a CHECK.
RowCheck HoldCheck(const AlteredRelation& member, const SqlConstraint& constraint);

/// Gives a relation a primary key of these columns: its rows, should it have some, go to a table that has the key.
Status AddPrimaryKey(const TableConstraint& definition, AlteredRelation* member);

}  // namespace weir::sql
