#pragma once

#include "sql/system/relation_names.h"

namespace weir::sql {

/// What names in the body of a function mean that has a search path of its own.
class NamesOfPath final : public analyze::Names {
 public:
  NamesOfPath(RelationNames& session, std::vector<std::string> schemas)
      : session_(session), schemas_(std::move(schemas)) {}

  const postgres::Resolver& resolver() const override { return session_.resolver(); }
  std::string_view database() const override { return session_.database(); }
  Result<std::optional<analyze::NamedRelation>> FindRelation(std::string_view schema, std::string_view name) override;
  Result<bool> HasSchema(std::string_view schema) override { return session_.HasSchema(schema); }
  Result<std::optional<postgres::TypeRef>> FindMadeType(std::string_view schema, std::string_view name) override;
  std::string SchemaOf(const SqlFunction& function) override { return session_.SchemaOf(function); }
  Result<std::vector<SqlFunctionPtr>> FindFunctions(std::string_view schema, std::string_view name) override;
  Status CheckMayCall(const SqlFunction& function, const analyze::Definer* by) override {
    return session_.CheckMayCall(function, by);
  }
  Result<analyze::DefinerPtr> DefinerOf(const SqlFunction& function) override { return session_.DefinerOf(function); }
  std::shared_ptr<Names> WithSearchPath(const std::string& path) override { return session_.WithSearchPath(path); }
  Result<std::optional<postgres::Oid>> ReadCatalogName(postgres::Oid type, std::string_view name) override {
    return session_.ReadCatalogName(type, name);
  }
  Result<std::string> ReadAclItem(std::string_view text) override { return session_.ReadAclItem(text); }

 private:
  RelationNames& session_;
  const std::vector<std::string> schemas_;
};

}  // namespace weir::sql
