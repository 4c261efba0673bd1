#include "cupti_library.h"

#include <bit>

#include <dlfcn.h>

#include <fmt/format.h>

#include "device_observer.h"

namespace headroom::measure::cuda {
namespace {

void* open_library() {
  // Where the system looks, then where the toolkit was when this was built.
  for (const char* name : {HEADROOM_CUPTI_SONAME, HEADROOM_CUPTI_FOLDER "/" HEADROOM_CUPTI_SONAME}) {
    if (void* library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL); library != nullptr) return library;
  }
  const char* reason = ::dlerror();
  throw NoObserver(fmt::format("{} cannot be loaded ({})", HEADROOM_CUPTI_SONAME, reason == nullptr ? "" : reason));
}

/// Finds functions by name.
class Symbols {
 public:
  Symbols() : library_(open_library()) {}

  template <class Function>
  void find(const char* name, Function& function) const {
    void* symbol = ::dlsym(library_, name);
    if (symbol == nullptr) throw NoObserver(fmt::format("{} lacks {}", HEADROOM_CUPTI_SONAME, name));
    function = std::bit_cast<Function>(symbol);
  }

 private:
  void* library_;  // stays: CUPTI hooks into the driver until the process ends
};

std::string hint_for(CUptiResult result) {
  if (result == CUPTI_ERROR_INSUFFICIENT_PRIVILEGES) {
    return "; the driver lets only administrators trace: run as root, or load it with "
           "NVreg_RestrictProfilingToAdminUsers=0";
  }
  if (result == CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED) {
    return "; a profiler or debugger has subscribed already: measure without it";
  }
  return {};
}

}  // namespace

const CuptiLibrary& CuptiLibrary::get() {
  static const CuptiLibrary library;
  return library;
}

CuptiLibrary::CuptiLibrary() {
  const Symbols symbols;
  symbols.find("cuptiActivityEnable", activity_enable);
  symbols.find("cuptiActivityDisable", activity_disable);
  symbols.find("cuptiActivityFlushAll", activity_flush_all);
  symbols.find("cuptiActivityGetNextRecord", activity_get_next_record);
  symbols.find("cuptiActivityGetNumDroppedRecords", activity_get_num_dropped_records);
  symbols.find("cuptiActivityRegisterCallbacks", activity_register_callbacks);
  symbols.find("cuptiActivitySetAttribute", activity_set_attribute);
  symbols.find("cuptiEnableCallback", enable_callback);
  symbols.find("cuptiGetResultString", get_result_string);
  symbols.find("cuptiGetTimestamp", get_timestamp);
  symbols.find("cuptiGetVersion", get_version);
  symbols.find("cuptiSubscribe", subscribe);
  symbols.find("cuptiUnsubscribe", unsubscribe);
}

std::string CuptiLibrary::words_for(CUptiResult result) const {
  const char* words = nullptr;
  if (get_result_string(result, &words) != CUPTI_SUCCESS || words == nullptr) words = "unknown";
  return fmt::format("{} ({}){}", words, static_cast<int>(result), hint_for(result));
}

void CuptiLibrary::check(CUptiResult result, const char* call, const char* file, int line) const {
  if (result == CUPTI_SUCCESS) return;
  throw NoObserver(fmt::format("{} failed at {}:{}: {}", call, file, line, words_for(result)));
}

}  // namespace headroom::measure::cuda
