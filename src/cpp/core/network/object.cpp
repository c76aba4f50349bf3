#include "network/object.hpp"

#include <utility>

#include "codec/recoding/compress.hpp"
#include "data/draft.hpp"
#include "data/writer.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::network {

namespace {

using runtime::ErrorKind;
namespace tags = runtime::tags;

[[nodiscard]] std::string trimmed(std::string_view text) {
    const std::size_t last = text.find_last_not_of(std::string_view("\0 ", 2));
    return last == std::string_view::npos ? std::string() : std::string(text.substr(0, last + 1));
}

}  // namespace

StorageObject StorageObject::open(const runtime::Input& input, const data::ReadOptions& options) {
    StorageObject object;
    object.input_ = input;
    object.options_ = options;
    data::ReadOptions header = options;
    header.last_tag = tags::sop_instance_uid;
    object.dataset_ = data::Dataset::read(input, header);
    object.sop_class_ = object.first_text(tags::sop_class_uid, tags::media_storage_sop_class_uid);
    object.sop_instance_ =
        object.first_text(tags::sop_instance_uid, tags::media_storage_sop_instance_uid);
    if (object.sop_class_.empty() || object.sop_instance_.empty())
        runtime::raise(ErrorKind::operation, input.name() + ": no SOP Class UID or SOP Instance UID");
    object.locate_data_set();
    return object;
}

/// Of the data set; where that has none, of the meta header.
std::string StorageObject::first_text(runtime::Tag tag, runtime::Tag meta_tag) const {
    std::string store;
    std::string text = trimmed(dataset_->bytes(tag, store));
    return text.empty() ? trimmed(dataset_->bytes(meta_tag, store)) : text;
}

void StorageObject::locate_data_set() {
    transfer_syntax_ = dataset_->transfer_syntax();
    const bool is_deflated = transfer_syntax_ == runtime::transfer_syntaxes::deflated;
    const bool has_meta = dataset_->has_meta();
    if (dataset_->is_indexed_in_place() || (is_deflated && has_meta)) {
        const auto& elements = dataset_->elements().entries;
        begin_ = has_meta             ? dataset_->meta().end
                 : elements.empty() ? 0
                                      : elements[0].header_offset();
        const intake::Source& source = dataset_->meta_source();
        end_ = source.size();
        if (source.descriptor() < 0 && source.memory().empty())
            file_ = std::make_shared<const runtime::FileDescriptor>(source.reopen());
        return;
    }
    // Only libdcmtk understands it as it stands: others would not either.
    rewrite(data::Draft(data::Dataset::read(input_, options_)), data::WriteOptions::defaults());
}

void StorageObject::rewrite(const data::Draft& draft, data::WriteOptions options) {
    options.mode = data::WriteMode::dataset;
    options.transfer_syntax = transfer_syntax_;
    runtime::MemorySink sink;
    data::write(draft, options, sink);
    rewritten_ = std::make_shared<const std::string>(sink.take());
}

Payload StorageObject::payload() const {
    if (rewritten_) return Payload::of(*rewritten_);
    const intake::Source& source = dataset_->meta_source();
    const int descriptor = file_ ? file_->get() : source.descriptor();
    if (descriptor >= 0) return {{}, descriptor, begin_, end_ - begin_};
    return Payload::of(source.memory().substr(begin_, end_ - begin_));
}

StorageObject StorageObject::in_syntax(const std::string& transfer_syntax,
                                       const Rewriting& rewriting) const {
    StorageObject made = *this;
    made.transfer_syntax_ = transfer_syntax;
    data::Draft draft(data::Dataset::read(input_, options_));
    codec::Compression recoding;
    recoding.transfer_syntax = transfer_syntax;
    recoding.decode.limits = options_.limits;
    codec::transcode(draft, recoding);
    data::WriteOptions options = data::WriteOptions::defaults();
    options.enable_new_vr = rewriting.enable_new_vr;
    options.compression_level = rewriting.compression_level;
    made.rewrite(draft, std::move(options));
    // A lossy step makes another instance of it (PS3.3 section C.7.6.1.1.5).
    made.sop_instance_ = draft.text_of(draft.root, tags::sop_instance_uid);
    if (made.sop_instance_.empty()) made.sop_instance_ = sop_instance_;
    return made;
}

}  // namespace dcmtk_native::network
