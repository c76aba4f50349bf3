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

namespace dcmtk_native::servers {

/// Where an association comes from.
struct Origin {
    std::string address;
    std::uint16_t port = 0;
};

/// What a server does. Called on the workers' threads, several at a time.
class Service {
  public:
    Service() = default;
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    virtual ~Service() = default;

    [[nodiscard]] virtual network::Decision decide(const Origin& origin,
                                                   const network::AssociateRequest& request) = 0;
    /// One association, up to its end.
    virtual void serve(const Origin& origin, network::Association& association) = 0;
    /// It came to an end otherwise than by a release.
    virtual void failed(const Origin& origin, const std::string& why) = 0;
};

struct ServerOptions {
    network::ListenOptions listen;
    network::AcceptOptions accept;
    /// Beyond it requests are rejected ("local limit exceeded").
    std::size_t max_associations;
    /// Connections whose request has not come yet; the oldest makes room for a new one.
    std::size_t max_half_open;
};

class Server {
  public:
    /// Listens from then on. Throws Error (association).
    Server(ServerOptions options, std::shared_ptr<Service> service);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return listener_.port(); }
    [[nodiscard]] std::size_t associations() const;
    /// Takes no more callers, gives those that are there this long, then ends them; nothing runs any
    /// more when it returns. Once is enough, more does no harm.
    void stop(std::chrono::milliseconds drain);

  private:
    enum class Stage : std::uint8_t { half_open, open, finished };
    struct Worker {
        std::shared_ptr<runtime::CancelToken> token = std::make_shared<runtime::CancelToken>();
        Stage stage = Stage::half_open;
        std::thread thread;
    };

    void accept_callers();
    void take_in(network::Caller caller);
    void work(Worker& worker, network::Caller caller);
    void serve_caller(Worker& worker, network::Caller caller);
    [[nodiscard]] network::Decision decide(Worker& worker, const Origin& origin,
                                           const network::AssociateRequest& request);
    void join_finished();
    void make_room();
    [[nodiscard]] std::size_t count(Stage stage) const;
    void wait_for_workers(std::chrono::milliseconds time);

    ServerOptions options_;
    std::shared_ptr<Service> service_;
    network::Listener listener_;
    runtime::CancelToken stop_;
    mutable std::mutex mutex_;
    std::condition_variable finished_;
    std::list<Worker> workers_;  // the oldest first
    std::thread acceptor_;
};

}  // namespace dcmtk_native::servers
