#include <fmt/format.h>

#include <algorithm>

#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/index_ddl.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

Result<std::string*> CommentOf(const CommentOn& statement, Relation* relation) {
  switch (statement.kind) {
    case CommentOn::Kind::kTable:
    case CommentOn::Kind::kForeignTable:
    case CommentOn::Kind::kView:
    case CommentOn::Kind::kMaterializedView: {
      const bool materialized = statement.kind == CommentOn::Kind::kMaterializedView;
      const bool foreign = statement.kind == CommentOn::Kind::kForeignTable;
      const std::string_view wanted =
          foreign ? "foreign table" : materialized ? "materialized view" : statement.kind == CommentOn::Kind::kView ? "view" : "table";
      if (NameOfKind(*relation) == wanted) return &relation->comment;
      return Error("42809", fmt::format("\"{}\" is not a {}", relation->path.table, wanted));
    }
    case CommentOn::Kind::kIndex: {
      if (relation->is_index()) return &relation->comment;
      return Error("42809", fmt::format("\"{}\" is not an index", relation->path.table));
    }
    case CommentOn::Kind::kColumn: {
      const int at = relation->ColumnIndex(statement.name);
      if (at >= 0) return &relation->columns[static_cast<size_t>(at)].comment;
      return Error("42703", fmt::format("column \"{}\" of relation \"{}\" does not exist", statement.name,
                                        relation->path.table));
    }
    case CommentOn::Kind::kConstraint: {
      const auto found = std::ranges::find(relation->constraints, statement.name, &SqlConstraint::name);
      if (found != relation->constraints.end()) return &found->comment;
      return Error("42704", fmt::format("constraint \"{}\" for table \"{}\" does not exist", statement.name,
                                        relation->path.table));
    }
  }
  return &relation->comment;
}

}  // namespace

Result<Notices> Execute(const CommentOn& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr before, FindNamed(*draft, statement.table, context));
  if (!CatalogImpl::IsSql(*before)) {
    return Error("0A000", fmt::format("\"{}\" is not SQL's to comment on", before->path.table),
                 {.detail = "The table was made through Fluss, which keeps its definition."});
  }
  auto now = std::make_shared<Relation>(*before);
  WEIR_ASSIGN_OR_RETURN(std::string* const comment, CommentOf(statement, now.get()));
  *comment = statement.text.value_or("");
  if (!now->is_index()) {
    draft->Put(std::move(now), before);
    return Notices();
  }
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, draft->FindById(now->index->table));
  auto with_index = std::make_shared<Relation>(*table);
  PutIndex(std::move(now), draft, with_index.get());
  draft->Put(std::move(with_index), table);
  return Notices();
}

}  // namespace weir::sql
