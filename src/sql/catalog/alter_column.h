#pragma once

#include "sql/catalog/altered_tree.h"

namespace weir::sql {

// ALTER TABLE's actions on columns, by PostgreSQL's rules of inheritance and with its errors: what is done to a table's
// columns is done to its partitions', and a partition's own can only get defaults, NOT NULL and their like.
Status Alter(const alter::AddColumn& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::DropColumn& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::RenameColumn& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::SetDefault& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::SetNotNull& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::SetType& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::SetStorage& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::SetStatistics& action, const DdlContext& context, AlteredTree* tree);

/// The column of a name; 42703 where there is none.
Result<SqlColumn*> ColumnOf(AlteredRelation& member, const std::string& name);

/// What ALTER TABLE ONLY … leaves out must have NOT NULL already where it sets it: 42P16.
Status CheckIsNotNull(const Relation& partition, const std::string& column);

/// A check that no row has NULL in a column that becomes NOT NULL.
RowCheck NotNullCheck(const AlteredRelation& member, const std::string& column);

}  // namespace weir::sql
