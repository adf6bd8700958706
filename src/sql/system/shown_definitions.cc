#include "sql/system/shown_definitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "postgres/made_type.h"
#include "sql/analyze/definition.h"
#include "sql/analyze/shown_text.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/domain.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/sql_types.h"
#include "sql/dialect/parse_tree.h"
#include "sql/engine/errors.h"
#include "sql/engine/value_settings.h"
#include "sql/system/catalog_names.h"
#include "sql/system/names_of_view.h"
#include "sql/system/system_types.h"

namespace weir::sql {
namespace {

using analyze::DefinitionPart;

postgres::TypeRef ShownTypeOf(const SqlColumn& column) {
  const auto type = postgres::ParseType(column.type);
  return type.ok() ? *type : postgres::TypeRef{postgres::oid::kText};
}

std::vector<analyze::OutputColumn> ShownColumnsOf(const Relation& table) {
  std::vector<analyze::OutputColumn> columns;
  for (const SqlColumn& column : table.columns) columns.push_back({column.name, ShownTypeOf(column)});
  return columns;
}

std::string RelationNameHere(const SystemSources& sources, const Relation& relation) {
  const std::string name = QuoteIdentifier(relation.path.table);
  if (IsVisible(sources, relation)) return name;
  return QuoteIdentifier(SchemaSeenFrom(sources.database, relation.path.database)) + "." + name;
}

std::string FunctionNameHere(const SystemSources& sources, const analyze::CalledFunction& called) {
  const RelationPtr set = ValueOrThrow(sources.catalog.Find({called.schema, FunctionSetName(called.name)}));
  const std::string name = QuoteIdentifier(called.name);
  if (set && IsVisible(sources, *set)) return name;
  return QuoteIdentifier(SchemaSeenFrom(sources.database, called.schema)) + "." + name;
}

analyze::ShownNames NamesHere(const SystemSources& sources, const postgres::Settings& settings) {
  return {
      .type = [&](postgres::TypeRef type) { return TypeTextHere(sources, type); },
      .relation = [&](const Relation& relation) { return RelationNameHere(sources, relation); },
      .known_name = [](const Relation& relation) { return relation.path.table; },
      .known_column = [](const Relation& relation, size_t column) { return relation.columns[column].name; },
      .catalog_name = [&](postgres::Oid type, postgres::Oid value) { return CatalogNameText(sources, type, value); },
      .function = [&](const analyze::CalledFunction& called) { return FunctionNameHere(sources, called); },
      .settings = settings};
}

struct ShownPart {
  std::string text;
  bool is_call = false;  // it needs no parentheses
};

/// The text of a definition; nothing where it has none.
std::optional<ShownPart> ShownDefinition(const SystemSources& sources, std::string_view text,
                                         const analyze::DefinitionExpression& definition, analyze::ShownForm form) {
  const postgres::Settings plain;  // its text means the same in every session
  const auto value = analyze::AnalyzeDefinition(text, definition, plain);
  if (!value.ok()) return std::nullopt;
  const postgres::Settings settings = ValueOrThrow(ValueSettings(sources.parameters));
  auto shown = analyze::ShownExpression(**value, definition.columns, NamesHere(sources, settings), form);
  if (!shown) return std::nullopt;
  return ShownPart{std::move(*shown), analyze::StandsWithoutParentheses(**value)};
}

/// A condition as it stands after WHERE or in CHECK; as it was written it gets parentheses, as others have them.
std::string ShownConditionOf(const SystemSources& sources, DefinitionPart part,
                             const std::vector<analyze::OutputColumn>& columns, const std::string& condition,
                             analyze::ShownForm form) {
  const auto shown = ShownDefinition(sources, condition, {.part = part, .columns = columns}, form);
  if (shown) return shown->text;
  const std::string text = TextHere(sources, condition);
  return form.sparse ? text : "(" + text + ")";
}

}  // namespace

std::string ShownColumnValue(const SystemSources& sources, const Relation& table, size_t column, bool sparse) {
  const SqlColumn& own = table.columns[column];
  const std::vector<analyze::OutputColumn> columns = ShownColumnsOf(table);
  analyze::DefinitionExpression definition{.part = DefinitionPart::kDefault,
                                           .type = postgres::BaseTypeOf(ShownTypeOf(own)),
                                           .column = own.name};
  if (own.generated) {
    definition.part = DefinitionPart::kGenerated;
    definition.columns = columns;
  }
  const std::string& text = own.generated ? *own.generated : *own.default_value;
  const auto shown = ShownDefinition(sources, text, definition, {.sparse = sparse});
  return shown ? shown->text : TextHere(sources, text);
}

std::string ShownCheck(const SystemSources& sources, const Relation& table, const std::string& check, bool sparse) {
  return ShownConditionOf(sources, DefinitionPart::kCheck, ShownColumnsOf(table), check, {.sparse = sparse});
}

std::string ShownDomainCheck(const SystemSources& sources, postgres::Oid type, const std::string& check, bool sparse) {
  const analyze::ShownForm form{.sparse = sparse};
  const std::vector<analyze::OutputColumn> value = {{"value", postgres::BaseTypeOf({type})}};
  const postgres::Settings plain;
  const auto meant = analyze::AnalyzeDefinition(ValueOrThrow(CheckOver(check, "value")),
                                                {.part = DefinitionPart::kCheck, .columns = value}, plain);
  const postgres::Settings settings = ValueOrThrow(ValueSettings(sources.parameters));
  std::optional<std::string> shown;
  if (meant.ok()) shown = analyze::ShownExpression(**meant, {}, NamesHere(sources, settings), form);
  if (shown) return *shown;
  const std::string text = TextHere(sources, ValueOrThrow(CheckOver(check, "VALUE")));
  return sparse ? text : "(" + text + ")";
}

std::string ShownCondition(const SystemSources& sources, const Relation& table, const std::string& condition,
                           bool sparse) {
  const analyze::ShownForm form{.sparse = sparse, .indented = sparse};
  return ShownConditionOf(sources, DefinitionPart::kIndexCondition, ShownColumnsOf(table), condition, form);
}

std::string ShownKeyPart(const SystemSources& sources, const Relation& table, const std::string& expression,
                         const std::string& otherwise, bool sparse) {
  const std::vector<analyze::OutputColumn> columns = ShownColumnsOf(table);
  const auto shown =
      ShownDefinition(sources, expression, {.part = DefinitionPart::kIndexExpression, .columns = columns},
                      {.sparse = sparse, .indented = sparse});
  if (!shown) return otherwise;
  return shown->is_call ? shown->text : "(" + shown->text + ")";
}

std::string ShownExpressionOfKey(const SystemSources& sources, const Relation& table, const std::string& expression) {
  const std::vector<analyze::OutputColumn> columns = ShownColumnsOf(table);
  const auto shown =
      ShownDefinition(sources, expression, {.part = DefinitionPart::kIndexExpression, .columns = columns}, {});
  return shown ? shown->text : TextHere(sources, expression);
}

std::string ShownPartitionKey(const SystemSources& sources, const Relation& table) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < table.partition_key->parts.size(); ++i) {
    const SqlPartitionKeyPart& part = table.partition_key->parts[i];
    const std::string text = KeyPartText(table, i);
    const std::string written = text.starts_with('(') ? "(" + text + ")" : text;
    const bool plain = part.column >= 0 || part.shard;
    parts.push_back(plain ? text : ShownKeyPart(sources, table, part.expression, written, false));
  }
  return fmt::format("{} ({})", ToString(table.partition_key->strategy), fmt::join(parts, ", "));
}

std::string ShownExclusion(const SystemSources& sources, const Relation& table, const SqlConstraint& constraint,
                           bool sparse) {
  const RelationPtr found = IndexOfConstraint(table, constraint.name);
  if (!found || constraint.exclusion->key != '\0') return ExclusionText(constraint, table);
  const SqlIndex& index = *found->index;
  const std::vector<std::string> columns = KeyColumnsOf(index, table);
  std::vector<std::string> parts;
  for (size_t i = 0; i < columns.size(); ++i) {
    const SqlIndex::Expression* expression = index.ExpressionAt(i);
    const std::string part = expression == nullptr
                                 ? QuoteIdentifier(columns[i])
                                 : ShownKeyPart(sources, table, expression->text, columns[i], sparse);
    parts.push_back(part + " WITH " + constraint.exclusion->operators[i]);
  }
  const std::string where =
      index.condition.empty() ? "" : " WHERE (" + ShownCondition(sources, table, index.condition, sparse) + ")";
  return fmt::format("EXCLUDE USING {} ({}){}", constraint.exclusion->method, fmt::join(parts, ", "), where);
}

std::string ShownAgain(const SystemSources& sources, const Relation& table, const std::string& text) {
  if (text.find("::regclass") != std::string::npos) return text;  // names of relations stay what they are
  const std::vector<analyze::OutputColumn> columns = ShownColumnsOf(table);
  const auto shown =
      ShownDefinition(sources, text, {.part = DefinitionPart::kUsing, .columns = columns}, {.sparse = true});
  return shown ? shown->text : text;
}

std::optional<std::string> ShownView(const SystemSources& sources, const RelationPtr& view, bool sparse) {
  const ViewDefinition& definition = *view->definition();
  // Names in its query mean what they meant when it was made.
  auto kept = std::make_shared<Relation>(*view);
  kept->view = std::make_shared<const ViewDefinition>(definition);
  RelationNames session(sources);
  NamesOfView names(session, kept);
  const postgres::Settings plain;
  const dialect::Source text = ValueOrThrow(dialect::Source::Of(definition.query));
  const dialect::ParseTree tree = ValueOrThrow(dialect::ParseTree::Of(text));
  const auto query = analyze::AnalyzeStatement(text, tree, 0, {.names = names, .settings = plain, .keeps_calls = true});
  if (!query.ok()) return std::nullopt;
  const postgres::Settings settings = ValueOrThrow(ValueSettings(sources.parameters));
  analyze::ShownNames shown = NamesHere(sources, settings);
  const auto source_of = [&](const Relation& relation) -> const ViewSource* {
    const auto found = std::ranges::find(definition.sources, relation.id, &ViewSource::relation);
    return found == definition.sources.end() ? nullptr : &*found;
  };
  shown.known_name = [&](const Relation& relation) {
    const ViewSource* known = source_of(relation);
    return known == nullptr ? relation.path.table : known->name;
  };
  shown.known_column = [&](const Relation& relation, size_t column) {
    const ViewSource* known = source_of(relation);
    if (known == nullptr) return relation.columns[column].name;
    const auto found = std::ranges::find(known->columns, relation.NumberOf(column), &ViewSource::Column::number);
    return found == known->columns.end() ? relation.columns[column].name : found->name;
  };
  for (const ViewSource& source : definition.sources) {
    const RelationPtr relation = ValueOrThrow(sources.catalog.FindById(source.relation));
    for (size_t i = 0; relation && i < relation->columns.size(); ++i) {
      const std::string known = shown.known_column(*relation, i);
      if (known != relation->columns[i].name) shown.renamed.insert(known);
    }
  }
  std::set<int64_t> called;
  const auto name_of_function = shown.function;
  shown.function = [&](const analyze::CalledFunction& function) {
    called.insert(function.function);
    return name_of_function(function);
  };
  std::vector<std::string> columns;
  for (const SqlColumn& column : view->columns) columns.push_back(column.name);
  std::optional<std::string> whole = analyze::ShownQuery(*query->query, columns, shown, {.sparse = sparse});
  // Of a function in FROM the tree has the body in the place of the call.
  const bool all = std::ranges::all_of(definition.functions, [&](int64_t one) { return called.contains(one); });
  return all ? whole : std::nullopt;
}

}  // namespace weir::sql
