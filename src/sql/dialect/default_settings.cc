#include "sql/dialect/default_settings.h"

#include "sql/dialect/blank.h"
#include "sql/dialect/session_statements.h"

namespace weir::sql::dialect {
namespace {

/// A role as one token says it; nothing: ALL of them.
std::optional<RoleName> RoleAt(const StatementSource& statement, const Token& token) {
  RoleName role{.position = statement.Position(token)};
  if (token.Is("all")) return std::nullopt;
  if (token.Is("current_user") || token.Is("current_role")) {
    role.kind = RoleName::Kind::kCurrentUser;
  } else if (token.Is("session_user")) {
    role.kind = RoleName::Kind::kSessionUser;
  } else if (token.Is("public")) {
    role.kind = RoleName::Kind::kEverybody;
  } else {
    role.name = NameOf(token);
  }
  return role;
}

/// Passes whose settings they are; false for another statement.
bool PassTarget(Cursor& cursor, AlterSettings* alter) {
  if (!cursor.Try("alter")) return false;
  if (cursor.Try("database")) {
    alter->database = NameOf(cursor.Next());
    return true;
  }
  if (cursor.IsAt({"user", "mapping"}) || (!cursor.Try("role") && !cursor.Try("user"))) return false;
  alter->role = RoleAt(cursor.statement(), cursor.Next());
  if (cursor.Try({"in", "database"})) alter->database = NameOf(cursor.Next());
  return true;
}

}  // namespace

bool IsDefaultSettings(Cursor cursor) {
  AlterSettings alter;
  if (!PassTarget(cursor, &alter)) return false;
  return cursor.IsAt({"reset"}) || (cursor.IsAt({"set"}) && !cursor.IsAt({"set", "tablespace"}));
}

Result<Action> ParseDefaultSettings(const StatementSource& statement) {
  WEIR_RETURN_NOT_OK(BlankedText(statement).Check());
  Cursor cursor(statement);
  AlterSettings alter;
  PassTarget(cursor, &alter);
  const Tokens said = cursor.Rest();
  const bool current = said.size() > 3 && said[said.size() - 2].Is("from") && said.back().Is("current");
  if (current) {
    Cursor named(statement, said.subspan(1, said.size() - 3));
    WEIR_ASSIGN_OR_RETURN(const std::string name, named.DottedName());
    alter.name = Folded(name);
    alter.from_current = true;
    return Action(AccessStatement(std::move(alter)));
  }
  WEIR_ASSIGN_OR_RETURN(Action clause, cursor.IsAt({"set"}) ? ParseSet(cursor) : ParseReset(cursor));
  const auto* set = std::get_if<SetParameter>(&clause);
  if (set == nullptr) return clause;
  if (set->transaction || !set->also.empty()) return Action(Unsupported{"SET TRANSACTION of roles and databases", {}});
  if (set->name != "all") alter.name = set->name;
  alter.value = set->value;
  return Action(AccessStatement(std::move(alter)));
}

}  // namespace weir::sql::dialect
