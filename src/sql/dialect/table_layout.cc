#include "sql/dialect/table_layout.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "sql/dialect/blank.h"
#include "sql/dialect/inline_index.h"
#include "sql/dialect/postgres.h"

namespace weir::sql::dialect {

namespace {

Status ReadBound(Cursor& cursor) {
  if (cursor.Try("default")) return Status::OK();
  WEIR_RETURN_NOT_OK(cursor.Expect({"for", "values"}));
  if (!cursor.Try("in") && !cursor.Try("with")) {
    WEIR_RETURN_NOT_OK(cursor.Expect("from"));
    WEIR_RETURN_NOT_OK(cursor.Parenthesized().status());
    WEIR_RETURN_NOT_OK(cursor.Expect("to"));
  }
  return cursor.Parenthesized().status();
}

// (PARTITION …, …), also with the classic SUBPARTITION BY … before it.
Status ReadPartitionList(Cursor& cursor) {
  while (cursor.Try("subpartition")) {
    if (cursor.Try("by")) {
      WEIR_RETURN_NOT_OK(cursor.AnyName().status());
    } else {
      WEIR_RETURN_NOT_OK(cursor.Expect("template"));
    }
    WEIR_RETURN_NOT_OK(cursor.Parenthesized().status());
  }
  return cursor.Peek().IsSymbol("(") ? cursor.Parenthesized().status() : Status::OK();
}

Status ReadPartitionBy(Cursor& cursor, TailClause* clause) {
  const size_t clause_begin = cursor.at() - 2;
  if (cursor.Try("nothing")) {
    clause->foreign = cursor.Since(clause_begin);
    return Status::OK();
  }
  WEIR_RETURN_NOT_OK(cursor.AnyName().status());
  WEIR_RETURN_NOT_OK(cursor.Parenthesized().status());
  const size_t list_begin = cursor.at();
  WEIR_RETURN_NOT_OK(ReadPartitionList(cursor));
  clause->foreign = cursor.Since(list_begin);
  return Status::OK();
}

Status ReadDistribution(Cursor& cursor) {
  if (cursor.Try("by")) return cursor.Parenthesized().status();
  return cursor.Try("randomly") ? Status::OK() : cursor.Expect("replicated");
}

std::optional<TailKind> TailKindAt(Cursor& cursor) {
  if (cursor.Try("inherits")) return TailKind::kInherits;
  if (cursor.Try({"partition", "by"})) return TailKind::kPartitionBy;
  if (cursor.Try("using")) return TailKind::kUsing;
  if (cursor.Try("with")) return TailKind::kWith;
  if (cursor.Try({"without", "oids"})) return TailKind::kWith;
  if (cursor.Try({"on", "commit"})) return TailKind::kOnCommit;
  if (cursor.Try("tablespace")) return TailKind::kTablespace;
  if (cursor.Try("distributed")) return TailKind::kDistributed;
  return std::nullopt;
}

Status ReadTailBody(Cursor& cursor, TailClause* clause) {
  switch (clause->kind) {
    case TailKind::kPartitionBy: return ReadPartitionBy(cursor, clause);
    case TailKind::kDistributed: return ReadDistribution(cursor);
    case TailKind::kInherits: return cursor.Parenthesized().status();
    case TailKind::kWith: return cursor.Peek().IsSymbol("(") ? cursor.Parenthesized().status() : Status::OK();
    case TailKind::kOnCommit:
      if (cursor.Try("drop") || cursor.Try({"preserve", "rows"})) return Status::OK();
      return cursor.Expect({"delete", "rows"});
    case TailKind::kUsing:
    case TailKind::kTablespace: return cursor.AnyName().status();
  }
  return Status::OK();
}

Status ReadTail(Cursor& cursor, std::vector<TailClause>* tail) {
  for (;;) {
    const size_t begin = cursor.at();
    const auto kind = TailKindAt(cursor);
    if (!kind) return Status::OK();
    TailClause clause{.kind = *kind};
    const size_t body = cursor.at();
    WEIR_RETURN_NOT_OK(ReadTailBody(cursor, &clause));
    clause.tokens = cursor.Since(begin);
    clause.body = cursor.Since(body);
    tail->push_back(clause);
  }
}

// CREATE TABLE … AS SELECT … DISTRIBUTED BY (…): there it stands last.
void ReadQuery(Cursor& cursor, TableLayout* layout) {
  layout->query = cursor.Rest();
  for (size_t at = FindWord(layout->query, {"distributed"}); at < layout->query.size();
       at = FindWord(layout->query, {"distributed"}, at + 1)) {
    Cursor end(cursor.statement(), layout->query.subspan(at));
    end.Next();
    const size_t body = end.at();
    if (!ReadDistribution(end).ok() || !end.AtEnd()) continue;
    layout->tail.push_back({TailKind::kDistributed, layout->query.subspan(at), end.Since(body), {}});
    layout->query = layout->query.first(at);
  }
  cursor.Seek(cursor.at() + cursor.Rest().size());
}

bool InPostgresOrder(const std::vector<TailClause>& tail) {
  std::optional<TailKind> before;
  for (const TailClause& clause : tail) {
    if (clause.kind == TailKind::kDistributed) continue;
    if (before && clause.kind <= *before) return false;
    before = clause.kind;
  }
  return true;
}

Status CheckNoClauseTwice(const StatementSource& statement, const std::vector<TailClause>& tail) {
  std::set<TailKind> seen;
  for (const TailClause& clause : tail) {
    if (!seen.insert(clause.kind).second) return Cursor(statement).SyntaxErrorAt(clause.tokens.front());
  }
  return Status::OK();
}

// KWDB's ASC and DESC in a key.
void BlankOrders(Tokens list, BlankedText* text) {
  for (const Tokens column : SplitAtCommas(list)) {
    if (column.size() == 2 && (column[1].Is("asc") || column[1].Is("desc"))) text->Blank(column.subspan(1));
  }
}

// COLUMN c ENCODING (…) and DEFAULT COLUMN ENCODING (…), with the comma before it.
bool IsEncodingClause(Tokens element) {
  return !element.empty() && (element[0].Is("column") || element[0].Is("default")) &&
         FindWord(element, {"encoding"}) < element.size();
}

// An element with the comma before it; where there is nothing before it, with the one behind.
void BlankWithComma(Tokens element, Tokens elements, bool is_first, BlankedText* text) {
  const Token* const end = element.data() + element.size();
  if (!is_first) text->Blank({element.data() - 1, end});
  if (is_first) text->Blank({element.data(), end == elements.data() + elements.size() ? end : end + 1});
}

void BlankElements(const StatementSource& statement, const TableLayout& layout, BlankedText* text) {
  if (!layout.elements) return;
  bool is_first = true;  // nothing is left of those before it
  for (const Tokens element : SplitAtCommas(*layout.elements)) {
    if (IsInlineIndex(Cursor(statement, element))) {
      BlankWithComma(element, *layout.elements, is_first, text);
      continue;
    }
    is_first = false;
    if (IsEncodingClause(element) && element.data() != layout.elements->data()) {
      text->Blank({element.data() - 1, element.size() + 1});
      continue;
    }
    for (Cursor cursor(statement, element); !cursor.AtEnd();) {
      if (const Tokens part = TryBucketCount(cursor); !part.empty()) {
        text->Blank(part);
      } else if (const Tokens encoding = TryEncoding(cursor); !encoding.empty()) {
        text->Blank(encoding);
      } else if (const Tokens computed = TryComputed(cursor); !computed.empty()) {
        text->Blank(computed);
      } else if (cursor.Try({"primary", "key"})) {
        const auto list = cursor.Peek().IsSymbol("(") ? cursor.Parenthesized() : Result<Tokens>(Tokens());
        if (list.ok()) BlankOrders(*list, text);
      } else {
        cursor.Next();
      }
    }
  }
}

BlankedText WithoutAdditions(const StatementSource& statement, const TableLayout& layout) {
  BlankedText text(statement);
  BlankElements(statement, layout, &text);
  for (const TailClause& clause : layout.tail) {
    text.Blank(clause.foreign);
    if (clause.kind == TailKind::kDistributed) text.Blank(clause.tokens);
    if (clause.kind == TailKind::kWith && clause.body.size() >= 2) {
      text.NameOptions(clause.body.subspan(1, clause.body.size() - 2));
    }
  }
  return text;
}

// Each clause with all others left out, then the statement with none.
Status CheckClausesAlone(const StatementSource& statement, const TableLayout& layout, const BlankedText& whole) {
  WEIR_RETURN_NOT_OK(CheckNoClauseTwice(statement, layout.tail));
  for (size_t kept = 0; kept < layout.tail.size(); ++kept) {
    BlankedText text = whole;
    for (size_t i = 0; i < layout.tail.size(); ++i) {
      if (i != kept) text.Blank(layout.tail[i].tokens);
    }
    WEIR_RETURN_NOT_OK(text.Check());
  }
  return Status::OK();
}

}  // namespace

Result<TableLayout> ReadTableLayout(const StatementSource& statement) {
  Cursor cursor(statement);
  TableLayout layout;
  WEIR_RETURN_NOT_OK(cursor.Expect("create"));
  if (!cursor.Try("global")) cursor.Try("local");
  layout.temporary = cursor.Try("temporary") || cursor.Try("temp");
  layout.unlogged = cursor.Try("unlogged");
  WEIR_RETURN_NOT_OK(cursor.Expect("table"));
  layout.if_not_exists = cursor.Try({"if", "not", "exists"});
  WEIR_ASSIGN_OR_RETURN(layout.name, cursor.Qualified());
  if (cursor.Try({"partition", "of"})) {
    WEIR_ASSIGN_OR_RETURN(layout.parent, cursor.Qualified());
  } else if (cursor.Try("of")) {
    WEIR_ASSIGN_OR_RETURN(layout.of_type, cursor.Qualified());
  }
  if (!cursor.AtEnd() && cursor.Peek().IsSymbol("(")) {
    WEIR_ASSIGN_OR_RETURN(layout.elements, cursor.Parenthesized());
  }
  if (layout.parent) {
    const size_t begin = cursor.at();
    WEIR_RETURN_NOT_OK(ReadBound(cursor));
    layout.bound = cursor.Since(begin);
  }
  WEIR_RETURN_NOT_OK(ReadTail(cursor, &layout.tail));
  layout.as = cursor.Try("as");
  if (layout.as) ReadQuery(cursor, &layout);
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return layout;
}

Status CheckTableSyntax(const StatementSource& statement, const TableLayout& layout) {
  const BlankedText text = WithoutAdditions(statement, layout);
  if (!InPostgresOrder(layout.tail)) return CheckClausesAlone(statement, layout, text);
  return text.Check();
}

Tokens TryBucketCount(Cursor& cursor) {
  const size_t begin = cursor.at();
  if (!cursor.Try({"using", "hash", "with", "bucket_count"})) return {};
  if (!cursor.TrySymbol("=")) {
    cursor.Seek(begin);
    return {};
  }
  if (!cursor.TrySymbol("-")) cursor.TrySymbol("+");
  cursor.Next();
  return cursor.Since(begin);
}

Result<int32_t> ReadBucketCount(Tokens clause, const Cursor& cursor) {
  const Token& number = clause.back();
  constexpr const char* kMessage = "BUCKET_COUNT must be a strictly positive integer value";
  const bool negative = clause[clause.size() - 2].IsSymbol("-");
  if (number.kind != TokenKind::kNumber || negative) return cursor.ErrorAt(number, "22023", kMessage);
  int32_t count = 0;
  const char* end = number.text.data() + number.text.size();
  const auto [rest, error] = std::from_chars(number.text.data(), end, count);
  if (error != std::errc() || rest != end) return cursor.ErrorAt(number, "22003", kMessage);
  if (count <= 0) return cursor.ErrorAt(number, "22023", kMessage);
  return count;
}

Tokens TryComputed(Cursor& cursor) {
  const size_t begin = cursor.at();
  if (begin == 0 || !cursor.Try("as")) return {};
  cursor.Seek(begin - 1);
  const Token before = cursor.Next();
  cursor.Next();
  const bool generated = before.Is("always") || before.Is("default");
  const bool whole = !generated && cursor.Peek().IsSymbol("(") && cursor.Parenthesized().ok() && cursor.Try("stored");
  if (whole) return cursor.Since(begin);
  cursor.Seek(begin);
  return {};
}

Tokens TryEncoding(Cursor& cursor) {
  const size_t begin = cursor.at();
  if (begin == 0) return {};
  cursor.Seek(begin - 1);
  const Token before = cursor.Next();
  const bool ends_something = before.kind != TokenKind::kSymbol || before.IsSymbol(")") || before.IsSymbol("]");
  if (!ends_something || before.Is("default") || !cursor.Try("encoding")) return {};
  if (cursor.Peek().IsSymbol("(") && cursor.Parenthesized().ok()) return cursor.Since(begin);
  cursor.Seek(begin);
  return {};
}

}  // namespace weir::sql::dialect
