// The JSON model as dict, list, str, int and float, made straight from the elements.
#pragma once

#include <chrono>
#include <vector>

#include "data/json.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

/// To be used with the GIL held. Lets other threads run now and then, and ends the call there.
class JsonObjects final : public data::JsonSink {
  public:
    JsonObjects();

    /// The model, or the element when only one was written.
    [[nodiscard]] py::object take() { return std::move(result_); }

    void begin_model() override;
    void end_model() override;
    void begin_element(runtime::Tag tag, runtime::Vr vr) override;
    void end_element() override;
    void begin_values(std::size_t count) override;
    void end_values() override;

    void null() override;
    void string(std::string_view text) override;
    void integer(std::int64_t number) override;
    void unsigned_integer(std::uint64_t number) override;
    void real(double number) override;
    void decimal(double number, std::string_view text) override;
    void person_name(const data::PersonName& name) override;
    void binary(data::InlineBinary& value) override;
    void pause() override;
    void run_slow(const std::function<void()>& work) override;

  private:
    using Clock = std::chrono::steady_clock;

    /// A model that is being filled, and the element that is being filled in it.
    struct Level {
        py::object model;  // none for an element that is written alone
        py::object element;
        py::object values;
        Py_ssize_t filled = 0;
    };

    void add(py::object entry);

    std::vector<Level> levels_;
    py::object result_;
    Clock::time_point next_pause_;
};

/// A tag as the model writes it; most are made once only.
[[nodiscard]] py::object tag_key(runtime::Tag tag);
/// The tag that a key stands for; nothing unless it is written as the model does.
[[nodiscard]] std::optional<runtime::Tag> tag_of_key(py::handle key);

}  // namespace dcmtk_native::bindings
