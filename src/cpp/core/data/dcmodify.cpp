#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "data/data.hpp"
#include "data/draft.hpp"
#include "data/editor.hpp"
#include "data/tag_path.hpp"
#include "runtime/backup.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"
#include "runtime/uid.hpp"

namespace dcmtk_native::data {

namespace {

using runtime::ErrorKind;
using runtime::Tag;
using Kind = Modification::Kind;
namespace tags = runtime::tags;

/// A modification whose path has been understood.
struct Job {
    const Modification& modification;
    TagPath path;
};

bool has_path(Kind kind) {
    return kind != Kind::erase_private && kind != Kind::new_study_uid &&
           kind != Kind::new_series_uid && kind != Kind::new_instance_uid;
}

/// Before anything is read: a malformed path is no fault of the file.
std::vector<Job> parse_jobs(const std::vector<Modification>& modifications) {
    std::vector<Job> jobs;
    for (const Modification& modification : modifications)
        jobs.push_back({modification, has_path(modification.kind)
                                          ? parse_tag_path(modification.path)
                                          : TagPath{}});
    for (const Job& job : jobs)
        if ((job.modification.kind == Kind::modify_all ||
             job.modification.kind == Kind::erase_all) &&
            job.path.back().select != PathSegment::Select::none)
            runtime::raise(ErrorKind::options, "\"" + job.modification.path +
                                                   "\" names an item; all occurrences of "
                                                   "a tag need a tag");
    return jobs;
}

bool exists(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 || errno != ENOENT;
}

Draft open_draft(const runtime::Input& input, const DcmodifyOptions& options) {
    if (options.create_file && input.is_path() && !exists(input.name()))
        return Draft(std::string(runtime::transfer_syntaxes::explicit_little));
    return Draft::read(input, options.read, options.parse);
}

Value value_from_file(const std::string& path) {
    const runtime::FileDescriptor file = runtime::open_for_reading(path);
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) runtime::raise_system("cannot read", path);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size % 2 != 0)
        runtime::raise(ErrorKind::operation, "cannot take a value of odd length: " + path);
    constexpr std::uint64_t max_value = 0xFFFFFFFE;
    if (size > max_value) runtime::raise_limit(path, "bytes of a value", size, max_value);
    runtime::MemorySink bytes;
    bytes.copy(file.get(), 0, size);
    return make_value(bytes.take());
}

/// Does jobs on a draft.
class Worker {
  public:
    Worker(Draft& draft, const DcmodifyOptions& options)
        : draft_(draft), options_(options),
          editor_(draft, {options.check_reservations, options.ignore_un_values}) {}

    /// Tells how many elements were changed.
    std::uint64_t run(const std::vector<Job>& jobs) {
        std::uint64_t modified = 0;
        for (const Job& job : jobs) modified += options_.ignore_errors ? try_job(job) : do_job(job);
        return modified;
    }

  private:
    /// A job that fails leaves nothing half done.
    std::uint64_t try_job(const Job& job) {
        Draft before = draft_;
        try {
            return do_job(job);
        } catch (const runtime::Error& error) {
            if (error.kind == ErrorKind::aborted || error.kind == ErrorKind::timeout) throw;
            runtime::log(runtime::log_level::error, "data", "ignored: " + error.message);
            draft_ = std::move(before);
            return 0;
        }
    }

    std::uint64_t do_job(const Job& job) {
        runtime::checkpoint_now();
        const Edited edited = edit(job);
        if (edited.found == 0 && job.modification.kind != Kind::erase_private &&
            !options_.ignore_missing_tags)
            runtime::raise(ErrorKind::operation, "tag not found: " + to_string(job.path));
        return edited.changed;
    }

    Edited edit(const Job& job) {
        const auto text = [&job] { return NewValue{job.modification.value, std::nullopt}; };
        const auto file = [&job] { return NewValue{{}, value_from_file(job.modification.value)}; };
        switch (job.modification.kind) {
        case Kind::modify: return editor_.modify(job.path, text());
        case Kind::insert: return editor_.insert(job.path, text());
        case Kind::modify_from_file: return editor_.modify(job.path, file());
        case Kind::insert_from_file: return editor_.insert(job.path, file());
        case Kind::modify_all: return editor_.modify_all(job.path, text());
        case Kind::erase: return editor_.erase(job.path);
        case Kind::erase_all: return editor_.erase_all(job.path);
        case Kind::erase_private: return editor_.erase_private();
        case Kind::new_study_uid: return put_new_uid(tags::study_instance_uid);
        case Kind::new_series_uid: return put_new_uid(tags::series_instance_uid);
        case Kind::new_instance_uid:
            // Whatever becomes of the other UIDs there: a new instance is not stored as the old
            // one.
            draft_.meta.erase(tags::media_storage_sop_instance_uid);
            return put_new_uid(tags::sop_instance_uid);
        }
        return {};
    }

    Edited put_new_uid(Tag tag) {
        draft_.root.put({tag, runtime::Vr::UI, make_value(runtime::new_uid())});
        return {1, 1};
    }

    Draft& draft_;
    const DcmodifyOptions& options_;
    Editor editor_;
};

/// dcmodify makes the meta header anew. Where its SOP UIDs are to stay, nothing else does.
WriteOptions writing_options(Draft& draft, const DcmodifyOptions& options) {
    WriteOptions writing = options.write;
    writing.correct_padding = options.parse.data_correction;
    if (writing.mode == WriteMode::dataset) return writing;
    writing.mode = options.update_meta_uids ? WriteMode::new_meta : WriteMode::file;
    auto& nodes = draft.meta.nodes;
    nodes.erase(std::remove_if(nodes.begin(), nodes.end(),
                               [](const Node& node) {
                                   return node.tag != tags::media_storage_sop_class_uid &&
                                          node.tag != tags::media_storage_sop_instance_uid;
                               }),
                nodes.end());
    return writing;
}

/// Writes beside the file, then keeps the old one under the backup's name, then replaces it.
std::optional<std::string> replace_file(const Draft& draft, const WriteOptions& writing,
                                        const runtime::Output& output, bool backup) {
    const std::string& path = *output.path;
    runtime::FileSink sink(path, output.durable);
    write(draft, writing, sink);
    std::optional<std::string> backup_path;
    if (backup && sink.replaces()) {
        backup_path = path + ".bak";
        runtime::keep_backup(path, *backup_path);
    }
    sink.commit();
    return backup_path;
}

}  // namespace

DcmodifyResult dcmodify(const runtime::Input& input, const runtime::Output& output,
                        const DcmodifyOptions& options) {
    const std::vector<Job> jobs = parse_jobs(options.modifications);
    Draft draft = open_draft(input, options);
    DcmodifyResult result{};
    result.modified = Worker(draft, options).run(jobs);
    const WriteOptions writing = writing_options(draft, options);
    if (output.path) {
        result.backup_path = replace_file(draft, writing, output, options.backup);
    } else {
        runtime::MemorySink sink;
        write(draft, writing, sink);
        result.data = sink.take();
    }
    return result;
}

}  // namespace dcmtk_native::data
