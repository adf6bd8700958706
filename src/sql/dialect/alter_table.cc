#include "sql/dialect/alter_table.h"

#include <charconv>
#include <optional>
#include <utility>

#include "sql/dialect/blank.h"
#include "sql/dialect/classic_alter.h"
#include "sql/dialect/column.h"
#include "sql/dialect/create_table.h"
#include "sql/dialect/expression.h"
#include "sql/dialect/foreign.h"
#include "sql/dialect/foreign_key.h"
#include "sql/dialect/partition.h"
#include "sql/dialect/sequence.h"
#include "sql/dialect/table_layout.h"
#include "sql/dialect/type_name.h"
#include "sql/dialect/unsupported.h"

namespace weir::sql::dialect {

namespace {

struct Target {
  bool if_exists = false;
  bool only = false;
  bool view = false;
  bool foreign = false;
  bool materialized = false;
  QualifiedName name;
};

Result<Target> ReadTarget(Cursor& cursor) {
  Target target;
  WEIR_RETURN_NOT_OK(cursor.Expect("alter"));
  target.materialized = cursor.Try({"materialized", "view"});
  target.view = !target.materialized && cursor.Try("view");
  target.foreign = cursor.Try("foreign") || cursor.Try("external");
  if (!target.view && !target.materialized) WEIR_RETURN_NOT_OK(cursor.Expect("table"));
  target.if_exists = cursor.Try({"if", "exists"});
  target.only = cursor.Try("only");
  const bool wrapped = target.only && cursor.TrySymbol("(");
  WEIR_ASSIGN_OR_RETURN(target.name, cursor.Qualified());
  if (wrapped) WEIR_RETURN_NOT_OK(cursor.ExpectSymbol(")"));
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

// ADD PARTITION, SPLIT PARTITION, …
Result<Action> ParseClassic(Cursor& cursor, Target target) {
  if (target.view || target.materialized) return cursor.SyntaxError();
  if (target.only) return cursor.Refuse(cursor.Peek(), "ONLY in ALTER TABLE of a partition");
  return ParseClassicAction(cursor, std::move(target.name), target.if_exists);
}

// --- actions on columns and constraints

// Nothing: a form that Weir does not do.
using ParsedAction = Result<std::optional<AlterAction>>;

// ADD: a column or a constraint as it would stand in CREATE TABLE.
ParsedAction ParseAdd(Cursor& cursor, const QualifiedName& table) {
  alter::AddColumn add;
  const bool column = cursor.Try("column");
  add.if_not_exists = cursor.Try({"if", "not", "exists"});
  CreateTable written{.name = table};
  WEIR_RETURN_NOT_OK(column || add.if_not_exists ? ParseColumnElement(cursor.statement(), cursor.Rest(), &written)
                                                 : ParseTableElements(cursor.statement(), cursor.Rest(), &written));
  if (written.columns.empty() && written.constraints.empty()) return std::optional<AlterAction>();
  if (written.columns.empty()) return AlterAction(alter::AddConstraint{std::move(written.constraints.front())});
  add.column = std::move(written.columns.front());
  add.constraints = std::move(written.constraints);
  return AlterAction(std::move(add));
}

ParsedAction ParseDropAction(Cursor& cursor) {
  const bool constraint = cursor.Try("constraint");
  if (!constraint) cursor.Try("column");
  const bool if_exists = cursor.Try({"if", "exists"});
  WEIR_ASSIGN_OR_RETURN(std::string name, cursor.Name());
  const bool cascade = cursor.Try("cascade");
  if (!cascade) cursor.Try("restrict");
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  if (constraint) return AlterAction(alter::DropConstraint{std::move(name), if_exists, cascade});
  return AlterAction(alter::DropColumn{std::move(name), if_exists, cascade});
}

Result<Expression> ParseRest(Cursor& cursor, const ExpressionPlace& place) {
  const Tokens tokens = cursor.Rest();
  WEIR_RETURN_NOT_OK(CheckExpression(cursor, tokens, place));
  return cursor.statement().ExpressionOf(tokens);
}

ParsedAction ParseSetType(Cursor& cursor, std::string column) {
  alter::SetType set{.column = std::move(column)};
  WEIR_ASSIGN_OR_RETURN(set.type, ParseType(cursor));
  if (cursor.Try("collate")) {
    do {
      WEIR_ASSIGN_OR_RETURN(set.collation, cursor.AnyName());
    } while (cursor.TrySymbol("."));
  }
  if (cursor.Try("using")) {
    WEIR_ASSIGN_OR_RETURN(set.conversion, ParseRest(cursor, kConversionPlace));
    return AlterAction(std::move(set));
  }
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return AlterAction(std::move(set));
}

ParsedAction ParseStatistics(Cursor& cursor, std::string column) {
  alter::SetStatistics set{.column = std::move(column)};
  const bool negative = cursor.TrySymbol("-");
  const std::string digits(cursor.Next().text);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), set.target);
  if (error != std::errc() || end != digits.data() + digits.size()) return cursor.SyntaxError();
  if (negative) set.target = -set.target;
  return AlterAction(std::move(set));
}

Result<std::optional<alter::SetOptions>> TryOptions(Cursor& cursor) {
  const bool reset = cursor.IsAt({"reset"});
  if ((!reset && !cursor.IsAt({"set"})) || !cursor.Peek(1).IsSymbol("(")) return std::optional<alter::SetOptions>();
  cursor.Next();
  WEIR_ASSIGN_OR_RETURN(const Tokens list, cursor.Parenthesized());
  alter::SetOptions options;
  options.set = OptionsOf(cursor.statement(), list);
  if (reset) {
    for (auto& [name, value] : std::exchange(options.set, {})) options.reset.push_back(std::move(name));
  }
  return std::optional(std::move(options));
}

// What is kept of a column for the sake of PostgreSQL's storage and planner.
ParsedAction ParseMarkOfColumn(Cursor& cursor, std::string column) {
  if (cursor.Try({"set", "storage"})) return AlterAction(alter::SetStorage{std::move(column), NameOf(cursor.Next())});
  if (cursor.Try({"set", "compression"})) {
    return AlterAction(alter::SetCompression{std::move(column), NameOf(cursor.Next())});
  }
  if (cursor.Try({"set", "statistics"})) return ParseStatistics(cursor, std::move(column));
  WEIR_ASSIGN_OR_RETURN(auto options, TryOptions(cursor));
  if (!options) return std::optional<AlterAction>();
  return AlterAction(alter::SetParameters{std::move(column), std::move(options->set), std::move(options->reset)});
}

ParsedAction ParseAlterColumn(Cursor& cursor) {
  cursor.Try("column");
  WEIR_ASSIGN_OR_RETURN(std::string column, cursor.Name());
  if (cursor.Try({"set", "default"})) {
    alter::SetDefault set{.column = std::move(column)};
    WEIR_ASSIGN_OR_RETURN(set.value, ParseRest(cursor, kDefaultPlace));
    return AlterAction(std::move(set));
  }
  if (cursor.Try({"drop", "default"})) return AlterAction(alter::SetDefault{.column = std::move(column)});
  if (cursor.Try("add") && cursor.IsAt({"generated"})) {
    WEIR_ASSIGN_OR_RETURN(IdentityClause identity, ParseIdentity(cursor));
    WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
    return AlterAction(alter::AddIdentity{std::move(column), std::move(identity)});
  }
  if (cursor.Try({"drop", "identity"})) {
    const bool if_exists = cursor.Try({"if", "exists"});
    WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
    return AlterAction(alter::DropIdentity{std::move(column), if_exists});
  }
  if (cursor.Try({"drop", "expression"})) {
    const bool if_exists = cursor.Try({"if", "exists"});
    WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
    return AlterAction(alter::DropExpression{std::move(column), if_exists});
  }
  if (IsIdentityChange(cursor)) {
    WEIR_ASSIGN_OR_RETURN(alter::SetIdentity change, ParseIdentityChange(cursor, std::move(column)));
    return AlterAction(std::move(change));
  }
  if (cursor.Try({"set", "not", "null"})) return AlterAction(alter::SetNotNull{std::move(column), true});
  if (cursor.Try({"drop", "not", "null"})) return AlterAction(alter::SetNotNull{std::move(column), false});
  if (cursor.Try({"set", "data", "type"}) || cursor.Try("type")) return ParseSetType(cursor, std::move(column));
  return ParseMarkOfColumn(cursor, std::move(column));
}

Result<alter::SetOwner> ParseOwner(Cursor& cursor) {
  alter::SetOwner owner;
  for (const std::string_view word : {"current_user", "session_user", "current_role"}) {
    owner.keyword = owner.keyword || cursor.Peek().Is(word);
  }
  WEIR_ASSIGN_OR_RETURN(owner.role, cursor.AnyName());
  return owner;
}

ParsedAction ParseReplicaIdentity(Cursor& cursor) {
  if (cursor.Try({"using", "index"})) {
    WEIR_ASSIGN_OR_RETURN(std::string index, cursor.Name());
    return AlterAction(alter::SetReplicaIdentity{'i', std::move(index)});
  }
  for (const std::string_view word : {"default", "full", "nothing"}) {
    if (cursor.Try(word)) return AlterAction(alter::SetReplicaIdentity{word.front(), {}});
  }
  return cursor.SyntaxError();
}

// ENABLE and DISABLE TRIGGER. Triggers of users, row security and its force: there are none to be switched off.
ParsedAction ParseSwitch(Cursor& cursor) {
  const bool without = cursor.Try({"disable", "row", "level", "security"}) ||
                       cursor.Try({"no", "force", "row", "level", "security"}) ||
                       cursor.Try({"enable", "trigger", "user"}) || cursor.Try({"disable", "trigger", "user"});
  if (without) return AlterAction(alter::SetUsual{});
  const bool disable = cursor.Try({"disable", "trigger"});
  const bool switched = disable || cursor.Try({"enable", "trigger"}) || cursor.Try({"enable", "always", "trigger"}) ||
                        cursor.Try({"enable", "replica", "trigger"});
  if (!switched) return std::optional<AlterAction>();
  if (cursor.Try("all")) return AlterAction(alter::SwitchTriggers{!disable, {}});
  WEIR_ASSIGN_OR_RETURN(std::string trigger, cursor.Name());
  return AlterAction(alter::SwitchTriggers{!disable, std::move(trigger)});
}

// What is kept of a table for the sake of PostgreSQL's storage and replication.
ParsedAction ParseMark(Cursor& cursor) {
  if (cursor.Try({"replica", "identity"})) return ParseReplicaIdentity(cursor);
  if (cursor.Try({"cluster", "on"})) {
    WEIR_ASSIGN_OR_RETURN(std::string index, cursor.Name());
    return AlterAction(alter::ClusterOn{std::move(index)});
  }
  if (const bool no = cursor.Try({"no", "inherit"}); no || cursor.Try("inherit")) {
    WEIR_ASSIGN_OR_RETURN(QualifiedName parent, cursor.Qualified());
    return AlterAction(alter::Inherit{std::move(parent), no});
  }
  if (const bool no = cursor.Try({"not", "of"}); no || cursor.Try("of")) {
    alter::OfType of;
    if (!no) {
      WEIR_ASSIGN_OR_RETURN(of.type, cursor.Qualified());
    }
    return AlterAction(std::move(of));
  }
  if (cursor.Try({"set", "without", "cluster"})) return AlterAction(alter::ClusterOn{});
  if (cursor.Try({"set", "without", "oids"})) return AlterAction(alter::SetUsual{});
  if (cursor.Try({"set", "logged"})) return AlterAction(alter::SetLogged{true});
  if (cursor.Try({"set", "unlogged"})) return AlterAction(alter::SetLogged{false});
  if (cursor.Try({"set", "tablespace"})) {
    WEIR_ASSIGN_OR_RETURN(std::string name, cursor.Name());
    return AlterAction(alter::SetStore{std::move(name), {}});
  }
  if (cursor.Try({"set", "access", "method"})) {
    WEIR_ASSIGN_OR_RETURN(std::string name, cursor.Name());
    return AlterAction(alter::SetStore{{}, std::move(name)});
  }
  return ParseSwitch(cursor);
}

ParsedAction ParseAlterConstraint(Cursor& cursor) {
  alter::AlterConstraint alter;
  WEIR_ASSIGN_OR_RETURN(alter.name, cursor.Name());
  const Token* at = cursor.AtEnd() ? nullptr : &cursor.Peek();
  TableConstraint said;
  WEIR_RETURN_NOT_OK(ParseForeignKeyAttributes(cursor, &said));
  if (said.not_valid) return cursor.ErrorAt(*at, "0A000", "ALTER CONSTRAINT constraints cannot be marked NOT VALID");
  alter.deferrable = said.rules.deferrable;
  alter.deferred = said.rules.deferred;
  return AlterAction(std::move(alter));
}

ParsedAction ParseOneAction(Cursor& cursor, const QualifiedName& table) {
  if (cursor.Try("add")) return ParseAdd(cursor, table);
  if (cursor.Try("drop")) return ParseDropAction(cursor);
  if (cursor.Try({"alter", "constraint"})) return ParseAlterConstraint(cursor);
  if (cursor.Try("alter")) return ParseAlterColumn(cursor);
  if (cursor.Try({"validate", "constraint"})) {
    WEIR_ASSIGN_OR_RETURN(std::string name, cursor.Name());
    return AlterAction(alter::ValidateConstraint{std::move(name)});
  }
  if (cursor.Try({"owner", "to"})) {
    WEIR_ASSIGN_OR_RETURN(alter::SetOwner owner, ParseOwner(cursor));
    return AlterAction(std::move(owner));
  }
  if (cursor.IsAt({"options"})) {
    WEIR_ASSIGN_OR_RETURN(std::vector<OptionChange> changes, ParseOptionChanges(cursor));
    return AlterAction(alter::SetForeignOptions{std::move(changes)});
  }
  WEIR_ASSIGN_OR_RETURN(std::optional<AlterAction> mark, ParseMark(cursor));
  if (mark) return mark;
  WEIR_ASSIGN_OR_RETURN(auto options, TryOptions(cursor));
  if (options) return AlterAction(std::move(*options));
  return std::optional<AlterAction>();
}

// The forms that stand alone: RENAME and SET SCHEMA.
ParsedAction ParseLoneAction(Cursor& cursor) {
  if (cursor.Try({"set", "schema"})) {
    WEIR_ASSIGN_OR_RETURN(std::string schema, cursor.Name());
    return AlterAction(alter::SetSchema{std::move(schema)});
  }
  if (!cursor.Try("rename")) return std::optional<AlterAction>();
  if (cursor.Try("to")) {
    WEIR_ASSIGN_OR_RETURN(std::string name, cursor.Name());
    return AlterAction(alter::RenameTable{std::move(name)});
  }
  const bool constraint = cursor.Try("constraint");
  if (!constraint) cursor.Try("column");
  WEIR_ASSIGN_OR_RETURN(std::string name, cursor.Name());
  WEIR_RETURN_NOT_OK(cursor.Expect("to"));
  WEIR_ASSIGN_OR_RETURN(std::string new_name, cursor.Name());
  if (constraint) return AlterAction(alter::RenameConstraint{std::move(name), std::move(new_name)});
  return AlterAction(alter::RenameColumn{std::move(name), std::move(new_name)});
}

Result<Action> ParseActions(Cursor& cursor, Target target) {
  AlterTable alter{.name = std::move(target.name),
                   .view = target.view,
                   .foreign = target.foreign,
                   .materialized = target.materialized,
                   .if_exists = target.if_exists,
                   .only = target.only,
                   .actions = {}};
  WEIR_ASSIGN_OR_RETURN(std::optional<AlterAction> lone, ParseLoneAction(cursor));
  if (lone) {
    WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
    alter.actions.push_back(std::move(*lone));
    return Action(std::move(alter));
  }
  for (const Tokens part : SplitAtCommas(cursor.Rest())) {
    Cursor action(cursor.statement(), part);
    WEIR_ASSIGN_OR_RETURN(std::optional<AlterAction> parsed, ParseOneAction(action, alter.name));
    if (!parsed) return Action(UnsupportedAlter(Cursor(cursor.statement(), part)));
    alter.actions.push_back(std::move(*parsed));
  }
  return Action(std::move(alter));
}

Status CheckAlterSyntax(const StatementSource& statement) {
  BlankedText text(statement);
  if (statement.tokens[1].Is("external")) text.Blank(statement.tokens.subspan(1, 1));
  int depth = 0;
  for (Cursor cursor(statement); !cursor.AtEnd(); cursor.Next()) {
    if (depth == 0) text.Blank(TryEncoding(cursor));
    if (depth == 0) text.Blank(TryComputed(cursor));
    depth += DepthChange(cursor.Peek());
    if ((!cursor.IsAt({"set"}) && !cursor.IsAt({"reset"})) || !cursor.Peek(1).IsSymbol("(")) continue;
    Cursor list = cursor;
    list.Next();
    const Result<Tokens> options = list.Parenthesized();
    if (options.ok()) text.NameOptions(*options);
  }
  return text.Check();
}

// Cloudberry's SET DISTRIBUTED … and SET WITH (REORGANIZE = …) [DISTRIBUTED …].
bool IsDistribution(const Cursor& cursor) {
  return cursor.IsAt({"set", "distributed"}) || cursor.IsAt({"set", "with"});
}

Result<Action> ParseSetDistribution(Cursor& cursor, Target target) {
  AlterTable alter{.name = std::move(target.name), .if_exists = target.if_exists, .only = target.only, .actions = {}};
  alter::SetDistribution set;
  WEIR_RETURN_NOT_OK(cursor.Expect("set"));
  if (cursor.Try("with")) {
    const Token at = cursor.Peek();
    WEIR_ASSIGN_OR_RETURN(const Tokens list, cursor.Parenthesized());
    const auto options = OptionsOf(cursor.statement(), list);
    const bool reorganize = options.size() == 1 && options[0].first == "reorganize" && options[0].second == "true";
    if (!reorganize) return cursor.Refuse(at, "SET WITH of anything but REORGANIZE = true");
    set.reorganize = true;
  }
  if (cursor.Try("distributed")) {
    WEIR_ASSIGN_OR_RETURN(set.distribution, ParseDistribution(cursor.statement(), cursor.Rest()));
  } else {
    WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  }
  alter.actions.emplace_back(std::move(set));
  return Action(std::move(alter));
}

}  // namespace

bool IsAlterTable(const Cursor& cursor) {
  return cursor.IsAt({"alter", "table"}) || cursor.IsAt({"alter", "view"}) ||
         cursor.IsAt({"alter", "foreign", "table"}) || cursor.IsAt({"alter", "external", "table"}) ||
         cursor.IsAt({"alter", "materialized"});
}

Result<Action> ParseAlterTable(const StatementSource& statement) {
  Cursor cursor(statement);
  auto target = ReadTarget(cursor);
  if (target.ok() && cursor.Try({"partition", "by"})) return ParsePartitioning(cursor, target.MoveValue());
  if (target.ok() && IsClassicAction(cursor)) return ParseClassic(cursor, target.MoveValue());
  if (target.ok() && IsDistribution(cursor)) return ParseSetDistribution(cursor, target.MoveValue());
  if (target.ok() && cursor.IsAt({"alter", "primary", "key"})) return cursor.Refuse(cursor.Peek(), "ALTER PRIMARY KEY");
  WEIR_RETURN_NOT_OK(CheckAlterSyntax(statement));
  if (target.ok() && cursor.Try({"attach", "partition"})) return ParseAttach(cursor, target.MoveValue());
  if (target.ok() && cursor.Try({"detach", "partition"})) return ParseDetach(cursor, target.MoveValue());
  if (!target.ok()) return Action(UnsupportedAlter(cursor));
  return ParseActions(cursor, target.MoveValue());
}

}  // namespace weir::sql::dialect
