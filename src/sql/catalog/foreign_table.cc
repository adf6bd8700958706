#include "sql/catalog/foreign_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sql/error.h"

namespace weir::sql {

std::string WriteServer(const ForeignServer& server) {
  nlohmann::json json = {{"id", server.id}, {"wrapper", server.wrapper}};
  if (!server.type.empty()) json["type"] = server.type;
  if (!server.version.empty()) json["version"] = server.version;
  if (!server.options.empty()) json["options"] = server.options;
  return json.dump();
}

Result<ForeignServer> ReadServer(const std::string& name, std::string_view text) {
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    ForeignServer server;
    server.name = name;
    server.id = json.at("id").get<int64_t>();
    server.wrapper = json.at("wrapper").get<std::string>();
    server.type = json.value("type", "");
    server.version = json.value("version", "");
    server.options = json.value("options", ForeignOptions());
    return server;
  } catch (const nlohmann::json::exception& error) {
    return Error("XX001", fmt::format("the definition of server \"{}\" is damaged: {}", name, error.what()));
  }
}

std::optional<std::string> ForeignTable::Option(std::string_view name) const {
  const auto found = std::ranges::find(options, name, [](const auto& option) { return option.first; });
  return found == options.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace weir::sql
