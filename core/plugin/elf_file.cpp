#include "plugin/elf_file.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "base/mapped_file.hpp"

namespace tenon {
namespace {

#if defined(__x86_64__)
constexpr uint16_t host_machine = EM_X86_64;
constexpr std::string_view host_machine_name = "x86-64";
#elif defined(__aarch64__)
constexpr uint16_t host_machine = EM_AARCH64;
constexpr std::string_view host_machine_name = "AArch64";
#elif defined(__riscv)
constexpr uint16_t host_machine = EM_RISCV;
constexpr std::string_view host_machine_name = "RISC-V";
#else
#error "name this machine's ELF id here"
#endif

constexpr size_t most_entries = 1u << 22;  // of any table in the file

// Typed, checked reads of the file; every failure says "damaged".
class Reader {
 public:
  Reader(std::span<const std::byte> file, const std::string& where) : file_(file), where_(where) {}

  [[noreturn]] void damaged(std::string_view what) const {
    fail_input(where_, fmt::format("the file is damaged: {}", what), "a complete shared library",
               fmt::format("{} bytes", file_.size()));
  }

  template <class T>
  T read(uint64_t offset, std::string_view what) const {
    if (offset > file_.size() || sizeof(T) > file_.size() - offset) {
      damaged(fmt::format("its {} lies past the end", what));
    }
    T value;
    std::memcpy(&value, file_.data() + offset, sizeof value);
    return value;
  }

  // A NUL-terminated string inside [offset, end) of the file; nothing when it does not end there.
  std::optional<std::string_view> text(uint64_t offset, uint64_t end) const {
    end = std::min<uint64_t>(end, file_.size());
    if (offset >= end) return std::nullopt;
    const char* begin = reinterpret_cast<const char*>(file_.data()) + offset;
    const void* stop = std::memchr(begin, '\0', end - offset);
    if (stop == nullptr) return std::nullopt;
    return std::string_view(begin, static_cast<size_t>(static_cast<const char*>(stop) - begin));
  }

  uint64_t size() const { return file_.size(); }
  const std::string& where() const { return where_; }

 private:
  std::span<const std::byte> file_;
  const std::string& where_;
};

// The parts of the dynamic section that matter here, as addresses in memory.
struct Dynamic {
  std::vector<uint64_t> needed;  // offsets into the string table
  uint64_t strings = 0;
  uint64_t strings_size = 0;
  uint64_t symbols = 0;
  uint64_t hash = 0;
  uint64_t gnu_hash = 0;
};

bool starts_with(std::span<const std::byte> file, std::string_view magic) {
  return file.size() >= magic.size() && std::memcmp(file.data(), magic.data(), magic.size()) == 0;
}

void check_magic(std::span<const std::byte> file, const std::string& where) {
  if (file.empty()) fail_input(where, "the file is empty", "a shared library");
  if (starts_with(file, "MZ")) {
    fail_input(where, "the file is a Windows library", "an ELF shared library", "a PE file");
  }
  if (!starts_with(file, std::string_view(ELFMAG, SELFMAG))) {
    fail_input(where, "the file is no shared library", "the ELF signature",
               fmt::format("a file of {} bytes that begins otherwise", file.size()));
  }
}

Elf64_Ehdr read_header(const Reader& reader) {
  const auto ident = reader.read<std::array<unsigned char, EI_NIDENT>>(0, "header");
  if (ident[EI_CLASS] != ELFCLASS64) {
    fail_input(reader.where(), "the library is for another word size", "64-bit ELF",
               ident[EI_CLASS] == ELFCLASS32 ? "32-bit ELF" : "an unknown ELF class");
  }
  if (ident[EI_DATA] != ELFDATA2LSB) {
    fail_input(reader.where(), "the library is for another byte order", "little-endian",
               "big-endian");
  }
  const auto header = reader.read<Elf64_Ehdr>(0, "header");
  if (header.e_machine != host_machine) {
    fail_input(reader.where(), "the library is for another machine", host_machine_name,
               fmt::format("ELF machine {}", header.e_machine));
  }
  if (header.e_type != ET_DYN) {
    fail_input(reader.where(), "the file is no shared library", "ELF type shared object (3)",
               fmt::format("ELF type {}", header.e_type));
  }
  if (header.e_phentsize != sizeof(Elf64_Phdr)) reader.damaged("odd program header size");
  return header;
}

std::vector<Elf64_Phdr> read_segments(const Reader& reader, const Elf64_Ehdr& header) {
  std::vector<Elf64_Phdr> segments;
  segments.reserve(header.e_phnum);
  for (uint64_t i = 0; i < header.e_phnum; ++i) {
    if (header.e_phoff > reader.size()) reader.damaged("its program headers lie past the end");
    segments.push_back(
        reader.read<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr), "program header"));
  }
  return segments;
}

// Where in the file the byte at `address` lies. Throws when no segment holds it.
uint64_t file_offset(const Reader& reader, const std::vector<Elf64_Phdr>& segments,
                     uint64_t address, std::string_view what) {
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
    const uint64_t into = address - segment.p_vaddr;
    if (into < segment.p_filesz && segment.p_offset <= reader.size() &&
        into < reader.size() - segment.p_offset) {
      return segment.p_offset + into;
    }
  }
  reader.damaged(fmt::format("its {} lies in no segment", what));
}

Dynamic read_dynamic(const Reader& reader, const std::vector<Elf64_Phdr>& segments) {
  Dynamic dynamic;
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_DYNAMIC) continue;
    if (segment.p_offset > reader.size()) reader.damaged("its dynamic section lies past the end");
    const uint64_t count = segment.p_filesz / sizeof(Elf64_Dyn);
    for (uint64_t i = 0; i < count; ++i) {
      const auto entry =
          reader.read<Elf64_Dyn>(segment.p_offset + i * sizeof(Elf64_Dyn), "dynamic section");
      switch (entry.d_tag) {
        case DT_NULL:
          return dynamic;
        case DT_NEEDED:
          dynamic.needed.push_back(entry.d_un.d_val);
          break;
        case DT_STRTAB:
          dynamic.strings = entry.d_un.d_ptr;
          break;
        case DT_STRSZ:
          dynamic.strings_size = entry.d_un.d_val;
          break;
        case DT_SYMTAB:
          dynamic.symbols = entry.d_un.d_ptr;
          break;
        case DT_HASH:
          dynamic.hash = entry.d_un.d_ptr;
          break;
        case DT_GNU_HASH:
          dynamic.gnu_hash = entry.d_un.d_ptr;
          break;
        default:
          break;
      }
    }
    return dynamic;
  }
  fail_input(reader.where(), "the library has no dynamic section", "a shared library",
             "a static or stripped-down ELF file");
}

// The number of dynamic symbols, from the GNU hash table: one past the last chain's end.
uint64_t symbols_in_gnu_hash(const Reader& reader, uint64_t table) {
  const auto bucket_count = reader.read<uint32_t>(table, "hash table");
  const auto first = reader.read<uint32_t>(table + 4, "hash table");
  const auto bloom_words = reader.read<uint32_t>(table + 8, "hash table");
  const uint64_t buckets = table + 16 + uint64_t{bloom_words} * 8;
  const uint64_t chains = buckets + uint64_t{bucket_count} * 4;
  uint64_t last = 0;
  for (uint64_t i = 0; i < bucket_count; ++i) {
    last = std::max<uint64_t>(last, reader.read<uint32_t>(buckets + i * 4, "hash bucket"));
  }
  if (last < first) return first;
  while ((reader.read<uint32_t>(chains + (last - first) * 4, "hash chain") & 1u) == 0)
    ++last;
  return last + 1;
}

uint64_t count_symbols(const Reader& reader, const std::vector<Elf64_Phdr>& segments,
                       const Dynamic& dynamic) {
  uint64_t count = 0;
  if (dynamic.hash != 0) {
    const uint64_t table = file_offset(reader, segments, dynamic.hash, "hash table");
    count = reader.read<uint32_t>(table + 4, "hash table");
  } else if (dynamic.gnu_hash != 0) {
    count =
        symbols_in_gnu_hash(reader, file_offset(reader, segments, dynamic.gnu_hash, "hash table"));
  }
  if (count > most_entries) reader.damaged("it claims too many symbols");
  return count;
}

tn_sanitizer sanitizer_of_library(std::string_view needed) {
  const auto has = [&](std::string_view part) { return needed.find(part) != needed.npos; };
  if (has("libasan") || has("clang_rt.asan") || has("libhwasan")) return TN_SANITIZER_ADDRESS;
  if (has("libtsan") || has("clang_rt.tsan")) return TN_SANITIZER_THREAD;
  if (has("libmsan") || has("clang_rt.msan")) return TN_SANITIZER_MEMORY;
  return TN_SANITIZER_NONE;
}

tn_sanitizer sanitizer_of_symbol(std::string_view undefined) {
  if (undefined == "__asan_init" || undefined == "__hwasan_init") return TN_SANITIZER_ADDRESS;
  if (undefined == "__tsan_init") return TN_SANITIZER_THREAD;
  if (undefined == "__msan_init") return TN_SANITIZER_MEMORY;
  return TN_SANITIZER_NONE;
}

void note(ElfFacts& facts, tn_sanitizer found) {
  if (facts.sanitizer == TN_SANITIZER_NONE) facts.sanitizer = found;
}

void read_symbols(const Reader& reader, const std::vector<Elf64_Phdr>& segments,
                  const Dynamic& dynamic, uint64_t strings, uint64_t strings_end, ElfFacts& facts) {
  const uint64_t count = count_symbols(reader, segments, dynamic);
  if (count == 0) return;
  const uint64_t symbols = file_offset(reader, segments, dynamic.symbols, "symbol table");
  for (uint64_t i = 0; i < count; ++i) {
    const auto symbol = reader.read<Elf64_Sym>(symbols + i * sizeof(Elf64_Sym), "symbol table");
    const auto name = reader.text(strings + symbol.st_name, strings_end);
    if (!name) reader.damaged("the name of a symbol lies outside its strings");
    if (symbol.st_shndx == SHN_UNDEF) {
      note(facts, sanitizer_of_symbol(*name));
    } else if (*name == TN_PLUGIN_QUERY_NAME && ELF64_ST_TYPE(symbol.st_info) == STT_FUNC) {
      facts.exports_query = true;
    }
  }
}

}  // namespace

ElfFacts read_elf_facts(std::span<const std::byte> file, const std::string& where) {
  check_magic(file, where);
  const Reader reader(file, where);
  const std::vector<Elf64_Phdr> segments = read_segments(reader, read_header(reader));
  const Dynamic dynamic = read_dynamic(reader, segments);
  const uint64_t strings = file_offset(reader, segments, dynamic.strings, "string table");
  if (dynamic.strings_size > reader.size() - strings) {
    reader.damaged("its string table lies past the end");
  }
  const uint64_t strings_end = strings + dynamic.strings_size;
  ElfFacts facts;
  for (const uint64_t offset : dynamic.needed) {
    const auto name =
        offset < dynamic.strings_size ? reader.text(strings + offset, strings_end) : std::nullopt;
    if (!name) reader.damaged("the name of a needed library lies outside its strings");
    facts.needed.emplace_back(*name);
    note(facts, sanitizer_of_library(*name));
  }
  read_symbols(reader, segments, dynamic, strings, strings_end, facts);
  return facts;
}

ElfFacts inspect_library_file(const std::filesystem::path& path) {
  // Opening a pipe would wait for its other end.
  std::error_code code;
  if (std::filesystem::is_fifo(path, code)) {
    fail_input(path.string(), "not a file", "a regular file", "a pipe");
  }
  const MappedFile file(path);
  return read_elf_facts(file.bytes(), path.string());
}

tn_sanitizer host_sanitizer() {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TENON_HOST_ADDRESS_SANITIZER
#elif __has_feature(thread_sanitizer)
#define TENON_HOST_THREAD_SANITIZER
#elif __has_feature(memory_sanitizer)
#define TENON_HOST_MEMORY_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(TENON_HOST_ADDRESS_SANITIZER)
  return TN_SANITIZER_ADDRESS;
#elif defined(__SANITIZE_THREAD__) || defined(TENON_HOST_THREAD_SANITIZER)
  return TN_SANITIZER_THREAD;
#elif defined(TENON_HOST_MEMORY_SANITIZER)
  return TN_SANITIZER_MEMORY;
#else
  return TN_SANITIZER_NONE;
#endif
}

std::string sanitizer_name(uint32_t sanitizer) {
  switch (sanitizer) {
    case TN_SANITIZER_NONE:
      return "no sanitizer";
    case TN_SANITIZER_ADDRESS:
      return "AddressSanitizer";
    case TN_SANITIZER_THREAD:
      return "ThreadSanitizer";
    case TN_SANITIZER_MEMORY:
      return "MemorySanitizer";
    default:
      return fmt::format("sanitizer {}", sanitizer);
  }
}

void check_sanitizer(uint32_t library, const std::string& where) {
  if (library == TN_SANITIZER_NONE || library == static_cast<uint32_t>(host_sanitizer())) return;
  fail_input(where,
             fmt::format("the library was built with {} and this program was not: it would end the "
                         "process when opened",
                         sanitizer_name(library)),
             fmt::format("a library built with {}", sanitizer_name(host_sanitizer())),
             sanitizer_name(library));
}

}  // namespace tenon
