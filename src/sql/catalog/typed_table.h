#pragma once

#include "sql/catalog/altered_tree.h"
#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

// Tables of a composite type, whose columns are its attributes.

/// CREATE TABLE … OF: with the type's attributes as columns, and what the statement says of them. 42704, 42809 for what
/// is no composite type, 42703 for a column that it does not have.
Result<CreateTable> WithTypedColumns(CreateTable statement, const DdlContext& context, CatalogDraft* draft);

/// 42809 for what is not done to the columns of such a table by itself.
Status CheckMayAlterTyped(const AlterAction& action, const Relation& table);

/// OF and NOT OF. 42804 where the columns are not the type's.
Status Alter(const alter::OfType& action, const DdlContext& context, AlteredTree* tree);

}  // namespace weir::sql
