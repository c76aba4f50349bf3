#include "network/receiving.hpp"

#include <memory>
#include <utility>

#include "data/dataset.hpp"
#include "data/meta_header.hpp"
#include "network/answer.hpp"
#include "network/naming.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::network {

namespace {

using runtime::ErrorKind;
using runtime::Vr;
namespace tags = runtime::tags;
constexpr runtime::Tag source_ae_title_tag = 0x00020016;

/// Writes on as long as it goes. A full disk must not stop the reading: what the peer sends has to
/// be read to its end before it can be told.
class PatientSink final : public runtime::Sink {
  public:
    explicit PatientSink(runtime::Sink& sink) : sink_(sink) {}

    void write(const void* data, std::size_t size) override {
        if (failure_) return;
        try {
            sink_.write(data, size);
        } catch (const runtime::Error& error) {
            failure_ = std::make_unique<runtime::Error>(error);
        }
    }
    void copy(int, std::uint64_t, std::uint64_t) override {
        runtime::raise(ErrorKind::internal, "a connection is no file");
    }
    void rethrow() const {
        if (failure_) throw runtime::Error(*failure_);
    }

  private:
    runtime::Sink& sink_;
    std::unique_ptr<runtime::Error> failure_;
};

/// A UID has one NUL behind it at most; blanks there are another text, unless they are forgiven.
[[nodiscard]] bool is_uid(std::string_view value, const std::string& uid, Identity identity) {
    if (!value.empty() && value.back() == '\0') value.remove_suffix(1);
    while (identity == Identity::padded && !value.empty() && value.back() == ' ') value.remove_suffix(1);
    return value == uid;
}

[[nodiscard]] std::shared_ptr<const data::Dataset> read_header(const runtime::Input& input) {
    data::ReadOptions options{};
    options.last_tag = tags::sop_instance_uid;
    try {
        return data::Dataset::read(input, options);
    } catch (const runtime::Error& error) {
        // Whatever it exceeds or breaks: the association is not to blame.
        runtime::raise(ErrorKind::format, error.message);
    }
}

void check_identity(const runtime::Input& input, const ReceivedObject& object, Identity identity) {
    if (identity == Identity::unchecked) return;
    const auto dataset = read_header(input);
    std::string store;
    if (!is_uid(dataset->bytes(tags::sop_class_uid, store), object.sop_class, identity) ||
        !is_uid(dataset->bytes(tags::sop_instance_uid, store), object.sop_instance, identity))
        runtime::raise(ErrorKind::operation,
                       "the data set is not the instance of its request, " + object.sop_instance);
}

}  // namespace

std::string Placement::finish(const ReceivedObject&, const std::string& begun, runtime::FileSink& file) {
    file.commit();
    return begun;
}

std::string InFolder::begin(const ReceivedObject& object) {
    return folder_ + "/" + file_name_of(object.sop_class, object.sop_instance);
}

std::string file_header(const std::string& sop_class, const std::string& sop_instance,
                        const std::string& transfer_syntax, const std::string& source_ae_title) {
    data::Draft draft(transfer_syntax);
    const auto put = [](data::Item& item, runtime::Tag tag, Vr vr, const std::string& text) {
        item.put({tag, vr, data::make_value(text)});
    };
    put(draft.root, tags::sop_class_uid, Vr::UI, sop_class);
    put(draft.root, tags::sop_instance_uid, Vr::UI, sop_instance);
    if (!source_ae_title.empty()) put(draft.meta, source_ae_title_tag, Vr::AE, source_ae_title);
    data::WriteOptions options = data::WriteOptions::defaults();
    options.mode = data::WriteMode::file;
    return data::meta_header(draft, options, transfer_syntax);
}

bool refuse_incomplete(Association& association, const Message& request) {
    const Command& command = request.command;
    if (command.has_data() && !command.text(command_tags::affected_sop_class).empty() &&
        !command.text(command_tags::affected_sop_instance).empty())
        return false;
    if (command.has_data()) association.skip_data(request.context);
    return true;
}

ReceivedObject receive_object(Association& association, const Message& request,
                              Placement* placement, Identity identity) {
    const Command& command = request.command;
    ReceivedObject object;
    object.sop_class = command.text(command_tags::affected_sop_class);
    object.sop_instance = command.text(command_tags::affected_sop_instance);
    object.transfer_syntax = association.context_of(request.context).transfer_syntax;
    const std::string header =
        file_header(object.sop_class, object.sop_instance, object.transfer_syntax,
                    association.peer_ae_title());
    const auto receive = [&](runtime::Sink& sink) {
        PatientSink patient(sink);
        patient.write(header.data(), header.size());
        object.data_set_length = association.receive_data(
            request.context, patient, placement == nullptr ? max_object_in_memory : UINT64_MAX);
        patient.rethrow();
    };
    if (placement == nullptr) {
        runtime::MemorySink sink;
        receive(sink);
        object.content = sink.take();
        check_identity({runtime::Buffer{*object.content, nullptr}}, object, identity);
        return object;
    }
    std::string begun;
    std::unique_ptr<runtime::FileSink> sink;
    try {
        begun = placement->begin(object);
        sink = std::make_unique<runtime::FileSink>(begun);
    } catch (const runtime::Error&) {
        association.skip_data(request.context);
        throw;
    }
    receive(*sink);
    check_identity({sink->path_until_commit()}, object, identity);
    object.path = placement->finish(object, begun, *sink);
    return object;
}

std::optional<std::uint16_t> status_of(const runtime::Error& error) {
    switch (error.kind) {
    case ErrorKind::file: return statuses::out_of_resources;
    case ErrorKind::operation: return statuses::does_not_match;
    case ErrorKind::format:
    case ErrorKind::codec:
    case ErrorKind::unsupported: return statuses::cannot_understand;
    default: return std::nullopt;
    }
}

}  // namespace dcmtk_native::network
