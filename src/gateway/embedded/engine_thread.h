#pragma once

namespace weir {

/// Marks the time in which this thread may run users' callbacks on behalf of an engine. A callback
/// that lets go of the engine's last user must not wait for the very thread that it runs on.
class EngineThreadScope {
 public:
  EngineThreadScope();
  ~EngineThreadScope();
  EngineThreadScope(const EngineThreadScope&) = delete;
  EngineThreadScope& operator=(const EngineThreadScope&) = delete;

  static bool active();
};

}  // namespace weir
