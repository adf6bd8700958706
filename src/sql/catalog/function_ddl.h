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

/// "integer" for "int4", or a made type as it is kept. `database`: of a name without a schema. 42704.
Result<std::string> FunctionTypeName(const std::string& written, const std::string& database, CatalogView& catalog);

/// What a statement names: a function with all those of its name.
struct NamedFunction {
  RelationPtr set;
  SqlFunctionPtr function;  // null: there is none
};
/// 42725 where several are meant, 42809 for one of another kind.
Result<NamedFunction> FindFunctionNamed(const FunctionName& name, RoutineKind kind, const std::string& database,
                                        CatalogView& catalog);
/// 42883
Status NoFunction(const FunctionName& name, RoutineKind kind, const std::string& database, CatalogView& catalog);
/// The same, with this in the place of what has its id.
void ReplaceFunction(SqlFunction function, const RelationPtr& set, CatalogDraft* draft);

}  // namespace weir::sql
