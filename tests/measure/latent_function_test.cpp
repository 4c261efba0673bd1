// Latent attention beside a plain loop in double precision (DeepSeek-V2, arXiv 2405.04434 section 2.1).

#include <algorithm>
#include <cmath>

#include "bench.h"
#include "catch.h"

using namespace headroom;

namespace {

/// [rows, width]
struct Matrix {
  std::int64_t rows = 0;
  std::int64_t width = 0;
  std::vector<double> values;

  Matrix(std::int64_t r, std::int64_t w) : rows(r), width(w), values(static_cast<std::size_t>(r * w)) {}
  [[nodiscard]] double& at(std::int64_t row, std::int64_t column) {
    return values.at(static_cast<std::size_t>(row * width + column));
  }
  [[nodiscard]] double at(std::int64_t row, std::int64_t column) const {
    return values.at(static_cast<std::size_t>(row * width + column));
  }
};

using Weights = std::map<std::string, Matrix>;

Matrix times(const Matrix& x, const Matrix& w) {
  Matrix out(x.rows, w.width);
  for (std::int64_t i = 0; i < x.rows; ++i) {
    for (std::int64_t j = 0; j < w.width; ++j) {
      for (std::int64_t m = 0; m < x.width; ++m) out.at(i, j) += x.at(i, m) * w.at(m, j);
    }
  }
  return out;
}

Matrix normed(Matrix x, const Matrix& gain) {
  for (std::int64_t i = 0; i < x.rows; ++i) {
    double squares = 0;
    for (std::int64_t j = 0; j < x.width; ++j) squares += x.at(i, j) * x.at(i, j);
    const double scale = 1 / std::sqrt(squares / static_cast<double>(x.width) + 1e-5);
    for (std::int64_t j = 0; j < x.width; ++j) x.at(i, j) *= scale * gain.at(0, j);
  }
  return x;
}

/// Turns the pairs (i, i + dim/2) of the `dim` columns from `first` on by the angle of their row.
void rotate(Matrix& x, std::int64_t first, std::int64_t dim) {
  for (std::int64_t row = 0; row < x.rows; ++row) {
    for (std::int64_t i = 0; i < dim / 2; ++i) {
      const double angle =
          static_cast<double>(row) * std::pow(10000.0, -2.0 * static_cast<double>(i) / static_cast<double>(dim));
      double& a = x.at(row, first + i);
      double& b = x.at(row, first + i + dim / 2);
      const double u = a, v = b;
      a = u * std::cos(angle) - v * std::sin(angle);
      b = u * std::sin(angle) + v * std::cos(angle);
    }
  }
}

/// What the heads read of a sequence.
struct Projections {
  Matrix q, nope_keys, rope_key, values;
};

Projections project(const LayerKind& kind, const Matrix& x, const Weights& w) {
  const std::int64_t d = kind.head_dim, r = kind.latent->rope_head_dim;
  const Matrix n = normed(x, w.at("attention norm gain"));
  const Matrix latent = normed(times(n, w.at("W_dkv")), w.at("latent norm gain"));
  const bool has_latent = kind.latent->query_rank.has_value();
  Matrix q = has_latent ? times(normed(times(n, w.at("W_dq")), w.at("query latent norm gain")), w.at("W_uq"))
                        : times(n, w.at("W_q"));
  for (std::int64_t head = 0; head < kind.heads; ++head) rotate(q, head * d + d - r, r);
  Matrix rope_key = times(n, w.at("W_kr"));
  rotate(rope_key, 0, r);
  return {q, times(latent, w.at("W_uk")), rope_key, times(latent, w.at("W_uv"))};
}

double score(const LayerKind& kind, const Projections& p, std::int64_t head, std::int64_t query, std::int64_t key) {
  const std::int64_t d = kind.head_dim, nope = d - kind.latent->rope_head_dim;
  double sum = 0;
  for (std::int64_t c = 0; c < nope; ++c) sum += p.q.at(query, head * d + c) * p.nope_keys.at(key, head * nope + c);
  for (std::int64_t c = nope; c < d; ++c) sum += p.q.at(query, head * d + c) * p.rope_key.at(key, c - nope);
  return sum / std::sqrt(static_cast<double>(d));
}

/// x plus its attention.
Matrix attended(const LayerKind& kind, const Matrix& x, const Weights& w) {
  const std::int64_t e = kind.latent->value_head_dim;
  const Projections p = project(kind, x, w);
  Matrix o(x.rows, kind.heads * e);
  for (std::int64_t head = 0; head < kind.heads; ++head) {
    for (std::int64_t i = 0; i < x.rows; ++i) {
      double all = 0;
      for (std::int64_t j = 0; j <= i; ++j) all += std::exp(score(kind, p, head, i, j));
      for (std::int64_t j = 0; j <= i; ++j) {
        const double share = std::exp(score(kind, p, head, i, j)) / all;
        for (std::int64_t c = head * e; c < (head + 1) * e; ++c) o.at(i, c) += share * p.values.at(j, c);
      }
    }
  }
  Matrix r = times(o, w.at("W_o"));
  for (std::size_t i = 0; i < r.values.size(); ++i) r.values[i] += x.values[i];
  return r;
}

/// The layer's output where these weights are zero, and the weights.
Matrix output_without(const Job& job, const std::vector<std::string>& zeros, Weights* weights = nullptr) {
  struct Output : measure::Observer {
    void last_output(const measure::Tensor& x) override { values = test::values_of(x.view()); }
    std::vector<double> values;
  } output;
  test::Bench bench;
  measure::Trainer trainer(*bench.backend, bench.memory, job, {}, &output);
  measure::for_each_parameter(trainer.weights(), [&](measure::Parameter& p) {
    const std::string kind(p.kind);
    if (std::find(zeros.begin(), zeros.end(), kind) != zeros.end()) bench.backend->zero(p.value.view());
    if (weights == nullptr) return;
    Matrix& matrix = weights->try_emplace(kind, p.rows, p.width).first->second;
    matrix.values = test::values_of(p.value.view());
  });
  (void)trainer.step();
  Matrix out(job.seq.count(), job.model.hidden);
  out.values = output.values;
  return out;
}

}  // namespace

TEST_CASE("latent attention is that of a plain loop, with and without latent queries and narrow values") {
  Job job = test::deepseek_job();
  job.model.layer_runs = {{1, {0}}};
  job.batch = 1;
  LayerKind& kind = job.model.kinds[0];
  if (GENERATE(false, true)) kind.latent->query_rank.reset();
  kind.latent->value_head_dim = GENERATE(4, 6);
  Weights weights;
  const Matrix x = output_without(job, {"W_o", "W_down"});
  const Matrix r = output_without(job, {"W_down"}, &weights);
  const Matrix expected = attended(kind, x, weights);
  CHECK(test::relative_difference(r.values, expected.values) <= 1e-5);
  CHECK(test::relative_difference(x.values, expected.values) > 1e-2);
}
