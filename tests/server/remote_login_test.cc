/// Clients of other hosts, as long as nobody has a password: let in where that is wanted, and refused else.
#include <gtest/gtest.h>

#include "postgres/error.h"
#include "server/fluss/login.h"
#include "server/pgwire/login.h"

namespace weir {
namespace {

/// A directory's users as they are when nobody has made any.
class NewDirectory final : public access::Store {
 public:
  access::StatePtr current() const override { return std::make_shared<const access::State>(access::State::BuiltIn()); }
  Status Refresh() override { return Status::OK(); }
  Status Follow(int64_t) override { return Status::OK(); }
  Status Commit(const access::State&, const access::State&, CommitRequest, const Write&) override {
    return Status::OK();
  }
  Status Change(const std::function<Status(access::State*)>&) override { return Status::OK(); }
  Status Close() override { return Status::OK(); }
};

TEST(RemoteLogins, OfFlussClientsNeedAWord) {
  const auto store = std::make_shared<NewDirectory>();
  const Peer here{.local = true};
  const Peer elsewhere{.local = false};
  EXPECT_TRUE(CheckAnonymous({store, false}, here).ok());
  EXPECT_TRUE(CheckAnonymous({store, true}, elsewhere).ok());
  const Status refused = CheckAnonymous({store, false}, elsewhere);
  EXPECT_NE(refused.message().find("start the server with --trust-remote"), std::string::npos) << refused.message();
}

TEST(RemoteLogins, OfSqlClientsNeedAWord) {
  pgwire::LoginPolicy policy;
  policy.access = std::make_shared<NewDirectory>();
  const Status refused = pgwire::LogIn(policy, {}, false, nullptr);
  EXPECT_EQ(postgres::FieldsOf(refused).sqlstate, "28000");
  EXPECT_EQ(postgres::FieldsOf(refused).hint, "Make a user with a password, or start the server with --trust-remote.");
}

}  // namespace
}  // namespace weir
