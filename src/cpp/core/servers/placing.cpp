#include "servers/placing.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <unordered_set>
#include <utility>

#include "data/dataset.hpp"
#include "runtime/error.hpp"
#include "runtime/uid.hpp"

namespace dcmtk_native::servers {

namespace {

using runtime::ErrorKind;
namespace tags = runtime::tags;
constexpr runtime::Tag series_date = 0x00080021;
constexpr runtime::Tag patient_name = 0x00100010;

// With a UID and an ending behind it, it has to fit into NAME_MAX.
constexpr std::size_t longest_stem = 160;

constexpr mode_t folder_mode = 0777;  // less the umask

void check_part_of_name(const std::string& text, const char* what) {
    if (text.find('/') == std::string::npos && text.find('\0') == std::string::npos && text != "." &&
        text != "..")
        return;
    runtime::raise(ErrorKind::options, std::string(what) + " must be part of a name, not of a path");
}

[[nodiscard]] std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
    return text;
}

[[nodiscard]] StudyFacts read_facts(const std::string& path) {
    data::ReadOptions options{};
    options.last_tag = tags::study_instance_uid;
    try {
        const auto dataset = data::Dataset::read({path}, options, data::FileUse::close);
        std::string store;
        const auto text_of = [&](runtime::Tag tag) { return std::string(trimmed(dataset->bytes(tag, store))); };
        StudyFacts facts;
        facts.study_instance_uid = text_of(tags::study_instance_uid);
        facts.series_date = text_of(series_date);
        facts.patient_name =
            dataset->character_set().decode(text_of(patient_name), runtime::TextKind::person_name).text;
        return facts;
    } catch (const runtime::Error& error) {
        // Whatever it exceeds or breaks: the association is not to blame.
        runtime::raise(ErrorKind::format, error.message);
    }
}

[[nodiscard]] bool exists(const std::string& path) {
    struct stat status{};
    return ::lstat(path.c_str(), &status) == 0;
}

/// Another name for what has this one. None: nothing has it, or the file system knows no second names.
[[nodiscard]] std::optional<std::string> second_name(const std::string& path) {
    const std::size_t name_at = path.rfind('/') + 1;
    std::string second = path.substr(0, name_at) + "." + path.substr(name_at, longest_stem) + "." +
                         runtime::new_uid() + ".replaced";
    if (::link(path.c_str(), second.c_str()) != 0) return std::nullopt;
    return second;
}

/// An instance that came twice has one file, unless each time has a name of its own.
void drop_repeated(std::vector<StudyFile>& files) {
    std::unordered_set<std::string> known;
    const auto is_known = [&known](const StudyFile& file) { return !known.insert(file.path).second; };
    files.erase(std::remove_if(files.begin(), files.end(), is_known), files.end());
}

struct Folder {
    std::string path;
    bool is_new = false;
};

/// Made, as far as it is not there. The parts of its name are ours: see Naming.
[[nodiscard]] Folder folder_below(const std::string& root, const std::string& relative) {
    Folder folder{root};
    for (std::size_t begin = 0; begin < relative.size();) {
        const std::size_t end = std::min(relative.find('/', begin), relative.size());
        folder.path.append("/").append(relative, begin, end - begin);
        folder.is_new = ::mkdir(folder.path.c_str(), folder_mode) == 0;
        if (!folder.is_new && errno != EEXIST) runtime::raise_system("cannot create folder", folder.path);
        begin = end + 1;
    }
    return folder;
}

[[nodiscard]] std::uint64_t size_of_file(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace

Store::Store(PlacingRules rules, std::shared_ptr<EventQueue> events)
    : rules_(std::move(rules)),
      naming_(rules_.naming),
      studies_(rules_.study_timeout),
      events_(std::move(events)) {
    check_part_of_name(rules_.naming.prefix, "the prefix of a study's folder");
    check_part_of_name(rules_.naming.extension, "the extension of file names");
}

void Store::tell(Event event) {
    if (events_) events_->push(std::move(event));
}

/// One object's.
class Store::Place final : public network::Placement {
  public:
    Place(Store& store, const std::shared_ptr<const AssociationFacts>& sender)
        : store_(store), sender_(sender) {}
    ~Place() override {
        if (replaced_) ::unlink(replaced_->c_str());
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    [[nodiscard]] std::string begin(const network::ReceivedObject& object) override {
        const std::string path = free_path(path_in(store_.rules_.root, object), object);
        if (!needs_content()) tell_storing(object, path);
        return path;
    }

    [[nodiscard]] std::string finish(const network::ReceivedObject& object, const std::string& begun,
                                     runtime::FileSink& file) override {
        std::string path = final_path(object, begun, file.path_until_commit());
        if (store_.naming_.has_lasting_names()) {
            if (store_.rules_.keeps_replaced) replaced_ = second_name(path);
            file.commit_as(path);
        } else {
            while (!file.commit_as_new(path)) path = path_beside(path, object);
        }
        return path;
    }

    [[nodiscard]] const std::string& study() const noexcept { return facts_.study_instance_uid; }
    /// From then on it is the caller's.
    [[nodiscard]] std::optional<std::string> take_replaced() { return std::exchange(replaced_, std::nullopt); }

  private:
    [[nodiscard]] std::string final_path(const network::ReceivedObject& object, const std::string& begun,
                                         const std::string& written) {
        if (needs_content()) facts_ = read_facts(written);
        if (store_.rules_.rewrite) store_.rules_.rewrite(written);
        if (!needs_content()) return begun;
        if (store_.rules_.follows_studies && facts_.study_instance_uid.empty())
            runtime::raise(ErrorKind::format, "the data set has no Study Instance UID");
        std::string path = free_path(folder() + begun.substr(store_.rules_.root.size()), object);
        tell_storing(object, path);
        return path;
    }

    [[nodiscard]] bool needs_content() const {
        return store_.rules_.follows_studies || store_.rules_.naming.folders != Folders::none;
    }

    [[nodiscard]] std::string path_in(const std::string& folder, const network::ReceivedObject& object) {
        return folder + "/" + store_.naming_.file_name(object.sop_class, object.sop_instance, now_);
    }

    /// Times of the day come twice in a night of autumn, and other servers may have the same folder.
    [[nodiscard]] std::string free_path(std::string path, const network::ReceivedObject& object) {
        if (store_.naming_.has_lasting_names()) return path;
        while (exists(path)) path = path_beside(path, object);
        return path;
    }

    /// The next name in the same folder.
    [[nodiscard]] std::string path_beside(const std::string& path, const network::ReceivedObject& object) {
        return path_in(path.substr(0, path.rfind('/')), object);
    }

    [[nodiscard]] std::string folder() {
        const auto make = [this] { return store_.make_folder(facts_, now_, sender_); };
        return store_.rules_.follows_studies
                   ? store_.studies_.folder_of(facts_.study_instance_uid, sender_, make)
                   : make();
    }

    void tell_storing(const network::ReceivedObject& object, const std::string& path) {
        store_.tell({EventKind::storing_file, sender_, object.sop_class, object.sop_instance,
                     object.transfer_syntax, path, 0, {}});
    }

    Store& store_;
    const std::shared_ptr<const AssociationFacts>& sender_;
    WallTime now_ = std::chrono::system_clock::now();
    StudyFacts facts_;
    std::optional<std::string> replaced_;
};

network::ReceivedObject Store::receive(network::Association& association, const network::Message& request,
                                       const std::shared_ptr<const AssociationFacts>& sender,
                                       network::Identity identity) {
    Place place(*this, sender);
    network::ReceivedObject object = network::receive_object(association, request, &place, identity);
    tell({EventKind::stored_file, sender, object.sop_class, object.sop_instance, object.transfer_syntax,
          *object.path, size_of_file(*object.path), {}});
    if (rules_.follows_studies)
        for (CompletedStudy& study : studies_.add(place.study(), {*object.path, object.sop_class}, sender))
            for (Event& event : end(std::move(study))) tell(std::move(event));
    object.replaced = place.take_replaced();
    return object;
}

std::string Store::make_folder(const StudyFacts& facts, WallTime now,
                               const std::shared_ptr<const AssociationFacts>& sender) {
    Folder folder;
    do {
        folder = folder_below(rules_.root, naming_.folder(facts, now));
    } while (!folder.is_new && !naming_.has_lasting_folders());  // another server's study, of the same time
    if (folder.is_new) tell({EventKind::subdirectory_created, sender, {}, {}, {}, folder.path, 0, {}});
    return folder.path;
}

std::vector<Event> Store::rename_files(CompletedStudy& study) {
    const std::lock_guard<std::mutex> one_at_a_time(renaming_);
    std::vector<Event> failures;
    unsigned number = 0;
    for (StudyFile& file : study.files) {
        std::string path;
        int error = 0;
        // A study may come once more, and its first files stand there by their numbers.
        do {
            path = study.folder + "/" + Naming::numbered_name(file.sop_class, ++number);
            error = runtime::rename_to_new(file.path, path);
        } while (error == EEXIST);
        if (error == 0)
            file.path = std::move(path);
        else
            failures.push_back({EventKind::error, study.association, {}, {}, {},
                                "cannot rename " + file.path + " at the end of its study", 0, {}});
    }
    return failures;
}

std::vector<Event> Store::end(CompletedStudy study) {
    std::vector<Event> events;
    drop_repeated(study.files);
    if (rules_.renames_at_end) events = rename_files(study);
    Event event{EventKind::study_complete, study.association, {}, study.study_instance_uid, {},
                study.folder, 0, {}};
    for (StudyFile& file : study.files) event.files.push_back(std::move(file.path));
    events.push_back(std::move(event));
    return events;
}

void Store::end_expired_studies() {
    for (CompletedStudy& study : studies_.expired(Studies::Clock::now()))
        for (Event& event : end(std::move(study)))
            if (events_) events_->push_at_once(std::move(event));
}

}  // namespace dcmtk_native::servers
