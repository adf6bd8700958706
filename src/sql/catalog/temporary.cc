#include "sql/catalog/temporary.h"

#include <fmt/format.h>

#include <random>

namespace weir::sql {
namespace {

constexpr const char* kPrefix = "pg_temp_";

}  // namespace

std::string NewTemporaryDatabase() {
  std::random_device random;
  return fmt::format("{}{:08x}{:08x}", kPrefix, random(), random());
}

bool IsTemporary(const std::string& database) { return database.starts_with(kPrefix); }

}  // namespace weir::sql
