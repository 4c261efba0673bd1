#include "vocabulary.h"

namespace headroom::measure {
namespace {

using kernels::ConstView;
using kernels::View;
using kernels::Write;

/// The loss to write to, born where it does not live yet, and how.
struct LossTarget {
  View view;
  Write write = Write::set;

  LossTarget(const Run& run, Tensor* loss) {
    if (loss == nullptr) return;
    write = *loss ? Write::add : Write::set;
    if (!*loss) *loss = run.memory.tensor({"loss", Category::head_and_loss}, kernels::Type::fp32, {});
    view = loss->view();
  }
};

/// A rank that has all entries.
class WholeVocabulary : public Vocabulary {
 public:
  void embed(const Run& run, const View& out, const ConstView& table, const ConstView& ids) const override {
    run.backend.embed(out, table, ids);
  }
  void embed_backward(const Run& run, const View& d_table, const ConstView& dx, const ConstView& ids,
                      Write write) const override {
    run.backend.embed_backward(d_table, dx, ids, write);
  }
  void cross_entropy(const Run& run, Tensor* loss, const Guesses& guesses, bool gradient) const override {
    const LossTarget target(run, loss);
    run.backend.cross_entropy(target.view, target.write, guesses.logits, guesses.targets, run.tokens_of_step(),
                              gradient);
  }
};

/// [batch, rows, 1] in fp32.
Tensor row_statistics(const Run& run, std::string_view name, const View& logits) {
  return run.memory.tensor({name, Category::head_and_loss}, kernels::Type::fp32, {logits.batch, logits.rows, 1});
}

/// A rank that has a part of the entries.
class SharedVocabulary : public Vocabulary {
 public:
  void embed(const Run& run, const View& out, const ConstView& table, const ConstView& ids) const override {
    run.backend.embed_part(out, table, ids, part_of(run));
  }
  void embed_backward(const Run& run, const View& d_table, const ConstView& dx, const ConstView& ids,
                      Write write) const override {
    run.backend.embed_part_backward(d_table, dx, ids, part_of(run), write);
  }
  void cross_entropy(const Run& run, Tensor* loss, const Guesses& guesses, bool gradient) const override {
    RankGroup& ranks = run.communicator.tensor();
    const kernels::VocabularyPart part = part_of(run);
    Tensor row_max = row_statistics(run, "row maxima", guesses.logits);
    run.backend.vocabulary_max(row_max.view(), guesses.logits, part);
    ranks.all_reduce_max(row_max.view());
    Tensor row_sum = row_statistics(run, "row sums", guesses.logits);
    Tensor target_logit = row_statistics(run, "target logits", guesses.logits);
    run.backend.vocabulary_sums(row_sum.view(), target_logit.view(), guesses.logits, guesses.targets, row_max.view(),
                                part);
    ranks.all_reduce(row_sum.view());
    ranks.all_reduce(target_logit.view());
    const LossTarget target(run, loss);
    run.backend.vocabulary_cross_entropy(target.view, target.write, guesses.logits, guesses.targets, row_max.view(),
                                         row_sum.view(), target_logit.view(), part, run.tokens_of_step(), gradient);
    row_max.dies();
    row_sum.dies();
    target_logit.dies();
  }

 private:
  static kernels::VocabularyPart part_of(const Run& run) {
    const Part part = run.vocabulary_part();
    return {part.first, part.count};
  }
};

}  // namespace

const Vocabulary& vocabulary_of(const RankPlace& place) {
  static const WholeVocabulary whole;
  static const SharedVocabulary shared;
  if (place.tensor_ranks == 1) return whole;
  return shared;
}

}  // namespace headroom::measure
