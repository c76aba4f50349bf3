// The character set decoder as functions, for those parts of the package that are written in Python.
#include "bindings.hpp"
#include "runtime/charset.hpp"
#include "runtime/error.hpp"
#include "support.hpp"

DCMTK_NATIVE_CHOICES(dcmtk_native::runtime::OnUnencodable,
                     {"fail", dcmtk_native::runtime::OnUnencodable::fail},
                     {"discard", dcmtk_native::runtime::OnUnencodable::discard},
                     {"transliterate", dcmtk_native::runtime::OnUnencodable::transliterate},
                     {"transliterate-or-discard",
                      dcmtk_native::runtime::OnUnencodable::transliterate_or_discard});

namespace dcmtk_native::bindings {

void bind_text(py::module_& runtime) {
    runtime.def(
        "decode_text",
        [](const py::bytes& bytes, const std::string& specific_character_set, bool person_name) {
            const auto kind = person_name ? runtime::TextKind::person_name : runtime::TextKind::string;
            return to_str(runtime::CharacterSet(specific_character_set).decode(std::string_view(bytes), kind).text);
        },
        py::arg("bytes"), py::arg("specific_character_set"), py::arg("person_name") = false);
    runtime.def(
        "split_text",
        [](const py::bytes& bytes, const std::string& specific_character_set) {
            py::list values;
            for (const auto value : runtime::CharacterSet(specific_character_set).split(std::string_view(bytes)))
                values.append(py::bytes(value.data(), value.size()));
            return values;
        },
        py::arg("bytes"), py::arg("specific_character_set"));
    runtime.def(
        "encode_text",
        [](const std::string& text, const std::string& term, runtime::OnUnencodable on_unencodable) {
            const auto set = runtime::CharacterSet::target(term);
            if (!set) runtime::raise(runtime::ErrorKind::options, "unknown character set: " + term);
            return py::bytes(set->encode(text, on_unencodable).bytes);
        },
        py::arg("text"), py::arg("term"), py::arg("on_unencodable") = "fail");
}

}  // namespace dcmtk_native::bindings
