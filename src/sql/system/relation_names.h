#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sql/analyze/names.h"
#include "sql/catalog/catalog.h"
#include "sql/catalog/temporary.h"
#include "sql/engine/parameters.h"
#include "sql/system/system_rows.h"

namespace weir::sql {

/// What the names of one statement mean in its session. Remembers the tables that it was asked for.
class RelationNames : public analyze::Names {
 public:
  explicit RelationNames(const SystemSources& sources);

  const postgres::Resolver& resolver() const override { return resolver_; }
  std::string_view database() const override { return sources_.database; }
  Result<std::optional<analyze::NamedRelation>> FindRelation(std::string_view schema, std::string_view name) override;
  /// 42501 where it is there, and the session's role may not use it.
  Result<bool> HasSchema(std::string_view schema) override;
  Result<std::optional<postgres::TypeRef>> FindMadeType(std::string_view schema, std::string_view name) override;
  Result<std::optional<postgres::Oid>> ReadCatalogName(postgres::Oid type, std::string_view name) override;
  Result<std::string> ReadAclItem(std::string_view text) override;
  Result<std::vector<SqlFunctionPtr>> FindFunctions(std::string_view schema, std::string_view name) override;

  std::string SchemaOf(const SqlFunction& function) override;
  Status CheckMayCall(const SqlFunction& function, const analyze::Definer* by) override;
  Result<analyze::DefinerPtr> DefinerOf(const SqlFunction& function) override;
  std::shared_ptr<Names> WithSearchPath(const std::string& path) override;
  std::vector<analyze::UniqueKey> KeysOf(const Relation& relation) override;
  Result<std::optional<analyze::CursorRow>> FindCursorRow(std::string_view cursor, const Relation& table) override;

  using CursorFinder =
      std::function<Result<std::optional<analyze::CursorRow>>(const std::string& cursor, const Relation& table)>;
  void SetCursors(CursorFinder find) { find_cursor_ = std::move(find); }
  /// Whether the statement depends on where a cursor stands.
  bool asked_for_cursor() const { return asked_for_cursor_; }

  const std::vector<RelationPtr>& found() const { return found_; }
  /// A relation that is known, and counts as found from now on.
  analyze::NamedRelation Named(RelationPtr relation, std::string_view schema);
  CatalogView& catalog() const { return sources_.catalog; }
  /// `schema` is not empty.
  Result<std::optional<analyze::NamedRelation>> FindIn(std::string_view schema, std::string_view name);
  /// The schemas of a search_path's text, with those that every one has.
  std::vector<std::string> SchemasOfPath(const std::string& path) const;

 private:
  RelationPtr SetOf(const SqlFunction& function) const;
  Result<std::optional<analyze::NamedRelation>> FindTable(std::string_view schema, std::string_view name);

  const SystemSources sources_;
  std::vector<std::string> search_path_;  // with pg_catalog
  const postgres::Resolver resolver_;
  std::vector<RelationPtr> found_;
  CursorFinder find_cursor_;  // null: there are no cursors
  bool asked_for_cursor_ = false;
};

/// 42809 where a table is wanted and an index is named.
Status CannotOpenIndex(const Relation& index);

/// The schemas of a search_path's text, in order: "\"$user\", public" → {user, "public"}; nobody: "$user" is no schema.
std::vector<std::string> SchemasOf(std::string_view search_path, const std::string& user);

}  // namespace weir::sql
