#pragma once

#include <csignal>
#include <stdexcept>
#include <string>

namespace headroom::cli {

/// A signal asked for the end before the result was there; the message is one sentence that says what there is.
class Interrupted : public std::runtime_error {
 public:
  Interrupted(int signal, const std::string& sentence) : std::runtime_error(sentence), signal_(signal) {}
  [[nodiscard]] int signal() const { return signal_; }

 private:
  int signal_;
};

/// While it lives, the signals that ask for the end (SIGINT, SIGTERM, SIGHUP) are taken down instead of ending the
/// process, so that a long answer ends in order. One that was ignored before stays ignored. One object at a time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// The signal that came; 0: none.
  [[nodiscard]] int signal() const;

  static constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

 private:
  struct ::sigaction before_[std::size(kSignals)]{};
};

}  // namespace headroom::cli
