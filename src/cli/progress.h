#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace weir {

/// How far a long command is.
struct ProgressState {
  std::string label;
  int64_t done = 0;
  int64_t total = 0;  // 0: unknown
  int64_t rows = -1;  // negative: not shown
  double seconds = 0;
  bool bytes = true;  // `done` and `total` are bytes, else plain counts
};

/// "flights.csv  [######------]  50%  168,388 rows  1,204,112 rows/s  15.5 MB/s  1 s left", cut to `width` columns.
std::string ProgressLine(const ProgressState& state, int width);

/// Shows a ProgressLine on stderr and keeps it up to date, where stderr is a terminal; elsewhere
/// nothing. The line is gone when the object is.
class Progress {
 public:
  Progress(std::string label, int64_t total, bool bytes);
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `rows` negative: not shown. Draws a few times a second at most.
  void Update(int64_t done, int64_t rows = -1);
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;
  ProgressState state_;
  const bool enabled_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point next_draw_ = start_;
  bool drawn_ = false;
};

}  // namespace weir
