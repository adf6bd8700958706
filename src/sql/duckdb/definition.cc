#include "sql/duckdb/definition.h"

#include "sql/duckdb/emit.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/physical.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

/// Definitions name no relations and no made types.
class NoNames : public analyze::Names {
 public:
  const postgres::Resolver& resolver() const override { return resolver_; }
  std::string_view database() const override { return {}; }
  Result<std::optional<analyze::NamedRelation>> FindRelation(std::string_view, std::string_view) override {
    return std::optional<analyze::NamedRelation>();
  }
  Result<bool> HasSchema(std::string_view schema) override { return schema == "pg_catalog"; }
  Result<std::optional<postgres::TypeRef>> FindMadeType(std::string_view, std::string_view) override {
    return std::optional<postgres::TypeRef>();
  }

 private:
  const postgres::Resolver resolver_;
};

/// Columns of Fluss's own types that PostgreSQL does not have are texts.
postgres::TypeRef TypeOf(const SqlColumn& column) {
  const auto type = postgres::ParseType(column.type);
  return type.ok() ? *type : postgres::TypeRef{postgres::oid::kText};
}

Result<analyze::ExpressionPtr> AnalyzeIn(std::string_view text, const analyze::DefinitionExpression& definition,
                                         const postgres::Settings& settings) {
  NoNames names;
  return analyze::AnalyzeExpression(text, definition, {names, settings});
}

}  // namespace

Result<Definition> EmitDefinition(std::string_view text, analyze::DefinitionPart part, std::string_view relation,
                                  const std::vector<SqlColumn>& columns, const postgres::Settings& settings) {
  std::vector<analyze::OutputColumn> named;
  for (const SqlColumn& column : columns) named.push_back({column.name, TypeOf(column)});
  const analyze::DefinitionExpression definition{.part = part, .relation = std::string(relation), .columns = named};
  WEIR_ASSIGN_OR_RETURN(const auto value, AnalyzeIn(text, definition, settings));
  return Guarded({}, [&]() -> Result<Definition> {
    Emitted emitted = Emitter(EmitContext()).Definition(*value, columns);
    return Definition{std::move(emitted.expression), value->type};
  });
}

Result<Definition> EmitColumnValue(std::string_view text, analyze::DefinitionPart part, const SqlColumn& column,
                                   const postgres::Settings& settings) {
  const analyze::DefinitionExpression definition{.part = part, .type = TypeOf(column), .column = column.name};
  WEIR_ASSIGN_OR_RETURN(const auto value, AnalyzeIn(text, definition, settings));
  return Guarded({}, [&]() -> Result<Definition> {
    Emitted emitted = Emitter(EmitContext()).Definition(*value, {});
    return Definition{ToColumn(std::move(emitted), ColumnType(column)), value->type};
  });
}

}  // namespace weir::sql::duck
