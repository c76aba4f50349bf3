#include "codec/toolkit/jpeg.hpp"

#include "codec/toolkit/color_by_pixel.hpp"
#include "codec/toolkit/pixel_claims.hpp"
#include "data/toolkit.hpp"
#include "data/writer.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"
#include "runtime/transfer_syntax.hpp"
#include "runtime/uid.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcerror.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcstack.h>
#include <dcmtk/dcmdata/dcxfer.h>
// Lets dcmimgle render colours.
#include <dcmtk/dcmimage/diregist.h>
#include <dcmtk/dcmjpeg/djcparam.h>
#include <dcmtk/dcmjpeg/djeijg12.h>
#include <dcmtk/dcmjpeg/djeijg16.h>
#include <dcmtk/dcmjpeg/djeijg8.h>
#include <dcmtk/dcmjpeg/djencbas.h>
#include <dcmtk/dcmjpeg/djencext.h>
#include <dcmtk/dcmjpeg/djenclol.h>
#include <dcmtk/dcmjpeg/djencpro.h>
#include <dcmtk/dcmjpeg/djencsps.h>
#include <dcmtk/dcmjpeg/djencsv1.h>
#include <dcmtk/dcmjpeg/djrplol.h>
#include <dcmtk/dcmjpeg/djrploss.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dcmtk_native::codec {

namespace {

using runtime::ErrorKind;

constexpr int bits_of_short_process = 8;
constexpr int bits_of_long_process = 12;

// Only to make libdcmjpeg return: the reason is asked for afterwards.
makeOFConditionConst(encoding_stopped, OFM_dcmjpeg, 9001, OF_error, "the call was stopped");

bool is_lossless(JpegProcess process) {
    return process == JpegProcess::lossless_sv1 || process == JpegProcess::lossless;
}

/// The word for "lossy" made definite.
JpegProcess definite(JpegProcess process, JpegBits bits, unsigned stored) {
    if (process != JpegProcess::lossy) return process;
    const bool is_short = bits == JpegBits::automatic ? stored <= bits_of_short_process
                                                      : bits == JpegBits::eight;
    return is_short ? JpegProcess::baseline : JpegProcess::extended;
}

/// What happens between the frames of an image: the call may end there, and tells how far it is.
class Pace {
  public:
    /// `total` is 0 for an image that nobody is told of.
    Pace(const runtime::StepProgress& progress, std::uint64_t total)
        : progress_(progress), total_(total) {}

    /// False: libdcmjpeg, which knows no exceptions, is to return; `settle` throws the reason.
    [[nodiscard]] bool begin_frame() noexcept {
        try {
            if (begun_ != 0 && begun_ < total_) tell(begun_);
            ++begun_;
            runtime::checkpoint_now();
            return true;
        } catch (...) {
            reason_ = std::current_exception();
            return false;
        }
    }
    /// When libdcmjpeg has returned.
    void settle() const {
        if (reason_) std::rethrow_exception(reason_);
        runtime::checkpoint_now();
    }
    /// When all went well.
    void finish() const { tell(total_); }

  private:
    void tell(std::uint64_t done) const {
        if (progress_ && total_ != 0) progress_(done, total_);
    }

    const runtime::StepProgress& progress_;
    const std::uint64_t total_;
    std::uint64_t begun_ = 0;
    std::exception_ptr reason_;
};

/// Looks, before each frame, whether the call may go on.
class CheckedEncoder final : public DJEncoder {
  public:
    CheckedEncoder(std::unique_ptr<DJEncoder> encoder, Pace& pace)
        : encoder_(std::move(encoder)), pace_(pace) {}

    OFCondition encode(Uint16 columns, Uint16 rows, EP_Interpretation colors, Uint16 samples,
                       Uint16* frame, Uint8*& coded, Uint32& length) override {
        return checked(columns, rows, colors, samples, frame, coded, length);
    }
    OFCondition encode(Uint16 columns, Uint16 rows, EP_Interpretation colors, Uint16 samples,
                       Uint8* frame, Uint8*& coded, Uint32& length) override {
        return checked(columns, rows, colors, samples, frame, coded, length);
    }
    Uint16 bytesPerSample() const override { return encoder_->bytesPerSample(); }
    Uint16 bitsPerSample() const override { return encoder_->bitsPerSample(); }

  private:
    template <typename Sample>
    OFCondition checked(Uint16 columns, Uint16 rows, EP_Interpretation colors, Uint16 samples,
                        Sample* frame, Uint8*& coded, Uint32& length) {
        // The caller deletes what stands here after a failure too, and it may be the last frame.
        coded = nullptr;
        length = 0;
        if (!pace_.begin_frame()) return encoding_stopped;
        return encoder_->encode(columns, rows, colors, samples, frame, coded, length);
    }

    std::unique_ptr<DJEncoder> encoder_;
    Pace& pace_;
};

template <typename Codec>
std::unique_ptr<DJEncoder> encoder_of(const DJCodecParameter& parameter, EJ_Mode mode,
                                      int quality) {
    return std::make_unique<Codec>(parameter, mode, static_cast<Uint8>(quality));
}

std::unique_ptr<DJEncoder> lossy_encoder(const DJCodecParameter& parameter, JpegProcess process,
                                         int quality, unsigned bits) {
    EJ_Mode mode = EJM_sequential;
    if (process == JpegProcess::baseline) mode = EJM_baseline;
    if (process == JpegProcess::spectral_selection) mode = EJM_spectralSelection;
    if (process == JpegProcess::progressive) mode = EJM_progressive;
    if (mode == EJM_baseline || bits <= bits_of_short_process)
        return encoder_of<DJCompressIJG8Bit>(parameter, mode, quality);
    return encoder_of<DJCompressIJG12Bit>(parameter, mode, quality);
}

std::unique_ptr<DJEncoder> lossless_encoder(const DJCodecParameter& parameter, int prediction,
                                            int transform, unsigned bits) {
    if (bits <= bits_of_short_process)
        return std::make_unique<DJCompressIJG8Bit>(parameter, EJM_lossless, prediction, transform);
    if (bits <= bits_of_long_process)
        return std::make_unique<DJCompressIJG12Bit>(parameter, EJM_lossless, prediction, transform);
    return std::make_unique<DJCompressIJG16Bit>(parameter, EJM_lossless, prediction, transform);
}

/// One of libdcmjpeg's codecs, with our encoder of frames in it.
template <typename Codec>
class CheckedCodec final : public Codec {
  public:
    CheckedCodec(const ToolkitJpegOptions& options, Pace& pace) : options_(options), pace_(pace) {}

  private:
    DJEncoder* createEncoderInstance(const DcmRepresentationParameter*,
                                     const DJCodecParameter* parameter,
                                     Uint8 bits) const override {
        auto encoder = is_lossless(options_.process)
                           ? lossless_encoder(*parameter, prediction(), options_.point_transform, bits)
                           : lossy_encoder(*parameter, options_.process, options_.quality, bits);
        return std::make_unique<CheckedEncoder>(std::move(encoder), pace_).release();
    }
    [[nodiscard]] int prediction() const {
        return options_.process == JpegProcess::lossless ? options_.selection_value : 1;
    }

    const ToolkitJpegOptions& options_;
    Pace& pace_;
};

std::unique_ptr<DJCodecEncoder> codec_for(const ToolkitJpegOptions& options, Pace& pace) {
    switch (options.process) {
    case JpegProcess::lossless_sv1:
        return std::make_unique<CheckedCodec<DJEncoderP14SV1>>(options, pace);
    case JpegProcess::lossless:
        return std::make_unique<CheckedCodec<DJEncoderLossless>>(options, pace);
    case JpegProcess::extended:
        return std::make_unique<CheckedCodec<DJEncoderExtended>>(options, pace);
    case JpegProcess::spectral_selection:
        return std::make_unique<CheckedCodec<DJEncoderSpectralSelection>>(options, pace);
    case JpegProcess::progressive:
        return std::make_unique<CheckedCodec<DJEncoderProgressive>>(options, pace);
    case JpegProcess::baseline:
    case JpegProcess::lossy:
        break;
    }
    return std::make_unique<CheckedCodec<DJEncoderBaseline>>(options, pace);
}

int forced_bits(JpegBits bits) {
    switch (bits) {
    case JpegBits::eight:
        return bits_of_short_process;
    case JpegBits::twelve:
        return bits_of_long_process;
    case JpegBits::sixteen:
        return 16;
    case JpegBits::automatic:
        break;
    }
    return 0;
}

E_CompressionColorSpaceConversion conversion_of(JpegColorSpace space) {
    if (space == JpegColorSpace::monochrome) return ECC_monochrome;
    return space == JpegColorSpace::rgb ? ECC_lossyRGB : ECC_lossyYCbCr;
}

E_SubSampling factors_of(JpegSampling sampling) {
    if (sampling == JpegSampling::s444) return ESS_444;
    const bool is_411 = sampling == JpegSampling::s411 || sampling == JpegSampling::s411_full;
    return is_411 ? ESS_411 : ESS_422;
}

E_UIDCreation creation_of(UidCreation uid) {
    if (uid == UidCreation::always) return EUC_always;
    return uid == UidCreation::never ? EUC_never : EUC_default;
}

/// The number that DJCodecParameter has for it.
std::size_t type_of(Window::Kind kind) {
    switch (kind) {
    case Window::Kind::index:
        return 1;
    case Window::Kind::lut:
        return 2;
    case Window::Kind::min_max:
        return 3;
    case Window::Kind::histogram:
        return 4;
    case Window::Kind::set:
        return 5;
    case Window::Kind::min_max_n:
        return 6;
    case Window::Kind::roi:
        return 7;
    case Window::Kind::none:
        break;
    }
    return 0;
}

DJCodecParameter parameter_of(const ToolkitJpegOptions& options) {
    const Window& window = options.window;
    const bool says_422 =
        options.sampling == JpegSampling::s422 || options.sampling == JpegSampling::s411;
    return {conversion_of(options.color_space),
            EDC_never,
            creation_of(options.uid),
            EPC_default,
            OFFalse,
            OFFalse,
            OFFalse,
            options.optimize_huffman,
            options.smoothing,
            forced_bits(options.bits),
            options.fragment_size,
            options.offset_table,
            factors_of(options.sampling),
            says_422,
            options.sop_class == SopClass::secondary_capture,
            type_of(window.kind),
            window.number,
            window.center,
            window.width,
            window.left,
            window.top,
            window.columns,
            window.rows,
            !options.scale_to_range,
            options.map_rescale,
            options.accept_palettes,
            options.accept_acr_nema,
            options.true_lossless};
}

/// One data set on its way through libdcmjpeg.
class Compression {
  public:
    Compression(DcmDataset& dataset, const ToolkitJpegOptions& options,
                const intake::Limits& limits, const runtime::StepProgress& progress)
        : dataset_(dataset), options_(with_definite_process(options)), limits_(limits),
          progress_(progress), parameter_(parameter_of(options_)) {}

    void run() {
        if (dataset_.tagExists(DCM_FloatPixelData, OFTrue) ||
            dataset_.tagExists(DCM_DoubleFloatPixelData, OFTrue))
            runtime::raise(ErrorKind::codec, "JPEG has no floating point pixel data");
        std::vector<DcmStack> found = pixel_data();
        if (std::none_of(found.begin(), found.end(), is_main))
            runtime::raise(ErrorKind::codec, "there is no pixel data to compress");
        const std::string uid = instance_uid();
        // The last one first, as DcmDataset::chooseRepresentation has it: the image before its icon.
        for (auto stack = found.rbegin(); stack != found.rend(); ++stack)
            is_main(*stack) ? compress(*stack) : try_to_compress(*stack);
        dataset_.updateOriginalXfer();
        if (instance_uid() != uid)
            runtime::check(dataset_.putAndInsertString(DCM_SOPInstanceUID,
                                                       runtime::new_uid().c_str()),
                           "putting a new SOP Instance UID");
    }

    [[nodiscard]] std::string transfer_syntax() const { return DcmXfer(syntax_).getXferID(); }

  private:
    /// Of the data set itself: the stack has it, and the element in it.
    [[nodiscard]] static bool is_main(const DcmStack& stack) { return stack.card() == 2; }

    [[nodiscard]] ToolkitJpegOptions with_definite_process(ToolkitJpegOptions options) const {
        Uint16 stored = 0;
        dataset_.findAndGetUint16(DCM_BitsStored, stored);
        options.process = definite(options.process, options.bits, stored);
        return options;
    }

    /// The way to each pixel data element.
    std::vector<DcmStack> pixel_data() {
        std::vector<DcmStack> found;
        DcmStack stack;
        stack.push(&dataset_);
        while (dataset_.search(DCM_PixelData, stack, ESM_afterStackTop, OFTrue).good()) {
            runtime::checkpoint();
            found.push_back(stack);
        }
        return found;
    }

    std::string instance_uid() {
        OFString uid;
        dataset_.findAndGetOFString(DCM_SOPInstanceUID, uid);
        return uid.c_str();
    }

    void compress(DcmStack& stack) {
        auto* pixels = dynamic_cast<DcmPixelData*>(stack.elem(0));
        auto* item = dynamic_cast<DcmItem*>(stack.elem(1));
        if (pixels == nullptr || item == nullptr)
            runtime::raise(ErrorKind::codec, "the pixel data is no pixel data by its VR");
        check_pixel_claims(*item, *pixels,
                           {!keeps_cells(options_), options_.window.kind == Window::Kind::histogram},
                           limits_);
        if (keeps_cells(options_)) make_color_by_pixel(*item, *pixels);
        const DJ_RPLossless lossless(options_.selection_value, options_.point_transform);
        const DJ_RPLossy lossy(options_.quality);
        const auto& representation = is_lossless(options_.process)
                                         ? static_cast<const DcmRepresentationParameter&>(lossless)
                                         : lossy;
        Pace pace(progress_, is_main(stack) ? frames_assumed(*item) : 0);
        const auto codec = codec_for(options_, pace);
        syntax_ = codec->supportedTransferSyntax();
        DcmPixelSequence* made = nullptr;
        OFBool removes_native = OFFalse;
        const OFCondition condition =
            codec->encode(nullptr, 0, &representation, made, &parameter_, stack, removes_native);
        std::unique_ptr<DcmPixelSequence> fragments(made);
        pace.settle();
        runtime::check(condition, "encoding the pixel data");
        pace.finish();
        pixels->putOriginalRepresentation(syntax_, &representation, fragments.release());
    }

    /// Of an icon: one that cannot be encoded stays as it is.
    void try_to_compress(DcmStack& stack) {
        try {
            compress(stack);
        } catch (const runtime::Error& error) {
            if (error.kind != ErrorKind::codec && error.kind != ErrorKind::toolkit) throw;
            runtime::log(runtime::log_level::warn, "codec",
                         "pixel data in a sequence stays native: " + error.message);
        }
    }

    DcmDataset& dataset_;
    const ToolkitJpegOptions options_;
    const intake::Limits& limits_;
    const runtime::StepProgress& progress_;
    const DJCodecParameter parameter_;
    E_TransferSyntax syntax_ = EXS_Unknown;
};

std::string in_explicit_little(const data::Draft& draft) {
    data::WriteOptions options = data::WriteOptions::defaults();
    options.transfer_syntax = runtime::transfer_syntaxes::explicit_little;
    runtime::MemorySink sink;
    data::write(draft, options, sink);
    return sink.take();
}

std::string compressed(const data::Draft& draft, const ToolkitJpegOptions& options,
                       const intake::Limits& limits, const runtime::StepProgress& progress) {
    const data::ReadOptions read{data::ReadMode::file_only, data::ReadXfer::automatic, limits};
    data::LoadOptions load{};
    load.max_read_length = 4096;  // libdcmdata's own
    const runtime::Input native{data::make_value(in_explicit_little(draft))};
    const data::ToolkitFile file =
        data::ToolkitFile::load(native, read, data::ParseOptions::defaults(), load);
    Compression compression(*file.file().getDataset(), options, limits, progress);
    try {
        compression.run();
    } catch (runtime::Error& error) {
        // Of libdcmjpeg, libijg and dcmimgle: whatever their number is, it is about the pixels.
        if (error.kind == ErrorKind::toolkit) error.kind = ErrorKind::codec;
        throw;
    }
    return data::rewrite(file, compression.transfer_syntax());
}

}  // namespace

bool keeps_cells(const ToolkitJpegOptions& options) {
    return is_lossless(options.process) && options.true_lossless;
}

data::Draft compress_by_toolkit(const data::Draft& draft, const ToolkitJpegOptions& options,
                                const intake::Limits& limits,
                                const runtime::StepProgress& progress) {
    const runtime::Input result{data::make_value(compressed(draft, options, limits, progress))};
    return data::Draft(data::Dataset::read(
        result, {data::ReadMode::file_only, data::ReadXfer::automatic, limits}));
}

}  // namespace dcmtk_native::codec
