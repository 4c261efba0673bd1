#include <headroom/measure/ledger.h>

#include <stdexcept>

namespace headroom::measure {

void Ledger::birth(const Label& label, Bytes bytes) {
  total_ += bytes;
  born_ += bytes;
  live_[label.category] += bytes;
  raise_peaks(label.name);
  note(true, label, bytes);
}

void Ledger::death(const Label& label, Bytes bytes) {
  total_ -= bytes;
  live_[label.category] -= bytes;
  note(false, label, bytes);
}

void Ledger::raise_peaks(std::string_view tensor) {
  for (Peak& peak : peaks_) {
    if (total_ > peak.total) peak = {total_, live_, instant_, tensor};
  }
}

void Ledger::begin_timeline() {
  timeline_.reserve(kMaxEvents);
  keeps_timeline_ = true;
}

void Ledger::note(bool birth, const Label& label, Bytes bytes) {
  if (!keeps_timeline_) return;
  timeline_is_cut_ = timeline_.size() == kMaxEvents;
  if (!timeline_is_cut_) timeline_.push_back({birth, label, bytes, instant_});
}

void Ledger::push() { peaks_.push_back({total_, live_, instant_, {}}); }

Ledger::Peak Ledger::pop() {
  if (peaks_.size() == 1) throw std::logic_error("Ledger::pop: no phase was pushed");
  const Peak peak = peaks_.back();
  peaks_.pop_back();
  return peak;
}

}  // namespace headroom::measure
