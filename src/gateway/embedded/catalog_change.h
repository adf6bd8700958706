#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/embedded/catalog.h"
#include "gateway/gateway.h"

namespace weir {

/// What a commit does to the catalog, as the commit's journal keeps it (docs/storage-format-commit.md).
struct CatalogChangeRecord {
  int64_t number = 0;  // one more than the change before: tells whether it was applied
  int64_t time_ms = 0;
  MetadataChange change;
};
std::string EncodeCatalogChange(const CatalogChangeRecord& record);
/// Code 3 for a text that is none.
Result<CatalogChangeRecord> DecodeCatalogChange(std::string_view text);

/// A change of the catalog that was checked and comes with a commit. From Catalog::BeginChange on nobody else changes
/// names, until it is applied or goes away.
class CatalogChange {
 public:
  CatalogChange(Catalog* catalog, CatalogChangeRecord record) : catalog_(catalog), record_(std::move(record)) {}
  ~CatalogChange() { Release({}); }
  CatalogChange(const CatalogChange&) = delete;
  CatalogChange& operator=(const CatalogChange&) = delete;

  std::string Encode() const { return EncodeCatalogChange(record_); }
  /// What drops files and rows afterwards.
  std::vector<PendingDrop> Drops() const;
  /// Tables as they will be that the change alters.
  Result<std::vector<CatalogTablePtr>> AlteredTables();
  /// The commit counts: makes the change. After an error the next opening of the database makes it.
  Status Apply();
  /// Whether the commit counts shows when the database is opened again. Until then nobody changes names.
  void Doubt(const Status& why) { Release(why); }

 private:
  void Release(const Status& doubt);

  Catalog* const catalog_;
  const CatalogChangeRecord record_;
  std::vector<CatalogTablePtr> altered_;  // once asked for
  bool released_ = false;
};

}  // namespace weir
