#pragma once

#include <string>
#include <vector>

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

/// 42710 for a name that a type has, or the row of a table or view.
Status CheckTypeNameIsFree(CatalogDraft& draft, const TablePath& path);
/// The same for a new table or view, whose row's type would have the name.
Status CheckNoTypeIsCalled(CatalogDraft& draft, const TablePath& path);

/// Where a statement that makes a type makes it. 42501, 3F000 or 42710 where it cannot be there.
Result<TablePath> PathOfNewType(const QualifiedName& name, const DdlContext& context, CatalogDraft* draft);

/// 0A000 for a change of how values are read and held that would take effect with the end of a block only: what all
/// know of a type is what is committed.
Status CheckTakesEffect(const postgres::MadeType& type, const DdlContext& context, const CatalogDraft& draft);

/// A new type without its name's place: OIDs, and a name for its arrays that is free.
Result<std::shared_ptr<postgres::MadeType>> NewType(CatalogDraft& draft, const TablePath& path, int64_t owner);

/// What cannot be without some types.
struct TypeDependents {
  std::vector<std::string> reasons;  // "column m of table t depends on type mood"
  std::vector<std::string> objects;  // "column m of table t"
  std::vector<AlterTable> changes;   // that take these away from tables that stay
  std::vector<QualifiedName> tables;  // that are partitioned by them
  std::vector<RelationPtr> views;
  std::vector<DropFunctions> functions;
  std::vector<postgres::MadeTypePtr> types;
  std::vector<postgres::MadeTypePtr> composites;  // of whose attributes some are of such a type
};
/// `but`: what goes anyway.
Result<TypeDependents> DependentsOfTypes(CatalogDraft& draft, const std::vector<postgres::MadeTypePtr>& types,
                                         const std::vector<RelationPtr>& but, const DdlContext& context);
/// Takes them away, and then the types.
Status DropTypesWith(const std::vector<postgres::MadeTypePtr>& types, const TypeDependents& dependents,
                     const DdlContext& context, CatalogDraft* draft);
/// The types of a database.
Result<std::vector<postgres::MadeTypePtr>> TypesOf(CatalogDraft& draft, const std::string& database);

/// "type mood": by its schema where that is not the session's database.
std::string DescribedType(const postgres::MadeType& type, const DdlContext& context);

Result<Notices> Execute(const CreateEnum& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const CreateRange& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const AlterType& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const DropTypes& statement, const DdlContext& context, CatalogDraft* draft);

}  // namespace weir::sql
