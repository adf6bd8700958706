#pragma once

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace weir {

inline constexpr const char* kChildDirectory = "WEIR_TEST_CHILD_DIRECTORY";

/// Runs one test of this program in a process of its own (a plain fork would lack RocksDB's
/// threads) with kChildDirectory set, and tells whether it ended by killing itself.
inline bool RunUntilKilled(const std::string& test, const std::string& directory) {
  const pid_t child = fork();
  if (child == 0) {
    setenv(kChildDirectory, directory.c_str(), 1);
    const std::string filter = "--gtest_filter=" + test;
    execl("/proc/self/exe", "storage_test", filter.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

}  // namespace weir
