#include <array>
#include <bit>
#include <cmath>
#include <random>

#include <fmt/format.h>

#include "sql/duckdb/function_list.h"
#include "sql/duckdb/kernel.h"
#include "types/mutex.h"

namespace weir::sql::duck {
namespace {

/// PostgreSQL's generator (xoroshiro128**), so that the numbers behind setseed() are its own.
class RandomNumbers {
 public:
  RandomNumbers() {
    std::random_device device;
    Seed(uint64_t{device()} << 32 | device());
  }

  void Seed(uint64_t seed) {
    MutexLock lock(mutex_);
    for (uint64_t& word : state_) word = Mixed(&seed);
  }
  /// From 0 to less than 1, in 52 bits.
  double Next() {
    MutexLock lock(mutex_);
    const uint64_t first = state_[0];
    const uint64_t turned = state_[1] ^ first;
    state_ = {std::rotl(first, 24) ^ turned ^ (turned << 16), std::rotl(turned, 37)};
    return std::ldexp(static_cast<double>((std::rotl(first * 5, 7) * 9) >> 12), -52);
  }

 private:
  /// splitmix64
  static uint64_t Mixed(uint64_t* seed) {
    uint64_t value = *seed += 0x9E3779B97F4A7C15;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
    return value ^ (value >> 31);
  }

  Mutex mutex_;
  std::array<uint64_t, 2> state_ WEIR_GUARDED_BY(mutex_) = {};
};

struct SessionRandom : public duckdb::ClientContextState {
  RandomNumbers numbers;
};

/// The session's; of the thread where there is none.
RandomNumbers& Numbers() {
  static thread_local RandomNumbers of_thread;
  if (kernel_context == nullptr) return of_thread;
  return kernel_context->registered_state->GetOrCreate<SessionRandom>("weir_random")->numbers;
}

}  // namespace

void AddRandom(FunctionList* list) {
  constexpr auto kVolatile = FunctionList::Volatility::kVolatile;
  list->Add("random()", []() -> double { return Numbers().Next(); }, kVolatile);
  list->Add("setseed(float8)",
            [](double seed) -> Result<std::string> {
              if (!(seed >= -1 && seed <= 1)) {
                const std::string shown = std::isnan(seed) ? "NaN" : fmt::format("{:g}", seed);
                return Error("22023", "setseed parameter " + shown + " is out of allowed range [-1,1]");
              }
              constexpr auto kMostSeed = static_cast<double>((int64_t{1} << 52) - 1);
              Numbers().Seed(static_cast<uint64_t>(static_cast<int64_t>(kMostSeed * seed)));
              return std::string();
            },
            kVolatile);
}

}  // namespace weir::sql::duck
