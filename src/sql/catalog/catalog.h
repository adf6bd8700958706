#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/gateway.h"
#include "sql/catalog/pending_tables.h"
#include "sql/catalog/relation.h"
#include "sql/dialect/statement.h"
#include "weir/status.h"

namespace weir::sql {

/// What SQL knows of a target's tables: the relations of SQL's own partition trees, kept in PK
/// tables of the database `weir` through the Gateway, and every other Fluss table as it is. A Fluss
/// table partitioned by columns appears as a tree one LIST level deep whose leaves are its
/// partitions. Loaded as it is asked for; a change made by another door is seen by the next
/// statement (Refresh). Thread-safe.
class Catalog {
 public:
  static Result<std::shared_ptr<Catalog>> Open(std::shared_ptr<Gateway> gateway);
  virtual ~Catalog() = default;

  /// Evaluates constant expressions at DDL time: each is cast to the type beside it.
  struct ToEvaluate {
    std::string expression;
    std::string type;  // PostgreSQL's name
    int position = 0;
  };
  using Evaluator = std::function<Result<std::vector<KeyValue>>(const std::vector<ToEvaluate>&)>;
  /// Whether a table has a row for which the expression is true, for DEFAULT partitions and ATTACH.
  using RowTest = std::function<Result<bool>(const Relation& relation, const std::string& expression)>;
  /// PostgreSQL's name of the type that an expression over these columns gives, for partition keys. Without one the
  /// catalog goes by the expression's outermost function.
  using TypeTest = std::function<Result<std::string>(const std::vector<SqlColumn>&, const Expression&)>;
  struct DdlContext {
    std::string database;  // of unqualified names
    Evaluator evaluate;
    RowTest has_row;
    TypeTest type_of = {};
    /// Where CREATE TABLE may leave its tables until Write; null: they are written at once.
    PendingTables* pending = nullptr;
  };

  virtual Gateway& gateway() const = 0;

  virtual Result<std::vector<std::string>> ListDatabases() = 0;
  virtual Result<std::vector<RelationPtr>> ListRelations(const std::string& database) = 0;
  /// Null when there is none. Looks at the target when the cached answer may be out of date.
  virtual Result<RelationPtr> Find(const TablePath& path) = 0;
  virtual Result<RelationPtr> FindById(int64_t id) = 0;
  /// The children of a partitioned relation; loaded on first use and kept until they change.
  virtual Result<PartitionChildrenPtr> Children(const Relation& relation) = 0;
  /// Drops what is cached of Fluss's own tables, so that the next look sees other doors' changes.
  virtual void Refresh() = 0;
  /// Goes up with every change made through this catalog.
  virtual uint64_t version() const = 0;

  // DDL. Each is checked whole before anything is written. The strings are NOTICEs.
  virtual Result<std::vector<std::string>> Execute(const CreateTable& statement, const DdlContext& context) = 0;
  /// Makes all that waits in `pending` in one atomic write; nothing waits there any more, also after an error.
  /// 40001: what it was checked against has changed.
  virtual Status Write(PendingTables* pending) = 0;
  virtual Result<std::vector<std::string>> Execute(const AttachPartition& statement, const DdlContext& context) = 0;
  virtual Result<std::vector<std::string>> Execute(const DetachPartition& statement, const DdlContext& context) = 0;
  virtual Result<std::vector<std::string>> Execute(const DropTable& statement, const DdlContext& context) = 0;
  virtual Result<std::vector<std::string>> Execute(const CreateDatabase& statement, const DdlContext& context) = 0;
  virtual Result<std::vector<std::string>> Execute(const DropDatabase& statement, const DdlContext& context) = 0;
};

/// What a row of this partition meets, its ancestors' bounds included, as pg_get_partition_constraintdef shows it;
/// empty for a relation that is no partition, and for a DEFAULT without siblings. HASH bounds are calls of
/// satisfies_hash_partition(parent, modulus, remainder, key…).
Result<std::string> PartitionConstraintText(Catalog& catalog, const Relation& relation);

}  // namespace weir::sql
