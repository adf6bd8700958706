#include "gateway/embedded/engine_thread.h"

namespace weir {
namespace {

thread_local int depth = 0;

}  // namespace

EngineThreadScope::EngineThreadScope() { ++depth; }
EngineThreadScope::~EngineThreadScope() { --depth; }
bool EngineThreadScope::active() { return depth > 0; }

}  // namespace weir
