#include "access/records.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "postgres/error.h"

namespace weir::access {
namespace {

using Json = nlohmann::json;

constexpr const char* kRole = "role";
constexpr const char* kMember = "member";
constexpr const char* kObject = "object";
constexpr const char* kDefault = "default";
constexpr const char* kSettings = "settings";
constexpr const char* kFlussAcl = "fluss acl";
constexpr const char* kNextRole = "next role";

constexpr std::array kKinds = {ObjectKind::kTable,     ObjectKind::kDatabase, ObjectKind::kSchema,
                               ObjectKind::kSequence,  ObjectKind::kFunction, ObjectKind::kType,
                               ObjectKind::kLanguage,  ObjectKind::kParameter, ObjectKind::kServer,
                               ObjectKind::kWrapper,   ObjectKind::kTablespace};

ObjectKind KindNamed(const std::string& name) {
  for (const ObjectKind kind : kKinds) {
    if (name == NameOf(kind)) return kind;
  }
  throw std::invalid_argument("unknown kind of object: " + name);
}

Json ToJson(const Acl& acl) {
  Json json = Json::array();
  for (const AclItem& item : acl) json.push_back({item.grantee, item.grantor, item.privileges, item.grantable});
  return json;
}

Acl AclFrom(const Json& json) {
  Acl acl;
  for (const Json& item : json) {
    acl.push_back({item.at(0).get<RoleId>(), item.at(1).get<RoleId>(), item.at(2).get<Privileges>(),
                   item.at(3).get<Privileges>()});
  }
  return acl;
}

Json ToJson(const Role& role) {
  Json json = {{"name", role.name},          {"superuser", role.superuser}, {"inherit", role.inherit},
               {"createrole", role.create_role}, {"createdb", role.create_db},  {"login", role.login},
               {"replication", role.replication}, {"bypassrls", role.bypass_rls}};
  if (!role.verifier.empty()) json["verifier"] = role.verifier;
  if (role.valid_until) json["valid_until"] = *role.valid_until;
  if (role.connection_limit != -1) json["connlimit"] = role.connection_limit;
  return json;
}

Role RoleFrom(RoleId id, const Json& json) {
  Role role{.id = id, .name = json.at("name").get<std::string>()};
  role.superuser = json.at("superuser").get<bool>();
  role.inherit = json.at("inherit").get<bool>();
  role.create_role = json.at("createrole").get<bool>();
  role.create_db = json.at("createdb").get<bool>();
  role.login = json.at("login").get<bool>();
  role.replication = json.at("replication").get<bool>();
  role.bypass_rls = json.at("bypassrls").get<bool>();
  role.verifier = json.value("verifier", "");
  role.connection_limit = json.value("connlimit", -1);
  if (json.contains("valid_until")) role.valid_until = json["valid_until"].get<int64_t>();
  return role;
}

Json ToJson(const Object& object) {
  Json json = Json::object();
  if (object.owner) json["owner"] = *object.owner;
  if (object.acl) json["acl"] = ToJson(*object.acl);
  for (const auto& [name, acl] : object.columns) json["columns"][name] = ToJson(acl);
  return json;
}

Object ObjectFrom(const Json& json) {
  Object object;
  if (json.contains("owner")) object.owner = json["owner"].get<RoleId>();
  if (json.contains("acl")) object.acl = AclFrom(json["acl"]);
  if (json.contains("columns")) {
    for (const auto& [name, acl] : json["columns"].items()) object.columns[name] = AclFrom(acl);
  }
  return object;
}

Json ToJson(const FlussAcl& acl) {
  return Json::array({acl.resource_type, acl.resource_name, acl.principal_type, acl.principal_name, acl.host,
                      acl.operation, acl.permission});
}

FlussAcl FlussAclFrom(const Json& json) {
  return {json.at(0).get<int32_t>(),     json.at(1).get<std::string>(), json.at(2).get<std::string>(),
          json.at(3).get<std::string>(), json.at(4).get<std::string>(), json.at(5).get<int32_t>(),
          json.at(6).get<int32_t>()};
}

void Read(const std::string& kind, const Json& key, const Json& value, State* state) {
  if (kind == kRole) {
    const auto id = key.get<RoleId>();
    state->roles[id] = RoleFrom(id, value);
  } else if (kind == kMember) {
    const std::pair pair(key.at(0).get<RoleId>(), key.at(1).get<RoleId>());
    if (value.is_null()) {
      state->memberships.erase(pair);
    } else {
      state->memberships[pair] = {.grantor = value.at("grantor").get<RoleId>(), .admin = value.at("admin").get<bool>()};
    }
  } else if (kind == kObject) {
    const ObjectKey object{KindNamed(key.at(0).get<std::string>()), key.at(1).get<int64_t>(),
                           key.at(2).get<std::string>()};
    state->objects[object] = ObjectFrom(value);
  } else if (kind == kDefault) {
    const DefaultKey of{key.at(0).get<RoleId>(), key.at(1).get<std::string>(), KindNamed(key.at(2).get<std::string>())};
    state->defaults[of] = AclFrom(value);
  } else if (kind == kSettings) {
    state->settings[{key.at(0).get<std::string>(), key.at(1).get<RoleId>()}] = value.get<SessionSettings>();
  } else if (kind == kFlussAcl) {
    state->fluss_acls.insert(FlussAclFrom(key));
  } else if (kind == kNextRole) {
    state->next_role = value.get<RoleId>();
  }
}

}  // namespace

Records ToRecords(const State& state) {
  static const State built_in = State::BuiltIn();
  Records records;
  for (const auto& [id, role] : state.roles) {
    const Role* as_made = built_in.Find(id);
    if (as_made == nullptr || *as_made != role) records[{kRole, Json(id).dump()}] = ToJson(role).dump();
  }
  const auto member_key = [](const auto& pair) {
    return Records::key_type(kMember, Json::array({pair.first, pair.second}).dump());
  };
  for (const auto& [pair, membership] : state.memberships) {
    const auto as_made = built_in.memberships.find(pair);
    if (as_made != built_in.memberships.end() && as_made->second == membership) continue;
    records[member_key(pair)] = Json({{"grantor", membership.grantor}, {"admin", membership.admin}}).dump();
  }
  for (const auto& [pair, membership] : built_in.memberships) {
    if (!state.memberships.contains(pair)) records[member_key(pair)] = "null";
  }
  for (const auto& [key, object] : state.objects) {
    if (object == Object()) continue;
    records[{kObject, Json::array({NameOf(key.kind), key.table, key.name}).dump()}] = ToJson(object).dump();
  }
  for (const auto& [key, acl] : state.defaults) {
    records[{kDefault, Json::array({key.role, key.schema, NameOf(key.kind)}).dump()}] = ToJson(acl).dump();
  }
  for (const auto& [key, settings] : state.settings) {
    records[{kSettings, Json::array({key.database, key.role}).dump()}] = Json(settings).dump();
  }
  for (const FlussAcl& acl : state.fluss_acls) records[{kFlussAcl, ToJson(acl).dump()}] = "{}";
  if (state.next_role != kFirstRole) records[{kNextRole, "0"}] = Json(state.next_role).dump();
  return records;
}

Result<State> FromRecords(const Records& records) {
  State state = State::BuiltIn();
  for (const auto& [name, definition] : records) {
    try {
      Read(name.first, Json::parse(name.second), Json::parse(definition), &state);
    } catch (const std::exception&) {  // what is damaged may hold a verifier
      return postgres::Error("XX001", fmt::format("the {} {} in weir.access is damaged", name.first, name.second));
    }
  }
  return state;
}

}  // namespace weir::access
