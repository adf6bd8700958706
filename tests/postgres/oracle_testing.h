#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "postgres/error.h"

namespace weir::postgres {

/// The answers of a real PostgreSQL: files of tests/postgres/oracle, whose ask.py says what is in them.

using OracleLine = std::vector<std::string>;

inline OracleLine SplitOracleLine(std::string_view line) {
  OracleLine fields(1);
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\t') {
      fields.emplace_back();
    } else if (line[i] == '\\' && i + 1 < line.size()) {
      const char c = line[++i];
      fields.back().push_back(c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c);
    } else {
      fields.back().push_back(line[i]);
    }
  }
  return fields;
}

inline std::vector<OracleLine> OracleLines(const std::string& file) {
  std::ifstream in(std::filesystem::path(WEIR_TESTS_FOLDER) / "postgres/oracle" / file);
  std::vector<OracleLine> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(SplitOracleLine(line));
  return lines;
}

/// An error as the files have it: "! SQLSTATE MESSAGE".
inline std::string ErrorText(const Status& status) {
  const ErrorFields fields = FieldsOf(status);
  return fmt::format("! {} {}", fields.sqlstate, fields.message);
}

}  // namespace weir::postgres
