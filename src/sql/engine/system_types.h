#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::sql {

/// A row of pg_type: one of PostgreSQL's own types, under the OID that clients know.
struct KnownType {
  int64_t oid = 0;
  std::string_view name;      // "int4"
  std::string_view sql_name;  // as format_type shows it: "integer"
  int16_t size = -1;
  char category = 'U';
  int64_t element = 0;
  int64_t array = 0;
  int64_t collation = 0;
};

std::vector<KnownType> AllSystemTypes();
/// Null for an OID that is none of theirs.
const KnownType* FindSystemType(int64_t oid);

/// format_type: "numeric(10,2)". Nothing, where −1 is a modifier, too: the type by its name alone, "character" where −1
/// gives "bpchar".
std::string FormatType(int64_t oid, std::optional<int64_t> modifier);
/// The OID of a type by its name; nothing for an unknown one.
std::optional<int64_t> TypeOid(const std::string& name);

}  // namespace weir::sql
