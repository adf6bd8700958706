#include "sql/catalog/exclusion_ddl.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "postgres/made_type.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/index_expression.h"
#include "sql/catalog/table_definition.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

Status CheckMethod(const std::string& method) {
  constexpr std::array<std::string_view, 4> kExcluding = {"btree", "hash", "gist", "spgist"};
  constexpr std::array<std::string_view, 2> kOthers = {"gin", "brin"};
  if (std::ranges::find(kExcluding, method) != kExcluding.end()) return Status::OK();
  if (std::ranges::find(kOthers, method) == kOthers.end()) {
    return Error("42704", fmt::format("access method \"{}\" does not exist", method));
  }
  return Error("0A000", fmt::format("access method \"{}\" does not support exclusion constraints", method));
}

/// What is to hold between two rows is the same from either side, and is a condition.
Status CheckOperator(const std::string& value, const std::string& op, const std::string& method, const Relation& table,
                     const DdlContext& context) {
  constexpr std::array<std::string_view, 5> kCommutative = {"=", "<>", "&&", "-|-", "~="};
  if (!context.type_of) return Error("0A000", "exclusion constraints are not supported here");
  const auto given = context.type_of(table.columns, Expression{.text = value + " " + op + " " + value});
  if (!given.ok()) return AtPosition(given.status(), 0);
  WEIR_ASSIGN_OR_RETURN(const std::string type, context.type_of(table.columns, Expression{.text = value}));
  const std::string shown = fmt::format("{0}({1},{1})", op, postgres::WithTypeNames(type));
  if (std::ranges::find(kCommutative, op) == kCommutative.end() || *given != "boolean") {
    return Error("42809", fmt::format("operator {} is not commutative", shown),
                 {.detail = "Only commutative operators can be used in exclusion constraints."});
  }
  if (op == "=" || method == "gist" || method == "spgist") return Status::OK();
  return Error("42809", fmt::format("operator {} is not a member of an operator family of access method \"{}\"", shown,
                                    method),
               {.detail = "The exclusion operator must be related to the index operator class for the constraint."});
}

/// What goes beside what of a DEFERRABLE key that any key must be.
Status CheckDeferrableKey(const TableConstraint& written, const Relation& table) {
  std::set<std::string> seen;
  const bool primary = written.deferrable_key == 'p';
  for (const std::string& name : written.columns) {
    if (seen.insert(name).second) continue;
    return Error("42701", fmt::format("column \"{}\" appears twice in {} constraint", name,
                                      primary ? "primary key" : "unique"),
                 {.position = written.position});
  }
  return primary ? CheckHasNoPrimaryKey(table, written.position) : Status::OK();
}

/// The index of a constraint. What its operators are goes to `operators`.
Result<IndexClause> ClauseOfExclusion(const TableConstraint& written, const DdlContext& context, CatalogDraft* draft,
                                      const Relation& table, std::vector<std::string>* operators) {
  WEIR_RETURN_NOT_OK(CheckMethod(written.method));
  IndexClause clause{.name = written.name, .columns = {}, .included = written.included, .unique = false,
                     .constraint = true};
  clause.position = written.position;
  clause.exclusion = true;
  clause.deferrable_key = written.deferrable_key;
  clause.deferred = written.rules.deferred;
  clause.nulls_distinct = !written.nulls_not_distinct;
  for (const ExclusionPart& part : written.exclusion) {
    if (part.column.expression) {
      WEIR_ASSIGN_OR_RETURN(SqlIndex::Expression expression,
                            DefineExpression(*part.column.expression, table, context, draft));
      WEIR_RETURN_NOT_OK(CheckOperator("(" + expression.text + ")", part.op, written.method, table, context));
      clause.columns.push_back(TextInIndex(expression));
      clause.expressions.emplace_back(std::move(expression));
    } else {
      if (table.ColumnIndex(part.column.name) < 0) {
        return Error("42703", fmt::format("column \"{}\" named in key does not exist", part.column.name),
                     {.position = written.deferrable_key != '\0' ? written.position : 0});
      }
      WEIR_RETURN_NOT_OK(CheckOperator(QuoteIdentifier(part.column.name), part.op, written.method, table, context));
      clause.columns.push_back(part.column.name);
      clause.expressions.emplace_back();
    }
    operators->push_back(part.op);
  }
  if (written.condition) {
    WEIR_ASSIGN_OR_RETURN(clause.condition, DefineCondition(*written.condition, table, context, draft));
  }
  return clause;
}

/// A partitioned table's key is held in each of its leaves.
Status HoldTree(const RelationPtr& table, const SqlConstraint& constraint, const DdlContext& context,
                CatalogDraft* draft) {
  if (!table->is_partitioned()) return context.hold_exclusion(table, constraint);
  const RelationPtr whole = IndexOfConstraint(*table, constraint.name);
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft->Children(*table));
  for (const RelationPtr& child : children->relations) {
    for (const RelationPtr& part : child->indexes) {
      const SqlConstraint* own = child->FindConstraint(part->path.table);
      if (!whole || part->index->parent != whole->id || own == nullptr) continue;
      WEIR_RETURN_NOT_OK(HoldTree(child, *own, context, draft));
    }
  }
  return Status::OK();
}

}  // namespace

Result<IndexClause> ClauseOfDeferrableKey(const TableConstraint& written, const DdlContext& context,
                                          CatalogDraft* draft, const Relation& table) {
  WEIR_RETURN_NOT_OK(CheckDeferrableKey(written, table));
  std::vector<std::string> equals;
  return ClauseOfExclusion(written, context, draft, table, &equals);
}

Status AddExclusion(const TableConstraint& written, const DdlContext& context, CatalogDraft* draft, Relation* table) {
  if (written.deferrable_key != '\0') {
    WEIR_ASSIGN_OR_RETURN(const IndexClause clause, ClauseOfDeferrableKey(written, context, draft, *table));
    WEIR_RETURN_NOT_OK(AddKeyIndex(clause, std::nullopt, draft, table).status());
    table->constraints.back().comment = written.comment;
    return Status::OK();
  }
  if (table->is_partitioned()) {
    return Error("0A000", "exclusion constraints are not supported on partitioned tables",
                 {.position = written.position});
  }
  if (!written.name.empty() && table->FindConstraint(written.name) != nullptr) {
    return Error("42710", fmt::format("constraint \"{}\" for relation \"{}\" already exists", written.name,
                                      table->path.table));
  }
  SqlConstraint constraint{
      .kind = SqlConstraint::Kind::kExclusion, .name = {}, .columns = written.columns, .check = {}};
  constraint.exclusion = SqlExclusion{.method = written.method, .operators = {}};
  WEIR_ASSIGN_OR_RETURN(const IndexClause clause,
                        ClauseOfExclusion(written, context, draft, *table, &constraint.exclusion->operators));
  WEIR_ASSIGN_OR_RETURN(const auto index, AddIndex(clause, std::nullopt, draft, table));
  constraint.name = index->path.table;
  constraint.comment = written.comment;
  table->constraints.push_back(std::move(constraint));
  return Status::OK();
}

Status AddExclusionsOfNew(const std::vector<TableConstraint>& written, const DdlContext& context, CatalogDraft* draft,
                          Relation* table) {
  for (const TableConstraint& one : written) {
    if (one.kind == TableConstraint::Kind::kExclusion) WEIR_RETURN_NOT_OK(AddExclusion(one, context, draft, table));
  }
  return Status::OK();
}

Status HoldToExclusions(const Relation& before, int64_t table, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr now, draft->FindById(table));
  if (!now) return Status::OK();
  for (const SqlConstraint& constraint : now->constraints) {
    const bool had = before.FindConstraint(constraint.name) != nullptr;
    if (constraint.kind != SqlConstraint::Kind::kExclusion || had) continue;
    WEIR_RETURN_NOT_OK(HoldTree(now, constraint, context, draft));
  }
  return Status::OK();
}

Status CheckNoExclusionHolds(const Relation& table, const std::string& column) {
  const int at = table.ColumnIndex(column);
  if (at < 0) return Status::OK();
  const int number = table.NumberOf(static_cast<size_t>(at));
  const auto names = [&](const std::vector<int>& columns) {
    return std::ranges::find(columns, number) != columns.end();
  };
  for (const RelationPtr& index : table.indexes) {
    if (!index->index->exclusion || (!names(index->index->columns) && !names(index->index->uses))) continue;
    return Error(
        "0A000",
        fmt::format("altering the type of a column of an exclusion constraint is not supported: \"{}\"", column),
        {.detail = fmt::format("constraint {} depends on it.", index->path.table),
         .hint = "Drop the constraint, and add it again once the type is altered."});
  }
  return Status::OK();
}

}  // namespace weir::sql
