#include "cli/sql_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "cli/text.h"
#include "postgres/catalog_name.h"
#include "postgres/copy/writer.h"
#include "postgres/oid.h"
#include "postgres/type.h"
#include "postgres/value/binary_form.h"
#include "server/pgwire/row_sender.h"

namespace weir {
namespace {

namespace oid = postgres::oid;

using pgwire::RowSender;
using sql::ResultColumn;

void Print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

bool IsNumber(uint32_t oid) {
  const bool integer = postgres::IntegerWidth(oid) > 0 && !postgres::NamesCatalog(oid);
  return integer || oid == oid::kFloat4 || oid == oid::kFloat8 || oid == oid::kNumeric;
}

/// A row's values; nothing for NULL.
using RowTexts = std::vector<std::optional<std::string>>;

RowTexts TextsOf(const RowSender& rows) {
  RowTexts row;
  for (const auto& column : rows.writers()) {
    std::optional<std::string>& cell = row.emplace_back();
    if (!column->IsNull(rows.row())) column->Write(rows.row(), &cell.emplace());
  }
  return row;
}

// --- tables ---

/// In characters.
bool StartsCharacter(char c) { return (c & 0xC0) != 0x80; }

std::string OneLine(std::string text) {
  for (size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2)) text.replace(at, 1, "\\n");
  return text;
}

class TablePrinter {
 public:
  explicit TablePrinter(const std::vector<ResultColumn>& columns) {
    for (const ResultColumn& column : columns) {
      right_.push_back(IsNumber(column.type_oid));
      header_.push_back(OneLine(column.name));
      widths_.push_back(Width(header_.back()));
    }
  }

  void Add(RowTexts row) {
    std::vector<std::string>& cells = rows_.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) {
      cells.push_back(OneLine(std::move(row[i]).value_or("")));
      widths_[i] = std::max(widths_[i], Width(cells.back()));
    }
  }

  std::string Text() const {
    std::string out = Line([&](size_t i) {
      const size_t space = widths_[i] - Width(header_[i]);
      return std::string(space / 2, ' ') + header_[i] + std::string(space - space / 2, ' ');
    });
    for (size_t i = 0; i < widths_.size(); ++i) out += (i > 0 ? "+" : "") + std::string(widths_[i] + 2, '-');
    out += "\n";
    for (const auto& row : rows_) out += Line([&](size_t i) { return Cell(row[i], i); });
    return out + fmt::format("({} row{})\n\n", rows_.size(), rows_.size() == 1 ? "" : "s");
  }

 private:
  std::string Cell(const std::string& text, size_t i) const {
    const std::string space(widths_[i] - Width(text), ' ');
    return right_[i] ? space + text : text + space;
  }

  template <typename CellAt>
  std::string Line(CellAt cell) const {
    std::string line;
    for (size_t i = 0; i < widths_.size(); ++i) line += (i > 0 ? " | " : " ") + cell(i);
    line.resize(line.find_last_not_of(' ') + 1);
    return line + "\n";
  }

  std::vector<bool> right_;
  std::vector<std::string> header_;
  std::vector<size_t> widths_;
  std::vector<std::vector<std::string>> rows_;
};

Status PrintTable(RowSender& rows) {
  TablePrinter printer(rows.columns());
  while (true) {
    WEIR_ASSIGN_OR_RETURN(const bool found, rows.NextRow());
    if (!found) break;
    if (!rows.writers().empty()) printer.Add(TextsOf(rows));
  }
  Print(rows.columns().empty() ? rows.tag() + "\n" : printer.Text());
  return Status::OK();
}

// --- CSV and JSON ---

Status PrintCsv(RowSender& rows) {
  postgres::CopyOptions csv{.format = postgres::CopyOptions::Format::kCsv, .delimiter = ',', .null_text = ""};
  const bool any = !rows.columns().empty();
  if (any) csv.header = postgres::CopyOptions::Header::kPresent;
  std::vector<std::string> names;
  for (const ResultColumn& column : rows.columns()) names.push_back(column.name);
  postgres::CopyWriter writer(std::move(csv), std::move(names));
  std::string line;
  writer.Begin(&line);
  while (true) {
    Print(line);
    line.clear();
    WEIR_ASSIGN_OR_RETURN(const bool found, rows.NextRow());
    if (!found) return Status::OK();
    if (any) writer.Row(rows.writers(), rows.row(), &line);
  }
}

std::string ArrayJson(std::string_view* text, uint32_t element, char delimiter);

/// The value in JSON: numbers, booleans, arrays and json values as they are, others as strings.
std::string JsonOf(const std::optional<std::string>& text, uint32_t oid) {
  if (!text) return "null";
  if (oid == oid::kBool) return *text == "t" ? "true" : "false";
  if (const uint32_t element = postgres::ArrayElement(oid); element != 0 && text->starts_with('{')) {
    std::string_view rest = *text;
    return ArrayJson(&rest, element, postgres::FindType(element)->delimiter);
  }
  const bool finite = text->find_first_of("NI") == std::string::npos;
  const bool literal = oid == oid::kJson || oid == oid::kJsonb || (IsNumber(oid) && finite);
  if (literal && nlohmann::json::accept(*text)) return *text;
  return nlohmann::json(*text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// An element at the start of an array's text, which is taken off it.
std::string ElementJson(std::string_view* text, uint32_t element, char delimiter) {
  const bool quoted = text->starts_with('"');
  if (quoted) text->remove_prefix(1);
  const auto ends = [&](char c) { return quoted ? c == '"' : c == delimiter || c == '}'; };
  std::string value;
  for (; !text->empty() && !ends(text->front()); text->remove_prefix(1)) {
    if (text->front() == '\\' && text->size() > 1) text->remove_prefix(1);
    value += text->front();
  }
  if (quoted && !text->empty()) text->remove_prefix(1);
  return JsonOf(!quoted && value == "NULL" ? std::nullopt : std::optional(value), element);
}

/// The array at the start of the text, "{1,NULL,\"a b\"}", which is taken off it.
std::string ArrayJson(std::string_view* text, uint32_t element, char delimiter) {
  std::string out = "[";
  text->remove_prefix(1);
  while (!text->empty() && text->front() != '}') {
    if (out.size() > 1) out += ", ";
    out += text->starts_with('{') ? ArrayJson(text, element, delimiter) : ElementJson(text, element, delimiter);
    if (text->starts_with(delimiter)) text->remove_prefix(1);
  }
  if (!text->empty()) text->remove_prefix(1);
  return out + "]";
}

Status PrintJson(RowSender& rows) {
  const std::vector<ResultColumn>& columns = rows.columns();
  std::string out = columns.empty() ? "" : "[";
  for (bool first = true;; first = false) {
    WEIR_ASSIGN_OR_RETURN(const bool found, rows.NextRow());
    if (!found) break;
    if (columns.empty()) continue;
    if (!first) out += ",\n ";
    const RowTexts row = TextsOf(rows);
    for (size_t i = 0; i < row.size(); ++i) {
      out += fmt::format("{}{}: {}", i == 0 ? "{" : ", ", JsonOf(columns[i].name, oid::kText),
                         JsonOf(row[i], columns[i].type_oid));
    }
    out += "}";
    Print(std::exchange(out, {}));
  }
  Print(out + (columns.empty() ? "" : "]\n"));
  return Status::OK();
}

/// `text` from its character `begin`, `count` characters at most.
std::string_view Characters(std::string_view text, int64_t begin, int64_t count) {
  const auto byte_of = [&](int64_t character) {
    size_t at = 0;
    for (; at < text.size(); ++at) {
      if (StartsCharacter(text[at]) && character-- == 0) break;
    }
    return at;
  };
  const size_t first = byte_of(begin);
  return text.substr(first, byte_of(begin + count) - first);
}

/// The line that a character (from 1) lies on, with a caret below it. As psql does, of a long line only the 60
/// characters about it.
std::string Pointer(std::string_view text, int position) {
  constexpr int64_t kShown = 60, kShownAfter = 10;
  const size_t at = Characters(text, 0, position - 1).size();
  const size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const size_t start = before == std::string_view::npos ? 0 : before + 1;
  const auto number = std::ranges::count(text.substr(0, start), '\n') + 1;
  const std::string_view line = text.substr(start, text.find('\n', start) - start);
  const auto length = static_cast<int64_t>(CountCharacters(line));
  const auto column = static_cast<int64_t>(CountCharacters(text.substr(start, at - start)));

  const int64_t end = std::min(length, std::max(kShown, column + kShownAfter));
  const int64_t begin = std::max<int64_t>(end - kShown, 0);
  const std::string label = fmt::format("LINE {}: {}", number, begin > 0 ? "..." : "");
  const std::string indent(label.size() + Width(Characters(line, begin, column - begin)), ' ');
  return fmt::format("{}{}{}\n{}^\n", label, Characters(line, begin, end - begin), end < length ? "..." : "", indent);
}

}  // namespace

Status PrintResult(std::unique_ptr<sql::QueryResult> result, sql::Session& session, const std::string& format) {
  RowSender rows(std::move(result), {}, session);
  if (format == "csv") return PrintCsv(rows);
  if (format == "json") return PrintJson(rows);
  return PrintTable(rows);
}

std::string ErrorText(const postgres::ErrorFields& fields, std::string_view text) {
  std::string out = fmt::format("{}:  {}\n", fields.severity, fields.message);
  if (fields.position > 0) out += Pointer(text, fields.position);
  if (!fields.detail.empty()) out += fmt::format("DETAIL:  {}\n", fields.detail);
  if (!fields.hint.empty()) out += fmt::format("HINT:  {}\n", fields.hint);
  if (!fields.context.empty()) out += fmt::format("CONTEXT:  {}\n", fields.context);
  return out;
}

}  // namespace weir
