// Expressions as PostgreSQL shows them: every name qualified, every literal with its type, every coercion written out.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "postgres/catalog_name.h"
#include "postgres/identifier.h"
#include "postgres/oid.h"
#include "postgres/operator.h"
#include "sql/analyze/shown_writer.h"
#include "sql/dialect/kept_call.h"
#include "sql/overloaded.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
using postgres::Oid;
using postgres::QuoteIdentifier;
using postgres::QuoteLiteral;

namespace {

constexpr int kCaseIndent = 4;

/// The operator that a function computes; null: none's.
const postgres::Operator* OperatorOfFunction(Oid function) {
  static const auto* operators = [] {
    auto* found = new std::map<Oid, const postgres::Operator*>;
    for (const postgres::Operator& op : postgres::AllOperators()) found->emplace(op.function, &op);
    return found;
  }();
  const auto found = operators->find(function);
  return found == operators->end() ? nullptr : found->second;
}

/// A literal without escapes: backslashes are themselves.
std::string PlainLiteral(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) {
    literal += c;
    if (c == '\'') literal += c;
  }
  return literal + "'";
}

bool IsCast(const Call& call) { return call.form == CallForm::kExplicitCast || call.form == CallForm::kImplicitCast; }

/// What an operator of one letter binds like: 1 as +, 2 as *; 0: another one.
int BindingStrength(const Expression& expression) {
  const auto* call = std::get_if<Call>(&expression.node);
  if (call == nullptr || call->form != CallForm::kOperator || call->arguments.size() != 2) return 0;
  const postgres::Operator* op = OperatorOfFunction(call->function->oid);
  if (op == nullptr || op->name.size() != 1) return 0;
  if (op->name == "+" || op->name == "-") return 1;
  return op->name == "*" || op->name == "/" || op->name == "%" ? 2 : 0;
}

bool IsOperatorCall(const Expression& expression) {
  const auto* call = std::get_if<Call>(&expression.node);
  return call != nullptr && call->form == CallForm::kOperator;
}

/// Whether what stands in it is between parentheses or commas already.
bool Encloses(const Expression& parent) {
  return std::visit(Overloaded{
                        [](const Call& call) {
                          return call.form == CallForm::kFunction || call.form == CallForm::kSqlSyntax;
                        },
                        [](const Logic&) { return true; }, [](const Subscript&) { return true; },
                        [](const ArrayOf&) { return true; }, [](const RowOf&) { return true; },
                        [](const Coalesce&) { return true; }, [](const Extreme&) { return true; },
                        [](const NullIf&) { return true; }, [](const Aggregate&) { return true; },
                        [](const Grouping&) { return true; }, [](const WindowCall&) { return true; },
                        [](const Case&) { return true; }, [](const auto&) { return false; }},
                    parent.node);
}

std::string_view NameOfComparison(RowComparison::Kind kind) {
  switch (kind) {
    case RowComparison::Kind::kEqual: return "=";
    case RowComparison::Kind::kNotEqual: return "<>";
    case RowComparison::Kind::kLess: return "<";
    case RowComparison::Kind::kLessEqual: return "<=";
    case RowComparison::Kind::kGreaterEqual: return ">=";
    case RowComparison::Kind::kGreater: return ">";
  }
  return "";
}

std::string_view NameOfTest(BooleanTest::Kind kind) {
  switch (kind) {
    case BooleanTest::Kind::kTrue: return " IS TRUE";
    case BooleanTest::Kind::kNotTrue: return " IS NOT TRUE";
    case BooleanTest::Kind::kFalse: return " IS FALSE";
    case BooleanTest::Kind::kNotFalse: return " IS NOT FALSE";
    case BooleanTest::Kind::kUnknown: return " IS UNKNOWN";
    case BooleanTest::Kind::kNotUnknown: return " IS NOT UNKNOWN";
  }
  return "";
}

std::string_view WordOfSessionValue(SessionValue::Kind kind) {
  using Kind = SessionValue::Kind;
  switch (kind) {
    case Kind::kCurrentDate: return "CURRENT_DATE";
    case Kind::kCurrentTime: return "CURRENT_TIME";
    case Kind::kCurrentTimestamp: return "CURRENT_TIMESTAMP";
    case Kind::kLocalTime: return "LOCALTIME";
    case Kind::kLocalTimestamp: return "LOCALTIMESTAMP";
    case Kind::kCurrentUser: return "CURRENT_USER";
    case Kind::kSessionUser: return "SESSION_USER";
    case Kind::kCurrentRole: return "CURRENT_ROLE";
    case Kind::kUser: return "USER";
    case Kind::kCurrentCatalog: return "CURRENT_CATALOG";
    case Kind::kCurrentSchema: return "CURRENT_SCHEMA";
  }
  return "";
}

/// How many of a call's arguments were written: the last ones may be the function's defaults.
size_t WrittenArguments(const postgres::Function& function, const Expressions& arguments) {
  size_t written = arguments.size();
  const size_t least = function.arguments.size() - std::min<size_t>(function.defaults, function.arguments.size());
  while (written > least && arguments[written - 1]->position == 0 &&
         std::holds_alternative<Constant>(arguments[written - 1]->node)) {
    --written;
  }
  return written;
}

}  // namespace

void ShownWriter::Line(std::string_view word, int before, int after, int plus) {
  if (!form_.indented) {
    out_ += word;
    return;
  }
  indent_ += before;
  while (!out_.empty() && out_.back() == ' ') out_.pop_back();
  out_ += '\n';
  out_.append(static_cast<size_t>(std::max(indent_, 0) + plus), ' ');
  out_ += word;
  indent_ = std::max(indent_ + after, 0);
}

// --- parentheses

bool ShownWriter::IsSimple(const Expression& expression, const Expression& parent) const {
  if (expression.called && !within_called_) return true;
  return std::visit(
      Overloaded{
          [&](const Call& call) {
            if (IsCast(call)) return IsSimple(*call.arguments[0], expression);
            if (call.form != CallForm::kOperator) return true;
            if (!IsOperatorCall(parent)) return Encloses(parent);
            const int own = BindingStrength(expression);
            const int around = BindingStrength(parent);
            if (own == 0 || around == 0) return false;
            return own > around || (own == around && std::get<Call>(parent.node).arguments[0].get() == &expression);
          },
          [&](const Coercion& coercion) { return IsSimple(*coercion.argument, expression); },
          [&](const Logic& logic) {
            const auto* around = std::get_if<Logic>(&parent.node);
            if (around == nullptr) return Encloses(parent);
            const bool in_or = around->kind == Logic::Kind::kOr;
            if (logic.kind == Logic::Kind::kOr) return in_or;
            return in_or || around->kind == Logic::Kind::kAnd;
          },
          [&](const FieldOf&) { return !std::holds_alternative<FieldOf>(parent.node); },
          [&](const SubqueryExpression&) { return Encloses(parent); },
          [&](const NullTest&) { return Encloses(parent); }, [&](const BooleanTest&) { return Encloses(parent); },
          [&](const DistinctTest&) { return Encloses(parent); }, [](const ArrayTest&) { return false; },
          [&](const RowComparison& comparison) {  // = and <> are shown as AND and OR
            const auto* around = std::get_if<Logic>(&parent.node);
            const bool equal = comparison.kind == RowComparison::Kind::kEqual;
            if (!equal && comparison.kind != RowComparison::Kind::kNotEqual) return false;
            if (around == nullptr) return false;
            return around->kind == Logic::Kind::kOr || (equal && around->kind == Logic::Kind::kAnd);
          },
          [](const Collated&) { return false; }, [](const auto&) { return true; }},
      expression.node);
}

void ShownWriter::WriteIn(const Expression& expression, bool casts, const Expression& parent) {
  const bool parentheses = form_.sparse && !IsSimple(expression, parent);
  if (parentheses) Put("(");
  Write(expression, casts);
  if (parentheses) Put(")");
}

void ShownWriter::WriteList(const Expressions& list, bool casts, std::string_view separator) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) Put(separator);
    Write(*list[i], casts);
  }
}

// --- leaves

void ShownWriter::WriteConstant(const Expression& expression, bool with_type) {
  const auto& value = std::get<Constant>(expression.node).value;
  const Oid type = expression.type.oid;
  const auto label = [&] { if (with_type) Put("::" + names_.type(expression.type)); };
  if (value.is_null()) {
    Put("NULL");
    return label();
  }
  if (const auto* flag = std::get_if<bool>(&value)) return Put(*flag ? "true" : "false");
  std::string text;
  const auto* number = std::get_if<uint32_t>(&value);
  if (number != nullptr && postgres::NamesCatalog(type)) text = names_.catalog_name(type, *number);
  else postgres::WriteText(type, value, names_.settings, &text);
  if (type == oid::kInt4) {
    if (text[0] != '-') return Put(text);
    Put(QuoteLiteral(text));
    return label();
  }
  const bool plain = text.find_first_not_of("0123456789.eE+") == std::string::npos;
  if (type == oid::kNumeric && plain && text.find_first_of(".eE") != std::string::npos) {
    Put(text);
    return expression.type.modifier < 0 ? void() : label();
  }
  Put(PlainLiteral(text));
  if (type != oid::kUnknown) label();
}

std::string ShownWriter::ColumnNameOf(const RangeEntry& entry, size_t column) const {
  const RelationPtr relation = RelationOf(entry);
  const std::string& name = entry.columns[column].name;
  if (!relation || column >= relation->columns.size()) return name;
  return name == names_.known_column(*relation, column) ? relation->columns[column].name : name;
}

void ShownWriter::WriteColumn(const ColumnReference& reference) {
  const auto column = static_cast<size_t>(reference.column);
  if (levels_.empty()) {
    if (columns_.empty()) return Put("VALUE");
    if (column >= columns_.size()) return Fail();
    return Put(QuoteIdentifier(columns_[column].name));
  }
  if (static_cast<size_t>(reference.level) >= levels_.size()) return Fail();
  const Level& level = LevelAt(reference.level);
  const auto relation = static_cast<size_t>(reference.relation);
  if (relation >= level.aliases.size()) return Fail();
  Put(QuoteIdentifier(level.aliases[relation]) + "." +
      QuoteIdentifier(ColumnNameOf(level.query->relations[relation], column)));
}

void ShownWriter::WriteSessionValue(const SessionValue& value) {
  Put(WordOfSessionValue(value.kind));
  if (value.precision) Put(fmt::format("({})", *value.precision));
}

// --- calls, operators, casts

void ShownWriter::WriteArguments(const postgres::Function& function, const Expressions& arguments,
                                 bool variadic_array) {
  const size_t written = WrittenArguments(function, arguments);
  const bool collected = function.variadic != 0 && function.variadic != oid::kAny && written == arguments.size();
  for (size_t i = 0; i < written; ++i) {
    if (i > 0) Put(", ");
    if (i + 1 == written && (variadic_array || collected)) Put("VARIADIC ");
    Write(*arguments[i], true);
  }
}

void ShownWriter::WriteTrim(const Call& call, std::string_view side) {
  Put(fmt::format("TRIM({}", side));
  if (call.arguments.size() > 1) {
    Put(" ");
    Write(*call.arguments[1], false);
  }
  Put(" FROM ");
  Write(*call.arguments[0], false);
  Put(")");
}

/// What SQL has a syntax of its own for; false: it has none.
bool ShownWriter::WriteSqlSyntax(const Call& call) {
  const std::string_view name = call.function->name;
  const Expressions& given = call.arguments;
  const auto parts = [&](std::string_view begin, std::span<const std::string_view> words) {
    Put(begin);
    for (size_t i = 0; i < given.size(); ++i) {
      if (i > 0) Put(words[i - 1]);
      Write(*given[i], false);
    }
    Put(")");
    return true;
  };
  if (name == "extract") {
    const auto* field = std::get_if<Constant>(&given[0]->node);
    if (field == nullptr || !std::holds_alternative<std::string>(field->value)) return false;
    Put("EXTRACT(" + std::get<std::string>(field->value) + " FROM ");
    Write(*given[1], false);
    Put(")");
    return true;
  }
  if (name == "timezone") {
    Put("(");
    WriteIn(*given[1], false, *given[1]);
    Put(" AT TIME ZONE ");
    Write(*given[0], false);
    Put(")");
    return true;
  }
  if (name == "position") {
    Put("POSITION((");
    Write(*given[1], false);
    Put(") IN (");
    Write(*given[0], false);
    Put("))");
    return true;
  }
  constexpr std::array<std::string_view, 3> kOverlay = {" PLACING ", " FROM ", " FOR "};
  constexpr std::array<std::string_view, 2> kSubstring = {" FROM ", " FOR "};
  if (name == "overlay") return parts("OVERLAY(", kOverlay);
  if (name == "substring") return parts("SUBSTRING(", kSubstring);
  if (name == "btrim") return WriteTrim(call, "BOTH"), true;
  if (name == "ltrim") return WriteTrim(call, "LEADING"), true;
  if (name == "rtrim") return WriteTrim(call, "TRAILING"), true;
  return false;
}

void ShownWriter::WriteOperator(const Expression& expression, const Expressions& operands,
                                const postgres::Function& function) {
  const postgres::Operator* op = OperatorOfFunction(function.oid);
  if (op == nullptr) return Fail();
  PutOpen();
  if (operands.size() == 2) {
    WriteIn(*operands[0], true, expression);
    Put(fmt::format(" {} ", op->name));
  } else {
    Put(fmt::format("{} ", op->name));
  }
  WriteIn(*operands.back(), true, expression);
  PutClose();
}

void ShownWriter::WriteCast(const Expression& expression, const Expression& argument, postgres::TypeRef type) {
  if (std::holds_alternative<Constant>(argument.node) && argument.type.oid == type.oid && argument.type.modifier < 0) {
    WriteConstant(argument, false);
  } else {
    PutOpen();
    WriteIn(argument, false, expression);
    PutClose();
  }
  Put("::" + names_.type(type));
}

void ShownWriter::WriteCall(const Expression& expression, const Call& call, bool casts) {
  if (IsCast(call)) {
    const Expression& argument = *call.arguments[0];
    if (call.form == CallForm::kImplicitCast && !casts) return WriteIn(argument, false, expression);
    return WriteCast(expression, argument, expression.type);
  }
  if (call.form == CallForm::kOperator) return WriteOperator(expression, call.arguments, *call.function);
  if (call.form == CallForm::kSqlSyntax && WriteSqlSyntax(call)) return;
  Put(QuoteIdentifier(call.function->name) + "(");
  WriteArguments(*call.function, call.arguments, call.variadic_array);
  Put(")");
}

/// A coercion to a modifier hides the one to its type, which stands in it.
void ShownWriter::WriteCoercion(const Expression& expression, const Coercion& coercion, bool casts) {
  if (coercion.kind == Coercion::Kind::kFields) return Fail();
  const Expression* argument = coercion.argument.get();
  if (!coercion.explicit_cast && !casts) return WriteIn(*argument, false, expression);
  if (coercion.kind == Coercion::Kind::kModifier) {
    const auto* call = std::get_if<Call>(&argument->node);
    const auto* inner = std::get_if<Coercion>(&argument->node);
    const bool same = argument->type.oid == expression.type.oid;
    if (same && call != nullptr && IsCast(*call)) argument = call->arguments[0].get();
    else if (same && inner != nullptr && inner->kind != Coercion::Kind::kModifier) argument = inner->argument.get();
  }
  WriteCast(expression, *argument, expression.type);
}

// --- conditions

void ShownWriter::WriteLogic(const Expression& expression, const Logic& logic) {
  PutOpen();
  if (logic.kind == Logic::Kind::kNot) Put("NOT ");
  for (size_t i = 0; i < logic.arguments.size(); ++i) {
    if (i > 0) Put(logic.kind == Logic::Kind::kAnd ? " AND " : " OR ");
    WriteIn(*logic.arguments[i], false, expression);
  }
  PutClose();
}

void ShownWriter::WriteTest(const Expression& expression, const Expression& argument, bool casts,
                            std::string_view test) {
  PutOpen();
  WriteIn(argument, casts, expression);
  Put(test);
  PutClose();
}

void ShownWriter::WriteDistinct(const Expression& expression, const DistinctTest& test) {
  if (test.negated) PutOpen();
  if (test.negated) Put("NOT ");
  PutOpen();
  WriteIn(*test.left, true, expression);
  Put(" IS DISTINCT FROM ");
  WriteIn(*test.right, true, expression);
  PutClose();
  if (test.negated) PutClose();
}

void ShownWriter::WriteArrayTest(const Expression& expression, const ArrayTest& test) {
  const postgres::Operator* op = OperatorOfFunction(test.function->oid);
  if (op == nullptr) return Fail();
  PutOpen();
  WriteIn(*test.left, true, expression);
  Put(fmt::format(" {} {} (", op->name, test.any ? "ANY" : "ALL"));
  WriteIn(*test.array, true, expression);
  Put(")");
  PutClose();
}

void ShownWriter::WriteRowComparison(const Expression& expression, const RowComparison& comparison) {
  const bool equal = comparison.kind == RowComparison::Kind::kEqual;
  if (!equal && comparison.kind != RowComparison::Kind::kNotEqual) {
    Put("(ROW(");
    WriteList(comparison.left, true);
    Put(fmt::format(") {} ROW(", NameOfComparison(comparison.kind)));
    WriteList(comparison.right, true);
    return Put("))");
  }
  PutOpen();
  for (size_t i = 0; i < comparison.left.size(); ++i) {
    if (i > 0) Put(equal ? " AND " : " OR ");
    PutOpen();
    WriteIn(*comparison.left[i], true, expression);
    Put(fmt::format(" {} ", NameOfComparison(comparison.kind)));
    WriteIn(*comparison.right[i], true, expression);
    PutClose();
  }
  PutClose();
}

void ShownWriter::WriteCase(const Case& choice) {
  const std::string_view gap = form_.indented ? "" : " ";
  Line("CASE", 0, kCaseIndent);
  if (choice.operand) {
    Put(" ");
    Write(*choice.operand, true);
  }
  for (const Case::When& when : choice.whens) {
    Put(gap);
    Line("WHEN ");
    const auto* test = std::get_if<Call>(&when.condition->node);
    // Of CASE x WHEN y the right side of x = y.
    if (choice.operand && (test == nullptr || test->arguments.size() != 2)) return Fail();
    Write(choice.operand ? *test->arguments[1] : *when.condition, false);
    Put(" THEN ");
    Write(*when.result, true);
  }
  Put(gap);
  Line("ELSE ");
  Write(*choice.otherwise, true);
  Put(gap);
  Line("END", -kCaseIndent);
}

// --- aggregates and windows

void ShownWriter::WriteFilter(const ExpressionPtr& filter) {
  if (!filter) return;
  Put(" FILTER (WHERE ");
  Write(*filter, false);
  Put(")");
}

void ShownWriter::WriteAggregate(const Aggregate& aggregate) {
  std::vector<const Expression*> sorted;
  for (const ExpressionPtr& argument : aggregate.arguments) sorted.push_back(argument.get());
  Put(QuoteIdentifier(aggregate.function->name) + "(");
  if (aggregate.distinct) Put("DISTINCT ");
  const auto* facts = postgres::FindAggregate(aggregate.function->oid);
  if (facts != nullptr && facts->kind != postgres::AggregateKind::kNormal) {
    WriteList(aggregate.direct_arguments, true);
    Put(") WITHIN GROUP (ORDER BY ");
    WriteSortKeys(aggregate.order_by, sorted, false);
    Put(")");
    return WriteFilter(aggregate.filter);
  }
  if (aggregate.star) Put("*");
  for (size_t i = 0; i < aggregate.num_arguments && !aggregate.star; ++i) {
    if (i > 0) Put(", ");
    Write(*aggregate.arguments[i], true);
  }
  if (!aggregate.order_by.empty()) {
    Put(" ORDER BY ");
    WriteSortKeys(aggregate.order_by, sorted, false);
  }
  Put(")");
  WriteFilter(aggregate.filter);
}

void ShownWriter::WriteWindowCall(const WindowCall& call) {
  if (levels_.empty()) return Fail();
  Put(QuoteIdentifier(call.function->name) + "(");
  if (call.star) Put("*");
  else WriteArguments(*call.function, call.arguments, false);
  Put(")");
  WriteFilter(call.filter);
  const Window& window = levels_.back().query->windows[static_cast<size_t>(call.window)];
  Put(" OVER ");
  if (window.name.empty()) WriteWindow(window);
  else Put(QuoteIdentifier(window.name));
}

// --- the others

void ShownWriter::WriteSubscript(const Subscript& subscript, bool casts) {
  const bool column = std::holds_alternative<ColumnReference>(subscript.container->node);
  if (!column) Put("(");
  Write(*subscript.container, casts);
  if (!column) Put(")");
  for (const Subscript::Step& step : subscript.steps) {
    Put("[");
    if (step.lower) Write(*step.lower, false);
    if (step.slice) Put(":");
    if (step.upper) Write(*step.upper, false);
    Put("]");
  }
}

void ShownWriter::WriteRow(const Expression& expression, const RowOf& row) {
  Put("ROW(");
  WriteList(row.fields, true);
  Put(")");
  if (expression.type.oid != oid::kRecord) Put("::" + names_.type(expression.type));
}

void ShownWriter::WriteSubquery(const SubqueryExpression& subquery) {
  using Kind = SubqueryExpression::Kind;
  const bool quantified = subquery.kind == Kind::kAny || subquery.kind == Kind::kAll;
  if (subquery.kind == Kind::kRow || !subquery.columns.empty() || levels_.empty()) return Fail();
  Put(subquery.kind == Kind::kArray ? "ARRAY(" : "(");
  if (subquery.kind == Kind::kExists) Put("EXISTS (");
  if (quantified) {
    const postgres::Operator* op = OperatorOfFunction(subquery.functions[0]->oid);
    if (op == nullptr) return Fail();
    if (subquery.left.size() > 1) Put("(");
    WriteList(subquery.left, true);
    if (subquery.left.size() > 1) Put(")");
    const bool in = subquery.kind == Kind::kAny && op->name == "=";
    Put(in ? " IN (" : fmt::format(" {} {} (", op->name, subquery.kind == Kind::kAny ? "ANY" : "ALL"));
  }
  WriteQuery(*subquery.query, {.visible = false});
  Put(quantified || subquery.kind == Kind::kExists ? "))" : ")");
}

/// Where the text is kept, what the function is made of comes beside its call.
void ShownWriter::WriteCalled(const Expression& expression, const CalledFunction& called, bool casts) {
  if (form_.kept) {
    Put(fmt::format("{}({}, '{}', ", dialect::kKeptCall, called.function, called.volatility));
    within_called_ = true;
    Write(expression, casts);
    within_called_ = false;
    Put(", " + QuoteIdentifier(called.schema) + "." + QuoteIdentifier(called.name) + "(");
  } else {
    Put(names_.function(called) + "(");
  }
  WriteList(called.arguments, true);
  Put(form_.kept ? "))" : ")");
}

void ShownWriter::Write(const Expression& expression, bool casts) {
  if (expression.called && !within_called_) return WriteCalled(expression, *expression.called, casts);
  const auto listed = [&](std::string_view word, const Expressions& list, std::string_view end) {
    Put(word);
    WriteList(list, true);
    Put(end);
  };
  std::visit(
      Overloaded{
          [&](const Constant&) { WriteConstant(expression, true); },
          [&](const ColumnReference& node) { WriteColumn(node); },
          [&](const Call& node) { WriteCall(expression, node, casts); },
          [&](const Aggregate& node) { WriteAggregate(node); }, [&](const WindowCall& node) { WriteWindowCall(node); },
          [&](const Grouping& node) { listed("GROUPING(", node.arguments, ")"); },
          [&](const Logic& node) { WriteLogic(expression, node); },
          [&](const NullTest& node) {
            WriteTest(expression, *node.argument, true, node.negated ? " IS NOT NULL" : " IS NULL");
          },
          [&](const BooleanTest& node) { WriteTest(expression, *node.argument, false, NameOfTest(node.kind)); },
          [&](const DistinctTest& node) { WriteDistinct(expression, node); },
          [&](const NullIf& node) {
            Put("NULLIF(");
            Write(*node.left, true);
            Put(", ");
            Write(*node.right, true);
            Put(")");
          },
          [&](const Case& node) { WriteCase(node); },
          [&](const Coalesce& node) { listed("COALESCE(", node.arguments, ")"); },
          [&](const Extreme& node) { listed(node.greatest ? "GREATEST(" : "LEAST(", node.arguments, ")"); },
          [&](const ArrayOf& node) {
            listed("ARRAY[", node.elements, "]");
            if (node.elements.empty()) Put("::" + names_.type(expression.type));
          },
          [&](const RowOf& node) { WriteRow(expression, node); },
          [&](const RowComparison& node) { WriteRowComparison(expression, node); },
          [&](const ArrayTest& node) { WriteArrayTest(expression, node); },
          [&](const Coercion& node) { WriteCoercion(expression, node, casts); },
          [&](const ElementValue&) { Put("VALUE"); },
          [&](const Subscript& node) { WriteSubscript(node, casts); },
          [&](const FieldOf& node) {
            const bool inner = std::holds_alternative<FieldOf>(node.record->node);
            Put(inner ? "" : "(");
            Write(*node.record, true);
            Put((inner ? "." : ").") + QuoteIdentifier(node.name));
          },
          [&](const SubqueryExpression& node) { WriteSubquery(node); },
          [&](const SessionValue& node) { WriteSessionValue(node); },
          [&](const Collated& node) {
            WriteTest(expression, *node.argument, casts, " COLLATE " + QuoteIdentifier(node.collation));
          },
          // What has no text outside of a statement, and whole rows.
          [&](const auto&) { Fail(); }},
      expression.node);
}

bool StandsWithoutParentheses(const Expression& expression) {
  if (expression.called) return true;
  if (const auto* call = std::get_if<Call>(&expression.node)) {
    return call->form == CallForm::kFunction || call->form == CallForm::kSqlSyntax;
  }
  const auto& node = expression.node;
  return std::holds_alternative<Coalesce>(node) || std::holds_alternative<Extreme>(node) ||
         std::holds_alternative<NullIf>(node) || std::holds_alternative<SessionValue>(node);
}

std::optional<std::string> ShownExpression(const Expression& expression, std::span<const OutputColumn> columns,
                                           const ShownNames& names, ShownForm form) {
  ShownWriter writer(names, form);
  writer.SetColumns(columns);
  writer.Write(expression, false);
  if (writer.failed()) return std::nullopt;
  return writer.TakeText();
}

}  // namespace weir::sql::analyze
