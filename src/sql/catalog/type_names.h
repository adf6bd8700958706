#pragma once

#include <string>

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

/// What a statement calls by its name, definitions keep by its OID (postgres::KeptTypeText): made types, wherever they
/// stand. Names of no made type stay as they are.
Status BindType(const DdlContext& context, CatalogDraft* draft, TypeName* type);
/// The same of the casts, and of the literals with a type, in an expression or a query.
Status BindTypesIn(const DdlContext& context, CatalogDraft* draft, std::string* text);

/// Statements with their types bound.
Result<CreateTable> WithBoundTypes(CreateTable statement, const DdlContext& context, CatalogDraft* draft);
Result<AlterTable> WithBoundTypes(AlterTable statement, const DdlContext& context, CatalogDraft* draft);

/// The made type, or the type of its arrays, that a name means; none: there is no such type.
Result<NamedType> FindTypeCalled(CatalogDraft& draft, const QualifiedName& name, const DdlContext& context);

}  // namespace weir::sql
