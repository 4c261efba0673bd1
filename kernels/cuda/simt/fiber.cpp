// The checked longjmp takes a jump to another stack for an error.
#undef _FORTIFY_SOURCE

#include "fiber.h"

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

/// The fiber whose stack is switched to for the first time: makecontext passes on ints alone.
thread_local Fiber* entering = nullptr;

/// Before a switch to the stack [bottom, bottom + size).
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
}

void Fiber::enter() { entering->run(); }

void Fiber::run() {
  arrive(nullptr, &caller_stack_.bottom, &caller_stack_.size);
  while (true) {
    body_();
    ended_ = true;
    pause();
  }
}

void Fiber::make_context() {
  ::getcontext(&first_);
  first_.uc_stack.ss_sp = stack_.get();
  first_.uc_stack.ss_size = kStackBytes;
  first_.uc_link = nullptr;
  ::makecontext(&first_, &Fiber::enter, 0);
}

void Fiber::resume() {
  leave(&caller_stack_.shadow, own_stack_.bottom, own_stack_.size);
  if (_setjmp(caller_) == 0) {
    if (entered_) _longjmp(own_, 1);
    entered_ = true;
    make_context();
    entering = this;
    ::setcontext(&first_);
  }
  arrive(caller_stack_.shadow, nullptr, nullptr);
}

void Fiber::pause() {
  leave(&own_stack_.shadow, caller_stack_.bottom, caller_stack_.size);
  if (_setjmp(own_) == 0) _longjmp(caller_, 1);
  arrive(own_stack_.shadow, &caller_stack_.bottom, &caller_stack_.size);
}

}  // namespace headroom::kernels::simt
