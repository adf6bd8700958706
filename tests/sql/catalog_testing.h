#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sql/catalog/catalog.h"
#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

/// A catalog on an embedded database, its statements given as text. Constants are evaluated by a small stand-in for
/// the engine, and which tables have rows is the test's to say.
class CatalogFixture : public testing::Test {
 protected:
  CatalogFixture();
  ~CatalogFixture() override;

  /// Runs one statement and gives what the cases show: "CREATE TABLE" or
  /// "ERROR 42P17: …" with DETAIL, HINT and fields on lines of their own; NOTICEs come first.
  std::string Run(const std::string& text);
  /// The same in a transaction that is still open.
  std::string RunOn(CatalogDraft* draft, const std::string& text);
  /// Empty when it went well.
  std::string Commit(CatalogDraft* draft);
  /// Every line is a statement, " → " and what it gives; lines that begin with "   " go on with that.
  void Expect(const std::string& script);

  RelationPtr Get(const std::string& name, const std::string& database = "fluss");
  PartitionChildrenPtr ChildrenOf(const std::string& name);
  std::vector<std::string> NamesInBoundOrder(const std::string& name);
  /// Closes everything and opens the same directory again.
  void Reopen();
  void OpenCatalog();

  std::string directory_;
  std::shared_ptr<Gateway> gateway_;
  std::shared_ptr<Catalog> catalog_;
  std::map<std::string, bool> has_row_;  // by relation; what is not in it has none
  std::vector<std::string> asked_;       // "relation: expression"
};

Result<std::vector<KeyValue>> EvaluateForTest(const std::vector<ToEvaluate>& values);

}  // namespace weir::sql
