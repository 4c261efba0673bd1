#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include <ucontext.h>
#include <csetjmp>

namespace headroom::kernels::simt {

/// A function with a stack of its own that can pause in the middle.
class Fiber {
 public:
  static constexpr std::size_t kStackBytes = std::size_t{256} << 10U;

  Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber() = default;

  /// What resume() runs from now on, each time it has ended; it must not throw, and the one before must have ended.
  void set_body(std::function<void()> body) { body_ = std::move(body); }
  /// Runs the body, from its beginning or from where it paused, until pause() or its end.
  void resume();
  /// Back to who resumed; called by the body itself.
  void pause();

 private:
  /// A stack as AddressSanitizer wants to know it, and the registers of who has left it.
  struct Stack {
    ::ucontext_t context{};
    std::jmp_buf registers{};
    bool entered = false;
    void* shadow = nullptr;
    const void* bottom = nullptr;
    std::size_t size = 0;
  };

  static void enter(unsigned low, unsigned high);
  static void change(Stack& from, Stack& to);
  [[noreturn]] void run();

  std::unique_ptr<std::byte[]> memory_;
  std::function<void()> body_;
  Stack own_;
  Stack caller_;
};

}  // namespace headroom::kernels::simt
