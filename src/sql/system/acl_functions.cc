#include <utility>

#include "access/privilege.h"
#include "postgres/oid.h"
#include "sql/duckdb/physical.h"
#include "sql/engine/errors.h"
#include "sql/system/catalog_names.h"
#include "sql/system/system_cells.h"
#include "sql/system/system_scalars.h"

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

Result<AclItem> ReadItemOf(const SystemSources& sources, std::string_view text) {
  const auto role_named = [&](const std::string& name) -> std::optional<RoleId> {
    const access::Role* role = sources.access->Find(name);
    return role == nullptr ? std::nullopt : std::optional(role->id);
  };
  return access::ReadAclItem(text, role_named);
}

AclItem ItemOf(const SystemSources& sources, const Value& text) {
  return ValueOrThrow(ReadItemOf(sources, duckdb::StringValue::Get(text)));
}

/// Those of an aclitem[].
std::vector<AclItem> ItemsOf(const SystemSources& sources, const Value& texts) {
  std::vector<AclItem> items;
  for (const Value& text : duckdb::ListValue::GetChildren(texts)) {
    if (text.IsNull()) Throw(Error("22004", "ACL arrays must not contain null values"));
    items.push_back(ItemOf(sources, text));
  }
  return items;
}

/// What a text is kept as that is cast to aclitem.
Value ReadItem(const SystemSources& sources, const Arguments& arguments) {
  return Value(TextOfItem(sources, ItemOf(sources, arguments[0])));
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
  for (const AclItem& item : ItemsOf(sources, arguments[0])) {
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

/// aclcontains(acl, item): whether one of them is by and for the same roles, and gives all that the item does.
Value AclContains(const SystemSources& sources, const Arguments& arguments) {
  const AclItem sought = ItemOf(sources, arguments[1]);
  const auto has = [&](const AclItem& item) {
    return item.grantee == sought.grantee && item.grantor == sought.grantor &&
           (sought.privileges & ~item.privileges) == 0 && (sought.grantable & ~item.grantable) == 0;
  };
  return cells::Bool(std::ranges::any_of(ItemsOf(sources, arguments[0]), has));
}

template <const char* const& function>
Value NotSupportedAnyMore(const SystemSources&, const Arguments&) {
  Throw(Error("0A000", std::string(function) + " is no longer supported"));
}

constexpr const char* kInsertItem = "aclinsert";
constexpr const char* kRemoveItem = "aclremove";

/// By who is named, not by how: texts of one form are compared.
Value SameItem(const SystemSources&, const Arguments& arguments) { return cells::Bool(arguments[0] == arguments[1]); }

}  // namespace

Result<std::string> AclItemAsKept(const SystemSources& sources, std::string_view text) {
  WEIR_ASSIGN_OR_RETURN(const AclItem item, ReadItemOf(sources, text));
  return TextOfItem(sources, item);
}

std::vector<ScalarSpec> AclScalars() {
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType number = LogicalType::BIGINT;
  const LogicalType items = LogicalType::LIST(text);
  return {
      {"acldefault", {text, number}, items, DefaultAclItems},
      {"aclcontains", {items, text}, LogicalType::BOOLEAN, AclContains},
      {"aclinsert", {items, text}, items, NotSupportedAnyMore<kInsertItem>},
      {"aclremove", {items, text}, items, NotSupportedAnyMore<kRemoveItem>},
      {"aclitemeq", {text, text}, LogicalType::BOOLEAN, SameItem},
      {"weir_aclitem", {text}, text, ReadItem},
      {"aclexplode", {items}, LogicalType::LIST(ExplodedType()), ExplodedAcl},
      {"makeaclitem", {number, number, text, LogicalType::BOOLEAN}, text, MadeAclItem},
  };
}

}  // namespace weir::sql
