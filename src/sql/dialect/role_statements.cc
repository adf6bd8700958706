#include "sql/dialect/role_statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pg_query.pb.h"
#include "sql/dialect/blank.h"
#include "sql/dialect/function.h"
#include "sql/dialect/parse_tree.h"
#include "sql/dialect/unsupported.h"

namespace weir::sql::dialect {
namespace {

template <typename T>
using Repeated = google::protobuf::RepeatedPtrField<T>;

/// Where a location of the tree stands in the statement.
class Positions {
 public:
  explicit Positions(const StatementSource& statement) : statement_(statement) {}
  int Of(int location) const {
    if (location < 0) return 0;
    const Source& source = *statement_.source;
    const size_t byte = statement_.begin() + static_cast<size_t>(location);
    return source.Position(byte) - source.CharactersBefore(statement_.begin());
  }

 private:
  const StatementSource& statement_;
};

RoleName RoleOf(const pg_query::RoleSpec& spec, const Positions& positions) {
  RoleName role{.position = positions.Of(spec.location())};
  switch (spec.roletype()) {
    case pg_query::ROLESPEC_CURRENT_ROLE:
    case pg_query::ROLESPEC_CURRENT_USER: role.kind = RoleName::Kind::kCurrentUser; break;
    case pg_query::ROLESPEC_SESSION_USER: role.kind = RoleName::Kind::kSessionUser; break;
    case pg_query::ROLESPEC_PUBLIC: role.kind = RoleName::Kind::kEverybody; break;
    default: role.name = spec.rolename(); break;  // protobuf's enums have more values than are named
  }
  return role;
}

std::vector<RoleName> RolesOf(const Repeated<pg_query::Node>& nodes, const Positions& positions) {
  std::vector<RoleName> roles;
  for (const pg_query::Node& node : nodes) roles.push_back(RoleOf(node.role_spec(), positions));
  return roles;
}

QualifiedName NamedRelation(const pg_query::RangeVar& name, const Positions& positions) {
  return RelationName(name, positions.Of(name.location()));
}

// --- options of roles

Status Redundant(int position) {
  return Error("42601", "conflicting or redundant options", {.position = position});
}

/// True when the option is one of the switches.
Result<bool> TakeSwitch(const pg_query::DefElem& option, int position, RoleOptions* options) {
  const std::pair<std::string_view, std::optional<bool>*> switches[] = {
      {"superuser", &options->superuser},   {"inherit", &options->inherit},
      {"createrole", &options->create_role}, {"createdb", &options->create_db},
      {"canlogin", &options->login},        {"isreplication", &options->replication},
      {"bypassrls", &options->bypass_rls},
  };
  for (const auto& [name, target] : switches) {
    if (option.defname() != name) continue;
    if (target->has_value()) return Redundant(position);
    *target = option.arg().boolean().boolval();
    return true;
  }
  return false;
}

Status TakeOption(const pg_query::DefElem& option, const Positions& positions, RoleOptions* options) {
  const int position = positions.Of(option.location());
  const std::string& name = option.defname();
  WEIR_ASSIGN_OR_RETURN(const bool taken, TakeSwitch(option, position, options));
  if (taken) return Status::OK();
  if (name == "password") {
    if (options->sets_password) return Redundant(position);
    options->sets_password = true;
    if (option.arg().has_string()) options->password = option.arg().string().sval();
  } else if (name == "validUntil") {
    if (options->valid_until) return Redundant(position);
    options->valid_until = option.arg().string().sval();
  } else if (name == "connectionlimit") {
    if (options->connection_limit) return Redundant(position);
    options->connection_limit = option.arg().integer().ival();
  } else if (name == "sysid") {
    options->says_sysid = true;
  } else if (name == "addroleto") {
    options->in_roles = RolesOf(option.arg().list().items(), positions);
  } else if (name == "rolemembers") {
    options->members = RolesOf(option.arg().list().items(), positions);
  } else if (name == "adminmembers") {
    options->admin_members = RolesOf(option.arg().list().items(), positions);
  } else {
    return Error("0A000", fmt::format("role option \"{}\" is not supported", name), {.position = position});
  }
  return Status::OK();
}

Result<RoleOptions> ReadRoleOptions(const Repeated<pg_query::Node>& nodes, const Positions& positions) {
  RoleOptions options;
  for (const pg_query::Node& node : nodes) {
    WEIR_RETURN_NOT_OK(TakeOption(node.def_elem(), positions, &options));
  }
  return options;
}

Result<Action> CreateRoleOf(const pg_query::CreateRoleStmt& statement, bool if_not_exists, const Positions& positions) {
  CreateRole create{.name = statement.role(), .if_not_exists = if_not_exists, .options = {}};
  WEIR_ASSIGN_OR_RETURN(create.options, ReadRoleOptions(statement.options(), positions));
  if (!create.options.login && statement.stmt_type() == pg_query::ROLESTMT_USER) create.options.login = true;
  return Action(AccessStatement(std::move(create)));
}

/// ALTER GROUP … ADD USER, DROP USER is GRANT and REVOKE.
Result<Action> AlterRoleOf(const pg_query::AlterRoleStmt& statement, const Positions& positions) {
  AlterRole alter{.role = RoleOf(statement.role(), positions), .options = {}};
  WEIR_ASSIGN_OR_RETURN(alter.options, ReadRoleOptions(statement.options(), positions));
  if (alter.options.members.empty()) return Action(AccessStatement(std::move(alter)));
  return Action(AccessStatement(GrantRoles{.grant = statement.action() > 0,
                                           .roles = {alter.role.name},
                                           .members = alter.options.members,
                                           .admin_option = false,
                                           .granted_by = {},
                                           .of_group = true}));
}

// --- GRANT and REVOKE

Result<Action> GrantRolesOf(const pg_query::GrantRoleStmt& statement, const Positions& positions) {
  GrantRoles grant{.grant = statement.is_grant(),
                   .roles = {},
                   .members = RolesOf(statement.grantee_roles(), positions),
                   .admin_option = statement.admin_opt(),
                   .granted_by = {}};
  for (const pg_query::Node& node : statement.granted_roles()) {
    if (node.access_priv().cols_size() > 0) {
      return Error("42601", "column names cannot be included in GRANT/REVOKE ROLE");
    }
    grant.roles.push_back(node.access_priv().priv_name());
  }
  if (statement.has_grantor()) grant.granted_by = RoleOf(statement.grantor(), positions);
  return Action(AccessStatement(std::move(grant)));
}

using On = GrantPrivileges::On;

bool IsRoutine(pg_query::ObjectType kind) {
  return kind == pg_query::OBJECT_FUNCTION || kind == pg_query::OBJECT_PROCEDURE || kind == pg_query::OBJECT_ROUTINE;
}

Result<On> OnWhat(const pg_query::GrantStmt& statement) {
  const auto kind = statement.objtype();
  if (kind == pg_query::OBJECT_TABLE) return On::kTables;
  if (kind == pg_query::OBJECT_SEQUENCE) return On::kSequences;
  if (IsRoutine(kind)) return On::kRoutines;
  if (kind == pg_query::OBJECT_TYPE || kind == pg_query::OBJECT_DOMAIN) return On::kTypes;
  if (kind == pg_query::OBJECT_DATABASE) return On::kDatabases;
  if (kind == pg_query::OBJECT_SCHEMA) return On::kSchemas;
  if (kind == pg_query::OBJECT_LANGUAGE) return On::kLanguages;
  if (kind == pg_query::OBJECT_PARAMETER_ACL) return On::kParameters;
  if (kind == pg_query::OBJECT_FOREIGN_SERVER) return On::kServers;
  if (kind == pg_query::OBJECT_FDW) return On::kWrappers;
  if (kind == pg_query::OBJECT_TABLESPACE) return On::kTablespaces;
  const pg_query::Node& first = statement.objects(0);  // a large object, of which there are none
  const std::string number = first.has_integer() ? std::to_string(first.integer().ival()) : first.float_().fval();
  return Error("42704", fmt::format("large object {} does not exist", number));
}

GrantPrivileges::Which WhichOf(const pg_query::GrantStmt& statement) {
  if (statement.targtype() == pg_query::ACL_TARGET_DEFAULTS) return GrantPrivileges::Which::kNew;
  const bool all = statement.targtype() == pg_query::ACL_TARGET_ALL_IN_SCHEMA;
  return all ? GrantPrivileges::Which::kAllInSchemas : GrantPrivileges::Which::kNamed;
}

RoutineKind RoutineKindOf(pg_query::ObjectType kind) {
  if (kind == pg_query::OBJECT_PROCEDURE) return RoutineKind::kProcedure;
  return kind == pg_query::OBJECT_FUNCTION ? RoutineKind::kFunction : RoutineKind::kRoutine;
}

Status ReadObject(const pg_query::Node& node, const Positions& positions, GrantPrivileges* grant) {
  if (node.has_range_var()) {
    grant->tables.push_back(NamedRelation(node.range_var(), positions));
  } else if (node.has_object_with_args()) {
    WEIR_ASSIGN_OR_RETURN(grant->routines.emplace_back(), FunctionIn(node.object_with_args()));
  } else if (node.has_list()) {  // the parts of a type's name
    QualifiedName& type = grant->tables.emplace_back();
    for (const pg_query::Node& part : node.list().items()) {
      type.schema = std::exchange(type.name, part.string().sval());
    }
  } else {
    grant->names.push_back(node.string().sval());
  }
  return Status::OK();
}

Result<GrantPrivileges> GrantOf(const pg_query::GrantStmt& statement, const Positions& positions) {
  GrantPrivileges grant;
  grant.grant = statement.is_grant();
  WEIR_ASSIGN_OR_RETURN(grant.on, OnWhat(statement));
  grant.which = WhichOf(statement);
  grant.routine = RoutineKindOf(statement.objtype());
  grant.domains = statement.objtype() == pg_query::OBJECT_DOMAIN;
  for (const pg_query::Node& node : statement.privileges()) {
    PrivilegeClause& privilege = grant.privileges.emplace_back();
    privilege.word = node.access_priv().priv_name();
    for (const pg_query::Node& column : node.access_priv().cols()) privilege.columns.push_back(column.string().sval());
  }
  for (const pg_query::Node& node : statement.objects()) WEIR_RETURN_NOT_OK(ReadObject(node, positions, &grant));
  grant.grantees = RolesOf(statement.grantees(), positions);
  grant.grant_option = statement.grant_option();
  grant.cascade = statement.behavior() == pg_query::DROP_CASCADE;
  if (statement.has_grantor()) grant.granted_by = RoleOf(statement.grantor(), positions);
  return grant;
}

Result<Action> DefaultsOf(const pg_query::AlterDefaultPrivilegesStmt& statement, const Positions& positions) {
  WEIR_ASSIGN_OR_RETURN(GrantPrivileges grant, GrantOf(statement.action(), positions));
  for (const pg_query::Node& node : statement.options()) {
    const pg_query::DefElem& option = node.def_elem();
    const auto& items = option.arg().list().items();
    if (option.defname() == "roles") grant.for_roles = RolesOf(items, positions);
    if (option.defname() != "schemas") continue;
    for (const pg_query::Node& schema : items) grant.names.push_back(schema.string().sval());
  }
  if (grant.on == On::kSchemas && !grant.names.empty()) {
    return Error("0LP01", "cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS");
  }
  return Action(AccessStatement(std::move(grant)));
}

// --- owners

const char* CommandOf(const pg_query::AlterTableStmt& statement) {
  const auto kind = statement.objtype();
  if (kind == pg_query::OBJECT_SEQUENCE) return "ALTER SEQUENCE";
  if (kind == pg_query::OBJECT_VIEW) return "ALTER VIEW";
  return kind == pg_query::OBJECT_MATVIEW ? "ALTER MATERIALIZED VIEW" : "ALTER TABLE";
}

Result<Action> OwnerOfTable(const pg_query::AlterTableStmt& statement, const Positions& positions) {
  const auto& command = statement.cmds(0).alter_table_cmd();
  return Action(AccessStatement(ChangeOwner{.of = ChangeOwner::Of::kTable,
                                            .table = {NamedRelation(statement.relation(), positions)},
                                            .name = {},
                                            .if_exists = statement.missing_ok(),
                                            .owner = RoleOf(command.newowner(), positions),
                                            .command = CommandOf(statement),
                                            .of_sequence = statement.objtype() == pg_query::OBJECT_SEQUENCE}));
}

Result<Action> OwnerOf(const pg_query::AlterOwnerStmt& statement, const Positions& positions) {
  const bool database = statement.object_type() == pg_query::OBJECT_DATABASE;
  return Action(AccessStatement(ChangeOwner{.of = database ? ChangeOwner::Of::kDatabase : ChangeOwner::Of::kSchema,
                                            .table = {},
                                            .name = statement.object().string().sval(),
                                            .if_exists = false,
                                            .owner = RoleOf(statement.newowner(), positions)}));
}

/// CREATE USER IF NOT EXISTS (KWDB).
bool SaysIfNotExists(const StatementSource& statement) {
  Cursor cursor(statement);
  return cursor.Try("create") && (cursor.Try("user") || cursor.Try("role")) && cursor.IsAt({"if", "not", "exists"});
}

}  // namespace

RoleName ParseRoleName(Cursor& cursor) {
  RoleName role{.position = cursor.Position()};
  const Token& word = cursor.Next();
  if (word.Is("current_user") || word.Is("current_role")) role.kind = RoleName::Kind::kCurrentUser;
  else if (word.Is("session_user")) role.kind = RoleName::Kind::kSessionUser;
  else role.name = NameOf(word);
  return role;
}

bool IsAccessStatement(const StatementSource& statement) {
  const Cursor cursor(statement);
  if (cursor.IsAt({"grant"}) || cursor.IsAt({"revoke"}) || cursor.IsAt({"reassign"})) return true;
  if (cursor.IsAt({"alter", "default", "privileges"}) || cursor.IsAt({"drop", "owned"})) return true;
  const Token& verb = cursor.Peek();
  const Token& kind = cursor.Peek(1);
  const bool of_roles = kind.Is("role") || kind.Is("group") || (kind.Is("user") && !cursor.Peek(2).Is("mapping"));
  if (of_roles && (verb.Is("create") || verb.Is("alter") || verb.Is("drop"))) return true;
  const bool owned = kind.Is("table") || kind.Is("view") || kind.Is("materialized") || kind.Is("database") ||
                     kind.Is("schema") || kind.Is("sequence");
  const size_t size = statement.tokens.size();
  return verb.Is("alter") && owned && size > 4 && statement.tokens[size - 3].Is("owner") &&
         statement.tokens[size - 2].Is("to");
}

Result<Action> ParseAccessStatement(const StatementSource& statement) {
  BlankedText text(statement);
  const bool if_not_exists = SaysIfNotExists(statement);
  if (if_not_exists) text.Blank(statement.tokens.subspan(2, 3));
  WEIR_ASSIGN_OR_RETURN(const ParseTree tree, ParseTree::Of(*statement.source, statement.begin(), text.text()));
  const pg_query::Node& node = tree.statement(0).stmt();
  const Positions positions(statement);
  if (node.has_create_role_stmt()) return CreateRoleOf(node.create_role_stmt(), if_not_exists, positions);
  if (node.has_alter_role_stmt()) return AlterRoleOf(node.alter_role_stmt(), positions);
  if (node.has_grant_role_stmt()) return GrantRolesOf(node.grant_role_stmt(), positions);
  if (node.has_alter_default_privileges_stmt()) return DefaultsOf(node.alter_default_privileges_stmt(), positions);
  if (node.has_alter_owner_stmt()) return OwnerOf(node.alter_owner_stmt(), positions);
  if (node.has_grant_stmt()) {
    WEIR_ASSIGN_OR_RETURN(GrantPrivileges grant, GrantOf(node.grant_stmt(), positions));
    return Action(AccessStatement(std::move(grant)));
  }
  if (node.has_drop_role_stmt()) {
    return Action(AccessStatement(DropRoles{RolesOf(node.drop_role_stmt().roles(), positions),
                                            node.drop_role_stmt().missing_ok()}));
  }
  if (node.has_rename_stmt() && node.rename_stmt().rename_type() == pg_query::OBJECT_ROLE) {
    return Action(AccessStatement(RenameRole{node.rename_stmt().subname(), node.rename_stmt().newname()}));
  }
  if (node.has_drop_owned_stmt()) {
    const pg_query::DropOwnedStmt& drop = node.drop_owned_stmt();
    const bool cascade = drop.behavior() == pg_query::DROP_CASCADE;
    return Action(AccessStatement(DropOwned{RolesOf(drop.roles(), positions), cascade}));
  }
  if (node.has_reassign_owned_stmt()) {
    return Action(AccessStatement(ReassignOwned{RolesOf(node.reassign_owned_stmt().roles(), positions),
                                                RoleOf(node.reassign_owned_stmt().newrole(), positions)}));
  }
  const bool owner = node.has_alter_table_stmt() && node.alter_table_stmt().cmds_size() == 1 &&
                     node.alter_table_stmt().cmds(0).alter_table_cmd().subtype() == pg_query::AT_ChangeOwner;
  if (owner) return OwnerOfTable(node.alter_table_stmt(), positions);
  return Action(UnsupportedStatement(statement));
}

}  // namespace weir::sql::dialect
