#include "servers/server.hpp"

#include <algorithm>
#include <utility>

#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::servers {

namespace {

using runtime::CallScope;
using runtime::ErrorKind;

// An association lasts as long as its peers want; its stages have their own limits.
constexpr auto no_end = std::chrono::hours(24 * 365);

/// PS3.8 section 9.3.4: rejected transiently by the provider, local limit exceeded.
constexpr network::AssociateReject too_many{2, 3, 2};

}  // namespace

Server::Server(ServerOptions options, std::shared_ptr<Service> service)
    : options_(std::move(options)), service_(std::move(service)), listener_(options_.listen) {
    acceptor_ = std::thread([this] { accept_callers(); });
}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

std::size_t Server::count(Stage stage) const {
    return static_cast<std::size_t>(
        std::count_if(workers_.begin(), workers_.end(),
                      [stage](const Worker& worker) { return worker.stage == stage; }));
}

std::size_t Server::associations() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return count(Stage::open);
}

void Server::accept_callers() {
    while (!stop_.cancelled()) {
        std::optional<network::Caller> caller = listener_.accept(runtime::no_deadline, &stop_);
        join_finished();
        if (caller) take_in(std::move(*caller));
    }
}

void Server::take_in(network::Caller caller) {
    make_room();
    const std::lock_guard<std::mutex> lock(mutex_);
    Worker& worker = workers_.emplace_back();
    try {
        worker.thread = std::thread([this, &worker, moved = std::make_shared<network::Caller>(
                                                        std::move(caller))] {
            work(worker, std::move(*moved));
        });
    } catch (const std::system_error&) {
        // No thread to be had: the connection is closed, the next one may be luckier.
        workers_.pop_back();
    }
}

/// The oldest of those that have not said a word makes way.
void Server::make_room() {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::size_t half_open = count(Stage::half_open);
    for (Worker& worker : workers_) {
        if (half_open < options_.max_half_open) return;
        if (worker.stage != Stage::half_open || worker.token->cancelled()) continue;
        worker.token->cancel();
        --half_open;
    }
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

void Server::work(Worker& worker, network::Caller caller) {
    {
        CallScope scope(worker.token, no_end, runtime::log_level::off);
        scope.enter();
        serve_caller(worker, std::move(caller));
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    worker.stage = Stage::finished;
    finished_.notify_all();
}

void Server::serve_caller(Worker& worker, network::Caller caller) {
    const Origin origin{caller.address, caller.port};
    const network::Endpoint endpoint{caller.address, caller.port};
    try {
        auto transport = network::plain_transport(std::move(caller.socket), endpoint.text());
        const auto association = network::Association::receive(
            std::move(transport), options_.accept,
            [&](const network::AssociateRequest& request) { return decide(worker, origin, request); });
        if (association) service_->serve(origin, *association);
    } catch (const std::exception& error) {
        service_->failed(origin, error.what());
    }
}

network::Decision Server::decide(Worker& worker, const Origin& origin,
                                 const network::AssociateRequest& request) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (count(Stage::open) >= options_.max_associations) {
            network::Decision refusal;
            refusal.rejection = too_many;
            return refusal;
        }
        worker.stage = Stage::open;
    }
    return service_->decide(origin, request);
}

void Server::wait_for_workers(std::chrono::milliseconds time) {
    std::unique_lock<std::mutex> lock(mutex_);
    finished_.wait_for(lock, time, [this] { return count(Stage::finished) == workers_.size(); });
}

void Server::stop(std::chrono::milliseconds drain) {
    stop_.cancel();
    if (acceptor_.joinable()) acceptor_.join();
    listener_.close();
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
