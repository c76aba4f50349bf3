#include "servers/studies.hpp"

#include <utility>

namespace dcmtk_native::servers {

std::string Studies::folder_of(const std::string& study_instance_uid,
                               const std::shared_ptr<const AssociationFacts>& sender,
                               const std::function<std::string()>& make) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = studies_.find(study_instance_uid);
    if (found != studies_.end()) return found->second.folder;
    Study study;
    study.folder = make();
    study.sender = sender;
    return studies_.emplace(study_instance_uid, std::move(study)).first->second.folder;
}

/// Under the lock.
template <typename Condition> std::vector<CompletedStudy> Studies::take(Condition&& has_ended) {
    std::vector<CompletedStudy> ended;
    for (auto entry = studies_.begin(); entry != studies_.end();) {
        const auto next = std::next(entry);
        if (has_ended(entry->first, entry->second)) {
            Study& study = entry->second;
            // One whose first object did not make it has nothing to tell.
            if (!study.files.empty())
                ended.push_back({entry->first, std::move(study.folder), std::move(study.files),
                                 std::move(study.sender)});
            studies_.erase(entry);
        }
        entry = next;
    }
    return ended;
}

std::vector<CompletedStudy> Studies::add(const std::string& study_instance_uid, StudyFile file,
                                         const std::shared_ptr<const AssociationFacts>& sender) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Study& study = studies_[study_instance_uid];
    study.files.push_back(std::move(file));
    study.sender = sender;
    study.is_left = false;
    study.last = Clock::now();
    return take([&](const std::string& uid, const Study& other) {
        return uid != study_instance_uid && (other.is_left || other.sender->id == sender->id);
    });
}

void Studies::leave(std::uint64_t association) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto& [uid, study] : studies_)
        if (study.sender->id == association) study.is_left = true;
}

std::vector<CompletedStudy> Studies::expired(Clock::time_point now) {
    if (!timeout_) return {};
    const std::lock_guard<std::mutex> lock(mutex_);
    return take([&](const std::string&, const Study& study) { return now - study.last >= *timeout_; });
}

}  // namespace dcmtk_native::servers
