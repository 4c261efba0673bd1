#pragma once

#include <algorithm>
#include <cstdint>

#include "narration/attention/tensors.h"
#include "narration/cache.h"

namespace headroom::sim {

/// The keys and values that an attention core reads: those that were projected, or in a pass of inference the cache's,
/// or copies of a window's (docs/runtime.md section 13).
class KeysRead {
 public:
  explicit KeysRead(const LayerContext& ctx) : ctx_(ctx), source_(source_of(ctx)), keys_(keys_of(ctx, source_)) {}

  [[nodiscard]] bool are_projected() const { return source_ == Source::projected; }
  /// The layer as its core sees it.
  [[nodiscard]] LayerContext core() const {
    LayerContext core = ctx_;
    core.keys = keys_;
    return core;
  }

  /// The projected ones are there, and go into the cache where there is one. Returns what the core reads.
  template <class S>
  [[nodiscard]] KeyValueTensors store(S& story, const KeyValueTensors& projected) const {
    if (are_projected()) return projected;
    KeyValueTensors read(core(), keys_, Category::attention);
    read.k.role = &kWindowKeys;
    read.v.role = &kWindowValues;
    read.stay = source_ == Source::cache;
    story.born_if(!read.stay, read.k);
    story.dies(projected.k);
    story.born_if(!read.stay, read.v);
    story.dies(projected.v);
    return read;
  }

 private:
  enum class Source : std::uint8_t { projected, cache, window };

  [[nodiscard]] static Source source_of(const LayerContext& ctx) {
    if (!ctx.plan.caches()) return Source::projected;
    if (!LayerCache(ctx).is_ring()) return Source::cache;
    if (ctx.plan.past == 0) return Source::projected;
    return ctx.plan.s == 1 ? Source::cache : Source::window;
  }

  [[nodiscard]] static Extent keys_of(const LayerContext& ctx, Source source) {
    if (source == Source::projected) return ctx.keys;
    const StepPlan& plan = ctx.plan;
    const std::int64_t seen = checked_add(plan.past, plan.s);
    const Extent cached = LayerCache(ctx).rows();
    const Symbols parts{seen < cached.tokens ? "keys" : cached.symbol.tokens, ctx.symbols};
    if (source == Source::cache) return {std::min(seen, cached.tokens), parts};
    return {checked_add(std::min(plan.past, cached.tokens), plan.s), {"(w+c_p)", ctx.symbols}};
  }

  const LayerContext& ctx_;
  Source source_;
  Extent keys_;

  static constexpr Role kWindowKeys{"window keys", "b·#·k·d", "runtime policy: inference"};
  static constexpr Role kWindowValues{"window values", "b·#·k·d", "runtime policy: inference"};
};

}  // namespace headroom::sim
