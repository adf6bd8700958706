#pragma once

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

// CREATE, ALTER and DROP of functions and procedures.
Result<Notices> Execute(const CreateFunction& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const DropFunctions& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const AlterFunction& statement, const DdlContext& context, CatalogDraft* draft);

/// Where the functions of a name are.
TablePath FunctionPathOf(const QualifiedName& name, const DdlContext& context);

/// "integer" for "int4": a type of PostgreSQL's own as it is shown. 42704.
Result<std::string> FunctionTypeName(const std::string& written);

}  // namespace weir::sql
