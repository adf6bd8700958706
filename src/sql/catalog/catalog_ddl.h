#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sql/catalog/relation.h"
#include "sql/catalog/temporary.h"
#include "sql/dialect/statement.h"
#include "weir/status.h"

namespace weir::sql {

class CatalogDraft;
struct ForeignKey;

/// The databases that PostgreSQL's tools expect: anyone may connect to them, and their first relation makes them.
inline bool IsMaintenanceDatabase(const std::string& name) { return name == "postgres" || name == "template1"; }

/// Evaluates constant expressions at DDL time: each is cast to the type beside it.
struct ToEvaluate {
  std::string expression;
  std::string type;  // PostgreSQL's name
  int position = 0;
};
using Evaluator = std::function<Result<std::vector<KeyValue>>(const std::vector<ToEvaluate>&)>;

/// Rows of a leaf as they will be: its columns then, and for each an expression over those that it has, whose values
/// are assigned to it.
struct NewRows {
  std::vector<SqlColumn> columns;
  std::vector<std::string> expressions;
  std::string condition = {};  // over those that it has: which rows; empty: all
};
/// Rows that stay as they are, of a leaf with these columns.
NewRows SameRows(std::vector<SqlColumn> columns, std::string condition = {});

/// What every row has in a column that is added.
struct InitialDefault {
  bool changes = false;              // from row to row: there is no such thing
  std::optional<std::string> value;  // Column::initial_default; nothing: NULL
};

/// Where an expression of a definition stands.
enum class DefinitionUse {
  kCheck, kDefault, kGenerated, kPartitionKey, kConversion, kIndexExpression, kIndexCondition
};

/// An expression of a relation's definition.
struct DefinitionText {
  DefinitionUse use = DefinitionUse::kCheck;
  const Relation& relation;
  const SqlColumn* column = nullptr;  // whose default or new value it is
  const Expression& expression;
};

/// What CREATE VIEW makes, by the meaning of its query.
struct NewView {
  std::vector<SqlColumn> columns;
  ViewDefinition definition;
};

/// What DDL asks of the session that runs it.
struct DdlContext {
  std::string database;  // of unqualified names
  TemporaryTables temporary = {};
  /// Where types without a schema are looked for, the first place first; absent: in `database`.
  std::function<Result<std::vector<std::string>>()> databases_of_path = {};
  int64_t role = 0;  // to whom what is made belongs, as far as its definition says so
  std::function<Result<int64_t>(const RoleName& role)> find_role = {};
  /// 42501 where the role may not make things of the type.
  std::function<Status(const postgres::MadeType& type)> check_type = {};
  bool in_block = false;  // whether what is done is committed with other statements
  Evaluator evaluate;
  /// Whether a table has a row for which the expression is true, for DEFAULT partitions and ATTACH.
  std::function<Result<bool>(const Relation& relation, const std::string& expression)> has_row;
  /// PostgreSQL's name of the type that an expression over these columns gives, for partition keys. Without one the
  /// catalog goes by the expression's outermost function.
  std::function<Result<std::string>(const std::vector<SqlColumn>&, const Expression&)> type_of = {};
  /// Whether a leaf has a row of which the condition will be true.
  std::function<Result<bool>(const RelationPtr& leaf, const NewRows& rows, const std::string& condition)> has_new_row =
      {};
  /// Copies rows of a leaf, as they will be, to one whose table was made for them, and counts them.
  std::function<Result<int64_t>(const RelationPtr& leaf, const NewRows& rows, const RelationPtr& to)> copy_rows = {};
  /// Copies the rows of a leaf that becomes `table` to those of its partitions that they belong to.
  std::function<Status(const RelationPtr& leaf, const Relation& table, const PartitionChildren& partitions)>
      spread_rows = {};
  std::function<Result<int64_t>(const Relation& relation)> count_rows = {};
  /// Deletes the rows of a table and of all below it.
  std::function<Status(const RelationPtr& table)> empty = {};
  /// Takes the keys of a leaf's rows into a new index. 23505 for two that are alike.
  std::function<Status(const RelationPtr& leaf, const RelationPtr& index)> build_index = {};
  std::function<Result<InitialDefault>(const SqlColumn& column, const std::string& expression)> initial_default = {};
  /// An expression as it is kept, once it means something where it stands: PostgreSQL's errors. Calls of functions that
  /// are written in SQL are kept with what these are made of (dialect/kept_call.h).
  std::function<Result<std::string>(const DefinitionText&)> keep = {};
  std::function<Result<NewView>(const CreateView&)> define_view = {};
  /// 0A000 for a view whose CHECK OPTION rows cannot be held to.
  std::function<Status(const ViewDefinition& view)> check_option = {};
  /// Whether the body of a function gives what it is declared to. `position`: of the body in the statement; 0: unknown.
  std::function<Status(const SqlFunction&, int position)> check_function = {};
  std::function<Result<SequenceState>(const Sequence&)> sequence_state = {};
  /// 23503 for a row of a table that refers to none.
  std::function<Status(const ForeignKey&)> hold_foreign_key = {};
  /// 23503 for a row of a partition that is referred to: once the referenced table is without it, nobody could.
  std::function<Status(const ForeignKey&, const RelationPtr& partition)> hold_without_partition = {};
  /// Holds the rows of a table to a new EXCLUDE constraint of it: 23P01.
  std::function<Status(const RelationPtr& table, const SqlConstraint& constraint)> hold_exclusion = {};

  /// Lets nobody else use a relation, nor where `below` is said one below it, until the transaction ends. Gives it as
  /// it is then; null: it is gone.
  std::function<Result<RelationPtr>(const RelationPtr& relation, bool below)> lock = {};

  /// 42501 for a file that SQL may not reach.
  std::function<Status(const std::string& name)> check_file = {};
  /// A WARNING beside the statement's result.
  std::function<void(const char* sqlstate, const std::string& text)> warn = {};

  Result<RelationPtr> Lock(const RelationPtr& relation, bool below) const {
    return lock ? lock(relation, below) : Result<RelationPtr>(relation);
  }
  Status CheckMayUse(const postgres::MadeType& type) const { return check_type ? check_type(type) : Status::OK(); }
  Result<std::string> Kept(const DefinitionText& text) const {
    return keep ? keep(text) : Result<std::string>(text.expression.text);
  }
};

/// A NOTICE beside a statement's result.
struct DdlNotice {
  DdlNotice(std::string said, std::string hinted = {}, std::string detailed = {})
      : text(std::move(said)), hint(std::move(hinted)), detail(std::move(detailed)) {}
  DdlNotice(const char* said) : text(said) {}
  std::string text;
  std::string hint;
  std::string detail;
};
using Notices = std::vector<DdlNotice>;

/// The path that a name stands for.
TablePath PathOf(const QualifiedName& name, const std::string& database, const TemporaryTables& temporary = {});

// DDL changes a draft. Each statement is checked whole before anything is changed. The strings are NOTICEs.
Result<Notices> Execute(const CreateTable& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const AttachPartition& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const DetachPartition& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const AlterPartitioning& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const AlterTable& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const AlterClassicPartition& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const CommentOn& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const DropTable& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const CreateView& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const DropView& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const CreateDatabase& statement, const DdlContext& context, CatalogDraft* draft);
Result<Notices> Execute(const DropDatabase& statement, const DdlContext& context, CatalogDraft* draft);

}  // namespace weir::sql
