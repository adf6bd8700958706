#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sql/dialect/parser.h"
#include "sql/error.h"

namespace weir::sql {

inline std::vector<Statement> MustParse(std::string_view text) {
  auto parsed = Parse(text);
  if (parsed.ok()) return std::move(parsed).operator*();
  ADD_FAILURE() << text << "\n" << parsed.status().message();
  return {};
}

/// The action of a text of one statement.
template <typename T>
T Only(std::string_view text) {
  const std::vector<Statement> statements = MustParse(text);
  EXPECT_EQ(statements.size(), 1u) << text;
  if (statements.size() != 1) return {};
  const T* action = std::get_if<T>(&statements[0].action);
  EXPECT_NE(action, nullptr) << text << " is kind " << statements[0].action.index();
  return action == nullptr ? T{} : *action;
}

inline ErrorFields ErrorOf(std::string_view text) {
  const auto parsed = Parse(text);
  EXPECT_FALSE(parsed.ok()) << text;
  return FieldsOf(parsed.status());
}

struct Mistake {
  std::string text;
  std::string sqlstate;
  std::string message;
  int position = 0;  // 0: none is sent
};

inline void ExpectMistakes(const std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : mistakes) {
    const ErrorFields fields = ErrorOf(mistake.text);
    EXPECT_EQ(fields.sqlstate, mistake.sqlstate) << mistake.text;
    EXPECT_EQ(fields.message, mistake.message) << mistake.text;
    EXPECT_EQ(fields.position, mistake.position) << mistake.text;
  }
}

}  // namespace weir::sql
