// G-PARSE: how tolerant libdcmdata's parser is.
#include "bindings.hpp"
#include "data/toolkit.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

void bind_parse_options(py::module_& data) {
    using data::ParseOptions;
    OptionsBinder<ParseOptions>(data, "ParseOptions")
        .field("use_meta_length", &ParseOptions::use_meta_length)
        .field("assume_even_length", &ParseOptions::assume_even_length)
        .field("ignore_explicit_vr", &ParseOptions::ignore_explicit_vr)
        .field("nonstandard_vr_implicit", &ParseOptions::nonstandard_vr_implicit)
        .field("undefined_length_un_explicit", &ParseOptions::undefined_length_un_explicit)
        .field("convert_un", &ParseOptions::convert_un)
        .field("private_max_length_sequence", &ParseOptions::private_max_length_sequence)
        .field("replace_wrong_delimiters", &ParseOptions::replace_wrong_delimiters)
        .field("convert_illegal_obow", &ParseOptions::convert_illegal_obow)
        .field("convert_illegal_voi", &ParseOptions::convert_illegal_voi)
        .field("use_explicit_length_pixel_data", &ParseOptions::use_explicit_length_pixel_data)
        .field("ignore_parse_errors", &ParseOptions::ignore_parse_errors)
        .field("data_correction", &ParseOptions::data_correction)
        .field("zlib_bitstream", &ParseOptions::zlib_bitstream)
        .field("stop_after", &ParseOptions::stop_after)
        .field("stop_before", &ParseOptions::stop_before)
        .finish();
}

}  // namespace dcmtk_native::bindings
