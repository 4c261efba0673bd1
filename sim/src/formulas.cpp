#include "formulas.h"

#include <string>
#include <vector>

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/sim/published.h>
#include <headroom/sim/reproduce.h>

namespace headroom::sim {
namespace {

namespace korthikanti = published::korthikanti;
namespace table1 = published::ring_table1;
using published::Symbols;

std::int64_t size_of(const SymbolValues& symbols, std::string_view symbol, std::int64_t otherwise) {
  const auto found = symbols.find(symbol);
  return found == symbols.end() ? otherwise : found->second;
}

Symbols symbols_of(const SymbolValues& values) {
  Symbols x;
  x.b = size_of(values, "b", x.b);
  x.s = size_of(values, "s", x.s);
  x.h = size_of(values, "h", x.h);
  x.a = size_of(values, "a", x.a);
  x.L = size_of(values, "L", x.L);
  x.v = size_of(values, "v", x.v);
  x.c = size_of(values, "c", x.c);
  x.t = size_of(values, "t", x.t);
  x.p = size_of(values, "p", x.p);
  x.m = size_of(values, "m", x.m);
  return x;
}

/// Bytes and fractions of bytes, as one.
Rational exact(Bytes bytes) { return bytes.count(); }
Rational exact(const Rational& value) { return value; }

/// A formula of Symbols.
template <auto kFunction>
Rational plain(const SymbolValues& values) {
  return exact(kFunction(symbols_of(values)));
}
/// L layers of one on the first stage, and the same with the model's states.
template <auto kLayer>
Rational stage(const SymbolValues& values) {
  const Symbols x = symbols_of(values);
  return korthikanti::stage(exact(kLayer(x)), x);
}
template <auto kLayer>
Rational total(const SymbolValues& values) {
  return stage<kLayer>(values) + korthikanti::model_states(symbols_of(values));
}
/// What selective recompute leaves away, of what a layer keeps on one device.
Rational selective_saving(const SymbolValues& values) {
  const Symbols x = symbols_of(values);
  return Rational(1) - exact(korthikanti::layer_selective(x)) / exact(korthikanti::layer(x));
}

template <auto kRow, auto kCell>
Rational cell(const SymbolValues& values) {
  return exact(kRow(symbols_of(values)).*kCell);
}
template <auto kRow>
Rational larger_cell(const SymbolValues& values) {
  return exact(kRow(symbols_of(values)).total());
}
constexpr std::int64_t kBf16 = 2;
Rational ring_blocks(const SymbolValues& values) { return exact(published::ring::blocks(symbols_of(values), kBf16)); }

/// Symbols that are no field of Symbols: rates F and B, ranks N or P (Ulysses), parameters P (ZeRO's Psi), k keys.
template <auto kFunction>
Rational rates(const SymbolValues& values) {
  return kFunction(size_of(values, "F", 1), size_of(values, "B", 1));
}
template <auto kFunction>
Rational states(const SymbolValues& values) {
  return kFunction(size_of(values, "P", 1), size_of(values, "N", 1));
}
Rational unsharded_states(const SymbolValues& values) { return published::zero::baseline(size_of(values, "P", 1)); }
Rational transformer_math_3d(const SymbolValues& values) {
  return published::transformer_math::states_3d(size_of(values, "P", 1), size_of(values, "N", 1),
                                                size_of(values, "p", 1), size_of(values, "t", 1));
}
Rational ulysses(const SymbolValues& values) {
  return published::ulysses::link_elements(size_of(values, "N", 1), size_of(values, "h", 1), size_of(values, "P", 1));
}
Rational ulysses_megatron(const SymbolValues& values) {
  return published::ulysses::megatron_link_elements(size_of(values, "N", 1), size_of(values, "h", 1));
}
/// k keys at a time.
Rational rabe_staats_chunked(const SymbolValues& values) {
  return exact(published::rabe_staats::chunked(symbols_of(values), size_of(values, "k", 1)));
}
/// Of one of N ranks that share the sequence.
Rational memo_inputs(const SymbolValues& values) {
  return exact(published::memo::layer_inputs(symbols_of(values))) / Rational(size_of(values, "N", 1));
}
/// What N ranks of c tokens hold together, and the tokens of one where they share s evenly: LSS (arXiv 2311.02382),
/// abstract.
Rational tokens_of_ranks(const SymbolValues& values) {
  return Rational(size_of(values, "N", 1)) * Rational(size_of(values, "c", 1));
}
Rational tokens_per_rank(const SymbolValues& values) { return {size_of(values, "s", 1), size_of(values, "N", 1)}; }

constexpr Dimension kBytes = Dimension::bytes;
constexpr Dimension kElements = Dimension::elements;
constexpr Dimension kTokens = Dimension::tokens;
constexpr Dimension kRatio = Dimension::ratio;

}  // namespace

std::span<const Formula> formulas() {
  using namespace korthikanti;
  using table1::Row;
  static constexpr Formula kFormulas[] = {
      {"korthikanti-attention", "sbha", kBytes, plain<attention>},
      {"korthikanti-mlp", "sbh", kBytes, plain<mlp>},
      {"korthikanti-layer-norms", "sbh", kBytes, plain<layer_norms>},
      {"korthikanti-layer", "sbha", kBytes, plain<layer>},
      {"korthikanti-layer-tensor", "sbhat", kBytes, plain<layer_tensor>},
      {"korthikanti-layer-tensor-sequence", "sbhat", kBytes, plain<layer_tensor_sequence>},
      {"korthikanti-layer-tensor-selective", "sbht", kBytes, plain<layer_tensor_selective>},
      {"korthikanti-layer-tensor-sequence-selective", "sbht", kBytes, plain<layer_tensor_sequence_selective>},
      {"korthikanti-layer-full", "sbh", kBytes, plain<layer_full_recompute>},
      {"korthikanti-selective-saving", "sbha", kRatio, selective_saving},
      {"korthikanti-interleaving", "pm", kRatio, plain<interleaving>},
      {"korthikanti-stage-tensor", "sbhatpmL", kBytes, stage<layer_tensor>},
      {"korthikanti-stage-tensor-sequence", "sbhatpmL", kBytes, stage<layer_tensor_sequence>},
      {"korthikanti-stage-tensor-selective", "sbhtpmL", kBytes, stage<layer_tensor_selective>},
      {"korthikanti-stage-tensor-sequence-selective", "sbhtpmL", kBytes, stage<layer_tensor_sequence_selective>},
      {"korthikanti-stage-full", "sbhpmL", kBytes, stage<layer_full_recompute>},
      {"korthikanti-model-states", "hLvtp", kBytes, plain<model_states>},
      {"korthikanti-total-tensor", "sbhatpmLv", kBytes, total<layer_tensor>},
      {"korthikanti-total-tensor-sequence-selective", "sbhtpmLv", kBytes, total<layer_tensor_sequence_selective>},
      {"korthikanti-first-stage", "sbhatL", kBytes, plain<first_stage>},
      {"korthikanti-extra-terms", "sbhtpv", kBytes, plain<extra_terms>},
      {"korthikanti-freed-outputs", "sbhp", kBytes, plain<freed_outputs>},
      {"flash-table-21-pytorch", "bsha", kBytes, plain<published::flash_table21::pytorch>},
      {"flash-table-21-flash", "bsha", kBytes, plain<published::flash_table21::flash>},
      {"rabe-staats-arrays", "bsh", kBytes, plain<published::rabe_staats::arrays>},
      {"rabe-staats-gradient-arrays", "bsh", kBytes, plain<published::rabe_staats::gradient_arrays>},
      {"rabe-staats-standard", "bsa", kBytes, plain<published::rabe_staats::standard>},
      {"rabe-staats-gradient-standard", "bsa", kBytes, plain<published::rabe_staats::gradient_standard>},
      {"rabe-staats-chunked", "bshack", kBytes, rabe_staats_chunked},
      {"rabe-staats-gradient-chunked", "bsac", kBytes, plain<published::rabe_staats::gradient_chunked>},
      {"ring-table-1-vanilla-attention", "bsa", kBytes, cell<table1::vanilla, &Row::self_attention>},
      {"ring-table-1-vanilla-feed-forward", "bsh", kBytes, cell<table1::vanilla, &Row::feed_forward>},
      {"ring-table-1-vanilla", "bsha", kBytes, larger_cell<table1::vanilla>},
      {"ring-table-1-memory-efficient-attention", "bshc", kBytes, cell<table1::memory_efficient, &Row::self_attention>},
      {"ring-table-1-memory-efficient-feed-forward", "bsh", kBytes, cell<table1::memory_efficient, &Row::feed_forward>},
      {"ring-table-1-memory-efficient", "bshc", kBytes, larger_cell<table1::memory_efficient>},
      {"ring-table-1-bpt-attention", "bsh", kBytes, cell<table1::memory_efficient_ffn, &Row::self_attention>},
      {"ring-table-1-bpt-feed-forward", "bsh", kBytes, cell<table1::memory_efficient_ffn, &Row::feed_forward>},
      {"ring-table-1-bpt", "bsh", kBytes, larger_cell<table1::memory_efficient_ffn>},
      {"ring-table-1-ring-attention", "bch", kBytes, cell<table1::ring, &Row::self_attention>},
      {"ring-table-1-ring-feed-forward", "bch", kBytes, cell<table1::ring, &Row::feed_forward>},
      {"ring-table-1-ring", "bch", kBytes, larger_cell<table1::ring>},
      {"ring-blocks-bf16", "bch", kBytes, ring_blocks},
      {"ring-minimal-block", "FB", kTokens, rates<published::ring::minimal_block>},
      {"ring-minimal-sequence", "FB", kTokens, rates<published::ring::minimal_sequence>},
      {"ring-flops-per-token", "sh", Dimension::operations, plain<published::ring::flops_per_token>},
      {"ulysses-link", "NhP", kElements, ulysses},
      {"ulysses-megatron-link", "Nh", kElements, ulysses_megatron},
      {"memo-elements", "bsh", kElements, plain<published::memo::skeletal_elements>},
      {"memo-attention-output", "bsh", kElements, plain<published::memo::attention_output_elements>},
      {"memo-skeletal", "bshL", kBytes, plain<published::memo::skeletal>},
      {"memo-layer-inputs", "bshLN", kBytes, memo_inputs},
      {"sppo-activations", "bshL", kBytes, plain<published::sppo::activations>},
      {"zero-baseline", "P", kBytes, unsharded_states},
      {"zero-1", "PN", kBytes, states<published::zero::stage1>},
      {"zero-2", "PN", kBytes, states<published::zero::stage2>},
      {"zero-3", "PN", kBytes, states<published::zero::stage3>},
      {"transformer-math-3d", "PNpt", kBytes, transformer_math_3d},
      {"tokens-per-rank", "sN", kTokens, tokens_per_rank},
      {"tokens-of-ranks", "cN", kTokens, tokens_of_ranks},
  };
  return kFormulas;
}

std::vector<std::string_view> formula_names() {
  std::vector<std::string_view> names;
  for (const Formula& formula : formulas()) names.push_back(formula.name);
  return names;
}

const Formula& formula_named(std::string_view name) {
  for (const Formula& formula : formulas()) {
    if (formula.name == name) return formula;
  }
  const std::string_view nearest = nearest_name(name, formula_names());
  throw InputError("there is no such formula; " + (nearest.empty() ? std::string("docs/reproductions.md lists them")
                                                                   : fmt::format("did you mean '{}'?", nearest)));
}

Rational value_at(const Formula& formula, const SymbolValues& symbols) {
  for (std::size_t i = 0; i < formula.symbols.size(); ++i) {
    const std::string_view symbol = formula.symbols.substr(i, 1);
    if (symbols.find(symbol) != symbols.end()) continue;
    throw InputError(fmt::format("the formula {} needs a size for the symbol '{}'", formula.name, symbol));
  }
  return formula.value(symbols);
}

}  // namespace headroom::sim
