#include "sql/analyze/search_cycle.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/analyze/coerce.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/from.h"
#include "sql/analyze/operator.h"
#include "sql/analyze/select.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using postgres::TypeRef;

namespace {

bool Has(const std::vector<OutputColumn>& columns, const std::string& name) {
  return std::ranges::any_of(columns, [&](const OutputColumn& column) { return column.name == name; });
}

Status CheckListed(const Scope& scope, const Nodes& listed, const std::vector<OutputColumn>& columns,
                   std::string_view what, int location) {
  for (int i = 0; i < listed.size(); ++i) {
    const std::string& name = listed[i].string().sval();
    if (!Has(columns, name)) {
      return ErrorAt(scope, location, sqlstate::kSyntaxError,
                     fmt::format("{} column \"{}\" not in WITH query column list", what, name));
    }
    for (int before = 0; before < i; ++before) {
      if (listed[before].string().sval() != name) continue;
      return ErrorAt(scope, location, sqlstate::kDuplicateColumn,
                     fmt::format("{} column \"{}\" specified more than once", what, name));
    }
  }
  return Status::OK();
}

Status CheckNew(const Scope& scope, const std::vector<OutputColumn>& columns, const std::string& name,
                std::string_view what, int location) {
  if (!Has(columns, name)) return Status::OK();
  return ErrorAt(scope, location, sqlstate::kSyntaxError,
                 fmt::format("{} column name \"{}\" already used in WITH query column list", what, name));
}

Status CheckDiffer(const Scope& scope, const std::string& a, const std::string& b, std::string_view what,
                   int location) {
  if (a != b) return Status::OK();
  return ErrorAt(scope, location, sqlstate::kSyntaxError, fmt::format("{} are the same", what));
}

/// What marks a row that is in a cycle, and one that is not.
struct Marks {
  ExpressionPtr cycle;
  ExpressionPtr none;
};

Result<Marks> AnalyzeMarks(Scope& scope, const pg_query::CTECycleClause& clause) {
  Marks marks;
  WEIR_ASSIGN_OR_RETURN(marks.cycle, Analyze(scope, clause.cycle_mark_value()));
  WEIR_ASSIGN_OR_RETURN(marks.none, Analyze(scope, clause.cycle_mark_default()));
  const std::vector<const Expression*> both = {marks.cycle.get(), marks.none.get()};
  WEIR_ASSIGN_OR_RETURN(const postgres::Oid type, CommonType(scope, both, "CYCLE"));
  WEIR_RETURN_NOT_OK(CheckHasEquality(scope, type, 0));
  WEIR_ASSIGN_OR_RETURN(marks.cycle, CoerceToCommon(scope, std::move(marks.cycle), type, "CYCLE"));
  WEIR_ASSIGN_OR_RETURN(marks.none, CoerceToCommon(scope, std::move(marks.none), type, "CYCLE"));
  return marks;
}

/// Columns of the rows of a side: the item's own, then on the right those that were added to the row before.
class Side {
 public:
  Side(Scope& scope, const WithEntry& with) : scope_(scope), definition_(*with.definition) {}

  const std::vector<OutputColumn>& columns() const { return scope_.query->relations[0].columns; }
  ExpressionPtr Column(size_t place) const { return ColumnOf(scope_, 0, 0, static_cast<int>(place), 0); }

  /// ROW(…) of the listed columns, behind `first` if there is one.
  ExpressionPtr Row(const Nodes& listed, ExpressionPtr first = nullptr) const {
    RowOf row;
    if (first) row.fields.push_back(std::move(first));
    for (const auto& node : listed) {
      const auto found = std::ranges::find(columns(), node.string().sval(), &OutputColumn::name);
      row.fields.push_back(Column(static_cast<size_t>(found - columns().begin())));
    }
    for (size_t i = 0; i < row.fields.size(); ++i) row.names.push_back(fmt::format("f{}", i + 1));
    return MakeExpression(std::move(row), {oid::kRecord, -1}, 0);
  }
  ExpressionPtr Path(const Nodes& listed) const {
    ArrayOf path;
    path.elements.push_back(Row(listed));
    return MakeExpression(std::move(path), {oid::kRecordArray, -1}, 0);
  }

  void Add(const std::string& name, ExpressionPtr value) { scope_.query->targets.push_back({name, std::move(value)}); }

  Status AddFirst() {
    if (definition_.has_search_clause()) {
      const auto& search = definition_.search_clause();
      const Nodes& by = search.search_col_list();
      ExpressionPtr zero = MakeExpression(Constant{postgres::Value(int64_t{0})}, {oid::kInt8, -1}, 0);
      Add(search.search_seq_column(), search.search_breadth_first() ? Row(by, std::move(zero)) : Path(by));
    }
    if (!definition_.has_cycle_clause()) return Status::OK();
    const auto& cycle = definition_.cycle_clause();
    WEIR_ASSIGN_OR_RETURN(Marks marks, AnalyzeMarks(scope_, cycle));
    Add(cycle.cycle_mark_column(), std::move(marks.none));
    Add(cycle.cycle_path_column(), Path(cycle.cycle_col_list()));
    return Status::OK();
  }

  /// `added`: where the row before has them.
  Status AddNext(size_t added) {
    if (definition_.has_search_clause()) {
      const auto& search = definition_.search_clause();
      WEIR_ASSIGN_OR_RETURN(ExpressionPtr sequence, NextSequence(search, Column(added++)));
      Add(search.search_seq_column(), std::move(sequence));
    }
    if (!definition_.has_cycle_clause()) return Status::OK();
    const auto& cycle = definition_.cycle_clause();
    const Nodes& by = cycle.cycle_col_list();
    WEIR_ASSIGN_OR_RETURN(Marks marks, AnalyzeMarks(scope_, cycle));
    WEIR_ASSIGN_OR_RETURN(Marks again, AnalyzeMarks(scope_, cycle));
    WEIR_ASSIGN_OR_RETURN(scope_.query->where, MakeOperator(scope_, {{"<>"}}, Column(added), std::move(again.cycle)));
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr seen, MakeArrayTest(scope_, {{"="}}, true, Row(by), Column(added + 1)));
    const TypeRef type = marks.cycle->type;
    Case mark{.otherwise = std::move(marks.none)};
    mark.whens.push_back({std::move(seen), std::move(marks.cycle)});
    Add(cycle.cycle_mark_column(), MakeExpression(std::move(mark), type, 0));
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr path, MakeOperator(scope_, {{"||"}}, Column(added + 1), Row(by)));
    Add(cycle.cycle_path_column(), std::move(path));
    return Status::OK();
  }

 private:
  Result<ExpressionPtr> NextSequence(const pg_query::CTESearchClause& search, ExpressionPtr before) const {
    const Nodes& by = search.search_col_list();
    if (!search.search_breadth_first()) return MakeOperator(scope_, {{"||"}}, std::move(before), Row(by));
    FieldOf depth{std::move(before), 0, "f1"};
    ExpressionPtr one = MakeExpression(Constant{postgres::Value(int64_t{1})}, {oid::kInt8, -1}, 0);
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr next,
                          MakeOperator(scope_, {{"+"}}, MakeExpression(std::move(depth), {oid::kInt8, -1}, 0),
                                       std::move(one)));
    return Row(by, std::move(next));
  }

  Scope& scope_;
  const pg_query::CommonTableExpr& definition_;
};

size_t CountAdded(const pg_query::CommonTableExpr& definition) {
  return (definition.has_search_clause() ? 1 : 0) + (definition.has_cycle_clause() ? 2 : 0);
}

/// The relation of the right side that the item itself is; -1: it is not at the top level.
int SelfReference(const Query& rows, const WithEntry& with, int level) {
  for (size_t i = 0; i < rows.relations.size(); ++i) {
    const auto* source = std::get_if<RangeEntry::WithQuery>(&rows.relations[i].source);
    if (source != nullptr && source->level == level && source->index == with.index) return static_cast<int>(i);
  }
  return -1;
}

/// `rows` as the one relation of the scope's query, whose columns it gives as they are.
void TakeRows(Scope& scope, QueryPtr rows, std::vector<OutputColumn> columns, size_t shown) {
  std::vector<int> positions;
  for (const Target& target : rows->targets) {
    if (!target.hidden) positions.push_back(BeginOf(*target.expression));
  }
  RangeEntry entry;
  entry.source = RangeEntry::Subquery{std::move(rows)};
  entry.alias = "*SELECT*";
  entry.columns = std::move(columns);
  const int relation = AddRelation(scope, std::move(entry));
  scope.query->from.push_back({.relation = relation});
  for (size_t i = 0; i < shown; ++i) {
    const std::string name = scope.query->relations[static_cast<size_t>(relation)].columns[i].name;
    scope.query->targets.push_back({name, ColumnOf(scope, 0, relation, static_cast<int>(i), positions[i])});
  }
}

}  // namespace

bool HasSearchOrCycle(const WithEntry& with) {
  return with.definition->has_search_clause() || with.definition->has_cycle_clause();
}

namespace {

Status CheckAdded(const Scope& scope, const WithEntry& with, const std::vector<OutputColumn>& columns) {
  const auto& search = with.definition->search_clause();
  const auto& cycle = with.definition->cycle_clause();
  const std::string& sequence = search.search_seq_column();
  const std::string& mark = cycle.cycle_mark_column();
  const std::string& path = cycle.cycle_path_column();
  if (with.definition->has_search_clause()) {
    WEIR_RETURN_NOT_OK(CheckListed(scope, search.search_col_list(), columns, "search", search.location()));
    WEIR_RETURN_NOT_OK(CheckNew(scope, columns, sequence, "search sequence", search.location()));
  }
  if (!with.definition->has_cycle_clause()) return Status::OK();
  WEIR_RETURN_NOT_OK(CheckListed(scope, cycle.cycle_col_list(), columns, "cycle", cycle.location()));
  WEIR_RETURN_NOT_OK(CheckNew(scope, columns, mark, "cycle mark", cycle.location()));
  WEIR_RETURN_NOT_OK(CheckNew(scope, columns, path, "cycle path", cycle.location()));
  WEIR_RETURN_NOT_OK(CheckDiffer(scope, mark, path, "cycle mark column name and cycle path column name",
                                 cycle.location()));
  if (!with.definition->has_search_clause()) return Status::OK();
  WEIR_RETURN_NOT_OK(CheckDiffer(scope, sequence, mark, "search sequence column name and cycle mark column name",
                                 search.location()));
  return CheckDiffer(scope, sequence, path, "search sequence column name and cycle path column name",
                     search.location());
}

}  // namespace

void HideAdded(WithEntry* with) {
  const size_t added = CountAdded(*with->definition);
  for (size_t i = with->columns.size() - added; i < with->columns.size(); ++i) with->columns[i].hidden = true;
}

Status AddToLeft(Scope& scope, const WithEntry& with, QueryPtr rows) {
  if (rows->set_operation) {
    return ErrorAt(scope, -1, sqlstate::kFeatureNotSupported,
                   "with a SEARCH or CYCLE clause, the left side of the UNION must be a SELECT");
  }
  for (Target& target : rows->targets) {
    WEIR_ASSIGN_OR_RETURN(target.expression, UnknownToText(scope, std::move(target.expression)));
  }
  WEIR_ASSIGN_OR_RETURN(std::vector<OutputColumn> columns, ColumnsOfWith(scope, with, *rows));
  WEIR_RETURN_NOT_OK(CheckAdded(scope, with, columns));
  const size_t shown = columns.size();
  TakeRows(scope, std::move(rows), std::move(columns), shown);
  return Side(scope, with).AddFirst();
}

Status AddToRight(Scope& scope, const WithEntry& with, QueryPtr rows) {
  if (rows->set_operation) {
    return ErrorAt(scope, -1, sqlstate::kSyntaxError,
                   "with a SEARCH or CYCLE clause, the right side of the UNION must be a SELECT");
  }
  if (!with.referred) {
    return ErrorAt(scope, with.definition->location(), sqlstate::kSyntaxError, "WITH query is not recursive");
  }
  int level = 1;  // the owner, from the rows
  for (const Scope* at = &scope; at != with.owner; at = at->parent) ++level;
  const int self = SelfReference(*rows, with, level);
  if (self < 0) {
    return ErrorAt(scope, -1, sqlstate::kFeatureNotSupported,
                   fmt::format("with a SEARCH or CYCLE clause, the recursive reference to WITH query \"{}\" must be at "
                               "the top level of its right-hand SELECT",
                               with.name));
  }
  const size_t added = CountAdded(*with.definition);
  const size_t shown = with.columns.size() - added;
  std::vector<OutputColumn> columns;
  for (Target& target : rows->targets) {
    if (target.hidden) continue;
    if (columns.size() < shown && target.expression->type.oid == oid::kUnknown) {
      const postgres::Oid type = with.columns[columns.size()].type.oid;
      WEIR_ASSIGN_OR_RETURN(target.expression, CoerceToCommon(scope, std::move(target.expression), type, "UNION"));
    }
    const size_t place = std::min(columns.size(), shown - 1);
    columns.push_back({with.columns[place].name, target.expression->type});
  }
  if (columns.size() != shown) {
    return ErrorAt(scope, -1, sqlstate::kSyntaxError, "each UNION query must have the same number of columns");
  }
  for (size_t i = 0; i < added; ++i) {
    const auto place = static_cast<int>(shown + i);
    const OutputColumn& before = with.columns[shown + i];
    rows->targets.push_back({before.name, MakeExpression(ColumnReference{0, self, place}, before.type, 0)});
    columns.push_back({before.name, before.type});
  }
  TakeRows(scope, std::move(rows), std::move(columns), shown);
  return Side(scope, with).AddNext(shown);
}

}  // namespace weir::sql::analyze
