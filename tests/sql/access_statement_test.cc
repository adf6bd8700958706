#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/dialect/parser.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using testing::ElementsAre;

/// The only statement of a text, which is on who may do what.
template <typename T>
T Access(const std::string& text) {
  const auto statements = Parse(text);
  EXPECT_TRUE(statements.ok()) << text << ": " << statements.status().ToString();
  if (!statements.ok() || statements->size() != 1) return {};
  const auto* access = std::get_if<AccessStatement>(&statements->front().action);
  EXPECT_NE(access, nullptr) << text;
  const T* found = access == nullptr ? nullptr : std::get_if<T>(access);
  EXPECT_NE(found, nullptr) << text;
  return found == nullptr ? T() : *found;
}

std::string StateOf(const std::string& text) { return FieldsOf(Parse(text).status()).sqlstate; }

TEST(AccessStatement, Roles) {
  const auto user = Access<CreateRole>(
      "CREATE USER \"Ann B\" WITH PASSWORD 'x''y' CREATEDB NOINHERIT VALID UNTIL '2030-01-01'");
  EXPECT_EQ(user.name, "Ann B");
  EXPECT_EQ(user.options.password, "x'y");
  EXPECT_EQ(user.options.login, true);
  EXPECT_EQ(user.options.create_db, true);
  EXPECT_EQ(user.options.inherit, false);
  EXPECT_EQ(user.options.superuser, std::nullopt);
  EXPECT_EQ(user.options.valid_until, "2030-01-01");
  const auto role = Access<CreateRole>("CREATE ROLE r IN ROLE a, b ROLE c ADMIN d");
  EXPECT_EQ(role.options.login, std::nullopt);
  EXPECT_EQ(role.options.in_roles.size(), 2u);
  EXPECT_EQ(role.options.members.front().name, "c");
  EXPECT_EQ(role.options.admin_members.front().name, "d");
  EXPECT_TRUE(Access<CreateRole>("CREATE USER IF NOT EXISTS u").if_not_exists);
  EXPECT_EQ(Access<AlterRole>("ALTER ROLE CURRENT_USER PASSWORD NULL").role.kind, RoleName::Kind::kCurrentUser);
  EXPECT_TRUE(Access<AlterRole>("ALTER USER u PASSWORD NULL").options.sets_password);
  EXPECT_EQ(Access<RenameRole>("ALTER ROLE a RENAME TO b").new_name, "b");
  const auto settings = Access<AlterSettings>("ALTER USER a IN DATABASE d SET search_path TO x, \"Y z\"");
  EXPECT_EQ(settings.role->name, "a");
  EXPECT_EQ(settings.database, "d");
  EXPECT_EQ(settings.name + "=" + settings.value.value_or(""), "search_path=x, \"Y z\"");
  EXPECT_EQ(Access<AlterSettings>("ALTER ROLE ALL RESET ALL").role->kind, RoleName::Kind::kEverybody);
  EXPECT_EQ(Access<AlterSettings>("ALTER DATABASE d RESET work_mem").name, "work_mem");
  EXPECT_TRUE(Access<AlterSettings>("ALTER ROLE CURRENT_USER SET work_mem FROM CURRENT").from_current);
  EXPECT_TRUE(Access<DropRoles>("DROP USER IF EXISTS a, b").if_exists);
  EXPECT_EQ(StateOf("CREATE ROLE r CREATEDB NOCREATEDB"), "42601");
  EXPECT_EQ(Access<CreateRole>("CREATE ROLE r CONNECTION LIMIT 5").options.connection_limit, 5);
  EXPECT_EQ(StateOf("CREATE ROLE r CONNECTION LIMIT 5 CONNECTION LIMIT 5"), "42601");
  EXPECT_EQ(Access<DropOwned>("DROP OWNED BY a, CURRENT_USER CASCADE").roles.size(), 2);
  EXPECT_EQ(StateOf("CREATE ROLE"), "42601");
  EXPECT_EQ(StateOf("CREATE ROLE IF NOT EXISTS"), "42601");
}

TEST(AccessStatement, Memberships) {
  const auto grant = Access<GrantRoles>("GRANT a, b TO c, SESSION_USER WITH ADMIN OPTION GRANTED BY d");
  EXPECT_TRUE(grant.grant);
  EXPECT_THAT(grant.roles, ElementsAre("a", "b"));
  EXPECT_EQ(grant.members[1].kind, RoleName::Kind::kSessionUser);
  EXPECT_TRUE(grant.admin_option);
  EXPECT_EQ(grant.granted_by->name, "d");
  const auto revoke = Access<GrantRoles>("REVOKE ADMIN OPTION FOR a FROM b");
  EXPECT_FALSE(revoke.grant);
  EXPECT_TRUE(revoke.admin_option);
}

TEST(AccessStatement, Privileges) {
  const auto grant = Access<GrantPrivileges>("GRANT SELECT, UPDATE (a, b) ON t, d.u TO r, PUBLIC WITH GRANT OPTION");
  EXPECT_EQ(grant.on, GrantPrivileges::On::kTables);
  EXPECT_EQ(grant.privileges[0].word, "select");
  EXPECT_THAT(grant.privileges[1].columns, ElementsAre("a", "b"));
  EXPECT_EQ(grant.tables[1].schema, "d");
  EXPECT_EQ(grant.grantees[1].kind, RoleName::Kind::kEverybody);
  EXPECT_TRUE(grant.grant_option);
  const auto revoke = Access<GrantPrivileges>("REVOKE GRANT OPTION FOR ALL ON ALL TABLES IN SCHEMA s FROM r CASCADE");
  EXPECT_FALSE(revoke.grant);
  EXPECT_TRUE(revoke.privileges.empty());
  EXPECT_EQ(revoke.which, GrantPrivileges::Which::kAllInSchemas);
  EXPECT_THAT(revoke.names, ElementsAre("s"));
  EXPECT_TRUE(revoke.cascade);
  EXPECT_EQ(Access<GrantPrivileges>("GRANT ZONECONFIG ON TABLE t TO r").privileges[0].word, "zoneconfig");
  EXPECT_EQ(Access<GrantPrivileges>("GRANT CREATE ON DATABASE d TO r").on, GrantPrivileges::On::kDatabases);
  const auto defaults =
      Access<GrantPrivileges>("ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA s GRANT SELECT ON TABLES TO b");
  EXPECT_EQ(defaults.which, GrantPrivileges::Which::kNew);
  EXPECT_EQ(defaults.for_roles.front().name, "a");
  EXPECT_THAT(defaults.names, ElementsAre("s"));
  EXPECT_EQ(Access<GrantPrivileges>("GRANT CREATE ON TABLESPACE pg_default TO r").on,
            GrantPrivileges::On::kTablespaces);
  EXPECT_EQ(Access<GrantPrivileges>("GRANT EXECUTE ON FUNCTION f TO r").on, GrantPrivileges::On::kRoutines);
}

TEST(AccessStatement, Owners) {
  const auto table = Access<ChangeOwner>("ALTER TABLE IF EXISTS d.t OWNER TO CURRENT_USER");
  EXPECT_EQ(table.table.front().name, "t");
  EXPECT_TRUE(table.if_exists);
  EXPECT_EQ(table.owner.kind, RoleName::Kind::kCurrentUser);
  EXPECT_EQ(Access<ChangeOwner>("ALTER DATABASE d OWNER TO a").of, ChangeOwner::Of::kDatabase);
  EXPECT_EQ(Access<ChangeOwner>("ALTER SCHEMA s OWNER TO a").name, "s");
  EXPECT_EQ(Access<ReassignOwned>("REASSIGN OWNED BY a, b TO c").owner.name, "c");
}

TEST(AccessStatement, PositionsCountFromTheStatement) {
  const auto statements = Parse("SELECT 1; /* ü */ DROP ROLE a, bé, c");
  ASSERT_TRUE(statements.ok());
  const auto& drop = std::get<DropRoles>(std::get<AccessStatement>((*statements)[1].action));
  EXPECT_EQ(drop.roles[0].position, 11);
  EXPECT_EQ(drop.roles[2].position, 18);
}

}  // namespace
}  // namespace weir::sql
