#include <cstdio>

#include <headroom/models/presets.h>

int main() {
  const auto model = headroom::model_preset("llama-3-8b");
  std::printf("%s\n", model.name.c_str());
}
