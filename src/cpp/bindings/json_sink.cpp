#include "json_sink.hpp"

#include <pybind11/gil_safe_call_once.h>

#include <array>

#include "runtime/call_scope.hpp"

namespace dcmtk_native::bindings {

namespace {

using runtime::Tag;
using runtime::Vr;

// A waiting thread asks for the GIL after 5 ms; giving it away more often costs and helps nobody.
constexpr auto time_between_pauses = std::chrono::milliseconds(5);

py::object checked(PyObject* made) {
    if (made == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(made);
}

py::object ascii(const char* text, std::size_t size) {
    py::object made = checked(PyUnicode_New(static_cast<Py_ssize_t>(size), 127));
    std::memcpy(PyUnicode_1BYTE_DATA(made.ptr()), text, size);
    return made;
}

void set_item(const py::object& dict, const py::object& key, const py::object& value) {
    if (PyDict_SetItem(dict.ptr(), key.ptr(), value.ptr()) != 0) throw py::error_already_set();
}

py::object interned(const char* word) { return checked(PyUnicode_InternFromString(word)); }

/// The keys of the model.
struct Words {
    py::object vr = interned("vr");
    py::object value = interned("Value");
    py::object inline_binary = interned("InlineBinary");
    py::object alphabetic = interned("Alphabetic");
    py::object ideographic = interned("Ideographic");
    py::object phonetic = interned("Phonetic");
};

/// Keys that were made lately. Two tags for one slot push each other out.
struct KeySlot {
    Tag tag = 0;
    py::object key;
};
constexpr unsigned key_slot_bits = 12;

/// What lives as long as the process.
struct Kept {
    Words words;
    std::array<py::object, 26 * 26> vrs;
    std::array<KeySlot, 1U << key_slot_bits> keys;
};

Kept& kept() {
    PYBIND11_CONSTINIT static py::gil_safe_call_once_and_store<Kept> storage;
    return storage.call_once_and_store_result([] { return Kept(); }).get_stored();
}

const Words& words() { return kept().words; }

const py::object& vr_word(Vr vr) {
    char letters[2];
    write_letters(vr, letters);
    auto& word = kept().vrs[static_cast<std::size_t>((letters[0] - 'A') * 26 + letters[1] - 'A')];
    if (!word) word = ascii(letters, sizeof letters);
    return word;
}

KeySlot& key_slot(Tag tag) {
    constexpr std::uint32_t golden = 0x9E3779B1;  // neighbouring numbers land far apart
    return kept().keys[tag * golden >> (32 - key_slot_bits)];
}

}  // namespace

py::object tag_key(Tag tag) {
    KeySlot& slot = key_slot(tag);
    if (slot.tag == tag && slot.key) return slot.key;
    char digits[8];
    data::write_tag(tag, digits);
    slot.key = ascii(digits, sizeof digits);
    slot.tag = tag;
    return slot.key;
}

std::optional<Tag> tag_of_key(py::handle key) {
    Py_ssize_t size = 0;
    if (PyUnicode_Check(key.ptr()) == 0) return std::nullopt;
    const char* text = PyUnicode_AsUTF8AndSize(key.ptr(), &size);
    if (text == nullptr) PyErr_Clear();  // a lone surrogate, which no key has
    if (text == nullptr || size != 8) return std::nullopt;
    Tag tag = 0;
    for (Py_ssize_t i = 0; i < size; ++i) {
        const char digit = text[i];
        const bool is_letter = digit >= 'A' && digit <= 'F';
        if (!is_letter && (digit < '0' || digit > '9')) return std::nullopt;
        tag = tag << 4 | static_cast<Tag>(is_letter ? digit - 'A' + 10 : digit - '0');
    }
    return tag;
}

JsonObjects::JsonObjects() : next_pause_(Clock::now() + time_between_pauses) {
    levels_.reserve(4);
    levels_.emplace_back();
}

void JsonObjects::begin_model() {
    levels_.emplace_back();
    levels_.back().model = checked(PyDict_New());
}

void JsonObjects::end_model() {
    py::object model = std::move(levels_.back().model);
    levels_.pop_back();
    if (levels_.back().values) {
        add(std::move(model));
    } else {
        result_ = std::move(model);
    }
}

void JsonObjects::begin_element(Tag tag, Vr vr) {
    Level& level = levels_.back();
    level.element = checked(PyDict_New());
    set_item(level.element, words().vr, vr_word(vr));
    if (level.model) {
        set_item(level.model, tag_key(tag), level.element);
    } else {
        result_ = level.element;
    }
}

void JsonObjects::end_element() { levels_.back().element = {}; }

void JsonObjects::begin_values(std::size_t count) {
    Level& level = levels_.back();
    level.values = checked(PyList_New(static_cast<Py_ssize_t>(count)));
    level.filled = 0;
    // Nobody may come across a list with holes while other threads run.
    PyObject_GC_UnTrack(level.values.ptr());
}

void JsonObjects::end_values() {
    Level& level = levels_.back();
    PyObject_GC_Track(level.values.ptr());
    set_item(level.element, words().value, level.values);
    level.values = {};
}

void JsonObjects::add(py::object entry) {
    Level& level = levels_.back();
    PyList_SET_ITEM(level.values.ptr(), level.filled++, entry.release().ptr());
}

void JsonObjects::null() { add(py::none()); }

void JsonObjects::string(std::string_view text) { add(to_str(text)); }

void JsonObjects::integer(std::int64_t number) { add(checked(PyLong_FromLongLong(number))); }

void JsonObjects::unsigned_integer(std::uint64_t number) {
    add(checked(PyLong_FromUnsignedLongLong(number)));
}

void JsonObjects::real(double number) { add(checked(PyFloat_FromDouble(number))); }

void JsonObjects::decimal(double number, std::string_view) { real(number); }

void JsonObjects::person_name(const data::PersonName& name) {
    py::object groups = checked(PyDict_New());
    if (!name.alphabetic.empty()) set_item(groups, words().alphabetic, to_str(name.alphabetic));
    if (!name.ideographic.empty()) set_item(groups, words().ideographic, to_str(name.ideographic));
    if (!name.phonetic.empty()) set_item(groups, words().phonetic, to_str(name.phonetic));
    add(std::move(groups));
}

void JsonObjects::binary(data::InlineBinary& value) {
    const py::object text = checked(PyUnicode_New(static_cast<Py_ssize_t>(value.size()), 127));
    auto* out = reinterpret_cast<char*>(PyUnicode_1BYTE_DATA(text.ptr()));
    {
        // Nobody knows the text yet.
        const py::gil_scoped_release released;
        while (const std::size_t count = value.read(out)) {
            out += count;
            runtime::checkpoint_now();
        }
    }
    set_item(levels_.back().element, words().inline_binary, text);
}

void JsonObjects::run_slow(const std::function<void()>& work) {
    const py::gil_scoped_release released;
    work();
}

void JsonObjects::pause() {
    if (Clock::now() < next_pause_) return;
    {
        const py::gil_scoped_release released;
        runtime::checkpoint_now();
    }
    // Ctrl-C, also where no call looks for it.
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    next_pause_ = Clock::now() + time_between_pauses;
}

}  // namespace dcmtk_native::bindings
