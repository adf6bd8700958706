#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

/// What cannot be without a function that is written in SQL, as its definition calls it.
struct FunctionDependents {
  std::vector<std::string> reasons;     // "constraint c on table t depends on function f(integer)"
  std::vector<std::string> objects;     // "constraint c on table t"
  std::vector<AlterTable> changes;      // that take these away from tables that stay
  std::vector<QualifiedName> indexes;
  std::vector<QualifiedName> tables;    // that are partitioned by it
  std::vector<QualifiedName> domains;   // of whose default it is a part
  std::vector<std::pair<postgres::Oid, std::string>> domain_checks;

  bool empty() const { return reasons.empty(); }
};
/// `what`: "function f(integer)".
Result<FunctionDependents> DefinitionsCalling(int64_t function, const std::string& what, const DdlContext& context,
                                              CatalogDraft* draft);
Status DropDefinitions(const FunctionDependents& dependents, const DdlContext& context, CatalogDraft* draft);

/// Once a function has another body: the definitions that call it are made of that one from now on. What they have
/// computed before stays as it is, as in PostgreSQL.
Status RenewDefinitions(int64_t function, const DdlContext& context, CatalogDraft* draft);

/// Once a schema has another name: what definitions keep of calls of its functions has that one.
Status RenameSchemaOfCalls(const std::string& from, const std::string& to, CatalogDraft* draft);

}  // namespace weir::sql
