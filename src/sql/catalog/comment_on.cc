#include <fmt/format.h>

#include <algorithm>

#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/foreign_files.h"
#include "sql/catalog/function_ddl.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/type_names.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using Kind = CommentOn::Kind;

std::string_view WordOfKind(Kind kind) {
  if (kind == Kind::kForeignTable) return "foreign table";
  if (kind == Kind::kView) return "view";
  if (kind == Kind::kSequence) return "sequence";
  return kind == Kind::kMaterializedView ? "materialized view" : "table";
}

Result<std::string*> CommentOf(const CommentOn& statement, Relation* relation) {
  const std::string& table = relation->path.table;
  if (statement.kind == Kind::kIndex) {
    if (relation->is_index()) return &relation->comment;
    return Error("42809", fmt::format("\"{}\" is not an index", table));
  }
  if (statement.kind == Kind::kColumn) {
    const int at = relation->ColumnIndex(statement.name);
    if (at >= 0) return &relation->columns[static_cast<size_t>(at)].comment;
    return Error("42703", fmt::format("column \"{}\" of relation \"{}\" does not exist", statement.name, table));
  }
  if (statement.kind == Kind::kConstraint) {
    const auto found = std::ranges::find(relation->constraints, statement.name, &SqlConstraint::name);
    if (found != relation->constraints.end()) return &found->comment;
    return Error("42704", fmt::format("constraint \"{}\" for table \"{}\" does not exist", statement.name, table));
  }
  const std::string_view wanted = WordOfKind(statement.kind);
  if (NameOfKind(*relation) == wanted) return &relation->comment;
  return Error("42809", fmt::format("\"{}\" is not a {}", table, wanted));
}

Status CommentOnRelation(const CommentOn& statement, const DdlContext& context, CatalogDraft* draft) {
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
    return Status::OK();
  }
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, draft->FindById(now->index->table));
  auto with_index = std::make_shared<Relation>(*table);
  PutIndex(std::move(now), draft, with_index.get());
  draft->Put(std::move(with_index), table);
  return Status::OK();
}

Status CommentOnType(const CommentOn& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const NamedType found, FindTypeCalled(*draft, statement.table, context));
  if (!found.type || found.is_array) {
    return Error("42704", fmt::format("type \"{}\" does not exist", Shown(statement.table)));
  }
  if (statement.kind != Kind::kType && found.type->kind != postgres::TypeKind::kDomain) {
    return Error("42809", fmt::format("\"{}\" is not a domain", Shown(statement.table)));
  }
  auto now = std::make_shared<postgres::MadeType>(*found.type);
  std::string* comment = &now->comment;
  if (statement.kind == Kind::kDomainConstraint) {
    const auto check = std::ranges::find(now->checks, statement.name, &postgres::DomainCheck::name);
    if (check == now->checks.end()) {
      return Error("42704", fmt::format("constraint \"{}\" for domain {} does not exist", statement.name, now->name));
    }
    comment = &check->comment;
  }
  *comment = statement.text.value_or("");
  return draft->PutType(now);
}

Status CommentOnRoutine(const CommentOn& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const NamedFunction named,
                        FindFunctionNamed(statement.function, statement.routine, context.database, *draft));
  if (!named.function) return NoFunction(statement.function, statement.routine, context.database, *draft);
  SqlFunction function = *named.function;
  function.comment = statement.text.value_or("");
  ReplaceFunction(std::move(function), named.set, draft);
  return Status::OK();
}

/// The key of what has no definition to keep a comment in. An error where there is no such thing.
Result<std::string> KeyOf(const CommentOn& statement, const DdlContext& context, CatalogDraft* draft) {
  if (statement.kind == Kind::kServer) {
    WEIR_ASSIGN_OR_RETURN(const auto server, FindServer(*draft, statement.name));
    if (server) return CommentKeyOfServer(statement.name);
    return Error("42704", fmt::format("server \"{}\" does not exist", statement.name));
  }
  if (statement.kind == Kind::kRole) {
    if (!context.find_role) return Error("0A000", "there are no roles here");
    WEIR_ASSIGN_OR_RETURN(const int64_t role, context.find_role({.name = statement.name}));
    return CommentKeyOfRole(role);
  }
  const bool schema = statement.kind == Kind::kSchema;
  const std::string& name = schema && statement.name == "public" ? context.database : statement.name;
  WEIR_ASSIGN_OR_RETURN(const bool exists, draft->DatabaseExists(name));
  if (exists) return schema ? CommentKeyOfSchema(name) : CommentKeyOfDatabase(name);
  return Error(schema ? "3F000" : "3D000",
               fmt::format("{} \"{}\" does not exist", schema ? "schema" : "database", statement.name));
}

}  // namespace

Result<Notices> Execute(const CommentOn& statement, const DdlContext& context, CatalogDraft* draft) {
  switch (statement.kind) {
    case Kind::kTable:
    case Kind::kForeignTable:
    case Kind::kView:
    case Kind::kMaterializedView:
    case Kind::kColumn:
    case Kind::kConstraint:
    case Kind::kIndex:
    case Kind::kSequence: WEIR_RETURN_NOT_OK(CommentOnRelation(statement, context, draft)); break;
    case Kind::kType:
    case Kind::kDomain:
    case Kind::kDomainConstraint: WEIR_RETURN_NOT_OK(CommentOnType(statement, context, draft)); break;
    case Kind::kRoutine: WEIR_RETURN_NOT_OK(CommentOnRoutine(statement, context, draft)); break;
    case Kind::kSchema:
    case Kind::kDatabase:
    case Kind::kRole:
    case Kind::kServer: {
      WEIR_ASSIGN_OR_RETURN(const std::string key, KeyOf(statement, context, draft));
      WEIR_RETURN_NOT_OK(draft->PutComment(key, statement.text));
      break;
    }
  }
  return Notices();
}

}  // namespace weir::sql
