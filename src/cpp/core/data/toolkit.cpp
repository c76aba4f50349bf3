#include "data/toolkit.hpp"

#include "intake/inflate.hpp"
#include "intake/scanner.hpp"
#include "intake/source.hpp"
#include "intake/streams.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/dictionary.hpp"
#include "runtime/logging.hpp"
#include "runtime/transfer_syntax.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcerror.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcmetinf.h>
#include <dcmtk/dcmdata/dcwcache.h>
#include <dcmtk/dcmdata/dcxfer.h>

#include <cstring>
#include <mutex>
#include <utility>

namespace dcmtk_native::data {

namespace {

using runtime::Error;
using runtime::ErrorKind;

// Any encapsulated syntax with the same encoding (explicit VR little endian) would do.
constexpr E_TransferSyntax stand_in_syntax = EXS_JPEG2000LosslessOnly;

/// Opens what DcmItem keeps for its derived classes.
class SyntaxDetector final : public DcmItem {
  public:
    E_TransferSyntax detect(DcmInputStream& stream) { return checkTransferSyntax(stream); }
};

bool has_magic_word(const intake::Source& source) {
    char word[4];
    return source.read(128, word, sizeof word) && std::memcmp(word, "DICM", sizeof word) == 0;
}

bool is_deflated(E_TransferSyntax syntax) {
    return DcmXfer(syntax).getStreamCompression() == ESC_zlib;
}

/// The syntaxes that libdcmdata tells apart by the first element.
bool is_detectable(E_TransferSyntax syntax) {
    return syntax == EXS_LittleEndianImplicit || syntax == EXS_LittleEndianExplicit ||
           syntax == EXS_BigEndianExplicit;
}

runtime::Encoding encoding_of(E_TransferSyntax syntax) {
    const DcmXfer known(syntax);
    runtime::Encoding encoding;
    encoding.explicit_vr = known.isExplicitVR();
    encoding.big_endian = known.isBigEndian();
    encoding.encapsulated = known.isEncapsulated();
    return encoding;
}

E_TransferSyntax syntax_of_words(ReadXfer xfer) {
    switch (xfer) {
    case ReadXfer::little:
        return EXS_LittleEndianExplicit;
    case ReadXfer::big:
        return EXS_BigEndianExplicit;
    case ReadXfer::implicit:
        return EXS_LittleEndianImplicit;
    case ReadXfer::automatic:
    case ReadXfer::detect:
        break;
    }
    return EXS_Unknown;
}

DcmTagKey key_of(const std::optional<runtime::Tag>& tag) {
    if (!tag) return DCM_UndefinedTagKey;
    return {runtime::group_of(*tag), runtime::element_of(*tag)};
}

}  // namespace

void prepare_toolkit() {
    static std::once_flag once;
    std::call_once(once, [] {
        runtime::initialise_logging();
        runtime::load_toolkit_dictionary();
    });
}

struct ToolkitFile::State {
    explicit State(const ParseOptions& parse) : gate(parse) {}

    runtime::SwitchGate gate;
    intake::StreamInput input;
    DcmFileFormat file;
    std::string transfer_syntax;
    std::uint64_t size = 0;
    bool has_stand_in = false;
    std::optional<Error> damage;
};

namespace {

/// Reads one input into libdcmdata's objects, step by step as DcmFileFormat would, with our guards
/// between.
class Reader {
  public:
    Reader(intake::Source& source, const intake::StreamInput& input, DcmFileFormat& file,
           const ReadOptions& read, const ParseOptions& parse, const LoadOptions& load)
        : source_(source), input_(input), file_(file), read_(read), parse_(parse), load_(load),
          stream_(input) {}

    OFCondition run() {
        if (read_.mode != ReadMode::dataset && syntax_of_words(read_.xfer) != EXS_Unknown)
            runtime::raise(ErrorKind::options, "a fixed read_xfer needs read_mode='dataset'");
        if (source_.size() > read_.limits.max_file_size)
            runtime::raise_limit(source_.name(), "max_file_size", source_.size(),
                                 read_.limits.max_file_size);
        file_.transferInit();
        OFCondition condition = read_meta();
        if (condition.good()) {
            choose_syntax();
            if (read_.mode == ReadMode::file_only && declared_.empty())
                condition = EC_FileMetaInfoHeaderMissing;
            else
                condition = read_dataset();
        }
        file_.transferEnd();
        input_.failure->rethrow();
        return condition;
    }

    /// The transfer syntax of the meta header, empty without one.
    [[nodiscard]] const std::string& declared() const { return declared_; }
    [[nodiscard]] bool has_stand_in() const { return has_stand_in_; }
    /// Bytes that were there to be read, inflated ones included.
    [[nodiscard]] std::uint64_t size() const { return size_; }

  private:
    OFCondition read_meta() {
        if (read_.mode == ReadMode::dataset) return EC_Normal;
        OFCondition condition =
            file_.getMetaInfo()->read(stream_, EXS_Unknown, EGL_noChange, load_.max_read_length);
        input_.failure->rethrow();
        const char* uid = nullptr;
        if (condition.good() &&
            file_.getMetaInfo()->findAndGetString(DCM_TransferSyntaxUID, uid).good() &&
            uid != nullptr)
            declared_ = uid;
        return condition;
    }

    void choose_syntax() {
        if (read_.mode == ReadMode::dataset) {
            syntax_ = syntax_of_words(read_.xfer);
            return;
        }
        syntax_ = declared_.empty() ? EXS_Unknown : DcmXfer(declared_.c_str()).getXfer();
        if (syntax_ == EXS_Unknown && !declared_.empty() &&
            load_.unknown_syntax == UnknownSyntax::stand_in) {
            syntax_ = stand_in_syntax;
            has_stand_in_ = true;
        }
        if (read_.xfer == ReadXfer::detect && is_detectable(syntax_)) syntax_ = EXS_Unknown;
    }

    OFCondition read_dataset() {
        if (!stream_.eos()) {
            // libdcmdata's own choice, made here because the guard has to know it.
            if (syntax_ == EXS_Unknown) syntax_ = SyntaxDetector().detect(stream_);
            guard();
        }
        return file_.getDataset()->readUntilTag(stream_, syntax_, EGL_noChange,
                                                load_.max_read_length, key_of(parse_.stop_before));
    }

    /// Refuses what would hurt libdcmdata. Whether the rest is well formed is for it to say: it
    /// forgives more than the scanner does, and says why not in its own words.
    void guard() {
        const auto begin = static_cast<std::uint64_t>(stream_.tell());
        if (!is_deflated(syntax_)) {
            scan(source_, begin);
            return;
        }
        const auto deflation =
            parse_.zlib_bitstream ? intake::Deflation::zlib : intake::Deflation::raw;
        const auto inflated = std::make_shared<intake::Source>(
            intake::inflate(source_, begin, source_.size(), deflation, read_.limits),
            source_.name());
        stream_.set_inflated(inflated);
        size_ += inflated->size();
        scan(*inflated, 0);
    }

    void scan(intake::Source& source, std::uint64_t begin) {
        intake::ScanOptions options{};
        options.encoding = encoding_of(syntax_);
        options.begin = begin;
        options.end = source.size();
        options.keep_in_memory = 0;
        try {
            static_cast<void>(intake::scan(source, options, read_.limits));
        } catch (const Error& error) {
            if (error.kind != ErrorKind::format) throw;
            runtime::log(runtime::log_level::info, "data", error.message);
        }
    }

    intake::Source& source_;
    const intake::StreamInput& input_;
    DcmFileFormat& file_;
    const ReadOptions& read_;
    const ParseOptions& parse_;
    const LoadOptions& load_;
    intake::InputStream stream_;
    std::string declared_;
    E_TransferSyntax syntax_ = EXS_Unknown;
    bool has_stand_in_ = false;
    std::uint64_t size_ = source_.size();
};

/// libdcmdata's condition as our error. What has neither the magic word nor a readable data set is
/// not DICOM.
Error error_of(const OFCondition& condition, const intake::Source& source) {
    try {
        runtime::check(condition, "reading " + source.name());
    } catch (Error& error) {
        if (!has_magic_word(source)) {
            error.kind = ErrorKind::format;
            error.message =
                "Not a valid DICOM file: " + source.name() + ": " + error.condition_text;
        }
        return error;
    }
    return {ErrorKind::internal, "an error without a condition"};
}

}  // namespace

ToolkitFile::ToolkitFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
ToolkitFile::ToolkitFile(ToolkitFile&&) noexcept = default;
ToolkitFile::~ToolkitFile() = default;

ToolkitFile ToolkitFile::load(const runtime::Input& input, const ReadOptions& read,
                              const ParseOptions& parse, const LoadOptions& load) {
    prepare_toolkit();
    const auto source = std::make_shared<intake::Source>(input);
    auto state = std::make_unique<State>(parse);
    state->input = {source, std::make_shared<intake::StreamFailure>(), load.complete_values};
    Reader reader(*source, state->input, state->file, read, parse, load);
    const OFCondition condition = reader.run();
    if (condition.bad()) {
        state->damage = error_of(condition, *source);
        if (load.on_damage == OnDamage::fail) throw *state->damage;
    }
    state->size = reader.size();
    state->has_stand_in = reader.has_stand_in();
    state->transfer_syntax = reader.declared();
    if (state->transfer_syntax.empty())
        state->transfer_syntax = DcmXfer(state->file.getDataset()->getOriginalXfer()).getXferID();
    return ToolkitFile(std::move(state));
}

DcmFileFormat& ToolkitFile::file() const noexcept { return state_->file; }
const std::string& ToolkitFile::transfer_syntax() const noexcept { return state_->transfer_syntax; }
std::uint64_t ToolkitFile::size() const noexcept { return state_->size; }
bool ToolkitFile::has_stand_in() const noexcept { return state_->has_stand_in; }
const std::optional<Error>& ToolkitFile::damage() const noexcept { return state_->damage; }

void ToolkitFile::load_values() {
    // Its condition is of the last value that could not be read; a damaged file has some.
    static_cast<void>(state_->file.loadAllDataIntoMemory());
    check_values();
}

void ToolkitFile::check_values() const { state_->input.failure->rethrow(); }

std::string rewrite(const ToolkitFile& loaded, const std::string& transfer_syntax) {
    DcmFileFormat& file = loaded.file();
    DcmMetaInfo& meta = *file.getMetaInfo();
    DcmDataset& dataset = *file.getDataset();
    const E_TransferSyntax written = loaded.has_stand_in()
                                         ? dataset.getOriginalXfer()
                                         : DcmXfer(transfer_syntax.c_str()).getXfer();
    const std::string doing = "rewriting the data set";
    runtime::check(meta.putAndInsertString(DCM_TransferSyntaxUID, transfer_syntax.c_str()), doing);
    runtime::check(meta.computeGroupLengthAndPadding(EGL_withGL, EPD_noChange,
                                                     EXS_LittleEndianExplicit, EET_UndefinedLength),
                   doing);

    runtime::MemorySink sink;
    sink.reserve(loaded.size());
    intake::OutputStream stream(sink);
    DcmWriteCache cache;
    file.transferInit();
    // One after the other, not by DcmFileFormat: that would put DCMTK's own values into the meta
    // header.
    OFCondition condition =
        meta.write(stream, EXS_LittleEndianExplicit, EET_UndefinedLength, &cache);
    if (condition.good())
        condition =
            dataset.write(stream, written, EET_UndefinedLength, &cache, EGL_noChange, EPD_noChange);
    file.transferEnd();
    stream.finish();
    loaded.check_values();
    runtime::check(condition, doing);
    return sink.take();
}

std::string normalise(const runtime::Input& input, const ReadOptions& read,
                      const ParseOptions& parse) {
    LoadOptions options{};
    options.max_read_length = 4096;
    options.unknown_syntax = UnknownSyntax::stand_in;
    options.complete_values = parse.ignore_parse_errors;
    const ToolkitFile loaded = ToolkitFile::load(input, read, parse, options);
    if (loaded.has_stand_in()) return rewrite(loaded, loaded.transfer_syntax());
    const E_TransferSyntax original = loaded.file().getDataset()->getOriginalXfer();
    const bool is_encapsulated = original != EXS_Unknown && DcmXfer(original).isEncapsulated();
    return rewrite(loaded,
                   DcmXfer(is_encapsulated ? original : EXS_LittleEndianExplicit).getXferID());
}

}  // namespace dcmtk_native::data
