#include "sql/analyze/definition.h"

#include <algorithm>

#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace {

class NoNames final : public Names {
 public:
  const postgres::Resolver& resolver() const override { return resolver_; }
  std::string_view database() const override { return {}; }
  Result<std::optional<NamedRelation>> FindRelation(std::string_view, std::string_view) override {
    return std::optional<NamedRelation>();
  }
  Result<bool> HasSchema(std::string_view schema) override { return schema == "pg_catalog" || schema == "public"; }
  Result<std::optional<postgres::TypeRef>> FindMadeType(std::string_view, std::string_view) override {
    return std::optional<postgres::TypeRef>();
  }

 private:
  postgres::Resolver resolver_;
};

char VolatilityOfFunction(const postgres::Function* function) {
  return function == nullptr ? 'i' : function->volatility;
}

// i < s < v
char Worse(char a, char b) { return a > b ? a : b; }

// A cast through the text changes as the types' texts do.
char VolatilityOfText(postgres::Oid from, postgres::Oid to) {
  const postgres::Type* source = postgres::FindType(from);
  const postgres::Type* target = postgres::FindType(to);
  return Worse(source == nullptr ? 'i' : VolatilityOfFunction(postgres::FindFunction(source->output)),
               target == nullptr ? 'i' : VolatilityOfFunction(postgres::FindFunction(target->input)));
}

char OwnVolatility(const Expression& expression) {
  if (const auto* call = std::get_if<Call>(&expression.node)) return VolatilityOfFunction(call->function);
  if (std::holds_alternative<SessionValue>(expression.node)) return 's';
  if (const auto* test = std::get_if<DistinctTest>(&expression.node)) return VolatilityOfFunction(test->equal);
  if (const auto* test = std::get_if<ArrayTest>(&expression.node)) return VolatilityOfFunction(test->function);
  if (const auto* either = std::get_if<NullIf>(&expression.node)) return VolatilityOfFunction(either->equal);
  const auto* coercion = std::get_if<Coercion>(&expression.node);
  if (coercion == nullptr || coercion->kind != Coercion::Kind::kThroughText) return 'i';
  return VolatilityOfText(coercion->argument->type.oid, expression.type.oid);
}

}  // namespace

char VolatilityOf(Expression& expression) {
  char volatility = OwnVolatility(expression);
  ForEachChild(
      expression, [&](ExpressionPtr& child) { volatility = Worse(volatility, VolatilityOf(*child)); }, [](Query&) {});
  if (!expression.called) return volatility;
  // PostgreSQL takes a function's body where it may, and believes what was declared where that is less.
  char declared = expression.called->volatility;
  for (const ExpressionPtr& argument : expression.called->arguments) {
    declared = Worse(declared, VolatilityOf(*argument));
  }
  return std::min(declared, volatility);
}

Result<ExpressionPtr> AnalyzeDefinition(std::string_view text, const DefinitionExpression& definition,
                                        const postgres::Settings& settings) {
  NoNames names;
  return AnalyzeExpression(text, definition, {names, settings});
}

}  // namespace weir::sql::analyze
