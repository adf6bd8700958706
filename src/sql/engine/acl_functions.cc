#include "access/privilege.h"
#include "postgres/oid.h"
#include "sql/duckdb/physical.h"
#include "sql/engine/errors.h"
#include "sql/engine/system_cells.h"
#include "sql/engine/system_scalars.h"

namespace weir::sql {
namespace {

using access::AclItem;
using access::Privilege;
using access::RoleId;
using duckdb::LogicalType;
using duckdb::Value;
using Arguments = ScalarSpec::Arguments;

std::string TextOfItem(const SystemSources& sources, const AclItem& item) {
  return access::AclItemText(item, [&](RoleId id) { return sources.access->NameOf(id); });
}

AclItem ItemOf(const SystemSources& sources, const std::string& text) {
  const auto role_named = [&](const std::string& name) -> std::optional<RoleId> {
    const access::Role* role = sources.access->Find(name);
    return role == nullptr ? std::nullopt : std::optional(role->id);
  };
  const auto item = access::ReadAclItem(text, role_named);
  if (!item) Throw(Error("22P02", "malformed aclitem: \"" + text + "\""));
  return *item;
}

/// acldefault(kind, owner)
Value DefaultAclItems(const SystemSources& sources, const Arguments& arguments) {
  const std::string kind = duckdb::StringValue::Get(arguments[0]);
  const auto acl = access::PostgresDefaultAcl(kind.empty() ? '\0' : kind[0], arguments[1].GetValue<int64_t>());
  if (!acl) Throw(Error("XX000", "unrecognized objtype abbreviation: " + kind));
  std::vector<std::string> items;
  for (const AclItem& item : *acl) items.push_back(TextOfItem(sources, item));
  return cells::Texts(items);
}

/// grantor, grantee, privilege_type, is_grantable.
const LogicalType& ExplodedType() {
  static const auto* type = new LogicalType(LogicalType::STRUCT({
      {duck::FieldName(0, {postgres::oid::kOid}), LogicalType::BIGINT},
      {duck::FieldName(1, {postgres::oid::kOid}), LogicalType::BIGINT},
      {duck::FieldName(2, {postgres::oid::kText}), LogicalType::VARCHAR},
      {duck::FieldName(3, {postgres::oid::kBool}), LogicalType::BOOLEAN},
  }));
  return *type;
}

Value ExplodedAcl(const SystemSources& sources, const Arguments& arguments) {
  duckdb::vector<Value> rows;
  for (const Value& text : duckdb::ListValue::GetChildren(arguments[0])) {
    if (text.IsNull()) Throw(Error("22004", "ACL arrays must not contain null values"));
    const AclItem item = ItemOf(sources, duckdb::StringValue::Get(text));
    for (const Privilege privilege : access::EachOf(item.privileges)) {
      rows.push_back(Value::STRUCT(ExplodedType(), {cells::Oid(item.grantor), cells::Oid(item.grantee),
                                                    cells::Text(access::NameOf(privilege)),
                                                    cells::Bool((item.grantable & privilege) != 0)}));
    }
  }
  return Value::LIST(ExplodedType(), std::move(rows));
}

/// makeaclitem(grantee, grantor, privilege, grantable)
Value MadeAclItem(const SystemSources& sources, const Arguments& arguments) {
  const std::string word = duckdb::StringValue::Get(arguments[2]);
  const auto privilege = access::PrivilegeNamed(word);
  if (!privilege) Throw(Error("22023", "unrecognized privilege type: \"" + word + "\""));
  const bool grantable = duckdb::BooleanValue::Get(arguments[3]);
  const AclItem item{arguments[0].GetValue<int64_t>(), arguments[1].GetValue<int64_t>(), *privilege,
                     grantable ? access::Privileges{*privilege} : access::Privileges{0}};
  return Value(TextOfItem(sources, item));
}

}  // namespace

std::vector<ScalarSpec> AclScalars() {
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType number = LogicalType::BIGINT;
  const LogicalType items = LogicalType::LIST(text);
  return {
      {"acldefault", {text, number}, items, DefaultAclItems},
      {"aclexplode", {items}, LogicalType::LIST(ExplodedType()), ExplodedAcl},
      {"makeaclitem", {number, number, text, LogicalType::BOOLEAN}, text, MadeAclItem},
  };
}

}  // namespace weir::sql
