// Calls, cancel tokens, log records, dictionary, library facts.
#include <pybind11/chrono.h>

#include "bindings.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/dictionary.hpp"
#include "runtime/files.hpp"
#include "runtime/library.hpp"
#include "runtime/logging.hpp"
#include "runtime/parallel.hpp"
#include "support.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace dcmtk_native::bindings {

namespace {

/// One tool call of this thread. Made with the GIL; the work inside runs without it.
class Call {
  public:
    Call(std::shared_ptr<runtime::CancelToken> token, std::int64_t timeout_ms, int level)
        : scope_(std::move(token), std::chrono::milliseconds(timeout_ms), level, poll_of_this_thread()) {
        if (level < runtime::log_level::warn) libdcmtk_level_.emplace(level);
        scope_.enter();
    }

    /// Ends the call: its records as (level, logger, message), or None; raises what a signal handler raised.
    py::object close() {
        scope_.leave();
        libdcmtk_level_.reset();
        if (interrupt_) throw std::exchange(interrupt_, nullptr)->error;
        if (!scope_.has_records()) return py::none();
        py::list records;
        for (const runtime::LogRecord& record : scope_.take_records())
            records.append(py::make_tuple(record.level, record.logger, to_str(record.message)));
        return std::move(records);
    }

  private:
    struct Interrupt {
        py::error_already_set error;
    };

    /// Signal handlers of Python run on its main thread only, and only when somebody asks.
    runtime::CallScope::InterruptPoll poll_of_this_thread() {
        static const unsigned long main_thread =
            py::module_::import("threading").attr("main_thread")().attr("ident").cast<unsigned long>();
        if (PyThread_get_thread_ident() != main_thread) return {};
        return [this] {
            const py::gil_scoped_acquire gil;
            if (PyErr_CheckSignals() == 0) return false;
            interrupt_ = std::make_unique<Interrupt>(Interrupt{py::error_already_set()});
            return true;
        };
    }

    std::unique_ptr<Interrupt> interrupt_;
    std::optional<runtime::LogLevelRequest> libdcmtk_level_;
    runtime::CallScope scope_;
};

/// What a call of this thread lets other threads work under: who may cancel it, when it must end.
class CallTerms {
  public:
    CallTerms() {
        const runtime::CallScope* scope = runtime::CallScope::current();
        if (scope == nullptr) throw py::value_error("there is no call on this thread");
        token_ = scope->token();
        deadline_ = scope->deadline();
        level_ = scope->level();
    }

    /// A call on another thread that ends when this one must.
    [[nodiscard]] std::unique_ptr<Call> begin() const {
        using std::chrono::milliseconds;
        const auto left = std::chrono::ceil<milliseconds>(deadline_ - runtime::CallScope::Clock::now());
        return std::make_unique<Call>(token_, std::max(left, milliseconds::zero()).count(), level_);
    }

  private:
    std::shared_ptr<runtime::CancelToken> token_;
    runtime::CallScope::Clock::time_point deadline_;
    int level_;
};

py::object entry_tuple(const runtime::DictionaryEntry* entry) {
    if (entry == nullptr) return py::none();
    return py::make_tuple(entry->tag, std::string(runtime::vr_for_writing(entry->vr())), std::string(entry->keyword()), entry->vm_min,
                          entry->vm_max, entry->retired);
}

/// The first bytes of an open file as the content of another one.
void write_from_descriptor(int descriptor, std::uint64_t size, const runtime::Output& output) {
    runtime::FileSink sink(output.path.value());
    sink.copy(descriptor, 0, size);
    sink.commit();
}

}  // namespace

void bind_runtime(py::module_& module) {
    py::class_<runtime::CancelToken, std::shared_ptr<runtime::CancelToken>>(module, "CancelToken")
        .def(py::init<>())
        .def("cancel", &runtime::CancelToken::cancel)
        .def_property_readonly("cancelled", &runtime::CancelToken::cancelled);

    py::class_<Call>(module, "Call")
        .def(py::init<std::shared_ptr<runtime::CancelToken>, std::int64_t, int>(), py::arg("token").none(true),
             py::arg("timeout_ms"), py::arg("level"))
        .def("close", &Call::close);
    py::class_<CallTerms>(module, "CallTerms").def(py::init<>()).def("begin", &CallTerms::begin);

    module.def(
        "find_entry",
        [](std::uint32_t tag, const std::string& creator) {
            return entry_tuple(runtime::find_entry(tag, creator));
        },
        py::arg("tag"), py::arg("private_creator") = "");
    module.def(
        "find_keyword",
        [](const std::string& keyword) { return entry_tuple(runtime::find_keyword(keyword)); },
        py::arg("keyword"));
    module.def(
        "uid_name", [](const std::string& uid) { return std::string(runtime::uid_name(uid)); }, py::arg("uid"));
    module.def("library_path", &runtime::library_path);
    module.def("library_info", [] {
        const runtime::LibraryInfo info = runtime::library_info();
        py::dict facts;
        facts["version"] = info.version;
        facts["library_directory"] = info.directory;
        facts["dictionary_entries"] = info.dictionary_entries;
        facts["with_openssl"] = info.with_openssl;
        facts["with_zlib"] = info.with_zlib;
        facts["with_libxml"] = info.with_libxml;
        facts["with_png"] = info.with_png;
        facts["with_tiff"] = info.with_tiff;
        facts["with_charset_conversion"] = info.with_charset_conversion;
        return facts;
    });
    // What a record of another process becomes here.
    module.def(
        "log",
        [](int level, const std::string& logger, std::string message) {
            if (runtime::CallScope* scope = runtime::CallScope::current())
                scope->log(level, logger.c_str(), std::move(message));
        },
        py::arg("level"), py::arg("logger"), py::arg("message"));
    def_tool(module, "write_from_descriptor", &write_from_descriptor, py::arg("descriptor"),
             py::arg("size"), py::arg("output"));
    // Takes the GIL for granted: it is for loops written in Python, and returns at once.
    module.def("checkpoint", &runtime::checkpoint_now);
    module.def("usable_processors", &runtime::usable_processors);
    module.attr("version") = DCMTK_NATIVE_VERSION;
}

}  // namespace dcmtk_native::bindings
