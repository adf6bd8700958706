#include "sql/dialect/sequence.h"

#include <fmt/format.h>

#include <charconv>

#include "sql/dialect/type_name.h"
#include "sql/dialect/unsupported.h"

namespace weir::sql::dialect {

namespace {

Result<int64_t> SignedNumber(Cursor& cursor) {
  const bool negative = cursor.TrySymbol("-");
  if (!negative) cursor.TrySymbol("+");
  const Token& token = cursor.Next();
  const std::string text = (negative ? "-" : "") + std::string(token.text);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  if (!token.integer) {
    return cursor.ErrorAt(token, "22P02", fmt::format("invalid input syntax for type bigint: \"{}\"", text));
  }
  return cursor.ErrorAt(token, "22003", fmt::format("value \"{}\" is out of range for type bigint", text));
}

template <typename T>
Status Set(const Cursor& cursor, const Token& at, T value, std::optional<T>* option) {
  if (*option) return cursor.ErrorAt(at, "42601", "conflicting or redundant options");
  *option = std::move(value);
  return Status::OK();
}

Status SetNumber(Cursor& cursor, const Token& at, std::optional<int64_t>* option) {
  WEIR_ASSIGN_OR_RETURN(const int64_t number, SignedNumber(cursor));
  return Set(cursor, at, number, option);
}

Status SetLimit(Cursor& cursor, const Token& at, std::optional<SequenceOptions::Limit>* option) {
  WEIR_ASSIGN_OR_RETURN(const int64_t number, SignedNumber(cursor));
  return Set(cursor, at, SequenceOptions::Limit{number}, option);
}

/// table.column, schema.table.column or NONE.
Status SetOwner(Cursor& cursor, const Token& at, SequenceOptions* options) {
  std::vector<std::string> parts;
  do {
    WEIR_ASSIGN_OR_RETURN(std::string part, cursor.AnyName());
    parts.push_back(std::move(part));
  } while (cursor.TrySymbol("."));
  SequenceOptions::Owner owner;
  const bool none = parts.size() == 1 && parts[0] == "none";
  if (parts.size() == 1 && !none) {
    return Error("42601", "invalid OWNED BY option", {.hint = "Specify OWNED BY table.column or OWNED BY NONE."});
  }
  if (!none) {
    owner.column = parts.back();
    owner.table.name = parts[parts.size() - 2];
    if (parts.size() > 2) owner.table.schema = parts[parts.size() - 3];
  }
  return Set(cursor, at, std::move(owner), &options->owner);
}

Status SetRestart(Cursor& cursor, const Token& at, SequenceOptions* options) {
  SequenceOptions::Restart restart;
  const bool with = cursor.Try("with");
  const Token& next = cursor.Peek();
  if (with || next.kind == TokenKind::kNumber || next.IsSymbol("-") || next.IsSymbol("+")) {
    WEIR_ASSIGN_OR_RETURN(restart.value, SignedNumber(cursor));
  }
  return Set(cursor, at, restart, &options->restart);
}

/// One option; `taken`: whether there is one.
Status ParseOption(Cursor& cursor, SequenceOptions* options, bool* taken) {
  using Limit = SequenceOptions::Limit;
  const Token& at = cursor.Peek();
  *taken = true;
  if (cursor.Try("as")) {
    WEIR_ASSIGN_OR_RETURN(TypeName type, ParseType(cursor));
    return Set(cursor, at, std::move(type), &options->type);
  }
  if (cursor.Try("increment")) {
    cursor.Try("by");
    return SetNumber(cursor, at, &options->increment);
  }
  if (cursor.Try("start")) {
    cursor.Try("with");
    return SetNumber(cursor, at, &options->start);
  }
  if (cursor.Try("minvalue")) return SetLimit(cursor, at, &options->min_value);
  if (cursor.Try("maxvalue")) return SetLimit(cursor, at, &options->max_value);
  if (cursor.Try({"no", "minvalue"})) return Set(cursor, at, Limit{}, &options->min_value);
  if (cursor.Try({"no", "maxvalue"})) return Set(cursor, at, Limit{}, &options->max_value);
  if (cursor.Try("cache")) return SetNumber(cursor, at, &options->cache);
  if (cursor.Try("cycle")) return Set(cursor, at, true, &options->cycle);
  if (cursor.Try({"no", "cycle"})) return Set(cursor, at, false, &options->cycle);
  if (cursor.Try({"owned", "by"})) return SetOwner(cursor, at, options);
  if (cursor.Try("restart")) return SetRestart(cursor, at, options);
  if (cursor.Try({"sequence", "name"})) {
    WEIR_ASSIGN_OR_RETURN(QualifiedName name, cursor.Qualified());
    return Set(cursor, at, std::move(name), &options->name);
  }
  *taken = false;
  return Status::OK();
}

}  // namespace

Result<SequenceOptions> ParseSequenceOptions(Cursor& cursor) {
  SequenceOptions options;
  for (bool taken = true; taken && !cursor.AtEnd();) WEIR_RETURN_NOT_OK(ParseOption(cursor, &options, &taken));
  return options;
}

bool IsCreateSequence(Cursor cursor) {
  if (!cursor.Try("create")) return false;
  if (!cursor.Try("global")) cursor.Try("local");
  if (!cursor.Try("temporary") && !cursor.Try("temp")) cursor.Try("unlogged");
  return cursor.IsAt({"sequence"});
}

Result<Action> ParseCreateSequence(Cursor& cursor) {
  cursor.Next();  // CREATE
  if (cursor.IsAt({"unlogged"})) return Action(Unsupported{"CREATE UNLOGGED SEQUENCE", {}});
  CreateSequence create;
  if (!cursor.Try("global")) cursor.Try("local");
  create.temporary = cursor.Try("temporary") || cursor.Try("temp");
  WEIR_RETURN_NOT_OK(cursor.Expect("sequence"));
  create.if_not_exists = cursor.Try({"if", "not", "exists"});
  WEIR_ASSIGN_OR_RETURN(create.name, cursor.Qualified());
  WEIR_ASSIGN_OR_RETURN(create.options, ParseSequenceOptions(cursor));
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  if (create.options.restart || create.options.name) {
    return cursor.ErrorAt(cursor.Peek(), "42601", "invalid sequence option");
  }
  return Action(std::move(create));
}

Result<Action> ParseAlterSequence(Cursor& cursor) {
  cursor.Try({"alter", "sequence"});
  AlterSequence alter;
  alter.if_exists = cursor.Try({"if", "exists"});
  WEIR_ASSIGN_OR_RETURN(alter.name, cursor.Qualified());
  if (cursor.Try({"rename", "to"})) {
    WEIR_ASSIGN_OR_RETURN(alter.new_name, cursor.Name());
  } else if (cursor.Try({"set", "schema"})) {
    WEIR_ASSIGN_OR_RETURN(alter.schema, cursor.Name());
  } else {
    WEIR_ASSIGN_OR_RETURN(alter.options, ParseSequenceOptions(cursor));
  }
  if (!cursor.AtEnd()) {
    return Action(Unsupported{fmt::format("ALTER SEQUENCE ... {}", Upper(cursor.Peek().text)), {}});
  }
  if (alter.options.name) return cursor.ErrorAt(cursor.Peek(), "42601", "invalid sequence option SEQUENCE NAME");
  return Action(std::move(alter));
}

bool IsIdentityChange(const Cursor& cursor) {
  if (cursor.IsAt({"restart"})) return true;
  for (const std::string_view word :
       {"generated", "increment", "start", "minvalue", "maxvalue", "no", "cache", "cycle", "sequence"}) {
    if (cursor.IsAt({"set", word})) return true;
  }
  return false;
}

Result<alter::SetIdentity> ParseIdentityChange(Cursor& cursor, std::string column) {
  alter::SetIdentity change{.column = std::move(column), .always = {}, .options = {}};
  while (!cursor.AtEnd()) {
    const Token& at = cursor.Peek();
    if (cursor.Try({"set", "generated"})) {
      const bool always = cursor.Try("always");
      if (!always) WEIR_RETURN_NOT_OK(cursor.Expect({"by", "default"}));
      WEIR_RETURN_NOT_OK(Set(cursor, at, always, &change.always));
      continue;
    }
    cursor.Try("set");
    if (!change.options) change.options.emplace();
    bool taken = false;
    WEIR_RETURN_NOT_OK(ParseOption(cursor, &*change.options, &taken));
    if (!taken) return cursor.SyntaxError();
  }
  if (!change.options || (!change.options->owner && !change.options->name)) return change;
  return Error("42601", "invalid sequence option in an identity column");
}

Result<IdentityClause> ParseIdentity(Cursor& cursor) {
  const Token& at = cursor.Next();
  IdentityClause identity;
  identity.always = cursor.Try("always");
  if (!identity.always) WEIR_RETURN_NOT_OK(cursor.Expect({"by", "default"}));
  WEIR_RETURN_NOT_OK(cursor.Expect("as"));
  if (!cursor.Try("identity")) return cursor.Refuse(at, "generated columns");
  if (!cursor.Peek().IsSymbol("(")) return identity;
  WEIR_ASSIGN_OR_RETURN(const Tokens inner, cursor.Parenthesized());
  Cursor options(cursor.statement(), inner);
  WEIR_ASSIGN_OR_RETURN(identity.options, ParseSequenceOptions(options));
  WEIR_RETURN_NOT_OK(options.ExpectEnd());
  if (!identity.options.type && !identity.options.owner && !identity.options.restart) return identity;
  return cursor.ErrorAt(at, "42601", "invalid sequence option in an identity column");
}

}  // namespace weir::sql::dialect
