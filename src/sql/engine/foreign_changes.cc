#include "sql/engine/foreign_changes.h"

#include <fmt/format.h>

#include "sql/catalog/foreign_files.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"

namespace weir::sql {
namespace {

constexpr const char* kMerge = "merge into";

}  // namespace

std::string CommandOf(TableChange::Kind kind) {
  switch (kind) {
    case TableChange::Kind::kUpsert: return "insert into";
    case TableChange::Kind::kUpdate: return "update";
    case TableChange::Kind::kDelete: return "delete from";
    case TableChange::Kind::kMerge: return kMerge;
  }
  return {};
}

void RefuseRowsOf(duckdb::ClientContext& context, const Relation& table) {
  const std::string& command = SessionState::Of(context).changing;
  if (command == kMerge) {
    Throw(Error("0A000", fmt::format("cannot execute MERGE on relation \"{}\"", table.path.table),
                {.detail = "This operation is not supported for foreign tables."}));
  }
  Throw(Error("0A000", fmt::format("cannot {} foreign table \"{}\"", command.empty() ? "lock rows in" : command,
                                   table.path.table)));
}

void CheckTakesRows(duckdb::ClientContext& context, const Relation& table) {
  if (ValueOrThrow(FilesOf(SessionState::ViewOf(context), table)).writable) {
    (void)ValueOrThrow(FileFolder::Of(SessionState::Of(context).files));
    return;
  }
  Throw(Error("0A000", fmt::format("cannot insert into foreign table \"{}\"", table.path.table)));
}

}  // namespace weir::sql
