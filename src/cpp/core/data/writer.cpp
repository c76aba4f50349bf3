#include "data/writer.hpp"

#include <algorithm>

#include "data/deflate.hpp"
#include "data/encoder.hpp"
#include "data/meta_header.hpp"
#include "data/pieces.hpp"
#include "runtime/dictionary.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::data {

namespace {

using runtime::ErrorKind;

constexpr runtime::Tag pixel_data_provider_url = 0x00287FE0;

void check_options(const Draft& draft, const WriteOptions& options, std::string_view uid) {
    if (options.padding == Padding::to_multiple &&
        (options.file_pad % 2 != 0 || options.item_pad % 2 != 0))
        runtime::raise(ErrorKind::options, "padding is to an even number of bytes");
    if (uid.empty())
        runtime::raise(ErrorKind::operation,
                       "the encoding of the input is no transfer syntax: name one to write");
    if (!can_write(draft, uid))
        runtime::raise(ErrorKind::codec, "no conversion of the pixel data from transfer syntax " +
                                             runtime::named_uid(draft.transfer_syntax) + " to " +
                                             runtime::named_uid(uid));
}

}  // namespace

WriteOptions WriteOptions::defaults() {
    WriteOptions options{};
    options.mode = WriteMode::file;
    options.enable_new_vr = true;
    options.group_length = GroupLength::recalculate;
    options.length_encoding = LengthEncoding::explicit_length;
    options.padding = Padding::retain;
    options.compression_level = 6;
    options.write_oversized = true;
    options.correct_padding = true;
    return options;
}

bool can_write(const Draft& draft, std::string_view transfer_syntax) {
    const auto& nodes = draft.root.nodes;
    const bool fragments = std::any_of(nodes.begin(), nodes.end(), [&draft](const Node& node) {
        return draft.holds_fragments(node);
    });
    const runtime::Encoding target = runtime::encoding_of(transfer_syntax);
    if (fragments && !target.encapsulated) return false;
    if (transfer_syntax == draft.transfer_syntax) return true;
    if (draft.root.find(pixel_data_provider_url) != nullptr) return false;
    // Without pixel data nothing is encapsulated, whatever the syntax says.
    return !target.encapsulated ||
           (!fragments && draft.root.find(runtime::tags::pixel_data) == nullptr);
}

void write(const Draft& draft, const WriteOptions& options, runtime::Sink& sink) {
    const std::string uid =
        options.transfer_syntax.empty() ? draft.transfer_syntax : options.transfer_syntax;
    check_options(draft, options, uid);
    const runtime::Encoding encoding = runtime::encoding_of(uid);
    std::string meta;
    if (options.mode != WriteMode::dataset) meta = meta_header(draft, options, uid);
    Pieces pieces(draft.dataset ? &draft.dataset->source() : nullptr);
    Encoder(draft, options, encoding, pieces).encode(draft.root, meta.size());
    sink.write(meta);
    if (!encoding.deflated) {
        pieces.write(sink);
        return;
    }
    DeflateSink deflated(sink, options.compression_level);
    pieces.write(deflated);
    deflated.finish();
}

}  // namespace dcmtk_native::data
