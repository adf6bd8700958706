#include "sql/system/system_privileges.h"

#include <array>

#include "sql/access/targets.h"
#include "sql/dialect/tablespace.h"
#include "sql/engine/errors.h"
#include "sql/system/system_cells.h"
#include "sql/system/system_foreign.h"
#include "sql/system/system_oids.h"

namespace weir::sql {
namespace {

using access::AclItem;
using access::Privilege;
using access::RoleId;

constexpr auto kPrivilegeTables = std::to_array<SystemDefinition>({
    {"weir_privileges",
     "relation oid, number int4, grantor oid, grantee oid, privilege text, grantable bool"},
    {"weir_object_privileges",
     "relation oid, number int4, grantor oid, grantee oid, privilege text, grantable bool"},
    {"pg_parameter_acl", "oid oid, parname text, paracl aclitem[]", 6243},
});

#define OF_PRIVILEGE                                                                                      \
  "FROM weir.pg_catalog.weir_privileges p JOIN weir.pg_catalog.pg_class c ON c.oid = p.relation "         \
  "JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
#define GRANTED                                                                                           \
  "pg_get_userbyid(p.grantor) AS grantor, CASE p.grantee WHEN 0 THEN 'PUBLIC' ELSE "                      \
  "pg_get_userbyid(p.grantee) END AS grantee, current_database() AS table_catalog, n.nspname AS "         \
  "table_schema, c.relname AS table_name"
#define GRANTABLE "CASE WHEN p.grantable THEN 'YES' ELSE 'NO' END AS is_grantable"
#define ON_TABLES                                                                                         \
  "SELECT " GRANTED ", p.privilege AS privilege_type, " GRANTABLE ", CASE p.privilege WHEN 'SELECT' THEN " \
  "'YES' ELSE 'NO' END AS with_hierarchy " OF_PRIVILEGE "WHERE p.number = 0 AND c.relkind IN ('r', 'v', 'p', 'f')"
// What is granted on a table is granted on each of its columns.
#define ON_COLUMNS                                                                                        \
  "SELECT DISTINCT " GRANTED ", a.attname AS column_name, p.privilege AS privilege_type, " GRANTABLE " "  \
  OF_PRIVILEGE "JOIN weir.pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT "      \
  "a.attisdropped AND (p.number = 0 OR p.number = a.attnum) WHERE c.relkind IN ('r', 'v', 'p', 'f') AND "      \
  "p.privilege IN ('INSERT', 'SELECT', 'UPDATE', 'REFERENCES')"
// On what is in pg_proc (1255), pg_type (1247), pg_foreign_server (1417) and pg_foreign_data_wrapper (2328).
#define BY_WHOM                                                                                           \
  "SELECT pg_get_userbyid(p.grantor) AS grantor, CASE p.grantee WHEN 0 THEN 'PUBLIC' ELSE "               \
  "pg_get_userbyid(p.grantee) END AS grantee, "
#define BY_ENABLED " AND (p.grantee <> 0 OR pg_has_role(p.grantor, 'USAGE'))"
#define OF_OBJECT "FROM weir.pg_catalog.weir_object_privileges p "
#define ON_ROUTINES                                                                                       \
  BY_WHOM "current_database() AS specific_catalog, n.nspname AS specific_schema, f.proname || '_' || f.oid AS " \
  "specific_name, current_database() AS routine_catalog, n.nspname AS routine_schema, f.proname AS routine_name, " \
  "p.privilege AS privilege_type, " GRANTABLE " " OF_OBJECT "JOIN weir.pg_catalog.pg_proc f ON f.oid = p.relation " \
  "JOIN weir.pg_catalog.pg_namespace n ON n.oid = f.pronamespace WHERE p.number = 1255"
#define OF_TYPE                                                                                           \
  OF_OBJECT "JOIN weir.pg_catalog.pg_type t ON t.oid = p.relation JOIN weir.pg_catalog.pg_namespace n "   \
  "ON n.oid = t.typnamespace WHERE p.number = 1247 "
#define ON_TYPES                                                                                          \
  BY_WHOM "current_database() AS udt_catalog, n.nspname AS udt_schema, t.typname AS udt_name, "           \
  "'TYPE USAGE' AS privilege_type, " GRANTABLE " " OF_TYPE "AND t.typtype = 'c'"
#define USED(schema, name, type)                                                                          \
  BY_WHOM "current_database() AS object_catalog, " schema " AS object_schema, " name " AS object_name, '" type \
  "' AS object_type, 'USAGE' AS privilege_type, " GRANTABLE " "
#define ON_USED                                                                                           \
  "SELECT * FROM (" USED("n.nspname", "t.typname", "DOMAIN") OF_TYPE "AND t.typtype = 'd' UNION ALL "     \
  USED("''", "w.fdwname", "FOREIGN DATA WRAPPER") OF_OBJECT "JOIN weir.pg_catalog.pg_foreign_data_wrapper w " \
  "ON w.oid = p.relation WHERE p.number = 2328 UNION ALL "                                                \
  USED("''", "s.srvname", "FOREIGN SERVER") OF_OBJECT "JOIN weir.pg_catalog.pg_foreign_server s ON "      \
  "s.oid = p.relation WHERE p.number = 1417 UNION ALL "                                                   \
  USED("n.nspname", "c.relname", "SEQUENCE") OF_PRIVILEGE "WHERE p.number = 0 AND c.relkind = 'S' AND "   \
  "p.privilege = 'USAGE') u"
#define MEMBERS                                                                                           \
  "SELECT pg_get_userbyid(m.member) AS grantee, pg_get_userbyid(m.roleid) AS role_name, CASE WHEN "       \
  "m.admin_option THEN 'YES' ELSE 'NO' END AS is_grantable FROM weir.pg_catalog.pg_auth_members m "       \
  "WHERE pg_has_role(m.member, 'USAGE')"

constexpr auto kPrivilegeViews = std::to_array<SystemDefinition>({
    {"table_privileges", ON_TABLES},
    {"role_table_grants", ON_TABLES " AND p.grantee <> 0"},
    {"column_privileges", ON_COLUMNS},
    {"role_column_grants", ON_COLUMNS " AND p.grantee <> 0"},
    {"routine_privileges", ON_ROUTINES},
    {"role_routine_grants", ON_ROUTINES BY_ENABLED},
    {"udt_privileges", ON_TYPES},
    {"role_udt_grants", ON_TYPES BY_ENABLED},
    {"usage_privileges", ON_USED},
    {"role_usage_grants", ON_USED " WHERE u.grantee <> 'PUBLIC' OR pg_has_role(u.grantor, 'USAGE')"},
    {"enabled_roles", "SELECT rolname AS role_name FROM weir.pg_catalog.weir_roles WHERE pg_has_role(oid, 'USAGE')"},
    {"applicable_roles", MEMBERS},
    {"administrable_role_authorizations", MEMBERS " AND m.admin_option"},
});

struct PrivilegeRow {
  int64_t relation;
  int number;
  AclItem item;
  Privilege privilege;
  bool grantable;
};

/// Grants by or to a role that the session's has the privileges of, and those to everybody.
bool IsSeen(const SystemSources& sources, const AclItem& item) {
  const access::State& state = *sources.access;
  return item.grantee == access::kEverybody || access::HasPrivilegesOf(state, sources.role, item.grantee) ||
         access::HasPrivilegesOf(state, sources.role, item.grantor);
}

void AddGrants(const SystemSources& sources, const access::Acl& acl, int64_t relation, int number, RoleId owner,
               std::vector<PrivilegeRow>* rows) {
  for (const AclItem& item : acl) {
    if (!IsSeen(sources, item)) continue;
    // Who has what the owner has may grant it.
    const bool owns = item.grantee != access::kEverybody &&
                      access::HasPrivilegesOf(*sources.access, item.grantee, owner);
    for (const Privilege privilege : access::EachOf(item.privileges)) {
      rows->push_back({relation, number, item, privilege, owns || (item.grantable & privilege) != 0});
    }
  }
}

void AddGrantsOn(const SystemSources& sources, const Relation& relation, std::vector<PrivilegeRow>* rows) {
  const access::State& state = *sources.access;
  const access::Target target = ValueOrThrow(TargetOf(state, sources.catalog, relation));
  const RoleId owner = target.owner;
  AddGrants(sources, state.AclOf(target), relation.id, 0, owner, rows);
  const auto object = state.objects.find(target.key);
  if (object == state.objects.end()) return;
  for (const auto& [column, acl] : object->second.columns) {
    const int at = relation.ColumnIndex(column);
    if (at >= 0) AddGrants(sources, acl, relation.id, relation.NumberOf(static_cast<size_t>(at)), owner, rows);
  }
}

}  // namespace

std::span<const SystemDefinition> PrivilegeTables() { return kPrivilegeTables; }
std::span<const SystemDefinition> PrivilegeViews() { return kPrivilegeViews; }

namespace {

/// Grants on functions and types that are not PostgreSQL's own, on foreign servers and foreign-data wrappers; numbered
/// by their catalogs.
std::vector<PrivilegeRow> ObjectGrants(const SystemSources& sources) {
  const access::State& state = *sources.access;
  std::vector<PrivilegeRow> rows;
  const auto add = [&](const access::Target& target, int64_t oid, int catalog) {
    AddGrants(sources, state.AclOf(target), oid, catalog, target.owner, &rows);
  };
  for (const std::string& database : ValueOrThrow(sources.catalog.ListDatabases())) {
    for (const RelationPtr& relation : ValueOrThrow(sources.catalog.ListRelations(database))) {
      for (const SqlFunctionPtr& function : relation->functions) {
        add(ValueOrThrow(TargetOfFunction(state, sources.catalog, *function, *relation)), function->id, 1255);
      }
    }
  }
  for (const auto& [oid, type] : *ValueOrThrow(sources.catalog.Types())) add(TargetOfType(*type), oid, 1247);
  for (const ForeignServer& server : AllServers(sources)) {
    const auto target = FindNamed(state, access::ObjectKind::kServer, server.name, ContextOf(sources));
    if (target.ok()) add(*target, server.id, 1417);
  }
  for (const int64_t wrapper : WrapperOids()) {
    const auto target = FindNamed(state, access::ObjectKind::kWrapper, NameOfWrapper(wrapper), ContextOf(sources));
    if (target.ok()) add(*target, wrapper, 2328);
  }
  for (const auto& [oid, name] : {std::pair(kDefaultTablespace, kDefaultTablespaceName),
                                  std::pair(kGlobalTablespace, kGlobalTablespaceName)}) {
    const auto target =
        FindNamed(state, access::ObjectKind::kTablespace, std::string(name), ContextOf(sources));
    if (target.ok()) add(*target, oid, 1213);
  }
  return rows;
}

std::vector<PrivilegeRow> RelationGrants(const SystemSources& sources) {
  std::vector<PrivilegeRow> rows;
  for (const RelationPtr& relation : AllRelations(sources)) {
    if (!relation->is_index()) AddGrantsOn(sources, *relation, &rows);
  }
  return rows;
}

std::unique_ptr<SystemRows> PrivilegeRows(std::vector<PrivilegeRow> rows, const std::vector<SystemColumn>& columns) {
  using Row = PrivilegeRow;
  static const auto* getters = new cells::Getters<Row>{
      {"relation", [](const Row& r) { return cells::Oid(r.relation); }},
      {"number", [](const Row& r) { return cells::Int(r.number); }},
      {"grantor", [](const Row& r) { return cells::Oid(r.item.grantor); }},
      {"grantee", [](const Row& r) { return cells::Oid(r.item.grantee); }},
      {"privilege", [](const Row& r) { return cells::Text(access::NameOf(r.privilege)); }},
      {"grantable", [](const Row& r) { return cells::Bool(r.grantable); }},
  };
  return std::make_unique<cells::GivenRows<Row>>(std::move(rows), columns, *getters);
}

using SettingsRow = std::pair<access::SettingsKey, access::SessionSettings>;

/// What new sessions begin with, as ALTER ROLE and ALTER DATABASE … SET have said it.
std::unique_ptr<SystemRows> SessionSettingRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = SettingsRow;
  static const auto* getters = new cells::Getters<Row>{
      {"setdatabase",
       [](const Row& r) { return cells::Oid(r.first.database.empty() ? 0 : DatabaseOid(r.first.database)); }},
      {"setrole", [](const Row& r) { return cells::Oid(r.first.role); }},
      {"setconfig",
       [](const Row& r) {
         std::vector<std::string> texts;
         for (const auto& [name, value] : r.second) texts.push_back(name + "=" + value);
         return cells::Texts(texts);
       }},
  };
  const auto& settings = sources.access->settings;
  return std::make_unique<cells::GivenRows<Row>>(std::vector<Row>(settings.begin(), settings.end()), columns, *getters);
}

struct ParameterAclRow {
  int64_t oid = 0;
  std::string name;
  duckdb::Value acl;
};

std::unique_ptr<SystemRows> ParameterAclRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = ParameterAclRow;
  static const auto* getters = new cells::Getters<Row>{
      {"oid", [](const Row& r) { return cells::Oid(r.oid); }},
      {"parname", [](const Row& r) { return cells::Text(r.name); }},
      {"paracl", [](const Row& r) { return r.acl; }},
  };
  std::vector<Row> rows;
  for (const auto& [key, object] : sources.access->objects) {
    if (key.kind != access::ObjectKind::kParameter || !object.acl) continue;
    rows.push_back({static_cast<int64_t>(rows.size()) + 1, key.name, AclValue(*sources.access, *object.acl)});
  }
  return std::make_unique<cells::GivenRows<Row>>(std::move(rows), columns, *getters);
}

struct LanguageRow {
  int64_t oid = 0;
  std::string name;
  duckdb::Value acl;
};

std::unique_ptr<SystemRows> LanguageRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = LanguageRow;
  static const auto* getters = new cells::Getters<Row>{
      {"oid", [](const Row& r) { return cells::Oid(r.oid); }},
      {"lanname", [](const Row& r) { return cells::Text(r.name); }},
      {"lanowner", [](const Row&) { return cells::Oid(kOwner); }},
      {"lanpltrusted", [](const Row& r) { return cells::Bool(r.oid != kInternalLanguage); }},
      {"lanacl", [](const Row& r) { return r.acl; }},
  };
  const auto row = [&](int64_t oid, const char* name) {
    return Row{oid, name, SaidAcl(*sources.access, access::ObjectKey::Named(access::ObjectKind::kLanguage, name))};
  };
  std::vector<Row> rows = {row(kInternalLanguage, "internal"), row(kSqlLanguage, kSqlLanguageName)};
  return std::make_unique<cells::GivenRows<Row>>(std::move(rows), columns, *getters);
}

}  // namespace

std::unique_ptr<SystemRows> PrivilegeTableRows(const SystemSources& sources, std::string_view table,
                                               const std::vector<SystemColumn>& columns) {
  if (table == "weir_privileges") return PrivilegeRows(RelationGrants(sources), columns);
  if (table == "weir_object_privileges") return PrivilegeRows(ObjectGrants(sources), columns);
  if (table == "pg_db_role_setting") return SessionSettingRows(sources, columns);
  if (table == "pg_parameter_acl") return ParameterAclRows(sources, columns);
  if (table == "pg_language") return LanguageRows(sources, columns);
  return nullptr;
}

}  // namespace weir::sql
