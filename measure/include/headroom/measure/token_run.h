#pragma once

#include <algorithm>
#include <cstdint>

#include <headroom/measure/tensor.h>

namespace headroom::measure {

/// The tokens of each sequence that a rank holds, one behind the other: pieces of consecutive ones, all equally long
/// but the last, which may be shorter.
class TokenRun {
 public:
  TokenRun() = default;
  /// One piece.
  explicit TokenRun(const Rows& tokens)
      : count_(tokens.count), length_(std::max<std::int64_t>(tokens.count, 1)), last_first_(tokens.first) {}

  /// Of each chunk of `chunk` tokens the `rank`-th of `ranks` equal parts; the sequence's last chunk may be shorter.
  [[nodiscard]] static TokenRun of_chunks(std::int64_t seq, std::int64_t chunk, std::int64_t rank, std::int64_t ranks) {
    TokenRun run;
    run.count_ = seq / ranks;
    run.length_ = std::max<std::int64_t>(chunk / ranks, 1);
    run.first_ = rank * run.length_;
    run.step_ = chunk;
    const std::int64_t last = run.pieces() - 1;
    run.last_first_ = last * chunk + rank * run.rows_of_piece(last).count;
    return run;
  }

  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] std::int64_t pieces() const { return (count_ + length_ - 1) / length_; }
  /// A piece's rows of the run.
  [[nodiscard]] Rows rows_of_piece(std::int64_t piece) const {
    const std::int64_t first = piece * length_;
    return {first, std::min(length_, count_ - first)};
  }
  /// Its tokens of the sequence.
  [[nodiscard]] Rows piece(std::int64_t piece) const {
    const bool is_last = piece + 1 == pieces();
    return {is_last ? last_first_ : first_ + piece * step_, rows_of_piece(piece).count};
  }
  /// Where in the sequence a row of the run stands.
  [[nodiscard]] std::int64_t token(std::int64_t row) const { return piece(row / length_).first + row % length_; }

  /// Calls `visit(part, token)` for each stretch of consecutive tokens among some rows of the run: which of `rows` they
  /// are, counted from its first, and the first one's place in the sequence.
  template <class Visit>
  void for_each_stretch(const Rows& rows, const Visit& visit) const {
    for (std::int64_t done = 0; done < rows.count;) {
      const std::int64_t row = rows.first + done;
      const std::int64_t length = std::min(rows.count - done, length_ - row % length_);
      visit(Rows{done, length}, token(row));
      done += length;
    }
  }

 private:
  std::int64_t count_ = 0;
  std::int64_t length_ = 1;  ///< of a piece
  std::int64_t first_ = 0;   ///< of the first piece in the sequence
  std::int64_t step_ = 0;    ///< from one piece to the next in the sequence
  std::int64_t last_first_ = 0;
};

}  // namespace headroom::measure
