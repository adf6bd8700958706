#include "cli/file_columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

namespace weir {

Result<std::vector<int>> ChooseColumns(const std::string& path, const std::vector<std::string>& names,
                                       const std::vector<std::string>& wanted) {
  std::vector<int> chosen;
  std::vector<std::string> missing;
  for (const std::string& name : wanted) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) missing.push_back(name);
    chosen.push_back(static_cast<int>(found - names.begin()));
  }
  if (!missing.empty()) {
    return Status::Invalid(fmt::format("file '{}' has no column {}; it has {}", path, fmt::join(missing, ", "),
                                       fmt::join(names, ", ")));
  }
  if (wanted.empty()) {
    chosen.resize(names.size());
    std::iota(chosen.begin(), chosen.end(), 0);
  }
  for (const int column : chosen) {
    if (std::ranges::count(names, names[column]) > 1) {
      return Status::Invalid(fmt::format("file '{}' has several columns of the name '{}'", path, names[column]));
    }
  }
  return chosen;
}

}  // namespace weir
