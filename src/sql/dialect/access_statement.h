#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/dialect/function_statement.h"
#include "sql/dialect/qualified_name.h"

namespace weir::sql {

/// A role as a statement names it.
struct RoleName {
  enum class Kind { kName, kEverybody, kCurrentUser, kSessionUser };
  Kind kind = Kind::kName;
  std::string name = {};
  int position = 0;  // of the statement's text, in characters from 1; 0: unknown
};

/// The options of CREATE and ALTER ROLE; what is absent stays as it is.
struct RoleOptions {
  std::optional<bool> superuser = {};
  std::optional<bool> inherit = {};
  std::optional<bool> create_role = {};
  std::optional<bool> create_db = {};
  std::optional<bool> login = {};
  std::optional<bool> replication = {};
  std::optional<bool> bypass_rls = {};
  bool sets_password = false;
  std::optional<std::string> password = {};  // absent: PASSWORD NULL
  std::optional<std::string> valid_until = {};
  std::optional<int> connection_limit = {};  // -1: none
  bool says_sysid = false;                   // which has no effect any more
  std::vector<RoleName> in_roles = {};
  std::vector<RoleName> members = {};
  std::vector<RoleName> admin_members = {};
};

struct CreateRole {
  std::string name;
  bool if_not_exists = false;  // KWDB
  RoleOptions options;
};
struct AlterRole {
  RoleName role;
  RoleOptions options;
};
/// ALTER ROLE … and ALTER DATABASE … SET and RESET: what new sessions begin with.
struct AlterSettings {
  std::optional<RoleName> role = {};         // none: of all of them
  std::optional<std::string> database = {};  // none: in all of them
  std::string name = {};                     // of the parameter; empty: RESET ALL
  std::optional<std::string> value = {};     // none: RESET
  bool from_current = false;
};
struct RenameRole {
  std::string name;
  std::string new_name;
};
struct DropRoles {
  std::vector<RoleName> roles;
  bool if_exists = false;
};
/// GRANT and REVOKE of roles.
struct GrantRoles {
  bool grant = true;
  std::vector<std::string> roles;
  std::vector<RoleName> members;
  bool admin_option = false;  // WITH ADMIN OPTION, ADMIN OPTION FOR
  std::optional<RoleName> granted_by;
  bool of_group = false;  // written ALTER GROUP
};

/// A privilege of GRANT and REVOKE; no word: ALL.
struct PrivilegeClause {
  std::string word;
  std::vector<std::string> columns;
};
/// GRANT and REVOKE of privileges.
struct GrantPrivileges {
  enum class On {
    kTables,
    kSequences,
    kRoutines,
    kTypes,
    kDatabases,
    kSchemas,
    kLanguages,
    kParameters,
    kServers,
    kWrappers,
    kTablespaces,
  };
  enum class Which { kNamed, kAllInSchemas, kNew };  // the last: ALTER DEFAULT PRIVILEGES
  bool grant = true;
  On on = On::kTables;
  Which which = Which::kNamed;
  std::vector<PrivilegeClause> privileges;  // none: ALL
  std::vector<QualifiedName> tables;        // or sequences, or types
  bool domains = false;                     // these types are said to be domains
  RoutineKind routine = RoutineKind::kFunction;
  std::vector<FunctionName> routines;
  std::vector<std::string> names;           // of databases, schemas, languages and their like
  std::vector<RoleName> grantees;
  bool grant_option = false;  // WITH GRANT OPTION, GRANT OPTION FOR
  bool cascade = false;
  std::optional<RoleName> granted_by;
  std::vector<RoleName> for_roles;  // kNew; none: the current one
};

/// ALTER … OWNER TO.
struct ChangeOwner {
  enum class Of { kTable, kDatabase, kSchema };
  Of of = Of::kTable;
  std::vector<QualifiedName> table;  // kTable: one
  std::string name;                  // else
  bool if_exists = false;
  RoleName owner;
  const char* command = "ALTER TABLE";  // kTable
  bool of_sequence = false;             // kTable: ALTER SEQUENCE
};
struct ReassignOwned {
  std::vector<RoleName> roles;
  RoleName owner;
};

struct DropOwned {
  std::vector<RoleName> roles;
  bool cascade = false;
};

/// Statements on who may do what.
using AccessStatement = std::variant<CreateRole, AlterRole, AlterSettings, RenameRole, DropRoles, GrantRoles,
                                     GrantPrivileges, ChangeOwner, ReassignOwned, DropOwned>;

}  // namespace weir::sql
