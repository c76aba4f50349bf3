// The numbers that rule a JPEG-LS scan (ITU-T T.87 annexes A.2, C.2.4.1.1).
#pragma once

namespace dcmtk_native::codec::jpegls {

/// What an LSE segment presets; 0 is the default of the standard.
struct Preset {
    int maximum = 0;  // MAXVAL
    int threshold1 = 0;
    int threshold2 = 0;
    int threshold3 = 0;
    int reset = 0;
};

/// All of a scan's numbers, each in its legal range.
struct Parameters {
    int maximum = 0;       // MAXVAL
    int near_loss = 0;     // NEAR
    int threshold1 = 0;
    int threshold2 = 0;
    int threshold3 = 0;
    int reset = 0;         // RESET
    int range = 0;         // RANGE
    int error_bits = 0;    // qbpp: bits of a mapped error that is written plainly
    int code_limit = 0;    // LIMIT: the longest code
    int initial_a = 0;     // A of a fresh context

    /// Whether streams need no LSE segment that tells them apart.
    [[nodiscard]] bool has_presets_of(const Parameters& other) const noexcept {
        return maximum == other.maximum && threshold1 == other.threshold1 &&
               threshold2 == other.threshold2 && threshold3 == other.threshold3 &&
               reset == other.reset;
    }
    /// The step between two values that can be told apart.
    [[nodiscard]] int step() const noexcept { return 2 * near_loss + 1; }
    /// Errors wrap at a power of two, and every sample value can occur.
    [[nodiscard]] bool is_plain() const noexcept {
        return near_loss == 0 && (maximum & (maximum + 1)) == 0;
    }
};

/// Throws Error (codec) for what the standard forbids.
[[nodiscard]] Parameters parameters_of(int precision, int near_loss, const Preset& preset);

}  // namespace dcmtk_native::codec::jpegls
