#include "sql/analyze/window.h"

#include <fmt/format.h>

#include <array>

#include "sql/analyze/coerce.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/operator.h"
#include "sql/analyze/sort.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using pg_query::Node;
using pg_query::WindowDef;
using postgres::Oid;

namespace {

// Bits of WindowDef.frame_options, as PostgreSQL's parsenodes.h numbers them.
constexpr int kFramed = 0x1;
constexpr int kRange = 0x2;
constexpr int kRows = 0x4;
constexpr int kGroups = 0x8;
constexpr int kBetween = 0x10;
constexpr int kStartUnboundedPreceding = 0x20;
constexpr int kEndUnboundedPreceding = 0x40;
constexpr int kStartUnboundedFollowing = 0x80;
constexpr int kEndUnboundedFollowing = 0x100;
constexpr int kEndCurrentRow = 0x400;
constexpr int kStartPreceding = 0x800;
constexpr int kEndPreceding = 0x1000;
constexpr int kStartFollowing = 0x2000;
constexpr int kEndFollowing = 0x4000;
constexpr int kExcludeCurrentRow = 0x8000;
constexpr int kExcludeGroup = 0x10000;
constexpr int kExcludeTies = 0x20000;
constexpr int kDefaultFrame = kRange | kStartUnboundedPreceding | kEndCurrentRow;

Status WindowError(const Scope& scope, int location, std::string message, std::string hint = {}) {
  return ErrorAt(scope, location, sqlstate::kWindowingError, std::move(message), std::move(hint));
}

/// A definition with what it takes over from the one that it refers to.
struct Definition {
  const WindowDef* frame = nullptr;
  const Nodes* partition_by = nullptr;
  const Nodes* order_by = nullptr;
};

Result<Definition> Complete(const Scope& scope, size_t index, const std::vector<Definition>& before) {
  const WindowDef& window = *scope.window_definitions[index];
  Definition definition{&window, &window.partition_clause(), &window.order_clause()};
  for (size_t i = 0; i < index && !window.name().empty(); ++i) {
    if (scope.window_definitions[i]->name() != window.name()) continue;
    return WindowError(scope, window.location(), fmt::format("window \"{}\" is already defined", window.name()));
  }
  if (window.refname().empty()) return definition;
  const Definition* base = nullptr;
  for (size_t i = 0; i < index; ++i) {
    if (scope.window_definitions[i]->name() == window.refname()) base = &before[i];
  }
  if (base == nullptr) {
    return ErrorAt(scope, window.location(), sqlstate::kUndefinedObject,
                   fmt::format("window \"{}\" does not exist", window.refname()));
  }
  if (!definition.partition_by->empty()) {
    return WindowError(scope, window.location(),
                       fmt::format("cannot override PARTITION BY clause of window \"{}\"", window.refname()));
  }
  definition.partition_by = base->partition_by;
  if (!definition.order_by->empty() && !base->order_by->empty()) {
    return WindowError(scope, window.location(),
                       fmt::format("cannot override ORDER BY clause of window \"{}\"", window.refname()));
  }
  if (base->frame->frame_options() != kDefaultFrame) {
    const bool bare = window.name().empty() && definition.order_by->empty() && window.frame_options() == kDefaultFrame;
    return WindowError(scope, window.location(),
                       fmt::format("cannot copy window \"{}\" because it has a frame clause", window.refname()),
                       bare ? "Omit the parentheses in this OVER clause." : "");
  }
  if (definition.order_by->empty()) definition.order_by = base->order_by;
  return definition;
}

Result<int> AddExpression(Scope& scope, const Node& node, Clause clause, Window* window) {
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr expression, Analyze(scope, node, clause));
  WEIR_ASSIGN_OR_RETURN(expression, UnknownToText(scope, std::move(expression)));
  for (size_t i = 0; i < window->expressions.size(); ++i) {
    if (Equal(*window->expressions[i], *expression)) return static_cast<int>(i);
  }
  window->expressions.push_back(std::move(expression));
  return static_cast<int>(window->expressions.size()) - 1;
}

Status AnalyzeLists(Scope& scope, const Definition& definition, Window* window) {
  for (const Node& node : *definition.order_by) {
    WEIR_ASSIGN_OR_RETURN(const int place, AddExpression(scope, node.sort_by().node(), Clause::kWindowOrder, window));
    WEIR_ASSIGN_OR_RETURN(SortKey key,
                          MakeSortKey(scope, node.sort_by(), *window->expressions[static_cast<size_t>(place)]));
    key.target = place;
    window->order_by.push_back(key);
  }
  for (const Node& node : *definition.partition_by) {
    WEIR_ASSIGN_OR_RETURN(const int place, AddExpression(scope, node, Clause::kWindowPartition, window));
    const Expression& by = *window->expressions[static_cast<size_t>(place)];
    WEIR_RETURN_NOT_OK(CheckHasEquality(scope, by.type.oid, scope.statement.Position(LocationOf(node))));
    window->partition_by.push_back(place);
  }
  return Status::OK();
}

// What may be added to a sort column's values: the types of PostgreSQL's in_range functions.
struct RangeOffset {
  Oid column;
  Oid offset;
};
constexpr std::array<RangeOffset, 16> kRangeOffsets = {{
    {oid::kInt8, oid::kInt8},        {oid::kInt4, oid::kInt8},           {oid::kInt4, oid::kInt4},
    {oid::kInt4, oid::kInt2},        {oid::kInt2, oid::kInt8},           {oid::kInt2, oid::kInt4},
    {oid::kInt2, oid::kInt2},        {oid::kFloat8, oid::kFloat8},       {oid::kFloat4, oid::kFloat8},
    {oid::kNumeric, oid::kNumeric},  {oid::kDate, oid::kInterval},       {oid::kTimestamp, oid::kInterval},
    {oid::kTimestamptz, oid::kInterval}, {oid::kTime, oid::kInterval},   {oid::kTimetz, oid::kInterval},
    {oid::kInterval, oid::kInterval},
}};

Result<Oid> RangeOffsetType(const Scope& scope, Oid column, const Expression& offset) {
  const Oid given = offset.type.oid;
  const Oid preferred = given == oid::kUnknown ? column : given;
  int known = 0;
  std::vector<Oid> matches;
  for (const RangeOffset& pair : kRangeOffsets) {
    if (pair.column != column) continue;
    ++known;
    if (pair.offset == preferred) return pair.offset;
    if (CanCoerce(scope, given, pair.offset, postgres::CoercionContext::kImplicit)) matches.push_back(pair.offset);
  }
  if (known > 0 && matches.size() == 1) return matches[0];
  const std::string types = fmt::format("column type {} and offset type {}", TypeName(scope, column),
                                        TypeName(scope, given));
  if (known == 0) {
    return ErrorAtPosition(BeginOf(offset), sqlstate::kFeatureNotSupported,
                           fmt::format("RANGE with offset PRECEDING/FOLLOWING is not supported for column type {}",
                                       TypeName(scope, column)));
  }
  if (matches.empty()) {
    return ErrorAtPosition(BeginOf(offset), sqlstate::kFeatureNotSupported,
                           fmt::format("RANGE with offset PRECEDING/FOLLOWING is not supported for {}", types),
                           "Cast the offset value to an appropriate type.");
  }
  return ErrorAtPosition(
      BeginOf(offset), sqlstate::kFeatureNotSupported,
      fmt::format("RANGE with offset PRECEDING/FOLLOWING has multiple interpretations for {}", types),
      "Cast the offset value to the exact intended type.");
}

Result<ExpressionPtr> AnalyzeOffset(Scope& scope, const Node& node, const Window& window) {
  const bool range = window.unit == Window::Unit::kRange;
  const bool rows = window.unit == Window::Unit::kRows;
  const Clause clause = range ? Clause::kWindowRange : rows ? Clause::kWindowRows : Clause::kWindowGroups;
  const std::string_view name = range ? "RANGE" : rows ? "ROWS" : "GROUPS";
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr offset, Analyze(scope, node, clause));
  Oid type = oid::kInt8;
  if (range) {
    const Oid column = window.expressions[static_cast<size_t>(window.order_by[0].target)]->type.oid;
    WEIR_ASSIGN_OR_RETURN(type, RangeOffsetType(scope, column, *offset));
  }
  WEIR_ASSIGN_OR_RETURN(offset, CoerceToType(scope, std::move(offset), type, name));
  if (const Expression* column = FindColumnOfLevel(*offset); column != nullptr) {
    return ErrorAtPosition(column->position, sqlstate::kInvalidColumnReference,
                           fmt::format("argument of {} must not contain variables", name));
  }
  return offset;
}

Window::Bound StartOf(int options) {
  if ((options & kStartUnboundedPreceding) != 0) return Window::Bound::kUnboundedPreceding;
  if ((options & kStartUnboundedFollowing) != 0) return Window::Bound::kUnboundedFollowing;
  if ((options & kStartPreceding) != 0) return Window::Bound::kPreceding;
  return (options & kStartFollowing) != 0 ? Window::Bound::kFollowing : Window::Bound::kCurrentRow;
}

Window::Bound EndOf(int options) {
  if ((options & kEndUnboundedPreceding) != 0) return Window::Bound::kUnboundedPreceding;
  if ((options & kEndUnboundedFollowing) != 0) return Window::Bound::kUnboundedFollowing;
  if ((options & kEndPreceding) != 0) return Window::Bound::kPreceding;
  return (options & kEndFollowing) != 0 ? Window::Bound::kFollowing : Window::Bound::kCurrentRow;
}

Window::Exclude ExcludeOf(int options) {
  if ((options & kExcludeCurrentRow) != 0) return Window::Exclude::kCurrentRow;
  if ((options & kExcludeGroup) != 0) return Window::Exclude::kGroup;
  return (options & kExcludeTies) != 0 ? Window::Exclude::kTies : Window::Exclude::kNoOthers;
}

Status AnalyzeFrame(Scope& scope, const WindowDef& definition, Window* window) {
  const int options = definition.frame_options();
  window->unit = (options & kRows) != 0     ? Window::Unit::kRows
                 : (options & kGroups) != 0 ? Window::Unit::kGroups
                                            : Window::Unit::kRange;
  window->start = StartOf(options);
  window->end = EndOf(options);
  window->exclude = ExcludeOf(options);
  window->framed = (options & kFramed) != 0;
  window->between = (options & kBetween) != 0;
  const bool offsets = definition.has_start_offset() || definition.has_end_offset();
  if (window->unit == Window::Unit::kRange && offsets && window->order_by.size() != 1) {
    return WindowError(scope, definition.location(),
                       "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column");
  }
  if (window->unit == Window::Unit::kGroups && window->order_by.empty()) {
    return WindowError(scope, definition.location(), "GROUPS mode requires an ORDER BY clause");
  }
  if (definition.has_start_offset()) {
    WEIR_ASSIGN_OR_RETURN(window->start_offset, AnalyzeOffset(scope, definition.start_offset(), *window));
  }
  if (definition.has_end_offset()) {
    WEIR_ASSIGN_OR_RETURN(window->end_offset, AnalyzeOffset(scope, definition.end_offset(), *window));
  }
  return Status::OK();
}

}  // namespace

Status AnalyzeWindows(Scope& scope) {
  std::vector<Definition> definitions;
  for (size_t i = 0; i < scope.window_definitions.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(const Definition definition, Complete(scope, i, definitions));
    definitions.push_back(definition);
    Window window;
    window.name = scope.window_definitions[i]->name();
    WEIR_RETURN_NOT_OK(AnalyzeLists(scope, definition, &window));
    WEIR_RETURN_NOT_OK(AnalyzeFrame(scope, *definition.frame, &window));
    scope.query->windows.push_back(std::move(window));
  }
  return Status::OK();
}

}  // namespace weir::sql::analyze
