#include "sql/analyze/domain.h"

#include <utility>
#include <vector>

#include "postgres/made_type.h"
#include "sql/analyze/definition.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

using postgres::TypeRef;

namespace {

/// VALUE is the one column that a CHECK is analyzed over.
void PutElements(ExpressionPtr& expression) {
  if (std::holds_alternative<ColumnReference>(expression->node)) {
    expression->node = ElementValue{};
    return;
  }
  ForEachChild(*expression, [](ExpressionPtr& child) { PutElements(child); }, [](Query&) {});
}

/// `domain`: by which messages call it.
Result<DomainTest> TestOf(const std::string& domain, TypeRef base, const postgres::DomainCheck& check,
                          const postgres::Settings& settings) {
  const std::vector<OutputColumn> value = {{"value", base}};
  const DefinitionExpression definition{.part = DefinitionPart::kCheck, .columns = value};
  DomainTest test{.domain = domain, .constraint = check.name, .condition = nullptr};
  WEIR_ASSIGN_OR_RETURN(test.condition, AnalyzeDefinition(check.text, definition, settings));
  PutElements(test.condition);
  return test;
}

/// The domains from the innermost out.
std::vector<const postgres::MadeType*> DomainsOf(postgres::Oid domain) {
  std::vector<const postgres::MadeType*> domains;
  for (const auto* at = postgres::FindMadeType(domain); at != nullptr && at->kind == postgres::TypeKind::kDomain;
       at = postgres::FindMadeType(at->base.oid)) {
    domains.insert(domains.begin(), at);
  }
  return domains;
}

}  // namespace

Result<ExpressionPtr> HoldToDomain(const Scope& scope, ExpressionPtr value, postgres::Oid domain, bool explicit_cast,
                                   int position) {
  Coercion node{.kind = Coercion::Kind::kDomain, .explicit_cast = explicit_cast};
  const std::vector<const postgres::MadeType*> domains = DomainsOf(domain);
  const TypeRef base = postgres::BaseTypeOf({domain});
  for (const postgres::MadeType* one : domains) {
    const std::string& name = domains.back()->name;
    if (one->not_null) node.tests.push_back({.domain = name, .constraint = {}, .condition = nullptr});
    for (const postgres::DomainCheck& check : one->checks) {
      WEIR_ASSIGN_OR_RETURN(DomainTest test, TestOf(name, base, check, scope.statement.settings));
      node.tests.push_back(std::move(test));
    }
  }
  node.changes = VolatilityOf(*value) == 'v';
  node.argument = std::move(value);
  return MakeExpression(std::move(node), {domain, -1}, position);
}

}  // namespace weir::sql::analyze
