// What new sessions begin with (ALTER ROLE and ALTER DATABASE … SET), and parameters in statements on privileges.
#include "sql/session/session_defaults.h"

#include "postgres/value/text.h"
#include "sql/engine/parameter_list.h"
#include "sql/engine/value_settings.h"
#include "sql/session/engine_session.h"

namespace weir::sql {
namespace {

Status UnknownParameter(const std::string& name) {
  return Error("42704", "unrecognized configuration parameter \"" + name + "\"");
}

/// ALTER … SET: the parameter's name as it is spelled, and its value where it is one that the parameter can have.
Status ResolveSettings(const Parameters& parameters, AlterSettings* alter) {
  if (alter->name.empty()) return Status::OK();
  if (alter->from_current) alter->value = parameters.Get(alter->name);
  if (alter->from_current && !alter->value) return UnknownParameter(alter->name);
  if (alter->value) {
    Parameters trial = parameters;
    WEIR_RETURN_NOT_OK(trial.Set(alter->name, *alter->value));
    WEIR_RETURN_NOT_OK(ValueSettings(trial).status());
  } else if (!parameters.Get(alter->name) && alter->name.find('.') == std::string::npos) {
    return UnknownParameter(alter->name);
  }
  alter->name = parameters.NameOf(alter->name);
  return Status::OK();
}

/// GRANT … ON PARAMETER: names in small letters, as pg_parameter_acl has them. What nobody has heard of may be
/// revoked.
Status ResolveParameters(const Parameters& parameters, GrantPrivileges* grant) {
  for (std::string& name : grant->names) {
    const bool known = parameters.Get(name) || name.find('.') != std::string::npos;
    if (!known && grant->grant) return Error("42602", "invalid parameter name \"" + name + "\"");
    name = postgres::Lowered(name);
  }
  return Status::OK();
}

}  // namespace

Status CheckMaySet(const std::string& parameter, const access::State& state, access::RoleId role) {
  const KnownParameter* known = FindParameter(parameter);
  if (known == nullptr || ContextOfParameter(*known) != "superuser") return Status::OK();
  const access::Target target{access::ObjectKey::Named(access::ObjectKind::kParameter, postgres::Lowered(known->name))};
  if (access::PrivilegesOn(state, role, target) & access::kSet) return Status::OK();
  return Error("42501", std::string("permission denied to set parameter \"") + known->name + "\"");
}

Result<AccessStatement> EngineSession::WithParametersNamed(AccessStatement statement) const {
  if (auto* alter = std::get_if<AlterSettings>(&statement)) {
    WEIR_RETURN_NOT_OK(CheckMaySet(alter->name, *Access(), current_role_));
    WEIR_RETURN_NOT_OK(ResolveSettings(parameters_, alter));
  }
  auto* grant = std::get_if<GrantPrivileges>(&statement);
  const bool of_parameters = grant != nullptr && grant->on == GrantPrivileges::On::kParameters;
  if (of_parameters) WEIR_RETURN_NOT_OK(ResolveParameters(parameters_, grant));
  return statement;
}

/// From the most general to what is said of this role in this database. A value that cannot be any more is left out, as
/// a session that could not begin could not put it right.
void EngineSession::TakeDefaultSettings() {
  const access::StatePtr state = Access();
  const access::SettingsKey keys[] = {{}, {.database = database_}, {.role = login_role_}, {database_, login_role_}};
  for (const access::SettingsKey& key : keys) {
    const auto found = state->settings.find(key);
    if (found == state->settings.end()) continue;
    for (const auto& [name, value] : found->second) {
      const Status set = SetOne(name, value, false);
      if (!set.ok()) Report("WARNING", FieldsOf(set).sqlstate.c_str(), FieldsOf(set).message);
    }
  }
}

}  // namespace weir::sql
