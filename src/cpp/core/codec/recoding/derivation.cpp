#include "codec/recoding/derivation.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "runtime/byte_order.hpp"
#include "runtime/uid.hpp"

namespace dcmtk_native::codec {

namespace {

using data::Item;
using data::Node;
using runtime::Tag;
using runtime::Vr;

constexpr Tag image_type = 0x00080008;
constexpr Tag study_date = 0x00080020;
constexpr Tag study_time = 0x00080030;
constexpr Tag accession_number = 0x00080050;
constexpr Tag modality = 0x00080060;
constexpr Tag conversion_type = 0x00080064;
constexpr Tag referring_physician_name = 0x00080090;
constexpr Tag code_value = 0x00080100;
constexpr Tag coding_scheme_designator = 0x00080102;
constexpr Tag code_meaning = 0x00080104;
constexpr Tag referenced_sop_class_uid = 0x00081150;
constexpr Tag referenced_sop_instance_uid = 0x00081155;
constexpr Tag derivation_description = 0x00082111;
constexpr Tag source_image_sequence = 0x00082112;
constexpr Tag derivation_code_sequence = 0x00089215;
constexpr Tag patient_name = 0x00100010;
constexpr Tag patient_id = 0x00100020;
constexpr Tag patient_birth_date = 0x00100030;
constexpr Tag patient_sex = 0x00100040;
constexpr Tag study_id = 0x00200010;
constexpr Tag series_number = 0x00200011;
constexpr Tag instance_number = 0x00200013;
constexpr Tag patient_orientation = 0x00200020;
constexpr Tag purpose_of_reference_code_sequence = 0x0040A170;
constexpr Tag lossy_image_compression = 0x00282110;
constexpr Tag lossy_image_compression_ratio = 0x00282112;
constexpr Tag lossy_image_compression_method = 0x00282114;

constexpr std::string_view secondary_capture = "1.2.840.10008.5.1.4.1.1.7";
constexpr std::size_t max_short_text = 1024;  // VR ST

void put_sequence(Item& item, Tag tag, Item content) {
    std::vector<Item> items;
    items.push_back(std::move(content));
    item.put({tag, Vr::SQ, std::move(items)});
}

void put_code(Item& item, Tag sequence, std::string_view value, std::string_view meaning) {
    Item code;
    put_text(code, code_value, Vr::SH, value);
    put_text(code, coding_scheme_designator, Vr::SH, "DCM");
    put_text(code, code_meaning, Vr::LO, meaning);
    put_sequence(item, sequence, std::move(code));
}

void put_if_missing(Item& item, Tag tag, Vr vr, std::string_view text) {
    if (item.find(tag) == nullptr) put_text(item, tag, vr, text);
}

std::ptrdiff_t count_separators(const std::string& text) {
    return std::count(text.begin(), text.end(), '\\');
}

}  // namespace

void put_text(Item& item, Tag tag, Vr vr, std::string_view text) {
    item.put({tag, vr, data::make_value(std::string(text))});
}

void put_number(Item& item, Tag tag, std::uint16_t number) {
    std::string bytes(sizeof number, '\0');
    runtime::store_little_endian(number, bytes.data());
    item.put({tag, Vr::US, data::make_value(std::move(bytes))});
}

void make_new_instance(data::Draft& draft, SourceImage source) {
    const std::string sop_class = draft.text_of(draft.root, runtime::tags::sop_class_uid);
    const std::string instance = draft.text_of(draft.root, runtime::tags::sop_instance_uid);
    if (!sop_class.empty() && !instance.empty()) {
        Item reference;
        put_text(reference, referenced_sop_class_uid, Vr::UI, sop_class);
        put_text(reference, referenced_sop_instance_uid, Vr::UI, instance);
        if (source == SourceImage::uncompressed_predecessor)
            put_code(reference, purpose_of_reference_code_sequence, "121320",
                     "Uncompressed predecessor");
        put_sequence(draft.root, source_image_sequence, std::move(reference));
    }
    put_text(draft.root, runtime::tags::sop_instance_uid, Vr::UI, runtime::new_uid());
    // The one of the meta header is that of the old instance: it is made anew.
    draft.meta.erase(runtime::tags::media_storage_sop_instance_uid);
    draft.meta.erase(runtime::tags::media_storage_sop_class_uid);
}

void mark_derived(data::Draft& draft) {
    const std::string old = draft.text_of(draft.root, image_type);
    const std::size_t second = old.find('\\');
    put_text(draft.root, image_type, Vr::CS,
             "DERIVED" + (second == std::string::npos ? std::string() : old.substr(second)));
}

void prepend_derivation(data::Draft& draft, const std::string& text) {
    std::string all = text;
    const std::string old = draft.text_of(draft.root, derivation_description);
    if (!old.empty()) all += " [" + old + "]";
    if (all.size() > max_short_text) {
        all.resize(max_short_text - 4);
        all += "...]";
    }
    put_text(draft.root, derivation_description, Vr::ST, all);
}

void mark_lossy(data::Draft& draft, double ratio, std::string_view method) {
    put_code(draft.root, derivation_code_sequence, "113040", "Lossy Compression");
    mark_lossy(draft);
    std::string ratios = draft.text_of(draft.root, lossy_image_compression_ratio);
    if (!ratios.empty()) ratios += '\\';
    ratios += ratio_text(ratio);
    put_text(draft.root, lossy_image_compression_ratio, Vr::DS, ratios);
    std::string methods = draft.text_of(draft.root, lossy_image_compression_method);
    if (!methods.empty()) methods += '\\';
    // One method for each ratio: earlier ones may lack theirs.
    const std::ptrdiff_t lacking = count_separators(ratios) - count_separators(methods);
    methods.append(static_cast<std::size_t>(std::max<std::ptrdiff_t>(lacking, 0)), '\\');
    put_text(draft.root, lossy_image_compression_method, Vr::CS, methods.append(method));
}

void mark_lossy(data::Draft& draft) {
    put_text(draft.root, lossy_image_compression, Vr::CS, "01");
}

void convert_to_secondary_capture(data::Draft& draft) {
    Item& root = draft.root;
    put_text(root, runtime::tags::sop_class_uid, Vr::UI, secondary_capture);
    draft.meta.erase(runtime::tags::media_storage_sop_class_uid);
    for (const Tag uid : {runtime::tags::sop_instance_uid, runtime::tags::study_instance_uid,
                          runtime::tags::series_instance_uid})
        if (root.find(uid) == nullptr) put_text(root, uid, Vr::UI, runtime::new_uid());
    put_if_missing(root, conversion_type, Vr::CS, "WSD");
    put_if_missing(root, modality, Vr::CS, "OT");
    constexpr std::array<std::pair<Tag, Vr>, 12> empty_allowed{{
        {patient_name, Vr::PN},
        {patient_id, Vr::LO},
        {patient_birth_date, Vr::DA},
        {patient_sex, Vr::CS},
        {patient_orientation, Vr::CS},
        {study_date, Vr::DA},
        {study_time, Vr::TM},
        {referring_physician_name, Vr::PN},
        {study_id, Vr::SH},
        {accession_number, Vr::SH},
        {series_number, Vr::IS},
        {instance_number, Vr::IS},
    }};
    for (const auto& [tag, vr] : empty_allowed) put_if_missing(root, tag, vr, "");
}

std::string ratio_text(double ratio) {
    char text[32];
    const int length = std::snprintf(text, sizeof text, "%.5G", ratio);
    return {text, static_cast<std::size_t>(length)};
}

}  // namespace dcmtk_native::codec
