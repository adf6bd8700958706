#include "sql/dialect/alter_table.h"

#include "sql/dialect/blank.h"
#include "sql/dialect/partition.h"
#include "sql/dialect/unsupported.h"

namespace weir::sql::dialect {

namespace {

struct Target {
  bool if_exists = false;
  QualifiedName name;
};

Result<Target> ReadTarget(Cursor& cursor) {
  Target target;
  WEIR_RETURN_NOT_OK(cursor.Expect({"alter", "table"}));
  target.if_exists = cursor.Try({"if", "exists"});
  cursor.Try("only");
  WEIR_ASSIGN_OR_RETURN(target.name, cursor.Qualified());
  cursor.TrySymbol("*");
  return target;
}

Result<Action> ParseAttach(Cursor& cursor, Target target) {
  AttachPartition attach{.parent = std::move(target.name), .if_exists = target.if_exists};
  WEIR_ASSIGN_OR_RETURN(attach.partition, cursor.Qualified());
  WEIR_ASSIGN_OR_RETURN(attach.bound, ParseBound(cursor));
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return Action(std::move(attach));
}

Result<Action> ParseDetach(Cursor& cursor, Target target) {
  DetachPartition detach{.parent = std::move(target.name), .if_exists = target.if_exists};
  WEIR_ASSIGN_OR_RETURN(detach.partition, cursor.Qualified());
  detach.concurrently = cursor.Try("concurrently");
  detach.finalize = cursor.Try("finalize");
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return Action(std::move(detach));
}

// ALTER TABLE t PARTITION BY …, which PostgreSQL's grammar does not know.
Result<Action> ParsePartitioning(Cursor& cursor, Target target) {
  AlterPartitioning alter{.name = std::move(target.name), .if_exists = target.if_exists};
  WEIR_RETURN_NOT_OK(CheckValueLists(cursor.statement(), cursor.Rest()));
  WEIR_ASSIGN_OR_RETURN(alter.partitions, ParseInlinePartitions(cursor));
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return Action(std::move(alter));
}

// The actions of Greenplum's classic syntax. ADD PARTITION name VALUES IN (…) is nobody's.
bool IsClassicAction(Cursor cursor) {
  if (cursor.IsAt({"alter", "partition"}) || cursor.IsAt({"exchange"}) || cursor.IsAt({"split"})) return true;
  if (cursor.IsAt({"truncate"}) || cursor.IsAt({"set", "subpartition"}) || cursor.IsAt({"set", "distributed"})) {
    return true;
  }
  const bool add = cursor.Try("add");
  if (!add && !cursor.Try("drop") && !cursor.Try("rename")) return false;
  if (cursor.Try({"default", "partition"})) return true;
  if (!cursor.Try("partition")) return false;
  if (!add) return true;
  const Tokens rest = cursor.Rest();
  return FindWord(rest, {"start", "end"}) < rest.size() || (FindWord(rest, {"values"}) < rest.size() &&
                                                             FindWord(rest, {"in", "from"}) == rest.size());
}

}  // namespace

Result<Action> ParseAlterTable(const StatementSource& statement) {
  Cursor cursor(statement);
  auto target = ReadTarget(cursor);
  if (target.ok() && cursor.Try({"partition", "by"})) return ParsePartitioning(cursor, target.MoveValue());
  if (const Status syntax = BlankedText(statement).Check(); !syntax.ok()) {
    if (target.ok() && IsClassicAction(cursor)) return RefuseClassic(cursor, cursor.Peek());
    if (target.ok() && cursor.IsAt({"configure", "zone"})) return Action(Unsupported{"zone configuration", {}});
    return syntax;
  }
  if (target.ok() && cursor.Try({"attach", "partition"})) return ParseAttach(cursor, target.MoveValue());
  if (target.ok() && cursor.Try({"detach", "partition"})) return ParseDetach(cursor, target.MoveValue());
  return Action(UnsupportedAlter(cursor));
}

}  // namespace weir::sql::dialect
