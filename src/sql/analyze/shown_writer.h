#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sql/analyze/shown_text.h"

namespace weir::sql::analyze {

/// Writes trees as PostgreSQL shows them: what ShownExpression and ShownQuery are made of.
class ShownWriter {
 public:
  ShownWriter(const ShownNames& names, ShownForm form) : names_(names), form_(form) {}

  /// `casts`: also those that nobody wrote.
  void Write(const Expression& expression, bool casts);
  void WriteTop(const Query& query, const std::vector<std::string>& columns);
  /// Names of the columns of an expression that stands in no query.
  void SetColumns(std::span<const OutputColumn> columns) { columns_ = columns; }

  bool failed() const { return failed_; }
  std::string TakeText() { return std::move(out_); }

 private:
  /// A query around what is written, with the names that its relations have in the text.
  struct Level {
    const Query* query;
    std::vector<std::string> aliases;
  };
  /// How the columns that a query gives are called.
  struct Naming {
    const std::vector<std::string>* columns = nullptr;  // null: as the query calls them
    bool visible = true;                                // whether anybody asks for their names
  };

  const Level& LevelAt(int level) const { return levels_[levels_.size() - 1 - static_cast<size_t>(level)]; }
  /// The query of WITH that is meant.
  const WithItem& ItemOf(const RangeEntry::WithQuery& with) const {
    return LevelAt(with.level).query->with[static_cast<size_t>(with.index)];
  }
  /// The table or the view that is named; null: none.
  static RelationPtr RelationOf(const RangeEntry& entry) {
    const auto* table = std::get_if<RangeEntry::Table>(&entry.source);
    return table != nullptr ? table->relation : entry.view;
  }

  // shown_expression.cc
  void WriteCalled(const Expression& expression, const CalledFunction& called, bool casts);
  void WriteIn(const Expression& expression, bool casts, const Expression& parent);
  void WriteList(const Expressions& list, bool casts, std::string_view separator = ", ");
  void WriteConstant(const Expression& expression, bool with_type);
  void WriteColumn(const ColumnReference& reference);
  void WriteCall(const Expression& expression, const Call& call, bool casts);
  void WriteArguments(const postgres::Function& function, const Expressions& arguments, bool variadic_array);
  bool WriteSqlSyntax(const Call& call);
  void WriteTrim(const Call& call, std::string_view side);
  void WriteCast(const Expression& expression, const Expression& argument, postgres::TypeRef type);
  void WriteCoercion(const Expression& expression, const Coercion& coercion, bool casts);
  void WriteOperator(const Expression& expression, const Expressions& operands, const postgres::Function& function);
  void WriteLogic(const Expression& expression, const Logic& logic);
  void WriteCase(const Case& choice);
  void WriteAggregate(const Aggregate& aggregate);
  void WriteFilter(const ExpressionPtr& filter);
  void WriteWindowCall(const WindowCall& call);
  void WriteRowComparison(const Expression& expression, const RowComparison& comparison);
  void WriteSubscript(const Subscript& subscript, bool casts);
  void WriteSubquery(const SubqueryExpression& subquery);
  void WriteSessionValue(const SessionValue& value);
  void WriteRow(const Expression& expression, const RowOf& row);
  void WriteTest(const Expression& expression, const Expression& argument, bool casts, std::string_view test);
  void WriteDistinct(const Expression& expression, const DistinctTest& test);
  void WriteArrayTest(const Expression& expression, const ArrayTest& test);
  bool IsSimple(const Expression& expression, const Expression& parent) const;

  // shown_query.cc
  void WriteQuery(const Query& query, Naming naming);
  void WriteWith(const Query& query);
  void WriteBody(const Query& query, Naming naming);
  void WriteTargets(const Query& query, Naming naming);
  void WriteDistinctOn(const Query& query);
  void WriteFrom(const Query& query);
  void WriteFromItem(const Query& query, const FromItem& item);
  void WriteJoin(const Query& query, const FromItem& item);
  void WriteRelation(const RangeEntry& entry, const std::string& alias);
  void WriteFunctions(const RangeEntry::Functions& functions);
  void WriteValues(const RangeEntry::Values& values);
  void WriteAlias(const RangeEntry& entry, const std::string& alias);
  void WriteGroupBy(const Query& query);
  void WriteGroupingSets(const Query& query);
  void WriteGroupItems(const Query& query, const std::vector<int>& items);
  void WriteOrderBy(const Query& query);
  void WriteSortKeys(const std::vector<SortKey>& keys, const std::vector<const Expression*>& by, bool places);
  void WriteSortItem(const Expression& expression);
  void WriteWindows(const Query& query);
  void WriteWindow(const Window& window);
  void WriteFrame(const Window& window);
  void WriteLimits(const Query& query);
  void WriteLocks(const Query& query);
  void WriteSetSide(const Query& parent, const ConvertedQuery& side, bool right, Naming naming);
  void WriteSetOperation(const Query& query, Naming naming);
  std::vector<std::string> AliasesOf(const Query& query) const;
  std::string ColumnNameOf(const RangeEntry& entry, size_t column) const;
  bool HasOwnColumnNames(const RangeEntry& entry) const;

  // the text
  void Put(std::string_view text) { out_ += text; }
  void PutOpen(std::string_view text = "(") { if (!form_.sparse) out_ += text; }
  void PutClose() { if (!form_.sparse) out_ += ')'; }
  /// A word at the beginning of a line, `before` the indent of what follows it and `plus` that of the word alone.
  void Line(std::string_view word, int before = 0, int after = 0, int plus = 0);
  void Fail() { failed_ = true; }

  const ShownNames& names_;
  const ShownForm form_;
  std::span<const OutputColumn> columns_;
  std::string out_;
  std::vector<Level> levels_;  // from the outermost
  int indent_ = 0;
  bool within_called_ = false;  // what is written stands for a call that is kept beside it
  bool failed_ = false;
};

}  // namespace weir::sql::analyze
