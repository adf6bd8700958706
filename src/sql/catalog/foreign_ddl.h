#pragma once

#include "sql/catalog/altered_tree.h"

namespace weir::sql {

Result<Notices> Execute(const CreateServer& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const AlterServer& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const DropServers& statement, const DdlContext& context, CatalogDraft* draft);
/// HV00P: no wrapper does that.
Result<Notices> Execute(const ImportSchema& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const CreateExtension& statement, const DdlContext& context, CatalogDraft* draft);

/// 0A000 for constraints that foreign tables do not have. Before the table is defined.
Status CheckForeignConstraints(const CreateTable& statement);
/// Makes a table that is about to be made a foreign one. 42704 for the server, HV00D and its like for options, 42809
/// for a partition of a table with unique indexes. `parent`: null: it is no partition.
Status MakeForeign(const ForeignClause& clause, const Relation* parent, const DdlContext& context, CatalogDraft* draft,
                   Relation* relation);
/// 42809 for a foreign table that becomes a partition of a table with unique indexes or foreign keys.
Status CheckForeignAttachable(const Relation& parent, const Relation& child);
/// ALTER FOREIGN TABLE … OPTIONS.
Status Alter(const alter::SetForeignOptions& action, const DdlContext& context, AlteredTree* tree);
/// 42809 for a unique index of a tree with foreign leaves.
Status CheckMayBeUnique(AlteredTree* tree);
/// 0A000 for changes to the columns of a tree whose leaves are files that nobody here can change.
Status CheckForeignColumns(const std::vector<AlterAction>& actions, AlteredTree* tree);

}  // namespace weir::sql
