#pragma once

#include <string>
#include <vector>

#include "sql/catalog/altered_tree.h"

namespace weir::sql {

/// An index as it is asked for.
struct IndexClause {
  std::string name;  // empty: chosen
  std::vector<std::string> columns;  // an expression as TextInIndex shows it
  std::vector<SqlIndex::Order> orders = {};  // empty: ascending
  std::vector<std::string> included = {};
  bool unique = true;
  bool constraint = false;
  bool exclusion = false;  // of an EXCLUDE constraint
  bool primary = false;    // of a PRIMARY KEY that is kept in an index
  char deferrable_key = '\0';  // with `exclusion`: of a DEFERRABLE key that it stands for, as SqlExclusion::key has it
  bool deferred = false;       // … which is INITIALLY DEFERRED
  std::vector<std::optional<SqlIndex::Expression>> expressions = {};  // along the columns; empty: none is one
  std::string condition = {};
  bool nulls_distinct = true;
  int32_t shards = 0;
  int position = 0;

  /// Null: the part is a column.
  const SqlIndex::Expression* ExpressionAt(size_t part) const {
    return part < expressions.size() && expressions[part] ? &*expressions[part] : nullptr;
  }
};
/// What the parts of the key are called; equal ones are told apart by numbers, as the columns of an index are.
std::vector<std::string> LabelsOf(const IndexClause& clause);
/// An index that is there, as one of another table of the same columns could be asked for.
IndexClause ClauseOf(const Relation& index, const Relation& table);

/// Gives a table that is being made, or altered, an index: the index is in the draft from now on. `parent`: the index
/// of the table's parent that it is a part of. 42P07 for a name that is taken, 42703, 42704 and 0A000 for columns that
/// cannot be its key.
Result<std::shared_ptr<Relation>> AddIndex(const IndexClause& clause, std::optional<int64_t> parent,
                                           CatalogDraft* draft, Relation* table);
/// The same with the constraint that it is of: UNIQUE, or a DEFERRABLE key, by its name or one that is chosen. 42710
/// and 42P16 where the table has such a one, 0A000 where its partition key is not within the key.
Result<std::shared_ptr<Relation>> AddKeyIndex(IndexClause clause, std::optional<int64_t> parent, CatalogDraft* draft,
                                              Relation* table);
/// A new table's indexes: those of its UNIQUE constraints, and of its parent's. Null: it has no parent.
Status AddIndexesOfNew(const Relation* parent, CatalogDraft* draft, Relation* table);
/// Gives all relations of a tree the index, which those below the root call as they choose, or take over from one that
/// they have. ONLY a partitioned table gets one that is not valid before its partitions' are attached. `parent`: of the
/// root's. The rows are looked at when the tree is finished.
Status AddIndexToTree(const IndexClause& clause, std::optional<int64_t> parent, AlteredTree* tree);
/// A new partition's indexes, by its future parent's.
Status AddIndexesOfParent(const Relation& parent, AlteredTree* tree);
/// A partition's indexes are its own from now on.
void LeaveParentsIndexes(CatalogDraft* draft, Relation* partition);

/// Takes indexes of a relation, and their constraints, away.
void RemoveIndexes(const std::vector<RelationPtr>& gone, CatalogDraft* draft, Relation* table);
/// 'p', 'u': it is that of a DEFERRABLE key.
char DeferrableKeyOf(const Relation& index, const Relation& table);
/// The index of a UNIQUE constraint; null without.
RelationPtr IndexOfConstraint(const Relation& table, const std::string& name);
/// Another version of one of the table's indexes takes its place.
void PutIndex(std::shared_ptr<Relation> index, CatalogDraft* draft, Relation* table);
/// 42P07 for a name that is taken.
Status RenameIndexOf(const Relation& index, const std::string& name, CatalogDraft* draft, Relation* table);
/// For a table whose rows are written anew: tables without keys, with columns of the types that the leaf's have now.
/// None for one that is partitioned now: its partitions' indexes hold the keys.
void RenewIndexes(CatalogDraft* draft, Relation* table);

Result<Notices> Execute(const CreateIndex& statement, const DdlContext& context, CatalogDraft* draft);
/// One that stands among the columns of the table.
Result<Notices> Execute(const InlineIndex& inlined, const QualifiedName& table, const DdlContext& context,
                        CatalogDraft* draft);
Result<Notices> Execute(const RenameIndex& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const AttachIndex& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const DropIndexes& statement, const DdlContext& context, CatalogDraft* draft);

}  // namespace weir::sql
