#include <headroom/models/reproduction.h>

namespace headroom {

template <>
std::span<const Named<PrintedCertainty>> values_of<PrintedCertainty>() {
  static constexpr Named<PrintedCertainty> kValues[] = {
      {PrintedCertainty::paper, "paper", "read in the paper"},
      {PrintedCertainty::code, "code", "read in the authors' code"},
      {PrintedCertainty::chart, "chart", "read off a figure"},
      {PrintedCertainty::quoted, "quoted", "read where others quote the paper"},
      {PrintedCertainty::derived, "derived", "follows from what the paper prints"},
      {PrintedCertainty::memory, "memory", "recalled, not verified: reported, never gated"},
  };
  return kValues;
}

template <>
std::span<const Named<PrintedUnit>> values_of<PrintedUnit>() {
  static constexpr Named<PrintedUnit> kValues[] = {
      {PrintedUnit::bytes, "B", "bytes"},
      {PrintedUnit::kib, "KiB", "2^10 bytes"},
      {PrintedUnit::mib, "MiB", "2^20 bytes"},
      {PrintedUnit::gb, "GB", "10^9 bytes"},
      {PrintedUnit::gib, "GiB", "2^30 bytes"},
      {PrintedUnit::elements, "elements", "numbers of a tensor"},
      {PrintedUnit::tokens, "tokens", "tokens"},
      {PrintedUnit::kilo_tokens, "1e3 tokens", "thousands of tokens"},
      {PrintedUnit::kibi_tokens, "Ki tokens", "1024 tokens"},
      {PrintedUnit::flops, "FLOP", "floating-point operations"},
      {PrintedUnit::percent, "%", "hundredths"},
      {PrintedUnit::times, "x", "a ratio"},
  };
  return kValues;
}

template <>
std::span<const Named<Gate>> values_of<Gate>() {
  static constexpr Named<Gate> kValues[] = {
      {Gate::none, "none", "reported"},
      {Gate::exact, "exact", "equal"},
      {Gate::digits, "digits", "half of the last printed digit"},
      {Gate::truncated, "truncated", "printed without its further digits"},
      {Gate::within, "within", "the row's tolerance"},
      {Gate::at_least, "at-least", "not less than printed"},
  };
  return kValues;
}

template <>
std::span<const Named<JobQuantity>> values_of<JobQuantity>() {
  static constexpr Named<JobQuantity> kValues[] = {
      {JobQuantity::max_context, "max-context", "the longest sequence that fits"},
      {JobQuantity::allocated, "allocated", "live tensors at the peak"},
      {JobQuantity::device, "device", "the peak with context, workspace and slack"},
      {JobQuantity::layer, "layer", "what a layer's forward leaves for backward"},
      {JobQuantity::parameters, "parameters", "parameters at the peak"},
      {JobQuantity::gradients, "gradients", "gradients at the peak"},
      {JobQuantity::optimizer_state, "optimizer-state", "optimizer state at the peak"},
      {JobQuantity::activations, "activations", "other live tensors at the peak"},
  };
  return kValues;
}

template <>
std::span<const Named<CheckKind>> values_of<CheckKind>() {
  static constexpr Named<CheckKind> kValues[] = {
      {CheckKind::ratio, "ratio", "the first row is a factor times the second"},
      {CheckKind::ascending, "ascending", "no row is below the one before it"},
      {CheckKind::powers_of_two, "powers-of-two", "so many rows are at most so many doublings off"},
  };
  return kValues;
}

Dimension dimension_of(PrintedUnit unit) {
  switch (unit) {
    case PrintedUnit::bytes:
    case PrintedUnit::kib:
    case PrintedUnit::mib:
    case PrintedUnit::gb:
    case PrintedUnit::gib: return Dimension::bytes;
    case PrintedUnit::elements: return Dimension::elements;
    case PrintedUnit::tokens:
    case PrintedUnit::kilo_tokens:
    case PrintedUnit::kibi_tokens: return Dimension::tokens;
    case PrintedUnit::flops: return Dimension::operations;
    case PrintedUnit::percent:
    case PrintedUnit::times: break;
  }
  return Dimension::ratio;
}

std::string_view name_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::bytes: return "bytes";
    case Dimension::elements: return "elements";
    case Dimension::tokens: return "tokens";
    case Dimension::operations: return "operations";
    case Dimension::ratio: break;
  }
  return "a ratio";
}

Rational scale_of(PrintedUnit unit) {
  switch (unit) {
    case PrintedUnit::kib: return std::int64_t{1} << 10;
    case PrintedUnit::mib: return std::int64_t{1} << 20;
    case PrintedUnit::gb: return 1'000'000'000;
    case PrintedUnit::gib: return std::int64_t{1} << 30;
    case PrintedUnit::kilo_tokens: return 1'000;
    case PrintedUnit::kibi_tokens: return 1'024;
    case PrintedUnit::percent: return {1, 100};
    case PrintedUnit::bytes:
    case PrintedUnit::elements:
    case PrintedUnit::tokens:
    case PrintedUnit::flops:
    case PrintedUnit::times: break;
  }
  return 1;
}

}  // namespace headroom
