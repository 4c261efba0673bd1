#include "key_value_cache.h"

#include <algorithm>
#include <utility>

#include <headroom/measure/cache_shape.h>

#include "latent_heads.h"

namespace headroom::measure {
namespace {

using kernels::View;

/// Some entries of the batch.
View entries_of(View v, const Rows& entries) {
  v.data = static_cast<std::byte*>(v.data) + entries.first * v.batch_stride * kernels::size_of(v.type);
  v.batch = entries.count;
  return v;
}

/// What a core reads in a pass over one layer.
enum class Reads : std::uint8_t { cache, pass, ring, window };

/// The tokens of a pass, and what the layer's cache has and will have of the sequence.
struct CachedTokens {
  Rows pass;             ///< tokens of the sequence
  std::int64_t all = 1;  ///< tokens of the sequence
  std::int64_t rows = 1;

  [[nodiscard]] std::int64_t past() const { return pass.first; }
  [[nodiscard]] Reads reads() const {
    if (rows == all) return Reads::cache;
    if (past() == 0) return Reads::pass;
    return pass.count == 1 ? Reads::ring : Reads::window;
  }
  /// Of the past, what the cache has.
  [[nodiscard]] Rows cached() const {
    const std::int64_t count = std::min(past(), rows);
    return {past() - count, count};
  }
  /// Of the pass, what the cache takes.
  [[nodiscard]] Rows taken() const {
    const std::int64_t count = std::min(pass.count, rows);
    return {past() + pass.count - count, count};
  }
  /// Rows that are written behind the pass: the first ones.
  [[nodiscard]] Rows written() const { return {0, std::min(past() + pass.count, rows)}; }

  /// Calls `visit(part, in_cache)` for each stretch of `tokens` that lies in one piece: which of them, counted from the
  /// first, and their rows of the cache.
  template <class Visit>
  void for_each_stretch(const Rows& tokens, const Visit& visit) const {
    for (std::int64_t done = 0; done < tokens.count;) {
      const std::int64_t row = (tokens.first + done) % rows;
      const std::int64_t count = std::min(tokens.count - done, rows - row);
      visit(Rows{done, count}, Rows{row, count});
      done += count;
    }
  }
};

/// The keys or the values of a pass over one layer.
struct Side {
  const Run& run;
  CachedTokens tokens;
  View cache;  ///< of the pass's sequences
  Tensor& own;
  View& read;
  Label of_window;

  void take() const {
    if (tokens.reads() == Reads::window) return take_behind_window();
    write(own);
    if (tokens.reads() == Reads::pass) return;
    own.dies();
    read = some_rows(cache, tokens.written());
  }

 private:
  void write(const Tensor& from) const {
    const Rows taken = tokens.taken();
    tokens.for_each_stretch(taken, [&](const Rows& part, const Rows& in_cache) {
      const Rows of_pass{taken.first - tokens.past() + part.first, part.count};
      run.backend.convert(some_rows(cache, in_cache), from.rows(of_pass));
    });
  }
  /// What the cache has of the past, in the order of the tokens, and behind it the pass's own, in whose place it lives.
  void take_behind_window() const {
    const Rows cached = tokens.cached();
    Tensor window = run.activation(of_window, cached.count + tokens.pass.count, own.view().width);
    tokens.for_each_stretch(cached, [&](const Rows& part, const Rows& in_cache) {
      run.backend.convert(window.rows(part), some_rows(cache, in_cache));
    });
    run.backend.convert(window.rows({cached.count, tokens.pass.count}), own.view());
    write(own);
    own = std::move(window);
  }
};

/// A core site whose queries read these keys.
CoreSite site_of(CoreSite core, const CachedTokens& tokens) {
  switch (tokens.reads()) {
    case Reads::pass: break;
    case Reads::cache: core.keys = tokens.written(); break;
    case Reads::ring:
      // One query that reads all of them: they need no order.
      core.keys = tokens.written();
      core.heads.causal = false;
      break;
    case Reads::window: core.keys = {tokens.cached().first, tokens.cached().count + tokens.pass.count}; break;
  }
  return core;
}

/// A core site of absorbed heads over one head of latents, scaled as the layer's heads are.
CoreSite absorbed_site(const LayerSite& site, CoreSite core) {
  core.heads.kv_heads = 1;
  core.heads.head_dim = LatentHeads(site.kind).absorbed_dim();
  core.heads.scaled_as = site.kind.head_dim;
  return core;
}

}  // namespace

void KeyValueCache::birth(Memory& memory, const Job& job, const std::vector<const LayerKind*>& kinds) {
  for (const LayerKind* kind : kinds) {
    const CacheShape of = cache_shape(job, *kind);
    OfLayer& layer = layers_.emplace_back();
    const std::string_view name = kind->latent ? "cached latents" : "cached keys";
    layer.keys = memory.tensor({name, Category::kv_cache}, of.type, of.shape);
    if (of.tensors == 2) layer.values = memory.tensor({"cached values", Category::kv_cache}, of.type, of.shape);
  }
}

CoreSite KeyValueCache::take(const LayerSite& site, AttentionState& state) const {
  const Run& run = site.run;
  const OfLayer& layer = layer_of(site);
  const CoreSite core = site.core_site();
  const CachedTokens tokens{core.queries, run.whole_seq(), layer.keys.view().rows};
  const View keys = entries_of(layer.keys.view(), run.sequences);
  if (site.kind.latent) {
    state.cached_keys = state.cached_values = some_rows(keys, tokens.written());
    return absorbed_site(site, site_of(core, tokens));
  }
  const View values = entries_of(layer.values.view(), run.sequences);
  Side{run, tokens, keys, state.k, state.cached_keys, {"window keys", Category::attention}}.take();
  Side{run, tokens, values, state.v, state.cached_values, {"window values", Category::attention}}.take();
  return site_of(core, tokens);
}

View KeyValueCache::rows_of_latents(const LayerSite& site, const Rows& rows) const {
  const std::int64_t past = site.core_site().queries.first;
  return some_rows(entries_of(layer_of(site).keys.view(), site.run.sequences), {past + rows.first, rows.count});
}

CoreSite core_site_of(const LayerSite& site, AttentionState& state) {
  return site.run.cache == nullptr ? site.core_site() : site.run.cache->take(site, state);
}

}  // namespace headroom::measure
