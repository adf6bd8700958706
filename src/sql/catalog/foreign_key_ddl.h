#pragma once

#include <string>
#include <vector>

#include "sql/catalog/altered_tree.h"
#include "sql/catalog/dependent_views.h"
#include "sql/catalog/foreign_key.h"
#include "sql/catalog/new_partitions.h"

namespace weir::sql {

/// Gives a table that is being made, or altered, a foreign key. Its id, keys and indexes are known. 0A000 where a
/// partition stands on either side alone, 42P01 and 42809 for
/// what it refers to, 42703, 42830 and 42704 for columns, 42804 for types, 42P16 for a temporary table and one that is
/// not, 42710 for its name.
Status AddForeignKey(const TableConstraint& definition, const DdlContext& context, CatalogDraft* draft,
                     Relation* table);
/// Those that CREATE TABLE says, of the table and of the partitions that it makes with it.
Status AddForeignKeysOfNew(const std::vector<TableConstraint>& constraints, const DdlContext& context,
                           CatalogDraft* draft, Relation* table, std::vector<NewPartition>* partitions);
/// ALTER TABLE … ADD FOREIGN KEY, for a table and its partitions. The rows are looked at once the tree is finished.
Status AddForeignKeyToTree(const TableConstraint& definition, const DdlContext& context, AlteredTree* tree);
/// A partition's foreign keys by those of its new parent; its rows are held to what it did not have. 0A000 for others
/// that it has, or that refer to it.
Status AddForeignKeysOfParent(const Relation& parent, int64_t partition, const DdlContext& context,
                              CatalogDraft* draft);
/// Rows are held to the foreign keys that ALTER TABLE has added to a table, or validated.
Status HoldToForeignKeys(const Relation& before, int64_t table, const DdlContext& context, CatalogDraft* draft);

/// Lets the tables that a table's foreign keys refer to, and referred to, know. Null: it was not there. What a
/// partition has from its parent is the parent's.
Status LinkForeignKeys(const Relation* before, int64_t table, CatalogDraft* draft);
/// Likewise of tables that go.
Status UnlinkForeignKeys(const std::vector<RelationPtr>& going, CatalogDraft* draft);

/// A foreign key that cannot do without something which is to go.
struct DependentKey {
  ForeignKey key;
  std::string reason;  // "constraint c_a_fkey on table c depends on table p"
};
/// "constraint c_a_fkey on table c"
std::string DescribedKey(const ForeignKey& key, const DdlContext& context);
/// Those of other tables than `going`, which go together, that refer to one of them, or to what it is a partition of.
Result<std::vector<DependentKey>> KeysReferringToAny(CatalogDraft& draft, const std::vector<RelationPtr>& going,
                                                     const DdlContext& context);
/// Those that refer to a column of a table.
Result<std::vector<DependentKey>> KeysReferringToColumn(CatalogDraft& draft, const RelationPtr& table,
                                                        const std::string& column, const DdlContext& context);
/// Those that an index of a table keeps the referenced columns unique for.
Result<std::vector<DependentKey>> KeysNeedingIndex(CatalogDraft& draft, const RelationPtr& table,
                                                   const std::string& index, const DdlContext& context);
/// A table that inherits from one which is to go.
struct DependentTable {
  RelationPtr table;
  std::string reason;  // "table c depends on table p"
};
/// Those that are not of `going` themselves, each behind what it depends on.
Result<std::vector<DependentTable>> HeirsOfAny(CatalogDraft& draft, const std::vector<RelationPtr>& going,
                                               const DdlContext& context);
/// All that depends on something.
struct Dependents {
  std::vector<DependentTable> tables;
  std::vector<DependentKey> keys;
  std::vector<DependentView> views;
};
/// 2BP01 where there are any and `cascade` is not said. `what`: "table t"; empty: more than one thing.
Status CheckNothingDepends(const std::string& what, const Dependents& dependents, bool cascade);
void AddCascadeNotice(const Dependents& dependents, const DdlContext& context, Notices* notices);
/// They go, with the thing that they depend on.
Status DropKeys(const std::vector<DependentKey>& keys, const DdlContext& context, CatalogDraft* draft);

/// 0A000 for rows that are about to go all at once while other tables than these refer to them.
Status CheckMayEmpty(CatalogView& catalog, const std::vector<RelationPtr>& emptied);
/// 23503 for a partition with rows that others refer to, which is about to leave its parent.
Status CheckMayLeave(const RelationPtr& parent, const RelationPtr& partition, const DdlContext& context,
                     CatalogDraft* draft);

}  // namespace weir::sql
