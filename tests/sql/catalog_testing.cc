#include "tests/sql/catalog_testing.h"

#include <stdlib.h>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <sstream>

#include "client/open_gateway.h"
#include "model/partition.h"
#include "sql/catalog/fluss_tables.h"
#include "sql/catalog/sql_types.h"
#include "sql/dialect/parser.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

std::string Unquoted(std::string_view text) {
  std::string plain;
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    plain += text[i];
    if (text[i] == '\'') ++i;
  }
  return plain;
}

Status BadSyntax(const std::string& type, const std::string& text) {
  return Error("22P02", "invalid input syntax for type " + type + ": \"" + text + "\"");
}

Result<KeyValue> FromNumber(const SqlType& type, double number) {
  switch (type.data_type.id()) {
    case TypeId::kInt:
      if (std::abs(number) > std::numeric_limits<int32_t>::max()) return Error("22003", "integer out of range");
      return KeyValue(static_cast<int64_t>(std::nearbyint(number)));
    case TypeId::kSmallInt:
    case TypeId::kBigInt:
      return KeyValue(static_cast<int64_t>(std::nearbyint(number)));
    case TypeId::kDecimal:
      return KeyValue(static_cast<__int128>(std::llround(number * std::pow(10.0, type.data_type.scale()))));
    case TypeId::kFloat:
    case TypeId::kDouble:
      return KeyValue(number);
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
    case TypeId::kChar:
    case TypeId::kBinary:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow:
      break;
  }
  return Error("42846", "cannot cast");
}

Result<KeyValue> FromText(const SqlType& type, std::string text) {
  switch (type.data_type.id()) {
    case TypeId::kString:
    case TypeId::kChar:
      return KeyValue(std::move(text));
    case TypeId::kBoolean:
      if (text != "true" && text != "false") return BadSyntax(type.name, text);
      return KeyValue(int64_t{text == "true"});
    case TypeId::kDate: {
      auto days = PartitionKeyValue(type.data_type, text);
      if (!days.ok()) return Error("22008", "date/time field value out of range: \"" + text + "\"");
      return days;
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: {
      for (char& c : text) c = c == ' ' || c == ':' ? '-' : c;
      return PartitionKeyValue(type.data_type, text.size() == 10 ? text + "-00-00-00" : text);
    }
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kDecimal:
    case TypeId::kBytes:
    case TypeId::kTime:
    case TypeId::kBinary:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow:
      break;
  }
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') return BadSyntax(type.name, text);
  return FromNumber(type, number);
}

Result<KeyValue> EvaluateOne(const ToEvaluate& value) {
  auto type = ResolveType(value.type);
  if (!type.ok()) return type.status();
  std::string_view text = value.expression;
  text = text.substr(0, text.find(" COLLATE"));
  if (text == "NULL" || text == "null") return KeyValue();
  if (text == "true" || text == "false") {
    if (type->data_type.id() != TypeId::kBoolean) return Error("42846", "cannot cast");
    return KeyValue(int64_t{text == "true"});
  }
  if (text.starts_with("date '")) {
    if (type->data_type.id() != TypeId::kDate) return Error("42846", "cannot cast");
    return FromText(*type, Unquoted(text.substr(5)));
  }
  if (text.starts_with('\'')) return FromText(*type, Unquoted(text));
  return FromNumber(*type, std::strtod(std::string(text).c_str(), nullptr));
}

Result<Notices> ExecuteOn(CatalogDraft* draft, const Statement& statement, const DdlContext& context) {
  return std::visit(
      [&](const auto& action) -> Result<Notices> {
        if constexpr (requires { Execute(action, context, draft); }) {
          return Execute(action, context, draft);
        } else {
          return Error("XX000", "not a statement of the catalog");
        }
      },
      statement.action);
}

std::string TagOf(const Statement& statement) {
  if (std::holds_alternative<CreateTable>(statement.action)) return "CREATE TABLE";
  if (std::holds_alternative<DropTable>(statement.action)) return "DROP TABLE";
  if (const auto* create = std::get_if<CreateDatabase>(&statement.action)) {
    return create->is_schema ? "CREATE SCHEMA" : "CREATE DATABASE";
  }
  if (const auto* drop = std::get_if<DropDatabase>(&statement.action)) {
    return drop->is_schema ? "DROP SCHEMA" : "DROP DATABASE";
  }
  return "ALTER TABLE";
}

std::string ErrorText(const Status& status) {
  const ErrorFields fields = FieldsOf(status);
  std::string text = "ERROR " + fields.sqlstate + ": " + fields.message;
  if (!fields.detail.empty()) text += "\n   DETAIL: " + fields.detail;
  if (!fields.hint.empty()) text += "\n   HINT: " + fields.hint;
  if (!fields.table.empty()) text += "\n   fields: table=" + fields.table;
  return text;
}

}  // namespace

Result<std::vector<KeyValue>> EvaluateForTest(const std::vector<ToEvaluate>& values) {
  std::vector<KeyValue> results;
  for (const auto& value : values) {
    WEIR_ASSIGN_OR_RETURN(KeyValue result, EvaluateOne(value));
    results.push_back(std::move(result));
  }
  return results;
}

CatalogFixture::CatalogFixture() {
  std::string name = std::filesystem::temp_directory_path() / "weir_catalog_XXXXXX";
  directory_ = ::mkdtemp(name.data());
  OpenCatalog();
}

CatalogFixture::~CatalogFixture() {
  catalog_.reset();
  if (gateway_) (void)gateway_->Close();
  gateway_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void CatalogFixture::OpenCatalog() {
  Config config;
  config.bootstrap_servers = directory_;
  auto gateway = OpenGateway(config);
  ASSERT_TRUE(gateway.ok()) << gateway.status().ToString();
  gateway_ = *gateway;
  (void)gateway_->CreateDatabase("fluss", {}, true).Wait();
  auto catalog = Catalog::Open(gateway_);
  ASSERT_TRUE(catalog.ok()) << catalog.status().ToString();
  catalog_ = *catalog;
}

void CatalogFixture::Reopen() {
  catalog_.reset();
  ASSERT_TRUE(gateway_->Close().ok());
  gateway_.reset();
  OpenCatalog();
}

std::string CatalogFixture::Run(const std::string& text) {
  const auto draft = catalog_->NewDraft();
  const std::string result = RunOn(draft.get(), text);
  if (result.starts_with("ERROR")) return result;
  const std::string committed = Commit(draft.get());
  return committed.empty() ? result : committed;
}

std::string CatalogFixture::RunOn(CatalogDraft* draft, const std::string& text) {
  const auto statements = Parse(text);
  if (!statements.ok()) return ErrorText(statements.status());
  if (statements->size() != 1) return "ERROR: not one statement";
  DdlContext context;
  context.database = "fluss";
  context.evaluate = EvaluateForTest;
  context.has_row = [this](const Relation& relation, const std::string& expression) -> Result<bool> {
    asked_.push_back(relation.path.table + ": " + expression);
    const auto answer = has_row_.find(relation.path.table);
    return answer != has_row_.end() && answer->second;
  };
  context.has_new_row = [this](const RelationPtr& leaf, const NewRows&, const std::string& condition) -> Result<bool> {
    asked_.push_back(leaf->path.table + ": " + condition);
    const auto answer = has_row_.find(leaf->path.table);
    return answer != has_row_.end() && answer->second;
  };
  context.copy_rows = [this](const RelationPtr& leaf, const NewRows&, const RelationPtr&) -> Result<int64_t> {
    asked_.push_back(leaf->path.table + ": copy");
    return 0;
  };
  context.spread_rows = [this](const RelationPtr& leaf, const Relation&, const PartitionChildren& partitions) {
    asked_.push_back(leaf->path.table + ": spread over " + std::to_string(partitions.relations.size()));
    return Status::OK();
  };
  context.initial_default = [](const SqlColumn&, const std::string&) -> Result<InitialDefault> {
    return InitialDefault();
  };
  const auto notices = ExecuteOn(draft, statements->front(), context);
  if (!notices.ok()) return ErrorText(notices.status());
  std::string result;
  for (const DdlNotice& notice : *notices) result += "NOTICE: " + notice.text + "\n";
  return result + TagOf(statements->front());
}

std::string CatalogFixture::Commit(CatalogDraft* draft) {
  const Status status = catalog_->Commit(draft, [&](CommitRequest request) {
    return gateway_->Commit(std::move(request)).Wait().status();
  });
  return status.ok() ? std::string() : ErrorText(status);
}

void CatalogFixture::Expect(const std::string& script) {
  constexpr std::string_view kArrow = " → ";
  std::istringstream lines(script);
  std::string statement;
  std::string expected;
  const auto check = [&] {
    if (statement.empty()) return;
    EXPECT_EQ(Run(statement), expected) << statement;
  };
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    if (line.starts_with("   ") || line.starts_with("→ ")) {
      expected +=
          (expected.empty() ? "" : "\n") + (line.starts_with("→ ") ? line.substr(std::string("→ ").size()) : line);
      continue;
    }
    check();
    const size_t arrow = line.find(kArrow);
    statement = line.substr(0, arrow);
    expected = arrow == std::string::npos ? "" : line.substr(arrow + kArrow.size());
  }
  check();
}

RelationPtr CatalogFixture::Get(const std::string& name, const std::string& database) {
  const auto relation = catalog_->Find({database, name});
  EXPECT_TRUE(relation.ok()) << relation.status().ToString();
  return relation.ok() ? *relation : nullptr;
}

PartitionChildrenPtr CatalogFixture::ChildrenOf(const std::string& name) {
  const RelationPtr relation = Get(name);
  if (!relation) {
    ADD_FAILURE() << name << " does not exist";
    return nullptr;
  }
  const auto children = catalog_->Children(*relation);
  EXPECT_TRUE(children.ok()) << children.status().ToString();
  return children.ok() ? *children : nullptr;
}

std::vector<std::string> CatalogFixture::NamesInBoundOrder(const std::string& name) {
  std::vector<std::string> names;
  const PartitionChildrenPtr children = ChildrenOf(name);
  if (!children) return names;
  for (const size_t i : children->level.bound_order()) names.push_back(children->relations[i]->path.table);
  return names;
}

}  // namespace weir::sql
