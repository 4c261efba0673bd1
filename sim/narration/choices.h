#pragma once

#include <stdexcept>

namespace headroom::sim {

/// The pieces of code behind one axis of a method. A piece names its axis value as kValue; registering one is adding
/// it to the list of its axis (attention/choices.h, layer/choices.h, head/choices.h).
template <class... Pieces>
struct Choices {};

/// Calls f(piece) for the piece whose kValue is `value`. Throws std::logic_error where no piece is registered for it.
template <class Value, class... Pieces, class F>
void with_choice(Choices<Pieces...>, Value value, F f) {
  const bool is_registered = ((Pieces::kValue == value ? (f(Pieces{}), true) : false) || ...);
  if (!is_registered) throw std::logic_error("an axis value has no piece of narration registered");
}

}  // namespace headroom::sim
