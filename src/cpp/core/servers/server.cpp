#include "servers/server.hpp"

#include <algorithm>
#include <utility>

#include "network/tls.hpp"
#include "network/transport.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::servers {

namespace {

using runtime::CallScope;

// An association lasts as long as its peers want; its stages have their own limits.
constexpr auto no_end = std::chrono::hours(24 * 365);

// A worker that has ended keeps its stack until it is joined.
constexpr auto longest_unjoined = std::chrono::milliseconds(500);

/// PS3.8 section 9.3.4: rejected transiently by the provider, local limit exceeded.
constexpr network::AssociateReject too_many{2, 3, 2};

}  // namespace

Server::Server(ServerOptions options, std::shared_ptr<Service> service, std::shared_ptr<Metrics> metrics)
    : options_(std::move(options)),
      service_(std::move(service)),
      metrics_(std::move(metrics)),
      listener_(options_.listen),
      lobby_(listener_, options_.max_half_open) {
    acceptor_ = std::thread([this] { accept_callers(); });
}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

std::size_t Server::count(Stage stage) const {
    return static_cast<std::size_t>(
        std::count_if(workers_.begin(), workers_.end(),
                      [stage](const Worker& worker) { return worker.stage == stage; }));
}

/// Told to go, and not gone yet.
std::size_t Server::leaving() const {
    return static_cast<std::size_t>(
        std::count_if(workers_.begin(), workers_.end(), [](const Worker& worker) {
            return worker.stage == Stage::half_open && worker.token->cancelled();
        }));
}

std::size_t Server::associations() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return count(Stage::open);
}

std::size_t Server::half_open() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return count(Stage::half_open) + lobby_.size();
}

void Server::set_tls(std::shared_ptr<const network::TlsContext> tls) {
    const std::lock_guard<std::mutex> lock(mutex_);
    options_.tls = std::move(tls);
}

void Server::accept_callers() {
    while (!stop_.cancelled()) {
        lobby_.wait(next_look(), &stop_);
        for (Guest& guest : lobby_.take_heard()) {
            if (has_spoken(guest))
                take_in(std::move(guest));
            else
                drop(guest, "hung up without a word");
        }
        if (lobby_.has_caller()) admit_next();
        for (const Guest& guest : lobby_.take_expired(CallScope::Clock::now()))
            drop(guest, "no association request in time");
        join_finished();
    }
    lobby_.clear();
}

/// While there are workers, those that have ended are looked for even if nobody calls.
runtime::Deadline Server::next_look() const {
    const runtime::Deadline expiry = lobby_.next_expiry();
    const std::lock_guard<std::mutex> lock(mutex_);
    return workers_.empty() ? expiry : std::min(expiry, CallScope::Clock::now() + longest_unjoined);
}

void Server::admit_next() {
    std::optional<network::Caller> caller = listener_.accept();
    if (!caller) return;
    const auto now = CallScope::Clock::now();
    ++metrics_->connections;
    Guest guest{++last_id_, std::move(*caller)};
    const network::Timeouts& timeouts = options_.accept.timeouts;
    for (const auto& patience : {timeouts.acse, timeouts.socket})
        if (patience) guest.until = std::min(guest.until, now + *patience);
    if (const std::optional<Guest> gone = lobby_.admit(std::move(guest)))
        drop(*gone, "silent, and there is no room for more");
}

void Server::drop(const Guest& guest, const char* why) {
    network::discard_input(guest.caller.socket.get());
    ++metrics_->connections_dropped;
    auto facts = std::make_shared<AssociationFacts>();
    facts->id = guest.id;
    facts->address = guest.caller.address;
    facts->port = guest.caller.port;
    service_->failed(facts, why);
}

void Server::take_in(Guest guest) {
    make_room();
    const std::lock_guard<std::mutex> lock(mutex_);
    Worker& worker = workers_.emplace_back();
    worker.peer->id = guest.id;
    worker.peer->address = std::move(guest.caller.address);
    worker.peer->port = guest.caller.port;
    try {
        worker.thread = std::thread([this, &worker,
                                     socket = std::make_shared<runtime::FileDescriptor>(
                                         std::move(guest.caller.socket))] {
            work(worker, std::move(*socket));
        });
    } catch (const std::system_error&) {
        // No thread to be had: the connection is closed, the next one may be luckier.
        ++metrics_->connections_dropped;
        workers_.pop_back();
    }
}

/// The oldest of those whose request does not come to its end makes way. No more come in than the
/// system gets rid of: else a flood would be one of threads.
void Server::make_room() {
    std::unique_lock<std::mutex> lock(mutex_);
    const std::size_t dying = leaving();
    if (count(Stage::half_open) - dying >= options_.max_half_open) {
        const auto oldest = std::find_if(workers_.begin(), workers_.end(), [](const Worker& worker) {
            return worker.stage == Stage::half_open && !worker.token->cancelled();
        });
        oldest->token->cancel();
    }
    finished_.wait_for(lock, longest_unjoined, [this] { return leaving() < options_.max_half_open; });
}

void Server::join_finished() {
    std::list<Worker> finished;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        for (auto worker = workers_.begin(); worker != workers_.end();) {
            const auto next = std::next(worker);
            if (worker->stage == Stage::finished) finished.splice(finished.end(), workers_, worker);
            worker = next;
        }
    }
    for (Worker& worker : finished) worker.thread.join();
}

void Server::work(Worker& worker, runtime::FileDescriptor socket) {
    {
        CallScope scope(worker.token, no_end, runtime::log_level::off);
        scope.enter();
        serve_caller(worker, std::move(socket));
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    worker.stage = Stage::finished;
    finished_.notify_all();
}

void Server::serve_caller(Worker& worker, runtime::FileDescriptor socket) {
    std::unique_ptr<network::Association> association;
    try {
        association = associate(worker, std::move(socket));
    } catch (const std::exception& error) {
        ++metrics_->connections_dropped;
        service_->failed(worker.peer, error.what());
    }
    if (!association) return;
    ++metrics_->associations_accepted;
    const Stopwatch watch;
    try {
        service_->serve(worker.peer, std::move(association));
        ++metrics_->associations_released;
    } catch (const std::exception& error) {
        ++metrics_->associations_aborted;
        service_->broke(worker.peer, error.what());
    }
    metrics_->seconds_of_associations.add(watch.seconds());
}

std::unique_ptr<network::Transport> Server::transport_for(const AssociationFacts& peer,
                                                          runtime::FileDescriptor socket) {
    std::string name = network::Endpoint{peer.address, peer.port}.text();
    std::shared_ptr<const network::TlsContext> tls;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        tls = options_.tls;
    }
    if (!tls) return network::plain_transport(std::move(socket), std::move(name));
    return network::tls_transport(std::move(socket), std::move(name), std::move(tls), {});
}

std::unique_ptr<network::Association> Server::associate(Worker& worker, runtime::FileDescriptor socket) {
    auto transport = transport_for(*worker.peer, std::move(socket));
    // The association owns it, and lives as long as the question below.
    const network::Transport& connection = *transport;
    return network::Association::receive(
        std::move(transport), options_.accept, [&](const network::AssociateRequest& request) {
            worker.peer->calling_ae_title = request.calling_ae_title;
            worker.peer->called_ae_title = request.called_ae_title;
            worker.peer->certificate_subject = connection.certificate_subject();
            return decide(worker, request);
        });
}

network::Decision Server::decide(Worker& worker, const network::AssociateRequest& request) {
    network::Decision decision;
    if (open_if_there_is_room(worker))
        decision = service_->decide(worker.peer, request);
    else
        decision.rejection = too_many;
    if (decision.rejection) {
        ++metrics_->associations_rejected;
        service_->refused(worker.peer, *decision.rejection);
    }
    return decision;
}

bool Server::open_if_there_is_room(Worker& worker) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (count(Stage::open) >= options_.max_associations) return false;
    const auto of_this_peer =
        std::count_if(workers_.begin(), workers_.end(), [&worker](const Worker& other) {
            return other.stage == Stage::open && other.peer->address == worker.peer->address;
        });
    if (options_.max_per_peer != 0 && static_cast<std::size_t>(of_this_peer) >= options_.max_per_peer)
        return false;
    worker.stage = Stage::open;
    return true;
}

void Server::wait_for_workers(std::chrono::milliseconds time) {
    std::unique_lock<std::mutex> lock(mutex_);
    finished_.wait_for(lock, time,
                       [this] { return is_aborted_ || count(Stage::finished) == workers_.size(); });
}

void Server::abort() {
    stop_.cancel();
    const std::lock_guard<std::mutex> lock(mutex_);
    is_aborted_ = true;
    for (Worker& worker : workers_) worker.token->cancel();
    finished_.notify_all();
}

void Server::stop(std::chrono::milliseconds drain) {
    stop_.cancel();
    const std::lock_guard<std::mutex> only_one(stopping_);
    if (acceptor_.joinable()) acceptor_.join();
    listener_.close();
    {
        // Who has not asked for an association yet will not get one.
        const std::lock_guard<std::mutex> lock(mutex_);
        for (Worker& worker : workers_)
            if (worker.stage == Stage::half_open) worker.token->cancel();
    }
    wait_for_workers(drain);
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        for (Worker& worker : workers_) worker.token->cancel();
    }
    // No more workers come, and none takes itself off the list.
    for (Worker& worker : workers_) worker.thread.join();
    workers_.clear();
}

}  // namespace dcmtk_native::servers
