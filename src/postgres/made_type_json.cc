#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "postgres/error.h"
#include "postgres/made_type.h"

namespace weir::postgres {
namespace {

using Json = nlohmann::json;

constexpr const char* kEnum = "enum";
constexpr const char* kDomain = "domain";
constexpr const char* kComposite = "composite";
constexpr const char* kRange = "range";
constexpr const char* kMultirange = "multirange";
/// A domain over time of more than three digits held three of them once; one that is written without this key does.
constexpr const char* kInMicroseconds = "in_microseconds";
constexpr int32_t kMilliseconds = 3;

void EnumFromJson(const Json& json, MadeType* type) {
  for (const Json& label : json.at("labels")) {
    type->labels.push_back({label.at(0).get<Oid>(), label.at(1).get<double>(), label.at(2).get<std::string>()});
  }
}

void DomainFromJson(const Json& json, MadeType* type) {
  type->kind = TypeKind::kDomain;
  type->base = {json.at("base").at(0).get<Oid>(), json.at("base").at(1).get<int32_t>()};
  if (type->base.oid == oid::kTime && !json.value(kInMicroseconds, false)) {
    if (type->base.modifier < 0 || type->base.modifier > kMilliseconds) type->base.modifier = kMilliseconds;
  }
  type->not_null = json.value("not_null", false);
  if (json.contains("default")) type->default_value = json["default"].get<std::string>();
  for (const Json& check : json.value("checks", Json::array())) {
    type->checks.push_back({check.at("oid").get<Oid>(), check.at("name").get<std::string>(),
                            check.at("text").get<std::string>(), check.value("not_valid", false),
                            check.value("comment", "")});
  }
}

void RangeFromJson(const Json& json, bool multirange, MadeType* type) {
  type->kind = multirange ? TypeKind::kMultirange : TypeKind::kRange;
  type->base = {json.at("base").at(0).get<Oid>(), json.at("base").at(1).get<int32_t>()};
  type->partner = json.at("partner").get<Oid>();
}

void CompositeFromJson(const Json& json, MadeType* type) {
  type->kind = TypeKind::kComposite;
  type->relation = json.at("relation").get<int64_t>();
  for (const Json& attribute : json.at("attributes")) {
    type->attributes.push_back({attribute.at(0).get<std::string>(),
                                {attribute.at(1).get<Oid>(), attribute.at(2).get<int32_t>()}});
  }
}

void CompositeToJson(const MadeType& type, Json* json) {
  (*json)["relation"] = type.relation;
  (*json)["attributes"] = Json::array();
  for (const Attribute& attribute : type.attributes) {
    (*json)["attributes"].push_back(Json::array({attribute.name, attribute.type.oid, attribute.type.modifier}));
  }
}

const char* WordFor(TypeKind kind) {
  if (kind == TypeKind::kComposite) return kComposite;
  if (kind == TypeKind::kRange) return kRange;
  if (kind == TypeKind::kMultirange) return kMultirange;
  return kind == TypeKind::kDomain ? kDomain : kEnum;
}

Json ChecksToJson(const MadeType& type) {
  Json checks = Json::array();
  for (const DomainCheck& check : type.checks) {
    Json json = {{"oid", check.oid}, {"name", check.name}, {"text", check.text}};
    if (check.not_valid) json["not_valid"] = true;
    if (!check.comment.empty()) json["comment"] = check.comment;
    checks.push_back(std::move(json));
  }
  return checks;
}

}  // namespace

std::string WriteMadeType(const MadeType& type) {
  Json json = {{"oid", type.oid},   {"array", type.array}, {"schema", type.schema}, {"name", type.name},
               {"array_name", type.array_name}, {"owner", type.owner}};
  json["kind"] = WordFor(type.kind);
  if (!type.comment.empty()) json["comment"] = type.comment;
  if (type.kind == TypeKind::kEnum) {
    json["labels"] = Json::array();
    for (const EnumLabel& label : type.labels) {
      json["labels"].push_back(Json::array({label.oid, label.order, label.name}));
    }
    return json.dump();
  }
  if (type.kind == TypeKind::kComposite) {
    CompositeToJson(type, &json);
    return json.dump();
  }
  json["base"] = Json::array({type.base.oid, type.base.modifier});
  if (type.partner != 0) {
    json["partner"] = type.partner;
    return json.dump();
  }
  if (type.base.oid == oid::kTime) json[kInMicroseconds] = true;
  if (type.not_null) json["not_null"] = true;
  if (type.default_value) json["default"] = *type.default_value;
  if (!type.checks.empty()) json["checks"] = ChecksToJson(type);
  return json.dump();
}

Result<MadeTypePtr> ReadMadeType(std::string_view text) {
  auto type = std::make_shared<MadeType>();
  try {
    const Json json = Json::parse(text);
    type->oid = json.at("oid").get<Oid>();
    type->array = json.at("array").get<Oid>();
    type->schema = json.at("schema").get<std::string>();
    type->name = json.at("name").get<std::string>();
    type->array_name = json.at("array_name").get<std::string>();
    type->owner = json.at("owner").get<int64_t>();
    type->comment = json.value("comment", "");
    const auto kind = json.at("kind").get<std::string>();
    if (kind == kComposite) CompositeFromJson(json, type.get());
    else if (kind == kRange || kind == kMultirange) RangeFromJson(json, kind == kMultirange, type.get());
    else if (kind == kDomain) DomainFromJson(json, type.get());
    else EnumFromJson(json, type.get());
  } catch (const Json::exception& error) {
    return Error("XX001", fmt::format("a type's definition is damaged: {}", error.what()));
  }
  return MadeTypePtr(std::move(type));
}

}  // namespace weir::postgres
