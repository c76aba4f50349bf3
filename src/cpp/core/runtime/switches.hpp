// The one gate before libdcmdata's process-wide parser switches.
#pragma once

#include <optional>

#include "runtime/tag.hpp"

namespace dcmtk_native::runtime {

/// How tolerant the parser is (G-PARSE); the words are those of DCMTK's options.
struct ParseOptions {
    bool use_meta_length;
    bool assume_even_length;
    bool ignore_explicit_vr;
    bool nonstandard_vr_implicit;
    bool undefined_length_un_explicit;
    bool convert_un;
    bool private_max_length_sequence;
    bool replace_wrong_delimiters;
    bool convert_illegal_obow;
    bool convert_illegal_voi;
    bool use_explicit_length_pixel_data;
    bool ignore_parse_errors;
    bool data_correction;
    bool zlib_bitstream;
    std::optional<Tag> stop_after;
    std::optional<Tag> stop_before;

    /// DCMTK's defaults; what every tool without G-PARSE uses.
    [[nodiscard]] static ParseOptions defaults();
    [[nodiscard]] bool are_default() const { return *this == defaults(); }
    [[nodiscard]] bool operator==(const ParseOptions& other) const;
};

/// While it lives, libdcmdata's switches are as `options` say. Calls with equal options hold the
/// gate together, calls with other ones take turns in the order of their arrival; a wait ends by
/// deadline and abort.
///
/// To be held as long as values may still be read, and by one thread: a second gate of the same
/// thread must ask for the same options.
class SwitchGate {
  public:
    explicit SwitchGate(const ParseOptions& options);
    ~SwitchGate();
    SwitchGate(const SwitchGate&) = delete;
    SwitchGate& operator=(const SwitchGate&) = delete;
};

}  // namespace dcmtk_native::runtime
