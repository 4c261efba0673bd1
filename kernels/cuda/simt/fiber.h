#pragma once

#include <csetjmp>
#include <cstddef>
#include <functional>
#include <memory>

#include <ucontext.h>

namespace headroom::kernels::simt {

/// A function with a stack of its own that can pause in the middle.
class Fiber {
 public:
  static constexpr std::size_t kStackBytes = std::size_t{256} << 10U;

  Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber() = default;

  /// The function to run at the next resume(); it must not throw, and the one before must have ended.
  void start(std::function<void()> body);
  /// Runs until pause() or the end of the function.
  void resume();
  /// Back to who resumed; called by the function itself.
  void pause();
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  /// What AddressSanitizer wants to know of a stack.
  struct Stack {
    void* shadow = nullptr;
    const void* bottom = nullptr;
    std::size_t size = 0;
  };

  static void enter();
  [[noreturn]] void run();
  void make_context();

  std::unique_ptr<std::byte[]> stack_;
  // makecontext gives the stack; from then on jumps switch, which ask nothing of the system.
  ::ucontext_t first_{};
  std::jmp_buf own_{};
  std::jmp_buf caller_{};
  Stack own_stack_;
  Stack caller_stack_;
  std::function<void()> body_;
  bool entered_ = false;
  bool ended_ = true;
};

}  // namespace headroom::kernels::simt
