#include "codec/jpeg2000/openjph.hpp"

#ifdef DCMTK_NATIVE_HAS_OPENJPH

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

#include <openjph/ojph_arch.h>
#include <openjph/ojph_codestream.h>
#include <openjph/ojph_file.h>
#include <openjph/ojph_mem.h>
#include <openjph/ojph_message.h>
#include <openjph/ojph_params.h>

#include "codec/frames/sample_cells.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

/// What OpenJPH says on this thread; set while a call runs.
thread_local std::string* heard = nullptr;

constexpr std::size_t most_text = 2000;

#ifdef __GLIBC__
ssize_t hear(void*, const char* text, std::size_t size) noexcept {
    try {
        if (heard != nullptr && heard->size() + size <= most_text) heard->append(text, size);
    } catch (const std::bad_alloc&) {
        return 0;
    }
    return static_cast<ssize_t>(size);
}

std::FILE* open_ear() {
    std::FILE* ear = fopencookie(nullptr, "w", {nullptr, &hear, nullptr, nullptr});
    if (ear != nullptr) std::setvbuf(ear, nullptr, _IONBF, 0);
    return ear;
}
#else
std::FILE* open_ear() { return std::fopen("/dev/null", "w"); }
#endif

/// Takes the messages of a call. OpenJPH has streams of the process for them, stdout and stderr at first;
/// in 0.9.0 a handler of one's own is called as if it were theirs.
class Hearing {
  public:
    Hearing() {
        static std::once_flag once;
        std::call_once(once, [] {
            std::FILE* ear = open_ear();
            if (ear == nullptr) throw std::bad_alloc();
            ojph::set_info_stream(ear);
            ojph::set_warning_stream(ear);
            ojph::set_error_stream(ear);
        });
        heard = &text_;
    }
    ~Hearing() { heard = nullptr; }
    Hearing(const Hearing&) = delete;
    Hearing& operator=(const Hearing&) = delete;

    [[nodiscard]] std::string text() const {
        std::string line = text_;
        std::replace(line.begin(), line.end(), '\n', ' ');
        return line;
    }

  private:
    std::string text_;
};

/// Runs a step of OpenJPH, which throws a runtime_error, or a text when there is no memory.
template <typename Work>
auto guarded(const char* doing, Work&& work) {
    Hearing hearing;
    try {
        return std::forward<Work>(work)();
    } catch (const std::runtime_error& error) {
        fail_j2k(std::string(doing) + ": " + (hearing.text().empty() ? error.what() : hearing.text()));
    } catch (const char*) {
        throw std::bad_alloc();
    }
}

/// Into a string.
class StringFile : public ojph::outfile_base {
  public:
    std::size_t write(const void* bytes, std::size_t size) override {
        text.append(static_cast<const char*>(bytes), size);
        return size;
    }
    ojph::si64 tell() override { return static_cast<ojph::si64>(text.size()); }

    std::string text;
};

/// Numbers of a line within what its component can be: rounding and lossy coding go beyond.
void clamp(std::int32_t* numbers, std::size_t count, const Component& component) {
    const std::int32_t range = static_cast<std::int32_t>((std::uint32_t{1} << component.precision) - 1);
    const std::int32_t low = component.is_signed ? -(range / 2) - 1 : 0;
    const std::int32_t high = component.is_signed ? range / 2 : range;
    for (std::size_t i = 0; i < count; ++i) numbers[i] = std::clamp(numbers[i], low, high);
}

}  // namespace

void decode_by_openjph(const Codestream& stream, const FrameFormat& format, std::uint8_t* out) {
    guarded("decoding", [&] {
        ojph::mem_infile file;
        file.open(reinterpret_cast<const ojph::ui8*>(stream.bytes.data()), stream.bytes.size());
        ojph::codestream decoder;
        decoder.read_headers(&file);
        decoder.create();
        const std::size_t cell = format.sample_bytes();
        const std::size_t row_bytes = std::size_t{format.columns} * format.samples * cell;
        std::vector<std::uint32_t> rows(format.samples);
        for (std::size_t line = 0; line < std::size_t{format.rows} * format.samples; ++line) {
            runtime::checkpoint();
            ojph::ui32 component = 0;
            ojph::line_buf* numbers = decoder.pull(component);
            if (numbers == nullptr || component >= rows.size() || rows[component] >= format.rows ||
                numbers->size < format.columns)
                throw std::runtime_error("lines are missing");
            clamp(numbers->i32, format.columns, stream.coding.components[component]);
            store_cells(numbers->i32, format.columns, format,
                        out + rows[component]++ * row_bytes + component * cell);
        }
    });
}

std::string encode_by_openjph(const std::uint8_t* pixels, const FrameFormat& format,
                              const OpenjphParameters& parameters) {
    return guarded("encoding", [&] {
        ojph::codestream encoder;
        ojph::param_siz siz = encoder.access_siz();
        siz.set_image_extent(ojph::point(format.columns, format.rows));
        siz.set_tile_size(ojph::size(format.columns, format.rows));
        siz.set_image_offset(ojph::point(0, 0));
        siz.set_tile_offset(ojph::point(0, 0));
        siz.set_num_components(format.samples);
        for (ojph::ui32 component = 0; component < format.samples; ++component)
            siz.set_component(component, ojph::point(1, 1), parameters.bits, format.is_signed);
        ojph::param_cod cod = encoder.access_cod();
        cod.set_num_decomposition(parameters.levels);
        cod.set_block_dims(64, 64);
        cod.set_progression_order("RPCL");
        cod.set_color_transform(parameters.transform);
        cod.set_reversible(parameters.step == 0);
        if (parameters.step != 0) encoder.access_qcd().set_irrev_quant(parameters.step);
        encoder.set_planar(false);
        StringFile file;
        encoder.write_headers(&file);
        ojph::ui32 component = 0;
        ojph::line_buf* line = encoder.exchange(nullptr, component);
        const std::uint8_t* row = pixels;
        for (std::uint32_t y = 0; y < format.rows; ++y) {
            runtime::checkpoint();
            for (unsigned sample = 0; sample < format.samples; ++sample) {
                load_cells(row + component * format.sample_bytes(), format.columns, format, line->i32);
                line = encoder.exchange(line, component);
            }
            row += std::size_t{format.columns} * format.samples * format.sample_bytes();
        }
        encoder.flush();
        return std::move(file.text);
    });
}

}  // namespace dcmtk_native::codec

#endif
