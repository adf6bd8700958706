#include "sql/engine/duckdb_health.h"

#include <gtest/gtest.h>

#include "duckdb/main/valid_checker.hpp"

namespace weir::sql {
namespace {

TEST(DuckDbHealthTest, ADatabaseThatWasGivenUpAnswersAgain) {
  duckdb::DuckDB database(nullptr);
  duckdb::Connection connection(database);
  duckdb::ValidChecker::Invalidate(*database.instance, "an error of its own");
  EXPECT_TRUE(connection.Query("SELECT 1")->HasError());
  StayUsable(*database.instance);
  EXPECT_FALSE(connection.Query("SELECT 1")->HasError());
}

}  // namespace
}  // namespace weir::sql
