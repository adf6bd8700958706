#include "access/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access/privilege.h"
#include "access/records.h"
#include "postgres/error.h"

namespace weir::access {
namespace {

using testing::ElementsAre;

constexpr RoleId kAlice = kFirstRole;
constexpr RoleId kBob = kFirstRole + 1;
constexpr RoleId kTeam = kFirstRole + 2;

State WithRoles() {
  State state = State::BuiltIn();
  state.roles[kAlice] = {.id = kAlice, .name = "alice", .login = true};
  state.roles[kBob] = {.id = kBob, .name = "bob", .login = true};
  state.roles[kTeam] = {.id = kTeam, .name = "the team"};
  state.memberships[{kTeam, kAlice}] = {};
  state.next_role = kTeam + 1;
  return state;
}

const Target kOrders{ObjectKey::Table(1), kWeir, "orders"};

std::string Message(const Status& status) { return postgres::FieldsOf(status).message; }

std::vector<std::string> Texts(const State& state, const Acl& acl) {
  std::vector<std::string> texts;
  for (const AclItem& item : acl) texts.push_back(AclItemText(item, [&](RoleId id) { return state.NameOf(id); }));
  return texts;
}

TEST(Acl, ItemsAreReadAsTheyAreWritten) {
  const State state = WithRoles();
  const auto role_named = [&](const std::string& name) -> std::optional<RoleId> {
    const Role* role = state.Find(name);
    return role == nullptr ? std::nullopt : std::optional(role->id);
  };
  for (const char* text :
       {"weir=arwdDxt/weir", "\"the team\"=r*w/alice", "=Tc/weir", "bob=X*UCsAz/\"the team\"", "=/weir"}) {
    const auto item = ReadAclItem(text, role_named);
    ASSERT_TRUE(item.ok()) << text;
    EXPECT_THAT(Texts(state, {*item}), ElementsAre(text));
  }
  for (const char* text : {"weir=r", "user weir=r/weir", " weir =r/ weir "}) {
    EXPECT_THAT(Texts(state, {*ReadAclItem(text, role_named)}), ElementsAre("weir=r/weir")) << text;
  }
  for (const char* text : {"", "weir", "weir=q/weir", "nobody=r/weir", "weir=r/nobody", "group =r/weir",
                           "weir=r/", "weir=r/weir=r", "\"weir=r/weir", "the team=r/weir"}) {
    EXPECT_FALSE(ReadAclItem(text, role_named).ok()) << text;
  }
}

TEST(Acl, KindsOfObjectsHaveTheDefaultsOfPostgres) {
  const State state = WithRoles();
  EXPECT_THAT(Texts(state, *PostgresDefaultAcl('d', kAlice)), ElementsAre("=Tc/alice", "alice=CTc/alice"));
  EXPECT_THAT(Texts(state, *PostgresDefaultAcl('f', kAlice)), ElementsAre("=X/alice", "alice=X/alice"));
  EXPECT_THAT(Texts(state, *PostgresDefaultAcl('s', kAlice)), ElementsAre("alice=rwU/alice"));
  EXPECT_THAT(Texts(state, *PostgresDefaultAcl('c', kAlice)), ElementsAre());
  EXPECT_FALSE(PostgresDefaultAcl('q', kAlice));
}

TEST(State, MonitorsReadStatistics) {
  State state = WithRoles();
  EXPECT_FALSE(HasPrivilegesOf(state, kBob, kReadAllStats));
  state.memberships[{kMonitor, kBob}] = {};
  EXPECT_TRUE(HasPrivilegesOf(state, kBob, kReadAllStats));
  EXPECT_FALSE(HasPrivilegesOf(state, kBob, kSignalBackend));
}

TEST(State, NobodyMayDoAnythingWithoutAGrantButAdmins) {
  State state = WithRoles();
  EXPECT_EQ(Message(CheckUse(state, kAlice, kOrders, 0, {{kSelect, {"a"}}})), "permission denied for table orders");
  EXPECT_TRUE(CheckUse(state, kWeir, kOrders, kDelete, {{kSelect, {"a"}}}).ok());
  EXPECT_TRUE(CheckUse(state, kRoot, kOrders, kDelete, {}).ok());
  state.memberships[{kAdmin, kBob}] = {};
  EXPECT_TRUE(CheckUse(state, kBob, kOrders, kTruncate, {}).ok());
  state.roles[kBob].inherit = false;
  EXPECT_FALSE(CheckUse(state, kBob, kOrders, kTruncate, {}).ok());
}

TEST(State, GrantsReachMembersWhoInherit) {
  State state = WithRoles();
  Acl acl = DefaultAcl(ObjectKind::kTable, kWeir);
  Grant(&acl, kTeam, kWeir, kSelect, false);
  state.objects[kOrders.key].acl = acl;
  EXPECT_TRUE(CheckUse(state, kAlice, kOrders, 0, {{kSelect, {"a"}}}).ok());
  EXPECT_FALSE(CheckUse(state, kBob, kOrders, 0, {{kSelect, {"a"}}}).ok());
  state.roles[kAlice].inherit = false;
  EXPECT_FALSE(CheckUse(state, kAlice, kOrders, 0, {{kSelect, {"a"}}}).ok());
  EXPECT_THAT(Texts(state, acl), ElementsAre("weir=arwdDxt/weir", "\"the team\"=r/weir"));
}

TEST(State, ColumnsAreGrantedOneByOne) {
  State state = WithRoles();
  Grant(&state.objects[kOrders.key].columns["a"], kBob, kWeir, kSelect | kUpdate, false);
  EXPECT_TRUE(CheckUse(state, kBob, kOrders, 0, {{kSelect, {"a"}}, {kUpdate, {"a"}}}).ok());
  EXPECT_TRUE(CheckUse(state, kBob, kOrders, 0, {{kSelect, {}}}).ok());  // count(*)
  EXPECT_FALSE(CheckUse(state, kBob, kOrders, 0, {{kSelect, {"a", "b"}}}).ok());
  EXPECT_FALSE(CheckUse(state, kBob, kOrders, 0, {{kInsert, {"a"}}}).ok());
  EXPECT_FALSE(CheckUse(state, kAlice, kOrders, 0, {{kSelect, {}}}).ok());
}

TEST(State, OwnersMayDoWhatIsTheirs) {
  const State state = WithRoles();
  const Target own{ObjectKey::Table(2), kTeam, "own"};
  EXPECT_TRUE(CheckOwner(state, kAlice, own).ok());
  EXPECT_EQ(Message(CheckOwner(state, kBob, own)), "must be owner of table own");
}

TEST(State, PostgresRolesForAllData) {
  State state = WithRoles();
  state.memberships[{kReadAllData, kBob}] = {};
  EXPECT_TRUE(CheckUse(state, kBob, kOrders, 0, {{kSelect, {"a"}}}).ok());
  EXPECT_FALSE(CheckUse(state, kBob, kOrders, 0, {{kInsert, {"a"}}}).ok());
}

TEST(Acl, WhatWasGrantedOnGoesWithTheRightToGrantIt) {
  const State state = WithRoles();
  Acl acl = DefaultAcl(ObjectKind::kTable, kWeir);
  Grant(&acl, kAlice, kWeir, kSelect, true);
  Grant(&acl, kBob, kAlice, kSelect, false);
  EXPECT_THAT(Texts(state, acl), ElementsAre("weir=arwdDxt/weir", "alice=r*/weir", "bob=r/alice"));
  const Acl before = acl;
  EXPECT_FALSE(Revoke(&acl, kWeir, kAlice, kWeir, kSelect, true, false));
  EXPECT_EQ(acl, before);
  EXPECT_TRUE(Revoke(&acl, kWeir, kAlice, kWeir, kSelect, true, true));
  EXPECT_THAT(Texts(state, acl), ElementsAre("weir=arwdDxt/weir", "alice=r/weir"));
  EXPECT_TRUE(Revoke(&acl, kWeir, kAlice, kWeir, kSelect, false, false));
  EXPECT_THAT(Texts(state, acl), ElementsAre("weir=arwdDxt/weir"));
}

TEST(Acl, DefaultsArePostgres) {
  const State state = WithRoles();
  EXPECT_THAT(Texts(state, DefaultAcl(ObjectKind::kDatabase, kAlice)), ElementsAre("=Tc/alice", "alice=CTc/alice"));
  EXPECT_THAT(Texts(state, DefaultAcl(ObjectKind::kSchema, kAlice)), ElementsAre("=U/alice", "alice=UC/alice"));
}

TEST(Records, HoldAStateAndNothingOfANewDirectory) {
  EXPECT_TRUE(ToRecords(State::BuiltIn()).empty());
  State state = WithRoles();
  state.roles[kAlice].verifier = "SCRAM-SHA-256$…";
  state.roles[kAlice].valid_until = kForever;
  state.roles[kRoot].verifier = "other";
  state.memberships.erase({kAdmin, kRoot});
  const Acl acl = DefaultAcl(ObjectKind::kTable, kAlice);
  state.objects[kOrders.key] = {.owner = kAlice, .acl = acl, .columns = {{"ä \"", acl}}};
  state.objects[ObjectKey::Database("d")].owner = kBob;
  state.defaults[{kAlice, "s", ObjectKind::kTable}] = {{kBob, kAlice, kSelect, kSelect}};
  state.fluss_acls.insert({4, "d.t", "User", "alice", "*", 3, 2});
  const auto read = FromRecords(ToRecords(state));
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_TRUE(*read == state);
}

TEST(Records, DamageIsNamedAndNotShown) {
  Records records = ToRecords(WithRoles());
  records[{"role", "16384"}] = "{\"verifier\": \"SCRAM-SHA-256$secret";
  const auto read = FromRecords(records);
  EXPECT_EQ(postgres::FieldsOf(read.status()).sqlstate, "XX001");
  EXPECT_EQ(Message(read.status()), "the role 16384 in weir.access is damaged");
}

}  // namespace
}  // namespace weir::access
