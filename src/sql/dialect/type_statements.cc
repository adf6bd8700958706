#include "sql/dialect/type_statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/dialect/column.h"
#include "sql/dialect/expression.h"
#include "sql/dialect/role_statements.h"
#include "sql/dialect/type_name.h"

namespace weir::sql::dialect {

namespace {

using AlterTypeAction = decltype(AlterType::action);

Result<std::string> Label(Cursor& cursor) {
  if (cursor.Peek().kind != TokenKind::kString) return cursor.SyntaxError();
  return StringValue(cursor.Next().text);
}

Result<Action> ParseEnum(Cursor& cursor, QualifiedName name) {
  CreateEnum create{.name = std::move(name), .labels = {}};
  WEIR_ASSIGN_OR_RETURN(const Tokens list, cursor.Parenthesized());
  for (const Tokens part : SplitAtCommas(list)) {
    Cursor label(cursor.statement(), part);
    WEIR_ASSIGN_OR_RETURN(create.labels.emplace_back(), Label(label));
  }
  return Action(std::move(create));
}

/// The last part of a name of one part or more.
Result<std::string> LastName(Cursor& cursor) {
  std::string name;
  do {
    WEIR_ASSIGN_OR_RETURN(name, cursor.AnyName());
  } while (cursor.TrySymbol("."));
  return name;
}

/// One of the options of a range type; `seen` has the names of those before it.
Status ParseRangeOption(Cursor& option, std::vector<std::string>* seen, CreateRange* create) {
  const Token& at = option.Peek();
  WEIR_ASSIGN_OR_RETURN(const std::string key, option.AnyName());
  WEIR_RETURN_NOT_OK(option.ExpectSymbol("="));
  if (std::ranges::find(*seen, key) != seen->end()) {
    return option.ErrorAt(at, "42601", "conflicting or redundant options");
  }
  seen->push_back(key);
  if (key == "subtype") {
    WEIR_ASSIGN_OR_RETURN(create->subtype, ParseType(option));
  } else if (key == "multirange_type_name") {
    WEIR_ASSIGN_OR_RETURN(create->multirange, option.Qualified());
  } else if (key == "subtype_opclass") {
    WEIR_ASSIGN_OR_RETURN(create->operator_class, LastName(option));
  } else if (key == "collation") {
    WEIR_ASSIGN_OR_RETURN(create->collation, LastName(option));
  } else if (key == "subtype_diff") {
    WEIR_ASSIGN_OR_RETURN(create->difference, LastName(option));
  } else if (key == "canonical") {
    return option.Refuse(at, "CANONICAL of a range type");
  } else {
    return Error("42601", fmt::format("type attribute \"{}\" not recognized", key));
  }
  return option.ExpectEnd();
}

Result<Action> ParseRange(Cursor& cursor, QualifiedName name) {
  CreateRange create{.name = std::move(name), .subtype = {}};
  WEIR_ASSIGN_OR_RETURN(const Tokens list, cursor.Parenthesized());
  std::vector<std::string> seen;
  for (const Tokens part : SplitAtCommas(list)) {
    Cursor option(cursor.statement(), part);
    WEIR_RETURN_NOT_OK(ParseRangeOption(option, &seen, &create));
  }
  if (create.subtype.text.empty()) return Error("42601", "type attribute \"subtype\" is required");
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return Action(std::move(create));
}

Result<CreateComposite::Attribute> ParseAttribute(Cursor& cursor) {
  CreateComposite::Attribute attribute;
  WEIR_ASSIGN_OR_RETURN(attribute.name, cursor.Name());
  WEIR_ASSIGN_OR_RETURN(attribute.type, ParseType(cursor));
  if (cursor.IsAt({"collate"})) return cursor.Refuse(cursor.Peek(), "COLLATE of an attribute");
  if (!cursor.Try("cascade")) cursor.Try("restrict");
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return attribute;
}

Result<Action> ParseComposite(Cursor& cursor, QualifiedName name) {
  CreateComposite create{.name = std::move(name), .attributes = {}};
  const Token& at = cursor.Peek();
  WEIR_ASSIGN_OR_RETURN(const Tokens list, cursor.Parenthesized());
  if (list.empty()) return cursor.Refuse(at, "a composite type without attributes");
  for (const Tokens part : SplitAtCommas(list)) {
    Cursor attribute(cursor.statement(), part);
    WEIR_ASSIGN_OR_RETURN(create.attributes.emplace_back(), ParseAttribute(attribute));
  }
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return Action(std::move(create));
}

DomainText TextOf(const Cursor& cursor, Tokens tokens) {
  const Expression expression = cursor.statement().ExpressionOf(tokens);
  return {expression.text, expression.position};
}

/// Behind CHECK.
Result<DomainConstraint> ParseDomainCheck(Cursor& cursor, std::string name) {
  DomainConstraint constraint{.name = std::move(name), .check = {}};
  WEIR_ASSIGN_OR_RETURN(const Tokens expression, cursor.Parenthesized());
  WEIR_RETURN_NOT_OK(CheckExpression(cursor, expression, kCheckPlace));
  constraint.check = TextOf(cursor, WithoutParentheses(expression));
  constraint.not_valid = cursor.Try({"not", "valid"});
  return constraint;
}

Result<DomainText> ParseDomainDefault(Cursor& cursor, Tokens tokens) {
  if (tokens.empty()) return cursor.SyntaxError();
  WEIR_RETURN_NOT_OK(CheckExpression(cursor, tokens, kDefaultPlace));
  return TextOf(cursor, tokens);
}

/// What may stand behind a domain's type.
struct DomainClauses {
  bool null_written = false;
  bool not_null_written = false;
};

Status Nullable(bool nullable, DomainClauses* seen, CreateDomain* create) {
  (nullable ? seen->null_written : seen->not_null_written) = true;
  if (seen->null_written && seen->not_null_written) return Error("42601", "conflicting NULL/NOT NULL constraints");
  create->not_null = !nullable;
  return Status::OK();
}

Status ParseDomainClause(Cursor& cursor, DomainClauses* seen, CreateDomain* create) {
  std::string name;
  if (cursor.Try("constraint")) {
    WEIR_ASSIGN_OR_RETURN(name, cursor.Name());
  }
  const Token& at = cursor.Peek();
  if (cursor.Try({"not", "null"})) return Nullable(false, seen, create);
  if (cursor.Try("null")) return Nullable(true, seen, create);
  if (cursor.Try("check")) {
    WEIR_ASSIGN_OR_RETURN(create->checks.emplace_back(), ParseDomainCheck(cursor, std::move(name)));
    return Status::OK();
  }
  if (cursor.Try("default")) {
    if (create->default_value) return Error("42601", "multiple default expressions");
    WEIR_ASSIGN_OR_RETURN(create->default_value, ParseDomainDefault(cursor, DefaultExpression(cursor)));
    return Status::OK();
  }
  if (cursor.Try("collate")) {
    do {
      WEIR_ASSIGN_OR_RETURN(create->collation, cursor.AnyName());
    } while (cursor.TrySymbol("."));
    return Status::OK();
  }
  if (at.Is("unique")) return Error("42601", "unique constraints not possible for domains");
  if (at.Is("primary")) return Error("42601", "primary key constraints not possible for domains");
  if (at.Is("references")) return Error("42601", "foreign key constraints not possible for domains");
  return cursor.SyntaxError();
}

Result<Action> ParseDomain(Cursor& cursor) {
  CreateDomain create;
  WEIR_ASSIGN_OR_RETURN(create.name, cursor.Qualified());
  cursor.Try("as");
  WEIR_ASSIGN_OR_RETURN(create.type, ParseType(cursor));
  DomainClauses seen;
  while (!cursor.AtEnd()) WEIR_RETURN_NOT_OK(ParseDomainClause(cursor, &seen, &create));
  return Action(std::move(create));
}

/// [IF NOT EXISTS] 'label' [BEFORE | AFTER 'label'], behind ADD VALUE.
Result<alter_type::AddValue> ParseAddValue(Cursor& cursor) {
  alter_type::AddValue add;
  add.if_not_exists = cursor.Try({"if", "not", "exists"});
  WEIR_ASSIGN_OR_RETURN(add.label, Label(cursor));
  add.before = cursor.Try("before");
  if (add.before || cursor.Try("after")) {
    WEIR_ASSIGN_OR_RETURN(add.neighbor, Label(cursor));
  }
  return add;
}

/// What both kinds have: OWNER TO, RENAME TO, SET SCHEMA. False where it is none of these.
Result<bool> ParseCommonAction(Cursor& cursor, AlterTypeAction* action) {
  if (cursor.Try({"owner", "to"})) {
    *action = alter_type::SetOwner{ParseRoleName(cursor)};
  } else if (cursor.Try({"rename", "to"})) {
    alter_type::Rename rename;
    WEIR_ASSIGN_OR_RETURN(rename.new_name, cursor.Name());
    *action = std::move(rename);
  } else if (cursor.Try({"set", "schema"})) {
    alter_type::SetSchema set;
    WEIR_ASSIGN_OR_RETURN(set.schema, cursor.Name());
    *action = std::move(set);
  } else {
    return false;
  }
  return true;
}

/// Of a composite type; several actions in one statement are none of these.
Result<bool> ParseAttributeAction(Cursor& cursor, AlterTypeAction* action) {
  if (SplitAtCommas(cursor.Rest()).size() > 1) return false;
  if (cursor.Try({"add", "attribute"})) {
    alter_type::AddAttribute add;
    WEIR_ASSIGN_OR_RETURN(add.attribute, ParseAttribute(cursor));
    *action = std::move(add);
  } else if (cursor.Try({"alter", "attribute"})) {
    alter_type::SetAttributeType set;
    WEIR_ASSIGN_OR_RETURN(set.attribute.name, cursor.Name());
    if (!cursor.Try({"set", "data", "type"})) WEIR_RETURN_NOT_OK(cursor.Expect("type"));
    WEIR_ASSIGN_OR_RETURN(set.attribute.type, ParseType(cursor));
    if (!cursor.Try("cascade")) cursor.Try("restrict");
    *action = std::move(set);
  } else if (cursor.Try({"drop", "attribute"})) {
    alter_type::DropAttribute drop{.name = {}, .if_exists = cursor.Try({"if", "exists"})};
    WEIR_ASSIGN_OR_RETURN(drop.name, cursor.Name());
    if (!cursor.Try("cascade")) cursor.Try("restrict");
    *action = std::move(drop);
  } else if (cursor.Try({"rename", "attribute"})) {
    alter_type::RenameAttribute rename;
    WEIR_ASSIGN_OR_RETURN(rename.name, cursor.Name());
    WEIR_RETURN_NOT_OK(cursor.Expect("to"));
    WEIR_ASSIGN_OR_RETURN(rename.new_name, cursor.Name());
    if (!cursor.Try("cascade")) cursor.Try("restrict");
    *action = std::move(rename);
  } else {
    return false;
  }
  return true;
}

Result<bool> ParseEnumAction(Cursor& cursor, AlterTypeAction* action) {
  if (cursor.Try({"add", "value"})) {
    WEIR_ASSIGN_OR_RETURN(*action, ParseAddValue(cursor));
    return true;
  }
  if (!cursor.Try({"rename", "value"})) return ParseAttributeAction(cursor, action);
  alter_type::RenameValue rename;
  WEIR_ASSIGN_OR_RETURN(rename.label, Label(cursor));
  WEIR_RETURN_NOT_OK(cursor.Expect("to"));
  WEIR_ASSIGN_OR_RETURN(rename.new_label, Label(cursor));
  *action = std::move(rename);
  return true;
}

Result<bool> ParseConstraintAction(Cursor& cursor, AlterTypeAction* action) {
  if (cursor.Try({"drop", "constraint"})) {
    alter_type::DropConstraint drop{.name = {}, .if_exists = cursor.Try({"if", "exists"})};
    WEIR_ASSIGN_OR_RETURN(drop.name, cursor.Name());
    if (!cursor.Try("cascade")) cursor.Try("restrict");
    *action = std::move(drop);
  } else if (cursor.Try({"validate", "constraint"})) {
    alter_type::ValidateConstraint validate;
    WEIR_ASSIGN_OR_RETURN(validate.name, cursor.Name());
    *action = std::move(validate);
  } else if (cursor.Try({"rename", "constraint"})) {
    alter_type::RenameConstraint rename;
    WEIR_ASSIGN_OR_RETURN(rename.name, cursor.Name());
    WEIR_RETURN_NOT_OK(cursor.Expect("to"));
    WEIR_ASSIGN_OR_RETURN(rename.new_name, cursor.Name());
    *action = std::move(rename);
  } else {
    return false;
  }
  return true;
}

Result<bool> ParseDomainAction(Cursor& cursor, AlterTypeAction* action) {
  if (cursor.Try({"set", "default"})) {
    alter_type::SetDefault set;
    WEIR_ASSIGN_OR_RETURN(set.value, ParseDomainDefault(cursor, cursor.Rest()));
    cursor.Seek(cursor.at() + cursor.Rest().size());
    *action = std::move(set);
  } else if (cursor.Try({"drop", "default"})) {
    *action = alter_type::SetDefault{};
  } else if (cursor.Try({"set", "not", "null"})) {
    *action = alter_type::SetNotNull{true};
  } else if (cursor.Try({"drop", "not", "null"})) {
    *action = alter_type::SetNotNull{false};
  } else if (cursor.Try("add")) {
    std::string name;
    if (cursor.Try("constraint")) {
      WEIR_ASSIGN_OR_RETURN(name, cursor.Name());
    }
    WEIR_RETURN_NOT_OK(cursor.Expect("check"));
    alter_type::AddConstraint add;
    WEIR_ASSIGN_OR_RETURN(add.constraint, ParseDomainCheck(cursor, std::move(name)));
    *action = std::move(add);
  } else {
    return ParseConstraintAction(cursor, action);
  }
  return true;
}

}  // namespace

Result<Action> ParseCreateType(Cursor& cursor) {
  if (cursor.Try({"create", "domain"})) return ParseDomain(cursor);
  cursor.Try({"create", "type"});
  WEIR_ASSIGN_OR_RETURN(QualifiedName name, cursor.Qualified());
  if (cursor.Try({"as", "enum"})) return ParseEnum(cursor, std::move(name));
  if (cursor.Try({"as", "range"})) return ParseRange(cursor, std::move(name));
  if (cursor.Try("as")) return ParseComposite(cursor, std::move(name));
  return Action(Unsupported{"CREATE TYPE of a base type", {}});
}

Result<Action> ParseAlterType(Cursor& cursor) {
  AlterType alter;
  alter.domain = cursor.Try({"alter", "domain"});
  if (!alter.domain) cursor.Try({"alter", "type"});
  WEIR_ASSIGN_OR_RETURN(alter.name, cursor.Qualified());
  WEIR_ASSIGN_OR_RETURN(bool known, ParseCommonAction(cursor, &alter.action));
  if (!known) {
    WEIR_ASSIGN_OR_RETURN(known, alter.domain ? ParseDomainAction(cursor, &alter.action)
                                              : ParseEnumAction(cursor, &alter.action));
  }
  const std::string_view what = alter.domain ? "ALTER DOMAIN" : "ALTER TYPE";
  if (!known) return Action(Unsupported{fmt::format("{} ... {}", what, Upper(cursor.Peek().text)), {}});
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return Action(std::move(alter));
}

Result<Action> ParseDropTypes(Cursor& cursor, bool domain) {
  DropTypes drop{.if_exists = cursor.Try({"if", "exists"}), .domain = domain};
  do {
    WEIR_ASSIGN_OR_RETURN(QualifiedName name, cursor.Qualified());
    drop.names.push_back(std::move(name));
    if (cursor.Peek().IsSymbol("[")) return cursor.Refuse(cursor.Peek(), "DROP TYPE of an array type");
  } while (cursor.TrySymbol(","));
  drop.cascade = cursor.Try("cascade");
  cursor.Try("restrict");
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return Action(std::move(drop));
}

}  // namespace weir::sql::dialect
