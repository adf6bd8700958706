#include "sql/engine/system_privileges.h"

#include <array>

#include "sql/access/targets.h"
#include "sql/engine/errors.h"
#include "sql/engine/system_cells.h"

namespace weir::sql {
namespace {

using access::AclItem;
using access::Privilege;
using access::RoleId;

constexpr auto kPrivilegeTables = std::to_array<SystemDefinition>({
    {"weir_privileges",
     "relation oid, number int2, grantor oid, grantee oid, privilege text, grantable bool"},
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
#define MEMBERS                                                                                           \
  "SELECT pg_get_userbyid(m.member) AS grantee, pg_get_userbyid(m.roleid) AS role_name, CASE WHEN "       \
  "m.admin_option THEN 'YES' ELSE 'NO' END AS is_grantable FROM weir.pg_catalog.pg_auth_members m "       \
  "WHERE pg_has_role(m.member, 'USAGE')"

constexpr auto kPrivilegeViews = std::to_array<SystemDefinition>({
    {"table_privileges", ON_TABLES},
    {"role_table_grants", ON_TABLES " AND p.grantee <> 0"},
    {"column_privileges", ON_COLUMNS},
    {"role_column_grants", ON_COLUMNS " AND p.grantee <> 0"},
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

std::unique_ptr<SystemRows> PrivilegeRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = PrivilegeRow;
  static const auto* getters = new cells::Getters<Row>{
      {"relation", [](const Row& r) { return cells::Oid(r.relation); }},
      {"number", [](const Row& r) { return cells::Small(r.number); }},
      {"grantor", [](const Row& r) { return cells::Oid(r.item.grantor); }},
      {"grantee", [](const Row& r) { return cells::Oid(r.item.grantee); }},
      {"privilege", [](const Row& r) { return cells::Text(access::NameOf(r.privilege)); }},
      {"grantable", [](const Row& r) { return cells::Bool(r.grantable); }},
  };
  std::vector<Row> rows;
  for (const RelationPtr& relation : AllRelations(sources)) {
    if (!relation->is_index()) AddGrantsOn(sources, *relation, &rows);
  }
  return std::make_unique<cells::GivenRows<Row>>(std::move(rows), columns, *getters);
}

}  // namespace weir::sql
