#include "sql/transaction/transaction.h"

#include <fmt/format.h>

#include "gateway/per_database.h"
#include "sql/error.h"
#include "sql/transaction/transaction_impl.h"

namespace weir::sql {
namespace {

class TransactionManagerImpl final : public TransactionManager {
 public:
  explicit TransactionManagerImpl(std::shared_ptr<TargetState> target) : target_(std::move(target)) {}
  std::unique_ptr<Transaction> Begin(std::shared_ptr<LockOwner> owner) override {
    if (owner == nullptr) owner = target_->locks->NewOwner(0);
    return std::make_unique<TransactionImpl>(target_, std::move(owner));
  }
  LockManager& locks() override { return *target_->locks; }

 private:
  const std::shared_ptr<TargetState> target_;
};

/// Whether SQL servers that know nothing of each other commit to the target.
bool IsShared(const Gateway& gateway) { return !gateway.commits_atomically(); }

std::shared_ptr<TransactionManager> MakeManager(std::shared_ptr<Gateway> gateway) {
  Config config;
  config.scanner_log_check_crc = !gateway->is_embedded();  // the engine checks its own files
  auto target = std::make_shared<TargetState>();
  target->connection = MakeConnection(config, gateway);
  target->gateway = std::move(gateway);
  target->deleted_rows = std::make_shared<DeletedRowsTable>(target->connection);
  target->history = std::make_shared<CommitHistory>(target->deleted_rows);
  target->read_before = std::make_shared<ColumnCache>(target->gateway->memory());
  target->bounds = std::make_unique<BucketBounds>(target->read_before);
  target->spill = std::make_shared<SpillFiles>(target->gateway->memory());
  target->leaves = std::make_shared<LeafCache>(target->connection, target->read_before);
  target->decider = IsShared(*target->gateway)
                        ? DecideByLog(target->connection, target->deleted_rows, target->history)
                        : DecideByJournal(target->gateway, target->history);
  return std::make_shared<TransactionManagerImpl>(std::move(target));
}

}  // namespace

Status ConcurrentUpdate(const Leaf& leaf) {
  return Error("40001", "could not serialize access due to concurrent update", {.table = leaf.relation->path.table});
}

Status ConcurrentDelete(const Leaf& leaf) {
  return Error("40001", "could not serialize access due to concurrent delete", {.table = leaf.relation->path.table});
}

Status NotSerializable(const Leaf& leaf, std::string_view when) {
  return Error("40001", "could not serialize access due to read/write dependencies among transactions",
               {.detail = fmt::format("Reason code: Canceled on identification as a pivot, during {}.", when),
                .hint = "The transaction might succeed if retried.",
                .table = leaf.relation->path.table});
}

LeafBoundsSource* LeafBoundsSource::Of(Transaction* transaction) {
  return static_cast<TransactionImpl*>(transaction);  // there are no others
}

TransactionOnLog* TransactionOnLog::Of(Transaction* transaction) {
  auto* const own = static_cast<TransactionImpl*>(transaction);  // there are no others
  return own != nullptr && own->is_on_log() ? own : nullptr;
}

Result<std::shared_ptr<TransactionManager>> TransactionManager::Open(std::shared_ptr<Gateway> gateway) {
  if (gateway == nullptr) return Error("XX000", "there is no target to open transactions on");
  static auto* managers = new PerDatabase<TransactionManager>;  // never destroyed: sessions may outlive main
  return managers->Get(gateway, [](std::shared_ptr<Gateway> own) -> Result<std::shared_ptr<TransactionManager>> {
    if (IsShared(*own)) WEIR_RETURN_NOT_OK(own->CheckCallsOfSql());
    return MakeManager(std::move(own));
  });
}

}  // namespace weir::sql
