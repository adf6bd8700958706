#include "gateway/embedded/engine.h"

namespace weir {

Future<CommitResult> Engine::Commit(CommitRequest) {
  return Future<CommitResult>::Ready(
      Status(ErrorCode::kUnsupportedVersion, target_ + " does not commit writes to several buckets atomically"));
}

}  // namespace weir
