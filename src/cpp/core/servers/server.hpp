// One engine under all servers: an accept loop, a worker thread an association, caps, an end that
// waits for nobody.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "network/association.hpp"
#include "network/listener.hpp"
#include "network/tls_context.hpp"
#include "servers/events.hpp"
#include "servers/lobby.hpp"
#include "servers/metrics.hpp"

namespace dcmtk_native::servers {

using Facts = std::shared_ptr<const AssociationFacts>;

/// What a server does. Called on the workers' threads, several at a time.
class Service {
  public:
    Service() = default;
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    virtual ~Service() = default;

    [[nodiscard]] virtual network::Decision decide(const Facts& peer,
                                                   const network::AssociateRequest& request) = 0;
    /// The request has been refused.
    virtual void refused(const Facts& peer, const network::AssociateReject& reject) = 0;
    /// One association, up to its release. What it throws ends the association.
    virtual void serve(const Facts& peer, std::unique_ptr<network::Association> association) = 0;
    /// An association came to an end otherwise than by a release.
    virtual void broke(const Facts& peer, const std::string& why) = 0;
    /// A connection came to an end without an association.
    virtual void failed(const Facts& peer, const std::string& why) = 0;
};

struct ServerOptions {
    network::ListenOptions listen;
    network::AcceptOptions accept;
    /// Beyond it requests are rejected ("local limit exceeded").
    std::size_t max_associations;
    /// The same of one address; 0: as many as of all.
    std::size_t max_per_peer = 0;
    /// Connections whose request is not there, and those that are asked to prove themselves before
    /// it (TLS); the oldest of each makes room for a new one.
    std::size_t max_half_open;
    std::shared_ptr<const network::TlsContext> tls;  // nullptr: none
};

class Server {
  public:
    /// Listens from then on. Throws Error (association).
    Server(ServerOptions options, std::shared_ptr<Service> service, std::shared_ptr<Metrics> metrics);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return listener_.port(); }
    [[nodiscard]] std::size_t associations() const;
    [[nodiscard]] std::size_t half_open() const;
    /// For the connections that come from now on.
    void set_tls(std::shared_ptr<const network::TlsContext> tls);
    /// Takes no more callers, gives those that are there this long, then ends them; nothing runs any
    /// more when it returns. From any thread but a worker's; once is enough, more does no harm.
    void stop(std::chrono::milliseconds drain);
    /// Ends what there is at once, and what `stop` still waits for; does not wait itself.
    void abort();

  private:
    enum class Stage : std::uint8_t { half_open, open, finished };
    struct Worker {
        std::shared_ptr<runtime::CancelToken> token = std::make_shared<runtime::CancelToken>();
        std::shared_ptr<AssociationFacts> peer = std::make_shared<AssociationFacts>();
        Stage stage = Stage::half_open;
        std::thread thread;
    };

    void accept_callers();
    [[nodiscard]] runtime::Deadline next_look() const;
    void admit_next();
    void take_in(Guest guest);
    void drop(const Guest& guest, const char* why);
    void work(Worker& worker, runtime::FileDescriptor socket);
    void serve_caller(Worker& worker, runtime::FileDescriptor socket);
    [[nodiscard]] std::unique_ptr<network::Association> associate(Worker& worker,
                                                                  runtime::FileDescriptor socket);
    [[nodiscard]] std::unique_ptr<network::Transport> transport_for(const AssociationFacts& peer,
                                                                    runtime::FileDescriptor socket);
    [[nodiscard]] network::Decision decide(Worker& worker, const network::AssociateRequest& request);
    [[nodiscard]] bool open_if_there_is_room(Worker& worker);
    void join_finished();
    void make_room();
    [[nodiscard]] std::size_t count(Stage stage) const;
    [[nodiscard]] std::size_t leaving() const;
    void wait_for_workers(std::chrono::milliseconds time);

    ServerOptions options_;
    std::shared_ptr<Service> service_;
    std::shared_ptr<Metrics> metrics_;
    network::Listener listener_;
    Lobby lobby_;  // the acceptor's alone, but for its size
    runtime::CancelToken stop_;
    mutable std::mutex mutex_;
    std::condition_variable finished_;
    bool is_aborted_ = false;
    std::uint64_t last_id_ = 0;
    std::list<Worker> workers_;  // the oldest first
    std::mutex stopping_;
    std::thread acceptor_;
};

}  // namespace dcmtk_native::servers
