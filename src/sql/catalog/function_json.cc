#include "sql/catalog/function_json.h"

namespace weir::sql {
namespace {

using FunctionJson = nlohmann::json;

std::string OneLetter(char letter) { return std::string(1, letter); }

FunctionJson ParameterToJson(const SqlFunction::Parameter& parameter) {
  FunctionJson json = {{"type", parameter.type}};
  if (!parameter.name.empty()) json["name"] = parameter.name;
  if (parameter.mode != postgres::ParameterMode::kIn) json["mode"] = OneLetter(static_cast<char>(parameter.mode));
  if (parameter.default_value) json["default"] = *parameter.default_value;
  return json;
}

SqlFunction::Parameter ParameterFromJson(const FunctionJson& json) {
  SqlFunction::Parameter parameter;
  parameter.type = json.at("type").get<std::string>();
  parameter.name = json.value("name", "");
  parameter.mode = static_cast<postgres::ParameterMode>(json.value("mode", std::string("i")).at(0));
  if (json.contains("default")) parameter.default_value = json["default"].get<std::string>();
  return parameter;
}

FunctionJson OneToJson(const SqlFunction& function) {
  FunctionJson json = {{"id", function.id}, {"name", function.name}, {"body", function.body}};
  json["parameters"] = FunctionJson::array();
  for (const SqlFunction::Parameter& parameter : function.parameters) {
    json["parameters"].push_back(ParameterToJson(parameter));
  }
  if (!function.result.empty()) json["result"] = function.result;
  if (!function.result_schema.empty()) json["result_schema"] = function.result_schema;
  if (function.returns_set) json["returns_set"] = true;
  if (function.procedure) json["procedure"] = true;
  if (function.strict) json["strict"] = true;
  if (function.leakproof) json["leakproof"] = true;
  if (function.security_definer) json["security_definer"] = true;
  if (function.search_path) json["search_path"] = *function.search_path;
  if (function.volatility != 'v') json["volatility"] = OneLetter(function.volatility);
  if (function.parallel != 'u') json["parallel"] = OneLetter(function.parallel);
  if (function.cost != 100) json["cost"] = function.cost;
  if (function.rows != 1000) json["rows"] = function.rows;
  if (!function.standard.empty()) json["standard"] = function.standard;
  if (!function.comment.empty()) json["comment"] = function.comment;
  return json;
}

SqlFunction OneFromJson(const FunctionJson& json) {
  SqlFunction function;
  function.id = json.at("id").get<int64_t>();
  function.name = json.at("name").get<std::string>();
  function.body = json.at("body").get<std::string>();
  for (const FunctionJson& parameter : json.at("parameters")) {
    function.parameters.push_back(ParameterFromJson(parameter));
  }
  function.result = json.value("result", "");
  function.result_schema = json.value("result_schema", "");
  function.returns_set = json.value("returns_set", false);
  function.procedure = json.value("procedure", false);
  function.strict = json.value("strict", false);
  function.leakproof = json.value("leakproof", false);
  function.security_definer = json.value("security_definer", false);
  if (json.contains("search_path")) function.search_path = json["search_path"].get<std::string>();
  function.volatility = json.value("volatility", std::string("v")).at(0);
  function.parallel = json.value("parallel", std::string("u")).at(0);
  function.cost = json.value("cost", 100.0);
  function.rows = json.value("rows", 1000.0);
  function.standard = json.value("standard", "");
  function.comment = json.value("comment", "");
  return function;
}

}  // namespace

nlohmann::json FunctionsToJson(const std::vector<SqlFunctionPtr>& functions) {
  FunctionJson json = FunctionJson::array();
  for (const SqlFunctionPtr& function : functions) json.push_back(OneToJson(*function));
  return json;
}

std::vector<SqlFunctionPtr> FunctionsFromJson(const nlohmann::json& json) {
  std::vector<SqlFunctionPtr> functions;
  for (const FunctionJson& one : json) functions.push_back(std::make_shared<const SqlFunction>(OneFromJson(one)));
  return functions;
}

}  // namespace weir::sql
