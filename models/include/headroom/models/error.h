#pragma once

#include <stdexcept>
#include <string>

namespace headroom {

/// A mistake the user can mend: the message is one sentence that names the file or option, the key and
/// what would be accepted. Programs end with exit code 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A size that does not fit into 64 bits. Exact arithmetic reports it instead of wrapping around.
class OverflowError : public InputError {
 public:
  OverflowError() : InputError("the sizes given lead to more than 2^63-1 bytes or elements; make them smaller") {}
};

}  // namespace headroom
