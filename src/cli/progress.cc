#include "cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "cli/text.h"

namespace weir {
namespace {

constexpr int kBarWidth = 24;

std::string DurationText(double seconds) {
  const auto whole = static_cast<int64_t>(seconds + 0.5);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02} min", whole / 60, whole % 60);
  return fmt::format("{}:{:02} h", whole / 3600, whole / 60 % 60);
}

int TerminalWidth() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string ProgressLine(const ProgressState& state, int width) {
  std::string line = state.label;
  if (state.total > 0) {
    const double share = std::clamp(static_cast<double>(state.done) / static_cast<double>(state.total), 0.0, 1.0);
    const int filled = static_cast<int>(share * kBarWidth);
    line += fmt::format("  [{}{}] {:3.0f}%", std::string(filled, '#'), std::string(kBarWidth - filled, '-'),
                        share * 100);
  } else if (state.bytes) {
    line += "  " + ByteText(state.done);
  }
  const auto rate = [&](int64_t count) { return static_cast<int64_t>(static_cast<double>(count) / state.seconds); };
  if (state.rows >= 0) line += "  " + Counted(state.rows, "row");
  if (state.seconds > 0) {
    if (state.rows >= 0) line += fmt::format("  {} rows/s", Grouped(rate(state.rows)));
    if (state.bytes) line += fmt::format("  {}/s", ByteText(rate(state.done)));
    if (state.total > state.done && state.done > 0) {
      const double left =
          state.seconds * static_cast<double>(state.total - state.done) / static_cast<double>(state.done);
      line += fmt::format("  {} left", DurationText(left));
    }
  }
  if (static_cast<int>(line.size()) > width) line.resize(std::max(width, 0));
  return line;
}

Progress::Progress(std::string label, int64_t total, bool bytes) : enabled_(::isatty(STDERR_FILENO) == 1) {
  state_.label = std::move(label);
  state_.total = total;
  state_.bytes = bytes;
}

void Progress::Update(int64_t done, int64_t rows) {
  if (!enabled_) return;
  const Clock::time_point now = Clock::now();
  if (now < next_draw_) return;
  next_draw_ = now + std::chrono::milliseconds(150);
  state_.done = done;
  state_.rows = rows;
  state_.seconds = std::chrono::duration<double>(now - start_).count();
  fmt::print(stderr, "\r\x1b[K{}", ProgressLine(state_, TerminalWidth() - 1));
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::Clear() {
  if (!drawn_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace weir
