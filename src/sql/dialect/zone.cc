#include "sql/dialect/zone.h"

#include "sql/dialect/parse_tree.h"

namespace weir::sql::dialect {
namespace {

// table, table@index or table@*.
Status ReadTable(Cursor& cursor, ZoneTarget* target) {
  WEIR_ASSIGN_OR_RETURN(target->table, cursor.Qualified());
  if (cursor.TrySymbol("@*")) {
    target->index = "*";
    return Status::OK();
  }
  if (!cursor.TrySymbol("@")) return Status::OK();
  if (cursor.TrySymbol("*")) {
    target->index = "*";
    return Status::OK();
  }
  WEIR_ASSIGN_OR_RETURN(target->index, cursor.AnyName());
  return Status::OK();
}

Status ReadPartition(Cursor& cursor, ZoneTarget* target) {
  target->kind = ZoneTarget::Kind::kPartition;
  WEIR_ASSIGN_OR_RETURN(target->partition, cursor.AnyName());
  WEIR_RETURN_NOT_OK(cursor.Expect("of"));
  target->of_index = cursor.Try("index");
  if (!target->of_index) WEIR_RETURN_NOT_OK(cursor.Expect("table"));
  const Token& at = cursor.Peek();
  WEIR_RETURN_NOT_OK(ReadTable(cursor, target));
  if (target->of_index || target->index.empty()) return Status::OK();
  if (target->index == "*") {
    return cursor.ErrorAt(at, "42601", "index wildcard unsupported in ALTER PARTITION ... OF TABLE",
                          "try ALTER PARTITION <partition> OF INDEX <tablename>@*");
  }
  return cursor.ErrorAt(at, "42601", "index name should not be specified in ALTER PARTITION ... OF TABLE",
                        "try ALTER PARTITION ... OF INDEX");
}

/// A value is an expression, and nothing stands behind it.
Status CheckZoneValue(const StatementSource& statement, Tokens value) {
  constexpr std::string_view kBefore = "SELECT (";
  std::string text(value.front().begin - statement.begin() - kBefore.size(), ' ');  // so that positions stay
  text += kBefore;
  text += statement.Slice(value);
  text += ')';
  return ParseTree::Of(*statement.source, statement.begin(), text).status();
}

Result<ZoneAssignment> ParseAssignment(const StatementSource& statement, Tokens part) {
  Cursor cursor(statement, part);
  if (cursor.AtEnd()) return cursor.SyntaxError();
  ZoneAssignment assignment;
  WEIR_ASSIGN_OR_RETURN(assignment.variable, cursor.DottedName());
  WEIR_RETURN_NOT_OK(cursor.ExpectSymbol("="));
  if (cursor.AtEnd()) return cursor.SyntaxError();
  assignment.position = cursor.Position();
  if (cursor.Try({"copy", "from", "parent"})) {
    assignment.copy_from_parent = true;
    WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
    return assignment;
  }
  WEIR_RETURN_NOT_OK(CheckZoneValue(statement, cursor.Rest()));
  assignment.value = std::string(statement.Slice(cursor.Rest()));
  return assignment;
}

Status ReadUsing(Cursor& cursor, ConfigureZone* configure) {
  if (cursor.Try("default")) {
    configure->action = ConfigureZone::Action::kDefault;
    return cursor.ExpectEnd();
  }
  if (cursor.IsAt({"rebalance"}) && cursor.Rest().size() == 1) {
    return cursor.ErrorAt(cursor.Peek(), "0A000", "rebalance is not support on relational table");
  }
  const std::vector<Tokens> parts = SplitAtCommas(cursor.Rest());
  if (parts.empty()) return cursor.SyntaxError();
  for (const Tokens part : parts) {
    if (part.empty()) return cursor.SyntaxErrorAt(*part.data());
    WEIR_ASSIGN_OR_RETURN(ZoneAssignment assignment, ParseAssignment(cursor.statement(), part));
    configure->assignments.push_back(std::move(assignment));
  }
  return Status::OK();
}

// CONFIGURE ZONE = '…' is a zone as YAML; NULL takes it away.
Status ReadWhole(Cursor& cursor, ConfigureZone* configure) {
  if (cursor.AtEnd()) return cursor.SyntaxError();
  configure->action = ConfigureZone::Action::kWhole;
  WEIR_RETURN_NOT_OK(CheckZoneValue(cursor.statement(), cursor.Rest()));
  configure->whole_position = cursor.Position();
  configure->whole = std::string(cursor.statement().Slice(cursor.Rest()));
  return Status::OK();
}

}  // namespace

bool IsConfigureZone(Cursor cursor) {
  if (!cursor.Try("alter")) return false;
  const Tokens rest = cursor.Rest();
  for (size_t i = 0; i + 1 < rest.size(); ++i) {
    if (rest[i].Is("configure") && rest[i + 1].Is("zone")) return true;
  }
  return false;
}

Result<ZoneTarget> ParseZoneTarget(Cursor& cursor) {
  ZoneTarget target{.table = {}, .position = 0};
  if (cursor.Try("partition")) {
    target.position = cursor.Position();
    WEIR_RETURN_NOT_OK(ReadPartition(cursor, &target));
    return target;
  }
  const bool range = cursor.Try("range");
  if (range || cursor.Try("database")) {
    target.kind = range ? ZoneTarget::Kind::kRange : ZoneTarget::Kind::kDatabase;
    target.position = cursor.Position();
    WEIR_ASSIGN_OR_RETURN(target.name, cursor.AnyName());
    return target;
  }
  const bool index = cursor.Try("index");
  if (!index) WEIR_RETURN_NOT_OK(cursor.Expect("table"));
  target.kind = index ? ZoneTarget::Kind::kIndex : ZoneTarget::Kind::kTable;
  target.position = cursor.Position();
  const Token& at = cursor.Peek();
  WEIR_RETURN_NOT_OK(ReadTable(cursor, &target));
  if (!index && !target.index.empty()) return cursor.SyntaxErrorAt(at);
  if (!cursor.IsAt({"partition"})) return target;
  // SHOW ZONE CONFIGURATION FOR TABLE t PARTITION p
  cursor.Next();
  target.of_index = index;
  target.kind = ZoneTarget::Kind::kPartition;
  WEIR_ASSIGN_OR_RETURN(target.partition, cursor.AnyName());
  return target;
}

Result<Action> ParseConfigureZone(const StatementSource& statement) {
  Cursor cursor(statement);
  WEIR_RETURN_NOT_OK(cursor.Expect("alter"));
  ConfigureZone configure;
  WEIR_ASSIGN_OR_RETURN(configure.target, ParseZoneTarget(cursor));
  WEIR_RETURN_NOT_OK(cursor.Expect({"configure", "zone"}));
  if (cursor.Try("discard")) {
    configure.action = ConfigureZone::Action::kDiscard;
    WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  } else if (cursor.TrySymbol("=") || cursor.Try("to")) {
    WEIR_RETURN_NOT_OK(ReadWhole(cursor, &configure));
  } else {
    WEIR_RETURN_NOT_OK(cursor.Expect("using"));
    WEIR_RETURN_NOT_OK(ReadUsing(cursor, &configure));
  }
  return Action(std::move(configure));
}

}  // namespace weir::sql::dialect
