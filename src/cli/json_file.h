#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "weir/status.h"

namespace weir {

/// A value in a JSON file that users write, which knows where it stands: errors (code -2) name file, line and field,
/// "cluster.json:14: databases[0].name: is to be a text". Copies are cheap.
class JsonField {
 public:
  using Json = nlohmann::ordered_json;

  /// The whole of the file; "-" is standard input. A key that comes twice in an object is an error.
  static Result<JsonField> Open(const std::string& path);
  /// The same of a text; `file` names it in errors.
  static Result<JsonField> Parse(std::string text, std::string file);

  const Json& json() const { return *json_; }
  /// "cluster.json:14: databases[0].name: " + message
  Status Error(const std::string& message) const;

  /// An error unless it is an object of no other fields than these.
  Status CheckFields(std::initializer_list<std::string_view> names) const;
  /// Of an object: nothing where there is no such field.
  std::optional<JsonField> Find(const std::string& name) const;
  Result<JsonField> Get(const std::string& name) const;
  /// Of an array.
  Result<std::vector<JsonField>> Items() const;
  /// Of a field that may be missing: no items then.
  Result<std::vector<JsonField>> ItemsOf(const std::string& name) const;
  Result<std::string> Text() const;
  Result<int64_t> Integer(int64_t least, int64_t most) const;

 private:
  using Step = std::variant<std::string, size_t>;  // a field's name, an item's place
  struct Source {
    std::string file;
    std::string text;
    Json json;
  };

  JsonField(std::shared_ptr<const Source> source, const Json* json, std::vector<Step> path)
      : source_(std::move(source)), json_(json), path_(std::move(path)) {}
  JsonField Below(Step step, const Json* json) const;

  std::shared_ptr<const Source> source_;
  const Json* json_;
  std::vector<Step> path_;
};

}  // namespace weir
