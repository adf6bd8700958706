#include "sql/dialect/classic_alter.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>

#include "sql/dialect/classic_reader.h"

namespace weir::sql::dialect {

namespace {

// PARTITION name, PARTITION FOR (…) and DEFAULT PARTITION, not a column "partition", which one of these words follows.
bool NamesPartition(Cursor& cursor, std::initializer_list<std::string_view> words_after_column) {
  if (cursor.Try({"default", "partition"})) return true;
  if (!cursor.Try("partition") || cursor.AtEnd() || cursor.Peek().kind == TokenKind::kSymbol) return false;
  return std::ranges::none_of(words_after_column, [&](std::string_view word) { return cursor.Peek().Is(word); });
}

class ClassicActionParser {
 public:
  explicit ClassicActionParser(Cursor& cursor) : cursor_(cursor), reader_(cursor.statement()) {}

  Result<AlterClassicPartition> Run(QualifiedName table, bool if_exists) {
    AlterClassicPartition alter{.name = std::move(table), .if_exists = if_exists};
    do {
      ClassicStep& step = alter.steps.emplace_back();
      while (cursor_.Try("alter")) {
        WEIR_ASSIGN_OR_RETURN(ClassicPartitionId id, Id(cursor_));
        step.below.push_back(std::move(id));
      }
      WEIR_ASSIGN_OR_RETURN(step.action, ReadAction());
    } while (cursor_.TrySymbol(","));
    WEIR_RETURN_NOT_OK(cursor_.ExpectEnd());
    WEIR_RETURN_NOT_OK(reader_.CheckExpressions());
    return alter;
  }

 private:
  Result<ClassicAction> ReadAction() {
    if (cursor_.Try("add")) return Add();
    if (cursor_.Try("drop")) return Drop();
    if (cursor_.Try("truncate")) {
      WEIR_ASSIGN_OR_RETURN(ClassicPartitionId id, Id(cursor_));
      return ClassicAction(classic::TruncatePartition{std::move(id)});
    }
    if (cursor_.Try("rename")) return Rename();
    if (cursor_.Try("exchange")) return Exchange();
    if (cursor_.Try("split")) return Split();
    if (cursor_.Try({"set", "subpartition"})) return SetTemplate();
    if (cursor_.IsAt({"set"})) return cursor_.Refuse(cursor_.Peek(), "ALTER PARTITION ... SET");
    return cursor_.SyntaxError();
  }

  // `if_exists`: where IF EXISTS may stand; null: nowhere.
  Result<ClassicPartitionId> Id(Cursor& cursor, bool* if_exists = nullptr) {
    ClassicPartitionId id{.position = cursor.Position()};
    const bool is_default = cursor.Try({"default", "partition"});
    if (!is_default) WEIR_RETURN_NOT_OK(cursor.Expect("partition"));
    if (if_exists != nullptr) *if_exists = cursor.Try({"if", "exists"});
    if (is_default) {
      id.kind = ClassicPartitionId::Kind::kDefault;
    } else if (cursor.Peek().Is("for") && cursor.Peek(1).IsSymbol("(")) {
      cursor.Next();
      id.kind = ClassicPartitionId::Kind::kValue;
      WEIR_ASSIGN_OR_RETURN(id.values, reader_.Expressions(cursor));
    } else {
      WEIR_ASSIGN_OR_RETURN(id.name, cursor.AnyName());
    }
    return id;
  }

  Result<ClassicAction> Add() {
    ClassicPartition partition{.position = cursor_.Position()};
    partition.is_default = cursor_.Try("default");
    WEIR_RETURN_NOT_OK(cursor_.Expect("partition"));
    if (partition.is_default || !IsClassicBound(cursor_)) {
      WEIR_ASSIGN_OR_RETURN(partition.name, cursor_.AnyName());
    }
    if (!partition.is_default) WEIR_RETURN_NOT_OK(reader_.Bound(cursor_, &partition));
    WEIR_RETURN_NOT_OK(reader_.Rest(cursor_, 0, &partition));
    return ClassicAction(classic::AddPartition{std::move(partition)});
  }

  Result<ClassicAction> Drop() {
    classic::DropPartition drop;
    WEIR_ASSIGN_OR_RETURN(drop.partition, Id(cursor_, &drop.if_exists));
    drop.cascade = cursor_.Try("cascade");
    if (!drop.cascade) cursor_.Try("restrict");
    return ClassicAction(std::move(drop));
  }

  Result<ClassicAction> Rename() {
    classic::RenamePartition rename;
    WEIR_ASSIGN_OR_RETURN(rename.partition, Id(cursor_));
    WEIR_RETURN_NOT_OK(cursor_.Expect("to"));
    WEIR_ASSIGN_OR_RETURN(rename.new_name, cursor_.AnyName());
    return ClassicAction(std::move(rename));
  }

  Result<ClassicAction> Exchange() {
    classic::ExchangePartition exchange;
    WEIR_ASSIGN_OR_RETURN(exchange.partition, Id(cursor_));
    WEIR_RETURN_NOT_OK(cursor_.Expect({"with", "table"}));
    WEIR_ASSIGN_OR_RETURN(exchange.table, cursor_.Qualified());
    if (cursor_.Try({"with", "validation"})) exchange.validation = "WITH VALIDATION";
    if (cursor_.Try({"without", "validation"})) exchange.validation = "WITHOUT VALIDATION";
    return ClassicAction(std::move(exchange));
  }

  Result<ClassicAction> Split() {
    classic::SplitPartition split;
    WEIR_ASSIGN_OR_RETURN(split.partition, Id(cursor_));
    if (cursor_.Try("at")) {
      WEIR_ASSIGN_OR_RETURN(split.at, reader_.Expressions(cursor_));
    } else {
      WEIR_RETURN_NOT_OK(SplitRange(&split));
    }
    if (cursor_.Try("into")) WEIR_RETURN_NOT_OK(Into(&split));
    return ClassicAction(std::move(split));
  }

  // START … END …, of a DEFAULT partition only.
  Status SplitRange(classic::SplitPartition* split) {
    const bool of_default = split->partition.kind == ClassicPartitionId::Kind::kDefault;
    if (!of_default || !cursor_.IsAt({"start"})) return cursor_.SyntaxError();
    ClassicPartition range{.position = cursor_.Position()};
    WEIR_RETURN_NOT_OK(reader_.Bound(cursor_, &range));
    const bool whole = (range.start || range.from_minvalue) && (range.end || range.to_maxvalue) && !range.every;
    if (!whole) return cursor_.SyntaxError();
    split->range = std::move(range);
    return Status::OK();
  }

  Status Into(classic::SplitPartition* split) {
    const Token& open = cursor_.Peek();
    WEIR_ASSIGN_OR_RETURN(const Tokens list, cursor_.Parenthesized());
    const std::vector<Tokens> parts = SplitAtCommas(list);
    if (parts.size() != 2) return cursor_.SyntaxErrorAt(open);
    std::vector<ClassicPartitionId> into;
    for (const Tokens part : parts) {
      Cursor element(cursor_.statement(), part);
      WEIR_ASSIGN_OR_RETURN(ClassicPartitionId id, Id(element));
      if (id.kind == ClassicPartitionId::Kind::kValue) return element.SyntaxErrorAt(part[1]);
      WEIR_RETURN_NOT_OK(element.ExpectEnd());
      into.push_back(std::move(id));
    }
    split->into.emplace(std::move(into[0]), std::move(into[1]));
    return Status::OK();
  }

  Result<ClassicAction> SetTemplate() {
    WEIR_RETURN_NOT_OK(cursor_.Expect("template"));
    Cursor list = cursor_;
    WEIR_ASSIGN_OR_RETURN(const Tokens inner, list.Parenthesized());
    classic::SetTemplate set;
    if (inner.empty()) {
      cursor_ = list;
      return ClassicAction(std::move(set));
    }
    WEIR_ASSIGN_OR_RETURN(set.pattern, reader_.List(cursor_, "subpartition"));
    set.text = std::string(cursor_.statement().Slice(inner));
    return ClassicAction(std::move(set));
  }

  Cursor& cursor_;
  ClassicReader reader_;
};

}  // namespace

bool IsClassicAction(Cursor cursor) {
  if (cursor.IsAt({"exchange"}) || cursor.IsAt({"split"}) || cursor.IsAt({"truncate"})) return true;
  if (cursor.IsAt({"set", "subpartition"})) return true;
  if (cursor.Try("drop")) return NamesPartition(cursor, {"cascade", "restrict"});
  if (cursor.Try("rename")) return NamesPartition(cursor, {"to"});
  if (cursor.Try("alter")) return NamesPartition(cursor, {"set", "drop", "type", "add", "reset", "restart", "options"});
  if (!cursor.Try("add")) return false;
  if (cursor.Try({"default", "partition"})) return true;
  if (!cursor.Try("partition")) return false;
  if (!IsClassicBound(cursor)) cursor.Next();  // its name
  return IsClassicBound(cursor);
}

Result<Action> ParseClassicAction(Cursor& cursor, QualifiedName table, bool if_exists) {
  ClassicActionParser parser(cursor);
  WEIR_ASSIGN_OR_RETURN(AlterClassicPartition alter, parser.Run(std::move(table), if_exists));
  return Action(std::move(alter));
}

}  // namespace weir::sql::dialect
