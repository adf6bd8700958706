#include "sql/catalog/create_like.h"

#include "sql/catalog/ddl_names.h"
#include "sql/catalog/index_ddl.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

ColumnDefinition ColumnLike(const SqlColumn& column, const LikeTable& like) {
  ColumnDefinition definition;
  definition.name = column.name;
  definition.type.text = column.type;
  definition.not_null = column.not_null;
  definition.collation = column.collation;
  const bool identity = column.identity != SqlColumn::Identity::kNone;
  if (like.defaults && column.default_value && !identity)
    definition.default_value = Expression{.text = *column.default_value};
  if (like.generated && column.generated) definition.generated = Expression{.text = *column.generated};
  if (like.comments) definition.comment = column.comment;
  return definition;
}

/// An identity column like another one has a sequence of its own.
Status IdentityLike(const SqlColumn& column, CatalogDraft* draft, ColumnDefinition* definition) {
  if (column.identity == SqlColumn::Identity::kNone) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr found,
                        draft->FindById(SequenceOfDefault(*column.default_value).value_or(-1)));
  if (!found) return Status::OK();
  const Sequence& sequence = *found->sequence;
  definition->identity = IdentityClause{
      .always = column.identity == SqlColumn::Identity::kAlways,
      .options = {.increment = sequence.increment,
                  .min_value = SequenceOptions::Limit{sequence.min_value},
                  .max_value = SequenceOptions::Limit{sequence.max_value},
                  .start = sequence.start,
                  .cache = sequence.cache,
                  .cycle = sequence.cycle}};
  return Status::OK();
}

/// Keys get names of their own table, CHECKs keep theirs.
TableConstraint ConstraintLike(const SqlConstraint& constraint, const LikeTable& like) {
  TableConstraint definition;
  if (like.comments) definition.comment = constraint.comment;
  if (constraint.kind == SqlConstraint::Kind::kCheck) {
    definition.kind = TableConstraint::Kind::kCheck;
    definition.name = constraint.name;
    definition.check = Expression{.text = constraint.check};
    definition.no_inherit = constraint.no_inherit;
    return definition;
  }
  const bool primary = constraint.kind == SqlConstraint::Kind::kPrimaryKey || constraint.primary;
  definition.kind = primary ? TableConstraint::Kind::kPrimaryKey : TableConstraint::Kind::kUnique;
  definition.columns = constraint.columns;
  definition.included = constraint.included;
  definition.shards = constraint.shards;
  definition.nulls_not_distinct = !constraint.nulls_distinct;
  definition.descending = constraint.descending;
  return definition;
}

TableConstraint ExclusionLike(const SqlConstraint& constraint, const Relation& source, const LikeTable& like) {
  TableConstraint definition;
  if (like.comments) definition.comment = constraint.comment;
  definition.kind = TableConstraint::Kind::kExclusion;
  definition.method = constraint.exclusion->method;
  definition.columns = constraint.columns;
  definition.deferrable_key = constraint.exclusion->key;
  definition.rules.deferred = constraint.exclusion->deferred;
  definition.included = constraint.included;
  definition.nulls_not_distinct = !constraint.nulls_distinct;
  const RelationPtr index = IndexOfConstraint(source, constraint.name);
  if (!index) return definition;
  const std::vector<std::string> columns = KeyColumnsOf(*index->index, source);
  for (size_t i = 0; i < columns.size(); ++i) {
    ExclusionPart& part = definition.exclusion.emplace_back();
    part.op = constraint.exclusion->operators[i];
    const SqlIndex::Expression* expression = index->index->ExpressionAt(i);
    if (expression == nullptr) {
      part.column.name = columns[i];
    } else {
      part.column.expression =
          IndexExpression{.text = expression->text, .label = expression->label, .is_call = expression->is_call};
    }
  }
  if (!index->index->condition.empty()) definition.condition = IndexExpression{.text = index->index->condition};
  return definition;
}

}  // namespace

Result<CreateTable> WithLikes(const CreateTable& statement, const DdlContext& context, CatalogDraft* draft) {
  CreateTable table = statement;
  size_t added = 0;
  for (const LikeTable& like : statement.likes) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr source, draft->Find(PathOf(like.source, context)));
    if (!source) return NoRelation(like.source, like.source.position);
    std::vector<ColumnDefinition> columns;
    for (const SqlColumn& column : source->columns) {
      columns.push_back(ColumnLike(column, like));
      if (like.identity) WEIR_RETURN_NOT_OK(IdentityLike(column, draft, &columns.back()));
    }
    table.columns.insert(table.columns.begin() + static_cast<std::ptrdiff_t>(like.place + added), columns.begin(),
                         columns.end());
    added += columns.size();
    for (const SqlConstraint& constraint : source->constraints) {
      if (constraint.foreign) continue;  // never taken over
      if (constraint.exclusion) {
        if (like.indexes) table.constraints.push_back(ExclusionLike(constraint, *source, like));
        continue;
      }
      const bool check = constraint.kind == SqlConstraint::Kind::kCheck;
      if (check ? like.constraints : like.indexes) table.constraints.push_back(ConstraintLike(constraint, like));
    }
  }
  table.likes.clear();
  return table;
}

Status AddIndexesLike(const CreateTable& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr made, FindNamed(*draft, statement.name, context));
  auto table = std::make_shared<Relation>(*made);
  for (const LikeTable& like : statement.likes) {
    if (!like.indexes) continue;
    WEIR_ASSIGN_OR_RETURN(const RelationPtr source, FindNamed(*draft, like.source, context));
    for (const RelationPtr& index : source->indexes) {
      if (index->index->constraint) continue;
      WEIR_ASSIGN_OR_RETURN(const auto own, AddIndex(ClauseOf(*index, *source), std::nullopt, draft, table.get()));
      if (like.comments) own->comment = index->comment;
    }
  }
  if (table->indexes.size() != made->indexes.size()) draft->Put(std::move(table), made);
  return Status::OK();
}

}  // namespace weir::sql
