#include "sql/dialect/cluster_setting.h"

namespace weir::sql::dialect {
namespace {

Result<std::string> ClusterSettingValue(Cursor& cursor) {
  const Tokens value = cursor.Rest();
  if (value.empty()) return cursor.SyntaxError();
  const bool text = value.size() == 1 && value[0].kind == TokenKind::kString;
  return text ? StringValue(value[0].text) : Folded(cursor.statement().Slice(value));
}

}  // namespace

bool IsClusterSetting(Cursor cursor) {
  if (cursor.IsAt({"show", "all", "cluster", "settings"}) || cursor.IsAt({"show", "cluster", "settings"})) return true;
  return (cursor.Try("set") || cursor.Try("reset") || cursor.Try("show")) && cursor.IsAt({"cluster", "setting"});
}

Result<Action> ParseClusterSetting(const StatementSource& statement) {
  using Kind = ClusterSetting::Action;
  Cursor cursor(statement);
  ClusterSetting setting;
  if (cursor.Try({"show", "all", "cluster", "settings"}) || cursor.Try({"show", "cluster", "settings"})) {
    WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
    return Action(std::move(setting));
  }
  const bool set = cursor.IsAt({"set"});
  setting.action = set ? Kind::kSet : cursor.IsAt({"reset"}) ? Kind::kReset : Kind::kShow;
  cursor.Next();
  WEIR_RETURN_NOT_OK(cursor.Expect({"cluster", "setting"}));
  WEIR_ASSIGN_OR_RETURN(setting.name, cursor.DottedName());
  if (!set) {
    WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
    return Action(std::move(setting));
  }
  if (!cursor.TrySymbol("=")) WEIR_RETURN_NOT_OK(cursor.Expect("to"));
  if (cursor.IsAt({"default"})) setting.action = Kind::kReset;
  WEIR_ASSIGN_OR_RETURN(setting.value, ClusterSettingValue(cursor));
  return Action(std::move(setting));
}

}  // namespace weir::sql::dialect
