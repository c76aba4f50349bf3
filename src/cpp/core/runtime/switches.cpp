#include "runtime/switches.hpp"

#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcobject.h>
#include <dcmtk/dcmdata/dcvr.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <tuple>

namespace dcmtk_native::runtime {

namespace {

/// The options that are switches of the process: not the tag to stop before, which is an argument,
/// and not the bitstream format, since inflating is ours.
ParseOptions switches_of(ParseOptions options) {
    options.stop_before = std::nullopt;
    options.zlib_bitstream = false;
    return options;
}

void set_switches(const ParseOptions& options) {
    dcmIgnoreFileMetaInformationGroupLength.set(!options.use_meta_length);
    dcmAcceptOddAttributeLength.set(!options.assume_even_length);
    dcmPreferVRFromDataDictionary.set(options.ignore_explicit_vr);
    dcmAcceptUnexpectedImplicitEncoding.set(options.nonstandard_vr_implicit);
    dcmEnableCP246Support.set(!options.undefined_length_un_explicit);
    dcmEnableUnknownVRConversion.set(options.convert_un);
    dcmReadImplPrivAttribMaxLengthAsSQ.set(options.private_max_length_sequence);
    dcmReplaceWrongDelimitationItem.set(options.replace_wrong_delimiters);
    dcmConvertUndefinedLengthOBOWtoSQ.set(options.convert_illegal_obow);
    dcmConvertVOILUTSequenceOWtoSQ.set(options.convert_illegal_voi);
    dcmUseExplLengthPixDataForEncTS.set(options.use_explicit_length_pixel_data);
    dcmIgnoreParsingErrors.set(options.ignore_parse_errors);
    dcmEnableAutomaticInputDataCorrection.set(options.data_correction);
    dcmStopParsingAfterElement.set(options.stop_after ? DcmTagKey(group_of(*options.stop_after),
                                                                  element_of(*options.stop_after))
                                                      : DCM_UndefinedTagKey);
}

/// How many gates this thread holds.
thread_local unsigned held_here = 0;

class Gate {
  public:
    void enter(const ParseOptions& wanted) {
        std::unique_lock<std::mutex> lock(mutex_);
        if (held_here != 0 && !(wanted == current_))
            raise(ErrorKind::internal, "one thread asks for two sets of parser switches");
        if (held_here == 0 && !(queue_.empty() && fits(wanted))) wait_for_turn(lock, wanted);
        if (holders_ == 0 && !(wanted == current_)) {
            set_switches(wanted);
            current_ = wanted;
        }
        ++holders_;
        ++held_here;
    }

    void leave() {
        const std::lock_guard<std::mutex> lock(mutex_);
        --held_here;
        if (--holders_ != 0) return;
        // Code that parses without the gate shall find the defaults.
        if (!current_.are_default()) {
            current_ = ParseOptions::defaults();
            set_switches(current_);
        }
        turn_.notify_all();
    }

  private:
    bool fits(const ParseOptions& wanted) const { return holders_ == 0 || wanted == current_; }

    void wait_for_turn(std::unique_lock<std::mutex>& lock, const ParseOptions& wanted) {
        const std::uint64_t ticket = next_ticket_++;
        queue_.push_back(ticket);
        while (queue_.front() != ticket || !fits(wanted)) {
            turn_.wait_for(lock, time_between_checks);
            if (call_may_continue(lock)) continue;
            queue_.erase(std::find(queue_.begin(), queue_.end(), ticket));
            turn_.notify_all();
            lock.unlock();
            CallScope::current()->stop();
        }
        queue_.pop_front();
        turn_.notify_all();  // the next one may fit as well
    }

    /// Asks with the mutex free, for the answer may need Python.
    static bool call_may_continue(std::unique_lock<std::mutex>& lock) {
        CallScope* scope = CallScope::current();
        if (scope == nullptr) return true;
        lock.unlock();
        const bool may_continue = scope->may_continue_now();
        lock.lock();
        return may_continue;
    }

    static constexpr auto time_between_checks = std::chrono::milliseconds(5);
    std::mutex mutex_;
    std::condition_variable turn_;
    std::deque<std::uint64_t> queue_;  // tickets of those who wait
    std::uint64_t next_ticket_ = 0;
    unsigned holders_ = 0;
    ParseOptions current_ = ParseOptions::defaults();
};

Gate& gate() {
    static Gate the_gate;
    return the_gate;
}

}  // namespace

ParseOptions ParseOptions::defaults() {
    ParseOptions options{};
    options.use_meta_length = true;
    options.data_correction = true;
    return options;
}

bool ParseOptions::operator==(const ParseOptions& other) const {
    const auto fields = [](const ParseOptions& o) {
        return std::tie(o.use_meta_length, o.assume_even_length, o.ignore_explicit_vr,
                        o.nonstandard_vr_implicit, o.undefined_length_un_explicit, o.convert_un,
                        o.private_max_length_sequence, o.replace_wrong_delimiters,
                        o.convert_illegal_obow, o.convert_illegal_voi,
                        o.use_explicit_length_pixel_data, o.ignore_parse_errors, o.data_correction,
                        o.zlib_bitstream, o.stop_after, o.stop_before);
    };
    return fields(*this) == fields(other);
}

SwitchGate::SwitchGate(const ParseOptions& options) { gate().enter(switches_of(options)); }

SwitchGate::~SwitchGate() { gate().leave(); }

}  // namespace dcmtk_native::runtime
