#include "codec/jpegls/parameters.hpp"

#include <algorithm>
#include <string>

#include "runtime/error.hpp"

namespace dcmtk_native::codec::jpegls {

namespace {

/// The smallest number of bits that tell `count` values apart.
int bits_for(int count) noexcept {
    int bits = 0;
    while ((1 << bits) < count) ++bits;
    return bits;
}

int checked(const char* name, int value, int lowest, int highest) {
    if (value < lowest || value > highest)
        runtime::raise(runtime::ErrorKind::codec,
                       std::string("JPEG-LS: ") + name + " is " + std::to_string(value) +
                           ", not between " + std::to_string(lowest) + " and " +
                           std::to_string(highest));
    return value;
}

/// A threshold of the standard outside of its range becomes the lower bound (CLAMP of C.2.4.1.1.1).
int clamped(int threshold, int lowest, int maximum) noexcept {
    return threshold > maximum || threshold < lowest ? lowest : threshold;
}

/// Thresholds for 8 bits, of which those of other depths are made.
constexpr int basic1 = 3;
constexpr int basic2 = 7;
constexpr int basic3 = 21;

struct Thresholds {
    int first, second, third;
};

Thresholds unclamped_thresholds(int maximum, int near_loss) noexcept {
    if (maximum >= 128) {
        const int factor = (std::min(maximum, 4095) + 128) / 256;
        return {factor * (basic1 - 2) + 2 + 3 * near_loss, factor * (basic2 - 3) + 3 + 5 * near_loss,
                factor * (basic3 - 4) + 4 + 7 * near_loss};
    }
    const int factor = 256 / (maximum + 1);
    return {std::max(2, basic1 / factor + 3 * near_loss), std::max(3, basic2 / factor + 5 * near_loss),
            std::max(4, basic3 / factor + 7 * near_loss)};
}

}  // namespace

Parameters parameters_of(int precision, int near_loss, const Preset& preset) {
    checked("the precision", precision, 2, 16);
    const int highest = (1 << precision) - 1;
    Parameters result;
    result.maximum = preset.maximum == 0 ? highest : checked("MAXVAL", preset.maximum, 1, highest);
    result.near_loss = checked("NEAR", near_loss, 0, std::min(255, result.maximum / 2));

    const Thresholds standard = unclamped_thresholds(result.maximum, near_loss);
    const auto threshold = [&](const char* name, int wanted, int usual, int lowest) {
        return wanted == 0 ? clamped(usual, lowest, result.maximum)
                           : checked(name, wanted, lowest, result.maximum);
    };
    result.threshold1 = threshold("T1", preset.threshold1, standard.first, near_loss + 1);
    result.threshold2 = threshold("T2", preset.threshold2, standard.second, result.threshold1);
    result.threshold3 = threshold("T3", preset.threshold3, standard.third, result.threshold2);
    result.reset =
        preset.reset == 0 ? 64 : checked("RESET", preset.reset, 3, std::max(255, result.maximum));

    result.range = (result.maximum + 2 * near_loss) / result.step() + 1;
    result.error_bits = bits_for(result.range);
    const int sample_bits = std::max(2, bits_for(result.maximum + 1));
    result.code_limit = 2 * (sample_bits + std::max(8, sample_bits));
    result.initial_a = std::max(2, (result.range + 32) / 64);
    return result;
}

}  // namespace dcmtk_native::codec::jpegls
