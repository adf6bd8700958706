#pragma once

#include "sql/system/relation_names.h"

namespace weir::sql {

/// What names in the query of a view mean: what they meant when it was made, however that is called now.
class NamesOfView final : public analyze::Names {
 public:
  NamesOfView(RelationNames& session, RelationPtr view) : session_(session), view_(std::move(view)) {}

  const postgres::Resolver& resolver() const override { return session_.resolver(); }
  std::string_view database() const override { return session_.database(); }
  /// Every name in such a query has its schema.
  Result<std::optional<analyze::NamedRelation>> FindRelation(std::string_view schema, std::string_view name) override;
  Result<bool> HasSchema(std::string_view schema) override { return session_.HasSchema(schema); }
  Result<std::optional<postgres::TypeRef>> FindMadeType(std::string_view schema, std::string_view name) override {
    return session_.FindMadeType(schema, name);
  }
  Result<std::optional<postgres::Oid>> ReadCatalogName(postgres::Oid type, std::string_view name) override {
    return session_.ReadCatalogName(type, name);
  }
  Result<std::string> ReadAclItem(std::string_view text) override { return session_.ReadAclItem(text); }
  std::string SchemaOf(const SqlFunction& function) override { return session_.SchemaOf(function); }
  Result<std::vector<SqlFunctionPtr>> FindFunctions(std::string_view schema, std::string_view name) override {
    return session_.FindFunctions(schema, name);
  }
  Names& OfSession() override { return session_; }

 private:
  Result<RelationPtr> Find(const ViewSource& source);

  RelationNames& session_;
  const RelationPtr view_;
};

}  // namespace weir::sql
