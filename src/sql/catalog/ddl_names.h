#pragma once

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

TablePath PathOf(const QualifiedName& name, const DdlContext& context);
/// As errors show a name: with the schema when it was written.
std::string Shown(const QualifiedName& name);
/// A name in messages: quoted where it must be, with its schema where the search path does not find it.
std::string SeenName(const std::string& database, const std::string& name, const DdlContext& context);
/// "table", "view" or "sequence".
const char* NameOfKind(const Relation& relation);
std::string PluralOfKind(const Relation& relation);
/// The HINT of a DROP that is for another kind: "Use DROP VIEW to remove a view."
std::string HowToDrop(const Relation& relation);

/// 42P01
Status NoRelation(const QualifiedName& name, int position = 0);
/// Null for a relation that is not there only where the statement says IF EXISTS.
Result<RelationPtr> FindNamed(CatalogDraft& draft, const QualifiedName& name, const DdlContext& context,
                              bool if_exists = false);
/// The NOTICE of IF EXISTS where there is no relation.
Notices Skipped(const QualifiedName& name);

/// 42P07
Status NameIsTaken(const std::string& name);
/// What has a name that is wanted for something else. A leaf of a table that KWDB's PARTITION BY has partitioned gives
/// it away, so whoever holds copies of relations asks before taking them.
Result<RelationPtr> FindTaken(CatalogDraft& draft, const TablePath& path);
/// 42P07 for a name that is taken, 42602 for one that a table cannot have.
Status CheckNewName(CatalogDraft& draft, const TablePath& path);
/// 2BP01 for a drop of `what` ("index i") alone, which goes with `name` ("constraint i on table t") only.
Status RequiredBy(const std::string& what, const std::string& name);

/// 0A000 for a relation whose definition is not kept by SQL.
Status CheckMayAlter(const Relation& relation);
/// 42P17 for a table that is not partitioned, 0A000 for one whose partitions SQL does not keep.
Status CheckPartitioned(const Relation& table);
/// 0A000 for a relation that SQL has not made.
Status CheckOwn(const Relation& relation);
/// 0A000 for a table whose partitions KWDB's PARTITION BY has declared, or such a partition: they go and come together.
Status CheckNotDeclared(const Relation& relation);
/// 0A000 for one of such partitions, declared or that of the rest: what is changed is changed on its table.
Status CheckNoKwdbLeaf(CatalogDraft& draft, const RelationPtr& relation);
/// Whether a relation may be made there, for which PostgreSQL's own databases are made themselves: 42501 for the
/// system's database, 3F000 and 3D000 for one that is not there.
Status CheckDatabase(CatalogDraft& draft, const TablePath& path, const QualifiedName& name);
/// 42939 and 42602 for a name that no schema or database can have.
Status CheckDatabaseName(const std::string& name, bool is_schema);
/// 42602 for a name that a table cannot have.
Status CheckName(const TablePath& path);

/// The name that PostgreSQL chooses for what belongs to a table and its columns (none: empty): "t_a_b_key". The longer
/// of the two names is cut so that it has not more than 63 bytes.
std::string ObjectName(std::string_view table, std::string_view columns, std::string_view label);

}  // namespace weir::sql
