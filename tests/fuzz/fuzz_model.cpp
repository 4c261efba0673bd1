// libFuzzer: any bytes as a model's description or a Hugging Face config.json.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <headroom/models/presets.h>
#include <headroom/models/read.h>

#include "every_question.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  headroom::Job job;
  if (!headroom::test::answered([&] { job.model = headroom::parse_model(text, "config.json").value; })) return 0;
  job.device = headroom::device_preset("A100-80GB");
  job.method = headroom::method_preset("mst").method;
  headroom::test::ask_everything(job);
  return 0;
}
