#include "codec/jpeg/ijg12.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcerror.h>
#include <dcmtk/dcmjpeg/djcparam.h>
#include <dcmtk/dcmjpeg/djdijg12.h>
#include <dcmtk/dcmjpeg/djeijg12.h>

#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

/// Notes whether there was a warning, which is about corrupt data: libijg goes on and makes up samples. It
/// is not logged here, as a hostile stream gives thousands.
class Decompressor : public DJDecompressIJG12Bit {
  public:
    explicit Decompressor(const DJCodecParameter& parameters)
        : DJDecompressIJG12Bit(parameters, OFTrue) {}

    void emitMessage(int level) const override {
        if (level < 0) has_warned_ = true;
    }
    [[nodiscard]] bool has_warned() const noexcept { return has_warned_; }

  private:
    mutable bool has_warned_ = false;
};

/// DCMTK counts bytes in 32 bits.
Uint32 size_in_32_bits(std::size_t size) {
    if (size > std::numeric_limits<Uint32>::max())
        runtime::raise(runtime::ErrorKind::codec, "JPEG of 12 bits: a frame of 4 GiB or more");
    return static_cast<Uint32>(size);
}

EJ_Mode mode_of(LossyProcess process) {
    switch (process) {
    case LossyProcess::spectral_selection: return EJM_spectralSelection;
    case LossyProcess::progressive: return EJM_progressive;
    default: return EJM_sequential;
    }
}

E_SubSampling sampling_of(Subsampling subsampling) {
    switch (subsampling) {
    case Subsampling::s444: return ESS_444;
    case Subsampling::s422: return ESS_422;
    default: return ESS_411;  // DCMTK's name of 4:2:0
    }
}

}  // namespace

void decode_jpeg_ijg12(std::string_view coded, const intake::JpegHeader& header,
                       const FrameFormat& format, const DecodeOptions& options,
                       std::uint8_t* out) {
    runtime::checkpoint_now();
    // Without the workaround a missing EOI shall not matter; with it the end of the data suspends the
    // decoder, and the rows that it has not come to stay zero.
    std::string stream(coded);
    if (options.workaround_incomplete)
        std::memset(out, 0, format.bytes());
    else
        stream.append("\xFF\xD9", 2);
    const bool to_rgb = options.ybr_to_rgb && header.components == 3 && !header.says_rgb();
    const DJCodecParameter parameters(ECC_lossyYCbCr, to_rgb ? EDC_always : EDC_never, EUC_never,
                                      EPC_colorByPixel);
    Decompressor decompressor(parameters);
    runtime::check(decompressor.init(), "preparing to decode JPEG");
    const OFCondition result = decompressor.decode(
        reinterpret_cast<Uint8*>(stream.data()), size_in_32_bits(stream.size()), out,
        size_in_32_bits(format.bytes()), OFFalse);
    if (result.bad() && !(options.workaround_incomplete && result == EJ_Suspension))
        runtime::raise(runtime::ErrorKind::codec, std::string("JPEG stream: ") + result.text());
    if (!decompressor.has_warned()) return;
    const char* const warning = "JPEG stream: corrupt or incomplete data of 12 bit samples";
    if (!options.workaround_incomplete) runtime::raise(runtime::ErrorKind::codec, warning);
    runtime::log(runtime::log_level::warn, "codec", warning);
}

std::string encode_jpeg_ijg12(const std::uint8_t* pixels, const FrameFormat& format,
                              const EncodeOptions& options, LossyProcess process) {
    runtime::checkpoint_now();
    static_cast<void>(size_in_32_bits(format.bytes()));
    const DJCodecParameter parameters(ECC_lossyYCbCr, EDC_never, EUC_never, EPC_colorByPixel,
                                      OFFalse, OFFalse, OFFalse, OFTrue, options.smoothing, 12, 0,
                                      OFFalse, sampling_of(options.subsampling));
    const EP_Interpretation colors = format.samples == 1 ? EPI_Monochrome2
                                     : options.is_rgb    ? EPI_RGB
                                                         : EPI_YBR_Full;
    // libijg12 looks samples up in tables of 4096 entries.
    const auto mask = static_cast<std::uint16_t>((1U << format.bits_stored) - 1);
    std::vector<Uint16> samples(format.pixels() * format.samples);
    std::memcpy(samples.data(), pixels, format.bytes());
    for (Uint16& sample : samples) sample = static_cast<Uint16>(sample & mask);
    DJCompressIJG12Bit compressor(parameters, mode_of(process),
                                  static_cast<Uint8>(options.quality));
    Uint8* coded = nullptr;
    Uint32 size = 0;
    const OFCondition result = compressor.encode(
        static_cast<Uint16>(format.columns), static_cast<Uint16>(format.rows), colors,
        format.samples, samples.data(), coded, size);
    const std::unique_ptr<Uint8[]> held(coded);
    runtime::check(result, "encoding JPEG");
    return {reinterpret_cast<const char*>(coded), size};
}

}  // namespace dcmtk_native::codec
