// G-OUT, G-OUTX, G-ENC, G-DEFL and G-CHAR: how tools write.
#include "bindings.hpp"
#include "data/charset_conversion.hpp"
#include "data/tag_path.hpp"
#include "data/writer.hpp"
#include "runtime/uid.hpp"
#include "support.hpp"

DCMTK_NATIVE_CHOICES(dcmtk_native::data::WriteMode, {"file", dcmtk_native::data::WriteMode::file},
                     {"update-meta", dcmtk_native::data::WriteMode::update_meta},
                     {"new-meta", dcmtk_native::data::WriteMode::new_meta},
                     {"dataset", dcmtk_native::data::WriteMode::dataset});
DCMTK_NATIVE_CHOICES(dcmtk_native::data::GroupLength,
                     {"recalc", dcmtk_native::data::GroupLength::recalculate},
                     {"create", dcmtk_native::data::GroupLength::create},
                     {"remove", dcmtk_native::data::GroupLength::remove});
DCMTK_NATIVE_CHOICES(dcmtk_native::data::LengthEncoding,
                     {"explicit", dcmtk_native::data::LengthEncoding::explicit_length},
                     {"undefined", dcmtk_native::data::LengthEncoding::undefined});
DCMTK_NATIVE_CHOICES(dcmtk_native::data::Padding, {"retain", dcmtk_native::data::Padding::retain},
                     {"off", dcmtk_native::data::Padding::off},
                     {"create", dcmtk_native::data::Padding::to_multiple});

namespace dcmtk_native::bindings {

namespace {

void bind_writing(py::module_& data) {
    using Options = data::WriteOptions;
    OptionsBinder<Options>(data, "WriteOptions")
        .field("write_mode", &Options::mode)
        .field("transfer_syntax", &Options::transfer_syntax)
        .field("enable_new_vr", &Options::enable_new_vr)
        .field("group_length", &Options::group_length)
        .field("length_encoding", &Options::length_encoding)
        .field("padding", &Options::padding)
        .field("file_pad", &Options::file_pad)
        .field("item_pad", &Options::item_pad)
        .field("compression_level", &Options::compression_level)
        .field("write_oversized", &Options::write_oversized)
        .finish();
}

void bind_charset(py::module_& data) {
    using Options = data::CharsetOptions;
    OptionsBinder<Options>(data, "CharsetOptions")
        .field("target", &Options::target)
        .field("transliterate", &Options::transliterate)
        .field("discard_illegal", &Options::discard_illegal)
        .finish();
}

}  // namespace

void bind_write_options(py::module_& data) {
    bind_writing(data);
    bind_charset(data);
    data.def(
        "check_tag_path", [](const std::string& path) { (void)data::parse_tag_path(path); },
        py::arg("path"));
    data.def(
        "is_uid", [](const std::string& text) { return runtime::is_valid_uid(text); },
        py::arg("text"));
    data.def(
        "is_charset",
        [](const std::string& name) { return runtime::CharacterSet::target(name).has_value(); },
        py::arg("name"));
}

}  // namespace dcmtk_native::bindings
