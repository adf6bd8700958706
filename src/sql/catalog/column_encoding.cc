#include "sql/catalog/column_encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "sql/catalog/table_options.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using EncodingLists = std::vector<const std::vector<ColumnEncoding>*>;

/// Null: none of the lists names it. Empty: DEFAULT.
const ColumnEncoding* FirstOf(const EncodingLists& lists, const std::string& column) {
  for (const std::vector<ColumnEncoding>* list : lists) {
    const auto said = std::ranges::find(*list, column, &ColumnEncoding::column);
    if (said != list->end()) return &*said;
  }
  return nullptr;
}

}  // namespace

Status CheckEncoding(const std::vector<std::pair<std::string, std::string>>& options) {
  constexpr std::array<std::string_view, 3> kOptions = {"compresstype", "compresslevel", "blocksize"};
  for (const auto& [name, value] : options) {
    if (std::ranges::find(kOptions, name) != kOptions.end()) continue;
    return Error("22023", fmt::format("unrecognized parameter \"{}\"", name));
  }
  return CheckOptions(options);
}

Status CheckEncodings(const std::vector<ColumnEncoding>& clauses, const Relation& relation) {
  std::set<std::string> named;
  for (const ColumnEncoding& clause : clauses) {
    WEIR_RETURN_NOT_OK(CheckEncoding(clause.options));
    if (!named.insert(clause.column).second) {
      const std::string what = clause.column.empty() ? "DEFAULT COLUMN ENCODING is said more than once"
                                                     : fmt::format("column \"{}\" referenced in more than one COLUMN "
                                                                   "ENCODING clause",
                                                                   clause.column);
      return Error("42601", what, {.position = clause.position});
    }
    if (clause.column.empty() || relation.ColumnIndex(clause.column) >= 0) continue;
    return Error("42703", fmt::format("column \"{}\" does not exist", clause.column), {.position = clause.position});
  }
  return Status::OK();
}

std::vector<ColumnEncoding> EncodingsOf(const CreateTable& statement) {
  std::vector<ColumnEncoding> encodings = statement.encodings;
  for (const ColumnDefinition& column : statement.columns) {
    if (!column.encoding.empty()) encodings.push_back({column.name, column.encoding, column.position});
  }
  return encodings;
}

void SetEncodings(const EncodingLists& lists, Relation* relation) {
  const ColumnEncoding* otherwise = FirstOf(lists, "");
  for (SqlColumn& column : relation->columns) {
    const ColumnEncoding* own = FirstOf(lists, column.name);
    const ColumnEncoding* said = own == nullptr ? otherwise : own;
    if (said != nullptr) column.encoding = Properties(said->options.begin(), said->options.end());
  }
}

}  // namespace weir::sql
