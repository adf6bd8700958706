#include "server/fluss/sql_client.h"

#include <gtest/gtest.h>

#include "format/big_endian.h"

namespace weir {
namespace {

std::string Packet(int32_t length, int32_t number, const std::string& rest = {}) {
  std::string bytes;
  AppendBigEndian(length, &bytes);
  AppendBigEndian(number, &bytes);
  return bytes + rest;
}

constexpr int32_t kSsl = 1234 << 16 | 5679;
constexpr int32_t kGss = 1234 << 16 | 5680;
constexpr int32_t kStartup = 3 << 16;

TEST(SqlClient, IsKnownByItsFirstPacket) {
  EXPECT_EQ(GreetingOf(Packet(8, kSsl)), Greeting::kEncryption);
  EXPECT_EQ(GreetingOf(Packet(8, kGss)), Greeting::kEncryption);
  const std::string parameters("user\0weir\0\0", 11);
  EXPECT_EQ(GreetingOf(Packet(19, kStartup, parameters)), Greeting::kStartup);
  EXPECT_EQ(GreetingOf(Packet(19, kStartup | 2, parameters)), Greeting::kStartup);
}

TEST(SqlClient, IsAwaitedUntilItHasSaidEnough) {
  EXPECT_EQ(GreetingOf(""), Greeting::kUnknown);
  EXPECT_EQ(GreetingOf(Packet(8, kSsl).substr(0, 7)), Greeting::kUnknown);
  EXPECT_EQ(GreetingOf(Packet(19, kStartup, "user")), Greeting::kUnknown);
}

TEST(SqlClient, IsNoClientOfFluss) {
  constexpr int32_t kApiVersions = 1000 << 16;
  EXPECT_EQ(GreetingOf(Packet(30, kApiVersions)), Greeting::kFluss);
  EXPECT_EQ(GreetingOf(Packet(8, kApiVersions)), Greeting::kFluss);
  EXPECT_EQ(GreetingOf(Packet(100 << 20, kApiVersions)), Greeting::kFluss);
  EXPECT_EQ(GreetingOf(Packet(4, 0)), Greeting::kFluss);
  EXPECT_EQ(GreetingOf(Packet(-1, 0)), Greeting::kFluss);
  EXPECT_EQ(GreetingOf(Packet(12, kSsl)), Greeting::kFluss);
}

TEST(SqlClient, IsToldWhereItIs) {
  const std::string told = RefusalOfSqlClient();
  EXPECT_EQ(told.front(), 'E');
  EXPECT_EQ(LoadBigEndian<int32_t>(std::string_view(told).substr(1)), static_cast<int32_t>(told.size()) - 1);
  EXPECT_NE(told.find("this port serves Fluss clients, not SQL"), std::string::npos);
}

}  // namespace
}  // namespace weir
