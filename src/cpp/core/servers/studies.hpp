// The studies that are coming in: each has a folder while it lasts, and ends when an object of
// another one comes from the same sender, or when nothing has come for a while.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "servers/events.hpp"

namespace dcmtk_native::servers {

struct StudyFile {
    std::string path;
    std::string sop_class;
};

/// A study that has ended.
struct CompletedStudy {
    std::string study_instance_uid;
    std::string folder;
    std::vector<StudyFile> files;
    std::shared_ptr<const AssociationFacts> association;  // of its last object
};

class Studies {
  public:
    using Clock = std::chrono::steady_clock;

    /// Without a timeout a study ends by another one only.
    explicit Studies(std::optional<std::chrono::milliseconds> timeout) : timeout_(timeout) {}

    /// The folder of a study that goes on; else what `make` makes, which the study keeps.
    [[nodiscard]] std::string folder_of(const std::string& study_instance_uid,
                                        const std::shared_ptr<const AssociationFacts>& sender,
                                        const std::function<std::string()>& make);
    /// An object has taken its place. What comes back has ended by it.
    [[nodiscard]] std::vector<CompletedStudy> add(const std::string& study_instance_uid, StudyFile file,
                                                  const std::shared_ptr<const AssociationFacts>& sender);
    /// The next sender may end what this one has begun.
    void leave(std::uint64_t association);
    /// What has ended by its timeout.
    [[nodiscard]] std::vector<CompletedStudy> expired(Clock::time_point now);

  private:
    struct Study {
        std::string folder;
        std::vector<StudyFile> files;
        std::shared_ptr<const AssociationFacts> sender;
        bool is_left = false;  // the sender's association has ended
        Clock::time_point last = Clock::now();
    };

    template <typename Condition> [[nodiscard]] std::vector<CompletedStudy> take(Condition&& has_ended);

    std::optional<std::chrono::milliseconds> timeout_;
    std::mutex mutex_;
    std::map<std::string, Study> studies_;
};

}  // namespace dcmtk_native::servers
