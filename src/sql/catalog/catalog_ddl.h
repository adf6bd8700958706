#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sql/catalog/relation.h"
#include "sql/dialect/statement.h"
#include "weir/status.h"

namespace weir::sql {

class CatalogDraft;

/// Evaluates constant expressions at DDL time: each is cast to the type beside it.
struct ToEvaluate {
  std::string expression;
  std::string type;  // PostgreSQL's name
  int position = 0;
};
using Evaluator = std::function<Result<std::vector<KeyValue>>(const std::vector<ToEvaluate>&)>;

/// What DDL asks of the session that runs it.
struct DdlContext {
  std::string database;  // of unqualified names
  Evaluator evaluate;
  /// Whether a table has a row for which the expression is true, for DEFAULT partitions and ATTACH.
  std::function<Result<bool>(const Relation& relation, const std::string& expression)> has_row;
  /// PostgreSQL's name of the type that an expression over these columns gives, for partition keys. Without one the
  /// catalog goes by the expression's outermost function.
  std::function<Result<std::string>(const std::vector<SqlColumn>&, const Expression&)> type_of = {};
};

using Notices = std::vector<std::string>;

/// The path that a name stands for.
TablePath PathOf(const QualifiedName& name, const std::string& database);

// DDL changes a draft. Each statement is checked whole before anything is changed. The strings are NOTICEs.
Result<Notices> Execute(const CreateTable& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const AttachPartition& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const DetachPartition& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const DropTable& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const CreateDatabase& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const DropDatabase& statement, const DdlContext& context, CatalogDraft* draft);

}  // namespace weir::sql
