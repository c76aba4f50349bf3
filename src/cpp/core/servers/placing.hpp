// The way of one received object to its place: named, brought into the form that files are to have,
// put into the folder of its study; and what becomes of a study that has ended.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "network/receiving.hpp"
#include "servers/naming.hpp"
#include "servers/studies.hpp"

namespace dcmtk_native::servers {

struct PlacingRules {
    std::string root;
    NamingRules naming;
    /// Keeps an eye on studies: their folders go by it, and their ends are told.
    bool follows_studies = false;
    std::optional<std::chrono::milliseconds> study_timeout;
    /// "CT000001", ... for the files of a study that has ended.
    bool renames_at_end = false;
    /// An object that takes the place of another leaves that one beside it, see
    /// network::ReceivedObject::replaced. Its end is the receiver's business.
    bool keeps_replaced = false;
    /// Changes the file at the path, in place; nothing: it stays as it came.
    std::function<void(const std::string& path)> rewrite;
};

class Store {
  public:
    /// Throws Error (options) where a prefix or an extension could lead elsewhere.
    Store(PlacingRules rules, std::shared_ptr<EventQueue> events);

    /// Takes the data set of the request to its place, and tells of it. Throws what receive_object
    /// does; that the data set does not say its study is an Error (format).
    [[nodiscard]] network::ReceivedObject receive(network::Association& association,
                                                  const network::Message& request,
                                                  const std::shared_ptr<const AssociationFacts>& sender,
                                                  network::Identity identity);
    void leave(std::uint64_t association) { studies_.leave(association); }
    /// Ends the studies whose time is over. For the reader of the events: it does not wait for room.
    void end_expired_studies();

  private:
    class Place;

    [[nodiscard]] std::string make_folder(const StudyFacts& facts, WallTime now,
                                          const std::shared_ptr<const AssociationFacts>& sender);
    /// What is to be told of it.
    [[nodiscard]] std::vector<Event> end(CompletedStudy study);
    [[nodiscard]] std::vector<Event> rename_files(CompletedStudy& study);
    void tell(Event event);

    PlacingRules rules_;
    Naming naming_;
    Studies studies_;
    std::mutex renaming_;
    std::shared_ptr<EventQueue> events_;
};

}  // namespace dcmtk_native::servers
