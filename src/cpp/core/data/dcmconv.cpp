#include "codec/recoding/compress.hpp"
#include "data/data.hpp"
#include "data/draft.hpp"
#include "data/editor.hpp"

namespace dcmtk_native::data {

namespace {

/// Groups that a data set must not have; group 0006 is the one that only items must not (DCMTK's
/// -ig).
bool is_invalid_group(runtime::Tag tag, bool in_sequence) {
    switch (runtime::group_of(tag)) {
    case 0x0000:
    case 0x0001:
    case 0x0002:
    case 0x0003:
    case 0x0005:
    case 0x0007:
    case 0xFFFF:
        return true;
    case 0x0006: return in_sequence;
    default: return false;
    }
}

}  // namespace

std::optional<std::string> dcmconv(const runtime::Input& input, const runtime::Output& output,
                                   const DcmconvOptions& options) {
    Draft draft = Draft::read(input, options.read, options.parse);
    if (options.remove_invalid_groups) erase_elements(draft, draft.root, false, is_invalid_group);
    if (!options.charset.target.empty()) convert_charset(draft, options.charset);
    if (!options.write.transfer_syntax.empty()) {
        codec::Compression recoding;
        recoding.transfer_syntax = options.write.transfer_syntax;
        recoding.decode.limits = options.read.limits;
        recoding.threads = recoding.decode.threads = options.threads;
        codec::transcode(draft, recoding);
    }
    WriteOptions writing = options.write;
    writing.correct_padding = options.parse.data_correction;
    return runtime::write_output(output, [&](runtime::Sink& sink) { write(draft, writing, sink); });
}

}  // namespace dcmtk_native::data
