#include "sql/dialect/foreign_key.h"

#include <optional>

namespace weir::sql::dialect {
namespace {

/// Behind ON DELETE or ON UPDATE, with the columns that SET NULL and SET DEFAULT may name.
Result<ReferentialAction> ParseReferentialAction(Cursor& cursor, std::vector<std::string>* columns) {
  if (cursor.Try({"no", "action"})) return ReferentialAction::kNoAction;
  if (cursor.Try("restrict")) return ReferentialAction::kRestrict;
  if (cursor.Try("cascade")) return ReferentialAction::kCascade;
  ReferentialAction action = ReferentialAction::kSetNull;
  if (cursor.Try({"set", "default"})) {
    action = ReferentialAction::kSetDefault;
  } else {
    WEIR_RETURN_NOT_OK(cursor.Expect({"set", "null"}));
  }
  if (!cursor.AtEnd() && cursor.Peek().IsSymbol("(")) {
    WEIR_ASSIGN_OR_RETURN(*columns, cursor.Names());
  }
  return action;
}

/// What the attributes say, until all of them are known.
struct Attributes {
  std::optional<bool> deferrable;
  std::optional<bool> deferred;
};

Status SetOnce(const Cursor& cursor, const Token& at, bool value, const char* clauses, std::optional<bool>* attribute) {
  if (*attribute) return cursor.ErrorAt(at, "42601", std::string("multiple ") + clauses + " clauses not allowed");
  *attribute = value;
  return Status::OK();
}

constexpr const char* kDeferrable = "DEFERRABLE/NOT DEFERRABLE";
constexpr const char* kInitially = "INITIALLY IMMEDIATE/DEFERRED";

}  // namespace

Status ParseReferences(Cursor& cursor, TableConstraint* constraint) {
  constraint->kind = TableConstraint::Kind::kForeignKey;
  WEIR_ASSIGN_OR_RETURN(constraint->references, cursor.Qualified());
  if (!cursor.AtEnd() && cursor.Peek().IsSymbol("(")) {
    WEIR_ASSIGN_OR_RETURN(constraint->referenced_columns, cursor.Names());
  }
  ForeignKeyRules& rules = constraint->rules;
  while (!cursor.AtEnd()) {
    if (cursor.Try("match")) {
      rules.match_full = cursor.Try("full");  // PostgreSQL's grammar refuses PARTIAL
      if (!rules.match_full) WEIR_RETURN_NOT_OK(cursor.Expect("simple"));
    } else if (cursor.Try({"on", "delete"})) {
      WEIR_ASSIGN_OR_RETURN(rules.on_delete, ParseReferentialAction(cursor, &rules.set_columns));
    } else if (cursor.Try({"on", "update"})) {
      std::vector<std::string> none;  // PostgreSQL's grammar takes no columns here
      WEIR_ASSIGN_OR_RETURN(rules.on_update, ParseReferentialAction(cursor, &none));
    } else {
      break;
    }
  }
  return Status::OK();
}

Status ParseForeignKeyAttributes(Cursor& cursor, TableConstraint* constraint) {
  Attributes said;
  for (size_t before = cursor.at() + 1; before != cursor.at() && !cursor.AtEnd();) {
    before = cursor.at();
    const Token& at = cursor.Peek();
    if (cursor.Try({"not", "deferrable"})) {
      WEIR_RETURN_NOT_OK(SetOnce(cursor, at, false, kDeferrable, &said.deferrable));
    } else if (cursor.Try("deferrable")) {
      WEIR_RETURN_NOT_OK(SetOnce(cursor, at, true, kDeferrable, &said.deferrable));
    } else if (cursor.Try({"initially", "deferred"})) {
      WEIR_RETURN_NOT_OK(SetOnce(cursor, at, true, kInitially, &said.deferred));
    } else if (cursor.Try({"initially", "immediate"})) {
      WEIR_RETURN_NOT_OK(SetOnce(cursor, at, false, kInitially, &said.deferred));
    } else if (cursor.Try({"not", "valid"})) {
      constraint->not_valid = true;
    }
    if (said.deferred.value_or(false) && said.deferrable && !*said.deferrable) {
      return cursor.ErrorAt(at, "42601", "constraint declared INITIALLY DEFERRED must be DEFERRABLE");
    }
  }
  constraint->rules.deferred = said.deferred.value_or(false);
  constraint->rules.deferrable = said.deferrable.value_or(constraint->rules.deferred);
  return Status::OK();
}

Result<Action> ParseSetConstraints(Cursor& cursor) {
  SetConstraints set;
  if (!cursor.Try("all")) {
    do {
      WEIR_ASSIGN_OR_RETURN(set.names.emplace_back(), cursor.Qualified());
    } while (cursor.TrySymbol(","));
  }
  set.deferred = cursor.Try("deferred");
  if (!set.deferred) WEIR_RETURN_NOT_OK(cursor.Expect("immediate"));
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return Action(std::move(set));
}

}  // namespace weir::sql::dialect
