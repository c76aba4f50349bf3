// What TLS needs to know, from Python's values.
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "bindings.hpp"
#include "network/tls_context.hpp"
#include "support.hpp"

DCMTK_NATIVE_CHOICES(dcmtk_native::network::TlsRole,
                     {"client", dcmtk_native::network::TlsRole::client},
                     {"server", dcmtk_native::network::TlsRole::server});
DCMTK_NATIVE_CHOICES(dcmtk_native::network::TlsProfile,
                     {"bcp195-nd", dcmtk_native::network::TlsProfile::bcp195_nd},
                     {"bcp195", dcmtk_native::network::TlsProfile::bcp195},
                     {"bcp195-ex", dcmtk_native::network::TlsProfile::bcp195_ex},
                     {"aes", dcmtk_native::network::TlsProfile::aes},
                     {"null", dcmtk_native::network::TlsProfile::null});
DCMTK_NATIVE_CHOICES(dcmtk_native::network::PeerAuth,
                     {"require", dcmtk_native::network::PeerAuth::require},
                     {"verify", dcmtk_native::network::PeerAuth::verify},
                     {"ignore", dcmtk_native::network::PeerAuth::ignore});
DCMTK_NATIVE_CHOICES(dcmtk_native::network::CrlCheck,
                     {"off", dcmtk_native::network::CrlCheck::off},
                     {"leaf", dcmtk_native::network::CrlCheck::leaf},
                     {"chain", dcmtk_native::network::CrlCheck::chain});

namespace dcmtk_native::bindings {

namespace {

/// Name and content of a file.
using FileTuple = std::tuple<std::string, py::bytes>;

struct TlsSettings {
    network::TlsRole role;
    std::optional<FileTuple> private_key;
    std::optional<FileTuple> certificate;
    std::optional<std::string> password;
    bool is_der;
    std::vector<FileTuple> ca_files;
    std::vector<std::string> ca_dirs;
    std::vector<FileTuple> crl_files;
    network::CrlCheck crl_check;
    network::TlsProfile profile;
    std::vector<std::string> ciphers;
    std::optional<FileTuple> dh_params;
    network::PeerAuth peer_auth;
    std::string server_name;
    bool verify_host;
};

[[nodiscard]] network::TlsFile file_of(const FileTuple& given) {
    return {std::get<0>(given), std::get<1>(given)};
}

[[nodiscard]] std::optional<network::TlsFile> file_of(const std::optional<FileTuple>& given) {
    if (!given) return std::nullopt;
    return file_of(*given);
}

[[nodiscard]] std::vector<network::TlsFile> files_of(const std::vector<FileTuple>& given) {
    std::vector<network::TlsFile> files;
    for (const FileTuple& one : given) files.push_back(file_of(one));
    return files;
}

std::shared_ptr<network::TlsContext> make_context(const TlsSettings& given) {
    network::TlsOptions options{given.role,
                                file_of(given.private_key),
                                file_of(given.certificate),
                                given.password,
                                given.is_der,
                                files_of(given.ca_files),
                                given.ca_dirs,
                                files_of(given.crl_files),
                                given.crl_check,
                                given.profile,
                                given.ciphers,
                                file_of(given.dh_params),
                                given.peer_auth,
                                given.server_name,
                                given.verify_host};
    const py::gil_scoped_release released;
    return std::make_shared<network::TlsContext>(options);
}

}  // namespace

void bind_tls(py::module_& network) {
    OptionsBinder<TlsSettings>(network, "TlsOptions")
        .field("role", &TlsSettings::role)
        .field("private_key", &TlsSettings::private_key)
        .field("certificate", &TlsSettings::certificate)
        .field("password", &TlsSettings::password)
        .field("is_der", &TlsSettings::is_der)
        .field("ca_files", &TlsSettings::ca_files)
        .field("ca_dirs", &TlsSettings::ca_dirs)
        .field("crl_files", &TlsSettings::crl_files)
        .field("crl_check", &TlsSettings::crl_check)
        .field("profile", &TlsSettings::profile)
        .field("ciphers", &TlsSettings::ciphers)
        .field("dh_params", &TlsSettings::dh_params)
        .field("peer_auth", &TlsSettings::peer_auth)
        .field("server_name", &TlsSettings::server_name)
        .field("verify_host", &TlsSettings::verify_host)
        .finish();

    py::class_<network::TlsContext, std::shared_ptr<network::TlsContext>>(network, "TlsContext")
        .def(py::init(&make_context), py::arg("options"));
    network.def("known_ciphers", &network::known_ciphers);
}

}  // namespace dcmtk_native::bindings
