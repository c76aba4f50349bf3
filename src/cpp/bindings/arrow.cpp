#include "arrow.hpp"

#include <array>
#include <cstdint>
#include <utility>

#include "runtime/charset_utf8.hpp"

namespace dcmtk_native::bindings {

namespace py = pybind11;

namespace {

using scan::Column;
using scan::Kind;

// The two structures of the interface, which is an ABI: their layout and names are given.
struct ArrowSchema {
    const char* format;
    const char* name;
    const char* metadata;
    std::int64_t flags;
    std::int64_t n_children;
    ArrowSchema** children;
    ArrowSchema* dictionary;
    void (*release)(ArrowSchema*);
    void* private_data;
};

struct ArrowArray {
    std::int64_t length;
    std::int64_t null_count;
    std::int64_t offset;
    std::int64_t n_buffers;
    std::int64_t n_children;
    const void** buffers;
    ArrowArray** children;
    ArrowArray* dictionary;
    void (*release)(ArrowArray*);
    void* private_data;
};

constexpr std::int64_t nullable = 2;

/// What stands behind one structure: its children, and whatever its pointers lead to.
template <typename Structure> struct Holding {
    std::string format;
    std::string name;
    std::array<const void*, 3> buffers{};
    std::shared_ptr<const void> owner;
    std::vector<std::unique_ptr<Structure>> children;
    std::vector<Structure*> pointers;
};

/// As the interface wants it: children first, then what is its own, then the mark.
template <typename Structure> void release(Structure* structure) {
    for (std::int64_t i = 0; i < structure->n_children; ++i)
        if (structure->children[i]->release != nullptr)
            structure->children[i]->release(structure->children[i]);
    delete static_cast<Holding<Structure>*>(structure->private_data);
    structure->release = nullptr;
}

template <typename Structure>
void set_children(Structure& structure, Holding<Structure>& holding) {
    for (auto& child : holding.children) holding.pointers.push_back(child.get());
    structure.n_children = static_cast<std::int64_t>(holding.pointers.size());
    structure.children = holding.pointers.data();
}

using Schema = std::unique_ptr<ArrowSchema>;
using Array = std::unique_ptr<ArrowArray>;

Schema make_schema(std::string format, std::string name, std::vector<Schema> children = {}) {
    auto holding = std::make_unique<Holding<ArrowSchema>>();
    holding->format = std::move(format);
    holding->name = std::move(name);
    holding->children = std::move(children);
    auto schema = std::make_unique<ArrowSchema>();
    schema->format = holding->format.c_str();
    schema->name = holding->name.c_str();
    schema->flags = nullable;
    set_children(*schema, *holding);
    schema->release = &release<ArrowSchema>;
    schema->private_data = holding.release();
    return schema;
}

struct Buffers {
    std::array<const void*, 3> pointers{};
    std::int64_t count = 0;
};

Array make_array(std::size_t length, std::size_t nulls, const Buffers& buffers,
                 std::shared_ptr<const void> owner, std::vector<Array> children = {}) {
    auto holding = std::make_unique<Holding<ArrowArray>>();
    holding->buffers = buffers.pointers;
    holding->owner = std::move(owner);
    holding->children = std::move(children);
    auto array = std::make_unique<ArrowArray>();
    array->length = static_cast<std::int64_t>(length);
    array->null_count = static_cast<std::int64_t>(nulls);
    array->n_buffers = buffers.count;
    array->buffers = holding->buffers.data();
    set_children(*array, *holding);
    array->release = &release<ArrowArray>;
    array->private_data = holding.release();
    return array;
}

const char* format_of(Kind kind) {
    switch (kind) {
    case Kind::text: return "U";
    case Kind::integer: return "l";
    case Kind::real: return "g";
    case Kind::date: return "tdD";
    case Kind::time: return "ttu";
    case Kind::datetime: return "tsu:";
    }
    return "U";
}

Schema schema_of(const Column& column, const std::string& name) {
    const char* format = format_of(column.kind());
    if (!column.is_list()) return make_schema(format, name);
    std::vector<Schema> item;
    item.push_back(make_schema(format, "item"));
    return make_schema("+L", name, std::move(item));
}

/// Arrow takes no validity for "all are".
const void* validity(const scan::Bitmap& bitmap) {
    return bitmap.nulls() == 0 ? nullptr : bitmap.data();
}

Array values_of(const Column& column, const std::shared_ptr<const void>& owner) {
    const void* valid = validity(column.valid());
    const Buffers buffers =
        column.kind() == Kind::text
            ? Buffers{{valid, column.text_offsets().data(), column.text_bytes().data()}, 3}
            : Buffers{{valid, column.numbers(), nullptr}, 2};
    return make_array(column.values(), column.valid().nulls(), buffers, owner);
}

Array array_of(const Column& column, const std::shared_ptr<const void>& owner) {
    if (!column.is_list()) return values_of(column, owner);
    std::vector<Array> values;
    values.push_back(values_of(column, owner));
    const Buffers buffers{{validity(column.present()), column.list_offsets().data(), nullptr}, 2};
    return make_array(column.rows(), column.present().nulls(), buffers, owner, std::move(values));
}

/// A path may be any bytes, Arrow's text may not: the few that are no UTF-8 are decoded in a copy.
std::shared_ptr<const Column> paths_of(const std::shared_ptr<const scan::Table>& table) {
    const Column& paths = table->paths;
    if (runtime::is_valid_utf8(paths.text_bytes())) return {table, &paths};
    auto decoded = std::make_shared<Column>(Kind::text, false);
    for (std::size_t row = 0; row < paths.rows(); ++row) {
        const py::str text = py::reinterpret_steal<py::str>(PyUnicode_DecodeUTF8(
            paths.text(row).data(), static_cast<Py_ssize_t>(paths.text(row).size()), "replace"));
        decoded->add_text(std::string(text));
        decoded->end_row(true);
    }
    return decoded;
}

/// Releases the structure, unless somebody has taken it over.
template <typename Structure> void destroy_capsule(PyObject* capsule) {
    const char* name = PyCapsule_GetName(capsule);
    auto* structure = static_cast<Structure*>(PyCapsule_GetPointer(capsule, name));
    if (structure->release != nullptr) structure->release(structure);
    delete structure;
}

template <typename Structure>
py::object make_capsule(std::unique_ptr<Structure> structure, const char* name) {
    PyObject* capsule = PyCapsule_New(structure.get(), name, &destroy_capsule<Structure>);
    if (capsule == nullptr) throw py::error_already_set();
    (void)structure.release();
    return py::reinterpret_steal<py::object>(capsule);
}

}  // namespace

py::tuple arrow_capsules(std::shared_ptr<const scan::Table> table,
                         const std::vector<std::string>& names) {
    const std::shared_ptr<const Column> paths = paths_of(table);
    std::vector<Schema> schemas;
    std::vector<Array> arrays;
    schemas.push_back(schema_of(*paths, "path"));
    arrays.push_back(array_of(*paths, paths));
    for (std::size_t i = 0; i < table->columns.size(); ++i) {
        schemas.push_back(schema_of(table->columns[i], names[i]));
        arrays.push_back(array_of(table->columns[i], table));
    }
    const Buffers no_validity{{}, 1};
    Schema schema = make_schema("+s", "", std::move(schemas));
    Array array = make_array(table->rows(), 0, no_validity, table, std::move(arrays));
    return py::make_tuple(make_capsule(std::move(schema), "arrow_schema"),
                          make_capsule(std::move(array), "arrow_array"));
}

}  // namespace dcmtk_native::bindings
