#pragma once

#include <cstdint>

#include <headroom/models/bytes.h>
#include <headroom/sim/published/symbols.h>

/// Rabe and Staats, "Self-attention Does Not Need O(n^2) Memory" (arXiv 2112.05682 v3), tables 2 and 3: q, k and v in
/// bf16, the output and scores in fp32. The paper prints numbers; these are the tensors that its algorithms name.
namespace headroom::sim::published::rabe_staats {

/// q, k and v, and the output: 10bsh. Differentiated, they and their gradients, of the output's sum: 12bsh.
[[nodiscard]] Bytes arrays(const Symbols& x);
[[nodiscard]] Bytes gradient_arrays(const Symbols& x);
/// Beside them, with all scores at a time: 4bas^2. Differentiated, scores and their gradient: 8bas^2.
[[nodiscard]] Bytes standard(const Symbols& x);
[[nodiscard]] Bytes gradient_standard(const Symbols& x);
/// The same with x.c queries and `keys` keys at a time: the larger of one tile of scores, 4ba * min(c, s) * min(keys,
/// s), and the output in fp32, 4bsh.
[[nodiscard]] Bytes chunked(const Symbols& x, std::int64_t keys);
/// Differentiated: the scores of one chunk of queries with all keys, 4ba * min(c, s) * s.
[[nodiscard]] Bytes gradient_chunked(const Symbols& x);

}  // namespace headroom::sim::published::rabe_staats
