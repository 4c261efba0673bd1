#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <headroom/models/bytes.h>
#include <headroom/models/job.h>
#include <headroom/models/method.h>
#include <headroom/models/tokens.h>

namespace headroom {

/// "59.83 GiB": binary units, three or four significant digits, the unit always there; exact below 1 KiB ("17 B").
[[nodiscard]] std::string format_bytes(Bytes bytes);
/// "84987084800": for programs.
[[nodiscard]] std::string format_count(std::int64_t count);
/// The shortest exact form, for the ticks of axes: "16 GiB", "512 MiB"; else as format_bytes.
[[nodiscard]] std::string format_bytes_tick(Bytes bytes);
/// "37.9 %" of `whole`, which is positive; "<0.1 %" for what would be rounded away.
[[nodiscard]] std::string format_share(Bytes part, Bytes whole);
/// "34,816": digits in groups of three.
[[nodiscard]] std::string format_grouped(std::int64_t count);
/// Both forms: "34,816 (34K)", "131,072 (128K)", "1,048,576 (1M)"; the short form only when it is exact to 0.1 K or M.
[[nodiscard]] std::string format_tokens(Tokens tokens);
/// The shortest exact form, for the ticks of axes: "128K", "1M"; else the digits in groups.
[[nodiscard]] std::string format_tokens_tick(Tokens tokens);
/// "8.03B", "124.4M" parameters.
[[nodiscard]] std::string format_parameters(std::int64_t count);
/// "2048" or the rule's name.
[[nodiscard]] std::string format_chunk(const Chunk& chunk);
/// "none", "selective", "full", "every:4".
[[nodiscard]] std::string format_recompute(const Recompute& recompute);
/// "2 data x 4 sequence ranks"; with ring x Ulysses "8 sequence ranks of 4 Ulysses". "1 rank" where there is one.
[[nodiscard]] std::string format_degrees(const Job& job);
/// "adamw with bf16 states", "un-factored adafactor with bf16 momentum"
[[nodiscard]] std::string format_optimizer(const Optimizer& optimizer);
/// "bf16, adamw with bf16 states, batch 1, recompute full"
[[nodiscard]] std::string format_settings(const Job& job);

/// "131072", "128K" (binary), "1M". Throws InputError that names `what`.
[[nodiscard]] Tokens parse_tokens(std::string_view text, std::string_view what);
/// "80GiB", "80 GB" (decimal), "512MiB", "1073741824". Throws InputError that names `what`.
[[nodiscard]] Bytes parse_bytes(std::string_view text, std::string_view what);
/// "8": a whole number between `least` and 2^40. Throws InputError that names `what`.
[[nodiscard]] std::int64_t parse_count(std::string_view text, std::string_view what, std::int64_t least = 1);
/// FLOP/s: "312T", "312 TFLOP/s", "989.4TFLOPS", "312000000000000"; K to P are decimal. Throws InputError that names
/// `what`.
[[nodiscard]] std::int64_t parse_flops(std::string_view text, std::string_view what);
/// Bytes/s: "300GB/s", "300 GB" (decimal), "12.5GB/s", "300000000000". Throws InputError that names `what`.
[[nodiscard]] std::int64_t parse_bandwidth(std::string_view text, std::string_view what);
/// "2048", "4K" or a rule's name.
[[nodiscard]] Chunk parse_chunk(std::string_view text, std::string_view what);
/// "none", "selective", "full", "every:K".
[[nodiscard]] Recompute parse_recompute(std::string_view text, std::string_view what);

}  // namespace headroom
