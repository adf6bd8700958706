#include "sql/catalog/foreign_ddl.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/catalog/ddl_names.h"
#include "sql/catalog/dependent_views.h"
#include "sql/catalog/foreign_files.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

Status NoServer(const std::string& name) { return Error("42704", fmt::format("server \"{}\" does not exist", name)); }

/// What ALTER … OPTIONS makes of them.
Status ChangeOptions(const std::vector<OptionChange>& changes, ForeignOptions* options) {
  for (const OptionChange& change : changes) {
    const auto at = std::ranges::find(*options, change.name, [](const auto& option) { return option.first; });
    if (change.kind == OptionChange::Kind::kAdd) {
      if (at != options->end()) {
        return Error("42710", fmt::format("option \"{}\" provided more than once", change.name));
      }
      options->emplace_back(change.name, change.value);
      continue;
    }
    if (at == options->end()) return Error("42704", fmt::format("option \"{}\" not found", change.name));
    if (change.kind == OptionChange::Kind::kDrop) {
      options->erase(at);
    } else {
      at->second = change.value;
    }
  }
  return Status::OK();
}

std::vector<std::string> ColumnNamesOf(const Relation& relation) {
  std::vector<std::string> names;
  for (const SqlColumn& column : relation.columns) names.push_back(column.name);
  return names;
}

/// Whether the options make sense, and the files are where they may be.
Status CheckForeign(const ForeignTable& foreign, const Relation& relation, const DdlContext& context,
                    CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const auto server, FindServer(*draft, foreign.server));
  if (!server) return NoServer(foreign.server);
  WEIR_ASSIGN_OR_RETURN(const FileTable files, DescribeFiles(foreign, server->wrapper, ColumnNamesOf(relation)));
  for (const std::string& name : files.names) {
    if (context.check_file) WEIR_RETURN_NOT_OK(context.check_file(name));
  }
  return Status::OK();
}

bool HasUniqueIndexes(const Relation& relation) {
  const bool key = std::ranges::any_of(relation.constraints, [](const auto& one) { return one.is_key(); });
  return key || std::ranges::any_of(relation.indexes, [](const auto& index) { return index->index->unique; });
}

bool HasForeignKeys(const Relation& relation) {
  return std::ranges::any_of(relation.constraints, [](const auto& one) { return one.foreign.has_value(); });
}

Status NoForeignKeys(int position) {
  return Error("0A000", "foreign key constraints are not supported on foreign tables", {.position = position});
}

/// The foreign tables of a server, in all databases.
Result<std::vector<RelationPtr>> TablesOf(CatalogDraft& draft, const std::string& server) {
  std::vector<RelationPtr> tables;
  WEIR_ASSIGN_OR_RETURN(const auto databases, draft.ListDatabases());
  for (const std::string& database : databases) {
    WEIR_ASSIGN_OR_RETURN(const auto relations, draft.ListRelations(database));
    for (const RelationPtr& relation : relations) {
      if (relation->is_foreign() && relation->foreign->server == server) tables.push_back(relation);
    }
  }
  return tables;
}

}  // namespace

Result<Notices> Execute(const CreateServer& statement, const DdlContext&, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const auto there, FindServer(*draft, statement.name));
  if (there && statement.if_not_exists) {
    return Notices{fmt::format("server \"{}\" already exists, skipping", statement.name)};
  }
  if (there) return Error("42710", fmt::format("server \"{}\" already exists", statement.name));
  WEIR_RETURN_NOT_OK(CheckWrapper(statement.wrapper));
  WEIR_RETURN_NOT_OK(CheckServerOptions(statement.options));
  ForeignServer server{.name = statement.name,
                       .wrapper = statement.wrapper,
                       .type = statement.type,
                       .version = statement.version};
  WEIR_ASSIGN_OR_RETURN(server.id, draft->TakeIds(1));
  WEIR_RETURN_NOT_OK(draft->PutServer(statement.name, std::move(server)));
  return Notices();
}

Result<Notices> Execute(const AlterServer& statement, const DdlContext&, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const ForeignServersPtr servers, draft->Servers());
  const auto found = servers->find(statement.name);
  if (found == servers->end()) return NoServer(statement.name);
  ForeignServer server = found->second;
  if (statement.version) server.version = *statement.version;
  WEIR_RETURN_NOT_OK(ChangeOptions(statement.options, &server.options));
  WEIR_RETURN_NOT_OK(CheckServerOptions(server.options));
  WEIR_RETURN_NOT_OK(draft->PutServer(statement.name, std::move(server)));
  return Notices();
}

Result<Notices> Execute(const DropServers& statement, const DdlContext& context, CatalogDraft* draft) {
  Notices notices;
  for (const std::string& name : statement.names) {
    WEIR_ASSIGN_OR_RETURN(const ForeignServersPtr servers, draft->Servers());
    const auto& built_in = BuiltInServers();
    if (std::ranges::find(built_in, name, &ForeignServer::name) != built_in.end()) {
      return Error("2BP01", fmt::format("cannot drop server {} because it is required by the database system", name));
    }
    if (!servers->contains(name)) {
      if (!statement.if_exists) return NoServer(name);
      notices.push_back(fmt::format("server \"{}\" does not exist, skipping", name));
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(const std::vector<RelationPtr> tables, TablesOf(*draft, name));
    WEIR_ASSIGN_OR_RETURN(const auto views, ViewsAbove(*draft, tables, context));
    std::vector<std::string> reasons;
    std::vector<std::string> going;
    for (const RelationPtr& table : tables) {
      going.push_back(Described(*table, context));
      reasons.push_back(fmt::format("{} depends on server {}", going.back(), name));
    }
    std::vector<RelationPtr> gone = tables;
    for (const DependentView& one : views) {
      going.push_back(Described(*one.view, context));
      reasons.push_back(one.reason);
      gone.push_back(one.view);
    }
    WEIR_RETURN_NOT_OK(CheckNothingDepends("server " + name, reasons, statement.cascade));
    AddCascadeNotice(going, &notices);
    WEIR_RETURN_NOT_OK(RemoveAll(draft, gone));
    WEIR_RETURN_NOT_OK(draft->PutServer(name, std::nullopt));
  }
  return notices;
}

Result<Notices> Execute(const ImportSchema& statement, const DdlContext&, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const auto server, FindServer(*draft, statement.server));
  if (!server) return NoServer(statement.server);
  return Error("HV00P",
               fmt::format("foreign-data wrapper \"{}\" does not support IMPORT FOREIGN SCHEMA", server->wrapper));
}

Result<Notices> Execute(const CreateExtension& statement, const DdlContext&, CatalogDraft*) {
  if (!statement.if_not_exists) {
    return Error("42710", fmt::format("extension \"{}\" already exists", statement.name));
  }
  return Notices{fmt::format("extension \"{}\" already exists, skipping", statement.name)};
}

Status CheckForeignConstraints(const CreateTable& statement) {
  for (const TableConstraint& constraint : statement.constraints) {
    switch (constraint.kind) {
      case TableConstraint::Kind::kCheck: break;
      case TableConstraint::Kind::kForeignKey: return NoForeignKeys(constraint.position);
      case TableConstraint::Kind::kExclusion:
        return Error("0A000", "exclusion constraints are not supported", {.position = constraint.position});
      case TableConstraint::Kind::kPrimaryKey:
        return Error("0A000", "primary key constraints are not supported on foreign tables",
                     {.position = constraint.position});
      case TableConstraint::Kind::kUnique:
        return Error("0A000", "unique constraints are not supported on foreign tables",
                     {.position = constraint.position});
    }
  }
  return Status::OK();
}

Status MakeForeign(const ForeignClause& clause, const Relation* parent, const DdlContext& context, CatalogDraft* draft,
                   Relation* relation) {
  if (parent != nullptr && HasUniqueIndexes(*parent)) {
    return Error("42809",
                 fmt::format("cannot create foreign partition of partitioned table \"{}\"", parent->path.table),
                 {.detail = fmt::format("Table \"{}\" contains indexes that are unique.", parent->path.table)});
  }
  if (parent != nullptr && HasForeignKeys(*parent)) return NoForeignKeys(0);
  relation->foreign = ForeignTable{clause.server, clause.options};
  relation->options.clear();
  return CheckForeign(*relation->foreign, *relation, context, draft);
}

Status CheckForeignAttachable(const Relation& parent, const Relation& child) {
  if (HasUniqueIndexes(parent)) {
    return Error("42809",
                 fmt::format("cannot attach foreign table \"{}\" as partition of partitioned table \"{}\"",
                             child.path.table, parent.path.table),
                 {.detail = fmt::format("Partitioned table \"{}\" contains unique indexes.", parent.path.table)});
  }
  return HasForeignKeys(parent) ? NoForeignKeys(0) : Status::OK();
}

Status Alter(const alter::SetForeignOptions& action, const DdlContext& context, AlteredTree* tree) {
  Relation& relation = tree->root().now;
  if (!relation.foreign) return Error("42809", fmt::format("\"{}\" is not a foreign table", relation.path.table));
  WEIR_RETURN_NOT_OK(ChangeOptions(action.changes, &relation.foreign->options));
  return CheckForeign(*relation.foreign, relation, context, tree->draft());
}

Status CheckMayBeUnique(AlteredTree* tree) {
  const std::string& root = tree->root().name();
  for (const AlteredRelation& member : tree->members()) {
    if (!member.before->is_foreign()) continue;
    if (&member == &tree->root()) break;
    return Error("42809", fmt::format("cannot create unique index on partitioned table \"{}\"", root),
                 {.detail = fmt::format("Table \"{}\" contains partitions that are foreign tables.", root)});
  }
  return Status::OK();
}

Status CheckForeignColumns(const std::vector<AlterAction>& actions, AlteredTree* tree) {
  const bool of_columns = std::ranges::any_of(actions, [](const AlterAction& action) {
    return std::holds_alternative<alter::AddColumn>(action) || std::holds_alternative<alter::DropColumn>(action) ||
           std::holds_alternative<alter::SetType>(action);
  });
  if (!of_columns) return Status::OK();
  for (const AlteredRelation& member : tree->members()) {
    if (!member.before->is_foreign() || !member.before->parent) continue;
    if (member.before->foreign->Option("is_writable") == "true") continue;  // it has no rows to be read
    return Error("0A000", fmt::format("cannot change the columns of foreign table \"{}\"", member.name()),
                 {.detail = fmt::format("It is a partition of \"{}\" whose files cannot be written.",
                                        member.parent->path.table),
                  .hint = "Detach it first, or restore it from its files."});
  }
  return Status::OK();
}

}  // namespace weir::sql
