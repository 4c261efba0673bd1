#pragma once

#include <stdexcept>
#include <string_view>

namespace headroom::cli {

/// The result could not be written; the message is one sentence with the system's reason.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Where a command writes: results to `out`, notes and errors to `err`.
class Console {
 public:
  enum class Stream { out, err };

  Console() = default;
  virtual ~Console() = default;
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  /// Throws OutputError when not all of `text` could be written.
  virtual void out(std::string_view text) = 0;
  virtual void err(std::string_view text) noexcept = 0;
  /// Whether results go to a terminal that shows colours.
  [[nodiscard]] virtual bool shows_colour() const = 0;
  [[nodiscard]] virtual bool is_terminal(Stream stream) const = 0;
};

/// Standard output and standard error of this process. A closed pipe and a file beyond its limit become an OutputError
/// instead of a signal; a file that ends early on a full disk ends with a whole line.
class Terminal final : public Console {
 public:
  Terminal();
  void out(std::string_view text) override;
  void err(std::string_view text) noexcept override;
  [[nodiscard]] bool shows_colour() const override;
  [[nodiscard]] bool is_terminal(Stream stream) const override;
};

}  // namespace headroom::cli
