#include "cli/json_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "cli/text.h"

namespace weir {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMaxDepth = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Finds values in a text that is valid JSON.
class JsonPlaces {
 public:
  explicit JsonPlaces(std::string_view text) : text_(text) { SkipBlanks(); }

  /// Moves from an object to the value of its field.
  void Enter(const std::string& name) {
    ++at_;
    while (true) {
      SkipBlanks();
      const size_t start = at_;
      SkipString();
      const bool found = Json::parse(text_.substr(start, at_ - start)) == name;
      SkipBlanks();
      ++at_;  // the colon
      SkipBlanks();
      if (found) return;
      SkipValue();
      SkipBlanks();
      ++at_;  // the comma
    }
  }

  /// Moves from an array to one of its items.
  void Enter(size_t place) {
    ++at_;
    for (size_t i = 0; i < place; ++i) {
      SkipBlanks();
      SkipValue();
      SkipBlanks();
      ++at_;
    }
    SkipBlanks();
  }

  int64_t line() const { return 1 + std::count(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(at_), '\n'); }

 private:
  void SkipBlanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  void SkipString() {
    for (++at_; text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    ++at_;
  }

  void SkipValue() {
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (depth == 0 && (c == ',' || c == ']' || c == '}')) return;
      if (c == '"') {
        SkipString();
        continue;
      }
      if (c == '[' || c == '{') ++depth;
      if (c == ']' || c == '}') --depth;
      ++at_;
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

Status InvalidFile(const std::string& file, const std::string& problem) {
  return Status::Invalid(file + ": " + problem);
}

/// nlohmann's text without the name of its exception.
std::string ProblemOf(const Json::parse_error& error) {
  const std::string what = error.what();
  const size_t start = what.find("parse error");
  return start == std::string::npos ? what : what.substr(start);
}

}  // namespace

Result<JsonField> JsonField::Open(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(std::string text, ReadFileOrInput(path));
  return Parse(std::move(text), path == "-" ? "standard input" : path);
}

Result<JsonField> JsonField::Parse(std::string text, std::string file) {
  std::vector<std::set<std::string>> names;  // of the objects that are being read
  std::string repeated;
  bool is_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    is_deep = is_deep || depth > kMaxDepth;
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key && !names.back().insert(parsed.get<std::string>()).second) {
      repeated = parsed.get<std::string>();
    }
    return true;
  };
  auto source = std::make_shared<Source>();
  source->file = std::move(file);
  source->text = text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : std::move(text);
  try {
    source->json = Json::parse(source->text, watch);
  } catch (const Json::parse_error& error) {
    return InvalidFile(source->file, ProblemOf(error));
  }
  if (is_deep) return InvalidFile(source->file, "is nested too deeply");
  if (!repeated.empty()) {
    return InvalidFile(source->file, fmt::format("the field \"{}\" comes twice in one object", repeated));
  }
  const Json* whole = &source->json;
  return JsonField(std::move(source), whole, {});
}

Status JsonField::Error(const std::string& message) const {
  JsonPlaces place(source_->text);
  std::string path;
  for (const Step& step : path_) {
    std::visit([&](const auto& to) { place.Enter(to); }, step);
    if (const auto* name = std::get_if<std::string>(&step)) {
      path += (path.empty() ? "" : ".") + *name;
    } else {
      path += fmt::format("[{}]", std::get<size_t>(step));
    }
  }
  return InvalidFile(fmt::format("{}:{}", source_->file, place.line()), path.empty() ? message : path + ": " + message);
}

Status JsonField::CheckFields(std::initializer_list<std::string_view> names) const {
  if (!json_->is_object()) return Error("is to be an object");
  for (const auto& [name, value] : json_->items()) {
    if (std::ranges::find(names, name) == names.end()) {
      return Below(name, &value).Error(fmt::format("there is no such field; it may have {}", fmt::join(names, ", ")));
    }
  }
  return Status::OK();
}

std::optional<JsonField> JsonField::Find(const std::string& name) const {
  const auto found = json_->find(name);
  if (found == json_->end()) return std::nullopt;
  return Below(name, &*found);
}

Result<JsonField> JsonField::Get(const std::string& name) const {
  const std::optional<JsonField> field = Find(name);
  if (!field) return Error(fmt::format("the field \"{}\" is missing", name));
  return *field;
}

Result<std::vector<JsonField>> JsonField::Items() const {
  if (!json_->is_array()) return Error("is to be an array");
  std::vector<JsonField> items;
  for (size_t i = 0; i < json_->size(); ++i) items.push_back(Below(i, &(*json_)[i]));
  return items;
}

Result<std::vector<JsonField>> JsonField::ItemsOf(const std::string& name) const {
  const std::optional<JsonField> field = Find(name);
  if (!field) return std::vector<JsonField>();
  return field->Items();
}

Result<std::string> JsonField::Text() const {
  if (!json_->is_string()) return Error("is to be a text");
  return json_->get<std::string>();
}

Result<int64_t> JsonField::Integer(int64_t least, int64_t most) const {
  const bool fits = json_->is_number_integer() && (!json_->is_number_unsigned() || json_->get<uint64_t>() <= INT64_MAX);
  if (!fits || json_->get<int64_t>() < least || json_->get<int64_t>() > most) {
    return Error(fmt::format("is to be a whole number from {} to {}", least, most));
  }
  return json_->get<int64_t>();
}

JsonField JsonField::Below(Step step, const Json* json) const {
  std::vector<Step> path = path_;
  path.push_back(std::move(step));
  return {source_, json, std::move(path)};
}

}  // namespace weir
