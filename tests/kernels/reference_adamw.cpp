#include "reference_adamw.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace headroom::test {
namespace {

Values each(const std::vector<AdamWElement>& elements, double AdamWElement::*member) {
  Values values;
  std::transform(elements.begin(), elements.end(), std::back_inserter(values),
                 [member](const AdamWElement& element) { return element.*member; });
  return values;
}

}  // namespace

void AdamWElement::step(double gradient, const kernels::AdamW& s) {
  const auto beta1 = static_cast<double>(s.beta1), beta2 = static_cast<double>(s.beta2);
  first = beta1 * first + (1 - beta1) * gradient;
  second = beta2 * second + (1 - beta2) * gradient * gradient;
  const double m = first / (1 - std::pow(beta1, static_cast<double>(s.step)));
  const double v = second / (1 - std::pow(beta2, static_cast<double>(s.step)));
  parameter -= static_cast<double>(s.learning_rate) *
               (m / (std::sqrt(v) + static_cast<double>(s.epsilon)) + static_cast<double>(s.weight_decay) * parameter);
}

std::vector<AdamWElement> elements_of(const Values& parameters) {
  std::vector<AdamWElement> elements;
  for (const double value : parameters) elements.push_back({value});
  return elements;
}

void step_all(std::vector<AdamWElement>& elements, const Values& gradient, const kernels::AdamW& settings) {
  for (std::size_t i = 0; i < elements.size(); ++i) elements[i].step(gradient.at(i), settings);
}

Values parameters_of(const std::vector<AdamWElement>& elements) { return each(elements, &AdamWElement::parameter); }
Values first_of(const std::vector<AdamWElement>& elements) { return each(elements, &AdamWElement::first); }
Values second_of(const std::vector<AdamWElement>& elements) { return each(elements, &AdamWElement::second); }

}  // namespace headroom::test
