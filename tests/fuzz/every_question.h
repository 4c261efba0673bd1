#pragma once

#include <functional>
#include <string>

#include <headroom/models/job.h>

namespace headroom::test {

/// Throws std::logic_error with `what` unless `condition` holds.
void require(bool condition, const char* what);

/// Calls `ask` and says whether it was answered; the InputError of a refusal leaves its message in `sentence`.
[[nodiscard]] bool answered(const std::function<void()>& ask, std::string& sentence);

/// The same; throws std::logic_error for a refusal that is no sentence.
[[nodiscard]] bool answered(const std::function<void()>& ask);

/// What is wrong with a refusal: not one printable sentence of less than 400 bytes. Empty: nothing.
[[nodiscard]] std::string fault_of_sentence(const std::string& sentence);

/// Asks a predictor of `job` everything whose cost does not grow with its sizes; each question is answered without a
/// negative size, or refused in a sentence. Throws std::logic_error otherwise.
void ask_everything(const Job& job);

}  // namespace headroom::test
