// Fortified longjmp takes a jump to another stack for an error.
#undef _FORTIFY_SOURCE

#include "fiber.h"

#include <bit>
#include <cstdint>

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

// The stack stays uninitialised: untouched pages cost nothing.
Fiber::Fiber() : memory_(new std::byte[kStackBytes]) {
  own_.bottom = memory_.get();
  own_.size = kStackBytes;
  ::getcontext(&own_.context);
  own_.context.uc_stack.ss_sp = memory_.get();
  own_.context.uc_stack.ss_size = kStackBytes;
  own_.context.uc_link = nullptr;
  // makecontext passes ints alone.
  const auto self = reinterpret_cast<std::uintptr_t>(this);
  ::makecontext(&own_.context, reinterpret_cast<void (*)()>(&Fiber::enter), 2, static_cast<unsigned>(self),
                static_cast<unsigned>(self >> 32U));
}

void Fiber::enter(unsigned low, unsigned high) {
  const std::uintptr_t self = (static_cast<std::uintptr_t>(high) << 32U) | low;
  std::bit_cast<Fiber*>(self)->run();
}

void Fiber::run() {
#if defined(HEADROOM_ASAN)
  __sanitizer_finish_switch_fiber(nullptr, &caller_.bottom, &caller_.size);
#endif
  while (true) {
    body_();
    pause();
  }
}

#if defined(HEADROOM_ASAN)

void Fiber::change(Stack& from, Stack& to) {
  __sanitizer_start_switch_fiber(&from.shadow, to.bottom, to.size);
  ::swapcontext(&from.context, &to.context);
  __sanitizer_finish_switch_fiber(from.shadow, &to.bottom, &to.size);
}

#else

// swapcontext asks the kernel for the signal mask each time; a jump costs some nanoseconds.
void Fiber::change(Stack& from, Stack& to) {
  if (_setjmp(from.registers) != 0) return;
  from.entered = true;
  if (!to.entered) ::setcontext(&to.context);
  std::longjmp(to.registers, 1);
}

#endif

void Fiber::resume() { change(caller_, own_); }

void Fiber::pause() { change(own_, caller_); }

}  // namespace headroom::kernels::simt
