#include "sql/engine/duckdb_memory.h"

#include "duckdb/common/file_opener.hpp"
#include "duckdb/common/local_file_system.hpp"
#include "duckdb/common/virtual_file_system.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/storage/buffer_manager.hpp"

namespace weir::sql {
namespace {

/// DuckDB may open files of the directory that it spills to. Its buffer pool does so for nobody; what a statement opens
/// comes with its context, and could be what another one has put there.
class SpillFiles : public duckdb::LocalFileSystem {
 public:
  duckdb::unique_ptr<duckdb::FileHandle> OpenFile(const std::string& path, duckdb::FileOpenFlags flags,
                                                  duckdb::optional_ptr<duckdb::FileOpener> opener) override {
    if (duckdb::FileOpener::TryGetClientContext(opener)) {
      throw duckdb::PermissionException("file '%s' cannot be opened: statements open no files", path);
    }
    return LocalFileSystem::OpenFile(path, flags, opener);
  }
};

class BufferPool : public MemoryPool {
 public:
  explicit BufferPool(const duckdb::shared_ptr<duckdb::DatabaseInstance>& database) : database_(database) {}

  bool Take(int64_t bytes) override {
    const auto database = database_.lock();
    if (database == nullptr) return true;
    try {
      duckdb::BufferManager::GetBufferManager(*database).ReserveMemory(static_cast<duckdb::idx_t>(bytes));
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }

  void Give(int64_t bytes) override {
    const auto database = database_.lock();
    if (database == nullptr) return;
    duckdb::BufferManager::GetBufferManager(*database).FreeReservedMemory(static_cast<duckdb::idx_t>(bytes));
  }

 private:
  const duckdb::weak_ptr<duckdb::DatabaseInstance> database_;  // which the budget outlives
};

}  // namespace

void SetMemoryLimits(const MemoryBudget* memory, duckdb::DBConfig* config) {
  config->file_system =
      duckdb::make_uniq<duckdb::VirtualFileSystem>(duckdb::unique_ptr<duckdb::FileSystem>(new SpillFiles));
  // Without a directory of its own it would take the one that the process was started in.
  config->SetOptionByName("temp_directory", duckdb::Value(memory == nullptr ? "" : memory->limits().spill_directory));
  if (memory == nullptr) return;
  config->options.maximum_memory = static_cast<duckdb::idx_t>(memory->limits().memory);
  if (memory->limits().spill) config->options.maximum_swap_space = static_cast<duckdb::idx_t>(*memory->limits().spill);
}

std::shared_ptr<MemoryPool> PoolOf(duckdb::DuckDB& database) { return std::make_shared<BufferPool>(database.instance); }

}  // namespace weir::sql
