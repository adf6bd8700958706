#include "sql/catalog/rename_database.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/function_uses.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/renamed_tree.h"
#include "sql/catalog/system_schemas.h"
#include "sql/catalog/temporary.h"
#include "sql/catalog/type_ddl.h"
#include "sql/catalog/zone.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

Status CheckMayRename(const RenameDatabase& rename, const DdlContext& context, CatalogDraft* draft) {
  const char* kind = rename.is_schema ? "schema" : "database";
  if (rename.name == kSystemDatabase || IsSystemSchema(rename.name)) {
    return Error("42501", fmt::format("permission denied: \"{}\" is a system {}", rename.name, kind));
  }
  if (rename.is_schema && rename.name == "public") {
    return Error("0A000", "renaming the schema \"public\" is not supported",
                 {.detail = fmt::format("It stands for the database \"{}\".", context.database),
                  .hint = "Use ALTER DATABASE ... RENAME TO from another database."});
  }
  WEIR_ASSIGN_OR_RETURN(bool exists, draft->DatabaseExists(rename.name));
  const bool own = rename.name == context.database;
  exists = exists && !IsTemporary(rename.name) && !(rename.is_schema && own);
  if (!exists) {
    return Error(rename.is_schema ? "3F000" : "3D000", fmt::format("{} \"{}\" does not exist", kind, rename.name));
  }
  if (own) return Error("0A000", "current database cannot be renamed");
  WEIR_ASSIGN_OR_RETURN(const bool taken, draft->DatabaseExists(rename.new_name));
  if (taken || (rename.is_schema && rename.new_name == "public")) {
    return Error(rename.is_schema ? "42P06" : "42P04", fmt::format("{} \"{}\" already exists", kind, rename.new_name));
  }
  WEIR_RETURN_NOT_OK(CheckDatabaseName(rename.new_name, rename.is_schema));
  if (!draft->is_of_cluster()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const auto relations, draft->ListRelations(rename.name));
  if (std::ranges::none_of(relations, [](const RelationPtr& one) { return one->has_storage(); })) return Status::OK();
  return Error("0A000", fmt::format("{} \"{}\" has tables and cannot be renamed on a cluster", kind, rename.name),
               {.hint = "Make another schema, and use ALTER TABLE ... SET SCHEMA, which writes rows anew."});
}

/// The relation, and for a table its indexes, in its new place.
Status MoveRelation(const RelationPtr& before, const std::string& to, CatalogDraft* draft) {
  if (!CatalogImpl::IsSql(*before)) {
    return Error("0A000", fmt::format("cannot move table \"{}\" along: it was made through Fluss", before->path.table),
                 {.hint = "Make a table like it, and copy its rows."});
  }
  auto now = std::make_shared<Relation>(*before);
  now->path.database = to;
  for (const RelationPtr& own : std::vector<RelationPtr>(now->indexes)) {
    auto index = std::make_shared<Relation>(*own);
    index->path.database = to;
    PutIndex(std::move(index), draft, now.get());
  }
  draft->Put(std::move(now), before);
  return Status::OK();
}

Status MoveRelations(const std::string& from, const std::string& to, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(auto relations, draft->ListRelations(from));
  std::erase_if(relations, [](const RelationPtr& relation) { return relation->is_index(); });
  std::ranges::sort(relations, {}, &Relation::id);
  for (const RelationPtr& relation : relations) WEIR_RETURN_NOT_OK(MoveRelation(relation, to, draft));
  for (const RelationPtr& relation : relations) {
    if (!relation->is_partitioned()) continue;
    WEIR_ASSIGN_OR_RETURN(const RelationPtr moved, draft->FindById(relation->id));
    WEIR_RETURN_NOT_OK(FollowName(moved, moved->path.table, draft).status());
  }
  return Status::OK();
}

/// Functions that give rows of a table know it by its schema.
Status FollowResults(const std::string& from, const std::string& to, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const auto databases, draft->ListDatabases());
  for (const std::string& database : databases) {
    WEIR_ASSIGN_OR_RETURN(const auto relations, draft->ListRelations(database));
    for (const RelationPtr& set : relations) {
      const auto names = [&](const SqlFunctionPtr& function) { return function->result_schema == from; };
      if (std::ranges::none_of(set->functions, names)) continue;
      auto now = std::make_shared<Relation>(*set);
      for (SqlFunctionPtr& function : now->functions) {
        if (!names(function)) continue;
        auto changed = std::make_shared<SqlFunction>(*function);
        changed->result_schema = to;
        function = std::move(changed);
      }
      draft->Put(std::move(now), set);
    }
  }
  return Status::OK();
}

Status MoveTypes(const std::string& from, const std::string& to, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const auto types, TypesOf(*draft, from));
  for (const postgres::MadeTypePtr& type : types) {
    auto moved = std::make_shared<postgres::MadeType>(*type);
    moved->schema = to;
    WEIR_RETURN_NOT_OK(draft->PutType(std::move(moved)));
  }
  return Status::OK();
}

Status MoveComment(const std::string& from, const std::string& to, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const CommentMapPtr comments, draft->Comments());
  const auto found = comments->find(from);
  return found == comments->end() ? Status::OK() : draft->PutComment(to, found->second);
}

Status MoveZone(const std::string& from, const std::string& to, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const ZoneMapPtr zones, draft->Zones());
  const auto found = zones->find(from);
  return found == zones->end() ? Status::OK() : draft->PutZone(to, found->second);
}

}  // namespace

Result<Notices> Execute(const RenameDatabase& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_RETURN_NOT_OK(CheckMayRename(statement, context, draft));
  const std::string& from = statement.name;
  const std::string& to = statement.new_name;
  draft->PutDatabase(to);
  WEIR_RETURN_NOT_OK(MoveRelations(from, to, draft));
  WEIR_RETURN_NOT_OK(MoveTypes(from, to, draft));
  WEIR_RETURN_NOT_OK(FollowResults(from, to, draft));
  WEIR_RETURN_NOT_OK(RenameSchemaOfCalls(from, to, draft));
  WEIR_RETURN_NOT_OK(MoveComment(CommentKeyOfSchema(from), CommentKeyOfSchema(to), draft));
  WEIR_RETURN_NOT_OK(MoveComment(CommentKeyOfDatabase(from), CommentKeyOfDatabase(to), draft));
  WEIR_RETURN_NOT_OK(MoveZone(ZoneKeyOfDatabase(from), ZoneKeyOfDatabase(to), draft));
  draft->RemoveDatabase(from);
  return Notices();
}

}  // namespace weir::sql
