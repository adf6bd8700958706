#include "sql/dialect/create_table.h"

#include <algorithm>

#include "sql/dialect/blank.h"
#include "sql/dialect/classic_partition.h"
#include "sql/dialect/column.h"
#include "sql/dialect/partition.h"
#include "sql/dialect/postgres.h"
#include "sql/dialect/table_layout.h"
#include "sql/error.h"

namespace weir::sql::dialect {

namespace {

// The text of an option's value: a string's content, a word in lower case, else as written.
std::string OptionValue(const StatementSource& statement, Tokens value) {
  if (value.empty()) return "true";
  if (value.size() == 1 && value[0].kind == TokenKind::kString) return StringValue(value[0].text);
  if (value.size() == 1 && value[0].kind == TokenKind::kWord) return Folded(value[0].text);
  return std::string(statement.Slice(value));
}

// name = value; the name may have dots and hyphens: table.merge-engine
std::pair<std::string, std::string> OptionOf(const StatementSource& statement, Tokens option) {
  const auto equals = std::find_if(option.begin(), option.end(), [](const Token& t) { return t.IsSymbol("="); });
  const Tokens name = option.first(static_cast<size_t>(equals - option.begin()));
  const Tokens value = equals == option.end() ? Tokens() : option.subspan(name.size() + 1);
  std::string text;
  for (const Token& token : name) text += token.kind == TokenKind::kSymbol ? std::string(token.text) : NameOf(token);
  return {std::move(text), OptionValue(statement, value)};
}

void ParseOptions(const StatementSource& statement, Tokens body, CreateTable* table) {
  if (body.size() < 2) return;  // WITHOUT OIDS
  table->options = OptionsOf(statement, body.subspan(1, body.size() - 2));
}

Status ParsePartitioning(const StatementSource& statement, const TailClause& clause, CreateTable* table) {
  Cursor cursor(statement, clause.body);
  if (clause.foreign.empty()) {
    WEIR_ASSIGN_OR_RETURN(table->partition_by, ParsePartitionBy(cursor, false));
    return cursor.ExpectEnd();
  }
  if (IsClassicPartitioning(cursor)) {
    WEIR_RETURN_NOT_OK(ParseClassicPartitioning(cursor, table));
    return cursor.ExpectEnd();
  }
  WEIR_RETURN_NOT_OK(CheckValueLists(statement, clause.foreign));
  WEIR_ASSIGN_OR_RETURN(table->inline_partitions, ParseInlinePartitions(cursor));
  if (table->inline_partitions) table->partition_by = table->inline_partitions->by;
  return cursor.ExpectEnd();
}

CreateTable::OnCommit OnCommitOf(Tokens body) {
  if (body.front().Is("drop")) return CreateTable::OnCommit::kDrop;
  return body.front().Is("delete") ? CreateTable::OnCommit::kDeleteRows : CreateTable::OnCommit::kPreserveRows;
}

Status ParseInherits(const StatementSource& statement, Tokens body, std::vector<QualifiedName>* parents) {
  Cursor cursor(statement, body);
  WEIR_ASSIGN_OR_RETURN(const Tokens list, cursor.Parenthesized());
  for (const Tokens part : SplitAtCommas(list)) {
    WEIR_ASSIGN_OR_RETURN(parents->emplace_back(), Cursor(statement, part).Qualified());
  }
  return Status::OK();
}

Status ParseClause(const StatementSource& statement, const TailClause& clause, CreateTable* table) {
  switch (clause.kind) {
    case TailKind::kPartitionBy: return ParsePartitioning(statement, clause, table);
    case TailKind::kUsing: table->access_method = NameOf(clause.body.front()); break;
    case TailKind::kTablespace: table->tablespace = NameOf(clause.body.front()); break;
    case TailKind::kOnCommit: table->on_commit = OnCommitOf(clause.body); break;
    case TailKind::kWith: ParseOptions(statement, clause.body, table); break;
    case TailKind::kInherits: return ParseInherits(statement, clause.body, &table->inherits);
    case TailKind::kDistributed: {
      WEIR_ASSIGN_OR_RETURN(table->distribution, ParseDistribution(statement, clause.body));
      break;
    }
  }
  return Status::OK();
}

Status CheckTogether(const CreateTable& table) {
  if (table.partition_by && !table.inherits.empty()) {
    return Error("42P17", "cannot create partitioned table as inheritance child");
  }
  if (!table.distribution) return Status::OK();
  if (table.partition_by && table.distribution->kind == Distribution::Kind::kReplicated) {
    return Error("0A000", "PARTITION BY clause cannot be used with DISTRIBUTED REPLICATED clause");
  }
  return Status::OK();
}

// WITH [NO] DATA belongs to CREATE TABLE.
void ParseQuery(const StatementSource& statement, Tokens query, CreateTable* table) {
  const auto ends_with = [&](std::initializer_list<std::string_view> words) {
    if (query.size() <= words.size()) return false;
    return Cursor(statement, query.last(words.size())).IsAt(words);
  };
  if (ends_with({"with", "no", "data"})) {
    table->with_no_data = true;
    query = query.first(query.size() - 3);
  } else if (ends_with({"with", "data"})) {
    query = query.first(query.size() - 2);
  }
  table->query = TextInPlace(statement, query);
}

// Before the columns, whose checks depend on what follows them.
Status ParseTail(const StatementSource& statement, const TableLayout& layout, CreateTable* table) {
  for (const TailClause& clause : layout.tail) {
    WEIR_RETURN_NOT_OK(ParseClause(statement, clause, table));
  }
  return CheckTogether(*table);
}

// What PostgreSQL's grammar refuses, but KWDB's takes: inverted indexes and column families inside.
Status ExplainSyntaxError(const StatementSource& statement, const TableLayout& layout, const Status& error) {
  if (!layout.elements) return error;
  for (const Tokens element : SplitAtCommas(*layout.elements)) {
    const Cursor cursor(statement, element);
    if (cursor.IsAt({"inverted", "index"})) return cursor.Refuse(cursor.Peek(), "inverted indexes");
    if (cursor.IsAt({"family"})) return cursor.Refuse(cursor.Peek(), "column families");
  }
  return error;
}

}  // namespace

Result<Distribution> ParseDistribution(const StatementSource& statement, Tokens body) {
  Cursor cursor(statement, body);
  Distribution distribution;
  if (cursor.Try("randomly")) {
    distribution.kind = Distribution::Kind::kRandomly;
  } else if (cursor.Try("replicated")) {
    distribution.kind = Distribution::Kind::kReplicated;
  } else {
    WEIR_RETURN_NOT_OK(cursor.Expect("by"));
    WEIR_ASSIGN_OR_RETURN(const Tokens list, cursor.Parenthesized());
    if (list.empty()) return cursor.SyntaxErrorAt(*list.data());
    for (const Tokens part : SplitAtCommas(list)) {
      Cursor column(statement, part);
      WEIR_ASSIGN_OR_RETURN(std::string name, column.Name());
      distribution.columns.push_back(std::move(name));
      if (!column.AtEnd()) {
        WEIR_RETURN_NOT_OK(column.Qualified().status());  // an operator class: the buckets' hash is Fluss's
      }
      WEIR_RETURN_NOT_OK(column.ExpectEnd());
    }
  }
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return distribution;
}

std::vector<std::pair<std::string, std::string>> OptionsOf(const StatementSource& statement, Tokens list) {
  std::vector<std::pair<std::string, std::string>> options;
  for (const Tokens option : SplitAtCommas(list)) options.push_back(OptionOf(statement, option));
  return options;
}

Result<std::optional<CreateTable>> TrySelectInto(const StatementSource& statement) {
  // What follows in another SELECT of UNION and its like is not allowed, which the analysis says.
  const Tokens all = statement.tokens;
  const size_t into = FindWord(all, {"into", "union", "intersect", "except"});
  if (into == all.size() || !all[into].Is("into")) return std::optional<CreateTable>();
  Cursor cursor(statement);
  cursor.Seek(into + 1);
  CreateTable table;
  table.select_into = true;
  if (!cursor.Try("global")) cursor.Try("local");
  table.temporary = cursor.Try("temporary") || cursor.Try("temp");
  table.unlogged = cursor.Try("unlogged");
  if (cursor.Rest().size() > 1) cursor.Try("table");
  WEIR_ASSIGN_OR_RETURN(table.name, cursor.Qualified());
  BlankedText query(statement);
  query.Blank(cursor.Since(into));
  table.query = query.text().substr(0, statement.text().size());
  return std::optional(std::move(table));
}

Result<Action> ParseCreateTable(const StatementSource& statement) {
  auto read = ReadTableLayout(statement);
  if (!read.ok()) {
    // PostgreSQL's grammar knows shapes that these parts do not make.
    const std::string text(statement.source->text().substr(statement.begin(), statement.end.end - statement.begin()));
    WEIR_RETURN_NOT_OK(CheckSyntax(*statement.source, statement.begin(), text));
    return Action(Unsupported{.what = "this form of CREATE TABLE", .hint = {}});
  }
  const TableLayout& layout = *read;
  if (const Status syntax = CheckTableSyntax(statement, layout); !syntax.ok()) {
    return ExplainSyntaxError(statement, layout, syntax);
  }
  CreateTable table{.name = layout.name,
                    .if_not_exists = layout.if_not_exists,
                    .temporary = layout.temporary,
                    .unlogged = layout.unlogged};
  table.parent = layout.parent;
  table.of_type = layout.of_type;
  if (layout.as) ParseQuery(statement, layout.query, &table);
  WEIR_RETURN_NOT_OK(ParseTail(statement, layout, &table));
  if (layout.elements) WEIR_RETURN_NOT_OK(ParseTableElements(statement, *layout.elements, &table));
  const auto sharded = [](const TableConstraint& key) { return key.shards > 0; };
  const auto sharded_index = [](const InlineIndex& inlined) { return inlined.index.shards > 0; };
  if (table.partition_by && (std::any_of(table.constraints.begin(), table.constraints.end(), sharded) ||
                             std::any_of(table.indexes.begin(), table.indexes.end(), sharded_index))) {
    return Error("0A000", "sharded indexes don't support partitioning");
  }
  if (layout.parent) {
    Cursor bound(statement, layout.bound);
    WEIR_ASSIGN_OR_RETURN(table.bound, ParseBound(bound));
  }
  return Action(std::move(table));
}

}  // namespace weir::sql::dialect
