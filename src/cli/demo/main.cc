#include <fmt/format.h>

#include <cstdio>

#include "cli/demo.h"

/// `weir demo` without the rest of the command: it needs neither SQL nor the server, which take most of a compilation.
int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: weir_demo DIRECTORY FLIGHTS\n");
    return 2;
  }
  const weir::Status status = weir::RunDemo({.directory = argv[1], .flights = argv[2]});
  if (!status.ok()) fmt::print(stderr, "weir: {}\n", status.message());
  return status.ok() ? 0 : 1;
}
