#pragma once

#include <string>
#include <vector>

#include "corpus.h"

namespace headroom::test {

/// docs/validation.md.
[[nodiscard]] std::string validation_page(const std::vector<NamedRecord>& records,
                                          const std::vector<DeviceCorpus>& devices);
/// sim/src/verified_cuda.inc: what answers say of CUDA.
[[nodiscard]] std::string verified_cuda_text(const std::vector<DeviceCorpus>& devices);
/// docs/validation.svg: measured against predicted, both axes logarithmic.
[[nodiscard]] std::string validation_picture(const std::vector<NamedRecord>& records);

}  // namespace headroom::test
