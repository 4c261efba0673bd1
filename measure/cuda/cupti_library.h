#pragma once

#include <string>

#include <cupti.h>

namespace headroom::measure::cuda {

/// libcupti, found when the program runs: a machine without it measures all the same.
class CuptiLibrary {
 public:
  /// Loads it once. Throws NoObserver with the loader's reason.
  static const CuptiLibrary& get();

  decltype(&cuptiActivityEnable) activity_enable;
  decltype(&cuptiActivityDisable) activity_disable;
  decltype(&cuptiActivityFlushAll) activity_flush_all;
  decltype(&cuptiActivityGetNextRecord) activity_get_next_record;
  decltype(&cuptiActivityGetNumDroppedRecords) activity_get_num_dropped_records;
  decltype(&cuptiActivityRegisterCallbacks) activity_register_callbacks;
  decltype(&cuptiActivitySetAttribute) activity_set_attribute;
  decltype(&cuptiEnableCallback) enable_callback;
  decltype(&cuptiGetResultString) get_result_string;
  decltype(&cuptiGetTimestamp) get_timestamp;
  decltype(&cuptiGetVersion) get_version;
  decltype(&cuptiSubscribe) subscribe;
  decltype(&cuptiUnsubscribe) unsubscribe;

  /// Throws NoObserver with call text, file, line and CUPTI's own words unless `result` is success.
  void check(CUptiResult result, const char* call, const char* file, int line) const;
  [[nodiscard]] std::string words_for(CUptiResult result) const;

 private:
  CuptiLibrary();
};

}  // namespace headroom::measure::cuda

/// A call of a member of the CuptiLibrary named `cupti`.
#define HEADROOM_CUPTI(call) cupti.check(cupti.call, "cupti " #call, __FILE__, __LINE__)
