#pragma once

#include <cstdint>
#include <string_view>

#include "sql/catalog/fluss_tables.h"

namespace weir::sql {

/// OIDs that PostgreSQL gives to what every database has.
inline constexpr int64_t kCatalogSchema = 11;
inline constexpr int64_t kPublicSchema = 2200;
inline constexpr int64_t kInformationSchema = 13000;
inline constexpr int64_t kOwner = 10;
inline constexpr int64_t kPublicOwner = 6171;
inline constexpr int64_t kInternalLanguage = 12;
inline constexpr int64_t kSqlLanguage = 14;
inline constexpr int64_t kHeap = 2;
inline constexpr int64_t kBtree = 403;
inline constexpr int64_t kDefaultCollation = 100;
inline constexpr int64_t kDefaultTablespace = 1663;
inline constexpr int64_t kGlobalTablespace = 1664;
inline constexpr int64_t kTypesOid = 1247;      // pg_type
inline constexpr int64_t kFunctionsOid = 1255;  // pg_proc
inline constexpr int64_t kRolesOid = 1260;      // pg_authid
inline constexpr int64_t kDatabasesOid = 1262;  // pg_database
inline constexpr int64_t kClassesOid = 1259;  // pg_class itself
inline constexpr int64_t kDefaultsOid = 2604;  // pg_attrdef
inline constexpr int64_t kSchemasOid = 2615;   // pg_namespace
inline constexpr int64_t kServersOid = 1417;   // pg_foreign_server
inline constexpr int64_t kWrappersOid = 2328;  // pg_foreign_data_wrapper
inline constexpr int64_t kExtensionsOid = 3079;

struct SystemCollation {
  int64_t oid;
  std::string_view name;
};
inline constexpr SystemCollation kCollations[] = {{kDefaultCollation, "default"}, {950, "C"}, {951, "POSIX"}};

/// Ids of relations leave the upper half of their ranges free: that is where their primary keys' indexes are.
inline constexpr int64_t kIndexOfSql = int64_t{3} << 30;
inline constexpr int64_t kIndexOfFluss = kIndexOfSql + (int64_t{1} << 29);
inline constexpr int64_t kIndexOfFlussPartition = kFlussPartitionIds + (int64_t{1} << 29);

constexpr int64_t IndexOid(int64_t relation) {
  if (relation >= kFlussPartitionIds) return relation - kFlussPartitionIds + kIndexOfFlussPartition;
  if (relation >= kFlussTableIds) return relation - kFlussTableIds + kIndexOfFluss;
  return relation + kIndexOfSql;
}
/// The relation whose index has the OID; −1 when it is none's.
constexpr int64_t RelationOfIndex(int64_t oid) {
  if (oid >= kIndexOfFluss) return oid - kIndexOfFluss + kFlussTableIds;
  if (oid >= kIndexOfSql) return oid - kIndexOfSql;
  if (oid >= kIndexOfFlussPartition) return oid - kIndexOfFlussPartition + kFlussPartitionIds;
  return -1;
}

/// The rule that makes a relation a view, which has no index.
constexpr int64_t RuleOid(int64_t view) { return IndexOid(view); }

/// The default of a relation's column, by the column's number.
constexpr int64_t DefaultOid(int64_t relation, int64_t number) { return relation << 16 | number; }

/// The n-th constraint of a relation.
constexpr int64_t ConstraintOid(int64_t relation, size_t number) {
  return relation << 8 | static_cast<int64_t>(number & 255);
}

/// A database's, as a database and as a schema: it has no number of its own, so its name is hashed.
constexpr int64_t DatabaseOid(std::string_view name) {
  uint32_t hash = 2166136261u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return (hash & 0x3fffffff) | 0x40000000;
}

}  // namespace weir::sql
