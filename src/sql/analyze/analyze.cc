#include "sql/analyze/analyze.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "sql/analyze/coerce.h"
#include "sql/analyze/current_of.h"
#include "sql/analyze/definition.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/from.h"
#include "sql/analyze/origin.h"
#include "sql/analyze/scope.h"
#include "sql/analyze/select.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;

namespace {

// Parameters have the types that the whole statement gives them: one that was read before its type was known, and
// was given none where it stands, contradicts it.
class ParameterCheck {
 public:
  explicit ParameterCheck(const Statement& statement) : statement_(statement) {}

  Status Check(Query& query) {
    Status status;
    ForEachExpression(
        query, [&](ExpressionPtr& child) { if (status.ok()) status = Check(*child); },
        [&](Query& inner) { if (status.ok()) status = Check(inner); });
    return status;
  }

  Status Check(Expression& expression) {
    if (const auto* parameter = std::get_if<Parameter>(&expression.node)) {
      const auto known = statement_.parameters[static_cast<size_t>(parameter->number - 1)];
      if (expression.type.oid != known.oid) {
        return ErrorAtPosition(expression.position, sqlstate::kAmbiguousParameter,
                               fmt::format("could not determine data type of parameter ${}", parameter->number));
      }
    }
    Status status;
    ForEachChild(
        expression, [&](ExpressionPtr& child) { if (status.ok()) status = Check(*child); },
        [&](Query& inner) { if (status.ok()) status = Check(inner); });
    return status;
  }

 private:
  const Statement& statement_;
};

// 42P18 for a parameter that nothing has told its type.
Status CheckParameters(const Statement& statement) {
  for (size_t i = 0; i < statement.parameters.size(); ++i) {
    const postgres::Oid type = statement.parameters[i].oid;
    if (type != 0 && type != oid::kUnknown) continue;
    return postgres::Error(sqlstate::kIndeterminateDatatype,
                           fmt::format("could not determine data type of parameter ${}", i + 1));
  }
  return Status::OK();
}

// Whether PostgreSQL knows the length of a char(n), too: not of what a call gives, nor beside a NULL that has none.
bool HasKnownLength(const Expression& expression) {
  const auto same = [&](const ExpressionPtr& one) { return one->type.modifier == expression.type.modifier; };
  if (const auto* choice = std::get_if<Case>(&expression.node)) {
    return same(choice->otherwise) &&
           std::ranges::all_of(choice->whens, [&](const Case::When& when) { return same(when.result); });
  }
  if (const auto* extreme = std::get_if<Extreme>(&expression.node)) {
    return std::ranges::all_of(extreme->arguments, same);
  }
  return !std::holds_alternative<Call>(expression.node) && !std::holds_alternative<Aggregate>(expression.node) &&
         !std::holds_alternative<WindowCall>(expression.node);
}

// As clients are told; here char(n) keeps a length for its blanks where PostgreSQL's values have theirs.
postgres::TypeRef AnnouncedType(const Expression& expression) {
  const postgres::TypeRef type = expression.type;
  const bool blanks = type.oid == oid::kBpchar || type.oid == oid::kBpcharArray;
  return blanks && !HasKnownLength(expression) ? postgres::TypeRef{type.oid, -1} : type;
}

}  // namespace

Result<AnalyzedQuery> AnalyzeStatement(const dialect::Source& source, const dialect::ParseTree& tree, int index,
                                       const Context& context) {
  Statement statement(source, tree.begin(), context);
  AnalyzedQuery result;
  const pg_query::Node& whole = tree.statement(index).stmt();
  const pg_query::Node& query = whole.has_view_stmt() ? whole.view_stmt().query() : whole;
  WEIR_ASSIGN_OR_RETURN(result.query, AnalyzeQuery(statement, nullptr, query));
  if (!statement.parameters.empty()) {
    WEIR_RETURN_NOT_OK(ParameterCheck(statement).Check(*result.query));
    WEIR_RETURN_NOT_OK(CheckParameters(statement));
  }
  result.parameters = std::move(statement.parameters);
  if (context.names_rows) result.cursor_tables = NameRows(result.query.get());
  for (const Target& target : result.query->targets) {
    if (target.hidden) continue;
    result.columns.push_back({target.name, AnnouncedType(*target.expression)});
    result.origins.push_back(OriginOf(*result.query, *target.expression));
  }
  return result;
}

namespace {

Clause ClauseOf(DefinitionPart part) {
  switch (part) {
    case DefinitionPart::kCheck: return Clause::kCheck;
    case DefinitionPart::kDefault: return Clause::kDefault;
    case DefinitionPart::kGenerated: return Clause::kGenerated;
    case DefinitionPart::kPartitionKey: return Clause::kPartitionKey;
    case DefinitionPart::kPartitionBound: return Clause::kPartitionBound;
    case DefinitionPart::kIndexExpression: return Clause::kIndexExpression;
    case DefinitionPart::kIndexCondition: return Clause::kIndexCondition;
    case DefinitionPart::kUsing: return Clause::kUsing;
    case DefinitionPart::kCopyWhere: return Clause::kCopyWhere;
  }
  return Clause::kNone;
}

// What an expression of a definition becomes: 42804 with the words of its place.
Result<ExpressionPtr> ConvertDefinition(const Scope& scope, const DefinitionExpression& definition,
                                        ExpressionPtr value) {
  if (definition.part == DefinitionPart::kCheck) return CoerceToBoolean(scope, std::move(value), "CHECK");
  if (definition.part == DefinitionPart::kIndexCondition) return CoerceToBoolean(scope, std::move(value), "WHERE");
  if (definition.part == DefinitionPart::kCopyWhere) return CoerceToBoolean(scope, std::move(value), "WHERE");
  if (definition.type.oid == 0) return UnknownToText(scope, std::move(value));
  const postgres::Oid from = value->type.oid;
  const int position = BeginOf(*value);
  WEIR_ASSIGN_OR_RETURN(value, CoerceIfPossible(scope, std::move(value), definition.type,
                                                postgres::CoercionContext::kAssignment, CallForm::kImplicitCast));
  if (value) return value;
  const std::string wanted = TypeName(scope, definition.type.oid);
  const std::string given = TypeName(scope, from);
  switch (definition.part) {
    case DefinitionPart::kPartitionBound:
      return ErrorAtPosition(position, sqlstate::kDatatypeMismatch,
                             fmt::format("specified value cannot be cast to type {} for column \"{}\"", wanted,
                                         definition.column));
    case DefinitionPart::kUsing:
      return ErrorAtPosition(0, sqlstate::kDatatypeMismatch,
                             fmt::format("result of USING clause for column \"{}\" cannot be cast automatically to "
                                         "type {}",
                                         definition.column, wanted),
                             "You might need to add an explicit cast.");
    case DefinitionPart::kDefault:
    case DefinitionPart::kGenerated:
      return ErrorAtPosition(0, sqlstate::kDatatypeMismatch,
                             fmt::format("column \"{}\" is of type {} but default expression is of type {}",
                                         definition.column, wanted, given),
                             "You will need to rewrite or cast the expression.");
    case DefinitionPart::kCheck:
    case DefinitionPart::kPartitionKey:
    case DefinitionPart::kCopyWhere:
    case DefinitionPart::kIndexExpression:
    case DefinitionPart::kIndexCondition: break;
  }
  return ErrorAtPosition(position, sqlstate::kDatatypeMismatch,
                         fmt::format("cannot cast type {} to {}", given, wanted));
}

bool HasWholeRow(Expression& expression) {
  bool found = std::holds_alternative<WholeRow>(expression.node);
  ForEachChild(expression, [&](ExpressionPtr& child) { found = found || HasWholeRow(*child); }, [](Query&) {});
  return found;
}

// A row has another type while its columns change, or are computed.
Status CheckWholeRows(DefinitionPart part, Expression& value) {
  if (part == DefinitionPart::kUsing && HasWholeRow(value)) {
    return postgres::Error(sqlstate::kFeatureNotSupported, "cannot convert whole-row table reference",
                           {.detail = "USING expression contains a whole-row table reference."});
  }
  const bool of_index = part == DefinitionPart::kIndexExpression || part == DefinitionPart::kIndexCondition;
  if (of_index && HasWholeRow(value)) {
    return postgres::Error(sqlstate::kFeatureNotSupported, "indexes on whole rows are not supported",
                           {.position = BeginOf(value)});
  }
  if (part == DefinitionPart::kGenerated && HasWholeRow(value)) {
    return postgres::Error(
        sqlstate::kInvalidObjectDefinition, "cannot use whole-row variable in column generation expression",
        {.detail = "This would cause the generated column to depend on its own value.", .position = BeginOf(value)});
  }
  return Status::OK();
}

const Expression* ReferenceToAny(Expression& expression, std::span<const int> columns) {
  const auto* reference = std::get_if<ColumnReference>(&expression.node);
  if (reference != nullptr && std::ranges::find(columns, reference->column) != columns.end()) return &expression;
  const Expression* found = nullptr;
  ForEachChild(
      expression, [&](ExpressionPtr& child) { if (found == nullptr) found = ReferenceToAny(*child, columns); },
      [](Query&) {});
  return found;
}

// What is computed from the row cannot be asked for while the row is computed.
Status CheckGeneratedColumns(const DefinitionExpression& definition, Expression& value) {
  const bool copied = definition.part == DefinitionPart::kCopyWhere;
  if (definition.part != DefinitionPart::kGenerated && !copied) return Status::OK();
  const Expression* found = ReferenceToAny(value, definition.generated);
  if (found == nullptr) return Status::OK();
  const auto& reference = std::get<ColumnReference>(found->node);
  const std::string& name = definition.columns[static_cast<size_t>(reference.column)].name;
  if (copied) {
    return postgres::Error(sqlstate::kInvalidColumnReference,
                           "generated columns are not supported in COPY FROM WHERE conditions",
                           {.detail = fmt::format("Column \"{}\" is a generated column.", name)});
  }
  return postgres::Error(sqlstate::kInvalidObjectDefinition,
                         fmt::format("cannot use generated column \"{}\" in column generation expression", name),
                         {.detail = "A generated column cannot reference another generated column.",
                          .position = BeginOf(*found)});
}

constexpr std::string_view kSelect = "SELECT ";

}  // namespace

Result<ExpressionPtr> AnalyzeExpression(std::string_view text, const DefinitionExpression& definition,
                                        const Context& context) {
  // Read as a SELECT list of one; positions are told in the expression's own text.
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(text));
  const std::string select = std::string(kSelect) + std::string(text);
  WEIR_ASSIGN_OR_RETURN(const dialect::Source whole, dialect::Source::Of(select));
  const auto in_own_text = [](const Status& status) {
    const int position = postgres::FieldsOf(status).position - static_cast<int>(kSelect.size());
    return postgres::AtPosition(status, std::max(position, 0));
  };
  const Result<dialect::ParseTree> parsed = dialect::ParseTree::Of(whole);
  if (!parsed.ok()) return in_own_text(parsed.status());
  const dialect::ParseTree& tree = *parsed;
  const bool alone = tree.size() == 1 && tree.statement(0).stmt().select_stmt().target_list_size() == 1;
  if (!alone) return postgres::Error(sqlstate::kSyntaxError, "syntax error in expression");
  Statement statement(whole, 0, context);
  Query query;
  Scope scope(statement, nullptr, &query);
  if (!definition.columns.empty()) {
    RangeEntry entry;
    entry.alias = definition.relation;
    entry.columns.assign(definition.columns.begin(), definition.columns.end());
    const int relation = AddRelation(scope, std::move(entry), {"", definition.relation, false});
    scope.names.push_back(ItemOf(scope, relation));
  }
  const pg_query::Node& node = tree.statement(0).stmt().select_stmt().target_list(0).res_target().val();
  Result<ExpressionPtr> value = Analyze(scope, node, ClauseOf(definition.part));
  if (!value.ok()) return in_own_text(value.status());
  const Status computable = CheckGeneratedColumns(definition, **value);
  if (!computable.ok()) return in_own_text(computable);
  const Status whole_rows = CheckWholeRows(definition.part, **value);
  if (!whole_rows.ok()) return in_own_text(whole_rows);
  if (definition.part == DefinitionPart::kGenerated && VolatilityOf(**value) != 'i') {
    return postgres::Error("42P17", "generation expression is not immutable");
  }
  value = ConvertDefinition(scope, definition, value.MoveValue());
  return value.ok() ? std::move(value) : Result<ExpressionPtr>(in_own_text(value.status()));
}

}  // namespace weir::sql::analyze
