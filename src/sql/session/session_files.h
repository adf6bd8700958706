#pragma once

#include <string>
#include <vector>

#include "sql/engine/file_folder.h"

namespace weir::sql {

/// The files that a transaction makes and takes away. What it has made is there before it commits, under a name that
/// nobody knows until then, and is removed when it does not; what it takes away is removed once it has committed. A
/// process that is killed in between leaves files that nothing refers to, or, where it was about to commit, files that
/// others find by their names.
class SessionFiles {
 public:
  void Made(FileFolderPtr folder, std::string name) {
    steps_.push_back({std::move(folder), std::move(name), true, {}});
  }
  /// A file that gets its name right before the commit.
  void MadeToBe(FileFolderPtr folder, std::string name, std::string final_name) {
    steps_.push_back({std::move(folder), std::move(name), true, std::move(final_name)});
  }
  void TakesAway(FileFolderPtr folder, std::string name) {
    steps_.push_back({std::move(folder), std::move(name), false, {}});
  }

  /// A mark to which RollbackTo returns.
  size_t Savepoint() const { return steps_.size(); }
  void RollbackTo(size_t savepoint);
  void RollBack() { RollbackTo(0); }
  /// Right before the commit.
  Status Publish();
  /// All of them stay.
  void Forget() { steps_.clear(); }
  void Committed();

 private:
  struct Step {
    FileFolderPtr folder;
    std::string name;
    bool made = false;
    std::string final_name;  // empty: it has its name
  };
  std::vector<Step> steps_;
};

}  // namespace weir::sql
