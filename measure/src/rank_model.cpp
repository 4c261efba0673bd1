#include "rank_model.h"

namespace headroom::measure {

RankModel::RankModel(const Job& of, const Training& how, std::int64_t rank)
    : job(of),
      training(how),
      place(place_of(job, rank)),
      part(part_of_model(job.model, job.degrees.tensor)),
      kinds(kinds_by_layer(part)),
      core(job),
      weights(describe_weights(job.model, job.seq.count(),
                               {place.tensor_rank, place.tensor_ranks, place.shares_tokens()})) {}

Observer& observer_or_nobody(Observer* observer) {
  static Observer nobody;
  return observer == nullptr ? nobody : *observer;
}

}  // namespace headroom::measure
