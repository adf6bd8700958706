#include "sql/session/session_files.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace weir::sql {
namespace {

/// Nobody waits for it, and nothing depends on it.
void RemoveFile(const FileFolder& folder, const std::string& name) {
  const Status removed = folder.Remove(name);
  if (!removed.ok()) spdlog::warn("a file that nothing refers to stays: {}", removed.message());
}

}  // namespace

void SessionFiles::RollbackTo(size_t savepoint) {
  while (steps_.size() > savepoint) {
    if (steps_.back().made) RemoveFile(*steps_.back().folder, steps_.back().name);
    steps_.pop_back();
  }
}

Status SessionFiles::Publish() {
  for (Step& step : steps_) {
    if (step.final_name.empty()) continue;
    WEIR_RETURN_NOT_OK(step.folder->Rename(step.name, step.final_name));
    step.name = std::exchange(step.final_name, {});
  }
  return Status::OK();
}

void SessionFiles::Committed() {
  for (const Step& step : steps_) {
    if (!step.made) RemoveFile(*step.folder, step.name);
  }
  steps_.clear();
}

}  // namespace weir::sql
