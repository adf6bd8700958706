#include "sql/engine/duckdb_memory.h"

#include <atomic>
#include <set>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "duckdb/common/file_opener.hpp"
#include "duckdb/common/local_file_system.hpp"
#include "duckdb/common/virtual_file_system.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/storage/buffer_manager.hpp"
#include "sql/duckdb/counted_heap.h"
#include "sql/duckdb/statement_heap.h"
#include "types/mutex.h"
#include "types/unused_memory.h"

namespace weir::sql {
namespace {

constexpr duckdb::idx_t kLarge = 1 << 20;  // a piece of memory that is counted by itself

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

/// A database that counts pieces of the process's allocator, until it goes.
class Counter {
 public:
  explicit Counter(duckdb::DuckDB& database)
      : database_(database.instance.get()), limit_(duckdb::DBConfig::GetConfig(*database_).options.maximum_memory) {}

  duckdb::idx_t limit() const { return limit_; }

  /// False when it is gone; throws DuckDB's error when there is not so much left.
  bool Take(duckdb::idx_t bytes) {
    ReaderLock lock(mutex_);
    if (database_ == nullptr) return false;
    duckdb::BufferManager::GetBufferManager(*database_).ReserveMemory(bytes);
    return true;
  }
  void Give(duckdb::idx_t bytes) {
    ReaderLock lock(mutex_);
    if (database_ != nullptr) duckdb::BufferManager::GetBufferManager(*database_).FreeReservedMemory(bytes);
  }
  void Close() {
    WriterLock lock(mutex_);
    database_ = nullptr;
  }

 private:
  SharedMutex mutex_;
  duckdb::DatabaseInstance* database_ WEIR_GUARDED_BY(mutex_);
  const duckdb::idx_t limit_;
};

/// The database that may take most comes first.
struct LargestFirst {
  bool operator()(const std::shared_ptr<Counter>& a, const std::shared_ptr<Counter>& b) const {
    return a->limit() != b->limit() ? a->limit() > b->limit() : a < b;
  }
};

/// The process's allocator, which has its large pieces counted. Lives as long as the process.
class CountingAllocator {
 public:
  /// Takes the place of DuckDB's own.
  static CountingAllocator& Instance() {
    static auto* const instance = new CountingAllocator();
    return *instance;
  }

  void Open(std::shared_ptr<Counter> counter) {
    MutexLock lock(mutex_);
    counters_.insert(std::move(counter));
  }
  void Close(const std::shared_ptr<Counter>& counter) {
    {
      MutexLock lock(mutex_);
      counters_.erase(counter);
    }
    counter->Close();
  }

 private:
  struct Piece {
    std::shared_ptr<Counter> counter;  // null: it is not counted
    duckdb::idx_t bytes = 0;
  };

  CountingAllocator() : plain_(duckdb::Allocator::DefaultAllocatorReference()) {
    duckdb::Allocator::DefaultAllocatorReference() = duckdb::make_shared_ptr<duckdb::Allocator>(
        [](duckdb::PrivateAllocatorData*, duckdb::idx_t size) { return Instance().Allocate(size); },
        [](duckdb::PrivateAllocatorData*, duckdb::data_ptr_t piece, duckdb::idx_t size) {
          Instance().Free(piece, size);
        },
        [](duckdb::PrivateAllocatorData*, duckdb::data_ptr_t piece, duckdb::idx_t before, duckdb::idx_t size) {
          return Instance().Reallocate(piece, before, size);
        },
        duckdb::make_uniq<duckdb::PrivateAllocatorData>());
  }

  duckdb::data_ptr_t Allocate(duckdb::idx_t size) {
    if (size < kLarge) {
      duck::StatementHeap::Count(static_cast<int64_t>(size));
      return plain_->AllocateData(size);
    }
    Piece counted = Count(size);
    return Kept(std::move(counted), [&] { return plain_->AllocateData(size); });
  }
  void Free(duckdb::data_ptr_t piece, duckdb::idx_t size) {
    if (size < kLarge) {
      duck::StatementHeap::Count(-static_cast<int64_t>(size));
    } else {
      Uncount(Forget(piece));
    }
    plain_->FreeData(piece, size);
  }
  duckdb::data_ptr_t Reallocate(duckdb::data_ptr_t piece, duckdb::idx_t before, duckdb::idx_t size) {
    duck::StatementHeap::Count((size < kLarge ? static_cast<int64_t>(size) : 0) -
                               (before < kLarge ? static_cast<int64_t>(before) : 0));
    if (before < kLarge && size < kLarge) return plain_->ReallocateData(piece, before, size);
    Piece counted = size < kLarge ? Piece() : Count(size);
    const Piece was_counted = before < kLarge ? Piece() : Forget(piece);
    const duckdb::data_ptr_t moved =
        Kept(std::move(counted), [&] { return plain_->ReallocateData(piece, before, size); });
    Uncount(was_counted);
    return moved;
  }
  /// What `allocate` gives, which throws when the machine has no more.
  template <typename Allocate>
  duckdb::data_ptr_t Kept(Piece counted, const Allocate& allocate) {
    try {
      const duckdb::data_ptr_t at = allocate();
      Keep(at, counted);
      return at;
    } catch (...) {
      Uncount(counted);
      throw;
    }
  }

  Piece Count(duckdb::idx_t bytes) {
    // To make room the pool may allocate itself.
    static thread_local bool making_room = false;
    std::shared_ptr<Counter> counter;
    {
      MutexLock lock(mutex_);
      if (!counters_.empty() && !making_room) counter = *counters_.begin();
    }
    if (counter == nullptr) return {};
    struct MakingRoom {
      MakingRoom() { making_room = true; }
      ~MakingRoom() { making_room = false; }
    } const guard;
    const duck::CountedHeap::Pause pause;
    return counter->Take(bytes) ? Piece{std::move(counter), bytes} : Piece();
  }
  static void Uncount(const Piece& piece) {
    if (piece.counter != nullptr) piece.counter->Give(piece.bytes);
  }
  void Keep(duckdb::data_ptr_t at, const Piece& piece) {
    if (piece.counter == nullptr) return;
    MutexLock lock(mutex_);
    pieces_.insert_or_assign(at, piece);
  }
  Piece Forget(duckdb::data_ptr_t at) {
    MutexLock lock(mutex_);
    const auto found = pieces_.find(at);
    if (found == pieces_.end()) return {};
    Piece piece = std::move(found->second);
    pieces_.erase(found);
    return piece;
  }

  const duckdb::shared_ptr<duckdb::Allocator> plain_;
  Mutex mutex_;
  std::set<std::shared_ptr<Counter>, LargestFirst> counters_ WEIR_GUARDED_BY(mutex_);
  std::unordered_map<duckdb::data_ptr_t, Piece> pieces_ WEIR_GUARDED_BY(mutex_);
};

/// Bounds the large pieces that a database takes from its own allocator: its buffer pool, which counts them itself, and
/// the vectors of its expressions, which nobody counts. All of them together are within the limit, too.
class LargePieces : public duckdb::PrivateAllocatorData {
 public:
  explicit LargePieces(duckdb::idx_t limit) : limit_(limit) {}

  static duckdb::unique_ptr<duckdb::Allocator> MakeAllocator(duckdb::idx_t limit) {
    return duckdb::make_uniq<duckdb::Allocator>(
        [](duckdb::PrivateAllocatorData* data, duckdb::idx_t size) {
          Of(data).Change(0, size);
          return duckdb::Allocator::DefaultAllocate(data, size);
        },
        [](duckdb::PrivateAllocatorData* data, duckdb::data_ptr_t piece, duckdb::idx_t size) {
          Of(data).Change(size, 0);
          duckdb::Allocator::DefaultFree(data, piece, size);
        },
        [](duckdb::PrivateAllocatorData* data, duckdb::data_ptr_t piece, duckdb::idx_t before, duckdb::idx_t size) {
          Of(data).Change(before, size);
          return duckdb::Allocator::DefaultReallocate(data, piece, before, size);
        },
        duckdb::make_uniq<LargePieces>(limit));
  }

 private:
  static LargePieces& Of(duckdb::PrivateAllocatorData* data) { return static_cast<LargePieces&>(*data); }
  static duckdb::idx_t Counted(duckdb::idx_t size) { return size < kLarge ? 0 : size; }

  void Change(duckdb::idx_t before, duckdb::idx_t size) {
    if (before < kLarge && size < kLarge) return;
    const duckdb::idx_t more = Counted(size) - Counted(before);  // modulo 2^64
    const duckdb::idx_t all = bytes_.fetch_add(more) + more;
    if (Counted(size) <= Counted(before) || all <= limit_) return;
    bytes_.fetch_sub(more);
    throw duckdb::OutOfMemoryException("%s more for vectors and blocks that are large (%s/%s used)",
                                       duckdb::StringUtil::BytesToHumanReadableString(size),
                                       duckdb::StringUtil::BytesToHumanReadableString(all - more),
                                       duckdb::StringUtil::BytesToHumanReadableString(limit_));
  }

  const duckdb::idx_t limit_;
  std::atomic<duckdb::idx_t> bytes_ = 0;
};

}  // namespace

std::shared_ptr<duckdb::DuckDB> OpenCounted(duckdb::DBConfig* config) {
  CountingAllocator& allocator = CountingAllocator::Instance();
  auto database = std::make_unique<duckdb::DuckDB>(":memory:", config);
  const auto counter = std::make_shared<Counter>(*database);
  allocator.Open(counter);
  return {database.release(), [&allocator, counter](duckdb::DuckDB* closing) {
            allocator.Close(counter);
            delete closing;
          }};
}

void SetMemoryLimits(const MemoryBudget* memory, duckdb::DBConfig* config) {
  config->file_system =
      duckdb::make_uniq<duckdb::VirtualFileSystem>(duckdb::unique_ptr<duckdb::FileSystem>(new SpillFiles));
  // Without a directory of its own it would take the one that the process was started in.
  config->SetOptionByName("temp_directory", duckdb::Value(memory == nullptr ? "" : memory->limits().spill_directory));
  if (memory == nullptr) return;
  config->options.maximum_memory = static_cast<duckdb::idx_t>(memory->limits().memory);
  config->allocator = LargePieces::MakeAllocator(config->options.maximum_memory);
  if (memory->limits().spill) config->options.maximum_swap_space = static_cast<duckdb::idx_t>(*memory->limits().spill);
}

void GiveBackMemory() {
  duckdb::Allocator::FlushAll();
  ReleaseUnusedMemory();
}

std::shared_ptr<MemoryPool> PoolOf(duckdb::DuckDB& database) { return std::make_shared<BufferPool>(database.instance); }

}  // namespace weir::sql
