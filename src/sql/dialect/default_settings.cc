#include "sql/dialect/default_settings.h"

#include "sql/dialect/blank.h"
#include "sql/dialect/role_statements.h"
#include "sql/dialect/session_statements.h"

namespace weir::sql::dialect {
namespace {

/// Passes whose settings they are; false for another statement.
bool PassTarget(Cursor& cursor, AlterSettings* alter) {
  if (!cursor.Try("alter")) return false;
  if (cursor.Try("database")) {
    alter->database = NameOf(cursor.Next());
    return true;
  }
  if (cursor.IsAt({"user", "mapping"}) || (!cursor.Try("role") && !cursor.Try("user"))) return false;
  if (cursor.Try("all")) alter->role = RoleName{.kind = RoleName::Kind::kEverybody};
  else alter->role = ParseRoleName(cursor);
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
