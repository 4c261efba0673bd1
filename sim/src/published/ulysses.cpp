#include <headroom/sim/published/ulysses.h>

#include "published/product.h"

namespace headroom::sim::published::ulysses {

Rational link_elements(std::int64_t seq, std::int64_t hidden, std::int64_t ranks) {
  return {product(4, {seq, hidden}), ranks};
}
std::int64_t megatron_link_elements(std::int64_t seq, std::int64_t hidden) { return product(4, {seq, hidden}); }

}  // namespace headroom::sim::published::ulysses
