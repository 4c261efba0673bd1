#include "fiber.h"

#include <cstdint>
#include <utility>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEADROOM_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HEADROOM_ASAN
#endif

#if defined(HEADROOM_ASAN)
#include <sanitizer/common_interface_defs.h>
#endif

namespace headroom::kernels::simt {

namespace {

/// Before a switch to the stack [bottom, bottom + size); `shadow` null: the stack that is left is not come back to.
void leave([[maybe_unused]] void** shadow, [[maybe_unused]] const void* bottom, [[maybe_unused]] std::size_t size) {
#if defined(HEADROOM_ASAN)
  __sanitizer_start_switch_fiber(shadow, bottom, size);
#endif
}

/// Behind a switch; tells the stack that was left.
void arrive([[maybe_unused]] void* shadow, [[maybe_unused]] const void** bottom, [[maybe_unused]] std::size_t* size) {
#if defined(HEADROOM_ASAN)
  __sanitizer_finish_switch_fiber(shadow, bottom, size);
#endif
}

}  // namespace

// The stack stays uninitialised: untouched pages cost nothing.
Fiber::Fiber() : stack_(new std::byte[kStackBytes]) {
  own_stack_.bottom = stack_.get();
  own_stack_.size = kStackBytes;
}

void Fiber::start(std::function<void()> body) {
  body_ = std::move(body);
  ended_ = false;
  ::getcontext(&own_);
  own_.uc_stack.ss_sp = stack_.get();
  own_.uc_stack.ss_size = kStackBytes;
  own_.uc_link = nullptr;
  // makecontext passes ints alone.
  const auto self = reinterpret_cast<std::uintptr_t>(this);
  ::makecontext(&own_, reinterpret_cast<void (*)()>(&Fiber::enter), 2, static_cast<unsigned>(self),
                static_cast<unsigned>(self >> 32U));
  own_stack_.shadow = nullptr;
}

void Fiber::enter(unsigned low, unsigned high) {
  const std::uintptr_t self = (static_cast<std::uintptr_t>(high) << 32U) | low;
  reinterpret_cast<Fiber*>(self)->run();
}

void Fiber::run() {
  arrive(nullptr, &caller_stack_.bottom, &caller_stack_.size);
  body_();
  ended_ = true;
  leave(nullptr, caller_stack_.bottom, caller_stack_.size);
  ::setcontext(&caller_);
}

void Fiber::resume() {
  leave(&caller_stack_.shadow, own_stack_.bottom, own_stack_.size);
  ::swapcontext(&caller_, &own_);
  arrive(caller_stack_.shadow, nullptr, nullptr);
}

void Fiber::pause() {
  leave(&own_stack_.shadow, caller_stack_.bottom, caller_stack_.size);
  ::swapcontext(&own_, &caller_);
  arrive(own_stack_.shadow, &caller_stack_.bottom, &caller_stack_.size);
}

}  // namespace headroom::kernels::simt
