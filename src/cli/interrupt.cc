#include "cli/interrupt.h"

#include <signal.h>

namespace weir {
namespace {

volatile sig_atomic_t g_interrupted = 0;  // a signal handler can reach nothing else

}  // namespace

void CatchInterrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) { g_interrupted = 1; };
  action.sa_flags = SA_RESETHAND | SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool Interrupted() { return g_interrupted != 0; }

Status CheckInterrupted() { return Interrupted() ? Status::Invalid("interrupted") : Status::OK(); }

}  // namespace weir
