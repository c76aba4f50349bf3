#include "data/meta_header.hpp"

#include <algorithm>
#include <utility>

#include "data/encoder.hpp"
#include "data/verbatim.hpp"
#include "runtime/uid.hpp"

namespace dcmtk_native::data {

namespace tags = runtime::tags;
using runtime::Tag;
using runtime::Vr;

// A UUID of this package's own (version 5 of the name "urn:dcmtk_native"), as PS3.5 annex B.2 has
// it.
const std::string_view implementation_class_uid = "2.25.273851277490651615823977500413474351588";
const std::string_view implementation_version_name = "DCMTK_NATIVE_01";

namespace {

// What libdcmdata puts for a data set that names no SOP class (UID_PrivateGenericFileSOPClass):
// readers know it.
constexpr std::string_view generic_file_sop_class = "1.2.276.0.7230010.3.1.0.1";
constexpr std::size_t preamble_size = 128;
constexpr std::string_view magic_word = "DICM";

/// The first 128 bytes of the file that was read: some formats (TIFF) hide in them.
std::string preamble_of(const Draft& draft) {
    std::string preamble(preamble_size, '\0');
    if (!draft.dataset || !draft.dataset->has_meta()) return preamble;
    const auto& entries = draft.dataset->meta().entries;
    const bool has_preamble =
        !entries.empty() && entries[0].header_offset() == preamble_size + magic_word.size();
    if (has_preamble && !draft.dataset->meta_source().read(0, preamble.data(), preamble_size))
        preamble.assign(preamble_size, '\0');
    return preamble;
}

class MetaHeader {
  public:
    MetaHeader(const Draft& draft, const WriteOptions& options)
        : draft_(draft), mode_(options.mode) {
        if (mode_ == WriteMode::new_meta) return;
        for (const Node& node : draft.meta.nodes) {
            if (runtime::is_group_length(node.tag)) continue;
            std::string store;
            const std::string_view bytes = draft.bytes_of(node, store);
            const bool corrects = options.correct_padding && runtime::is_text(node.vr);
            put(node.tag, node.vr, corrects ? without_padding(node.vr, bytes) : std::string(bytes));
        }
    }

    void fill(std::string_view transfer_syntax) {
        if (is_empty(tags::meta_version)) put(tags::meta_version, Vr::OB, std::string("\0\1", 2));
        fill_uid(tags::media_storage_sop_class_uid, tags::sop_class_uid);
        fill_uid(tags::media_storage_sop_instance_uid, tags::sop_instance_uid);
        if (is_empty(tags::media_storage_sop_class_uid))
            put(tags::media_storage_sop_class_uid, Vr::UI, std::string(generic_file_sop_class));
        if (is_empty(tags::media_storage_sop_instance_uid))
            put(tags::media_storage_sop_instance_uid, Vr::UI, runtime::new_uid());
        put(tags::transfer_syntax_uid, Vr::UI, std::string(transfer_syntax));
        put(tags::implementation_class_uid, Vr::UI, std::string(implementation_class_uid));
        put(tags::implementation_version_name, Vr::SH, std::string(implementation_version_name));
    }

    void append_to(std::string& bytes) const {
        WriteOptions options = WriteOptions::defaults();
        options.group_length = GroupLength::create;
        Pieces pieces(nullptr);
        Encoder(header_, options, runtime::Encoding{}, pieces).encode(header_.root, 0);
        runtime::MemorySink sink;
        pieces.write(sink);
        bytes += sink.take();
    }

  private:
    void put(Tag tag, Vr vr, std::string value) {
        header_.root.put({tag, vr, make_value(std::move(value))});
    }

    [[nodiscard]] bool is_empty(Tag tag) const {
        return header_.text_of(header_.root, tag).empty();
    }

    /// Takes the data set's UID where there is none, or always.
    void fill_uid(Tag meta_tag, Tag tag) {
        if (mode_ != WriteMode::update_meta && !is_empty(meta_tag)) return;
        std::string uid = draft_.text_of(draft_.root, tag);
        uid.erase(std::remove(uid.begin(), uid.end(), ' '), uid.end());
        if (!uid.empty()) put(meta_tag, Vr::UI, std::move(uid));
    }

    const Draft& draft_;
    const WriteMode mode_;
    Draft header_{std::string(runtime::transfer_syntaxes::explicit_little)};
};

}  // namespace

std::string meta_header(const Draft& draft, const WriteOptions& options,
                        std::string_view transfer_syntax) {
    MetaHeader header(draft, options);
    header.fill(transfer_syntax);
    std::string bytes = preamble_of(draft);
    bytes += magic_word;
    header.append_to(bytes);
    return bytes;
}

}  // namespace dcmtk_native::data
