#include "sql/catalog/domain.h"

#include <fmt/format.h>

#include <algorithm>

#include "postgres/identifier.h"
#include "postgres/made_type.h"
#include "sql/dialect/postgres.h"
#include "sql/dialect/source.h"
#include "sql/dialect/token.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

/// The domain of a column; null: it is of none.
const postgres::MadeType* DomainOf(const SqlColumn& column) {
  if (postgres::TypesNamedIn(column.type).empty()) return nullptr;
  const auto type = postgres::ParseType(column.type);
  const postgres::MadeType* made = type.ok() ? postgres::FindMadeType(type->oid) : nullptr;
  return made != nullptr && made->kind == postgres::TypeKind::kDomain ? made : nullptr;
}

/// The domain that a domain is over; null: it is over none.
const postgres::MadeType* Below(const postgres::MadeType& domain) {
  const postgres::MadeType* made = postgres::FindMadeType(domain.base.oid);
  return made != nullptr && made->kind == postgres::TypeKind::kDomain ? made : nullptr;
}

}  // namespace

std::optional<std::string> DefaultTextOf(const SqlColumn& column) {
  if (column.default_value) return column.default_value;
  for (const postgres::MadeType* domain = DomainOf(column); domain != nullptr; domain = Below(*domain)) {
    if (domain->default_value) return domain->default_value;
  }
  return std::nullopt;
}

Result<std::string> CheckOver(const std::string& check, const std::string& value) {
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(check));
  WEIR_ASSIGN_OR_RETURN(const std::vector<dialect::Token> tokens, dialect::Scan(source));
  std::string condition;
  size_t from = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const bool part = (i > 0 && tokens[i - 1].IsSymbol(".")) || (i + 1 < tokens.size() && tokens[i + 1].IsSymbol("."));
    if (!tokens[i].Is("value") || part) continue;
    (condition += std::string_view(check).substr(from, tokens[i].begin - from)) += value;
    from = tokens[i].end;
  }
  return condition += std::string_view(check).substr(from);
}

Result<std::string> ViolationOf(const std::string& check, postgres::Oid domain, const std::string& column) {
  const std::string base = postgres::KeptTypeText(postgres::BaseTypeOf({domain}));
  const std::string value = fmt::format("(CAST({} AS {}))", postgres::QuoteIdentifier(column), base);
  WEIR_ASSIGN_OR_RETURN(const std::string condition, CheckOver(check, value));
  return fmt::format("NOT ({})", condition);
}

Result<std::vector<ColumnTest>> DomainTestsOf(const SqlColumn& column) {
  std::vector<const postgres::MadeType*> domains;
  for (const postgres::MadeType* one = DomainOf(column); one != nullptr; one = Below(*one)) domains.push_back(one);
  std::ranges::reverse(domains);
  std::vector<ColumnTest> tests;
  if (domains.empty()) return tests;
  const std::string& domain = domains.back()->name;  // by which messages call it
  for (const postgres::MadeType* one : domains) {
    if (one->not_null) {
      tests.push_back({postgres::QuoteIdentifier(column.name) + " IS NULL",
                       Error("23502", fmt::format("domain {} does not allow null values", domain))});
    }
    for (const postgres::DomainCheck& check : one->checks) {
      WEIR_ASSIGN_OR_RETURN(std::string violated, ViolationOf(check.text, domains.back()->oid, column.name));
      std::string message = fmt::format("value for domain {} violates check constraint \"{}\"", domain, check.name);
      tests.push_back({std::move(violated), Error("23514", std::move(message), {.constraint = check.name})});
    }
  }
  return tests;
}

}  // namespace weir::sql
