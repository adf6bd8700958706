#include "sql/catalog/fluss_name.h"

#include <gtest/gtest.h>

#include <string>

#include "model/table_rules.h"

namespace weir::sql {
namespace {

TEST(FlussNameTest, WhatFlussTakesStaysAsItIs) {
  for (const char* name : {"t", "T_1", "a-b", "orders_1_prt_p", "-", "u-e4"}) EXPECT_EQ(FlussNameOf(name), name);
}

TEST(FlussNameTest, OtherNamesAreWrittenInItsAlphabet) {
  EXPECT_EQ(FlussNameOf("tä b"), "-u-t-c3-a4-20b");
  EXPECT_EQ(FlussNameOf("-u-e4"), "-u--2du-2de4");
}

TEST(FlussNameTest, EveryNameComesBack) {
  std::string longest;
  while (longest.size() < 63) longest += '\xff';
  for (const std::string& name :
       {std::string("tä b"), std::string("."), std::string("__x"), std::string("-u-"), longest}) {
    const std::string fluss = FlussNameOf(name);
    EXPECT_TRUE(ValidateTableName(fluss).ok()) << fluss;
    EXPECT_EQ(SqlNameOf(fluss), name);
  }
}

TEST(FlussNameTest, WhatIsNoSuchNameStaysAsItIs) {
  for (const char* name : {"t", "-u-t", "-u--e", "-u--E4", "-u--61", "-u--zz"}) EXPECT_EQ(SqlNameOf(name), name);
}

}  // namespace
}  // namespace weir::sql
