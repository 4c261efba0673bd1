#include "interruption.h"

#include <atomic>
#include <cstddef>

namespace headroom::cli {
namespace {

std::atomic<int> g_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may store it");

extern "C" void take_down(int signal) { g_signal.store(signal); }

}  // namespace

Interruption::Interruption() {
  g_signal.store(0);
  struct ::sigaction action {};
  action.sa_handler = take_down;
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    ::sigaction(kSignals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);
  }
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < std::size(kSignals); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
}

int Interruption::signal() const { return g_signal.load(std::memory_order_relaxed); }

}  // namespace headroom::cli
