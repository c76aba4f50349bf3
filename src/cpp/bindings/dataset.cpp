// A data set that was read: its elements as the JSON model has them, each made when it is asked for.
#include "bindings.hpp"
#include "choices.hpp"
#include "data/dataset.hpp"
#include "data/draft_builder.hpp"
#include "data/writer.hpp"
#include "json_sink.hpp"
#include "runtime/byte_order.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

namespace {

using intake::Entry;
using intake::Index;

constexpr data::JsonOptions lazy_options{true, true, data::JsonBinary::omit, false};

/// Never changes, so threads may share it.
class ReadDataset {
  public:
    explicit ReadDataset(std::shared_ptr<const data::Dataset> dataset)
        : dataset_(std::move(dataset)) {}

    [[nodiscard]] const std::string& transfer_syntax() const { return dataset_->transfer_syntax(); }
    [[nodiscard]] py::object model() const;
    [[nodiscard]] py::object element(py::handle key) const;
    [[nodiscard]] bool contains(py::handle key) const;
    [[nodiscard]] py::list keys() const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] py::list keys_left_in_file() const;
    [[nodiscard]] py::bytes content() const;
    [[nodiscard]] py::object value(const std::vector<std::uint32_t>& path) const;
    [[nodiscard]] data::DraftBuilder draft() const;

  private:
    std::shared_ptr<const data::Dataset> dataset_;
};

std::shared_ptr<ReadDataset> read(const runtime::Input& input, const data::ReadOptions& options) {
    // Closed: programs hold such objects by the thousand.
    return std::make_shared<ReadDataset>(
        data::Dataset::read(input, options, data::FileUse::close));
}

/// No call is running that could take the record.
void warn(const std::string& text) {
    py::module_::import("logging").attr("getLogger")("dcmtk_native.data").attr("warning")("%s", text);
}

/// All elements.
py::object ReadDataset::model() const {
    JsonObjects objects;
    const data::JsonReport report = write_json(*dataset_, lazy_options, objects);
    for (const std::string& warning : report.warnings) warn(warning);
    return objects.take();
}

/// None when there is no such element.
py::object ReadDataset::element(py::handle key) const {
    const auto tag = tag_of_key(key);
    JsonObjects objects;
    if (!tag) return py::none();
    const auto report = write_json_element(*dataset_, *tag, lazy_options, objects);
    if (!report) return py::none();
    for (const std::string& warning : report->warnings) warn(warning);
    return objects.take();
}

bool ReadDataset::contains(py::handle key) const {
    const auto tag = tag_of_key(key);
    return tag && has_json_element(*dataset_, *tag);
}

py::list ReadDataset::keys() const {
    py::list keys;
    visit_json_elements(*dataset_, true, [&](const Index& index, std::size_t position) {
        keys.append(tag_key(index.entries[position].tag));
    });
    return keys;
}

std::size_t ReadDataset::size() const {
    std::size_t count = 0;
    visit_json_elements(*dataset_, true, [&](const Index&, std::size_t) { ++count; });
    return count;
}

bool is_left_in_file(const Entry& entry) {
    return entry.value == nullptr && entry.length != 0 && !entry.has_undefined_length() &&
           runtime::is_known(entry.vr) && !entry.is_sequence() && !runtime::is_bulk(entry.vr);
}

/// The position of an item of a sequence, or nowhere.
std::size_t item_of(const Index& index, std::size_t sequence, std::uint32_t number) {
    const std::size_t behind = index.entries[sequence].next;
    if (!index.entries[sequence].is_sequence()) return Index::nowhere;
    std::size_t item = sequence + 1;
    for (; number != 0 && item < behind; --number) item = index.entries[item].next;
    return item < behind ? item : Index::nowhere;
}

/// The elements that will ask for the file when they are made.
py::list ReadDataset::keys_left_in_file() const {
    py::list keys;
    visit_json_elements(*dataset_, true, [&](const Index& index, std::size_t position) {
        const std::size_t behind = index.entries[position].next;
        for (std::size_t i = position; i < behind; ++i) {
            if (!is_left_in_file(index.entries[i])) continue;
            keys.append(tag_key(index.entries[position].tag));
            return;
        }
    });
    return keys;
}

/// A complete file with everything in it, binary values included.
py::bytes ReadDataset::content() const {
    std::string bytes;
    {
        const py::gil_scoped_release released;
        runtime::MemorySink sink;
        write(data::Draft(dataset_), data::WriteOptions::defaults(), sink);
        bytes = sink.take();
    }
    return bytes;
}

/// The value bytes of the element at the end of a path, little endian, padding included; None where
/// there is no element, or one that holds others. The path is tags, with the number of an item
/// behind each but the last.
py::object ReadDataset::value(const std::vector<std::uint32_t>& path) const {
    if (path.size() % 2 == 0) throw py::value_error("a path is tags with numbers of items between");
    const auto tag_at = [&path](std::size_t at) { return static_cast<runtime::Tag>(path[at]); };
    const bool in_meta = runtime::group_of(tag_at(0)) == 0x0002;
    const Index& index = in_meta ? dataset_->meta() : dataset_->elements();
    std::size_t position = index.position(tag_at(0));
    for (std::size_t at = 1; at < path.size() && position != Index::nowhere; at += 2) {
        const std::size_t item = item_of(index, position, path[at]);
        position = item == Index::nowhere ? item : index.position_in(item, tag_at(at + 1));
    }
    if (position == Index::nowhere || index.entries[position].is_container) return py::none();
    const Entry& entry = index.entries[position];
    std::string store;
    std::string_view bytes;
    {
        const py::gil_scoped_release released;
        bytes = dataset_->bytes(entry, store);
        const unsigned width = runtime::value_width(entry.vr);
        if (width > 1 && !in_meta && dataset_->is_big_endian(entry)) {
            if (bytes.data() != store.data()) store.assign(bytes);
            runtime::reverse_numbers(store.data(), store.size(), width);
            bytes = store;
        }
    }
    return py::bytes(bytes.data(), bytes.size());
}

/// Has every element; what the draft does not change is read when it is written.
data::DraftBuilder ReadDataset::draft() const { return data::DraftBuilder(data::Draft(dataset_)); }

/// A copy of a file under another name, complete or not there at all.
void copy_file(const std::string& from, const std::string& to) {
    const intake::Source source(runtime::Input{from});
    runtime::FileSink sink(to);
    if (source.descriptor() < 0) {
        sink.write(source.memory());
    } else {
        sink.copy(source.descriptor(), 0, source.size());
    }
    sink.commit();
}

}  // namespace

void bind_dataset(py::module_& data) {
    py::class_<ReadDataset, std::shared_ptr<ReadDataset>>(data, "Dataset")
        .def_static("read", &read, py::call_guard<py::gil_scoped_release>(), py::arg("input"),
                    py::arg("options"))
        // The rest makes Python objects of what is in memory.
        .def("model", &ReadDataset::model)
        .def("element", &ReadDataset::element, py::arg("key"))
        .def("keys", &ReadDataset::keys)
        .def("keys_left_in_file", &ReadDataset::keys_left_in_file)
        .def("content", &ReadDataset::content)
        .def("value", &ReadDataset::value, py::arg("path"),
             "The value bytes at the end of a path (tag, item, tag, item, ..., tag), little endian; "
             "None without such a value.")
        .def("draft", &ReadDataset::draft, "A draft that has all elements.")
        .def_property_readonly("transfer_syntax", &ReadDataset::transfer_syntax)
        .def("__contains__", &ReadDataset::contains, py::arg("key"))
        .def("__len__", &ReadDataset::size);
    def_tool(data, "copy_file", &copy_file, py::arg("from_path"), py::arg("to_path"));
}

}  // namespace dcmtk_native::bindings
