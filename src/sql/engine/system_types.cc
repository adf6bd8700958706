#include "sql/engine/system_types.h"

#include <algorithm>
#include <array>

#include "postgres/type.h"
#include "sql/catalog/sql_types.h"

namespace weir::sql {
namespace {

constexpr std::array kTypes = {
    KnownType{16, "bool", "boolean", 1, 'B', 0, 1000, 0},
    KnownType{17, "bytea", "bytea", -1, 'U', 0, 1001, 0},
    KnownType{18, "char", "\"char\"", 1, 'Z', 0, 1002, 0},
    KnownType{19, "name", "name", 64, 'S', 18, 1003, 950},
    KnownType{20, "int8", "bigint", 8, 'N', 0, 1016, 0},
    KnownType{21, "int2", "smallint", 2, 'N', 0, 1005, 0},
    KnownType{22, "int2vector", "int2vector", -1, 'A', 21, 1006, 0},
    KnownType{23, "int4", "integer", 4, 'N', 0, 1007, 0},
    KnownType{24, "regproc", "regproc", 4, 'N', 0, 1008, 0},
    KnownType{25, "text", "text", -1, 'S', 0, 1009, 100},
    KnownType{26, "oid", "oid", 4, 'N', 0, 1028, 0},
    KnownType{28, "xid", "xid", 4, 'U', 0, 1011, 0},
    KnownType{29, "cid", "cid", 4, 'U', 0, 1012, 0},
    KnownType{30, "oidvector", "oidvector", -1, 'A', 26, 1013, 0},
    KnownType{114, "json", "json", -1, 'U', 0, 199, 0},
    KnownType{142, "xml", "xml", -1, 'U', 0, 143, 0},
    KnownType{143, "_xml", "xml[]", -1, 'A', 142, 0, 0},
    KnownType{194, "pg_node_tree", "pg_node_tree", -1, 'Z', 0, 0, 100},
    KnownType{199, "_json", "json[]", -1, 'A', 114, 0, 0},
    KnownType{600, "point", "point", 16, 'G', 701, 1017, 0},
    KnownType{650, "cidr", "cidr", -1, 'I', 0, 651, 0},
    KnownType{651, "_cidr", "cidr[]", -1, 'A', 650, 0, 0},
    KnownType{700, "float4", "real", 4, 'N', 0, 1021, 0},
    KnownType{701, "float8", "double precision", 8, 'N', 0, 1022, 0},
    KnownType{774, "macaddr8", "macaddr8", 8, 'U', 0, 775, 0},
    KnownType{775, "_macaddr8", "macaddr8[]", -1, 'A', 774, 0, 0},
    KnownType{790, "money", "money", 8, 'N', 0, 791, 0},
    KnownType{791, "_money", "money[]", -1, 'A', 790, 0, 0},
    KnownType{829, "macaddr", "macaddr", 6, 'U', 0, 1040, 0},
    KnownType{869, "inet", "inet", -1, 'I', 0, 1041, 0},
    KnownType{1000, "_bool", "boolean[]", -1, 'A', 16, 0, 0},
    KnownType{1001, "_bytea", "bytea[]", -1, 'A', 17, 0, 0},
    KnownType{1002, "_char", "\"char\"[]", -1, 'A', 18, 0, 0},
    KnownType{1003, "_name", "name[]", -1, 'A', 19, 0, 950},
    KnownType{1005, "_int2", "smallint[]", -1, 'A', 21, 0, 0},
    KnownType{1007, "_int4", "integer[]", -1, 'A', 23, 0, 0},
    KnownType{1008, "_regproc", "regproc[]", -1, 'A', 24, 0, 0},
    KnownType{1009, "_text", "text[]", -1, 'A', 25, 0, 100},
    KnownType{1011, "_xid", "xid[]", -1, 'A', 28, 0, 0},
    KnownType{1012, "_cid", "cid[]", -1, 'A', 29, 0, 0},
    KnownType{1014, "_bpchar", "character[]", -1, 'A', 1042, 0, 100},
    KnownType{1015, "_varchar", "character varying[]", -1, 'A', 1043, 0, 100},
    KnownType{1016, "_int8", "bigint[]", -1, 'A', 20, 0, 0},
    KnownType{1017, "_point", "point[]", -1, 'A', 600, 0, 0},
    KnownType{1021, "_float4", "real[]", -1, 'A', 700, 0, 0},
    KnownType{1022, "_float8", "double precision[]", -1, 'A', 701, 0, 0},
    KnownType{1028, "_oid", "oid[]", -1, 'A', 26, 0, 0},
    KnownType{1033, "aclitem", "aclitem", 12, 'U', 0, 1034, 0},
    KnownType{1034, "_aclitem", "aclitem[]", -1, 'A', 1033, 0, 0},
    KnownType{1040, "_macaddr", "macaddr[]", -1, 'A', 829, 0, 0},
    KnownType{1041, "_inet", "inet[]", -1, 'A', 869, 0, 0},
    KnownType{1042, "bpchar", "character", -1, 'S', 0, 1014, 100},
    KnownType{1043, "varchar", "character varying", -1, 'S', 0, 1015, 100},
    KnownType{1082, "date", "date", 4, 'D', 0, 1182, 0},
    KnownType{1083, "time", "time without time zone", 8, 'D', 0, 1183, 0},
    KnownType{1114, "timestamp", "timestamp without time zone", 8, 'D', 0, 1115, 0},
    KnownType{1115, "_timestamp", "timestamp without time zone[]", -1, 'A', 1114, 0, 0},
    KnownType{1182, "_date", "date[]", -1, 'A', 1082, 0, 0},
    KnownType{1183, "_time", "time without time zone[]", -1, 'A', 1083, 0, 0},
    KnownType{1184, "timestamptz", "timestamp with time zone", 8, 'D', 0, 1185, 0},
    KnownType{1185, "_timestamptz", "timestamp with time zone[]", -1, 'A', 1184, 0, 0},
    KnownType{1186, "interval", "interval", 16, 'T', 0, 1187, 0},
    KnownType{1187, "_interval", "interval[]", -1, 'A', 1186, 0, 0},
    KnownType{1231, "_numeric", "numeric[]", -1, 'A', 1700, 0, 0},
    KnownType{1266, "timetz", "time with time zone", 12, 'D', 0, 1270, 0},
    KnownType{1270, "_timetz", "time with time zone[]", -1, 'A', 1266, 0, 0},
    KnownType{1560, "bit", "bit", -1, 'V', 0, 1561, 0},
    KnownType{1561, "_bit", "bit[]", -1, 'A', 1560, 0, 0},
    KnownType{1562, "varbit", "bit varying", -1, 'V', 0, 1563, 0},
    KnownType{1563, "_varbit", "bit varying[]", -1, 'A', 1562, 0, 0},
    KnownType{1700, "numeric", "numeric", -1, 'N', 0, 1231, 0},
    KnownType{2205, "regclass", "regclass", 4, 'N', 0, 2210, 0},
    KnownType{2206, "regtype", "regtype", 4, 'N', 0, 2211, 0},
    KnownType{2210, "_regclass", "regclass[]", -1, 'A', 2205, 0, 0},
    KnownType{2211, "_regtype", "regtype[]", -1, 'A', 2206, 0, 0},
    KnownType{2950, "uuid", "uuid", 16, 'U', 0, 2951, 0},
    KnownType{2951, "_uuid", "uuid[]", -1, 'A', 2950, 0, 0},
    KnownType{3614, "tsvector", "tsvector", -1, 'U', 0, 3643, 0},
    KnownType{3643, "_tsvector", "tsvector[]", -1, 'A', 3614, 0, 0},
    KnownType{3802, "jsonb", "jsonb", -1, 'U', 0, 3807, 0},
    KnownType{3807, "_jsonb", "jsonb[]", -1, 'A', 3802, 0, 0},
    KnownType{3904, "int4range", "int4range", -1, 'R', 0, 3905, 0},
    KnownType{3905, "_int4range", "int4range[]", -1, 'A', 3904, 0, 0},
    KnownType{3906, "numrange", "numrange", -1, 'R', 0, 3907, 0},
    KnownType{3907, "_numrange", "numrange[]", -1, 'A', 3906, 0, 0},
    KnownType{3908, "tsrange", "tsrange", -1, 'R', 0, 3909, 0},
    KnownType{3909, "_tsrange", "tsrange[]", -1, 'A', 3908, 0, 0},
    KnownType{3910, "tstzrange", "tstzrange", -1, 'R', 0, 3911, 0},
    KnownType{3911, "_tstzrange", "tstzrange[]", -1, 'A', 3910, 0, 0},
    KnownType{3912, "daterange", "daterange", -1, 'R', 0, 3913, 0},
    KnownType{3913, "_daterange", "daterange[]", -1, 'A', 3912, 0, 0},
    KnownType{3926, "int8range", "int8range", -1, 'R', 0, 3927, 0},
    KnownType{3927, "_int8range", "int8range[]", -1, 'A', 3926, 0, 0},
    KnownType{4089, "regnamespace", "regnamespace", 4, 'N', 0, 4090, 0},
    KnownType{4090, "_regnamespace", "regnamespace[]", -1, 'A', 4089, 0, 0},
    KnownType{4096, "regrole", "regrole", 4, 'N', 0, 4097, 0},
    KnownType{4097, "_regrole", "regrole[]", -1, 'A', 4096, 0, 0},
};

}  // namespace

std::vector<KnownType> AllSystemTypes() { return {kTypes.begin(), kTypes.end()}; }

const KnownType* FindSystemType(int64_t oid) {
  const auto found =
      std::lower_bound(kTypes.begin(), kTypes.end(), oid, [](const KnownType& type, int64_t o) { return type.oid < o; });
  return found != kTypes.end() && found->oid == oid ? &*found : nullptr;
}

std::string FormatType(int64_t oid, std::optional<int64_t> modifier) {
  const KnownType* type = FindSystemType(oid);
  if (type == nullptr) return oid == 0 ? "-" : "???";
  if (type->category == 'A' && type->element != 0) return FormatType(type->element, modifier) + "[]";
  if (!modifier || postgres::FindType(static_cast<postgres::Oid>(oid)) == nullptr) return std::string(type->sql_name);
  return postgres::FormatType({static_cast<postgres::Oid>(oid), static_cast<int32_t>(*modifier)});
}

std::optional<int64_t> TypeOid(const std::string& name) {
  for (const KnownType& type : kTypes) {
    if (type.name == name || type.sql_name == name) return type.oid;
  }
  const auto resolved = ResolveType(name);
  return resolved.ok() ? std::optional<int64_t>(resolved->oid) : std::nullopt;
}

}  // namespace weir::sql
