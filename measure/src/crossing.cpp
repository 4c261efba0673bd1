#include "crossing.h"

namespace headroom::measure {
namespace {

using kernels::View;
using Write = std::function<void(const View&)>;

/// A rank that has all of every matrix.
class Straight : public Crossing {
 public:
  [[nodiscard]] ProductInput enter(const Run&, std::string_view, const View& own, Tensor* dying) const override {
    return {{}, dying, own};
  }
  void leave(const Run& run, const Target& target, const Write& write) const override { write(target.open(run)); }
};

/// Tensor parallelism: every rank has the tokens of all.
class SameTokens : public Straight {
 public:
  void leave(const Run& run, const Target& target, const Write& write) const override {
    write(target.open(run));
    run.communicator.tensor().all_reduce(target.open(run));
  }
};

/// Megatron-SP: every rank has tokens of its own.
class OwnTokens : public Crossing {
 public:
  [[nodiscard]] ProductInput enter(const Run& run, std::string_view gathered, const View& own,
                                   Tensor* dying) const override {
    RankGroup& ranks = run.communicator.tensor();
    ProductInput input;
    input.gathered = run.memory.tensor({gathered, Category::communication}, own.type,
                                       {own.batch, own.rows * ranks.size(), own.width});
    input.view = input.gathered.view();
    ranks.gather_tokens(input.view, own);
    if (dying != nullptr) dying->dies();
    return input;
  }

  void leave(const Run& run, const Target& target, const Write& write) const override {
    RankGroup& ranks = run.communicator.tensor();
    const Tensor sums =
        run.activation({"partial sums", Category::communication}, target.rows.count * ranks.size(), target.width);
    write(sums.view());
    ranks.reduce_scatter_tokens(target.open(run), sums.view());
  }
};

}  // namespace

void ProductInput::end() {
  gathered.dies();
  if (dying != nullptr) dying->dies();
}

const Crossing& crossing_of(const RankPlace& place) {
  static const Straight straight;
  static const SameTokens same_tokens;
  static const OwnTokens own_tokens;
  if (place.tensor_ranks == 1) return straight;
  if (place.shares_tokens()) return own_tokens;
  return same_tokens;
}

}  // namespace headroom::measure
