#pragma once

#include <set>
#include <string>
#include <vector>

#include "sql/catalog/catalog_ddl.h"

namespace weir::sql {

/// What SELECT * FROM a sequence gives: last_value, log_cnt, is_called.
std::vector<SqlColumn> SequenceColumns();

/// The identity column that takes its values from a sequence; null: none of the table's does.
const SqlColumn* IdentityColumnOf(const Relation& table, int64_t sequence);

/// A sequence without its place in the catalog. `type`: of the column that it is for; empty: as the options say. 22023
/// for options that do not fit each other.
Result<Sequence> DefineSequence(const SequenceOptions& options, const std::string& type);

/// nextval('name') in a DEFAULT means the sequence that has the name now, whatever it is called later. 42P01 without.
Status BindSequence(CatalogDraft& draft, const DdlContext& context, SqlColumn* column);

/// The sequences of a new table's serial and identity columns, which take their values from them. Each is still to get
/// its owner and to be put into the draft.
Result<std::vector<std::shared_ptr<Relation>>> DefineColumnSequences(const std::vector<ColumnDefinition>& columns,
                                                                     CatalogDraft& draft, Relation* table);

/// The column is no identity column any more; its default was the next value of the sequence.
void RemoveIdentity(SqlColumn* column);

/// Those that go with columns of the tables.
Result<std::vector<RelationPtr>> OwnedSequences(CatalogDraft& draft, const std::vector<RelationPtr>& tables);

/// The sequences that go with tables, or columns, that are dropped.
struct GoingSequences {
  std::string of;                   // as errors name what is dropped
  std::vector<RelationPtr> tables;  // their defaults do not matter any more
  bool cascade = false;             // other tables lose the defaults that take values from them
};
/// Drops them. 2BP01 where other tables' defaults need them, unless they cascade.
Result<Notices> DropSequencesOf(const GoingSequences& going, CatalogDraft* draft);
/// Takes the defaults that draw on sequences which are gone from the tables that are left.
Result<Notices> DropDefaultsOn(const std::set<int64_t>& sequences, CatalogDraft* draft);

/// Its sequences begin anew: TRUNCATE … RESTART IDENTITY.
Status RestartSequences(CatalogDraft* draft, const Relation& table);

Result<Notices> Execute(const CreateSequence& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const AlterSequence& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const DropSequences& statement, const DdlContext& context, CatalogDraft* draft);

}  // namespace weir::sql
